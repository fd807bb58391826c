// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"

#include <caf/timespan.hpp>

#include <string>
#include <string_view>

namespace cosmo::actors {

/// The member of `meta` that says where an answer is wanted.
inline constexpr auto reply_to_key = "_reply_to";

/// Publishes a copy of a Signal that says where its answer is wanted, and waits
/// for the first one there.
/// @param inbox a subject that nobody else uses.
/// @returns ec::timeout naming the inbox, or ec::not_connected.
/// @source synapse-and-cli.md section 2.6
caf::expected<signal> request(environment& env, const synapse_actor& bus,
                              std::string_view where, const signal& sig,
                              std::string inbox, caf::timespan timeout);

} // namespace cosmo::actors
