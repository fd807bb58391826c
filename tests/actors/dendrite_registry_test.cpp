// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"
#include "support/moody_store.hpp"
#include "support/recorded_log.hpp"

#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <numeric>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

using texts = std::vector<std::string>;

struct registry_fixture : bed {
  std::shared_ptr<moody_store> store = std::make_shared<moody_store>();

  dendrite with_store(dendrite_options options = {}) {
    options.registry_store = store;
    return sim.runtime().dendrite(bus, std::move(options));
  }

  dendrite peer(std::vector<std::string> ids, dendrite_options options = {}) {
    options.dendrite_id = "peer";
    options.role = role::worker;
    auto result = sim.runtime().dendrite(bus, std::move(options));
    for (auto& id : ids)
      REQUIRE(result.attach_axon(
        {.neuron_id = id, .neuron = echo(), .capabilities = {"c", id}}));
    REQUIRE(!result.start());
    return result;
  }

  static texts ids(const caf::expected<std::vector<neuron_record>>& found) {
    texts result;
    if (!found)
      return {outcome_of(found)};
    for (auto& x : *found)
      result.push_back(x.neuron_id);
    return result;
  }

  std::string status_of(const std::string& id) {
    sim.run();
    auto x = store->get(id);
    return x ? x->status : outcome_of(x);
  }

  void say(signal_type type, json payload, std::string id, timestamp ts) {
    auto hdr = sim.build().make(payload::plan{}).envelope();
    hdr.ts = ts;
    if (!id.empty())
      hdr.directed = directed::to(std::move(id));
    auto where = signal_subject("default", type);
    REQUIRE(!bus.publish(where.str(),
                         signal::make_wire(hdr, type, std::move(payload))));
    sim.run();
  }

  timestamp now() {
    return sim.outside().clock->now();
  }
};

} // namespace

// -- announcements -------------------------------------------------------------

TEST_CASE_METHOD(bed, "each heartbeat announces an Axon and says that it lives",
                 "[actors][dendrite_registry]") {
  auto host = serving("a", echo());
  sim.run();
  REQUIRE(traffic().size() == 1);
  sim.advance(30s - 1ns);
  CHECK(traffic().size() == 1);
  sim.advance(1ns);
  REQUIRE(traffic().size() == 3);
  CHECK(traffic()[1].type() == signal_type::REGISTER);
  auto& beat = traffic()[2];
  CHECK(beat.type() == signal_type::HEARTBEAT);
  CHECK(beat.payload().dump() == R"({"status":"ok"})");
  CHECK(beat.directed_id() == "a");
  CHECK_FALSE(beat.parent_id());
  sim.advance(60s);
  CHECK(traffic(signal_type::HEARTBEAT).size() == 3);
}

TEST_CASE_METHOD(bed, "heartbeats follow their options",
                 "[actors][dendrite_registry]") {
  auto beats = [&](dendrite_options options) {
    auto host = sim.runtime().dendrite(bus, std::move(options));
    REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
    REQUIRE(!host.start());
    sim.advance(60s);
    REQUIRE(!host.stop());
    sim.advance(60s);
    return std::pair{traffic(signal_type::HEARTBEAT).size(),
                     traffic(signal_type::REGISTER).size()};
  };
  SECTION("twice a minute by default") {
    CHECK(beats({}) == std::pair<size_t, size_t>{2, 3});
  }
  SECTION("as often as wanted, and without repeating REGISTER") {
    CHECK(beats({.heartbeat = 6s, .reregister_on_heartbeat = false})
          == std::pair<size_t, size_t>{10, 1});
  }
  SECTION("never with 0") {
    CHECK(beats({.heartbeat = 0s}) == std::pair<size_t, size_t>{0, 1});
  }
  SECTION("never within a lifetime") {
    CHECK(beats({.heartbeat = std::chrono::nanoseconds::max()})
          == std::pair<size_t, size_t>{0, 1});
  }
}

TEST_CASE_METHOD(bed, "restarting does not double the heartbeat",
                 "[actors][dendrite_registry]") {
  auto host = serving("a", echo());
  sim.advance(10s);
  REQUIRE(!host.stop());
  REQUIRE(!host.start());
  sim.advance(29s);
  CHECK(traffic(signal_type::HEARTBEAT).empty());
  sim.advance(31s);
  CHECK(traffic(signal_type::HEARTBEAT).size() == 2);
}

