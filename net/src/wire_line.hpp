// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json_fwd.hpp>

#include <string>
#include <string_view>

/// The lines of the `cosmo://` protocol, without their end.
/// @source synapse-and-cli.md sections 5.2 to 5.5
namespace cosmo::net {

/// A `pub` or `msg`, of which there are many: its texts as they stand in the
/// line, between their quotes.
struct wire_traffic {
  /// `pub` or `msg`.
  std::string_view op;
  /// Of a `msg`. Without escapes.
  std::string_view sub_id;
  /// Without escapes.
  std::string_view subject;
  /// With escapes, ASCII alone: may be written into another line as it is.
  std::string_view frame;
};

/// Reads a `pub` or `msg` of the usual kind: a flat object of strings, in
/// ASCII, that has all members and no escapes but in its frame.
/// @returns false for anything else, which may be good all the same: read it as
///          JSON then.
bool read_traffic(std::string_view line, wire_traffic& out);

// -- writing, by texts as they stand in a line -----------------------------------

void append_pub(std::string& out, std::string_view subject,
                std::string_view frame);

void append_msg(std::string& out, std::string_view sub_id,
                std::string_view subject, std::string_view frame);

/// How long such a `msg` is, its end not counted.
size_t size_of_msg(std::string_view sub_id, std::string_view subject,
                   std::string_view frame) noexcept;

/// Any other line, its end included. Text that is not UTF-8 is replaced.
std::string wire_line(const json& members);

} // namespace cosmo::net
