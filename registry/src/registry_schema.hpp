// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cosmo::registry {

/// The statements that make a registry of an empty database.
extern const char* const schema;

} // namespace cosmo::registry
