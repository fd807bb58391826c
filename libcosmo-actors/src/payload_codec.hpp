// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "json_writer.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/signal_type.hpp>

#include <caf/fwd.hpp>

#include <string>
#include <vector>

namespace cosmo {

/// What can be done with the payload struct of one signal type, without naming
/// it. All of it is generated from the field tables, in one translation unit.
struct payload_codec {
  /// The payload as a JSON object.
  json (*to_json)(const void* payload);

  /// A new struct, to be given to `destroy`. Absent fields keep their defaults.
  /// @returns ec::bad_field_type naming path and value.
  caf::expected<const void*> (*from_json)(const json& object);

  /// Writes the payload as a JSON object, without making one in memory.
  bool (*write)(json_writer& out, const void* payload);

  bool (*save)(caf::binary_serializer& sink, const void* payload);

  /// A new struct, or null if the source is broken.
  const void* (*load)(caf::binary_deserializer& source);

  void (*destroy)(const void* payload) noexcept;

  /// Says which fields of `object` are missing or not as documented. Stricter
  /// than `from_json`.
  void (*find_misfits)(const json& object, std::vector<std::string>& findings);

  /// The JSON Schema of the payload.
  json (*schema)();
};

const payload_codec& codec_of(signal_type type) noexcept;

} // namespace cosmo
