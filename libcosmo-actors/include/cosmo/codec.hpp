// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/ids.hpp>
#include <cosmo/signal.hpp>

#include <string>
#include <string_view>

namespace cosmo {

/// Reads one frame. Lenient about absence (only `type` is required), strict
/// about types; the payload's contents are not checked. Absent ids and `ts` are
/// taken from `outside`.
/// @shape one JSON object, surrounding white space allowed
/// @returns ec::malformed_json, not_an_object, missing_type, unknown_type,
///          bad_field_type, bad_version, bad_event_id, bad_trace_id,
///          bad_parent_id, bad_timestamp, too_deep, too_large.
/// @affinity any thread   @source signals.md section 3
caf::expected<signal> decode(std::string_view frame, const world& outside);

/// Writes one frame: compact, nine keys in wire order, no newline.
/// @returns ec::encode_error (invalid Unicode), too_deep, too_large.
/// @affinity any thread   @source signals.md section 2
caf::expected<std::string> encode(const signal& sig);

/// As above, appending to `out`, which is left as it was on error.
caf::error encode_to(std::string& out, const signal& sig);

/// Reads any JSON value by the codec's rules (depth, Unicode, duplicates).
caf::expected<json> parse_json(std::string_view text);

/// Writes any JSON value by the codec's rules (numbers, escapes, Unicode).
caf::expected<std::string> write_json(const json& value);

} // namespace cosmo
