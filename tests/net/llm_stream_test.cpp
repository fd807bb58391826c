// SPDX-License-Identifier: Apache-2.0
#include "llm_stream.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::StartsWith;

namespace {

using deltas = std::vector<std::string>;

/// Everything that a stream came to.
struct outcome {
  deltas seen;
  caf::expected<json> result{json{}};
};

/// Feeds the stream in two pieces, then ends it.
outcome read(const stream_form& form, std::string_view bytes, size_t cut = 0,
             size_t event_bytes_max = 10'000) {
  llm_stream stream{form, "http://x/y", event_bytes_max};
  outcome out;
  auto take = [&](llm_stream::step step) {
    out.seen.insert(out.seen.end(), step.deltas.begin(), step.deltas.end());
    if (step.fault && out.result)
      out.result = step.fault;
    return !step.fault;
  };
  if (take(stream.feed(bytes.substr(0, cut)))
      && take(stream.feed(bytes.substr(cut))) && take(stream.close()))
    out.result = std::move(stream).result();
  return out;
}

/// The same, which must not depend on where it is cut.
outcome read_anyhow(const stream_form& form, std::string_view bytes) {
  auto whole = read(form, bytes);
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    auto [seen, result] = read(form, bytes, cut);
    REQUIRE(seen == whole.seen);
    REQUIRE(static_cast<bool>(result) == static_cast<bool>(whole.result));
    if (result)
      REQUIRE(*result == *whole.result);
    else
      REQUIRE(result.error() == whole.result.error());
  }
  return whole;
}

std::string sse(std::string_view json) {
  return "data: " + std::string{json} + "\n\n";
}

const std::string done = sse("[DONE]");

std::string chat(std::string_view text) {
  return sse(R"({"id":"c","choices":[{"index":0,"delta":{"content":")"
             + std::string{text} + R"("},"finish_reason":null}]})");
}

failure invalid(ec code, const std::string& reason) {
  return {code, "invalid event from http://x/y: " + reason};
}

} // namespace

// -- what providers send ------------------------------------------------------

TEST_CASE("a chat stream is the deltas of its first choice until [DONE]",
          "[net][llm_stream]") {
  auto [seen, result] = read_anyhow(
    chat_stream,
    sse(R"({"id":"c","choices":[{"delta":{"role":"assistant",)"
        R"("content":""}}]})")
      + chat("Hel") + ": keep-alive\n\n" + chat("lo")
      + sse(R"({"id":"c","choices":[{"delta":{},"finish_reason":"stop"}]})")
      + sse(R"({"id":"c","choices":[],"usage":{"total_tokens":3}})") + done);
  CHECK(seen == deltas{"Hel", "lo"});
  REQUIRE(result);
  CHECK(*result
        == json::parse(R"({"response":"Hello","meta":{"id":"c","choices":[],)"
                       R"("usage":{"total_tokens":3},"streamed":true}})"));
}

TEST_CASE("a completions stream is the texts of its first choice",
          "[net][llm_stream]") {
  auto [seen, result] = read_anyhow(
    completion_stream, sse(R"({"choices":[{"text":"a"}]})")
                         + sse(R"({"choices":[{"text":""}]})")
                         + sse(R"({"choices":[{"text":"b"}]})") + done);
  CHECK(seen == deltas{"a", "b"});
  REQUIRE(result);
  CHECK((*result)["response"] == "ab");
  CHECK((*result)["meta"]
        == json::parse(R"({"choices":[{"text":"b"}],"streamed":true})"));
}

TEST_CASE("TGI streams tokens until it has generated the text",
          "[net][llm_stream]") {
  // A space after `data:` is optional, and so it is not sent.
  auto [seen, result]
    = read_anyhow(generation_stream,
                  "data:{\"token\":{\"text\":\" a\",\"special\":false},"
                  "\"generated_text\":null}\n\n"
                  "data:{\"token\":{\"text\":\"b\"}}\n\n"
                  "data:{\"token\":{\"text\":\"</s>\",\"special\":true},"
                  "\"generated_text\":\" ab\",\"details\":{\"seed\":1}}\n\n");
  CHECK(seen == deltas{" a", "b"});
  REQUIRE(result);
  CHECK((*result)["response"] == " ab");
  CHECK((*result)["meta"]["details"]["seed"] == 1);
  CHECK((*result)["meta"]["streamed"] == true);
}

