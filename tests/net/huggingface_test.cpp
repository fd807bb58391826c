// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using neuron::huggingface;
using neuron::huggingface_options;

namespace {

const json hello{{"prompt", "Say hello."}};

any_neuron make(huggingface_options options) {
  auto result = huggingface(std::move(options));
  REQUIRE(result);
  return std::move(*result);
}

std::string base(const fake_server& server) {
  return "http://" + server.authority();
}

/// A Neuron and the server that answers it with `bytes`.
struct asked {
  explicit asked(std::string bytes, huggingface_options options = {},
                 const json& input = hello)
    : server{{[this, bytes](fake_peer& peer) {
        request = peer.read_request();
        peer.write(bytes);
      }}} {
    options.endpoint = base(server) + options.endpoint;
    url = base(server);
    result.emplace(run_neuron(make(std::move(options)), input));
  }

  std::string failure_text() {
    return failure_of(*result).text;
  }

  std::string url;
  std::string request;
  fake_server server;
  std::optional<caf::expected<json>> result;
};

} // namespace

// -- fixtures F3, F4 and F5 ---------------------------------------------------

TEST_CASE("the greeter's request and reply are as on the router",
          "[net][huggingface][integration]") {
  auto body = R"({"id":"chatcmpl-fx1","object":"chat.completion",)"
              R"("created":1735689600,"choices":[{"index":0,"message":)"
              R"({"role":"assistant","content":"Hello, project!"},)"
              R"("logprobs":null,"finish_reason":"stop"}],)"
              R"("usage":{"prompt_tokens":18}})";
  asked it{response("200 OK", body),
           {.model = "meta-llama/Llama-3.1-8B-Instruct",
            .api_key = "hf_test",
            .use_chat_api = true,
            .temperature = 0.7,
            .max_new_tokens = 128},
           {{"prompt", "Say hello to a project in one line."}}};
  REQUIRE(*it.result);
  CHECK(**it.result
        == json{{"response", "Hello, project!"}, {"meta", json::parse(body)}});
  REQUIRE(it.server.wait_for_ended(1));
  CHECK_THAT(it.request, StartsWith("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK_THAT(it.request,
             ContainsSubstring("Authorization: Bearer hf_test\r\n"));
  CHECK_THAT(it.request,
             ContainsSubstring("Content-Type: application/json\r\n"));
  CHECK_THAT(it.request, ContainsSubstring("Accept: application/json\r\n"));
  CHECK_THAT(it.request,
             EndsWith(R"({"messages":[{"role":"user","content":"Say hello to )"
                      R"(a project in one line."}],"max_tokens":128,"model":)"
                      R"("meta-llama/Llama-3.1-8B-Instruct",)"
                      R"("temperature":0.7})"));
}

TEST_CASE("TGI answers with an object or a list of one",
          "[net][huggingface][integration]") {
  auto body = GENERATE(R"({"generated_text":"Hello there."})",
                       R"([{"generated_text":"Hello there."}])");
  asked it{response("200 OK", body)};
  REQUIRE(*it.result);
  CHECK((**it.result)["response"] == "Hello there.");
  CHECK((**it.result)["meta"] == json::parse(body));
  REQUIRE(it.server.wait_for_ended(1));
  CHECK_THAT(it.request, StartsWith("POST /generate HTTP/1.1\r\n"));
  CHECK_THAT(it.request, !ContainsSubstring("Authorization"));
  CHECK_THAT(it.request, EndsWith(R"({"inputs":"Say hello.","parameters":)"
                                  R"({"max_new_tokens":512}})"));
}

TEST_CASE("a path in the endpoint is kept, slashes at its end are not",
          "[net][huggingface][integration]") {
  auto path = GENERATE("/llm", "/llm/", "/llm///");
  asked it{
    response("200 OK", R"({"choices":[{"text":"hello"}]})"),
    {.endpoint = path, .use_completions_api = true, .stop = {"<|im_end|>"}},
    {{"prompt", "<|im_start|>hi"}}};
  REQUIRE(*it.result);
  CHECK((**it.result)["response"] == "hello");
  REQUIRE(it.server.wait_for_ended(1));
  CHECK_THAT(it.request, StartsWith("POST /llm/v1/completions HTTP/1.1\r\n"));
  CHECK_THAT(it.request, EndsWith(R"({"prompt":"<|im_start|>hi",)"
                                  R"("max_tokens":512,)"
                                  R"("stop":["<|im_end|>"]})"));
}

TEST_CASE("the content type of a reply does not matter",
          "[net][huggingface][integration]") {
  asked it{response("200 OK", R"({"generated_text":"x"})",
                    "Content-Type: text/html\r\n")};
  CHECK(*it.result);
}

