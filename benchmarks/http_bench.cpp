// SPDX-License-Identifier: Apache-2.0
//
// What a Neuron that asks over HTTP costs beside the bare library, and what a
// stream holds while it lasts.

#include "bench.hpp"
#include "http_bench_server.hpp"
#include <cosmo/dispatch.hpp>
#include <cosmo/neuron/huggingface.hpp>
#include <cosmo/pathway.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace bench {

namespace {

namespace asio = boost::asio;
namespace http_library = boost::beast::http;

using cosmo::json;
using cosmo::neuron_io;

constexpr size_t request_count = 20'000;
constexpr size_t connection_count = 8;
constexpr size_t stream_count = 2'000;
constexpr size_t deltas_per_stream = 50;
constexpr int rounds = 3;

const json prompt{{"prompt", "Say hello."}};

const std::string reply
  = R"({"id":"chatcmpl-1","object":"chat.completion","created":1735689600,)"
    R"("model":"some-model","choices":[{"index":0,"message":{"role":)"
    R"("assistant","content":"Hello there, and welcome to the bench!"},)"
    R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":18,)"
    R"("completion_tokens":9,"total_tokens":27}})";

const std::string response = "HTTP/1.1 200 OK\r\nContent-Type: application/json"
                             "\r\nContent-Length: "
                             + std::to_string(reply.size()) + "\r\n\r\n"
                             + reply;

/// A host that counts thoughts and has nothing else to offer.
class counting_host : public neuron_io::host {
public:
  explicit counting_host(std::atomic<size_t>& thoughts) : thoughts_(thoughts) {
    // nop
  }

  cosmo::task_scope scope() const noexcept override {
    return {.trace_id = id_, .task_id = id_, .neuron_id = id_};
  }

  std::stop_token stop_token() const override {
    return {};
  }

  void think(std::string) override {
    ++thoughts_;
  }

  void think(std::string, neuron_io::think_done done) override {
    ++thoughts_;
    done({});
  }

  void escalate(std::string, std::optional<std::string>, json) override {
    throw std::logic_error{"not here"};
  }

  caf::expected<cosmo::pathway> dispatch(cosmo::dispatch_options) override {
    throw std::logic_error{"not here"};
  }

  void dispatch(cosmo::dispatch_options, neuron_io::dispatch_done) override {
    throw std::logic_error{"not here"};
  }

  caf::disposable run_delayed(std::chrono::nanoseconds,
                              std::function<void()>) override {
    throw std::logic_error{"not here"};
  }

  void post(std::function<void()>) override {
    throw std::logic_error{"not here"};
  }

  const std::vector<cosmo::effector_binding>&
  effectors() const noexcept override {
    return no_effectors_;
  }

  caf::expected<cosmo::tool_outcome>
  call_tool(std::string_view, cosmo::call_tool_options) override {
    throw std::logic_error{"not here"};
  }

  void call_tool(std::string_view, cosmo::call_tool_options,
                 neuron_io::tool_done) override {
    throw std::logic_error{"not here"};
  }

  caf::expected<cosmo::recall_result> recall(std::string_view,
                                             cosmo::recall_options) override {
    throw std::logic_error{"not here"};
  }

  void recall(std::string_view, cosmo::recall_options,
              neuron_io::recall_done) override {
    throw std::logic_error{"not here"};
  }

  caf::expected<std::optional<cosmo::imprint_receipt>>
  imprint(std::string_view, cosmo::imprint_options) override {
    throw std::logic_error{"not here"};
  }

  void imprint(std::string_view, cosmo::imprint_options,
               neuron_io::imprint_done) override {
    throw std::logic_error{"not here"};
  }

private:
  std::atomic<size_t>& thoughts_;
  std::string id_;
  std::vector<cosmo::effector_binding> no_effectors_;
};

/// Calls a function with the outcome.
class answer_state : public cosmo::neuron_promise::state {
public:
  using function = std::function<void(const caf::expected<json>&)>;

  explicit answer_state(function fn) : fn_(std::move(fn)) {
    // nop
  }

  void complete(caf::expected<json> result) override {
    fn_(result);
  }

private:
  function fn_;
};

class caller {
public:
  caller(const http_bench_server& server, bool streams)
    : neuron_(*cosmo::neuron::huggingface(
        {.endpoint = "http://127.0.0.1:" + std::to_string(server.port()),
         .model = "some-model",
         .use_chat_api = true,
         .stream = streams,
         .client = *cosmo::net::http_client::open({})})),
      host_(std::make_shared<counting_host>(thoughts_)) {
    // nop
  }

  void call(answer_state::function done) {
    neuron_.async()(
      prompt, json::array(), neuron_io{host_},
      cosmo::neuron_promise{std::make_shared<answer_state>(std::move(done))});
  }

