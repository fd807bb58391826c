// SPDX-License-Identifier: Apache-2.0
#include <cosmo/recognizers.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using Catch::Matchers::ContainsSubstring;

namespace {

json reply(std::string text) {
  json result;
  result["response"] = std::move(text);
  result["meta"] = {{"id", "x"}};
  return result;
}

/// What the recogniser makes of a model's text; null if it leaves it alone.
json meaning(std::string text) {
  auto raw = reply(std::move(text));
  auto result = recognize_llm(raw);
  return result == raw ? json{} : result;
}

const std::string question
  = R"({"cosmo":"clarification","question":"which region?"})";

const json question_marker{{"__clarification__", true},
                           {"question", "which region?"},
                           {"context", nullptr}};

std::string fenced(const std::string& text, const std::string& info = "json") {
  return "```" + info + "\n" + text + "\n```";
}

} // namespace

// -- the four intents -------------------------------------------------------------

TEST_CASE("a whole reply can be a clarification", "[actors][recognizers]") {
  CHECK(meaning(question) == question_marker);
  CHECK(meaning(" \r\n\t" + question + "\n ") == question_marker);
  CHECK(meaning(R"({"cosmo":"clarification","context":{"a":1},"more":2})")
        == json{{"__clarification__", true},
                {"question", ""},
                {"context", {{"a", 1}}}});
}

TEST_CASE("a permission keeps its scope whatever it is",
          "[actors][recognizers]") {
  CHECK(meaning("I must ask.\n"
                + fenced(R"({"cosmo":"permission","action":"drop",)"
                         R"("scope":"/db","reason":"old"})"))
        == json{{"__permission__", true},
                {"action", "drop"},
                {"scope", "/db"},
                {"reason", "old"},
                {"context", nullptr}});
  CHECK(meaning(R"({"cosmo":"permission"})")["action"] == "");
}

TEST_CASE("an error keeps its own code", "[actors][recognizers]") {
  CHECK(meaning(R"({"cosmo":"error","code":"REFUSED","message":"no",)"
                R"("recoverable":true})")
        == json{{"__error__", true},
                {"code", "REFUSED"},
                {"message", "no"},
                {"recoverable", true}});
  CHECK(meaning(R"({"cosmo":"error"})")
        == json{{"__error__", true},
                {"code", "NEURON_ERROR"},
                {"message", ""},
                {"recoverable", false}});
}

TEST_CASE("an output is unwrapped to the inner object",
          "[actors][recognizers]") {
  CHECK(meaning(R"({"cosmo":"output","output":{"sum":3}})")
        == json{{"sum", 3}});
  CHECK(meaning(R"({"cosmo":"output","output":[3]})") == json{{"value", {3}}});
  CHECK(meaning(R"({"cosmo":"output"})") == json{{"value", nullptr}});
}

// -- finding it -------------------------------------------------------------------

TEST_CASE("fences with or without a language hold an intent",
          "[actors][recognizers]") {
  CHECK(meaning(fenced(question)) == question_marker);
  CHECK(meaning(fenced(question, "")) == question_marker);
  CHECK(meaning("```json" + question + "```") == question_marker);
  CHECK(meaning("before ```" + question + "  ``` after") == question_marker);
  CHECK(meaning("````" + question + "```") == question_marker);
}

TEST_CASE("other fences hold none", "[actors][recognizers]") {
  auto info = GENERATE("JSON", "javascript", "jsonx", "json5");
  CHECK(meaning(fenced(question, info)).is_null());
}

TEST_CASE("an object in prose without a fence is none",
          "[actors][recognizers]") {
  CHECK(meaning("Here: " + question).is_null());
  CHECK(meaning(question + " and more").is_null());
  CHECK(meaning("`" + question + "`").is_null());
}

TEST_CASE("ordinary answers pass unchanged", "[actors][recognizers]") {
  auto text = GENERATE(
    "", "   ", "Hello.", "use {braces} like {this}", R"({"answer":42})",
    R"({"cosmo":5})", R"({"cosmo":null,"question":"x"})", "[1,2]", "null",
    R"({"cosmo":"clarification",)", "```json\n{\"cosmo\":\"clarif\n```",
    "```json\n{\"cosmo\":\"output\"}", "```", "``````", "```{```", "{", "}",
    R"({"cosmo":"Clarification","question":"x"})", R"({"cosmo":"dance"})");
  CHECK(meaning(text).is_null());
}

