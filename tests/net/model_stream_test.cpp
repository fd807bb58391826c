// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/neuron_run.hpp"
#include "support/paced_script.hpp"
#include <cosmo/neuron/anthropic.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/neuron/ollama.hpp>
#include <cosmo/neuron/openai.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <optional>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using neuron::huggingface_options;

namespace {

using texts = std::vector<std::string>;

const json hello{{"prompt", "Say hello."}};

const std::string done = "data: [DONE]\n\n";

std::string delta(const std::string& text) {
  return "data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
}

std::string base(const fake_server& server) {
  return "http://" + server.authority();
}

any_neuron made(caf::expected<any_neuron> neuron) {
  REQUIRE(neuron);
  return std::move(*neuron);
}

/// A chat that streams.
any_neuron chat(const fake_server& server, huggingface_options options = {}) {
  options.endpoint = base(server);
  options.use_chat_api = true;
  options.stream = true;
  return made(neuron::huggingface(std::move(options)));
}

/// A chat with a server that answers with `bytes`.
struct streamed {
  explicit streamed(std::string bytes, huggingface_options options = {})
    : server{{[this, bytes](fake_peer& peer) {
        request = peer.read_request();
        peer.write(bytes);
      }}} {
    url = base(server) + "/v1/chat/completions";
    result.emplace(run_neuron(chat(server, std::move(options)), hello, &book));
  }

  std::string failure_text() {
    return failure_of(*result).text;
  }

  std::string url;
  std::string request;
  thought_book book;
  fake_server server;
  std::optional<caf::expected<json>> result;
};

/// Plays `body` to a Neuron and returns what it makes of it.
caf::expected<json>
play(std::string body, thought_book& book,
     const std::function<any_neuron(const std::string& endpoint)>& make) {
  fake_server server{{answer(response("200 OK", body))}};
  return run_neuron(make(base(server)), hello, &book);
}

} // namespace

TEST_CASE("what streams is thought bit by bit and answered as a whole",
          "[net][model_stream][integration]") {
  streamed s{
    std::string{chunked_head} + chunk(delta("Hel"))
    + chunk(delta("lo") + delta(", ") + delta("you"))
    + chunk("data: {\"choices\":[],\"usage\":{\"total_tokens\":5}}\n\n" + done)
    + std::string{last_chunk}};
  REQUIRE(*s.result);
  CHECK(**s.result
        == json::parse(R"({"response":"Hello, you","meta":{"choices":[],)"
                       R"("usage":{"total_tokens":5},"streamed":true}})"));
  CHECK(s.book.thoughts() == texts{"Hel", "lo", ", ", "you"});
  CHECK_THAT(s.request, ContainsSubstring("\"stream\":true"));
}

TEST_CASE("every wire streams", "[net][model_stream][integration]") {
  thought_book book;
  caf::expected<json> result{json{}};
  SECTION("TGI") {
    result = play("data:{\"token\":{\"text\":\"a\"}}\n\n"
                  "data:{\"token\":{\"text\":\"b\"},"
                  "\"generated_text\":\"ab\"}\n\n",
                  book, [](const std::string& endpoint) {
                    return made(neuron::huggingface(
                      {.endpoint = endpoint, .stream = true}));
                  });
    CHECK(book.thoughts() == texts{"a", "b"});
  }
  SECTION("completions") {
    result = play(
      "data: {\"choices\":[{\"text\":\"a\"}]}\n\n"
      "data: {\"choices\":[{\"text\":\"b\"}]}\n\n"
        + done,
      book, [](const std::string& endpoint) {
        return made(neuron::huggingface(
          {.endpoint = endpoint, .use_completions_api = true, .stream = true}));
      });
    CHECK(book.thoughts() == texts{"a", "b"});
  }
  SECTION("OpenAI") {
    result = play(delta("a") + delta("b") + done, book,
                  [](const std::string& endpoint) {
                    return made(neuron::openai({.model = "m",
                                                .api_key = "k",
                                                .endpoint = endpoint,
                                                .stream = true}));
                  });
    CHECK(book.thoughts() == texts{"a", "b"});
  }
  SECTION("Ollama") {
    result = play("{\"response\":\"a\"}\n{\"response\":\"b\",\"done\":true}",
                  book, [](const std::string& endpoint) {
                    return made(neuron::ollama(
                      {.model = "m", .endpoint = endpoint, .stream = true}));
                  });
    CHECK(book.thoughts() == texts{"a", "b"});
  }
  SECTION("Anthropic") {
    result = play("event: content_block_delta\n"
                  "data: {\"type\":\"content_block_delta\",\"delta\":"
                  "{\"type\":\"text_delta\",\"text\":\"ab\"}}\n\n"
                  "event: message_stop\n"
                  "data: {\"type\":\"message_stop\"}\n\n",
                  book, [](const std::string& endpoint) {
                    return made(neuron::anthropic({.model = "m",
                                                   .api_key = "k",
                                                   .endpoint = endpoint,
                                                   .stream = true}));
                  });
    CHECK(book.thoughts() == texts{"ab"});
  }
  REQUIRE(result);
  CHECK((*result)["response"] == "ab");
  CHECK((*result)["meta"]["streamed"] == true);
}