  const std::atomic<size_t>& thoughts() const {
    return thoughts_;
  }

private:
  std::atomic<size_t> thoughts_ = 0;
  cosmo::any_neuron neuron_;
  std::shared_ptr<counting_host> host_;
};

// -- requests per second --------------------------------------------------------

/// As many calls at a time as there are connections.
double neuron_rate(const http_bench_server& server) {
  caller calls{server, false};
  std::atomic<size_t> started = 0;
  std::latch answered{static_cast<std::ptrdiff_t>(request_count)};
  std::function<void()> next = [&] {
    if (started++ >= request_count)
      return;
    calls.call([&](const caf::expected<json>& result) {
      if (!result)
        throw std::runtime_error{"the Neuron fails"};
      next();
      answered.count_down();
    });
  };
  auto taken = time([&] {
    for (size_t i = 0; i < connection_count; ++i)
      next();
    answered.wait();
  });
  return request_count / taken;
}

/// One connection of a client that does what it must and no more.
class bare_connection {
public:
  bare_connection(asio::io_context& context, uint16_t port, size_t& left)
    : socket_(context), left_(left) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(asio::ip::tcp::no_delay{true});
    request_.method(http_library::verb::post);
    request_.target("/v1/chat/completions");
    request_.version(11);
    request_.set(http_library::field::host, "127.0.0.1");
    request_.set(http_library::field::content_type, "application/json");
    request_.body() = R"({"messages":[{"role":"user","content":"Say hello."}],)"
                      R"("max_tokens":512,"model":"some-model"})";
    request_.prepare_payload();
  }

  void next() {
    if (left_ == 0)
      return;
    --left_;
    response_ = {};
    http_library::async_write(socket_, request_, [this](auto, size_t) {
      http_library::async_read(socket_, buffer_, response_,
                               [this](auto, size_t) { next(); });
    });
  }

private:
  asio::ip::tcp::socket socket_;
  size_t& left_;
  http_library::request<http_library::string_body> request_;
  http_library::response<http_library::string_body> response_;
  boost::beast::flat_buffer buffer_;
};

double bare_rate(const http_bench_server& server) {
  asio::io_context context{1};
  size_t left = request_count;
  std::vector<std::unique_ptr<bare_connection>> connections;
  for (size_t i = 0; i < connection_count; ++i)
    connections.push_back(
      std::make_unique<bare_connection>(context, server.port(), left));
  auto taken = time([&] {
    for (auto& connection : connections)
      connection->next();
    context.run();
  });
  return request_count / taken;
}

void overhead() {
  http_bench_server server{
    [](int connection) { http_bench_server::write(connection, response); }};
  auto best = [&](auto rate) {
    return -best_of(rounds, [&] { return -rate(server); });
  };
  auto bare = best(bare_rate);
  auto neuron = best(neuron_rate);
  report("http.bare_rate", bare, "1/s");
  report("http.neuron_rate", neuron, "1/s");
  report("http.overhead_ratio", neuron / bare, "x");
}

// -- streams --------------------------------------------------------------------

/// Both ends of all streams are in this process.
void allow_many_sockets() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string chunk(const std::string& event) {
  char size[16];
  std::snprintf(size, sizeof(size), "%zx\r\n", event.size());
  return size + event + "\r\n";
}

void inflight() {
  allow_many_sockets();
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
                           "\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto delta
    = chunk("data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"content\":\" word\"}}]}\n\n");
  const auto end = chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  std::mutex mutex;
  std::vector<int> connections;
  std::latch arrived{static_cast<std::ptrdiff_t>(stream_count)};
  http_bench_server server{[&](int connection) {
    http_bench_server::write(connection, head);
    std::unique_lock guard{mutex};
    connections.push_back(connection);
    arrived.count_down();
  }};
  caller calls{server, true};
  std::atomic<size_t> good = 0;
  std::atomic<size_t> ended = 0;
  std::latch answered{static_cast<std::ptrdiff_t>(stream_count)};
  auto before = resident_bytes();
  for (size_t i = 0; i < stream_count; ++i)
    calls.call([&](const caf::expected<json>& result) {
      if (result)
        ++good;
      ++ended;
      answered.count_down();
    });
  arrived.wait();
  auto taken = time([&] {
    for (size_t i = 0; i < deltas_per_stream; ++i)
      for (auto connection : connections)
        http_bench_server::write(connection, delta);
    // All are still open when their last delta has been thought.
    while (calls.thoughts() < stream_count * deltas_per_stream && ended == 0)
      std::this_thread::yield();
  });
  auto bytes = resident_bytes() - before;
  for (auto connection : connections)
    http_bench_server::write(connection, end);
  answered.wait();
  report("http.inflight_bytes", bytes / stream_count, "B");
  report("http.inflight_delta_rate",
         static_cast<double>(calls.thoughts()) / taken, "1/s");
  report("http.inflight_lost",
         static_cast<double>(stream_count * (deltas_per_stream + 1)
                             - calls.thoughts() - good),
         "deltas");
}

} // namespace

void http() {
  overhead();
  inflight();
}

} // namespace bench
