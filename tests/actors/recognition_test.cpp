// SPDX-License-Identifier: Apache-2.0
#include "recognition.hpp"

#include "support/outcome_of.hpp"
#include "support/recorded_log.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/signal_builder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::test;
using namespace cosmo::actors;
using namespace std::literals;

namespace {

json from_text(const char* text) {
  return json::parse(text);
}

const json raw = from_text(R"({"response":"r"})");

axon::detector returns(const char* text) {
  return [fields = from_text(text)](const json&) { return fields; };
}

axon::detector passes() {
  return [](const json&) -> std::optional<json> { return std::nullopt; };
}

axon::detector throws_text(std::string text) {
  return [text](const json&) -> std::optional<json> {
    throw std::runtime_error{text};
  };
}

json recognised(const axon::hooks& hooks, json value = raw,
                const axon_options& options = {}) {
  auto result = recognise(options, hooks, std::move(value));
  REQUIRE(result);
  return *result;
}

} // namespace

// -- before_task -----------------------------------------------------------------

TEST_CASE("without hooks the input stays", "[actors][recognition]") {
  auto result = prepare_input({}, json{{"a", 1}});
  REQUIRE(result);
  CHECK_FALSE(*result);
}

TEST_CASE("each hook sees what the one before made of the input",
          "[actors][recognition]") {
  axon::hooks hooks;
  for (int i = 0; i < 3; ++i)
    hooks.before_task.push_back([i](const json& input) {
      auto result = input;
      result["path"] = input.value("path", std::string{}) + std::to_string(i);
      return result;
    });
  auto result = prepare_input(hooks, json{{"a", 1}});
  REQUIRE(result);
  CHECK(**result == from_text(R"({"a":1,"path":"012"})"));
}

TEST_CASE("only an object replaces the input, and {} is one",
          "[actors][recognition]") {
  axon::hooks hooks;
  hooks.before_task.push_back(
    [](const json&) -> std::optional<json> { return std::nullopt; });
  hooks.before_task.push_back(
    [](const json&) -> std::optional<json> { return json(nullptr); });
  auto kept = prepare_input(hooks, json{{"a", 1}});
  REQUIRE(kept);
  CHECK_FALSE(*kept);
  hooks.before_task.push_back([](const json&) { return json::object(); });
  auto replaced = prepare_input(hooks, json{{"a", 1}});
  REQUIRE(replaced);
  CHECK(**replaced == json::object());
}

TEST_CASE("a hook that throws rejects the TASK with its text",
          "[actors][recognition]") {
  axon::hooks hooks;
  hooks.before_task.push_back([](const json&) -> std::optional<json> {
    throw std::runtime_error{"no such customer"};
  });
  auto result = prepare_input(hooks, json::object());
  CHECK(outcome_of(result) == "neuron_exception");
  CHECK(text_of(result) == "no such customer");
}

// -- context ---------------------------------------------------------------------

TEST_CASE("a context is fetched only when the TASK refers to one",
          "[actors][recognition]") {
  int calls = 0;
  axon_options options{.context_fetcher = [&](const std::string& ref) {
    ++calls;
    return caf::expected<json>{json::array({ref})};
  }};
  CHECK(fetch_context(options, {}) == json::array());
  CHECK(calls == 0);
  CHECK(fetch_context(options, {.context_ref = "ctx"}) == json::array({"ctx"}));
  CHECK(fetch_context({}, {.context_ref = "ctx"}) == json::array());
}

TEST_CASE("a context that cannot be had is empty and logged",
          "[actors][recognition]") {
  recorded_log log;
  const auto how = GENERATE("error", "exception", "not an array");
  axon_options options{.context_fetcher
                       = [&](std::string_view) -> caf::expected<json> {
    if (how == "error"sv)
      return make_error(ec::not_found, "gone");
    if (how == "exception"sv)
      throw std::runtime_error{"gone"};
    return json{{"gone", true}};
  }};
  CHECK(fetch_context(options, {.context_ref = "ctx"}) == json::array());
  CHECK(log.count("context-not-fetched") == 1);
}

// -- parser and detectors ----------------------------------------------------------

TEST_CASE("without parser and detectors the result is verbatim",
          "[actors][recognition]") {
  for (auto text : {R"({"response":"{\"cosmo\":\"clarification\"}"})", "7",
                    "null", "[1]", R"("s")"})
    CHECK(recognised({}, from_text(text)) == from_text(text));
}

TEST_CASE("a detector's fields become the marker of its bucket",
          "[actors][recognition]") {
  axon::hooks hooks;
  SECTION("error") {
    hooks.error.push_back(returns(R"({"code":"X"})"));
    CHECK(recognised(hooks) == from_text(R"({"__error__":true,"code":"X"})"));
  }
  SECTION("clarification") {
    hooks.clarification.push_back(returns(R"({"question":"q"})"));
    CHECK(recognised(hooks)
          == from_text(R"({"__clarification__":true,"question":"q"})"));
  }
  SECTION("permission") {
    hooks.permission.push_back(returns(R"({"action":"a"})"));
    CHECK(recognised(hooks)
          == from_text(R"({"__permission__":true,"action":"a"})"));
  }
  SECTION("output") {
    hooks.output.push_back(returns(R"({"x":1})"));
    CHECK(recognised(hooks) == from_text(R"({"x":1})"));
  }
}

