// SPDX-License-Identifier: Apache-2.0
#include "call_outcome.hpp"
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/model_sources.hpp"
#include "support/neuron_run.hpp"
#include "support/paced_script.hpp"
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <atomic>
#include <semaphore>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string origin_of(const fake_server& server) {
  return "http://" + server.authority();
}

model_source any_source() {
  return GENERATE(from_range(model_sources()));
}

using outcome = std::future<caf::expected<json>>;

caf::expected<json> await_json(outcome& pending) {
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  return pending.get();
}

/// A server that holds each request until it may be answered.
struct slow_server {
  explicit slow_server(const model_source& source, size_t count)
    : server{{count, [this, &source](fake_peer& peer) {
                peer.read_request();
                ++arrived;
                arrival.release();
                release.acquire();
                peer.write(response("200 OK", source.reply_body));
              }}} {
    // nop
  }

  ~slow_server() {
    release.release(100);
  }

  std::atomic<int> arrived = 0;
  std::counting_semaphore<> arrival{0};
  std::counting_semaphore<> release{0};
  fake_server server;
};

} // namespace

TEST_CASE("a source asks no more at a time than it may",
          "[net][source_limits][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  slow_server slow{source, 3};
  auto neuron
    = make_neuron(source, origin_of(slow.server), {{"max_concurrency", 1}});
  std::vector<outcome> pending;
  for (int i = 0; i < 3; ++i)
    pending.push_back(start_neuron(neuron, source.input));
  slow.arrival.acquire();
  for (int i = 1; i <= 3; ++i) {
    slow.release.release();
    CHECK(await_json(pending[static_cast<size_t>(i) - 1]));
    CHECK(slow.arrived <= i + 1);
  }
  CHECK(slow.arrived == 3);
}

TEST_CASE("a call that waits for its turn runs into its own timeout",
          "[net][source_limits][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto limit
    = GENERATE(as<std::string>{}, "max_concurrency", "requests_per_minute");
  slow_server slow{source, 2};
  json options{{"timeout", 0.3}};
  options[limit] = 1;
  auto neuron = make_neuron(source, origin_of(slow.server), options);
  auto first = start_neuron(neuron, source.input);
  auto second = start_neuron(neuron, source.input);
  auto expected
    = failure{ec::timeout, "request to " + origin_of(slow.server) + source.path
                             + " timed out after 0.3 s"};
  CHECK(failure_of(await_json(first)) == expected);
  CHECK(failure_of(await_json(second)) == expected);
  CHECK(slow.server.connection_count() <= 2);
}

TEST_CASE("a call that waited has what is left of its time",
          "[net][source_limits][integration]") {
  auto& source = model_sources().front();
  fake_server server{{2, [](fake_peer& peer) { peer.wait_for_close(); }}};
  auto neuron = make_neuron(source, origin_of(server),
                            {{"max_concurrency", 1}, {"timeout", 0.3}});
  auto first = start_neuron(neuron, source.input);
  auto second = start_neuron(neuron, source.input);
  for (auto* pending : {&first, &second})
    CHECK_THAT(failure_of(await_json(*pending)).text,
               ContainsSubstring("timed out after 0.3 s"));
}

TEST_CASE("tokens of one reply hold the next call back",
          "[net][source_limits][integration]") {
  auto source = GENERATE(from_range(model_sources()));
  CAPTURE(source.name);
  auto reply = json::parse(source.reply_body);
  if (!reply.contains("usage") && !reply.contains("eval_count"))
    reply["usage"] = {{"total_tokens", 5}};
  std::vector<std::string> requests;
  fake_server server{{2, answer(response("200 OK", reply.dump()), &requests)}};
  auto neuron = make_neuron(source, origin_of(server),
                            {{"tokens_per_minute", 1}, {"timeout", 0.3}});
  auto first = start_neuron(neuron, source.input);
  REQUIRE(await_json(first));
  auto second = start_neuron(neuron, source.input);
  CHECK(failure_of(await_json(second)).code == ec::timeout);
  CHECK(requests.size() == 1);
}

