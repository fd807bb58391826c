// SPDX-License-Identifier: Apache-2.0
// What every store promises; memory is the oracle for SQLite.
#include "support/neuron_samples.hpp"
#include "support/outcome_of.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/memory_registry_store.hpp>
#include <cosmo/registry.hpp>
#include <cosmo/sqlite_registry_store.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <atomic>
#include <memory>
#include <random>
#include <thread>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr registry_filter everybody{.include_deregistered = true};

/// Runs the test that asks for it once with each store.
class any_store {
public:
  any_store() {
    const std::string kind = GENERATE("memory", "SQLite in memory", "a file");
    UNSCOPED_INFO("store: " << kind);
    if (kind == "memory")
      store_ = std::make_unique<memory_registry_store>();
    else
      store_ = std::make_unique<sqlite_registry_store>(
        kind == "a file" ? folder_.file() : ":memory:");
    REQUIRE(outcome_of(store_->connect()) == "ok");
  }

  registry_store* operator->() const noexcept {
    return store_.get();
  }

  registry_store& operator*() const noexcept {
    return *store_;
  }

private:
  scratch_folder folder_;
  std::unique_ptr<registry_store> store_;
};

neuron_record get(registry_store& store, const std::string& id) {
  auto result = store.get(id);
  if (!result)
    FAIL_CHECK(describe(result.error()));
  return result ? *result : neuron_record{};
}

} // namespace

TEST_CASE("a record comes back as it was written", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  CHECK(get(*store, "a") == sample("a"));
}

TEST_CASE("a record has defaults for what nobody said", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert({.neuron_id = "a", .registered_at = noon}))
        == "ok");
  const auto record = get(*store, "a");
  CHECK(record.capabilities.empty());
  CHECK(record.version == std::nullopt);
  CHECK(record.status == "registered");
  CHECK(record.last_heartbeat == std::nullopt);
}

TEST_CASE("an empty version and no version are two things", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert({.neuron_id = "a", .version = ""})) == "ok");
  CHECK(get(*store, "a").version == "");
}

TEST_CASE("who asks for an unknown Neuron is told its id", "[registry]") {
  const any_store store;
  const auto result = store->get("nobody");
  CHECK(outcome_of(result) == "not_found");
  CHECK(text_of(result) == "no Neuron `nobody` in the registry");
}

TEST_CASE("a second record of an id replaces all but the first sight",
          "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  const neuron_record second{.neuron_id = "a",
                             .capabilities = {"sing"},
                             .status = "draining",
                             .registered_at = after(60)};
  CHECK(outcome_of(store->upsert(second)) == "ok");
  auto expected = second;
  expected.registered_at = noon;
  CHECK(get(*store, "a") == expected);
  CHECK(ids_of(store->list({})) == ids{"a"});
}

TEST_CASE("records keep the order in which they were first written",
          "[registry]") {
  const any_store store;
  for (const auto* id : {"c", "a", "b"})
    CHECK(outcome_of(store->upsert(sample(id))) == "ok");
  CHECK(outcome_of(store->touch_heartbeat("0", noon)) == "ok");
  CHECK(outcome_of(store->upsert(sample("c"))) == "ok");
  CHECK(outcome_of(store->touch_heartbeat("a", after(5))) == "ok");
  CHECK(outcome_of(store->mark_deregistered("c")) == "ok");
  CHECK(outcome_of(store->upsert(sample("c"))) == "ok");
  CHECK(ids_of(store->list({})) == ids{"c", "a", "b", "0"});
}

TEST_CASE("deregistered Neurons are listed on demand only", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  CHECK(outcome_of(store->upsert(sample("b"))) == "ok");
  CHECK(outcome_of(store->mark_deregistered("a")) == "ok");
  CHECK(ids_of(store->list({})) == ids{"b"});
  CHECK(ids_of(store->list(everybody)) == ids{"a", "b"});
  CHECK(get(*store, "a").status == "deregistered");
  CHECK(get(*store, "a").capabilities == sample("a").capabilities);
}