TEST_CASE_METHOD(bed, "the heartbeat begins with the first Axon",
                 "[actors][dendrite_registry]") {
  auto host = worker();
  REQUIRE(!host.start());
  sim.advance(100s);
  REQUIRE(host.add_axon({.neuron_id = "a", .neuron = echo()}));
  sim.advance(30s);
  CHECK(traffic(signal_type::HEARTBEAT).size() == 1);
  REQUIRE(!host.detach_axon("a"));
  sim.advance(100s);
  CHECK(traffic(signal_type::HEARTBEAT).size() == 1);
}

TEST_CASE_METHOD(bed, "whoever sees a REGISTER can use its Neuron at once",
                 "[actors][dendrite_registry]") {
  auto from = orchestrator();
  std::vector<std::string> outcomes;
  REQUIRE(!from.start());
  REQUIRE(from.on_register_signal([&](const signal& sig) {
    outcomes.push_back(outcome_of(from.dispatch_and_wait(
      {.neuron = std::string{sig.directed_id()}, .timeout = 1s})));
  }));
  auto host = serving("a", echo());
  sim.run();
  CHECK(outcomes == texts{"AGENT_OUTPUT"});
}

// -- the store -----------------------------------------------------------------

TEST_CASE_METHOD(registry_fixture, "own Axons are in the store after start",
                 "[actors][dendrite_registry]") {
  auto host = with_store();
  REQUIRE(host.attach_axon({.neuron_id = "a",
                            .neuron = echo(),
                            .capabilities = {"c"},
                            .version = "1.2"}));
  REQUIRE(!host.start());
  auto found = host.find_neurons();
  REQUIRE(ids(found) == texts{"a"});
  auto& x = found->front();
  CHECK(x.capabilities == texts{"c"});
  CHECK(x.version == "1.2");
  CHECK(x.status == "registered");
  CHECK(x.last_heartbeat == now());
  REQUIRE(!host.stop());
  CHECK(status_of("a") == "deregistered");
  CHECK(store->closes == 0);
}

TEST_CASE_METHOD(registry_fixture, "peers come, beat and go in the store",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store({.stale_after = 0s});
  REQUIRE(!watcher.start());
  auto host = peer({"a", "b"});
  sim.run();
  CHECK(ids(watcher.find_neurons()) == texts{"a", "b"});
  CHECK(ids(watcher.find_neurons("b")) == texts{"b"});
  CHECK(ids(watcher.find_neurons("d")).empty());
  auto start = now();
  CHECK(store->get("a")->last_heartbeat == start);
  sim.advance(30s);
  CHECK(store->get("a")->last_heartbeat == start + 30s);
  CHECK(status_of("a") == "ok");
  REQUIRE(!host.detach_axon("a"));
  sim.run();
  CHECK(ids(watcher.find_neurons()) == texts{"b"});
  CHECK(ids(watcher.registry_snapshot({.include_deregistered = true}))
        == texts{"a", "b"});
  CHECK(ids(watcher.registry_snapshot(
          {.capability = "c", .include_deregistered = true}))
        == texts{"a", "b"});
}

TEST_CASE_METHOD(registry_fixture,
                 "a HEARTBEAT without a status leaves it as it was",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store({.stale_after = 0s});
  REQUIRE(!watcher.start());
  REQUIRE(!store->upsert({.neuron_id = "p", .status = "deregistered"}));
  auto beat = [&](json payload) {
    say(signal_type::HEARTBEAT, std::move(payload), "p", now());
    return status_of("p");
  };
  CHECK(beat(json::object()) == "deregistered");
  CHECK(beat({{"status", nullptr}}) == "deregistered");
  CHECK(beat({{"status", ""}}) == "deregistered");
  CHECK(beat({{"status", 3}}) == "deregistered");
  CHECK(store->get("p")->last_heartbeat == now());
  CHECK(beat({{"status", "ok"}}) == "ok");
}