TEST_CASE("an empty reply is an empty text",
          "[net][huggingface][integration]") {
  asked it{response("200 OK", "{}")};
  REQUIRE(*it.result);
  CHECK(**it.result == json{{"response", ""}, {"meta", json::object()}});
}

// -- keys ---------------------------------------------------------------------

TEST_CASE("an empty key is no key", "[net][huggingface][integration]") {
  asked it{response("200 OK", "{}"), {.api_key = ""}};
  REQUIRE(it.server.wait_for_ended(1));
  CHECK_THAT(it.request, !ContainsSubstring("Authorization"));
}

TEST_CASE("the key never appears in a failure",
          "[net][huggingface][integration]") {
  auto bytes = GENERATE(
    response("401 No", "bad key s3cret, s3cret!"),
    response("200 OK", R"({"error":"bad key s3cret"})"),
    response("200 OK", "s3cret"),
    std::string{"HTTP/1.1 200 OK\r\nContent-Encoding: s3cret\r\n\r\n"},
    std::string{"s3cret\r\n\r\n"});
  asked it{bytes, {.endpoint = "/s3cret", .api_key = "s3cret"}};
  auto text = it.failure_text();
  CHECK_THAT(text, !ContainsSubstring("s3cret"));
  CHECK_THAT(text, ContainsSubstring("***"));
}

TEST_CASE("the key never appears in a complaint about the input",
          "[net][huggingface]") {
  auto neuron = make({.endpoint = "http://host", .api_key = "s3cret"});
  CHECK(failure_of(run_neuron(neuron, {{"s3cret", 1}}))
        == failure{ec::bad_input,
                   "HuggingFace Neuron expects 'prompt' or 'messages' in the "
                   "input; got keys: ['***']"});
}

// -- failures -----------------------------------------------------------------

TEST_CASE("an error status fails with the beginning of the body",
          "[net][huggingface][integration]") {
  asked unauthorized{response("401 Unauthorized",
                              R"({"error":"Invalid username or password."})")};
  CHECK(failure_of(*unauthorized.result)
        == failure{ec::http_status,
                   "HTTP 401 from " + unauthorized.url
                     + R"(/generate: {"error":"Invalid username or )"
                       R"(password."})"});
  asked html{response("500 Oops", "<html>" + std::string(300, 'x'))};
  CHECK(html.failure_text()
        == "HTTP 500 from " + html.url + "/generate: <html>"
             + std::string(194, 'x'));
  asked empty{response("500 Oops", "")};
  CHECK(empty.failure_text() == "HTTP 500 from " + empty.url + "/generate");
}

TEST_CASE("a rate limit is a failure like any other",
          "[net][huggingface][integration]") {
  asked it{response("429 Slow", "wait", "Retry-After: 0\r\n")};
  CHECK(it.failure_text() == "HTTP 429 from " + it.url + "/generate: wait");
  CHECK(it.server.connection_count() == 1);
}

TEST_CASE("a redirection fails and its target is left alone",
          "[net][huggingface][integration]") {
  fake_server target{{answer(response("200 OK", "{}"))}};
  asked it{response("302 Found", "", "Location: " + target.url() + "\r\n")};
  CHECK(it.failure_text() == "HTTP 302 from " + it.url + "/generate");
  CHECK(target.connection_count() == 0);
}

TEST_CASE("a reply that is not JSON fails", "[net][huggingface][integration]") {
  auto body = GENERATE("not json", "<html>", "{\"half\":");
  asked it{response("200 OK", body)};
  auto [code, text] = failure_of(*it.result);
  CHECK(code == ec::malformed_json);
  CHECK_THAT(text, StartsWith("invalid JSON from " + it.url + "/generate: "));
}

TEST_CASE("a list is no chat reply", "[net][huggingface][integration]") {
  asked it{response("200 OK", "[]"), {.use_chat_api = true}};
  CHECK(failure_of(*it.result)
        == failure{ec::bad_response,
                   "unexpected JSON from " + it.url + "/v1/chat/completions"});
}

TEST_CASE("an error in a good status fails with its text",
          "[net][huggingface][integration]") {
  asked it{
    response("200 OK", R"({"error":{"code":502,"message":"upstream failed"}})"),
    {.use_chat_api = true}};
  CHECK(failure_of(*it.result) == failure{ec::bad_response, "upstream failed"});
}

TEST_CASE("a reply above the limit fails", "[net][huggingface][integration]") {
  asked it{response("200 OK", R"({"generated_text":"x"})"),
           {.max_response_bytes = 10}};
  CHECK(failure_of(*it.result)
        == failure{ec::too_large,
                   "response from " + it.url + "/generate too large"});
}