TEST_CASE("only the exact word takes a Neuron out of live reads",
          "[registry]") {
  const any_store store;
  const std::string status
    = GENERATE("Deregistered", "deregistered ", "draining", "ok", "");
  CHECK(outcome_of(store->upsert({.neuron_id = "a", .status = status}))
        == "ok");
  CHECK(ids_of(store->list({})) == ids{"a"});
  CHECK(get(*store, "a").status == status);
}

TEST_CASE("the farewell of an unknown Neuron leaves no trace", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->mark_deregistered("a")) == "ok");
  CHECK(ids_of(store->list(everybody)).empty());
}

TEST_CASE("capabilities are found exactly", "[registry]") {
  const any_store store;
  CHECK(
    outcome_of(store->upsert({.neuron_id = "a", .capabilities = {"chat", "%"}}))
    == "ok");
  CHECK(outcome_of(
          store->upsert({.neuron_id = "b", .capabilities = {"Chat", "chats"}}))
        == "ok");
  CHECK(ids_of(store->list({.capability = "chat"})) == ids{"a"});
  CHECK(ids_of(store->list({.capability = "Chat"})) == ids{"b"});
  CHECK(ids_of(store->list({.capability = "%"})) == ids{"a"});
  CHECK(ids_of(store->list({.capability = "cha"})).empty());
  CHECK(outcome_of(store->mark_deregistered("a")) == "ok");
  CHECK(ids_of(store->list({.capability = "chat"})).empty());
  CHECK(
    ids_of(store->list({.capability = "chat", .include_deregistered = true}))
    == ids{"a"});
}

TEST_CASE("who was not seen lately can be left out", "[registry]") {
  const any_store store;
  CHECK(outcome_of(
          store->upsert({.neuron_id = "never heard of", .registered_at = noon}))
        == "ok");
  CHECK(outcome_of(store->touch_heartbeat("heard of", after(10))) == "ok");
  CHECK(ids_of(store->list({.seen_since = noon}))
        == ids{"never heard of", "heard of"});
  CHECK(ids_of(store->list({.seen_since = noon + 1us})) == ids{"heard of"});
  CHECK(ids_of(store->list({.seen_since = after(11)})).empty());
}

TEST_CASE("a heartbeat sets exactly the instant and nothing else",
          "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  const auto at = after(90) + 123'456us;
  CHECK(outcome_of(store->touch_heartbeat("a", at)) == "ok");
  auto expected = sample("a");
  expected.last_heartbeat = at;
  CHECK(get(*store, "a") == expected);
}

TEST_CASE("the last heartbeat written counts, even if it is older",
          "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->touch_heartbeat("a", after(10))) == "ok");
  CHECK(outcome_of(store->touch_heartbeat("a", after(5))) == "ok");
  CHECK(get(*store, "a").last_heartbeat == after(5));
  CHECK(get(*store, "a").registered_at == after(10));
}

TEST_CASE("a heartbeat sets the status it carries", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  CHECK(outcome_of(store->touch_heartbeat("a", after(2), "busy")) == "ok");
  CHECK(get(*store, "a").status == "busy");
  CHECK(outcome_of(store->touch_heartbeat("a", after(3), "")) == "ok");
  CHECK(get(*store, "a").status == "busy");
}

TEST_CASE("a heartbeat of an unknown Neuron makes a thin record",
          "[registry]") {
  const any_store store;
  const std::optional<std::string> said
    = GENERATE(std::optional<std::string>{}, "", "ok");
  CHECK(outcome_of(store->apply({neuron_touch{
          .neuron_id = "a", .at = after(5), .status = said, .now = after(7)}}))
        == "ok");
  CHECK(get(*store, "a")
        == neuron_record{.neuron_id = "a",
                         .status = said == "ok" ? "ok" : "registered",
                         .last_heartbeat = after(5),
                         .registered_at = after(7)});
}

TEST_CASE("a deregistered Neuron comes back by what it says", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  CHECK(outcome_of(store->mark_deregistered("a")) == "ok");
  SECTION("not by a heartbeat without status, which still counts as a sign") {
    CHECK(outcome_of(store->touch_heartbeat("a", after(50))) == "ok");
    CHECK(get(*store, "a").status == "deregistered");
    CHECK(get(*store, "a").last_heartbeat == after(50));
  }
  SECTION("by a heartbeat with a status") {
    CHECK(outcome_of(store->touch_heartbeat("a", after(50), "ok")) == "ok");
    CHECK(ids_of(store->list({})) == ids{"a"});
  }
  SECTION("by registering") {
    CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
    CHECK(ids_of(store->list({})) == ids{"a"});
  }
}

