// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/recorded_log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

struct axon_fixture : bed {
  /// Serves `what` and returns the answer to one TASK.
  signal ask(axon what, dispatch_options options = {}) {
    auto host = serving(what);
    options.neuron = what.neuron_id();
    auto reply = from.dispatch_and_wait(std::move(options));
    REQUIRE(reply);
    return *reply;
  }

  dendrite from = orchestrator();
};

/// Both kinds of Neuron take different ways through the Axon.
any_neuron echo_of_kind(std::string_view kind) {
  auto body = [](const json& input, const json& context) {
    return json{{"input", input}, {"context", context}};
  };
  if (kind == "plain")
    return body;
  return neuron::async(
    [body](const json& input, const json& context, neuron_io,
           neuron_promise done) { done.deliver(body(input, context)); });
}

json from_text(const char* text) {
  return json::parse(text);
}

} // namespace

// -- options ---------------------------------------------------------------------

TEST_CASE("an Axon without id or Neuron is refused by name", "[actors][axon]") {
  CHECK(outcome_of(axon{}.check()) == "bad_config");
  CHECK(text_of(axon{{.neuron = echo()}}.check()).find("neuron_id")
        != std::string::npos);
  CHECK(text_of(axon{{.neuron_id = "a"}}.check()).find("neuron is missing")
        != std::string::npos);
  CHECK(text_of(
          axon{{.neuron_id = "a", .neuron = echo(), .concurrency = 0}}.check())
          .find("concurrency")
        != std::string::npos);
  CHECK(outcome_of(axon{{.neuron_id = "a", .neuron = echo()}}.check()) == "ok");
}

TEST_CASE("what a Neuron's factory complained about comes up at the Axon",
          "[actors][axon]") {
  axon what{{.neuron_id = "a",
             .neuron = caf::expected<any_neuron>{
               make_error(ec::bad_config, "model is required")}}};
  CHECK(outcome_of(what.check()) == "bad_config");
  CHECK(text_of(what.check()) == "model is required");
}

TEST_CASE("an Axon covers what it offers, by exact text", "[actors][axon]") {
  axon what{{.neuron_id = "a",
             .neuron = echo(),
             .capabilities = {"chat", "greet", "sum"}}};
  CHECK(what.covers({"greet"}));
  CHECK(what.covers({"sum", "chat"}));
  CHECK(what.covers({}));
  CHECK_FALSE(what.covers({"Greet"}));
  CHECK_FALSE(what.covers({"greet", "sing"}));
}

TEST_CASE("an Axon belongs to one Dendrite at a time", "[actors][axon]") {
  axon what{{.neuron_id = "a", .neuron = echo()}};
  int one = 0;
  int two = 0;
  CHECK(outcome_of(what.attach_to(&one)) == "ok");
  CHECK(outcome_of(what.attach_to(&one)) == "ok");
  CHECK(outcome_of(what.attach_to(&two)) == "already_attached");
  what.detach();
  CHECK(outcome_of(what.attach_to(&two)) == "ok");
}

TEST_CASE("copies of an Axon are the same Axon", "[actors][axon]") {
  axon what{{.neuron_id = "a", .neuron = echo()}};
  auto copy = what;
  copy.before_task([](const json&) { return std::nullopt; });
  CHECK(what.current_hooks()->before_task.size() == 1);
}

// -- one TASK --------------------------------------------------------------------

TEST_CASE_METHOD(axon_fixture, "a reply names its TASK, trace and Neuron",
                 "[actors][axon]") {
  auto reply = ask({{.neuron_id = "a", .neuron = echo()}},
                   {.input = {{"x", 1}}, .meta = {{"own", true}}});
  auto task = traffic(signal_type::TASK).at(0);
  CHECK(outcome_of(reply) == "AGENT_OUTPUT");
  CHECK(reply.trace_id() == task.trace_id());
  CHECK(reply.parent_id() == task.id());
  CHECK(reply.directed() == directed::to("a"));
  CHECK(reply.meta() == json::object());
  CHECK(reply.output() == json{{"echo", {{"x", 1}}}});
}

TEST_CASE_METHOD(axon_fixture, "the context of a TASK is fetched first",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  auto fetcher = [](const std::string& ref) {
    return caf::expected<json>{json::array({ref + "!"})};
  };
  axon what{{.neuron_id = "a",
             .neuron = echo_of_kind(kind),
             .context_fetcher = fetcher}};
  CHECK(ask(what, {.context_ref = "ctx"}).output()["context"]
        == json::array({"ctx!"}));
}

TEST_CASE_METHOD(axon_fixture, "a context that cannot be had is empty",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  recorded_log log;
  auto fetcher = [](const std::string&) -> caf::expected<json> {
    throw std::runtime_error{"no store"};
  };
  axon what{{.neuron_id = "a",
             .neuron = echo_of_kind(kind),
             .context_fetcher = fetcher}};
  CHECK(ask(what, {.context_ref = "ctx"}).output()["context"] == json::array());
  CHECK(log.count("no store") == 1);
}

TEST_CASE_METHOD(axon_fixture, "before_task hooks rewrite the input in order",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  axon what{{.neuron_id = "a", .neuron = echo_of_kind(kind)}};
  what.before_task([](const json&) { return json{{"n", 1}}; });
  what.before_task([](const json&) { return std::nullopt; });
  what.before_task(
    [](const json& input) { return json{{"n", input["n"].get<int>() + 1}}; });
  CHECK(ask(what, {.input = {{"n", 9}}}).output()["input"] == json{{"n", 2}});
}

