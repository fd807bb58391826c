// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/registry.hpp>

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace cosmo {

/// A registry for one process and as long as it lives. Works without `connect`,
/// gives out copies, and forgets everything on `close`.
/// @affinity any thread, several at once   @source synapse-and-cli.md 8.2
class memory_registry_store final : public registry_store {
public:
  caf::error connect() override;

  void close() override;

  /// @returns nothing else than what `validate` says.
  caf::error apply(const std::vector<registry_write>& changes) override;

  /// @returns nothing else than ec::not_found.
  caf::expected<neuron_record> get(const std::string& neuron_id) override;

  /// Never fails.
  caf::expected<std::vector<neuron_record>>
  list(const registry_filter& which) override;

  bool blocks() const noexcept override {
    return false;
  }

private:
  /// The record of that id, or null.
  neuron_record* find(const std::string& neuron_id);

  void insert(neuron_record record);

  void make(const neuron_record& change);
  void make(const neuron_touch& change);
  void make(const neuron_farewell& change);

  std::mutex mutex_;
  /// In the order in which they came.
  std::vector<neuron_record> records_;
  /// Where in `records_` a Neuron stands.
  std::unordered_map<std::string, size_t> places_;
};

} // namespace cosmo
