// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/memory_registry_store.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::test {

/// A store that fails when told to, says how its work was grouped, and lets a
/// test do something while it is at work.
class moody_store : public registry_store {
public:
  caf::error connect() override {
    ++connects;
    if (auto fn = std::exchange(next_connect, {}))
      return fn();
    return mood();
  }

  void close() override {
    ++closes;
  }

  caf::error apply(const std::vector<registry_write>& changes) override {
    if (auto err = mood())
      return err;
    groups.push_back(changes.size());
    return inner.apply(changes);
  }

  caf::expected<neuron_record> get(const std::string& id) override {
    return inner.get(id);
  }

  caf::expected<std::vector<neuron_record>>
  list(const registry_filter& which) override {
    if (auto err = mood())
      return err;
    auto result = inner.list(which);
    if (auto fn = std::exchange(after_next_list, {}))
      fn();
    return result;
  }

  memory_registry_store inner;
  std::optional<ec> fault;
  bool throws = false;
  /// Replaces the next call alone.
  std::function<caf::error()> next_connect;
  /// Runs when the records have been read but nobody has them yet.
  std::function<void()> after_next_list;
  std::vector<size_t> groups;
  int connects = 0;
  int closes = 0;

private:
  caf::error mood() const {
    if (throws)
      throw std::runtime_error{"moody"};
    return fault ? make_error(*fault, "moody.db") : caf::error{};
  }
};

} // namespace cosmo::test