TEST_CASE_METHOD(registry_fixture, "a read leaves out who has been silent",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  REQUIRE(!store->upsert({.neuron_id = "old", .last_heartbeat = now() - 120s}));
  REQUIRE(!store->upsert({.neuron_id = "edge", .last_heartbeat = now() - 60s}));
  REQUIRE(!store->upsert({.neuron_id = "bare", .registered_at = now() - 61s}));
  CHECK(ids(watcher.find_neurons({}, 60s)) == texts{"edge"});
  CHECK(ids(watcher.find_neurons({}, std::chrono::nanoseconds::max())).size()
        == 3);
  CHECK(ids(watcher.registry_snapshot({.max_age = 61s}))
        == texts{"edge", "bare"});
}

TEST_CASE_METHOD(registry_fixture, "registry reads need a store",
                 "[actors][dendrite_registry]") {
  auto from = orchestrator();
  CHECK(outcome_of(from.find_neurons()) == "no_registry_store");
  CHECK(outcome_of(from.registry_snapshot()) == "no_registry_store");
}

TEST_CASE_METHOD(registry_fixture, "only Neurons enter the store",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  size_t seen = 0;
  REQUIRE(watcher.on_register_signal([&](const signal&) { ++seen; }));
  auto announce = [&](json payload, std::string id) {
    payload["capabilities"] = json::array();
    say(signal_type::REGISTER, std::move(payload), std::move(id), now());
  };
  announce({{"role", "engram"}}, "1");
  announce({{"role", "effector"}}, "2");
  announce({{"role", "wizard"}}, "3");
  announce({{"engram", true}}, "4");
  announce({{"role", "neuron"}}, "");
  announce({{"role", "neuron"}}, "5");
  announce(json::object(), "6");
  CHECK(ids(watcher.find_neurons()) == texts{"5", "6"});
  CHECK(seen == 7);
}

