// SPDX-License-Identifier: Apache-2.0
//
// How far the browser's view is behind the bus: from the publication of a
// Signal to its arrival at a WebSocket of Prism, at a steady 5,000 a second.

#include "bench.hpp"
#include <cosmo/net/observation.hpp>
#include <cosmo/net/prism_server.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/net/wire_server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

using asio::ip::tcp;

constexpr size_t signals_per_ms = 5;
constexpr size_t duration_ms = 3'000;
constexpr size_t signals = signals_per_ms * duration_ms;

int64_t now_ns() {
  return clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

/// A Signal that says when it was made.
std::string frame() {
  return R"({"v":"1","id":"evt_01J00000000000000000000001",)"
         R"("trace_id":"trc_01J00000000000000000000001","parent_id":null,)"
         R"("type":"THOUGHT_DELTA","directed":null,)"
         R"("ts":"2026-03-01T08:00:00.123456Z","payload":{"delta":"at )"
         + std::to_string(now_ns()) + R"("},"meta":{}})";
}

/// When a message says that it was made; 0 if it does not.
int64_t made_at(std::string_view text) {
  constexpr std::string_view mark = "\"at ";
  auto found = text.find(mark);
  if (found == text.npos)
    return 0;
  int64_t result = 0;
  std::from_chars(text.data() + found + mark.size(), text.data() + text.size(),
                  result);
  return result;
}

void publish(cosmo::net::wire_client& bus) {
  auto next = clock::now();
  for (size_t i = 0; i < duration_ms; ++i) {
    std::this_thread::sleep_until(next);
    next += std::chrono::milliseconds{1};
    for (size_t j = 0; j < signals_per_ms; ++j)
      if (bus.publish("cosmonapse.bench.THOUGHT_DELTA", frame()))
        throw std::runtime_error{"cannot publish"};
  }
  if (bus.publish("cosmonapse.bench.PLAN",
                  R"({"type":"PLAN","meta":{"bench":"end"}})"))
    throw std::runtime_error{"cannot publish"};
}

} // namespace

void prism() {
  using namespace cosmo::net;
  auto bus = wire_server::open({.port = 0});
  if (!bus)
    throw std::runtime_error{"cannot listen"};
  auto server = prism_server::open({.port = 0}, observe_bus());
  if (!server)
    throw std::runtime_error{"cannot listen"};
  asio::io_context context;
  beast::websocket::stream<tcp::socket> view{context};
  view.next_layer().connect(
    {asio::ip::address_v4::loopback(), (*server)->port()});
  view.handshake("127.0.0.1:" + std::to_string((*server)->port()),
                 "/ws?namespace=bench&url=cosmo%3A%2F%2F127.0.0.1%3A"
                   + std::to_string((*bus)->port()));
  auto client = wire_client::connect((*bus)->url());
  if (!client)
    throw std::runtime_error{"no connection"};
  // The view is attached when it shows something.
  beast::flat_buffer buffer;
  std::jthread knocking{[&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      (void)(*client)->publish("cosmonapse.bench.PLAN", R"({"type":"PLAN"})");
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }};
  view.read(buffer);
  knocking.request_stop();
  knocking.join();
  std::vector<double> lags;
  std::thread publisher{[&] { publish(**client); }};
  for (;;) {
    buffer.clear();
    view.read(buffer);
    auto text = beast::buffers_to_string(buffer.data());
    if (auto made = made_at(text); made != 0)
      lags.push_back(static_cast<double>(now_ns() - made) / 1e6);
    else if (text.find(R"("bench":"end")") != text.npos)
      break;
  }
  publisher.join();
  report("prism.dropped", static_cast<double>(signals - lags.size()),
         "Signals");
  std::ranges::sort(lags);
  report("prism.lag_ms_p50", lags[lags.size() / 2], "ms");
  report("prism.lag_ms_p99", lags[lags.size() * 99 / 100], "ms");
}

} // namespace bench
