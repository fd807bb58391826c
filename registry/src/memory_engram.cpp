// SPDX-License-Identifier: Apache-2.0
#include "engram_about.hpp"
#include "engram_engine.hpp"
#include "memory_engram_storage.hpp"
#include <cosmo/memory_engram.hpp>

#include <utility>

namespace cosmo {

using engine = registry::engram_engine;

class memory_engram::impl {
public:
  explicit impl(memory_engram_options options)
    : rules_(options.rules),
      about_(registry::about_engram(
        std::move(options.engram_id), std::move(options.engram_kind),
        std::move(options.capabilities), {"substring", "tags", "merge_key"})) {
    // nop
  }

  const engram_description& about() const noexcept {
    return about_;
  }

  caf::error connect(const world& outside) {
    if (open_)
      return {};
    if (auto err = registry::validate(about_))
      return err;
    if (auto err = validate(rules_))
      return err;
    open_ = std::make_unique<state>(about_, rules_, outside, counts_);
    return {};
  }

  void close() {
    open_.reset();
  }

  template <class Fn>
  auto call(Fn fn) -> std::invoke_result_t<Fn, engine&> {
    if (!open_)
      return make_error(ec::not_connected,
                        "engram '" + about_.engram_id + "': not connected");
    return fn(open_->own);
  }

private:
  /// What exists from `connect` to `close`.
  struct state {
    state(const engram_description& about, const engram_rules& rules,
          const world& outside, engram_journal_counts& counts)
      : own(about, rules, storage, outside, counts) {
      // nop
    }

    registry::memory_engram_storage storage;
    engine own;
  };

  engram_rules rules_;
  engram_description about_;
  engram_journal_counts counts_;
  std::unique_ptr<state> open_;
};

memory_engram::memory_engram(memory_engram_options options)
  : impl_(std::make_unique<impl>(std::move(options))) {
  // nop
}

memory_engram::~memory_engram() = default;

const engram_description& memory_engram::describe() const noexcept {
  return impl_->about();
}

caf::error memory_engram::connect(const world& outside) {
  return impl_->connect(outside);
}

void memory_engram::close() {
  impl_->close();
}

caf::expected<recall_finds> memory_engram::recall(const recall_request& what) {
  return impl_->call([&](engine& own) -> caf::expected<recall_finds> {
    return own.recall(what);
  });
}

caf::expected<std::vector<imprint_receipt>>
memory_engram::imprint(const std::vector<imprint_request>& writes) {
  return impl_->call(
    [&](engine& own) -> caf::expected<std::vector<imprint_receipt>> {
      return own.imprint(writes);
    });
}

caf::expected<rollback_report>
memory_engram::compensate(const rollback_order& order) {
  return impl_->call([&](engine& own) -> caf::expected<rollback_report> {
    return own.compensate(order);
  });
}

caf::error memory_engram::commit(const std::string& trace_id) {
  return impl_->call([&](engine& own) -> caf::error {
    own.commit(trace_id);
    return {};
  });
}

caf::error memory_engram::mark_failed(const std::string& trace_id) {
  return impl_->call([&](engine& own) -> caf::error {
    own.mark_failed(trace_id);
    return {};
  });
}

caf::expected<std::vector<rollback_order>> memory_engram::unfinished() {
  return impl_->call(
    [](engine& own) -> caf::expected<std::vector<rollback_order>> {
      return own.unfinished();
    });
}

caf::expected<size_t> memory_engram::sweep() {
  return impl_->call(
    [](engine& own) -> caf::expected<size_t> { return own.sweep(); });
}

std::optional<engram_journal_counts> memory_engram::counts() {
  auto result = impl_->call([](engine& own) {
    return caf::expected<engram_journal_counts>{own.counts()};
  });
  return result ? std::optional{*result} : std::nullopt;
}

} // namespace cosmo
