// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// Asks back until its input answers.
any_neuron asker() {
  return [](const json& input, const json&) -> json {
    if (auto answer = input.find("clarification"); answer != input.end())
      return {{"heard", *answer}};
    return {{"__clarification__", true}, {"question", "which one?"}};
  };
}

struct decisions_fixture : bed {
  dendrite from = orchestrator();
  dendrite other = orchestrator("other");

  decisions_fixture() {
    REQUIRE(!from.start());
    REQUIRE(!other.start());
  }

  template <class P>
  signal ask(P payload, std::string trace = "trc_1", std::string who = "n") {
    return sim.build().make(
      std::move(payload),
      {.trace_id = std::move(trace), .directed = directed::to(who)});
  }

  signal question(std::string trace = "trc_1") {
    return ask(payload::clarification{.question = "which?"}, std::move(trace));
  }

  signal request(std::string trace = "trc_1") {
    return ask(payload::permission{.action = "delete"}, std::move(trace));
  }

  answer<signal> await_later(const signal& what, caf::timespan timeout = 30s) {
    return ask_later<signal>(from.handle(), await_atom_v, what, timeout);
  }
};

std::string to_text(const signal& sig) {
  return sig.payload().dump();
}

} // namespace

// -- discrete answers ----------------------------------------------------------

TEST_CASE_METHOD(decisions_fixture,
                 "an answer names its question and its giver",
                 "[actors][dendrite_decisions]") {
  auto asked = question();
  auto given = from.answer_clarification(asked, "the blue one");
  REQUIRE(given);
  CHECK(given->type() == signal_type::CLARIFICATION_ANSWER);
  CHECK(given->trace_id() == asked.trace_id());
  CHECK(given->parent_id() == asked.id());
  CHECK(given->directed_id() == "orchestrator");
  CHECK(to_text(*given) == R"({"answer":"the blue one"})");
}

TEST_CASE_METHOD(decisions_fixture, "a verdict says as much as it was told",
                 "[actors][dendrite_decisions]") {
  auto asked = request();
  CHECK(to_text(*from.grant_permission(asked)) == R"({"granted":true})");
  CHECK(to_text(*from.grant_permission(asked, "fine", 1500ms))
        == R"({"granted":true,"reason":"fine","ttl_ms":1500})");
  CHECK(to_text(*from.deny_permission(asked, "no way"))
        == R"({"granted":false,"reason":"no way"})");
}

TEST_CASE_METHOD(decisions_fixture, "workers may answer",
                 "[actors][dendrite_decisions]") {
  auto host = worker();
  CHECK(outcome_of(host.answer_clarification(question(), 1))
        == "CLARIFICATION_ANSWER");
  CHECK(outcome_of(host.grant_permission(request())) == "PERMISSION_DECISION");
  CHECK(outcome_of(host.deny_permission(request())) == "PERMISSION_DECISION");
}

TEST_CASE_METHOD(decisions_fixture, "an answer to another type is refused",
                 "[actors][dendrite_decisions]") {
  auto wrong = from.answer_clarification(request(), 1);
  CHECK(outcome_of(wrong) == "protocol_violation");
  CHECK(text_of(wrong).find("PERMISSION") != std::string::npos);
  CHECK(outcome_of(from.grant_permission(question())) == "protocol_violation");
  CHECK(outcome_of(from.deny_permission(question())) == "protocol_violation");
  auto decision = from.grant_permission(request());
  CHECK(outcome_of(from.await_decision(*decision)) == "protocol_violation");
  sim.run();
  CHECK(traffic().size() == 1);
}

// -- waiting -------------------------------------------------------------------

TEST_CASE_METHOD(decisions_fixture, "a wait gets the answer that comes",
                 "[actors][dendrite_decisions]") {
  auto asked = question();
  auto waiting = await_later(asked);
  sim.run();
  CHECK(outcome_of(*waiting) == "nothing yet");
  auto given = other.answer_clarification(asked, 1);
  sim.run();
  REQUIRE(*waiting);
  CHECK((*waiting)->value().id() == given->id());
}

