// SPDX-License-Identifier: Apache-2.0
#include "llm_reply.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::StartsWith;

namespace {

const std::string url = "http://host/path";

std::string text_of(const char* reply, const reply_form& form) {
  return *text_of_reply(json::parse(reply), form, url);
}

failure failure_in(const char* reply, const reply_form& form) {
  return failure_of(text_of_reply(json::parse(reply), form, url));
}

} // namespace

TEST_CASE("each reply form has its text in its own place", "[net][llm_reply]") {
  CHECK(text_of(R"({"choices":[{"message":{"content":"a"}}]})", chat_reply)
        == "a");
  CHECK(text_of(R"({"choices":[{"text":"b"},{"text":"x"}]})", completion_reply)
        == "b");
  CHECK(text_of(R"({"generated_text":"c"})", generation_reply) == "c");
  CHECK(text_of(R"([{"generated_text":"c"},5])", generation_reply) == "c");
}

TEST_CASE("a reply with a step missing has an empty text", "[net][llm_reply]") {
  auto reply = GENERATE(R"({})", R"({"choices":[]})", R"({"choices":null})",
                        R"({"choices":{"0":1}})", R"({"choices":[null]})",
                        R"({"choices":[{"message":7}]})",
                        R"({"choices":[{"message":{"content":null}}]})",
                        R"({"choices":[{"message":{"content":5}}]})");
  CHECK(text_of(reply, chat_reply).empty());
  CHECK(text_of(reply, completion_reply).empty());
  CHECK(text_of(reply, generation_reply).empty());
}

TEST_CASE("content parts are joined wherever a text is looked for",
          "[net][llm_reply]") {
  constexpr auto parts = R"([{"type":"text","text":"a"},{"type":"image"},)"
                         R"({"type":"other","text":"x"},"y",)"
                         R"({"type":"text","text":"b"},{"type":"text"}])";
  auto with_parts = [&](std::string before, std::string after) {
    return before + parts + after;
  };
  CHECK(
    text_of(with_parts(R"({"choices":[{"message":{"content":)", "}}]}").c_str(),
            chat_reply)
    == "ab");
  CHECK(text_of(with_parts(R"({"choices":[{"text":)", "}]}").c_str(),
                completion_reply)
        == "ab");
  CHECK(
    text_of(with_parts(R"({"generated_text":)", "}").c_str(), generation_reply)
    == "ab");
}

TEST_CASE("a list is taken from TGI's own path only", "[net][llm_reply]") {
  CHECK(text_of("[]", generation_reply).empty());
  CHECK(text_of("[5]", generation_reply).empty());
  failure unexpected{ec::bad_response, "unexpected JSON from " + url};
  CHECK(failure_in("[]", chat_reply) == unexpected);
  CHECK(failure_in("[{}]", completion_reply) == unexpected);
}

TEST_CASE("a reply that is no object is unexpected", "[net][llm_reply]") {
  auto reply = GENERATE("5", "\"text\"", "null", "true");
  failure unexpected{ec::bad_response, "unexpected JSON from " + url};
  CHECK(failure_in(reply, chat_reply) == unexpected);
  CHECK(failure_in(reply, generation_reply) == unexpected);
}

TEST_CASE("an error in place of the text is the reply's failure",
          "[net][llm_reply]") {
  auto text = [](const char* reply) {
    auto result = failure_in(reply, chat_reply);
    CHECK(result.code == ec::bad_response);
    return result.text;
  };
  CHECK(text(R"({"error":{"code":502,"message":"upstream failed"}})")
        == "upstream failed");
  CHECK(text(R"({"error":"plain","choices":null})") == "plain");
  CHECK(text(R"({"error":{"message":7}})") == R"({"message":7})");
  CHECK(text(R"({"error":true})") == "true");
  CHECK(failure_in(R"({"error":"no","error_type":"x"})", generation_reply).text
        == "no");
  CHECK(failure_in(R"([{"error":"no"}])", generation_reply).text == "no");
}

TEST_CASE("an error beside the text, or an empty one, is none",
          "[net][llm_reply]") {
  CHECK(text_of(R"({"error":"x","choices":[{"message":{"content":"a"}}]})",
                chat_reply)
        == "a");
  CHECK(text_of(R"({"error":"x","choices":[]})", chat_reply).empty());
  CHECK(text_of(R"({"error":{}})", chat_reply).empty());
  CHECK(text_of(R"({"error":""})", chat_reply).empty());
}

TEST_CASE("a body that is not JSON is called so", "[net][llm_reply]") {
  auto body = GENERATE("not json", "", "<html>", "{\"a\":", "{} x",
                       "{\"a\":\"\xFF\"}", "1e999");
  auto [code, text] = failure_of(parse_reply(body, url));
  CHECK(code == ec::malformed_json);
  CHECK_THAT(text, StartsWith("invalid JSON from " + url + ": "));
}

TEST_CASE("a body nested without end is not taken", "[net][llm_reply]") {
  auto [code, text] = failure_of(parse_reply(std::string(100'000, '['), url));
  CHECK(code == ec::malformed_json);
  CHECK_THAT(text, StartsWith("invalid JSON from " + url + ": "));
}

TEST_CASE("a byte order mark before the body is skipped", "[net][llm_reply]") {
  CHECK(*parse_reply("\xEF\xBB\xBF{\"a\":1}", url) == json{{"a", 1}});
}

TEST_CASE("the last of duplicate keys counts", "[net][llm_reply]") {
  CHECK(*parse_reply(R"({"a":1,"a":2})", url) == json{{"a", 2}});
}