TEST_CASE("the first of several intents wins", "[actors][recognizers]") {
  auto error = fenced(R"({"cosmo":"error"})");
  CHECK(meaning(fenced(question) + error) == question_marker);
  CHECK(meaning(fenced("{broken}") + fenced(R"({"a":1})") + fenced(question)
                + error)
        == question_marker);
}

TEST_CASE("an unknown kind ends the search", "[actors][recognizers]") {
  CHECK(meaning(fenced(R"({"cosmo":"dance"})") + fenced(question)).is_null());
}

TEST_CASE("braces and fences inside of a block do not end it",
          "[actors][recognizers]") {
  CHECK(meaning(fenced(R"({"cosmo":"output","output":{"a":{"b":"}"}}})"))
        == json{{"a", {{"b", "}"}}}});
  CHECK(meaning(fenced(R"({"cosmo":"output","output":{"a":"``` x"}})"))
        == json{{"a", "``` x"}});
}

TEST_CASE("a text of fences alone costs no more than its length",
          "[actors][recognizers]") {
  std::string opened;
  for (int i = 0; i < 200'000; ++i)
    opened += "```{}";
  opened.resize(opened.size() - 1);
  CHECK(meaning(opened).is_null());
  CHECK(meaning(std::string(1'000'000, '`')).is_null());
  CHECK(meaning(std::string(1'000'000, '{')).is_null());
}

// -- the raw value ----------------------------------------------------------------

TEST_CASE("what is no object becomes one", "[actors][recognizers]") {
  auto recognize = GENERATE(recognize_llm, recognize_mcp);
  CHECK(recognize("text") == json{{"value", "text"}});
  CHECK(recognize(nullptr) == json{{"value", nullptr}});
  CHECK(recognize({1, 2}) == json{{"value", {1, 2}}});
}

TEST_CASE("an object without a text passes unchanged",
          "[actors][recognizers]") {
  auto recognize = GENERATE(recognize_llm, recognize_mcp);
  auto raw = GENERATE(json::object(), json{{"response", 5}},
                      json{{"__error__", true}}, json{{"is_error", false}});
  CHECK(recognize(raw) == raw);
}

TEST_CASE("a tool that failed is an error with its words",
          "[actors][recognizers]") {
  auto failed = [](json raw) {
    raw["is_error"] = true;
    auto result = recognize_mcp(std::move(raw));
    CHECK(result["__error__"] == true);
    CHECK(result["code"] == "MCP_TOOL_ERROR");
    CHECK(result["recoverable"] == false);
    return result["message"];
  };
  CHECK(failed({{"response", "text is required"}}) == "text is required");
  CHECK(failed({{"response", ""}, {"content", {{{"type", "image"}}}}})
        == R"([{"type":"image"}])");
  CHECK_THAT(failed({{"response", ""}, {"content", json::array()}}),
             ContainsSubstring("did not say why"));
  CHECK_THAT(failed({{"response", 7}}), ContainsSubstring("did not say why"));
}

TEST_CASE("a tool may have intents too", "[actors][recognizers]") {
  auto raw = reply(question);
  raw["is_error"] = false;
  CHECK(recognize_mcp(raw) == question_marker);
  // To a language model the flag means nothing.
  raw["is_error"] = true;
  CHECK(recognize_llm(raw) == question_marker);
}

// -- teaching ---------------------------------------------------------------------

TEST_CASE("the lesson shows every intent, one to a line",
          "[actors][recognizers]") {
  std::string lesson{cosmo_intent_system_prompt};
  auto kind = GENERATE("clarification", "permission", "error", "output");
  auto begin = lesson.find("\n{\"cosmo\": \"" + std::string{kind} + "\"");
  REQUIRE(begin != lesson.npos);
  auto line
    = lesson.substr(begin + 1, lesson.find('\n', begin + 1) - begin - 1);
  auto shape = json::parse(line.substr(0, line.find(" - ")));
  CHECK(shape["cosmo"] == kind);
  CHECK_FALSE(meaning(shape.dump()).is_null());
  CHECK_THAT(lesson, ContainsSubstring("plain text"));
  CHECK_THAT(lesson, ContainsSubstring("```json"));
}
