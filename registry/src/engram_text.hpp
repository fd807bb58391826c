// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engram_types.hpp"
#include <cosmo/engram_backend.hpp>

#include <string>
#include <string_view>

namespace cosmo::registry {

/// `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`, which compares as time does.
std::string stored_instant(timestamp ts);

/// The beginning that all stored instants of that second have in common, also
/// those of other SDKs, which leave out a fraction that is zero.
std::string stored_second(timestamp ts);

/// Reads the parts of an entry as any SDK writes them.
/// @returns why they cannot be read, empty if they can.
std::string read_parts(std::string_view content, std::string_view tags,
                       std::string_view meta, entry_image& out);

/// The image as a journal keeps it.
std::string image_to_text(const entry_image& image);

/// @returns why it cannot be read, empty if it can.
std::string image_from_text(std::string_view text, entry_image& out);

/// The entry as a recall shows it. @source engram.md 2.2
json entry_to_json(const engram_row& row);

/// The names under which a store keeps the states of a trace.
std::string name_of(trace_state state);

/// Anything else counts as rolled back: nothing is undone by mistake.
trace_state to_trace_state(std::string_view name) noexcept;

} // namespace cosmo::registry
