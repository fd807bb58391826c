// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json_fwd.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace cosmo {

/// An instant in UTC, microseconds since 1970, years 1 to 9999.
using timestamp = std::chrono::time_point<std::chrono::system_clock,
                                          std::chrono::microseconds>;

/// The bounds of every accepted instant.
inline constexpr timestamp timestamp_min
  = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};

inline constexpr timestamp timestamp_max
  = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}
    + std::chrono::hours{24} - std::chrono::microseconds{1};

/// Writes `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`: six digits or no fraction at all.
/// @source signals.md section 4
std::string to_string(timestamp ts);

void append_timestamp(std::string& out, timestamp ts);

/// Reads every string form the protocol accepts, normalised to UTC.
/// @returns ec::bad_timestamp naming `text`.
caf::expected<timestamp> parse_timestamp(std::string_view text);

/// Reads an epoch: seconds, or milliseconds if the absolute value exceeds 2e10.
/// Rounds to the microsecond.
caf::expected<timestamp> timestamp_from_epoch(double value);

/// As above, without the rounding of doubles.
caf::expected<timestamp> timestamp_from_epoch(int64_t value);

/// Reads what `ts` may be: a string or an epoch.
/// @returns ec::bad_timestamp, or ec::bad_field_type for any other JSON.
caf::expected<timestamp> timestamp_from_json(const json& value);

} // namespace cosmo