TEST_CASE("a source stops asking a server that fails",
          "[net][source_limits][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto bytes = GENERATE(response("500 Oops", ""), response("429 Slow", ""),
                        response("529 Busy", ""), std::string{"nonsense"},
                        response("200 OK", "<html>"),
                        response("200 OK", R"({"error":"upstream"})"));
  std::vector<std::string> requests;
  fake_server server{{4, answer(bytes, &requests)}};
  auto neuron = make_neuron(
    source, origin_of(server),
    {{"breaker", {{"failures", 2}, {"open_for", 600}}}, {"timeout", 5}});
  CHECK(failure_of(run_neuron(neuron, source.input)).code != ec::breaker_open);
  CHECK(failure_of(run_neuron(neuron, source.input)).code != ec::breaker_open);
  auto [code, text] = failure_of(run_neuron(neuron, source.input));
  CHECK(code == ec::breaker_open);
  CHECK_THAT(text, ContainsSubstring(server.authority()));
  CHECK_THAT(text, ContainsSubstring("is open"));
  CHECK(requests.size() == 2);
}

TEST_CASE("a refusal does not open the breaker",
          "[net][source_limits][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  fake_server server{{3, answer(response("401 No", ""))}};
  auto neuron
    = make_neuron(source, origin_of(server), {{"breaker", {{"failures", 1}}}});
  for (int i = 0; i < 3; ++i)
    CHECK(failure_of(run_neuron(neuron, source.input)).code == ec::http_status);
}

TEST_CASE("a breaker that has been open long enough tries again",
          "[net][source_limits][integration]") {
  auto& source = model_sources().front();
  std::atomic<int> count = 0;
  fake_server server{{2, [&](fake_peer& peer) {
                        while (!peer.read_request().empty())
                          peer.write(count++ == 0
                                       ? response("500 Oops", "")
                                       : response("200 OK", source.reply_body));
                      }}};
  auto neuron
    = make_neuron(source, origin_of(server),
                  {{"breaker", {{"failures", 1}, {"open_for", 1e-9}}}});
  CHECK_FALSE(run_neuron(neuron, source.input));
  CHECK(run_neuron(neuron, source.input));
  CHECK(run_neuron(neuron, source.input));
}

TEST_CASE("streams have the limits of their source",
          "[net][source_limits][integration]") {
  auto& source = model_sources().at(1);
  thought_book book;
  auto run = [&](const std::string& bytes, const json& limits) {
    std::vector<std::string> requests;
    fake_server server{{2, answer(bytes, &requests)}};
    json options{{"stream", true}, {"timeout", 0.3}};
    options.update(limits);
    auto neuron = make_neuron(source, origin_of(server), options);
    auto first = run_neuron(neuron, source.input, &book);
    auto second = run_neuron(neuron, source.input, &book);
    CHECK(requests.size() == 1);
    return failure_of(second).code;
  };
  CHECK(run(response("200 OK", "data: {\"choices\":[{\"delta\":"
                               "{\"content\":\"a\"}}],\"usage\":"
                               "{\"total_tokens\":5}}\n\n"
                               "data: [DONE]\n\n"),
            {{"tokens_per_minute", 1}})
        == ec::timeout);
  CHECK(run(response("200 OK", "data: {\"error\":\"upstream\"}\n\n"),
            {{"breaker", {{"failures", 1}}}})
        == ec::breaker_open);
}