TEST_CASE_METHOD(decisions_fixture,
                 "a wait gets the answer that came before it",
                 "[actors][dendrite_decisions]") {
  REQUIRE(!from.ensure_subscribed({signal_type::PERMISSION_DECISION}));
  auto asked = request();
  REQUIRE(other.deny_permission(asked));
  REQUIRE(other.grant_permission(asked));
  sim.run();
  auto decision = from.await_decision(asked);
  REQUIRE(decision);
  CHECK(decision->parent_id() == asked.id());
  CHECK(decision->get_if<payload::permission_decision>()->granted == false);
  // It is taken once, and the second one never counts.
  CHECK(outcome_of(from.await_decision(asked, 1s)) == "timeout");
}

TEST_CASE_METHOD(decisions_fixture, "concurrent questions never swap answers",
                 "[actors][dendrite_decisions]") {
  // Every order of asking, waiting and answering, two questions at a time.
  for (unsigned order = 0; order < 64; ++order) {
    CAPTURE(order);
    auto trace = sim.runtime().new_trace_id();
    signal asked[] = {question(trace), question(trace)};
    answer<signal> waiting[2];
    signal given[2];
    REQUIRE(!from.ensure_subscribed({signal_type::CLARIFICATION_ANSWER}));
    auto act = [&](unsigned who, bool answering) {
      if (answering)
        given[who] = *other.answer_clarification(asked[who], who);
      else
        waiting[who] = await_later(asked[who]);
      if (order & 32)
        sim.run();
    };
    auto first = order & 1;
    act(first, order & 2);
    if (order & 4) {
      act(1 - first, order & 8);
      act(first, !(order & 2));
    } else {
      act(first, !(order & 2));
      act(1 - first, order & 8);
    }
    act(1 - first, !(order & 8));
    sim.run();
    for (auto i : {0, 1}) {
      REQUIRE(*waiting[i]);
      REQUIRE(**waiting[i]);
      CHECK((*waiting[i])->value().id() == given[i].id());
    }
  }
}

TEST_CASE_METHOD(decisions_fixture, "an answer is taken by one wait alone",
                 "[actors][dendrite_decisions]") {
  auto asked = question();
  auto waiting = await_later(asked);
  sim.run();
  CHECK(outcome_of(from.await_decision(asked)) == "already_exists");
  REQUIRE(other.answer_clarification(asked, 1));
  sim.run();
  CHECK(outcome_of(*waiting) == "CLARIFICATION_ANSWER");
}

TEST_CASE_METHOD(decisions_fixture,
                 "each waiting Dendrite takes the answer once",
                 "[actors][dendrite_decisions]") {
  auto asked = question();
  auto here = await_later(asked);
  auto there = ask_later<signal>(other.handle(), await_atom_v, asked,
                                 caf::timespan{30s});
  sim.run();
  REQUIRE(orchestrator("third").answer_clarification(asked, 1));
  sim.run();
  CHECK(outcome_of(*here) == "CLARIFICATION_ANSWER");
  CHECK(outcome_of(*there) == "CLARIFICATION_ANSWER");
}

TEST_CASE_METHOD(decisions_fixture,
                 "an answer on another trace answers nothing",
                 "[actors][dendrite_decisions]") {
  auto asked = question();
  auto astray
    = sim.build().make(payload::clarification_answer{.answer = "astray"},
                       {.trace_id = "trc_2",
                        .parent_id = asked.id(),
                        .directed = directed::to("other")});
  SECTION("that comes during the wait") {
    auto waiting = await_later(asked);
    sim.run();
    REQUIRE(!other.emit(astray));
    sim.run();
    CHECK(outcome_of(*waiting) == "nothing yet");
    REQUIRE(other.answer_clarification(asked, "right"));
    sim.run();
    CHECK(outcome_of(*waiting) == "CLARIFICATION_ANSWER");
  }
  SECTION("that came before the wait") {
    REQUIRE(!from.ensure_subscribed({signal_type::CLARIFICATION_ANSWER}));
    REQUIRE(!other.emit(astray));
    sim.run();
    CHECK(outcome_of(from.await_decision(asked, 1s)) == "timeout");
  }
}

TEST_CASE_METHOD(decisions_fixture, "a wait for an answer ends in time",
                 "[actors][dendrite_decisions]") {
  auto waiting = await_later(question(), 5s);
  sim.advance(5s - 1ns);
  CHECK(outcome_of(*waiting) == "nothing yet");
  sim.advance(1ns);
  CHECK(outcome_of(*waiting) == "timeout");
}

