// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text that came from others, for the columns of a terminal. Lengths are in
/// code points.
namespace cosmo::cli {

/// `text` with a question mark in place of each control character and of each
/// byte that is no UTF-8, so that it stays on its line and cannot steer the
/// terminal.
std::string printable(std::string_view text);

size_t code_points(std::string_view text);

/// Code points `first` up to but not including `last`, as far as there are.
std::string_view slice(std::string_view text, size_t first, size_t last);

/// `text` followed by spaces up to `width`.
std::string padded(std::string_view text, size_t width);

} // namespace cosmo::cli