TEST_CASE("buckets come in a fixed order", "[actors][recognition]") {
  axon::hooks hooks;
  hooks.output.push_back(returns(R"({"from":"output"})"));
  CHECK(recognised(hooks)["from"] == "output");
  hooks.permission.push_back(returns(R"({"from":"permission"})"));
  CHECK(recognised(hooks)["from"] == "permission");
  hooks.clarification.push_back(returns(R"({"from":"clarification"})"));
  CHECK(recognised(hooks)["from"] == "clarification");
  hooks.error.push_back(returns(R"({"from":"error"})"));
  CHECK(recognised(hooks)["from"] == "error");
}

TEST_CASE("in a bucket the first match wins and ends the scan",
          "[actors][recognition]") {
  axon::hooks hooks;
  hooks.clarification
    = {passes(), returns("{}"), throws_text("not asked any more")};
  hooks.output.push_back(throws_text("not asked any more"));
  CHECK(recognised(hooks) == from_text(R"({"__clarification__":true})"));
}

TEST_CASE("a detector's own fields win over the marker",
          "[actors][recognition]") {
  axon::hooks hooks;
  hooks.error.push_back(returns(R"({"__error__":false,"a":1})"));
  auto result = recognised(hooks);
  CHECK(result == from_text(R"({"__error__":false,"a":1})"));
  CHECK(std::holds_alternative<payload::agent_output>(map_result(result)));
}

TEST_CASE("a detector of a marker must return an object",
          "[actors][recognition]") {
  const auto bucket = GENERATE(&axon::hooks::error, &axon::hooks::clarification,
                               &axon::hooks::permission);
  const auto fields = GENERATE("[1]", R"("text")", "true", "null");
  axon::hooks hooks;
  (hooks.*bucket).push_back(returns(fields));
  auto result = recognise({}, hooks, raw);
  CHECK(outcome_of(result) == "neuron_exception");
  CHECK(text_of(result).find("must return an object") != std::string::npos);
}

TEST_CASE("an output detector may return anything, a marker included",
          "[actors][recognition]") {
  axon::hooks hooks;
  SECTION("a number is wrapped later") {
    hooks.output.push_back(returns("5"));
    CHECK(recognised(hooks) == 5);
  }
  SECTION("a marker asks for its Signal") {
    hooks.output.push_back(returns(R"({"__clarification__":1})"));
    CHECK(std::holds_alternative<payload::clarification>(
      map_result(recognised(hooks))));
  }
}

TEST_CASE("detectors see what the parser made", "[actors][recognition]") {
  axon_options options{.output_parser = [](json value) {
    return json{{"__error__", true}, {"was", std::move(value)}};
  }};
  json seen;
  axon::hooks hooks;
  hooks.output.push_back([&](const json& value) -> std::optional<json> {
    seen = value;
    return json{{"replaced", true}};
  });
  CHECK(recognised(hooks, raw, options) == from_text(R"({"replaced":true})"));
  CHECK(seen["was"] == raw);
}

TEST_CASE("what a parser or detector throws is the Neuron's failure",
          "[actors][recognition]") {
  auto failure = [](const axon_options& options, const axon::hooks& hooks) {
    auto result = recognise(options, hooks, raw);
    return outcome_of(result) + ": " + text_of(result);
  };
  axon_options options{
    .output_parser = [](json) -> json { throw std::runtime_error{"bad day"}; }};
  axon::hooks hooks;
  CHECK(failure(options, hooks) == "neuron_exception: bad day");
  hooks.permission.push_back(throws_text("worse day"));
  CHECK(failure({}, hooks) == "neuron_exception: worse day");
  hooks.error.push_back([](const json&) -> std::optional<json> { throw 7; });
  CHECK(failure({}, hooks) == "neuron_exception: unknown exception");
}

// -- results -----------------------------------------------------------------------

TEST_CASE("an object is the output, anything else is wrapped",
          "[actors][recognition]") {
  auto output = [](const char* text) {
    return std::get<payload::agent_output>(map_result(from_text(text))).output;
  };
  CHECK(output(R"({"a":1})") == from_text(R"({"a":1})"));
  CHECK(output("{}") == json::object());
  CHECK(output("1") == from_text(R"({"value":1})"));
  CHECK(output("null") == from_text(R"({"value":null})"));
  CHECK(output("[1,2]") == from_text(R"({"value":[1,2]})"));
  CHECK(output(R"("s")") == from_text(R"({"value":"s"})"));
}