TEST_CASE_METHOD(decisions_fixture, "the end of the trace ends the wait",
                 "[actors][dendrite_decisions]") {
  emit_options about{.trace_id = "trc_1", .parent_id = "evt_1"};
  auto end = [&](int how) {
    switch (how) {
      case 0:
        return outcome_of(other.emit_final({}, about));
      case 1:
        return outcome_of(other.emit_error({.code = "c"}, about));
      case 2:
        return outcome_of(
          other.emit(sim.build().make(payload::stop{}, {.trace_id = "trc_1"})));
      default:
        return outcome_of(from.stop());
    }
  };
  for (int how = 0; how < 4; ++how) {
    CAPTURE(how);
    auto waiting = await_later(question());
    auto elsewhere = await_later(question("trc_2"));
    sim.run();
    end(how);
    sim.run();
    CHECK(outcome_of(*waiting) == "pathway_closed");
    CHECK(outcome_of(*elsewhere)
          == (how == 3 ? "pathway_closed" : "nothing yet"));
  }
}

TEST_CASE_METHOD(decisions_fixture,
                 "a dead Dendrite leaves nobody waiting for an answer",
                 "[actors][dendrite_decisions]") {
  auto waiting = await_later(question());
  sim.run();
  kill(from.handle());
  sim.run();
  CHECK(outcome_of(*waiting) != "nothing yet");
}

// -- answering by running the asker again --------------------------------------

TEST_CASE_METHOD(decisions_fixture,
                 "a clarified Neuron runs again on the same trace",
                 "[actors][dendrite_decisions]") {
  auto host = serving("a", asker());
  auto asked = from.dispatch_and_wait({.neuron = "a"});
  REQUIRE(outcome_of(asked) == "CLARIFICATION");
  auto task
    = from.respond_to_clarification(*asked, "blue", {.extra = {{"by", "me"}}});
  REQUIRE(task);
  CHECK(task->trace_id() == asked->trace_id());
  CHECK(task->parent_id() == asked->id());
  CHECK(task->directed_id() == "a");
  CHECK(to_text(*task)
        == R"({"input":{"clarification":{"question":"which one?",)"
           R"("answer":"blue","by":"me"}}})");
  sim.run();
  CHECK(story(asked->trace_id()) == "TASK CLARIFICATION TASK AGENT_OUTPUT");
}

TEST_CASE_METHOD(decisions_fixture,
                 "a Dendrite that hosts the asker answers it itself",
                 "[actors][dendrite_decisions]") {
  REQUIRE(from.add_axon({.neuron_id = "a", .neuron = asker()}));
  REQUIRE(from.on_clarification(
    [&](const signal& sig) { (void)from.respond_to_clarification(sig, 42); }));
  auto final
    = from.dispatch_and_wait({.neuron = "a", .scope = scope::terminal});
  REQUIRE(outcome_of(final) == "FINAL");
  CHECK(final->output()["heard"]["answer"] == 42);
  sim.run();
  CHECK(story(final->trace_id())
        == "TASK CLARIFICATION TASK AGENT_OUTPUT FINAL");
}

TEST_CASE_METHOD(decisions_fixture,
                 "a follow-up is finalised like what it follows",
                 "[actors][dendrite_decisions]") {
  auto finalize = [&](const signal& asked, respond_options how = {}) {
    auto task = from.respond_to_clarification(asked, 1, std::move(how));
    return task && task->get_if<payload::task>()->finalize;
  };
  auto opened = from.dispatch({.neuron = "a", .scope = scope::terminal});
  REQUIRE(opened);
  auto asked = question(opened->trace_id());
  CHECK(finalize(asked));
  CHECK_FALSE(finalize(asked, {.finalize = false}));
  CHECK_FALSE(finalize(question("trc_other")));
  auto plain = from.dispatch({.neuron = "a"});
  CHECK_FALSE(finalize(question(plain->trace_id())));
  opened->close();
  sim.run();
  CHECK_FALSE(finalize(asked));
}

