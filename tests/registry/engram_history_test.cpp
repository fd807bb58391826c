// SPDX-License-Identifier: Apache-2.0
// Random histories of several traces against a model that knows nothing of
// journals: each entry is a pile of what was written, and a rollback takes out
// of all piles what the trace has laid there.
#include "support/engram_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/memory_engram.hpp>
#include <cosmo/sqlite_engram.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace cosmo;
using namespace cosmo::test;

namespace {

/// What somebody has laid on the pile of an entry.
struct layer {
  std::string trace;
  /// When; greater is later.
  int order;
  /// Absent: it was deleted.
  std::optional<std::string> text;
  std::string key;
};

class pile_model {
public:
  /// The entry that a key means.
  std::string current(const std::string& key) const {
    std::string result;
    auto latest = -1;
    for (const auto& [id, pile] : piles_)
      if (is_live(id) && pile.back().key == key && pile.back().order > latest) {
        result = id;
        latest = pile.back().order;
      }
    return result;
  }

  bool is_live(const std::string& id) const {
    const auto i = piles_.find(id);
    return i != piles_.end() && !i->second.empty() && i->second.back().text;
  }

  const layer& top(const std::string& id) const {
    return piles_.at(id).back();
  }

  void lay(const std::string& id, layer what) {
    piles_[id].push_back(std::move(what));
  }

  void commit(const std::string& trace) {
    for (auto& [id, pile] : piles_)
      for (auto& x : pile)
        if (x.trace == trace)
          x.trace.clear();
  }

  rollback_report roll_back(const std::string& trace, rollback_conflict rule) {
    rollback_report result;
    for (;;) {
      std::vector<layer>* place = nullptr;
      size_t index = 0;
      auto latest = -1;
      for (auto& [id, pile] : piles_)
        for (size_t i = 0; i < pile.size(); ++i)
          if (pile[i].trace == trace && pile[i].order > latest) {
            place = &pile;
            index = i;
            latest = pile[i].order;
          }
      if (!place)
        return result;
      const auto at = place->begin() + static_cast<std::ptrdiff_t>(index);
      if (at + 1 == place->end())
        ++result.compensated;
      else if (rule == rollback_conflict::skip)
        ++result.conflicts;
      place->erase(at);
    }
  }

