// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace cosmo {

using json = nlohmann::ordered_json;

} // namespace cosmo