TEST_CASE("a falsy marker asks for nothing", "[actors][recognition]") {
  const auto marker
    = GENERATE("__error__", "__clarification__", "__permission__");
  const auto value = GENERATE("false", "0", "null", R"("")", "[]", "{}");
  json object{{marker, from_text(value)}, {"x", 1}};
  auto result = map_result(object);
  REQUIRE(std::holds_alternative<payload::agent_output>(result));
  CHECK(std::get<payload::agent_output>(result).output == object);
}

TEST_CASE("error wins over clarification, that over permission",
          "[actors][recognition]") {
  auto all = from_text(
    R"({"__permission__":1,"__clarification__":"y","__error__":true})");
  CHECK(std::holds_alternative<payload::error>(map_result(all)));
  all.erase("__error__");
  CHECK(std::holds_alternative<payload::clarification>(map_result(all)));
  all.erase("__clarification__");
  CHECK(std::holds_alternative<payload::permission>(map_result(all)));
}

TEST_CASE("an error marker has defaults and coerces recoverable",
          "[actors][recognition]") {
  auto failure = [](const char* text) {
    return std::get<payload::error>(map_result(from_text(text)));
  };
  auto bare = failure(R"({"__error__":true})");
  CHECK(bare.code == "NEURON_ERROR");
  CHECK(bare.message.empty());
  CHECK_FALSE(bare.recoverable);
  auto full = failure(
    R"({"__error__":1,"code":"REFUSED","message":"m","recoverable":"yes"})");
  CHECK(full.code == "REFUSED");
  CHECK(full.message == "m");
  CHECK(full.recoverable);
  CHECK_FALSE(failure(R"({"__error__":1,"recoverable":[]})").recoverable);
  CHECK(failure(R"({"__error__":1,"message":{"a":1}})").message
        == R"({"a":1})");
}

TEST_CASE("a clarification has a question and perhaps a context",
          "[actors][recognition]") {
  auto question = [](const char* text) {
    return std::get<payload::clarification>(map_result(from_text(text)));
  };
  CHECK(question(R"({"__clarification__":true})").question == "");
  auto full = question(
    R"({"__clarification__":true,"question":"which?","context":[1],"x":2})");
  CHECK(full.question == "which?");
  CHECK(full.context == from_text("[1]"));
  CHECK(
    question(R"({"__clarification__":true,"context":{}})").context.is_null());
}

TEST_CASE("a permission passes its fields as they are",
          "[actors][recognition]") {
  auto asked = [](const char* text) {
    return std::get<payload::permission>(map_result(from_text(text)));
  };
  auto bare = asked(R"({"__permission__":true})");
  CHECK(bare.action == "");
  CHECK(bare.scope.is_null());
  CHECK_FALSE(bare.reason);
  CHECK(bare.context.is_null());
  auto full = asked(R"({"__permission__":true,"action":"drop","scope":"/db",)"
                    R"("reason":"","context":{"a":1}})");
  CHECK(full.action == "drop");
  CHECK(full.scope == "/db");
  // Empty is not absent here.
  CHECK(full.reason == json(""));
  CHECK(full.context == from_text(R"({"a":1})"));
  CHECK_FALSE(asked(R"({"__permission__":1,"reason":null})").reason);
}

TEST_CASE("a result too deep for the wire is a failure",
          "[actors][recognition]") {
  struct row {
    /// The deep value takes the place of null.
    const char* raw;
    size_t deepest;
  };
  const auto& [text, deepest]
    = GENERATE(row{R"({"x":null})", 197}, row{"[null]", 196}, row{"null", 197},
               row{R"({"__clarification__":1,"question":null})", 198},
               row{R"({"__clarification__":1,"context":null})", 198},
               row{R"({"__permission__":1,"action":null})", 198},
               row{R"({"__permission__":1,"scope":null})", 198},
               row{R"({"__permission__":1,"reason":null})", 198},
               row{R"({"__permission__":1,"context":null})", 198});
  CAPTURE(text);
  const signal_builder build{
    world::seeded(1, std::make_shared<manual_clock>(timestamp{}))};
  auto nested = json::array({1});
  for (size_t depth = 1; depth < 300; ++depth) {
    CAPTURE(depth);
    auto result = from_text(text);
    if (result.is_null())
      result = nested;
    for (auto& member : result)
      if (member.is_null())
        member = nested;
    auto reply = map_result(std::move(result));
    auto failure = std::get_if<payload::error>(&reply);
    CHECK((failure != nullptr) == (depth > deepest));
    if (failure) {
      CHECK(failure->code == "NEURON_EXCEPTION");
      CHECK(failure->message.find("more than 200 nested containers")
            != std::string::npos);
    }
    auto write
      = [&](auto& payload) { return encode(build.make(std::move(payload))); };
    CHECK(outcome_of(std::visit(write, reply)) == "ok");
    nested = json::array({"beside", std::move(nested)});
  }
}

TEST_CASE("a failure keeps its text and is not recoverable",
          "[actors][recognition]") {
  auto failure = neuron_exception(make_error(ec::bad_input, "neither nor"));
  CHECK(failure.code == "NEURON_EXCEPTION");
  CHECK(failure.message == "neither nor");
  CHECK_FALSE(failure.recoverable);
}