TEST_CASE("a stream closes the breaker with its first words",
          "[net][source_limits][integration]") {
  auto& source = model_sources().at(1);
  auto delta = [](const std::string& text) {
    return chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" + text
                 + "\"}}]}\n\n");
  };
  auto whole = std::string{chunked_head} + delta("c")
               + chunk("data: [DONE]\n\n") + std::string{last_chunk};
  auto oops = answer(response("500 Oops", "", "Connection: close\r\n"));
  paced_script probe{{std::string{chunked_head}, delta("a"), delta("b")}};
  auto play = [&](fake_peer& peer) { probe.play(peer); };
  thought_book book;
  auto make = [&](const fake_server& server, json options) {
    options["stream"] = true;
    options["breaker"] = {{"failures", 1}, {"open_for", 1e-9}};
    return make_neuron(source, origin_of(server), options);
  };
  SECTION("and calls get through beside it") {
    fake_server server{{oops, play, answer(whole)}};
    auto neuron = make(server, json::object());
    CHECK_FALSE(run_neuron(neuron, source.input));
    auto probing = start_neuron(neuron, source.input, {}, &book);
    probe.step_and_wait();
    CHECK(failure_of(run_neuron(neuron, source.input)).code
          == ec::breaker_open);
    probe.step();
    book.wait_for(1);
    CHECK(run_neuron(neuron, source.input, &book));
    // It is cut in the end.
    probe.step();
    probe.step();
    CHECK(failure_of(await_json(probing)).code == ec::connection_lost);
  }
  SECTION("and keeps its place to the end") {
    std::stop_source stop;
    auto begins_in_turn = false;
    auto next_call = [&](fake_peer& peer) {
      peer.read_request();
      begins_in_turn = stop.stop_requested();
      peer.write(whole);
    };
    fake_server server{{oops, play, next_call}};
    auto neuron = make(server, {{"max_concurrency", 1}});
    CHECK_FALSE(run_neuron(neuron, source.input));
    auto probing = start_neuron(neuron, source.input, stop.get_token(), &book);
    probe.step();
    probe.step();
    book.wait_for(1);
    auto next = start_neuron(neuron, source.input, {}, &book);
    probe.step();
    book.wait_for(2);
    stop.request_stop();
    CHECK(failure_of(await_json(probing)).code == ec::cancelled);
    CHECK(await_json(next));
    CHECK(begins_in_turn);
    probe.step();
  }
}

TEST_CASE("a stream that fails after its first words has failed",
          "[net][source_limits][integration]") {
  auto& source = model_sources().at(1);
  auto first = std::string{chunked_head}
               + chunk("data: {\"choices\":[{\"delta\":{\"content\":"
                       "\"a\"}}]}\n\n");
  // In one piece with the text, or when that has been taken.
  paced_script cut{{first}};
  paced_script refused{{first + chunk("data: {\"error\":\"upstream\"}\n\n")}};
  auto& script = GENERATE(true, false) ? cut : refused;
  fake_server server{{[&](fake_peer& peer) { script.play(peer); }}};
  auto neuron = make_neuron(source, origin_of(server),
                            {{"stream", true}, {"breaker", {{"failures", 1}}}});
  thought_book book;
  auto pending = start_neuron(neuron, source.input, {}, &book);
  script.step();
  book.wait_for(1);
  script.step();
  CHECK_FALSE(await_json(pending));
  CHECK(failure_of(run_neuron(neuron, source.input)).code == ec::breaker_open);
}

TEST_CASE("a waiting call can be cancelled",
          "[net][source_limits][integration]") {
  auto& source = model_sources().front();
  slow_server slow{source, 2};
  auto neuron
    = make_neuron(source, origin_of(slow.server), {{"max_concurrency", 1}});
  auto first = start_neuron(neuron, source.input);
  std::stop_source stop;
  auto second = start_neuron(neuron, source.input, stop.get_token());
  auto third = start_neuron(neuron, source.input);
  stop.request_stop();
  CHECK(failure_of(await_json(second)).code == ec::cancelled);
  auto late = start_neuron(neuron, source.input, stop.get_token());
  CHECK(failure_of(await_json(late)).code == ec::cancelled);
  slow.release.release(2);
  CHECK(await_json(first));
  CHECK(await_json(third));
  CHECK(slow.arrived == 2);
}

TEST_CASE("a cancelled call gives its place to the next",
          "[net][source_limits][integration]") {
  auto& source = model_sources().front();
  slow_server slow{source, 2};
  auto neuron
    = make_neuron(source, origin_of(slow.server), {{"max_concurrency", 1}});
  std::stop_source stop;
  auto first = start_neuron(neuron, source.input, stop.get_token());
  slow.arrival.acquire();
  auto second = start_neuron(neuron, source.input);
  stop.request_stop();
  CHECK(failure_of(await_json(first)).code == ec::cancelled);
  slow.release.release(2);
  CHECK(await_json(second));
}

