// SPDX-License-Identifier: Apache-2.0
#include "llm_input.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

caf::expected<llm_input> read(const json& input) {
  return read_llm_input("HuggingFace", input);
}

bool contains(const std::string& text, std::string_view piece) {
  return text.find(piece) != text.npos;
}

} // namespace

TEST_CASE("the prompt is the first non-empty string of its keys",
          "[net][llm_input]") {
  CHECK(read({{"content", "d"}, {"prompt", "a"}})->prompt == "a");
  CHECK(read({{"content", "d"}, {"query", "c"}, {"text", "b"}})->prompt == "b");
  CHECK(read({{"prompt", ""}, {"text", 5}, {"query", "c"}})->prompt == "c");
  CHECK(read({{"prompt", nullptr}, {"content", "d"}})->prompt == "d");
}

TEST_CASE("messages win over a prompt and are left alone", "[net][llm_input]") {
  auto messages = json::parse(R"([{"role":"nobody","content":[1]},7])");
  auto input = read({{"prompt", "p"}, {"messages", messages}});
  REQUIRE(input);
  CHECK(input->messages == messages);
  CHECK(input->prompt.empty());
  CHECK(input->as_messages() == messages);
}

TEST_CASE("a prompt is the user's only message", "[net][llm_input]") {
  CHECK(read({{"prompt", "hi"}})->as_messages().dump()
        == R"([{"role":"user","content":"hi"}])");
}

TEST_CASE("empty messages and tools count as absent", "[net][llm_input]") {
  auto input = read(
    {{"prompt", "p"}, {"messages", json::array()}, {"tools", json::array()}});
  REQUIRE(input);
  CHECK(input->prompt == "p");
  CHECK(input->tools.empty());
  CHECK(read({{"prompt", "p"}, {"messages", nullptr}})->prompt == "p");
}

TEST_CASE("messages of another type are refused", "[net][llm_input]") {
  CHECK(failure_of(read({{"messages", "hi"}, {"prompt", "p"}}))
        == failure{ec::bad_input, "HuggingFace Neuron expects 'messages' to "
                                  "be an array, not string"});
}

TEST_CASE("tools are forwarded as they are", "[net][llm_input]") {
  auto tools = json::parse(R"([{"any":"thing"}])");
  CHECK(read({{"prompt", "p"}, {"tools", tools}})->tools == tools);
  CHECK(read({{"prompt", "p"}, {"tools", "hammer"}})->tools.empty());
}

TEST_CASE("an input with nothing to send is refused and its keys are named",
          "[net][llm_input]") {
  CHECK(failure_of(read({{"a", 1}, {"b", 2}}))
        == failure{ec::bad_input,
                   "HuggingFace Neuron expects 'prompt' or 'messages' in the "
                   "input; got keys: ['a', 'b']"});
  CHECK(failure_of(read(json::object())).text
        == "HuggingFace Neuron expects 'prompt' or 'messages' in the input; "
           "got keys: []");
  CHECK(failure_of(read(5)).code == ec::bad_input);
}

TEST_CASE("an answered question becomes a prompt", "[net][llm_input]") {
  auto prompt
    = read(
        {{"clarification",
          {{"question", "which region?"}, {"answer", "north"}, {"budget", 7}}}})
        ->prompt;
  CHECK(contains(prompt, "which region?\n"));
  CHECK(contains(prompt, "north\n"));
  CHECK(contains(prompt, "budget: 7\n"));
  CHECK(contains(prompt, "Continue the original task"));
}

TEST_CASE("an answer may be any JSON, a question may be missing",
          "[net][llm_input]") {
  auto prompt = follow_up_prompt(
    {{"clarification", {{"question", nullptr}, {"answer", {{"n", 1}}}}}});
  CHECK(contains(prompt, R"({"n":1})"));
  CHECK_FALSE(contains(prompt, "Your question"));
  CHECK(contains(follow_up_prompt({{"clarification", json::object()}}),
                 "Continue the original task"));
}

TEST_CASE("a granted permission becomes a prompt", "[net][llm_input]") {
  auto prompt = follow_up_prompt({{"permission",
                                   {{"action", "delete logs"},
                                    {"granted", true},
                                    {"reason", "fine"},
                                    {"ttl_ms", 5000}}}});
  CHECK(contains(prompt, "delete logs\n"));
  CHECK(contains(prompt, "GRANTED"));
  CHECK(contains(prompt, "fine\n"));
  CHECK(contains(prompt, "5000 ms\n"));
  CHECK(contains(prompt, "continue the original task"));
}

TEST_CASE("a denied permission becomes a prompt", "[net][llm_input]") {
  auto granted = GENERATE(json(false), json(0), json(""), json(nullptr));
  auto prompt = follow_up_prompt({{"permission",
                                   {{"action", "delete logs"},
                                    {"granted", granted},
                                    {"reason", "too risky"}}}});
  CHECK(contains(prompt, "delete logs\n"));
  CHECK(contains(prompt, "DENIED"));
  CHECK(contains(prompt, "too risky\n"));
  CHECK(contains(prompt, "Do not perform the action"));
  CHECK_FALSE(contains(prompt, "GRANTED"));
  CHECK_FALSE(contains(prompt, "Valid for"));
}

TEST_CASE("a question is looked for before a permission, both after a prompt",
          "[net][llm_input]") {
  json input{{"permission", {{"granted", true}}},
             {"clarification", {{"answer", "yes"}}}};
  CHECK(contains(follow_up_prompt(input), "You asked a question"));
  input["prompt"] = "new task";
  CHECK(read(input)->prompt == "new task");
}

TEST_CASE("an ordinary input has no follow-up", "[net][llm_input]") {
  auto input = GENERATE(json::object(), json{{"prompt", "p"}},
                        json{{"clarification", "text"}},
                        json{{"permission", true}}, json(5));
  CHECK(follow_up_prompt(input).empty());
}
