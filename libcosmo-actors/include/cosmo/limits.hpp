// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// Hard bounds, each with its reason.
namespace cosmo::limits {

/// Largest frame the codec takes. @source signals.md section 17
inline constexpr size_t frame_bytes_max = 16 * 1024 * 1024;

/// Deepest nesting decode takes, envelope included. @source signals.md D10
inline constexpr size_t decode_depth_max = 201;

/// Deepest nesting encode writes: upstream's reader stops there.
/// @source spec/README.md item 16
inline constexpr size_t encode_depth_max = 200;

static_assert(encode_depth_max < decode_depth_max);

} // namespace cosmo::limits