TEST_CASE_METHOD(registry_fixture, "a huge announcement is kept whole",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  json many = json::array();
  for (int i = 0; i < 100'000; ++i)
    many.push_back("capability-" + std::to_string(i));
  say(signal_type::REGISTER, {{"role", "neuron"}, {"capabilities", many}},
      "huge", now());
  auto found = watcher.find_neurons("capability-99999");
  REQUIRE(ids(found) == texts{"huge"});
  CHECK(found->front().capabilities.size() == 100'000);
}

TEST_CASE_METHOD(registry_fixture, "changes refresh the watching Dendrite",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  texts seen;
  REQUIRE(!watcher.on_refresh([&](const dendrite& me, const refresh_event& e) {
    seen.push_back(e.reason + " " + e.neuron_id.value_or("-") + " "
                   + std::to_string(me.find_neurons()->size()));
  }));
  REQUIRE(!watcher.start());
  auto host = peer({"a"});
  sim.advance(30s);
  REQUIRE(!host.stop());
  sim.run();
  CHECK(seen
        == texts{"register a 1", "register a 1", "heartbeat a 1",
                 "deregister a 0"});
}

TEST_CASE_METHOD(registry_fixture, "changes that wait together are one group",
                 "[actors][dendrite_registry]") {
  auto host = with_store();
  for (int i = 0; i < 100; ++i)
    REQUIRE(
      host.attach_axon({.neuron_id = std::to_string(i), .neuron = echo()}));
  REQUIRE(!host.start());
  sim.run();
  auto total = std::accumulate(store->groups.begin(), store->groups.end(), 0u);
  CHECK(total >= 100);
  CHECK(store->groups.size() < total / 10);
}

TEST_CASE_METHOD(registry_fixture,
                 "one bad change does not spoil its neighbours",
                 "[actors][dendrite_registry]") {
  recorded_log log;
  auto host = with_store();
  for (auto id : {"good", "bad \xff", "fine"})
    REQUIRE(host.attach_axon({.neuron_id = id, .neuron = echo()}));
  REQUIRE(!host.start());
  CHECK(ids(host.find_neurons()) == texts{"good", "fine"});
  CHECK(log.count("no valid Unicode") >= 1);
}

// -- faults --------------------------------------------------------------------

TEST_CASE_METHOD(registry_fixture,
                 "a store that does not open keeps a Dendrite from starting",
                 "[actors][dendrite_registry]") {
  store->fault = ec::store_corrupt;
  auto host = with_store();
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  auto err = host.start();
  CHECK(outcome_of(err) == "store_corrupt");
  CHECK(text_of(err).find("moody.db") != std::string::npos);
  sim.advance(100s);
  CHECK(traffic().empty());
  store->fault.reset();
  CHECK(!host.start());
  sim.run();
  CHECK(traffic(signal_type::REGISTER).size() == 1);
}

TEST_CASE_METHOD(registry_fixture, "a store that fails later harms no Signal",
                 "[actors][dendrite_registry]") {
  recorded_log log;
  auto host = with_store();
  size_t beats = 0;
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(!host.start());
  REQUIRE(host.on_heartbeat_signal([&](const signal&) { ++beats; }));
  store->fault = ec::store_io;
  sim.advance(60s);
  CHECK(beats == 2);
  CHECK(log.count("registry-write-failed") >= 2);
  CHECK(outcome_of(host.find_neurons()) == "store_io");
  CHECK(outcome_of(host.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
  CHECK(!host.stop());
}

TEST_CASE_METHOD(registry_fixture, "what a store throws is a fault of it",
                 "[actors][dendrite_registry]") {
  recorded_log log;
  auto host = with_store();
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(!host.start());
  store->throws = true;
  sim.advance(60s);
  CHECK(log.count("registry-write-failed") >= 2);
  CHECK(outcome_of(host.find_neurons()) == "store_io");
  CHECK(outcome_of(with_store().start()) == "store_io");
  // The registry went on and serves old and new.
  store->throws = false;
  CHECK(log.count("registry-down") == 0);
  auto late = with_store();
  REQUIRE(!late.start());
  CHECK(ids(host.find_neurons()) == texts{"a"});
  CHECK(ids(late.find_neurons()) == texts{"a"});
}

TEST_CASE_METHOD(registry_fixture,
                 "changes that wait for a store that throws end nobody",
                 "[actors][dendrite_registry]") {
  auto host = with_store();
  REQUIRE(!host.start());
  store->throws = true;
  axon a{{.neuron_id = "a", .neuron = echo()}};
  caf::anon_send(host.handle(), attach_atom_v, a, true);
  CHECK(outcome_of(with_store().start()) == "store_io");
  store->throws = false;
  sim.advance(30s);
  CHECK(outcome_of(host.find_neurons()) == "ok");
  CHECK(outcome_of(host.dispatch_and_wait({.neuron = "a"})) == "AGENT_OUTPUT");
}

TEST_CASE_METHOD(registry_fixture, "a stop while the store opens wins",
                 "[actors][dendrite_registry]") {
  auto host = with_store();
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  caf::anon_send(host.handle(), start_atom_v);
  deliver(1);
  REQUIRE(!host.stop());
  sim.run();
  CHECK(traffic(signal_type::REGISTER).size()
        == traffic(signal_type::DEREGISTER).size());
}

TEST_CASE_METHOD(registry_fixture, "several Dendrites share one store",
                 "[actors][dendrite_registry]") {
  auto first = with_store({.dendrite_id = "first"});
  auto second = with_store({.dendrite_id = "second"});
  REQUIRE(first.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(second.attach_axon({.neuron_id = "b", .neuron = echo()}));
  REQUIRE(!first.start());
  REQUIRE(!second.start());
  sim.run();
  CHECK(ids(first.find_neurons()) == ids(second.find_neurons()));
  CHECK(ids(first.find_neurons()) == texts{"a", "b"});
}

TEST_CASE_METHOD(registry_fixture, "a dead registry is replaced after a pause",
                 "[actors][dendrite_registry]") {
  recorded_log log;
  auto host = with_store();
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(!host.start());
  kill(sim.runtime().environment()->registry(store));
  sim.run();
  CHECK(log.count("registry-down") == 1);
  auto asked = ask_later<std::vector<neuron_record>>(
    host.handle(), caf::get_atom_v, registry_filter{});
  sim.run();
  CHECK(outcome_of(*asked) == "not_connected");
  REQUIRE(!store->apply({neuron_farewell{"a"}}));
  sim.advance(100ms);
  CHECK(ids(host.find_neurons()) == texts{"a"});
  SECTION("and at once by a start") {
    kill(sim.runtime().environment()->registry(store));
    sim.run();
    REQUIRE(!host.stop());
    REQUIRE(!host.start());
    CHECK(ids(host.find_neurons()) == texts{"a"});
  }
}

// -- sweep ---------------------------------------------------------------------

TEST_CASE_METHOD(registry_fixture, "the silent are struck off, the fresh stay",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  texts stale;
  REQUIRE(!watcher.on_refresh([&](const dendrite&, const refresh_event& e) {
    stale.push_back(e.reason + " " + e.neuron_id.value_or("-"));
  }));
  REQUIRE(!watcher.start());
  REQUIRE(!store->upsert({.neuron_id = "old", .last_heartbeat = now() - 600s}));
  REQUIRE(!store->upsert({.neuron_id = "edge", .last_heartbeat = now() - 60s}));
  REQUIRE(
    !store->upsert({.neuron_id = "never", .registered_at = now() - 600s}));
  REQUIRE(!store->upsert({.neuron_id = "ahead", .last_heartbeat = now() + 1h}));
  auto before = traffic().size();
  sim.advance(30s);
  CHECK(ids(watcher.find_neurons()) == texts{"edge", "ahead"});
  CHECK(stale == texts{"stale old", "stale never"});
  CHECK(traffic().size() == before);
  sim.advance(30s);
  CHECK(ids(watcher.find_neurons()) == texts{"ahead"});
}

TEST_CASE_METHOD(registry_fixture, "the sweep knows every time",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  for (int x : {1, 1600, 1700, 1900, 2100, 2300, 2400, 9999}) {
    timestamp at{std::chrono::sys_days{std::chrono::year{x} / 1 / 1}};
    REQUIRE(!store->upsert({.neuron_id = std::to_string(x),
                            .last_heartbeat = at,
                            .registered_at = at}));
  }
  sim.advance(30s);
  CHECK(ids(watcher.find_neurons()) == texts{"2100", "2300", "2400", "9999"});
}

TEST_CASE_METHOD(registry_fixture,
                 "who is heard of while the sweep looks is not struck off",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  REQUIRE(!store->upsert({.neuron_id = "p", .last_heartbeat = now() - 600s}));
  REQUIRE(!store->upsert({.neuron_id = "q", .last_heartbeat = now() - 600s}));
  signal back = sim.build().make(payload::register_{"neuron", {"c"}, "", false},
                                 {.directed = directed::to("p")});
  store->after_next_list = [&] {
    caf::anon_send(bus.handle(), caf::publish_atom_v,
                   signal_subject("default", signal_type::REGISTER), back);
    sim.run();
  };
  sim.advance(30s);
  CHECK(ids(watcher.find_neurons()) == texts{"p"});
}

TEST_CASE_METHOD(registry_fixture, "the swept come back with a REGISTER",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store({.stale_after = 3s});
  REQUIRE(!watcher.start());
  auto host = peer({"a"}, {.heartbeat = 10s});
  sim.advance(5s);
  CHECK(status_of("a") == "deregistered");
  sim.advance(5s);
  CHECK(ids(watcher.find_neurons()) == texts{"a"});
}

TEST_CASE_METHOD(registry_fixture,
                 "a Dendrite does not strike off its own Axons",
                 "[actors][dendrite_registry]") {
  auto host = with_store({.heartbeat = 0s, .stale_after = 3s});
  REQUIRE(host.attach_axon({.neuron_id = "a", .neuron = echo()}));
  REQUIRE(!host.start());
  sim.advance(60s);
  CHECK(ids(host.find_neurons()) == texts{"a"});
}

TEST_CASE_METHOD(registry_fixture,
                 "without heartbeat nobody is stale by default",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store({.heartbeat = 0s});
  REQUIRE(!watcher.start());
  REQUIRE(!store->upsert({.neuron_id = "old", .last_heartbeat = now() - 600s}));
  sim.advance(600s);
  CHECK(ids(watcher.find_neurons()) == texts{"old"});
}

TEST_CASE_METHOD(registry_fixture, "the sweep rests while the Dendrite does",
                 "[actors][dendrite_registry]") {
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  REQUIRE(!watcher.stop());
  REQUIRE(!store->upsert({.neuron_id = "old", .last_heartbeat = now() - 600s}));
  sim.advance(600s);
  CHECK(status_of("old") == "registered");
}

// -- discovery -----------------------------------------------------------------

TEST_CASE_METHOD(registry_fixture, "a store is warmed up at start",
                 "[actors][dendrite_registry]") {
  auto host = peer({"a", "b"});
  sim.advance(1s);
  auto before = traffic(signal_type::REGISTER).size();
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  sim.run();
  REQUIRE(traffic(signal_type::DISCOVER).size() == 1);
  auto asked = traffic(signal_type::DISCOVER).front();
  CHECK(asked.payload().dump() == "{}");
  CHECK_FALSE(asked.directed());
  // All at once, after a moment that differs from host to host.
  sim.advance(100ms);
  CHECK(traffic(signal_type::REGISTER).size() == before + 2);
  CHECK(ids(watcher.find_neurons()) == texts{"a", "b"});
}

TEST_CASE_METHOD(registry_fixture, "the moment before an answer is chance",
                 "[actors][dendrite_registry]") {
  std::vector<timestamp> answered;
  auto watcher = with_store();
  REQUIRE(!watcher.start());
  REQUIRE(watcher.on_register_signal(
    [&](const signal& sig) { answered.push_back(sig.ts()); }));
  std::vector<dendrite> hosts;
  for (auto id : {"1", "2", "3", "4", "5", "6"})
    hosts.push_back(peer({id}, {.heartbeat = 0s}));
  sim.run();
  answered.clear();
  auto start = now();
  say(signal_type::DISCOVER, json::object(), {}, start);
  sim.advance(100ms);
  REQUIRE(answered.size() == 6);
  std::ranges::sort(answered);
  CHECK(answered.front() >= start);
  CHECK(answered.back() <= start + 100ms);
  CHECK(std::ranges::adjacent_find(answered) == answered.end());
}

TEST_CASE_METHOD(registry_fixture, "DISCOVER is answered by those it asks for",
                 "[actors][dendrite_registry]") {
  auto host = peer({"a", "b"}, {.heartbeat = 0s});
  sim.run();
  auto answers = [&](json filter) {
    auto before = traffic().size();
    say(signal_type::DISCOVER, std::move(filter), {}, now());
    sim.advance(100ms);
    texts result;
    for (auto i = before + 1; i < traffic().size(); ++i)
      result.push_back(std::string{traffic()[i].directed_id()});
    return result;
  };
  CHECK(answers(json::object()) == texts{"a", "b"});
  CHECK(answers({{"neuron", "b"}}) == texts{"b"});
  CHECK(answers({{"neuron", ""}}) == texts{"a", "b"});
  CHECK(answers({{"neuron", "x"}}).empty());
  CHECK(answers({{"capabilities", {"c"}}}) == texts{"a", "b"});
  CHECK(answers({{"capabilities", {"c", "a"}}}) == texts{"a"});
  CHECK(answers({{"capabilities", {"b"}}, {"neuron", "a"}}).empty());
  CHECK(answers({{"capabilities", json::array()}}) == texts{"a", "b"});
}

TEST_CASE_METHOD(registry_fixture, "an on_discover handler replaces the answer",
                 "[actors][dendrite_registry]") {
  auto host = peer({"a"}, {.heartbeat = 0s});
  bool answering = false;
  REQUIRE(host.on_discover([&](const signal& sig) {
    if (answering)
      CHECK(!host.respond_to_discover(sig));
  }));
  sim.run();
  auto before = traffic(signal_type::REGISTER).size();
  say(signal_type::DISCOVER, json::object(), {}, now());
  sim.advance(1s);
  CHECK(traffic(signal_type::REGISTER).size() == before);
  answering = true;
  say(signal_type::DISCOVER, json::object(), {}, now());
  sim.advance(1s);
  CHECK(traffic(signal_type::REGISTER).size() == before + 1);
}

TEST_CASE_METHOD(registry_fixture,
                 "watching a trace does not replace the answer",
                 "[actors][dendrite_registry]") {
  auto host = peer({"a"}, {.heartbeat = 0s});
  sim.run();
  auto before = traffic(signal_type::REGISTER).size();
  signal asked = sim.build().make(payload::discover{});
  size_t seen = 0;
  REQUIRE(host.on_trace(asked.trace_id(), [&](const signal&) { ++seen; }));
  REQUIRE(!bus.publish("cosmonapse.default.DISCOVER", asked));
  sim.advance(1s);
  CHECK(seen == 1);
  CHECK(traffic(signal_type::REGISTER).size() == before + 1);
}

TEST_CASE_METHOD(registry_fixture, "respond_to_discover takes a DISCOVER alone",
                 "[actors][dendrite_registry]") {
  auto host = peer({"a"});
  CHECK(outcome_of(host.respond_to_discover(sim.build().make(payload::plan{})))
        == "protocol_violation");
}