TEST_CASE("changes of one call are made in order", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->apply({
          neuron_farewell{"a"},
          neuron_touch{.neuron_id = "a", .at = after(1), .now = noon},
          sample("b"),
          sample("a"),
          neuron_farewell{"b"},
          neuron_touch{.neuron_id = "b", .at = after(9), .now = after(9)},
        }))
        == "ok");
  CHECK(ids_of(store->list({})) == ids{"a"});
  CHECK(ids_of(store->list(everybody)) == ids{"a", "b"});
  CHECK(get(*store, "b").last_heartbeat == after(9));
}

TEST_CASE("no changes are no fault", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->apply({})) == "ok");
}

TEST_CASE("one change that cannot be kept takes the others with it",
          "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("old"))) == "ok");
  const auto [change, expected] = GENERATE(table<registry_write, std::string>({
    {neuron_record{.neuron_id = "caf\xE9"}, "encode_error"},
    {neuron_record{.neuron_id = "a", .capabilities = {"ok", "\xC0\x80"}},
     "encode_error"},
    {neuron_record{.neuron_id = "a", .version = "\xED\xA0\x80"},
     "encode_error"},
    {neuron_record{.neuron_id = "a", .status = "\xFF"}, "encode_error"},
    {neuron_record{.neuron_id = "a", .last_heartbeat = timestamp_max + 1us},
     "bad_timestamp"},
    {neuron_record{.neuron_id = "a", .registered_at = timestamp_min - 1us},
     "bad_timestamp"},
    {neuron_touch{.neuron_id = "a", .at = timestamp::max(), .now = noon},
     "bad_timestamp"},
    {neuron_touch{.neuron_id = "a", .at = noon, .status = "\x80", .now = noon},
     "encode_error"},
    {neuron_farewell{"\xF5"}, "encode_error"},
  }));
  CHECK(
    outcome_of(store->apply({sample("new"), neuron_farewell{"old"}, change}))
    == expected);
  CHECK(ids_of(store->list(everybody)) == ids{"old"});
  CHECK(get(*store, "old") == sample("old"));
}

