// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/signal_type.hpp>

namespace cosmo {

/// The JSON Schema of the envelope. Mirrors what decode demands, which is less
/// than what `validate_frame` does.
/// @source signals.md section 18.3
json envelope_schema();

/// The JSON Schema of the payload of one type. Nothing on the bus enforces it.
json payload_schema(signal_type type);

/// All type names as a JSON array, in the order of the enumeration.
json type_names();

} // namespace cosmo