TEST_CASE_METHOD(decisions_fixture, "a permission's answer carries the verdict",
                 "[actors][dendrite_decisions]") {
  auto input = [&](payload::permission_decision verdict) {
    auto task = from.respond_to_permission(request(), std::move(verdict));
    return task ? task->payload()["input"]["permission"].dump() : "refused";
  };
  CHECK(input({true, {}, {}}) == R"({"action":"delete","granted":true})");
  CHECK(input({true, "ok", 500})
        == R"({"action":"delete","granted":true,"reason":"ok","ttl_ms":500})");
  CHECK(input({false, "no", 500})
        == R"({"action":"delete","granted":false,"reason":"no"})");
}

TEST_CASE_METHOD(decisions_fixture, "an escalation goes where it points",
                 "[actors][dendrite_decisions]") {
  payload::escalation what{"too hard", "expert", json{{"tries", 3}}};
  auto escalation = ask(what);
  auto task = from.respond_to_escalation(escalation);
  REQUIRE(task);
  CHECK(task->directed_id() == "expert");
  CHECK(to_text(*task)
        == R"({"input":{"escalation":{"reason":"too hard",)"
           R"("context":{"tries":3},"from":"n"}}})");
  auto other_way = from.respond_to_escalation(
    escalation, {.neuron = "somebody"}, {{"do", "this"}});
  REQUIRE(other_way);
  CHECK(other_way->directed_id() == "somebody");
  CHECK(to_text(*other_way) == R"({"input":{"do":"this"}})");
  auto bare = from.respond_to_escalation(
    sim.build().make(payload::escalation{"why"}), {.neuron = "x"});
  REQUIRE(bare);
  CHECK(bare->payload()["input"]["escalation"].dump()
        == R"({"reason":"why","context":null,"from":null})");
}

TEST_CASE_METHOD(decisions_fixture, "a response needs somebody to run",
                 "[actors][dendrite_decisions]") {
  signal nobody = sim.build().make(payload::clarification{});
  CHECK(outcome_of(from.respond_to_clarification(nobody, 1))
        == "protocol_violation");
  CHECK(outcome_of(from.respond_to_clarification(nobody, 1, {.neuron = "x"}))
        == "TASK");
  CHECK(outcome_of(from.respond_to_escalation(ask(payload::escalation{"why"})))
        == "protocol_violation");
}

TEST_CASE_METHOD(decisions_fixture, "an empty Neuron counts as not given",
                 "[actors][dendrite_decisions]") {
  respond_options how{.neuron = ""};
  auto clarified = from.respond_to_clarification(question(), 1, how);
  REQUIRE(clarified);
  CHECK(clarified->directed_id() == "n");
  auto escalated = from.respond_to_escalation(
    ask(payload::escalation{"why", "expert", {}}), how);
  REQUIRE(escalated);
  CHECK(escalated->directed_id() == "expert");
}

TEST_CASE_METHOD(decisions_fixture, "the input for a helper is an object",
                 "[actors][dendrite_decisions]") {
  auto escalation = ask(payload::escalation{"why", "expert", {}});
  for (const auto& extra : {json{}, json{{"by", "me"}}}) {
    respond_options how;
    if (!extra.is_null())
      how.extra = extra;
    for (const auto& input : {json{1}, json("text"), json(7)})
      CHECK(outcome_of(from.respond_to_escalation(escalation, how, input))
            == "bad_argument");
  }
  sim.run();
  CHECK(traffic().empty());
}

TEST_CASE_METHOD(decisions_fixture, "a response to the wrong type is refused",
                 "[actors][dendrite_decisions]") {
  CHECK(outcome_of(from.respond_to_clarification(request(), 1))
        == "protocol_violation");
  CHECK(outcome_of(from.respond_to_permission(question(), {}))
        == "protocol_violation");
  CHECK(outcome_of(from.respond_to_escalation(question()))
        == "protocol_violation");
  CHECK(outcome_of(from.respond_to_clarification(question(), 1, {.extra = 7}))
        == "bad_argument");
}

TEST_CASE_METHOD(decisions_fixture, "workers may not run the asker again",
                 "[actors][dendrite_decisions]") {
  auto host = worker();
  CHECK(outcome_of(host.respond_to_clarification(question(), 1))
        == "protocol_violation");
  CHECK(outcome_of(host.respond_to_permission(request(), {}))
        == "protocol_violation");
  CHECK(outcome_of(host.respond_to_escalation(
          ask(payload::escalation{"why", "expert", {}})))
        == "protocol_violation");
}
