// SPDX-License-Identifier: Apache-2.0
//
// What you learn: the service of 150 in the framework that you already use,
// here cpp-httplib. A handler is a function that may wait, so it calls
// `dispatch_and_wait` on the one orchestrator. Such a framework waits for its
// handlers when it stops, so a STOP on their traces ends those that take long.
// Run: build/dev/bin/example_160_web_service_httplib 8080, then as with 150

#include "word_by_word.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/runtime.hpp>

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace {

using cosmo::json;

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump(), "application/json");
}

std::string event(std::string_view name, const json& data) {
  return "event: " + std::string{name} + "\ndata: " + data.dump() + "\n\n";
}

/// 1. The traces of the requests under way.
class open_traces {
public:
  explicit open_traces(cosmo::dendrite orchestrator)
    : orchestrator_(std::move(orchestrator)) {
    // nop
  }

  /// @returns what keeps the trace open, or null at the end.
  std::shared_ptr<void> open(const std::string& trace_id) {
    std::unique_lock guard{mutex_};
    if (is_ending_)
      return nullptr;
    ids_.insert(trace_id);
    return {this, [trace_id](open_traces* self) { self->close(trace_id); }};
  }

  /// Lets requests finish for a while, then stops what is left.
  void end(std::chrono::milliseconds grace) {
    std::set<std::string> late;
    {
      std::unique_lock guard{mutex_};
      is_ending_ = true;
      closed_.wait_for(guard, grace, [this] { return ids_.empty(); });
      late = ids_;
    }
    for (const auto& id : late)
      (void)orchestrator_.emit_stop(id);
  }

private:
  void close(const std::string& trace_id) {
    std::unique_lock guard{mutex_};
    ids_.erase(trace_id);
    closed_.notify_all();
  }

  cosmo::dendrite orchestrator_;
  std::mutex mutex_;
  std::condition_variable closed_;
  std::set<std::string> ids_;
  bool is_ending_ = false;
};

struct ask_service {
  cosmo::runtime& rt;
  cosmo::dendrite orchestrator;
  open_traces& traces;
  std::chrono::milliseconds timeout;

  void operator()(const httplib::Request& request,
                  httplib::Response& response) const {
    auto body = cosmo::parse_json(request.body);
    if (!body)
      return answer(response, 400,
                    {{"error", cosmo::message_of(body.error())}});
    if (!body->is_object() || !body->contains("prompt")
        || !body->at("prompt").is_string() || body->at("prompt") == "")
      return answer(response, 400, {{"error", "prompt required"}});
    cosmo::dispatch_options task{.neuron = "parrot",
                                 .input = {{"prompt", body->at("prompt")}},
                                 .trace_id = rt.new_trace_id(),
                                 .replay_cap = 1000,
                                 .timeout = timeout};
    auto open = traces.open(*task.trace_id);
    if (!open)
      return answer(response, 503, {{"error", "shutting down"}});
    if (body->value("stream", json(false)) == true)
      stream(task, std::move(open), response);
    else
      whole(task, response);
  }

  /// 2. A whole answer.
  void whole(const cosmo::dispatch_options& task,
             httplib::Response& response) const {
    auto outcome = orchestrator.dispatch_and_wait(task);
    if (!outcome) {
      (void)orchestrator.emit_stop(*task.trace_id);
      return answer(response, outcome.error() == cosmo::ec::timeout ? 504 : 503,
                    {{"error", cosmo::message_of(outcome.error())}});
    }
    if (auto error = outcome->get_if<cosmo::payload::error>())
      return answer(response, 502,
                    {{"error", error->message}, {"code", error->code}});
    answer(response, 200,
           {{"response", outcome->output().value("response", "")}});
  }

  /// 3. Server-sent events: httplib calls for each piece, and stops calling
  /// when the client has gone.
  void stream(const cosmo::dispatch_options& task, std::shared_ptr<void> open,
              httplib::Response& response) const {
    auto trace = orchestrator.dispatch(task);
    if (!trace)
      return answer(response, 503,
                    {{"error", cosmo::message_of(trace.error())}});
    response.set_chunked_content_provider(
      "text/event-stream",
      [trace = *trace, wait = timeout](size_t, httplib::DataSink& out) {
        auto news = cosmo::types::waking;
        news.insert(cosmo::signal_type::THOUGHT_DELTA);
        auto sig = trace.wait_for(news, wait);
        auto text
          = sig ? event_of(*sig)
                : event("error", {{"error", cosmo::message_of(sig.error())}});
        auto is_written = out.write(text.data(), text.size());
        if (!sig || sig->type() != cosmo::signal_type::THOUGHT_DELTA)
          out.done();
        return is_written;
      },
      // A STOP after the answer finds nothing left to stop.
      [host = orchestrator, id = *task.trace_id, open = std::move(open)](bool) {
        (void)host.emit_stop(id);
      });
  }

  static std::string event_of(const cosmo::signal& sig) {
    if (auto thought = sig.get_if<cosmo::payload::thought_delta>())
      return event("delta", {{"delta", thought->delta}});
    if (auto error = sig.get_if<cosmo::payload::error>())
      return event("error", {{"error", error->message}, {"code", error->code}});
    return event("answer", {{"response", sig.output().value("response", "")}});
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

  open_traces traces{orchestrator};
  httplib::Server server;
  server.Post("/ask", ask_service{rt, orchestrator, traces,
                                  std::chrono::milliseconds{timeout}});
  if (port == 0)
    port = server.bind_to_any_port("127.0.0.1");
  else if (!server.bind_to_port("127.0.0.1", port))
    port = -1;
  if (port < 0) {
    std::cerr << "cannot listen\n";
    return 1;
  }
  std::jthread listener{[&] { server.listen_after_bind(); }};
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  cosmo::runtime::wait_for_signal();

  // 4. First the clients, then, at the end of the scope, the Dendrites.
  server.stop();
  traces.end(5s);
  listener.join();
  std::cout << "stopped\n";
}

// Expected output:
// listening on http://127.0.0.1:8080
// ^C
// stopped