TEST_CASE("Ollama streams a line for each token until one is done",
          "[net][llm_stream]") {
  SECTION("of a generation") {
    auto [seen, result] = read_anyhow(
      ollama_stream, "{\"model\":\"m\",\"response\":\"a\",\"done\":false}\n"
                     "{\"model\":\"m\",\"response\":\"b\",\"done\":false}\r\n"
                     "\n"
                     "{\"model\":\"m\",\"response\":\"\",\"done\":true,"
                     "\"eval_count\":2}\n");
    CHECK(seen == deltas{"a", "b"});
    REQUIRE(result);
    CHECK(*result
          == json::parse(R"({"response":"ab","meta":{"model":"m",)"
                         R"("response":"","done":true,"eval_count":2,)"
                         R"("streamed":true}})"));
  }
  SECTION("of a chat, whose last line nothing ends") {
    auto [seen, result]
      = read_anyhow(ollama_stream,
                    "{\"message\":{\"role\":\"assistant\",\"content\":\"a\"}}\n"
                    "{\"message\":{\"content\":\"b\"},\"done\":true}");
    CHECK(seen == deltas{"a", "b"});
    REQUIRE(result);
    CHECK((*result)["response"] == "ab");
  }
}

TEST_CASE("Anthropic streams text blocks until the message stops",
          "[net][llm_stream]") {
  auto named = [](std::string_view type, std::string_view rest) {
    return "event: " + std::string{type} + "\ndata: {\"type\":\""
           + std::string{type} + "\"" + std::string{rest} + "}\n\n";
  };
  auto [seen, result] = read_anyhow(
    anthropic_stream,
    named("message_start", R"(,"message":{"id":"m","content":[],"usage":)"
                           R"({"input_tokens":8,"output_tokens":1}})")
      + named("content_block_start",
              R"(,"index":0,"content_block":{"type":"text","text":""})")
      + named("ping", "")
      + named("content_block_delta",
              R"(,"index":0,"delta":{"type":"text_delta","text":"a"})")
      + named("content_block_delta",
              R"(,"delta":{"type":"input_json_delta","partial_json":"{"})")
      + named("content_block_delta",
              R"(,"delta":{"type":"thinking_delta","thinking":"hm"})")
      + named("content_block_delta",
              R"(,"index":2,"delta":{"type":"text_delta","text":"b"})")
      + named("message_delta", R"(,"delta":{"stop_reason":"end_turn"},)"
                               R"("usage":{"output_tokens":4})")
      + named("message_stop", ""));
  CHECK(seen == deltas{"a", "b"});
  REQUIRE(result);
  CHECK(*result
        == json::parse(R"({"response":"ab","meta":{"type":"message_stop",)"
                       R"("streamed":true,"usage":{"input_tokens":8,)"
                       R"("output_tokens":4}}})"));
}

// -- what they should not send ------------------------------------------------

TEST_CASE("an end without the closing marker is a failure",
          "[net][llm_stream]") {
  auto form = GENERATE(&chat_stream, &completion_stream, &generation_stream,
                       &ollama_stream, &anthropic_stream);
  auto bytes = GENERATE(std::string{}, std::string{": ping\n\n"});
  if (form->is_line_per_event)
    bytes.clear();
  CHECK(failure_of(read(*form, bytes).result)
        == failure{ec::bad_response, "stream from http://x/y ended early"});
}

TEST_CASE("what came before an early end was thought nevertheless",
          "[net][llm_stream]") {
  auto [seen, result] = read(chat_stream, chat("a") + "data: [DONE]");
  CHECK(seen == deltas{"a"});
  CHECK(failure_of(result).text == "stream from http://x/y ended early");
}

TEST_CASE("a broken event is a failure, and nothing counts after it",
          "[net][llm_stream]") {
  SECTION("no JSON") {
    auto [seen, result]
      = read(chat_stream, chat("a") + sse("{\"a\":") + chat("b") + done);
    CHECK(seen == deltas{"a"});
    auto [code, text] = failure_of(result);
    CHECK(code == ec::malformed_json);
    CHECK_THAT(text, StartsWith("invalid event from http://x/y: "));
  }
  SECTION("no object") {
    auto bytes = GENERATE(as<std::string>{}, "[]", "1", "\"a\"", "null");
    CHECK(failure_of(read(chat_stream, sse(bytes) + done).result)
          == invalid(ec::bad_response, "no object"));
    CHECK(failure_of(read(ollama_stream, bytes + "\n").result)
          == invalid(ec::bad_response, "no object"));
  }
  SECTION("no UTF-8") {
    auto [code, text]
      = failure_of(read(chat_stream, sse("{\"a\":\"\xFF\"}") + done).result);
    CHECK(code == ec::malformed_json);
    CHECK_THAT(text, StartsWith("invalid event from http://x/y: "));
  }
}

TEST_CASE("an event that is too large is a failure", "[net][llm_stream]") {
  auto form = GENERATE(&chat_stream, &ollama_stream);
  std::string huge(2000, 'x');
  CHECK(failure_of(read(*form, "data: " + huge, 500, 1000).result)
        == invalid(ec::too_large, "too large"));
}

TEST_CASE("an error event fails with its text", "[net][llm_stream]") {
  auto text_of = [](const stream_form& form, const std::string& bytes) {
    auto [code, text] = failure_of(read(form, bytes + done).result);
    CHECK(code == ec::bad_response);
    return text;
  };
  CHECK(text_of(chat_stream, chat("a")
                               + sse(R"({"error":{"code":502,)"
                                     R"("message":"upstream"}})"))
        == "upstream");
  // OpenRouter's has choices as well.
  CHECK(text_of(chat_stream, sse(R"({"error":{"message":"late"},"choices":)"
                                 R"([{"delta":{"content":""}}]})"))
        == "late");
  CHECK(text_of(generation_stream, "event: error\ndata: {\"error\":\"busy\","
                                   "\"error_type\":\"overloaded\"}\n\n")
        == "busy");
  CHECK(text_of(ollama_stream, "{\"error\":\"out of memory\"}\n")
        == "out of memory");
  CHECK(text_of(anthropic_stream,
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n")
        == "Overloaded");
  CHECK(text_of(chat_stream, "event: error\ndata: {\"message\":\"odd\"}\n\n")
        == "odd");
  CHECK(text_of(chat_stream, "event: error\ndata: {\"odd\":1}\n\n")
        == "{\"odd\":1}");
}

TEST_CASE("a false error is none", "[net][llm_stream]") {
  auto bytes = sse(R"({"error":null,"choices":[{"delta":{"content":"a"}}]})");
  CHECK(read(chat_stream, bytes + done).result);
}

TEST_CASE("nothing counts after the end", "[net][llm_stream]") {
  auto [seen, result] = read(
    chat_stream, chat("a") + done + sse("broken") + chat("b") + done, 0, 100);
  CHECK(seen == deltas{"a"});
  REQUIRE(result);
  CHECK((*result)["response"] == "a");
}

TEST_CASE("events of any shape are read without harm", "[net][llm_stream]") {
  auto form = GENERATE(&chat_stream, &completion_stream, &generation_stream,
                       &ollama_stream, &anthropic_stream);
  auto odd = GENERATE(
    as<std::string>{}, R"({})", R"({"choices":null})", R"({"choices":{}})",
    R"({"choices":[null]})", R"({"choices":[{"delta":[]}]})",
    R"({"choices":[{"delta":{"content":7},"text":[]}]})", R"({"token":"a"})",
    R"({"token":{"text":null,"special":"yes"}})",
    R"({"message":"a","response":{}})", R"({"message":{"content":false}})",
    R"({"type":7,"delta":{"type":"text_delta","text":"x"}})",
    R"({"type":"content_block_delta","delta":{"type":"text_delta"}})",
    R"({"usage":[1],"message":{"usage":"none"}})");
  auto [seen, result]
    = read(*form, form->is_line_per_event ? odd + "\n{\"done\":true}\n"
                                          : sse(odd) + done);
  CHECK(seen.empty());
  REQUIRE(result);
  CHECK((*result)["response"] == "");
  CHECK((*result)["meta"]["streamed"] == true);
}

TEST_CASE("only events with content show that a server lives",
          "[net][llm_stream]") {
  llm_stream stream{anthropic_stream, "", 1000};
  CHECK_FALSE(stream.feed(": comment\n\n").has_content);
  CHECK_FALSE(
    stream.feed("event: ping\ndata: {\"type\":\"ping\"}\n\n").has_content);
  CHECK_FALSE(stream.feed("data:\n\n").has_content);
  CHECK_FALSE(stream.feed("data: {\"type\":").has_content);
  CHECK(stream.feed("\"message_start\"}\n\n").has_content);
  CHECK_FALSE(stream.has_ended());
  CHECK(stream.feed(done).has_content);
  CHECK(stream.has_ended());
}

// -- tool calls ---------------------------------------------------------------

TEST_CASE("a chat's tool calls are put together", "[net][llm_stream]") {
  auto piece = [](const std::string& calls) {
    return sse(R"({"choices":[{"delta":{"tool_calls":)" + calls + "}}]}");
  };
  auto [seen, result] = read_anyhow(
    chat_stream,
    sse(R"({"choices":[{"delta":{"content":"Let me see."}}]})")
      + piece(R"([{"index":0,"id":"c0","type":"function",)"
              R"("function":{"name":"add","arguments":""}}])")
      + piece(R"([{"index":0,"function":{"arguments":"{\"a\":"}}])")
      + piece(R"([{"index":1,"id":"c1","function":{"name":"now"}}])")
      + piece(R"([{"index":0,"function":{"arguments":"1}"}}])")
      + sse(R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})")
      + "data: [DONE]\n\n");
  REQUIRE(result);
  CHECK(seen == deltas{"Let me see."});
  CHECK(*result == json::parse(R"({"response":"Let me see.","meta":{
    "choices":[{"delta":{},"finish_reason":"tool_calls","message":{
      "role":"assistant","content":null,"tool_calls":[
        {"id":"c0","type":"function",
         "function":{"name":"add","arguments":"{\"a\":1}"}},
        {"id":"c1","type":"function",
         "function":{"name":"now","arguments":""}}]}}],
    "streamed":true}})"));
}

