// SPDX-License-Identifier: Apache-2.0
#include "environment.hpp"
#include "support/bed.hpp"
#include "support/odd_engram.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// One flow of each kind at the same time, and a participant that dies at a
/// message boundary that a seed decides.
class flow_storm : public bed {
public:
  /// Who may die.
  static constexpr std::array victims{
    "nobody",  "axon",    "host",  "dispatcher",  "engram",
    "storage", "synapse", "retry", "memory host", "pathway"};

  /// Actors that are gone for good: Dendrites are not replaced, and nobody
  /// keeps the Engram's actor without its Dendrite.
  static size_t losses(std::string_view victim) {
    if (victim == "memory host")
      return 2;
    return victim == "host" || victim == "dispatcher" ? 1 : 0;
  }

  explicit flow_storm(uint64_t seed) : bed(seed), chance_(seed) {
    REQUIRE(!from_.start());
    host_ = hosting("host", "n");
    other_ = hosting("other", "m");
    REQUIRE(memory_.attach_engram(odd_));
    REQUIRE(!memory_.start());
    sim.run();
  }

  void blow(std::string_view victim) {
    auto last = chance_.next() % actions;
    for (uint64_t i = 0; i < actions; ++i) {
      begin_one();
      for (auto steps = chance_.next() % 25; steps > 0; --steps)
        sim.step();
      if (i == last)
        kill_one(victim);
    }
    // Whatever has a deadline has had it by then.
    sim.advance(5min);
  }

  /// Everybody who asked has an answer or a named error.
  void check_answers(bool dispatcher_died) {
    for (auto& [what, answered] : answers_) {
      CAPTURE(what);
      auto outcome = answered();
      CHECK(outcome != "nothing yet");
      // A caller whose Dendrite died is told by CAF, which the facade
      // translates.
      if (!dispatcher_died)
        CHECK(named(outcome));
    }
  }

  /// How the flows ended, to see that the storm blows.
  void count(std::map<std::string, size_t>& outcomes) {
    for (auto& [what, answered] : answers_)
      ++outcomes[what + ": " + answered()];
    for (auto& ack : traffic(signal_type::STOPPED))
      if (auto report = ack.meta().find("rollback");
          report != ack.meta().end()
          && std::ranges::count((*report)["engrams"], "odd") > 0
          && ack.get_if<payload::stopped>()->compensated > 0)
        ++outcomes[(*report)["complete"] == true ? "undone" : "undone in part"];
    outcomes["restarts"] += traffic(signal_type::DEREGISTER).size();
    outcomes["awards"] += traffic(signal_type::TASK_AWARDED).size();
  }

  /// At most one FINAL or ERROR for each TASK or award.
  void check_terminals() {
    std::map<std::string, int> ends;
    for (auto type : {signal_type::FINAL, signal_type::ERROR})
      for (auto& sig : traffic(type))
        ++ends[*sig.parent_id()];
    for (auto& [parent, count] : ends) {
      CAPTURE(parent);
      CHECK(count == 1);
    }
  }

  /// No offer was run twice.
  void check_awards() {
    for (auto& [offer, runs] : runs_) {
      CAPTURE(offer);
      CHECK(runs <= 1);
    }
  }

  /// What was rolled back is not seen, unless somebody has said so.
  void check_memory() {
    if (from_gone_)
      return;
    auto found = from_.recall({.engram_id = "odd", .deadline = 1min});
    if (!found)
      return;
    std::set<std::string> told;
    for (auto& ack : traffic(signal_type::STOPPED))
      if (auto report = ack.meta().find("rollback");
          report != ack.meta().end() && (*report)["complete"] == true
          && std::ranges::count((*report)["engrams"], "odd") > 0)
        told.insert(ack.trace_id());
    for (auto& hit : *found) {
      auto trace = hit.entry.at("content").get<std::string>();
      CAPTURE(trace);
      CHECK_FALSE(told.contains(trace));
    }
  }

  /// Stops everybody. @returns how many actors there are then.
  size_t calm() {
    for (auto& d : {from_, host_, other_, memory_})
      (void)d.stop();
    paths_.clear();
    answers_.clear();
    sim.run();
    return sim.actors_alive() - sim.runtime().environment()->idle_workers();
  }

private:
  static constexpr uint64_t actions = 8;

  void begin_one() {
    switch (chance_.next() % 5) {
      case 0:
        return dispatch();
      case 1:
        return open();
      case 2:
        return offer();
      case 3:
        return retry();
      default:
        return stop();
    }
  }

  /// A trace of its own for each flow.
  std::string next_trace() {
    return traces_.emplace_back("trc_" + std::to_string(traces_.size()));
  }

  static bool named(const std::string& outcome) {
    static const std::set<std::string> names{
      "ok", "AGENT_OUTPUT", "FINAL", "ERROR AXON_EXCEPTION recoverable",
      "ERROR DENDRITE_STOPPED recoverable", "ERROR BUSY recoverable", "timeout",
      "pathway_closed", "not_connected", "engram_timeout", "engram_cancelled",
      // A retry that was killed breaks its promise.
      "caf::sec::broken_promise", "broken_promise",
      "caf::sec::request_receiver_down", "request_receiver_down"};
    return names.contains(outcome.substr(0, outcome.find('(')));
  }

  dendrite hosting(std::string id, std::string neuron_id) {
    auto result = worker(std::move(id));
    REQUIRE(result.attach_axon(
      {.neuron_id = std::move(neuron_id),
       .neuron = busy(),
       .capabilities = {"x"},
       .engrams
       = {{.name = "memory", .directed_id = "odd", .default_deadline = 10s}}}));
    REQUIRE(!result.start());
    return result;
  }

