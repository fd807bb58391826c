// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include <cosmo/signal_fwd.hpp>
#include <cosmo/signal_type.hpp>

#include <string>
#include <string_view>

/// A Signal as one line for people, without the newline. Times are UTC.
/// @source synapse-and-cli.md 9.1
namespace cosmo::cli {

/// As `synapse start` and `synapse view` show it.
std::string bus_line(const signal& sig, std::string_view subject,
                     const console& con);

/// As `doppler` and `prism --tail` show it.
std::string observer_line(const signal& sig, const console& con);

/// The colour of a type, as `console::paint` takes it.
std::string_view style_of(signal_type type) noexcept;

} // namespace cosmo::cli