TEST_CASE("any Unicode is an id, a capability, a version and a status",
          "[registry]") {
  const any_store store;
  const std::string text = GENERATE(
    ""s, " "s, "a b"s, "'; DROP TABLE neurons; --"s, "\"quoted\" \\ `this`"s,
    "a\0b"s, "\0"s, "line\nbreak\ttab\x01\x1F\x7F"s,
    "Stra\xC3\x9F"
    "e"s,
    "\xF0\x9F\xA7\xA0"s, "\xEF\xBF\xBF"s, std::string(10'000, 'x'));
  const neuron_record record{.neuron_id = text,
                             .capabilities = {text, text + "2"},
                             .version = text,
                             .status = text};
  CHECK(outcome_of(store->upsert(sample("other"))) == "ok");
  CHECK(outcome_of(store->upsert(record)) == "ok");
  CHECK(outcome_of(store->upsert(record)) == "ok");
  CHECK(get(*store, text) == record);
  CHECK(ids_of(store->list({.capability = text})) == ids{text});
  CHECK(outcome_of(store->touch_heartbeat(text, noon)) == "ok");
  CHECK(outcome_of(store->mark_deregistered(text)) == "ok");
  CHECK(ids_of(store->list({})) == ids{"other"});
}

TEST_CASE("ids that begin alike are different Neurons", "[registry]") {
  const any_store store;
  const ids several{"a", "A", "a ", " a", "a\0"s, "a\0b"s, ""};
  for (const auto& id : several)
    CHECK(outcome_of(store->upsert(sample(id))) == "ok");
  CHECK(ids_of(store->list({})) == several);
}

TEST_CASE("every accepted instant comes back exactly", "[registry]") {
  const any_store store;
  const auto at
    = GENERATE(timestamp_min, timestamp_max, timestamp{}, timestamp{-1us},
               timestamp{1us}, timestamp{-86'400s}, noon + 100ms);
  CHECK(outcome_of(store->upsert(
          {.neuron_id = "a", .last_heartbeat = at, .registered_at = at}))
        == "ok");
  CHECK(get(*store, "a").last_heartbeat == at);
  CHECK(get(*store, "a").registered_at == at);
}

TEST_CASE("a record may have very many capabilities", "[registry]") {
  const any_store store;
  neuron_record record{.neuron_id = "a"};
  for (int i = 0; i < 100'000; ++i)
    record.capabilities.push_back("capability number " + std::to_string(i));
  CHECK(outcome_of(store->upsert(record)) == "ok");
  CHECK((get(*store, "a") == record));
  CHECK(ids_of(store->list({.capability = "capability number 99999"}))
        == ids{"a"});
}

TEST_CASE("what was given out does not change any more", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  const auto before = get(*store, "a");
  const auto list_before = store->list({});
  CHECK(outcome_of(store->mark_deregistered("a")) == "ok");
  CHECK(before == sample("a"));
  CHECK(list_before->front() == sample("a"));
}

TEST_CASE("connecting twice and closing twice is no fault", "[registry]") {
  const any_store store;
  CHECK(outcome_of(store->upsert(sample("a"))) == "ok");
  CHECK(outcome_of(store->connect()) == "ok");
  CHECK(ids_of(store->list({})) == ids{"a"});
  store->close();
  store->close();
  CHECK(outcome_of(store->connect()) == "ok");
  CHECK(outcome_of(store->upsert(sample("b"))) == "ok");
}

TEST_CASE("callers on many threads do not lose a change",
          "[registry][integration]") {
  const any_store store;
  constexpr int threads = 6;
  constexpr int changes = 50;
  std::atomic<int> faults = 0;
  {
    std::vector<std::jthread> callers;
    callers.reserve(threads);
    for (int n = 0; n < threads; ++n)
      callers.emplace_back([&, n] {
        const auto own = "neuron " + std::to_string(n);
        for (int i = 0; i < changes; ++i) {
          if (store->apply(
                {neuron_touch{.neuron_id = own, .at = after(i), .now = noon},
                 sample(own + '.' + std::to_string(i))}))
            ++faults;
          if (!store->get(own) || !store->list({}))
            ++faults;
        }
      });
  }
  CHECK(faults == 0);
  CHECK(store->list({})->size() == threads * (changes + 1));
  for (int n = 0; n < threads; ++n)
    CHECK(get(*store, "neuron " + std::to_string(n)).last_heartbeat
          == after(changes - 1));
}

TEST_CASE("SQLite answers as memory does after any history", "[registry]") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  auto pick = [&](unsigned n) { return chance() % n; };
  const std::string words[] = {"", "ok", "deregistered", "x y", "\xC3\xA9"};
  memory_registry_store memory;
  sqlite_registry_store sqlite;
  REQUIRE(outcome_of(sqlite.connect()) == "ok");
  for (int call = 0; call < 60; ++call) {
    std::vector<registry_write> changes;
    for (auto n = pick(5); n > 0; --n) {
      const auto id = "n" + std::to_string(pick(12));
      const auto at = after(static_cast<int>(pick(1000)));
      const auto& word = words[pick(std::size(words))];
      switch (pick(3)) {
        case 0:
          changes.emplace_back(
            neuron_record{.neuron_id = id,
                          .capabilities = {word, words[pick(5)]},
                          .version = word,
                          .status = words[pick(5)],
                          .registered_at = at});
          break;
        case 1:
          changes.emplace_back(neuron_touch{
            .neuron_id = id, .at = at, .status = word, .now = noon});
          break;
        default:
          changes.emplace_back(neuron_farewell{id});
      }
    }
    CHECK(outcome_of(memory.apply(changes))
          == outcome_of(sqlite.apply(changes)));
    const registry_filter which{.capability = words[pick(5)],
                                .seen_since
                                = after(static_cast<int>(pick(1000)))};
    CHECK(*memory.list(which) == *sqlite.list(which));
  }
  CHECK(*memory.list(everybody) == *sqlite.list(everybody));
}
