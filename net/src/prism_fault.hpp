// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <string>
#include <string_view>

namespace cosmo::net {

/// Why a viewer sees nothing (any more).
struct prism_fault {
  /// Stable, as `no_url`.
  std::string_view code;
  std::string text;
};

/// Why a bus cannot be observed: `bad_url`, `connect_failed`, or
/// `subscribe_failed`.
prism_fault fault_of(const caf::error& error);

/// The fault as a message to the page. It has the form of an ERROR, but no bus
/// ever carries it.   @source synapse-and-cli.md 11.2
std::string to_message(const prism_fault& fault);

} // namespace cosmo::net
