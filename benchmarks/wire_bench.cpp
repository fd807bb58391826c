// SPDX-License-Identifier: Apache-2.0
//
// The cosmo:// bus beside NATS: the same frames between the same number of
// processes, each with its own client library.

#include "bench.hpp"
#include "child.hpp"
#include <cosmo/dispatch.hpp>
#include <cosmo/net/wire_transport.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <nats/nats.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

namespace {

namespace asio = boost::asio;

using asio::ip::tcp;

/// Fewer than what may wait for a subscriber, however slow it is.
constexpr size_t frames = 150'000;
constexpr size_t fanout = 8;
constexpr size_t fanout_frames = 100'000;
constexpr size_t requests = 5'000;
constexpr size_t idle_clients = 1'000;
constexpr int rounds = 5;

uint16_t free_port() {
  asio::io_context context;
  tcp::acceptor probe{context, {asio::ip::address_v4::loopback(), 0}};
  return probe.local_endpoint().port();
}

/// A broker, and how to reach it.
struct broker {
  std::string kind;
  std::string url;
  std::unique_ptr<child> process;
};

broker cosmo_broker() {
  auto process = std::make_unique<child>(
    std::vector<std::string>{sibling("cosmo_wire_peer"), "serve"});
  auto url = process->line();
  return {"cosmo", url, std::move(process)};
}

/// NATS logs to standard error that it is ready; a connection tells as well.
broker nats_broker() {
  auto port = std::to_string(free_port());
  auto process = std::make_unique<child>(std::vector<std::string>{
    "nats-server", "-a", "127.0.0.1", "-p", port, "-l", "/dev/null"});
  asio::io_context context;
  tcp::endpoint at{asio::ip::address_v4::loopback(),
                   static_cast<uint16_t>(std::stoul(port))};
  for (auto i = 0; i < 200; ++i) {
    tcp::socket probe{context};
    boost::system::error_code error;
    probe.connect(at, error);
    if (!error)
      return {"nats", "nats://127.0.0.1:" + port, std::move(process)};
    usleep(10'000);
  }
  throw std::runtime_error{"nats-server does not come up"};
}

std::unique_ptr<child> peer(const std::string& role, const broker& at,
                            size_t count = 0) {
  auto result = std::make_unique<child>(std::vector<std::string>{
    sibling("cosmo_wire_peer"), role, at.kind, at.url, std::to_string(count)});
  result->line(); // ready
  return result;
}

/// Seconds from the first frame's publication to the last one's arrival.
double pubsub(const broker& at, size_t subscribers, size_t count) {
  std::vector<std::unique_ptr<child>> all;
  for (size_t i = 0; i < subscribers; ++i)
    all.push_back(peer("subscribe", at, count));
  auto publisher = peer("publish", at, count);
  return time([&] {
    publisher->say("go");
    for (auto& subscriber : all)
      subscriber->line(); // done
  });
}

double median(std::vector<double> all) {
  std::ranges::sort(all);
  return all[all.size() / 2];
}

double nats_round_trip(const broker& at) {
  auto responder = peer("reply", at);
  natsConnection* connection = nullptr;
  if (natsConnection_ConnectTo(&connection, at.url.c_str()) != NATS_OK)
    throw std::runtime_error{"no connection to NATS"};
  const std::string text = R"({"prompt":"hi"})";
  std::vector<double> all;
  for (size_t i = 0; i < requests; ++i)
    all.push_back(time([&] {
      natsMsg* reply = nullptr;
      if (natsConnection_Request(&reply, connection, "bench.reply", text.data(),
                                 static_cast<int>(text.size()), 5'000)
          != NATS_OK)
        throw std::runtime_error{"no reply over NATS"};
      natsMsg_Destroy(reply);
    }));
  natsConnection_Destroy(connection);
  return median(std::move(all));
}

double dispatch_round_trip(const broker& at) {
  auto worker = peer("reply", at);
  cosmo::runtime rt;
  rt.add_transport(cosmo::net::wire_transport());
  auto self = rt.dendrite(rt.connect(at.url), {.name_space = "bench"});
  if (self.start())
    throw std::runtime_error{"cannot start"};
  std::vector<double> all;
  for (size_t i = 0; i < requests; ++i)
    all.push_back(time([&] {
      if (!self.dispatch_and_wait(
            {.neuron = "echo", .input = {{"prompt", "hi"}}}))
        throw std::runtime_error{"no reply over cosmo"};
    }));
  return median(std::move(all));
}

void idle_memory(const broker& at) {
  auto before = at.process->resident_bytes();
  asio::io_context context;
  auto port
    = static_cast<uint16_t>(std::stoul(at.url.substr(at.url.rfind(':') + 1)));
  std::deque<tcp::socket> clients;
  for (size_t i = 0; i < idle_clients; ++i) {
    auto& socket = clients.emplace_back(context);
    socket.connect({asio::ip::address_v4::loopback(), port});
    char greeting[256];
    socket.read_some(asio::buffer(greeting));
  }
  auto after = at.process->resident_bytes();
  report("wire.rss_mib", after / (1024 * 1024), "MiB");
  report("wire.client_bytes", (after - before) / idle_clients, "bytes");
}

} // namespace

void wire() {
  auto ours = cosmo_broker();
  auto theirs = nats_broker();
  idle_memory(ours);
  auto rate = [](const broker& at, size_t subscribers, size_t count) {
    return static_cast<double>(count)
           / best_of(rounds, [&] { return pubsub(at, subscribers, count); });
  };
  auto mine = rate(ours, 1, frames);
  report("wire.pubsub_per_s", mine, "frames/s");
  report("wire.pubsub_ratio_nats", mine / rate(theirs, 1, frames), "x");
  auto spread = rate(ours, fanout, fanout_frames);
  report("wire.fanout_per_s", spread * fanout, "frames/s");
  report("wire.fanout_ratio_nats", spread / rate(theirs, fanout, fanout_frames),
         "x");
  auto round_trip = dispatch_round_trip(ours);
  report("wire.request_p50_us", round_trip * 1e6, "us");
  report("wire.request_p50_ratio", round_trip / nats_round_trip(theirs), "x");
}

} // namespace bench
