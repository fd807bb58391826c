// SPDX-License-Identifier: Apache-2.0
#include <cosmo/tool_recognition.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace std::literals;

namespace {

using enum tool_standard;

using calls = std::vector<tool_intent>;

const calls none;

tool_intent read(std::optional<std::string> id = {}) {
  return {"read", {{"path", "a.txt"}}, std::move(id)};
}

calls native(const char* meta) {
  return native_tool_calls({{"response", ""}, {"meta", json::parse(meta)}});
}

std::string inferred(std::string source, std::string model = {},
                     bool is_llm = true) {
  auto found
    = model_info{std::move(source), std::move(model), is_llm}.standard();
  return found ? std::string{to_string(*found)} : "none";
}

} // namespace

// -- which standard ------------------------------------------------------------

TEST_CASE("standards are named in any case", "[core][tool_recognition]") {
  CHECK(parse_tool_standard("hermes") == hermes);
  CHECK(parse_tool_standard("Claude") == claude);
  CHECK(parse_tool_standard("CODEX") == codex);
  CHECK(parse_tool_standard("auto") == automatic);
  auto unknown = parse_tool_standard("smoke");
  REQUIRE_FALSE(unknown);
  CHECK(describe(unknown.error())
        == "bad_config: unknown tool_standard 'smoke'; supported: hermes, "
           "claude, codex, auto");
}

TEST_CASE("the standard follows from source and model",
          "[core][tool_recognition]") {
  CHECK(inferred("mcp", "", false) == "none");
  CHECK(inferred("anthropic", "qwen") == "claude");
  for (auto model :
       {"Qwen2.5", "Hermes-3", "nous", "functionary", "FireFunction", "SmolLM"})
    CHECK(inferred("huggingface", model) == "hermes");
  for (auto model : {"gpt-4o", "o1-mini", "o3", "o4-mini",
                     "meta-llama/Llama-3.1-8B", "mistral-7b", "mixtral",
                     "deepseek-r1", "gemma2", "phi-3", "command-r", "granite"})
    CHECK(inferred("openai", model) == "codex");
  CHECK(inferred("ollama", "Hermes-3-Llama-3.1") == "hermes");
  CHECK(inferred("ollama", "my-own") == "auto");
  CHECK(inferred("huggingface") == "auto");
}

TEST_CASE("tools are declared in the shape of the provider",
          "[core][tool_recognition]") {
  CHECK(model_info{"anthropic"}.dialect() == "anthropic");
  CHECK(model_info{"ollama"}.dialect() == "ollama");
  CHECK(model_info{"groq"}.dialect() == "openai");
}

// -- native calls --------------------------------------------------------------

TEST_CASE("native calls are read from each provider's fields",
          "[core][tool_recognition]") {
  CHECK(native(R"({"choices":[{"message":{"content":null,"tool_calls":[
      {"id":"call_1","type":"function",
       "function":{"name":"read","arguments":"{\"path\":\"a.txt\"}"}}]}}]})")
        == calls{read("call_1")});
  CHECK(native(R"({"content":[{"type":"text","text":"a"},
      {"type":"tool_use","id":"toolu_1","name":"read",
       "input":{"path":"a.txt"}}]})")
        == calls{read("toolu_1")});
  CHECK(native(R"({"message":{"tool_calls":[
      {"function":{"name":"read","arguments":{"path":"a.txt"}}},
      {"function":{"name":"list"}}]}})")
        == calls{read(), {"list", json::object(), {}}});
}

TEST_CASE("a raw answer without meta is read itself",
          "[core][tool_recognition]") {
  CHECK(native_tool_calls(
          {{"message",
            {{"tool_calls",
              {{{"function", {{"name", "read"}, {"arguments", ""}}}}}}}}})
        == calls{{"read", json::object(), {}}});
}

