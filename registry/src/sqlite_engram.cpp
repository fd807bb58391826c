// SPDX-License-Identifier: Apache-2.0
#include "engram_about.hpp"
#include "engram_engine.hpp"
#include "engram_file.hpp"
#include "sqlite_engram_storage.hpp"
#include "sqlite_fault.hpp"
#include "sqlite_open.hpp"
#include <cosmo/log.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <type_traits>
#include <utility>

namespace cosmo {

using engine = registry::engram_engine;

class sqlite_engram::impl {
public:
  impl(std::string path, sqlite_engram_options options)
    : where_{"engram", std::move(path)},
      rules_(options.rules),
      durability_(options.durability),
      busy_timeout_(options.busy_timeout),
      about_(registry::about_engram(
        std::move(options.engram_id), std::move(options.engram_kind),
        std::move(options.capabilities),
        {"substring", "tags", "merge_key", "time_range"})) {
    // nop
  }

  const engram_description& about() const noexcept {
    return about_;
  }

  caf::error connect(const world& outside) {
    if (open_)
      return {};
    if (auto err = check_options())
      return err;
    return registry::guarded(where_, [&] { return open(outside); });
  }

  void close() {
    open_.reset();
  }

  template <class Fn>
  auto call(Fn fn) -> std::invoke_result_t<Fn, engine&> {
    if (!open_)
      return registry::store_error(ec::not_connected, where_, "not connected");
    return registry::guarded(where_, [&] { return fn(open_->own); });
  }

private:
  /// What exists from `connect` to `close`.
  struct state {
    state(std::unique_ptr<SQLite::Database> db, const engram_description& about,
          const engram_rules& rules, const world& outside,
          engram_journal_counts& counts)
      : storage(std::move(db), about.engram_kind),
        own(about, rules, storage, outside, counts) {
      // nop
    }

    registry::sqlite_engram_storage storage;
    engine own;
  };

  caf::error check_options() const {
    if (auto err = registry::validate(about_))
      return err;
    if (busy_timeout_.count() < 0)
      return make_error(ec::bad_config,
                        "busy_timeout: " + std::to_string(busy_timeout_.count())
                          + " ms is negative");
    if (durability_ != engram_durability::full
        && durability_ != engram_durability::normal)
      return make_error(ec::bad_config,
                        "durability: "
                          + std::to_string(static_cast<int>(durability_))
                          + " is neither full nor normal");
    return validate(rules_);
  }

  caf::error open(const world& outside) {
    auto db = registry::open_engram_file(where_, busy_timeout_, about_,
                                         outside.clock->now());
    if (!db)
      return db.error();
    // Without a write-ahead log, less than full synchronisation could cost the
    // whole file.
    const auto relaxed = durability_ == engram_durability::normal
                         && registry::has_write_ahead_log(**db);
    (*db)->exec(relaxed ? "PRAGMA synchronous = NORMAL"
                        : "PRAGMA synchronous = FULL");
    // What a savepoint would bring back is kept in memory, not in a file.
    (*db)->exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
    open_ = std::make_unique<state>(std::move(*db), about_, rules_, outside,
                                    counts_);
    return {};
  }

  const registry::store_place where_;
  const engram_rules rules_;
  const engram_durability durability_;
  const std::chrono::milliseconds busy_timeout_;
  const engram_description about_;
  engram_journal_counts counts_;
  std::unique_ptr<state> open_;
};

namespace {

/// Nothing was written, and who sends the same again later may be luckier.
std::vector<imprint_receipt>
refuse_all(const engram_description& about,
           const std::vector<imprint_request>& writes, const caf::error& why) {
  std::vector<imprint_receipt> result;
  result.reserve(writes.size());
  for (const auto& what : writes)
    result.push_back(
      {.engram_id = about.engram_id,
       .op = what.op,
       .error = registry::refusal("engram_overloaded", message_of(why))});
  return result;
}

} // namespace

sqlite_engram::sqlite_engram(std::string path, sqlite_engram_options options)
  : impl_(std::make_unique<impl>(std::move(path), std::move(options))) {
  // nop
}

sqlite_engram::~sqlite_engram() = default;

const engram_description& sqlite_engram::describe() const noexcept {
  return impl_->about();
}

caf::error sqlite_engram::connect(const world& outside) {
  return impl_->connect(outside);
}

void sqlite_engram::close() {
  impl_->close();
}

caf::expected<recall_finds> sqlite_engram::recall(const recall_request& what) {
  return impl_->call([&](engine& own) -> caf::expected<recall_finds> {
    return own.recall(what);
  });
}

caf::expected<std::vector<imprint_receipt>>
sqlite_engram::imprint(const std::vector<imprint_request>& writes) {
  using result_type = caf::expected<std::vector<imprint_receipt>>;
  auto result = impl_->call(
    [&](engine& own) -> result_type { return own.imprint(writes); });
  if (!result && result.error() == ec::store_busy)
    return refuse_all(describe(), writes, result.error());
  return result;
}

caf::expected<rollback_report>
sqlite_engram::compensate(const rollback_order& order) {
  return impl_->call([&](engine& own) -> caf::expected<rollback_report> {
    return own.compensate(order);
  });
}

caf::error sqlite_engram::commit(const std::string& trace_id) {
  return impl_->call([&](engine& own) -> caf::error {
    own.commit(trace_id);
    return {};
  });
}

caf::error sqlite_engram::mark_failed(const std::string& trace_id) {
  return impl_->call([&](engine& own) -> caf::error {
    own.mark_failed(trace_id);
    return {};
  });
}

caf::expected<std::vector<rollback_order>> sqlite_engram::unfinished() {
  return impl_->call(
    [](engine& own) -> caf::expected<std::vector<rollback_order>> {
      return own.unfinished();
    });
}

caf::expected<size_t> sqlite_engram::sweep() {
  return impl_->call(
    [](engine& own) -> caf::expected<size_t> { return own.sweep(); });
}

std::optional<engram_journal_counts> sqlite_engram::counts() {
  auto result = impl_->call([](engine& own) {
    return caf::expected<engram_journal_counts>{own.counts()};
  });
  if (result)
    return *result;
  log::warning("engram", "not-counted", cosmo::describe(result.error()));
  return std::nullopt;
}

} // namespace cosmo
