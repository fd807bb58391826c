// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/paced_script.hpp"
#include <cosmo/dead_letters.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

std::string delta(const std::string& text) {
  return chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" + text
               + "\"}}]}\n\n");
}

const std::string end = chunk("data: [DONE]\n\n") + std::string{last_chunk};

/// A worker that streams what the script sends, and somebody who asks.
struct stream_fixture {
  void serve(fake_server::script script) {
    server.emplace(std::vector{std::move(script)});
    auto greeter
      = neuron::huggingface({.endpoint = "http://" + server->authority(),
                             .use_chat_api = true,
                             .stream = true});
    REQUIRE(worker.attach_axon({.neuron_id = "greeter", .neuron = greeter}));
    REQUIRE_FALSE(worker.start());
    REQUIRE_FALSE(orchestrator.start());
  }

  pathway dispatch(std::optional<size_t> replay_cap = {}) {
    auto trace = orchestrator.dispatch({.neuron = "greeter",
                                        .input = {{"prompt", "Hello?"}},
                                        .replay_cap = replay_cap,
                                        .finalize = true});
    REQUIRE(trace);
    return *trace;
  }

  runtime rt{{.threads = 2}};
  caf::expected<synapse> bus = rt.connect("memory:");
  std::optional<fake_server> server;
  dendrite worker
    = rt.dendrite(bus, {.dendrite_id = "worker", .role = role::worker});
  dendrite orchestrator = rt.dendrite(bus, {.dendrite_id = "asker"});
};

} // namespace

TEST_CASE_METHOD(stream_fixture, "a trace shows thoughts, then the answer",
                 "[net][streaming][integration]") {
  serve([](fake_peer& peer) {
    peer.read_request();
    peer.write(chunked_head);
    for (int i = 0; i < 100; ++i)
      peer.write(delta("<" + std::to_string(i) + ">"));
    peer.write(end);
  });
  auto trace = dispatch();
  std::string text;
  int64_t count = 0;
  std::string rest;
  for (const auto& sig : trace) {
    if (auto thought = sig.get_if<payload::thought_delta>()) {
      CHECK(rest.empty());
      CHECK(thought->seq == count++);
      CHECK(sig.directed() == directed::to("greeter"));
      text += thought->delta;
    } else {
      rest += std::string{to_string(sig.type())} + ' ';
      CHECK(sig.output()["response"] == text);
    }
  }
  CHECK(count == 100);
  CHECK(rest == "AGENT_OUTPUT FINAL ");
}

TEST_CASE_METHOD(stream_fixture, "a STOP closes a stream",
                 "[net][streaming][integration]") {
  serve([](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + delta("a"));
    peer.wait_for_close();
  });
  auto trace = dispatch();
  REQUIRE(trace.wait_for(signal_type::THOUGHT_DELTA, patience));
  REQUIRE(orchestrator.stop_trace(trace.trace_id()));
  CHECK(server->wait_for_ended(1));
  for (const auto& sig : trace)
    CHECK(sig.type() != signal_type::AGENT_OUTPUT);
}

TEST_CASE_METHOD(stream_fixture, "a stopped Dendrite closes its streams",
                 "[net][streaming][integration]") {
  serve([](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + delta("a"));
    peer.wait_for_close();
  });
  auto trace = dispatch();
  REQUIRE(trace.wait_for(signal_type::THOUGHT_DELTA, patience));
  CHECK_FALSE(worker.stop());
  CHECK(server->wait_for_ended(1));
  auto reply = trace.wait(patience);
  REQUIRE(reply);
  REQUIRE(reply->get_if<payload::error>());
  CHECK(reply->get_if<payload::error>()->code == "DENDRITE_STOPPED");
}

TEST_CASE_METHOD(stream_fixture,
                 "a consumer that is slow keeps no more than it "
                 "asked for",
                 "[net][streaming][integration]") {
  constexpr int count = 500;
  constexpr size_t cap = 50;
  serve([](fake_peer& peer) {
    peer.read_request();
    peer.write(chunked_head);
    for (int i = 0; i < count; ++i)
      peer.write(delta("x"));
    peer.write(end);
  });
  auto trace = dispatch(cap);
  struct consumer {
    std::latch answered{1};
    std::promise<void> called;
    std::vector<signal_type> seen;
  };
  // Outlives a test that fails meanwhile.
  auto slow = std::make_shared<consumer>();
  trace.on(types::all, [slow](const cosmo::signal& sig) {
    if (slow->seen.empty())
      slow->answered.wait();
    slow->seen.push_back(sig.type());
    if (sig.type() == signal_type::FINAL)
      slow->called.set_value();
  });
  auto reply = trace.wait_for(signal_type::FINAL, patience);
  slow->answered.count_down();
  REQUIRE(reply);
  CHECK(reply->output()["response"] == std::string(count, 'x'));
  std::vector<cosmo::signal> kept;
  for (const auto& sig : trace)
    kept.push_back(sig);
  CHECK(kept.size() <= cap);
  CHECK(kept.back().type() == signal_type::FINAL);
  CHECK(rt.dead_letters().count(dead_letter_reason::dropped) > 0);
  REQUIRE(slow->called.get_future().wait_for(patience)
          == std::future_status::ready);
  CHECK(slow->seen.size() <= cap + 1);
}