TEST_CASE("ill-formed native calls are no calls", "[core][tool_recognition]") {
  CHECK(native(R"({"choices":[{"message":{"tool_calls":[
    {"function":{"name":"","arguments":"{}"}},
    {"function":{"name":7,"arguments":"{}"}},
    {"function":{"arguments":"{}"}},
    {"function":{"name":"a","arguments":"[]"}},
    {"function":{"name":"b","arguments":"{\"x\":"}},
    {"function":{"name":"c","arguments":7}},
    {"function":"d"}, 7, null]}}]})")
        == none);
  CHECK(native(R"({"choices":[],"content":"text","message":null})") == none);
  CHECK(native(R"({"choices":[7]})") == none);
  CHECK(native_tool_calls(7) == none);
  CHECK(native_tool_calls(json::array()) == none);
}

TEST_CASE("an id that is no text is no id", "[core][tool_recognition]") {
  for (auto id : {"7", "null", R"("")"})
    CHECK(native((R"({"message":{"tool_calls":[{"id":)"s + id
                  + R"(,"function":{"name":"read",
                        "arguments":{"path":"a.txt"}}}]}})")
                   .c_str())
          == calls{read()});
}

// -- hermes --------------------------------------------------------------------

TEST_CASE("hermes writes calls between tags", "[core][tool_recognition]") {
  auto text = R"(Let me see.
<tool_call>
{"name": "read", "arguments": {"path": "a.txt"}, "id": "c1"}
</tool_call>
<tool_call>{"name":"list"}</tool_call> done)";
  CHECK(written_tool_calls(hermes, text)
        == calls{read("c1"), {"list", json::object(), {}}});
}

TEST_CASE("broken tags of hermes still hold one call",
          "[core][tool_recognition]") {
  auto call = R"({"name":"read","arguments":{"path":"a.txt"}})"s;
  CHECK(written_tool_calls(hermes, "<tool_call>" + call) == calls{read()});
  CHECK(written_tool_calls(hermes, call + "</tool_call>") == calls{read()});
  CHECK(written_tool_calls(hermes, "<tool_call> {\"x\":1} then " + call)
        == calls{read()});
  CHECK(written_tool_calls(hermes, "<tool_call>nothing</tool_call>") == none);
  CHECK(written_tool_calls(hermes, call) == none);
}

// -- claude --------------------------------------------------------------------

TEST_CASE("claude writes a block, plain or fenced",
          "[core][tool_recognition]") {
  auto call
    = R"({"type":"tool_use","id":"t1","name":"read","input":{"path":"a.txt"}})"s;
  CHECK(written_tool_calls(claude, call) == calls{read("t1")});
  CHECK(written_tool_calls(claude, "I will read.\n```json\n" + call + "\n```")
        == calls{read("t1")});
  CHECK(written_tool_calls(claude, "I will read. " + call)
        == calls{read("t1")});
  CHECK(written_tool_calls(claude, R"({"name":"read","input":{}})") == none);
}

// -- codex ---------------------------------------------------------------------

TEST_CASE("codex writes calls in several ways", "[core][tool_recognition]") {
  for (auto text : {
         R"({"tool_calls":[{"function":{"name":"read",
             "arguments":"{\"path\":\"a.txt\"}"}}]})",
         R"({"function_call":{"name":"read","arguments":{"path":"a.txt"}}})",
         R"({"name":"read","arguments":{"path":"a.txt"}})",
         R"({"thought":"hm","name":"read","parameters":{"path":"a.txt"}})",
         R"({"type":"function","name":"read","arguments":{"path":"a.txt"},
             "strict":true})",
         R"({"type":"function_call","name":"read",
             "parameters":{"path":"a.txt"},"status":"done"})",
         R"({"type":"function","function":{"name":"read","description":"Reads.",
             "parameters":{"type":"object","properties":{}},
             "arguments":{"path":"a.txt"}}})",
         R"({"type":"function","function":{"name":"read"},
             "arguments":{"path":"a.txt"}})",
       }) {
    CAPTURE(text);
    CHECK(written_tool_calls(codex, text) == calls{read()});
  }
  CHECK(written_tool_calls(
          codex, R"({"name":"read","arguments":{"path":"a.txt"},"id":"c1"})")
        == calls{read("c1")});
}