TEST_CASE("half a reply fails", "[net][huggingface][integration]") {
  asked it{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"generated"};
  CHECK(failure_of(*it.result)
        == failure{ec::connection_lost, "connection to " + it.server.authority()
                                          + " lost: closed by the server"});
}

TEST_CASE("a server nobody started fails", "[net][huggingface][integration]") {
  auto authority = "127.0.0.1:" + std::to_string(unused_port());
  auto neuron = make({.endpoint = "http://" + authority});
  CHECK(failure_of(run_neuron(neuron, hello))
        == failure{ec::connect_failed,
                   "cannot connect to " + authority + ": Connection refused"});
}

TEST_CASE("a server that stays silent runs into the source's timeout",
          "[net][huggingface][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
  auto neuron = make(
    {.endpoint = base(server), .timeout = std::chrono::milliseconds{200}});
  CHECK(failure_of(run_neuron(neuron, hello))
        == failure{ec::timeout, "request to " + base(server)
                                  + "/generate timed out after 0.2 s"});
  CHECK(server.wait_for_all_ended());
}

TEST_CASE("cancelling a TASK closes the socket",
          "[net][huggingface][integration]") {
  std::latch arrived{1};
  fake_server server{{[&](fake_peer& peer) {
    peer.read_request();
    arrived.count_down();
    peer.wait_for_close();
  }}};
  auto neuron = make({.endpoint = base(server)});
  std::stop_source stop;
  auto pending = start_neuron(neuron, hello, stop.get_token());
  arrived.wait();
  stop.request_stop();
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  CHECK(failure_of(pending.get()).code == ec::cancelled);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a Neuron that goes away fails what is under way",
          "[net][huggingface][integration]") {
  std::latch arrived{1};
  fake_server server{{[&](fake_peer& peer) {
    peer.read_request();
    arrived.count_down();
    peer.wait_for_close();
  }}};
  std::optional<any_neuron> neuron
    = make({.endpoint = base(server), .client = make_client()});
  auto pending = start_neuron(*neuron, hello);
  arrived.wait();
  neuron.reset();
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  CHECK(failure_of(pending.get()).code == ec::cancelled);
}

TEST_CASE("an input with nothing to send never reaches the server",
          "[net][huggingface][integration]") {
  fake_server server{{answer(response("200 OK", "{}"))}};
  auto raw = make({.endpoint = base(server), .use_completions_api = true});
  json conversation{{"messages", {{{"role", "user"}, {"content", "x"}}}}};
  CHECK_THAT(failure_of(run_neuron(raw, conversation)).text,
             ContainsSubstring("chat template"));
  CHECK(failure_of(run_neuron(raw, {{"other", 1}})).code == ec::bad_input);
  CHECK(failure_of(run_neuron(raw, {{"prompt", "\xFF"}})).code
        == ec::bad_input);
  CHECK(server.connection_count() == 0);
}

// -- construction -------------------------------------------------------------

TEST_CASE("bad options make no Neuron", "[net][huggingface]") {
  CHECK(failure_of(huggingface({})).code == ec::bad_config);
  CHECK(
    failure_of(
      neuron::from_source("hf", {{"endpoint", "http://host"}, {"timeout", 0}}))
    == failure{ec::bad_config, "option 'timeout' of huggingface must be > 0"});
}

TEST_CASE("an endpoint that ends in /v1 is worth a warning",
          "[net][huggingface]") {
  log_capture log;
  SECTION("with or without a slash behind it") {
    auto endpoint = GENERATE("http://host/v1", "http://host/api/v1/");
    make({.endpoint = endpoint});
    REQUIRE(log.events().size() == 1);
    CHECK(log.events()[0] == "endpoint-ends-with-v1");
  }
  SECTION("and no other is") {
    make({.endpoint = std::string{neuron::huggingface_router}});
    make({.endpoint = "http://host/v1x"});
    CHECK(log.events().empty());
  }
}

TEST_CASE("one Neuron serves concurrent calls",
          "[net][huggingface][integration]") {
  constexpr int count = 8;
  std::latch together{count};
  auto script = [&](fake_peer& peer) {
    peer.read_request();
    together.arrive_and_wait();
    peer.write(response("200 OK", R"({"generated_text":"x"})"));
  };
  fake_server server{{count, script}};
  auto neuron = make({.endpoint = base(server)});
  std::vector<std::future<caf::expected<json>>> pending;
  for (int i = 0; i < count; ++i)
    pending.push_back(start_neuron(neuron, hello));
  for (auto& outcome : pending) {
    REQUIRE(outcome.wait_for(patience) == std::future_status::ready);
    CHECK(outcome.get());
  }
}