  /// Writes its trace into the Engram, and fails every other time.
  any_neuron busy() {
    return [this](const json& input, const json&,
                  const neuron_io& io) -> caf::expected<json> {
      if (auto offer = input.value("offer", ""); !offer.empty())
        ++runs_[offer];
      auto receipt
        = io.imprint("memory", {.op = "append",
                                .entry = {{"content", io.scope().trace_id}},
                                .await_ack = true});
      if (!receipt || ++calls_ % 2 == 0)
        return json{
          {"__error__", true}, {"code", "BUSY"}, {"recoverable", true}};
      return json::object();
    };
  }

  template <class T>
  void expect(std::string what, answer<T> reply) {
    answers_.emplace_back(std::move(what),
                          [reply] { return outcome_of(*reply); });
  }

  void dispatch() {
    expect("dispatch", dispatch_later(from_, {.neuron = "n",
                                              .trace_id = next_trace(),
                                              .scope = scope::terminal}));
  }

  void open() {
    auto opened = ask_later<opened_pathway>(
      from_.handle(), dispatch_atom_v,
      dispatch_options{.capabilities = {"x"}, .trace_id = next_trace()});
    paths_.push_back(opened);
    expect("open", opened);
  }

  void offer() {
    auto trace_id = next_trace();
    auto opened = ask_later<opened_pathway>(
      from_.handle(), offer_atom_v,
      offer_options{.input = {{"offer", trace_id}},
                    .capabilities = {"x"},
                    .deadline = 20ms,
                    .select = bid_selection::lowest_cost,
                    .trace_id = trace_id});
    paths_.push_back(opened);
    expect("offer", opened);
  }

  void retry() {
    expect("retry", dispatch_later(from_, {.neuron = "m",
                                           .retry = retry_strategy{
                                             .timeout = 20s,
                                             .backoff = constant_backoff(10ms),
                                             .rollback_on_retry = true}}));
  }

  /// Of one of the flows that were begun.
  void stop() {
    if (traces_.empty())
      return dispatch();
    signal stop = sim.build().make(
      payload::stop{true, "storm"},
      {.trace_id = traces_[chance_.next() % traces_.size()]});
    expect("stop", ask_later<std::vector<signal>>(from_.handle(), emit_atom_v,
                                                  stop, caf::timespan{1min}));
  }

  void kill_one(std::string_view victim) {
    if (victim == "axon") {
      if (auto hdl = present(host_, "n"))
        kill(hdl);
    } else if (victim == "host") {
      kill(host_.handle());
    } else if (victim == "dispatcher") {
      from_gone_ = true;
      kill(from_.handle());
    } else if (victim == "memory host") {
      kill(memory_.handle());
    } else if (victim == "engram") {
      for (auto& child : children_of(memory_))
        kill(child.handle);
    } else if (victim == "storage") {
      odd_->break_writes = 1;
      odd_->break_rollbacks = 1;
    } else if (victim == "synapse") {
      kill(bus.handle());
    } else if (victim == "retry") {
      for (auto& child : children_of(from_))
        if (child.id.starts_with("retry-"))
          kill(child.handle);
    } else if (victim == "pathway") {
      for (auto& path : paths_)
        if (*path && **path)
          kill((**path)->handle);
    }
  }

  std::vector<child_info> children_of(const dendrite& host) {
    auto tree = ask_later<child_info>(host.handle(), caf::get_atom_v);
    for (int i = 0; i < 50 && !*tree; ++i)
      sim.deliver_one();
    REQUIRE(*tree);
    REQUIRE(**tree);
    return (**tree)->children;
  }

  caf::strong_actor_ptr present(const dendrite& host, std::string neuron_id) {
    auto hdl = ask_later<caf::strong_actor_ptr>(host.handle(), caf::get_atom_v,
                                                std::move(neuron_id));
    for (int i = 0; i < 50 && !*hdl; ++i)
      sim.deliver_one();
    return *hdl && **hdl ? ***hdl : nullptr;
  }

  seeded_random chance_;
  std::shared_ptr<odd_engram> odd_ = std::make_shared<odd_engram>();
  dendrite from_ = orchestrator();
  dendrite host_ = worker("unused");
  dendrite other_ = worker("unused");
  dendrite memory_ = worker("memory");
  bool from_gone_ = false;
  std::vector<std::pair<std::string, std::function<std::string()>>> answers_;
  std::vector<answer<opened_pathway>> paths_;
  std::map<std::string, int> runs_;
  int calls_ = 0;
  std::vector<std::string> traces_;
};

} // namespace

TEST_CASE("whoever dies whenever, flows end by the rules",
          "[actors][flow_storm]") {
  recorded_log log;
  // Where nothing has happened, nothing is left but this.
  const auto base = flow_storm{0}.calm();
  std::map<std::string, size_t> outcomes;
  for (uint64_t seed = 1; seed <= 1'000; ++seed) {
    auto victim = flow_storm::victims[seed % flow_storm::victims.size()];
    CAPTURE(seed, victim);
    flow_storm storm{seed};
    storm.blow(victim);
    storm.check_answers(victim == "dispatcher"sv);
    storm.check_terminals();
    storm.check_awards();
    storm.check_memory();
    storm.count(outcomes);
    // Nothing is left over, whenever it happened.
    CHECK(storm.calm() == base - flow_storm::losses(victim));
  }
  // The storm did blow.
  CHECK(outcomes["undone"] > 100);
  CHECK(outcomes["restarts"] > 50);
  CHECK(outcomes["retry: AGENT_OUTPUT"] > 100);
  CHECK(outcomes["dispatch: pathway_closed"] > 0);
  CHECK(outcomes["offer: timeout"] + outcomes["offer: pathway_closed"] > 10);
  CHECK(outcomes["awards"] > 100);
}
