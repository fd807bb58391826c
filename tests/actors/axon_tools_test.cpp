// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include "support/odd_effector.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/served_effector.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

constexpr auto read_text = R"({"name":"read","arguments":{"path":"a.txt"}})";

json call_of(std::string tool, json args, std::string id) {
  return {
    {"id", std::move(id)},
    {"type", "function"},
    {"function", {{"name", std::move(tool)}, {"arguments", args.dump()}}}};
}

/// What a source returns when its model asks for these calls.
json asking_for(std::vector<json> calls) {
  return {
    {"response", ""},
    {"meta",
     {{"choices",
       json::array({json{{"message", {{"tool_calls", std::move(calls)}}}}})}}}};
}

/// A Neuron with this result, and with what it was given in `seen`.
any_neuron answering(json result, std::shared_ptr<json> seen = {}) {
  return any_neuron{[=](const json& input, const json&) -> json {
    if (seen)
      *seen = input;
    return result;
  }};
}

effector_binding files() {
  return {.name = "files",
          .directed_id = "files",
          .schemas = {{.name = "read",
                       .description = "Reads.",
                       .properties = {{"path", {{"type", "string"}}}},
                       .required = {"path"}}}};
}

struct tools_fixture : bed {
  tools_fixture() {
    REQUIRE(!from.start());
    REQUIRE(hands.attach_effector(backend));
    REQUIRE(!hands.start());
  }

  /// The output of an Axon of these options.
  json output_of(axon_options options) {
    options.neuron_id = "model";
    auto host = serving(std::move(options));
    auto reply = from.dispatch_and_wait(
      {.neuron = "model", .input = {{"prompt", "p"}}, .timeout = 60s});
    REQUIRE(reply);
    REQUIRE(outcome_of(*reply) == "AGENT_OUTPUT");
    REQUIRE(!host.stop());
    return reply->output();
  }

  std::string refused(axon_options options) {
    recorded_log log;
    options.neuron_id = "model";
    auto attached = worker("other").attach_axon(std::move(options));
    return attached ? "ok" : describe(attached.error());
  }

  std::shared_ptr<odd_effector> backend
    = std::make_shared<odd_effector>("files");
  dendrite hands = worker("hands");
  dendrite from = orchestrator();
};

} // namespace

// -- options -------------------------------------------------------------------

TEST_CASE_METHOD(tools_fixture, "Effectors need a tool_standard",
                 "[actors][axon_tools]") {
  CHECK(refused({.neuron = echo(), .effectors = {files()}})
        == "bad_config: effectors of model requires tool_standard: its Neuron "
           "does not say how it calls tools");
  CHECK(refused({.neuron = echo().asks({.source = "mcp", .is_llm = false}),
                 .effectors = {files()}})
          .find("requires tool_standard")
        != std::string::npos);
  CHECK(refused({.neuron = echo(), .tool_standard = "smoke"})
        == "bad_config: unknown tool_standard 'smoke'; supported: hermes, "
           "claude, codex, auto");
  CHECK(refused({.neuron = echo(),
                 .effectors = {files(), files()},
                 .tool_standard = "codex"})
        == "bad_config: model names two Effectors alike: files");
  CHECK(refused({.neuron = echo(),
                 .effectors = {{.name = "x"}},
                 .tool_standard = "codex"})
          .starts_with("bad_config: the Effector binding x needs a"));
}

TEST_CASE("an Axon knows how its Neuron calls tools", "[actors][axon_tools]") {
  auto standard = [](axon_options options) {
    auto found = axon{std::move(options)}.tool_standard();
    return found ? std::string{to_string(*found)} : "none";
  };
  CHECK(standard({.neuron = echo()}) == "none");
  CHECK(standard({.neuron = echo(), .tool_standard = "Hermes"}) == "hermes");
  CHECK(standard({.neuron = echo(), .tool_standard = "AUTO"}) == "auto");
  CHECK(standard({.neuron = echo().asks({.source = "anthropic"})}) == "claude");
  CHECK(
    standard({.neuron = echo().asks({.source = "openai", .model = "gpt-4o"}),
              .tool_standard = "hermes"})
    == "hermes");
  axon inferred{{.neuron = echo().asks({.source = "openai"})}};
  CHECK(inferred.tool_standard() == tool_standard::automatic);
  CHECK_FALSE(inferred.looks_for_tools());
  CHECK(inferred.native_tools() == json::array());
}