TEST_CASE("tool calls behind a last event without a choice",
          "[net][llm_stream]") {
  auto [seen, result]
    = read(chat_stream,
           sse(R"({"choices":[{"delta":{"tool_calls":[{"id":"c","function":)"
               R"({"name":"f","arguments":{"a":1}}}]}}]})")
             + sse(R"({"choices":[],"usage":{"total_tokens":5}})")
             + "data: [DONE]\n\n");
  REQUIRE(result);
  CHECK((*result)["meta"] == json::parse(R"({"choices":[{"message":{
    "role":"assistant","content":null,"tool_calls":[{"id":"c",
    "type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}}],
    "usage":{"total_tokens":5},"streamed":true})"));
}

TEST_CASE("Anthropic's tool calls are put together", "[net][llm_stream]") {
  auto [seen, result] = read_anyhow(
    anthropic_stream,
    sse(R"({"type":"content_block_start","index":0,"content_block":)"
        R"({"type":"text","text":""}})")
      + sse(R"({"type":"content_block_delta","index":0,"delta":)"
            R"({"type":"text_delta","text":"hm"}})")
      + sse(R"({"type":"content_block_start","index":1,"content_block":)"
            R"({"type":"tool_use","id":"t1","name":"add","input":{}}})")
      + sse(R"({"type":"content_block_delta","index":1,"delta":)"
            R"({"type":"input_json_delta","partial_json":""}})")
      + sse(R"({"type":"content_block_delta","index":1,"delta":)"
            R"({"type":"input_json_delta","partial_json":"{\"a\""}})")
      + sse(R"({"type":"content_block_delta","index":1,"delta":)"
            R"({"type":"input_json_delta","partial_json":":1}"}})")
      + sse(R"({"type":"content_block_start","index":2,"content_block":)"
            R"({"type":"tool_use","id":"t2","name":"now","input":{}}})")
      + sse(R"({"type":"message_stop"})"));
  REQUIRE(result);
  CHECK(seen == deltas{"hm"});
  CHECK(*result == json::parse(R"({"response":"hm","meta":{
    "type":"message_stop","streamed":true,"content":[
      {"type":"tool_use","id":"t1","name":"add","input":{"a":1}},
      {"type":"tool_use","id":"t2","name":"now","input":{}}]}})"));
}

