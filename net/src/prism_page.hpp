// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace cosmo::net {

/// A file that is part of the program.
struct embedded_file {
  /// Below the root of the site, with a leading slash.
  std::string_view path;
  std::string_view text;
};

/// The files of Prism's page.
std::span<const embedded_file> prism_page();

} // namespace cosmo::net
