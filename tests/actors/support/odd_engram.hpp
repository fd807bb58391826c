// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/memory_engram.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

namespace cosmo::test {

/// A backend in memory with moods: it fails where the test says so. Its entries
/// survive a failure, as a file's would.
class odd_engram : public engram_backend {
public:
  explicit odd_engram(std::string engram_id = "odd",
                      std::string engram_kind = "keyvalue")
    : memory_({.engram_id = std::move(engram_id),
               .engram_kind = std::move(engram_kind)}) {
    // nop
  }

  // -- moods ------------------------------------------------------------------

  int refuse_connects = 0;
  int break_recalls = 0;
  int break_writes = 0;
  int throw_at_writes = 0;
  int break_rollbacks = 0;
  int throw_at_rollbacks = 0;
  bool break_sweeps = false;
  bool throw_at_counts = false;
  bool silent = false;

  // -- what has happened -------------------------------------------------------

  int connects = 0;
  int closes = 0;
  std::vector<size_t> batches = {};

  // -- engram_backend ---------------------------------------------------------

  const engram_description& describe() const noexcept override {
    return memory_.describe();
  }

  caf::error connect(const world& outside) override {
    ++connects;
    if (refuse_connects > 0 && refuse_connects-- > 0)
      return broken();
    return memory_.connect(outside);
  }

  void close() override {
    ++closes;
  }

  bool can_serve(const json&) override {
    return !silent;
  }

  caf::expected<recall_finds> recall(const recall_request& what) override {
    if (break_recalls > 0 && break_recalls-- > 0)
      return broken();
    return memory_.recall(what);
  }

  caf::expected<std::vector<imprint_receipt>>
  imprint(const std::vector<imprint_request>& writes) override {
    if (break_writes > 0 && break_writes-- > 0)
      return broken();
    if (throw_at_writes > 0 && throw_at_writes-- > 0)
      throw std::runtime_error{"out of sorts"};
    batches.push_back(writes.size());
    return memory_.imprint(writes);
  }

  caf::expected<rollback_report>
  compensate(const rollback_order& order) override {
    if (break_rollbacks > 0 && break_rollbacks-- > 0)
      return broken();
    if (throw_at_rollbacks > 0 && throw_at_rollbacks-- > 0)
      throw std::runtime_error{"out of sorts"};
    return memory_.compensate(order);
  }

  caf::error commit(const std::string& trace_id) override {
    return memory_.commit(trace_id);
  }

  caf::error mark_failed(const std::string& trace_id) override {
    return memory_.mark_failed(trace_id);
  }

  caf::expected<std::vector<rollback_order>> unfinished() override {
    return std::exchange(left_over, {});
  }

  caf::expected<size_t> sweep() override {
    ++sweeps;
    if (break_sweeps)
      return broken();
    return memory_.sweep();
  }

  std::optional<engram_journal_counts> counts() override {
    if (throw_at_counts)
      throw std::runtime_error{"out of sorts"};
    return memory_.counts();
  }

  std::vector<rollback_order> left_over = {};
  int sweeps = 0;

private:
  static caf::error broken() {
    return make_error(ec::store_io, "the disk is on fire");
  }

  memory_engram memory_;
};

} // namespace cosmo::test