TEST_CASE("Ollama's tool calls are collected", "[net][llm_stream]") {
  auto [seen, result] = read_anyhow(
    ollama_stream,
    R"({"message":{"content":"","tool_calls":[{"function":{"name":"f"}}]}})"
    "\n"
    R"({"message":{"content":"","tool_calls":[{"function":{"name":"g"}}]}})"
    "\n"
    R"({"message":{"role":"assistant","content":""},"done":true})"
    "\n");
  REQUIRE(result);
  CHECK((*result)["meta"]["message"] == json::parse(R"({"role":"assistant",
    "content":"","tool_calls":[{"function":{"name":"f"}},
                               {"function":{"name":"g"}}]})"));
}

TEST_CASE("odd pieces of tool calls harm nothing", "[net][llm_stream]") {
  auto odd = GENERATE(as<std::string>{}, "1", "[1]", R"("x")", "[null,[]]",
                      R"([{"index":-9223372036854775808}])",
                      R"([{"index":18446744073709551615,"id":7}])",
                      R"([{"index":"0","function":[]}])",
                      R"([{"function":{"name":{},"arguments":[1]}}])");
  CAPTURE(odd);
  CHECK(read(chat_stream,
             sse(R"({"choices":[{"delta":{"tool_calls":)" + odd + "}}]}")
               + "data: [DONE]\n\n")
          .result);
  CHECK(read(anthropic_stream,
             sse(R"({"type":"content_block_start","index":)" + odd
                 + R"(,"content_block":)" + odd + "}")
               + sse(R"({"type":"content_block_delta","delta":{)"
                     R"("type":"input_json_delta","partial_json":)"
                     + odd + "}}")
               + sse(R"({"type":"content_block_start","content_block":)"
                     R"({"type":"tool_use"}})")
               + sse(R"({"type":"content_block_delta","delta":{)"
                     R"("type":"input_json_delta","partial_json":"{x"}})")
               + sse(R"({"type":"message_stop"})"))
          .result);
  CHECK(read(ollama_stream,
             R"({"message":{"tool_calls":)" + odd + "}}\n{\"done\":true}\n")
          .result);
}
