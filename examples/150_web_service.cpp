// SPDX-License-Identifier: Apache-2.0
//
// What you learn: HTTP in front of a Dendrite. One orchestrator serves all
// requests; a client that hangs up stops its trace; SIGINT and SIGTERM let
// requests under way finish first.
// Run: build/dev/bin/example_150_web_service 8080, then
//   curl localhost:8080/ask -d '{"prompt": "Hello there"}'
//   curl localhost:8080/ask -d '{"prompt": "Hello there", "stream": true}'

#include "word_by_word.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/net/http_server.hpp>
#include <cosmo/runtime.hpp>

#include <chrono>
#include <iostream>
#include <stop_token>
#include <string>

namespace {

using cosmo::json;
using cosmo::net::http_body_writer;
using cosmo::net::http_reply;
using cosmo::net::http_response;
using cosmo::net::incoming_request;

http_response answer(unsigned status, const json& body) {
  return {.status = status,
          .fields = {{"Content-Type", "application/json"}},
          .body = body.dump()};
}

std::string event(std::string_view name, const json& data) {
  return "event: " + std::string{name} + "\ndata: " + data.dump() + "\n\n";
}

/// 1. The handler: called on a thread of its own, so it may wait.
struct ask_service {
  cosmo::runtime& rt;
  cosmo::dendrite orchestrator;
  std::chrono::milliseconds timeout;

  void operator()(const incoming_request& request,
                  const http_reply& reply) const {
    if (request.path() != "/ask" || request.method != "POST")
      return reply.send(answer(404, {{"error", "there is only POST /ask"}}));
    auto body = cosmo::parse_json(request.body);
    if (!body)
      return reply.send(
        answer(400, {{"error", cosmo::message_of(body.error())}}));
    if (!body->is_object() || !body->contains("prompt")
        || !body->at("prompt").is_string() || body->at("prompt") == "")
      return reply.send(answer(400, {{"error", "prompt required"}}));

    cosmo::dispatch_options task{.neuron = "parrot",
                                 .input = {{"prompt", body->at("prompt")}},
                                 .trace_id = rt.new_trace_id(),
                                 .replay_cap = 1000,
                                 .timeout = timeout};
    // 2. Nobody should work for a client that has hung up.
    std::stop_callback hung_up{reply.client_gone(), [&] {
                                 std::cout << "a client has gone" << std::endl;
                                 (void)orchestrator.emit_stop(*task.trace_id);
                               }};
    if (body->value("stream", json(false)) == true)
      stream(task, reply);
    else
      whole(task, reply);
  }

  /// 3. A whole answer.
  void whole(const cosmo::dispatch_options& task,
             const http_reply& reply) const {
    auto outcome = orchestrator.dispatch_and_wait(task);
    if (!outcome)
      return reply.send(
        answer(give_up(task, outcome.error()),
               {{"error", cosmo::message_of(outcome.error())}}));
    if (auto error = outcome->get_if<cosmo::payload::error>())
      return reply.send(
        answer(502, {{"error", error->message}, {"code", error->code}}));
    reply.send(
      answer(200, {{"response", outcome->output().value("response", "")}}));
  }

  /// 4. An answer that is read while it grows, as server-sent events. `write`
  /// returns when the client has taken the event. The Pathway keeps the last
  /// 1000 Signals for a client that is slow; the answer has all that was said.
  void stream(const cosmo::dispatch_options& task,
              const http_reply& reply) const {
    auto trace = orchestrator.dispatch(task);
    if (!trace)
      return reply.send(
        answer(503, {{"error", cosmo::message_of(trace.error())}}));
    auto out = reply.stream({.status = 200,
                             .fields = {{"Content-Type", "text/event-stream"}},
                             .body = {}});
    auto news = cosmo::types::waking;
    news.insert(cosmo::signal_type::THOUGHT_DELTA);
    while (say_next(trace->wait_for(news, timeout), task, out)) {
    }
    out.end();
  }

  /// @returns whether there is more to come.
  bool say_next(const caf::expected<cosmo::signal>& sig,
                const cosmo::dispatch_options& task,
                const http_body_writer& out) const {
    if (!sig) {
      give_up(task, sig.error());
      (void)out.write(
        event("error", {{"error", cosmo::message_of(sig.error())}}));
      return false;
    }
    if (auto thought = sig->get_if<cosmo::payload::thought_delta>()) {
      auto gone = out.write(event("delta", {{"delta", thought->delta}}));
      if (gone)
        (void)orchestrator.emit_stop(*task.trace_id);
      return !gone;
    }
    if (auto error = sig->get_if<cosmo::payload::error>())
      (void)out.write(
        event("error", {{"error", error->message}, {"code", error->code}}));
    else
      (void)out.write(
        event("answer", {{"response", sig->output().value("response", "")}}));
    return false;
  }

  /// 5. Whoever no longer waits says so. @returns the status for the client.
  unsigned give_up(const cosmo::dispatch_options& task,
                   const caf::error& why) const {
    (void)orchestrator.emit_stop(*task.trace_id);
    return why == cosmo::ec::timeout ? 504 : 503;
  }
};

} // namespace

/// Arguments: port (0 for any), milliseconds that an answer may take.
int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  auto port = argc > 1 ? std::stoi(argv[1]) : 8080;
  auto timeout = argc > 2 ? std::stoi(argv[2]) : 30'000;

  cosmo::runtime rt;
  auto synapse = rt.connect("memory:");
  auto worker = rt.dendrite(synapse, {.name_space = "demo",
                                      .dendrite_id = "worker",
                                      .role = cosmo::role::worker});
  worker.attach_axon({.neuron_id = "parrot", .neuron = word_by_word});
  auto orchestrator = rt.dendrite(synapse, {.name_space = "demo"});
  auto scope = cosmo::running(worker, orchestrator);

  auto server = cosmo::net::http_server::open(
    {.port = static_cast<uint16_t>(port)},
    ask_service{rt, orchestrator, std::chrono::milliseconds{timeout}});
  if (!server) {
    std::cerr << cosmo::describe(server.error()) << '\n';
    return 1;
  }
  std::cout << "listening on " << (*server)->url() << std::endl;
  cosmo::runtime::wait_for_signal();

  // 6. First the clients, then, at the end of the scope, the Dendrites.
  (*server)->stop(5s);
  std::cout << "stopped\n";
}

// Expected output:
// listening on http://127.0.0.1:8080
// ^C
// stopped