TEST_CASE("a fence may hold a comment, and the first call wins",
          "[core][tool_recognition]") {
  auto text = "Sure:\n```json\n"
              R"({"name":"read","arguments":{"path":"a.txt"}} // reads it)"
              "\n```\nor\n```\n"
              R"({"name":"list","arguments":{}})"
              "\n```\n";
  CHECK(written_tool_calls(codex, text) == calls{read()});
}

TEST_CASE("what only looks like a call of codex is none",
          "[core][tool_recognition]") {
  for (auto text : {
         // What the model was told about the tool.
         R"({"type":"function","function":{"name":"read","description":"Reads.",
             "parameters":{"type":"object","properties":{"path":{}}}}})",
         R"({"name":"read","parameters":{"type":"object","properties":{}}})",
         // Ordinary answers.
         R"({"name":"Ada","arguments":{},"age":36})",
         R"({"name":"Ada","age":36})",
         R"({"summary":"done"})",
         R"(I would call {"name":"read","arguments":{}} if I could.)",
         "Just words, with {braces} and a fence:\n```\nint main() {}\n```",
         "",
         "{",
       }) {
    CAPTURE(text);
    CHECK(written_tool_calls(codex, text) == none);
    CHECK(written_tool_calls(automatic, text) == none);
  }
}

// -- all of them ---------------------------------------------------------------

TEST_CASE("auto takes whichever dialect yields something",
          "[core][tool_recognition]") {
  for (
    auto text :
    {R"(<tool_call>{"name":"read","arguments":{"path":"a.txt"}}</tool_call>)",
     R"({"type":"tool_use","name":"read","input":{"path":"a.txt"}})",
     R"({"name":"read","arguments":{"path":"a.txt"}})"})
    CHECK(written_tool_calls(automatic, text) == calls{read()});
}

TEST_CASE("a structured call beats one in the text",
          "[core][tool_recognition]") {
  auto text = R"({"name":"list","arguments":{}})"s;
  json raw{
    {"response", text},
    {"meta",
     {{"message",
       {{"tool_calls",
         {{{"function",
            {{"name", "read"}, {"arguments", {{"path", "a.txt"}}}}}}}}}}}}};
  CHECK(find_tool_calls(codex, raw) == calls{read()});
  raw["meta"] = json::object();
  CHECK(find_tool_calls(codex, raw) == calls{{"list", json::object(), {}}});
  CHECK(find_tool_calls(codex, json(text)).size() == 1);
  CHECK(find_tool_calls(codex, json{{"response", 7}}) == none);
  CHECK(find_tool_calls(codex, 7) == none);
}

TEST_CASE("hostile texts are given up on", "[core][tool_recognition]") {
  std::string open(1'000'000, '{');
  std::string quoted;
  for (int i = 0; i < 200'000; ++i)
    quoted += "{\"";
  std::string fences;
  for (int i = 0; i < 100'000; ++i)
    fences += "``` {";
  std::string tags;
  for (int i = 0; i < 50'000; ++i)
    tags += "<tool_call>{";
  std::string deep = R"({"name":"read","arguments":)";
  for (int i = 0; i < 100'000; ++i)
    deep += R"({"a":)";
  deep += "1" + std::string(100'001, '}');
  for (auto& text : {open, open + "}", quoted, quoted + "}", fences,
                     fences + "}", tags, tags + "</tool_call>}", deep})
    CHECK(written_tool_calls(automatic, text) == none);
  CHECK(native_tool_calls(
          {{"message",
            {{"tool_calls",
              {{{"function", {{"name", "read"}, {"arguments", deep}}}}}}}}})
        == none);
}