  /// The live entries, latest first.
  std::string picture() const {
    std::map<int, std::string, std::greater<>> lines;
    for (const auto& [id, pile] : piles_)
      if (is_live(id))
        lines[pile.back().order]
          = id + '=' + *pile.back().text + '@' + pile.back().key + '\n';
    std::string result;
    for (const auto& [order, line] : lines)
      result += line;
    return result;
  }

private:
  std::map<std::string, std::vector<layer>> piles_;
};

/// The same of a backend.
std::string picture_of(engram_user& user) {
  std::string result;
  for (const auto& hit : user.ask({{"top_k", 1'000}}).hits)
    result += hit.id + '=' + hit.entry["content"].get<std::string>() + '@'
              + hit.entry.value("merge_key", "") + '\n';
  return result;
}

/// Makes the same random writes to backend and model.
class history {
public:
  history(unsigned seed, engram_backend& own, test_world& outside)
    : chance_(seed), own_(own), user_(own, outside) {
    // nop
  }

  void go_on(int writes) {
    for (int i = 0; i < writes; ++i)
      make_one();
    check();
  }

  /// Rolls a trace back, calling `between` before each step.
  template <class Fn>
  void roll_back(const std::string& trace, Fn between) {
    user_.advance(std::chrono::microseconds{1});
    const auto stop = "evt_" + std::to_string(++stops_);
    const rollback_order order{trace, stop, user_.now()};
    auto report = own_.compensate(order);
    while (report && !report->done) {
      between(order);
      report = own_.compensate(order);
    }
    CHECK(report == model_.roll_back(trace, rollback_conflict::skip));
    check();
  }

  void commit(const std::string& trace) {
    CHECK(outcome_of(own_.commit(trace)) == "ok");
    model_.commit(trace);
  }

  std::string any_trace() {
    return "trc_" + std::to_string(pick(4));
  }

  unsigned pick(unsigned n) {
    return chance_() % n;
  }

  const pile_model& model() const noexcept {
    return model_;
  }

private:
  void check() {
    CHECK(picture_of(user_) == model_.picture());
  }

  void make_one() {
    const std::string ops[] = {"add", "append", "upsert", "merge", "delete"};
    const auto op = ops[pick(5)];
    const auto trace = pick(5) == 0 ? std::string{} : any_trace();
    const auto id = "id" + std::to_string(pick(6));
    const auto key = "key" + std::to_string(pick(4));
    const auto text = "text" + std::to_string(order_);
    const auto by_id = op == "add" || op == "append"
                       || (op == "delete" && pick(2) == 0)
                       || (op == "upsert" && model_.current(key).empty());
    edit what{.op = op,
              .entry = {{"content", text}},
              .key = key,
              .trace = trace,
              .imprint_id = "evt_write_" + std::to_string(order_)};
    if (by_id)
      what.entry["id"] = id;
    const auto receipt = user_.tell(what);
    const auto target = by_id ? id : model_.current(key);
    const layer made{.trace = trace,
                     .order = order_++,
                     .text
                     = op == "delete" ? std::nullopt : std::optional{text},
                     .key = key};
    if (op == "delete") {
      CHECK(receipt.id.value_or("") == (model_.is_live(target) ? target : ""));
      if (model_.is_live(target))
        model_.lay(target, made);
    } else if (op == "merge" && target.empty()) {
      CHECK_FALSE(receipt.ok());
    } else if (by_id && model_.is_live(id)) {
      CHECK(receipt.ok() == (op == "append"));
      if (receipt.ok())
        model_.lay(*receipt.id, made);
    } else {
      CHECK(receipt.id == target);
      model_.lay(target, made);
    }
  }

  std::mt19937 chance_;
  engram_backend& own_;
  engram_user user_;
  pile_model model_;
  int order_ = 0;
  int stops_ = 0;
};

} // namespace

TEST_CASE("a rollback leaves what would be there without the trace",
          "[engram]") {
  const auto seed = GENERATE(range(1u, 61u));
  INFO("seed " << seed);
  test_world outside;
  std::unique_ptr<engram_backend> engram;
  if (seed % 2 == 0)
    engram = std::make_unique<sqlite_engram>();
  else
    engram = std::make_unique<memory_engram>();
  REQUIRE(outcome_of(engram->connect(outside.outside)) == "ok");
  history it{seed, *engram, outside};
  for (int round = 0; round < 12; ++round) {
    it.go_on(12);
    const auto trace = it.any_trace();
    if (it.pick(5) == 0)
      it.commit(trace);
    else
      it.roll_back(trace, [](const rollback_order&) {});
  }
}

TEST_CASE("SQLite and memory have the same journal after any history",
          "[engram]") {
  const auto seed = GENERATE(range(1u, 11u));
  INFO("seed " << seed);
  for (const auto rule : {rollback_conflict::skip, rollback_conflict::force}) {
    // The same ids for both.
    test_world one;
    test_world other;
    sqlite_engram sqlite{":memory:", {.rules = {.on_conflict = rule}}};
    memory_engram memory{{.rules = {.on_conflict = rule}}};
    REQUIRE(outcome_of(sqlite.connect(one.outside)) == "ok");
    REQUIRE(outcome_of(memory.connect(other.outside)) == "ok");
    engram_user a{sqlite, one};
    engram_user b{memory, other};
    std::mt19937 chance{seed};
    auto pick = [&](unsigned n) { return chance() % n; };
    const std::string ops[] = {"add", "append", "upsert", "merge", "delete"};
    for (int i = 0; i < 200; ++i) {
      edit what{.op = ops[pick(5)],
                .entry = {{"content", {{std::to_string(pick(3)), i}}},
                          {"tags", {std::to_string(pick(5))}}},
                .key = "key" + std::to_string(pick(3)),
                .trace = "trc_" + std::to_string(pick(3))};
      if (pick(2) == 0)
        what.entry["id"] = "id" + std::to_string(pick(4));
      const auto first = a.tell(what);
      const auto second = b.tell(what);
      CHECK(said(first) == said(second));
      CHECK(first.id == second.id);
      CHECK(first.version == second.version);
      if (pick(10) == 0) {
        const auto trace = "trc_" + std::to_string(pick(3));
        const auto stop = "evt_" + std::to_string(i);
        CHECK(a.roll_back(trace, stop) == b.roll_back(trace, stop));
      }
      const auto left = a.ask({{"text", "1"}});
      const auto right = b.ask({{"text", "1"}});
      REQUIRE(left.hits.size() == right.hits.size());
      for (size_t n = 0; n < left.hits.size(); ++n)
        CHECK(left.hits[n].entry == right.hits[n].entry);
    }
  }
}