TEST_CASE_METHOD(axon_fixture, "a before_task hook that throws rejects a TASK",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  axon what{{.neuron_id = "a", .neuron = echo_of_kind(kind)}};
  what.before_task([](const json&) -> std::optional<json> {
    throw std::runtime_error{"not on a Sunday"};
  });
  auto reply = ask(what);
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply.payload()["message"] == "not on a Sunday");
}

TEST_CASE_METHOD(axon_fixture, "detectors decide the type of the reply",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  axon what{{.neuron_id = "a", .neuron = echo_of_kind(kind)}};
  SECTION("none matches") {
    what.detects_error([](const json&) { return std::nullopt; });
    CHECK(outcome_of(ask(what)) == "AGENT_OUTPUT");
  }
  SECTION("output") {
    what.detects_output([](const json&) { return json{{"new", 1}}; });
    CHECK(ask(what).output() == json{{"new", 1}});
  }
  SECTION("permission") {
    what.detects_output([](const json&) { return json{{"new", 1}}; });
    what.detects_permission([](const json&) { return json{{"action", "x"}}; });
    CHECK(outcome_of(ask(what)) == "PERMISSION");
  }
  SECTION("clarification") {
    what.detects_permission([](const json&) { return json{{"action", "x"}}; });
    what.detects_clarification(
      [](const json&) { return json{{"question", "q"}}; });
    CHECK(ask(what).payload()["question"] == "q");
  }
  SECTION("error") {
    what.detects_clarification(
      [](const json&) { return json{{"question", "q"}}; });
    what.detects_error([](const json&) { return json{{"code", "BAD"}}; });
    CHECK(outcome_of(ask(what)) == "ERROR BAD");
  }
  SECTION("throwing") {
    what.detects_error([](const json&) -> std::optional<json> {
      throw std::runtime_error{"detector's fault"};
    });
    CHECK(outcome_of(ask(what)) == "ERROR NEURON_EXCEPTION");
  }
}

TEST_CASE_METHOD(axon_fixture, "the parser comes before the detectors",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  axon what{{.neuron_id = "a",
             .neuron = echo_of_kind(kind),
             .output_parser = [](json) { return json("parsed"); }}};
  SECTION("alone") {
    CHECK(ask(what).output() == json{{"value", "parsed"}});
  }
  SECTION("with a detector") {
    what.detects_output([](const json& raw) { return json{{"saw", raw}}; });
    CHECK(ask(what).output() == json{{"saw", "parsed"}});
  }
}

TEST_CASE_METHOD(axon_fixture, "a parser that throws is the Neuron's failure",
                 "[actors][axon]") {
  const auto kind = GENERATE("plain", "async");
  CAPTURE(kind);
  auto reply = ask({{.neuron_id = "a",
                     .neuron = echo_of_kind(kind),
                     .output_parser = [](json) -> json {
                       throw std::runtime_error{"unreadable"};
                     }}});
  CHECK(outcome_of(reply) == "ERROR NEURON_EXCEPTION");
  CHECK(reply.payload()["message"] == "unreadable");
}

TEST_CASE_METHOD(axon_fixture, "markers choose the type of the reply",
                 "[actors][axon]") {
  const auto row = GENERATE(
    std::pair{R"({"__error__":true,"code":"REFUSED","recoverable":1})",
              "ERROR REFUSED recoverable"},
    std::pair{R"({"__error__":true})", "ERROR NEURON_ERROR"},
    std::pair{R"({"__clarification__":true,"question":"q"})", "CLARIFICATION"},
    std::pair{R"({"__permission__":true,"action":"a"})", "PERMISSION"},
    std::pair{R"({"response":"r"})", "AGENT_OUTPUT"});
  auto reply = ask({{.neuron_id = "a", .neuron = [&](const json&, const json&) {
                       return from_text(row.first);
                     }}});
  CHECK(outcome_of(reply) == row.second);
  for (auto marker : {"__error__", "__clarification__", "__permission__"})
    CHECK_FALSE(reply.payload().contains(marker));
}

// -- many TASKs ------------------------------------------------------------------

TEST_CASE_METHOD(axon_fixture, "TASKs do not wait for each other",
                 "[actors][axon]") {
  held_neuron held;
  auto host = serving("a", held.neuron());
  std::vector<answer<signal>> answers;
  for (int i = 0; i < 5; ++i)
    answers.push_back(
      dispatch_later(from, {.neuron = "a", .input = {{"i", i}}}));
  sim.run();
  REQUIRE(held.calls().size() == 5);
  for (size_t i : {3, 0, 4, 1, 2}) {
    held.calls()[i].done.deliver(held.calls()[i].input);
    sim.run();
    CHECK(outcome_of(*answers[i]) == "AGENT_OUTPUT");
    CHECK((**answers[i])->output() == json{{"i", i}});
  }
}

TEST_CASE_METHOD(axon_fixture, "hooks added later apply to later TASKs",
                 "[actors][axon]") {
  axon what{{.neuron_id = "a", .neuron = echo()}};
  auto host = serving(what);
  auto first = from.dispatch_and_wait({.neuron = "a"});
  what.detects_output([](const json&) { return json{{"late", true}}; });
  auto second = from.dispatch_and_wait({.neuron = "a"});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->output() == json{{"echo", json::object()}});
  CHECK(second->output() == json{{"late", true}});
}