TEST_CASE("a stream is read on when its thoughts were accepted",
          "[net][model_stream][integration]") {
  thought_book book{false};
  paced_script script{{std::string{chunked_head} + chunk(delta("a")),
                       chunk(delta("b") + done) + std::string{last_chunk}}};
  fake_server server{
    {[&](auto& peer) { script.play(peer); }, answer(response("200 OK", "ok"))}};
  auto client = make_client();
  auto pending
    = start_neuron(chat(server, {.client = client}), hello, {}, &book);
  script.step();
  book.wait_for(1);
  script.step_and_wait();
  // The I/O thread could have read it meanwhile.
  REQUIRE(exchange(*client, {.url = base(server)}));
  CHECK(book.thoughts() == texts{"a"});
  book.accept();
  book.wait_for(2);
  // The reply waits for the last of them as well.
  REQUIRE(exchange(*client, {.url = base(server)}));
  CHECK(pending.wait_for(std::chrono::seconds{0})
        == std::future_status::timeout);
  book.accept();
  auto result = await(std::move(pending));
  REQUIRE(result);
  CHECK((*result)["response"] == "ab");
  script.step();
}

TEST_CASE("a thought that nobody takes ends its stream",
          "[net][model_stream][integration]") {
  thought_book book{false};
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + chunk(delta("a")));
    peer.wait_for_close();
  }}};
  auto neuron = chat(server);
  auto pending = start_neuron(neuron, hello, {}, &book);
  book.wait_for(1);
  book.accept(make_error(ec::not_connected, "the bus is gone"));
  CHECK(failure_of(await(std::move(pending)))
        == failure{ec::not_connected, "the bus is gone"});
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("cancelling a TASK closes its stream",
          "[net][model_stream][integration]") {
  thought_book book{false};
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + chunk(delta("a")));
    peer.wait_for_close();
  }}};
  std::stop_source stop;
  auto neuron = chat(server);
  auto pending = start_neuron(neuron, hello, stop.get_token(), &book);
  book.wait_for(1);
  SECTION("while a thought waits") {
    stop.request_stop();
    CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  }
  SECTION("while the next one is waited for") {
    book.accept();
    stop.request_stop();
    CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  }
  CHECK(server.wait_for_ended(1));
  book.accept();
  CHECK(book.thoughts() == texts{"a"});
}

// -- failures -----------------------------------------------------------------

TEST_CASE("a stream that fails says why", "[net][model_stream][integration]") {
  auto start = std::string{chunked_head} + chunk(delta("a"));
  auto end = std::string{last_chunk};
  SECTION("a broken event") {
    streamed s{start + chunk("data: {no\n\n") + chunk(delta("b") + done) + end};
    CHECK_THAT(s.failure_text(), StartsWith("invalid event from " + s.url));
    CHECK(s.book.thoughts() == texts{"a"});
  }
  SECTION("no closing marker") {
    streamed s{start + end};
    CHECK(s.failure_text() == "stream from " + s.url + " ended early");
    CHECK(s.book.thoughts() == texts{"a"});
  }
  SECTION("an error event, the key in it masked") {
    streamed s{
      start + chunk("data: {\"error\":{\"message\":\"k-1 is bad\"}}\n\n") + end,
      {.api_key = "k-1"}};
    CHECK(s.failure_text() == "*** is bad");
  }
  SECTION("a cut connection") {
    streamed s{start};
    CHECK_THAT(s.failure_text(), ContainsSubstring(" lost: "));
  }
  SECTION("an error status") {
    streamed s{response("429 Slow down", "{\"error\":\"too fast\"}")};
    CHECK(s.failure_text()
          == "HTTP 429 from " + s.url + ": {\"error\":\"too fast\"}");
    CHECK(s.book.thoughts().empty());
  }
  SECTION("a stream above the limit") {
    std::string many;
    for (int i = 0; i < 100; ++i)
      many += chunk(delta("x"));
    streamed s{start + many + chunk(done) + end, {.max_response_bytes = 1000}};
    CHECK(s.failure_text() == "response from " + s.url + " too large");
  }
  SECTION("an event above the limit") {
    streamed s{start + chunk("data: " + std::string(100'000, 'x')) + end,
               {.max_response_bytes = 1000}};
    CHECK(s.failure_text() == "response from " + s.url + " too large");
  }
}

TEST_CASE("pings do not keep a stream alive",
          "[net][model_stream][integration]") {
  thought_book book;
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + chunk(delta("a")));
    peer.write_forever(chunk(": still here\n\n"));
  }}};
  auto neuron = chat(server, {.timeout = std::chrono::milliseconds{200},
                              .max_response_bytes = size_t{1} << 40});
  auto [code, text] = failure_of(run_neuron(neuron, hello, &book));
  CHECK(code == ec::timeout);
  CHECK_THAT(text, ContainsSubstring(" timed out after 0.2 s"));
  CHECK(server.wait_for_ended(1));
}