TEST_CASE("tools are declared in the shape of the Neuron's provider",
          "[actors][axon_tools]") {
  auto shape = [](std::string source) {
    axon a{{.neuron = echo().asks({.source = std::move(source)}),
            .effectors = {files()}}};
    return a.native_tools().at(0);
  };
  CHECK(shape("anthropic").contains("input_schema"));
  CHECK(shape("ollama").contains("function"));
  CHECK(shape("groq").contains("function"));
}

// -- translating ---------------------------------------------------------------

TEST_CASE_METHOD(tools_fixture, "without bindings a call is only translated",
                 "[actors][axon_tools]") {
  CHECK(output_of({.neuron = answering({{"response", read_text}}),
                   .tool_standard = "codex"})
        == json{{"tool", "read"}, {"args", {{"path", "a.txt"}}}});
  auto native = asking_for(
    {call_of("a", {{"x", 1}}, "c1"), call_of("b", json::object(), "c2")});
  CHECK(output_of({.neuron = answering(native), .tool_standard = "codex"})
        == json{{"tool", "a"},
                {"args", {{"x", 1}}},
                {"call_id", "c1"},
                {"dropped_calls", json::array({json{{"tool", "b"},
                                                    {"args", json::object()},
                                                    {"call_id", "c2"}}})}});
  CHECK(backend->calls.empty());
}

TEST_CASE_METHOD(tools_fixture,
                 "calls are looked for only where they are expected",
                 "[actors][axon_tools]") {
  json result{{"response", read_text}};
  CHECK(output_of({.neuron = answering(result)}) == result);
  CHECK(output_of({.neuron = answering(result).asks(
                     {.source = "openai", .model = "gpt-4o"})})
        == result);
  CHECK(output_of({.neuron = answering({{"response", "plain"}}),
                   .effectors = {files()},
                   .tool_standard = "codex"})
        == json{{"response", "plain"}});
}

// -- acting --------------------------------------------------------------------

