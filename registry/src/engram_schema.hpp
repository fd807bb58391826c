// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cosmo::registry {

/// The statements that make an Engram's file of an empty database, or of what
/// the Python SDK made once its entries have the column `rev`.
extern const char* const engram_schema;

} // namespace cosmo::registry
