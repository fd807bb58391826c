// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace cosmo::cli {

/// Where `cosmo synapse start nats|kafka` of other SDKs says, while it runs,
/// which namespaces of a broker it attends to. This program starts none, but
/// shows and stops them.   @source synapse-and-cli.md 9.3
class state_file {
public:
  /// `registry.json` in `$COSMONAPSE_STATE_DIR`, else in `~/.cosmonapse`.
  explicit state_file(const console& con);

  /// What is known of a broker: an object of objects by namespace, empty also
  /// if the file cannot be read.
  json entries(const std::string& broker) const;

  /// Forgets a namespace. @returns ec::store_io.
  caf::error remove(const std::string& broker,
                    const std::string& name_space) const;

private:
  json read() const;

  std::filesystem::path path_;
};

} // namespace cosmo::cli
