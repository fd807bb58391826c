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
  /// Of a `msg`. Without escapes.
  std::string_view sub_id;
  /// Without escapes.
  std::string_view subject;
  /// With escapes.
  std::string_view frame;
};

/// Reads a `pub` of the usual kind: a flat object of strings, in ASCII, that
/// has all members and no escapes but in its frame. That may be written into
/// another line as it is.
/// @returns false for anything else, which may be good all the same: read it as
///          JSON then.
bool read_pub(std::string_view line, wire_traffic& out);

/// Reads a `msg` as servers of ours write it. Its frame is not looked at: the
/// line is good if that can be unescaped.
/// @returns false for anything else, as above.
bool read_msg(std::string_view line, wire_traffic& out);

// -- writing, by texts as they stand in a line -----------------------------------

// These append a line with its end.

void append_pub(std::string& out, std::string_view subject,
                std::string_view frame);

void append_msg(std::string& out, std::string_view sub_id,
                std::string_view subject, std::string_view frame);

/// How long such lines are, their end not counted.
size_t size_of_pub(std::string_view subject, std::string_view frame) noexcept;

size_t size_of_msg(std::string_view sub_id, std::string_view subject,
                   std::string_view frame) noexcept;

/// Any other line, its end included. Text that is not UTF-8 is replaced.
std::string wire_line(const json& members);

} // namespace cosmo::net