TEST_CASE("a Neuron that goes away ends what waits for its turn",
          "[net][source_limits][integration]") {
  auto& source = model_sources().front();
  slow_server slow{source, 2};
  std::optional<any_neuron> neuron
    = make_neuron(source, origin_of(slow.server), {{"max_concurrency", 1}});
  auto first = start_neuron(*neuron, source.input);
  auto second = start_neuron(*neuron, source.input);
  slow.arrival.acquire();
  neuron.reset();
  CHECK(failure_of(await_json(second)).code == ec::cancelled);
  CHECK(failure_of(await_json(first)).code == ec::cancelled);
}

TEST_CASE("limits are judged by every source", "[net][source_limits]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto complaint = [&](const char* option, json value) {
    auto options = source.options;
    options["endpoint"] = "http://host";
    options[option] = std::move(value);
    auto [code, text] = failure_of(neuron::from_source(source.name, options));
    CHECK(code == ec::bad_config);
    return text;
  };
  auto must_be = [&](const char* option, const char* what) {
    return "option '" + std::string{option} + "' of " + source.name
           + " must be " + what;
  };
  for (auto option :
       {"max_concurrency", "requests_per_minute", "tokens_per_minute"})
    CHECK(complaint(option, -1) == must_be(option, "a non-negative integer"));
  auto bad
    = GENERATE(json(5), json::object(), json{{"failures", "2"}},
               json{{"failures", 1}, {"colour", 1}},
               json{{"failures", 1}, {"open_for", "x"}}, json{{"open_for", 1}});
  CHECK(complaint("breaker", bad)
        == must_be("breaker", "an object with 'failures', a non-negative "
                              "integer, and 'open_for', a number of seconds"));
  auto span = GENERATE(0.0, -1.0, 1e10);
  CHECK(complaint("breaker", {{"failures", 1}, {"open_for", span}})
        == "option 'breaker' of " + source.name
             + " must have an 'open_for' > 0 and <= 1e9");
}

TEST_CASE("it depends on the failure whose fault it is",
          "[net][source_limits]") {
  auto of = [](ec code, unsigned status = 0) {
    return outcome_of(make_error(code, "x"), status);
  };
  CHECK(outcome_of({}, 200) == call_outcome::success);
  // An HTTP application's answer may be an error status.
  CHECK(outcome_of({}, 404) == call_outcome::success);
  CHECK(outcome_of({}, 503) == call_outcome::failure);
  CHECK(of(ec::http_status, 400) == call_outcome::success);
  CHECK(of(ec::http_status, 408) == call_outcome::failure);
  CHECK(of(ec::http_status, 429) == call_outcome::failure);
  CHECK(of(ec::http_status, 500) == call_outcome::failure);
  CHECK(of(ec::timeout) == call_outcome::failure);
  CHECK(of(ec::connect_failed) == call_outcome::failure);
  CHECK(of(ec::resolve_failed) == call_outcome::failure);
  CHECK(of(ec::connection_lost) == call_outcome::failure);
  CHECK(of(ec::tls_failed) == call_outcome::failure);
  CHECK(of(ec::malformed_json, 200) == call_outcome::failure);
  CHECK(of(ec::bad_response, 200) == call_outcome::failure);
  CHECK(of(ec::process_exited) == call_outcome::failure);
  CHECK(of(ec::rpc_error) == call_outcome::success);
  CHECK(of(ec::bad_input) == call_outcome::nothing);
  CHECK(of(ec::cancelled) == call_outcome::nothing);
  CHECK(of(ec::too_large, 200) == call_outcome::nothing);
  // A Synapse that restarts during a stream is not the server's.
  CHECK(of(ec::not_connected, 200) == call_outcome::nothing);
  CHECK(of(ec::overloaded, 200) == call_outcome::nothing);
}