TEST_CASE_METHOD(tools_fixture, "a call is made and its result is the output",
                 "[actors][axon_tools]") {
  auto expected = [](std::optional<std::string> id = {}) {
    json result{{"tool", "read"}, {"args", {{"path", "a.txt"}}}};
    if (id)
      result["call_id"] = *id;
    result["effector_id"] = "files";
    result["result"] = {{"echo", {{"path", "a.txt"}}}};
    return result;
  };
  SECTION("written in the text") {
    CHECK(output_of({.neuron = answering({{"response", read_text}}),
                     .effectors = {files()},
                     .tool_standard = "Codex"})
          == expected());
  }
  SECTION("in the provider's fields, with its id") {
    CHECK(output_of({.neuron = answering(asking_for(
                       {call_of("read", {{"path", "a.txt"}}, "c1")})),
                     .effectors = {files()},
                     .tool_standard = "codex"})
          == expected("c1"));
    CHECK(backend->calls.at(0).call_id == "c1");
  }
  SECTION("by an asynchronous Neuron that answers at once") {
    auto neuron = neuron::async(
      [](const json&, const json&, neuron_io, neuron_promise done) {
        done.deliver({{"response", read_text}});
      });
    CHECK(output_of({.neuron = std::move(neuron),
                     .effectors = {files()},
                     .tool_standard = "codex"})
          == expected());
  }
  auto task = traffic(signal_type::TASK).at(0);
  auto call = traffic(signal_type::TOOL_CALL).at(0);
  CHECK(call.trace_id() == task.trace_id());
  CHECK(call.parent_id() == task.id());
  CHECK(call.payload().at("deadline_ms") == 30'000);
}

TEST_CASE_METHOD(tools_fixture, "a tool that fails is no failure of the TASK",
                 "[actors][axon_tools]") {
  auto error_of = [&](std::string tool, axon_options options = {}) {
    options.neuron = answering(asking_for({call_of(tool, {{"x", 1}}, "c")}));
    options.tool_standard = "codex";
    if (options.effectors.empty())
      options.effectors = {files()};
    auto output = output_of(std::move(options));
    CHECK_FALSE(output.contains("result"));
    return output.at("error").get<std::string>();
  };
  CHECK(error_of("fail") == "it failed");
  CHECK(error_of("throw") == "effector_exception: thrown");
  CHECK(error_of("read")
        == "bad arguments of 'read': missing required argument(s): path");
  CHECK(backend->calls.size() == 2);
  CHECK(error_of("list", {.effectors = {{.name = "a", .directed_id = "files"},
                                        {.name = "b", .directed_id = "files"}}})
        == "no effector binding serves tool 'list'; bound: [a, b]");
  CHECK(error_of("list", {.effectors = {{.name = "a",
                                         .directed_id = "nowhere",
                                         .default_deadline = 50ms}}})
        == "EffectorTimeout: no answer in time from nowhere for 'list'");
  CHECK(traffic(signal_type::ERROR).empty());
}

TEST_CASE_METHOD(tools_fixture, "of several calls one is made, or all",
                 "[actors][axon_tools]") {
  auto neuron = [] {
    return answering(asking_for({call_of("one", json::object(), "c1"),
                                 call_of("fail", json::object(), "c2"),
                                 call_of("three", json::object(), "c3")}));
  };
  SECTION("one") {
    auto output = output_of(
      {.neuron = neuron(), .effectors = {files()}, .tool_standard = "codex"});
    CHECK(output.at("tool") == "one");
    CHECK(output.at("dropped_calls").size() == 2);
    CHECK_FALSE(output.contains("calls"));
    CHECK(backend->calls.size() == 1);
  }
  SECTION("all, one after another") {
    auto output = output_of({.neuron = neuron(),
                             .effectors = {files()},
                             .tool_standard = "codex",
                             .parallel_tools = true});
    CHECK(output.at("tool") == "one");
    REQUIRE(output.at("calls").size() == 3);
    CHECK(output.at("calls")[1].at("error") == "it failed");
    CHECK(output.at("calls")[2].at("tool") == "three");
    CHECK_FALSE(output.contains("dropped_calls"));
    REQUIRE(backend->calls.size() == 3);
    auto said = traffic(signal_type::TOOL_CALL);
    auto heard = traffic(signal_type::TOOL_RESULT);
    CHECK(said.size() == 3);
    CHECK(heard.size() == 3);
  }
}

TEST_CASE_METHOD(tools_fixture, "an Axon that acts can be stopped",
                 "[actors][axon_tools]") {
  auto host = serving(
    {{.neuron_id = "model",
      .neuron = answering(asking_for({call_of("x", json::object(), "c")})),
      .effectors = {{.name = "a", .directed_id = "nowhere"}},
      .tool_standard = "codex"}});
  auto pending = dispatch_later(
    from, {.neuron = "model", .trace_id = "trc_t", .timeout = 60s});
  sim.run();
  REQUIRE(traffic(signal_type::TOOL_CALL).size() == 1);
  SECTION("by STOP, and then says nothing") {
    REQUIRE(from.emit_stop("trc_t"));
    sim.run();
    CHECK(traffic(signal_type::AGENT_OUTPUT).empty());
    CHECK(outcome_of(*pending) == "pathway_closed");
  }
  SECTION("by the end of its Dendrite, which answers") {
    REQUIRE(!host.stop());
    sim.run();
    CHECK(outcome_of(*pending) == "ERROR DENDRITE_STOPPED recoverable");
  }
  SECTION("but by FINAL only its calls are") {
    REQUIRE(from.emit_final({}, {.trace_id = "trc_t", .parent_id = "evt_p"}));
    sim.run();
    auto outputs = traffic(signal_type::AGENT_OUTPUT);
    REQUIRE(outputs.size() == 1);
    CHECK(outputs[0].output().at("error")
          == "EffectorCancelled: the trace has ended: trc_t");
  }
}

// -- telling the model ---------------------------------------------------------

TEST_CASE_METHOD(tools_fixture, "the Neuron is told about declared tools",
                 "[actors][axon_tools]") {
  auto seen = std::make_shared<json>();
  axon_options options{.neuron = answering({{"response", "x"}}, seen),
                       .effectors = {files()},
                       .tool_standard = "codex"};
  SECTION("after the hooks") {
    options.neuron_id = "model";
    axon a{std::move(options)};
    a.before_task([](const json&) { return json{{"new", 1}}; });
    auto host = serving(a);
    REQUIRE(from.dispatch_and_wait({.neuron = "model"}));
    CHECK(seen->at("new") == 1);
    CHECK(seen->at("tools") == a.native_tools());
  }
  SECTION("and not without schemas") {
    options.effectors[0].schemas.clear();
    output_of(std::move(options));
    CHECK(*seen == json{{"prompt", "p"}});
  }
  SECTION("and asynchronous ones, too") {
    options.neuron = neuron::async(
      [seen](const json& input, const json&, neuron_io, neuron_promise done) {
        *seen = input;
        done.deliver(1);
      });
    output_of(std::move(options));
    CHECK(seen->at("tools").at(0).at("function").at("name") == "read");
    CHECK(seen->at("prompt") == "p");
  }
}

// -- helpers -------------------------------------------------------------------

TEST_CASE_METHOD(tools_fixture, "a Neuron calls tools by itself",
                 "[actors][axon_tools]") {
  auto neuron
    = [](const json&, const json&, const neuron_io& io) -> caf::expected<json> {
    CHECK(io.effectors().size() == 1);
    auto outcome = io.call_tool("files", "read", {{"path", "x"}},
                                {.call_id = "c", .deadline = 2s});
    if (!outcome)
      return outcome.error();
    auto unknown = io.call_tool("read", "read", json::object());
    return json{{"found", outcome->result},
                {"unknown", describe(unknown.error())}};
  };
  auto output = output_of({.neuron = any_neuron{neuron},
                           .effectors = {files()},
                           .tool_standard = "codex"});
  CHECK(output.at("found") == json{{"echo", {{"path", "x"}}}});
  CHECK(output.at("unknown")
        == "effector_not_bound: model declares no Effector read; declared: "
           "files");
  auto task = traffic(signal_type::TASK).at(0);
  auto call = traffic(signal_type::TOOL_CALL).at(0);
  CHECK(call.trace_id() == task.trace_id());
  CHECK(call.parent_id() == task.id());
  CHECK(call.payload().at("call_id") == "c");
  CHECK(call.payload().at("deadline_ms") == 2'000);
}

TEST_CASE_METHOD(tools_fixture, "an asynchronous Neuron is called back",
                 "[actors][axon_tools]") {
  auto neuron = neuron::async(
    [](const json&, const json&, neuron_io io, neuron_promise done) {
      CHECK(outcome_of(io.call_tool("files", "read", json::object()))
            == "bad_argument");
      io.call_tool("files", "read", {{"path", "x"}}, {},
                   [done](caf::expected<tool_outcome> outcome) {
                     done.deliver(outcome ? outcome->result : json{});
                   });
    });
  CHECK(output_of({.neuron = std::move(neuron),
                   .effectors = {files()},
                   .tool_standard = "codex"})
        == json{{"echo", {{"path", "x"}}}});
}

TEST_CASE_METHOD(tools_fixture, "a binding has its own deadline",
                 "[actors][axon_tools]") {
  auto neuron
    = [](const json&, const json&, const neuron_io& io) -> caf::expected<json> {
    return json{{"late", describe(io.call_tool("slow", "x", {}).error())}};
  };
  CHECK(output_of({.neuron = any_neuron{neuron},
                   .effectors = {{.name = "slow",
                                  .directed_id = "nowhere",
                                  .default_deadline = 70ms}},
                   .tool_standard = "codex"})
          .at("late")
        == "effector_timeout: no answer in time from nowhere for 'x'");
  CHECK(traffic(signal_type::TOOL_CALL).at(0).payload().at("deadline_ms")
        == 70);
}

TEST_CASE_METHOD(tools_fixture, "what a stopped Neuron still calls is refused",
                 "[actors][axon_tools]") {
  held_neuron held;
  auto host = serving({{.neuron_id = "model",
                        .neuron = held.neuron(),
                        .effectors = {files()},
                        .tool_standard = "codex"}});
  auto pending = dispatch_later(from, {.neuron = "model", .trace_id = "trc_t"});
  sim.run();
  REQUIRE(from.emit_stop("trc_t"));
  sim.run();
  auto io = held.calls().at(0).io;
  CHECK(outcome_of(io.call_tool("files", "read", {{"path", "x"}}))
        == "effector_cancelled");
  CHECK(backend->calls.empty());
}
