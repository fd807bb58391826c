// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <algorithm>
#include <cstddef>

namespace cosmo::actors {

/// Whether a value has more nested containers than that. Looks no deeper than
/// it must: no more levels than are asked about.
inline bool is_deeper_than(const json& value, size_t levels) {
  if (!value.is_structured())
    return false;
  return levels == 0
         || std::any_of(value.begin(), value.end(), [levels](const json& x) {
              return is_deeper_than(x, levels - 1);
            });
}

} // namespace cosmo::actors
