// SPDX-License-Identifier: Apache-2.0
//
// The processes of the benchmark of buses, on ours and on NATS. Each says
// `ready` when it is, and ends with its input.
//
//   wire_peer serve
//   wire_peer publish   cosmo|nats URL COUNT      begins with a line of input
//   wire_peer subscribe cosmo|nats URL COUNT      says `done`
//   wire_peer reply     cosmo|nats URL

#include <cosmo/net/wire_client.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>

#include <nats/nats.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace cosmo::net;

constexpr auto subject = "cosmonapse.bench.THOUGHT_DELTA";

/// A Signal of 256 bytes.
std::string frame() {
  std::string result
    = R"({"v":"1","id":"evt_01J00000000000000000000001",)"
      R"("trace_id":"trc_01J00000000000000000000001","parent_id":null,)"
      R"("type":"THOUGHT_DELTA","directed":null,)"
      R"("ts":"2026-03-01T08:00:00.123456Z","payload":{"delta":")";
  const std::string end = R"("},"meta":{}})";
  return result + std::string(256 - result.size() - end.size(), 'x') + end;
}

void say(const char* line) {
  std::cout << line << std::endl;
}

void wait_for_line() {
  std::string line;
  std::getline(std::cin, line);
}

void wait_for_end() {
  for (std::string line; std::getline(std::cin, line);)
    ;
}

void demand(bool condition, const char* what) {
  if (!condition)
    throw std::runtime_error{what};
}

class nats {
public:
  explicit nats(const std::string& url) {
    demand(natsConnection_ConnectTo(&connection_, url.c_str()) == NATS_OK,
           "no connection to NATS");
  }

  ~nats() {
    natsConnection_Destroy(connection_);
    nats_Close();
  }

  natsConnection* operator*() const {
    return connection_;
  }

private:
  natsConnection* connection_ = nullptr;
};

std::shared_ptr<wire_client> client_of(const std::string& url) {
  auto result = wire_client::connect(url);
  demand(static_cast<bool>(result), "no connection to cosmo");
  return std::move(*result);
}

// -- publishing ------------------------------------------------------------------

void publish_nats(const std::string& url, size_t count) {
  nats bus{url};
  auto text = frame();
  say("ready");
  wait_for_line();
  for (size_t i = 0; i < count; ++i)
    demand(natsConnection_Publish(*bus, subject, text.data(),
                                  static_cast<int>(text.size()))
             == NATS_OK,
           "cannot publish");
  demand(natsConnection_Flush(*bus) == NATS_OK, "cannot flush");
  wait_for_end();
}

void publish_cosmo(const std::string& url, size_t count) {
  auto client = client_of(url);
  auto text = frame();
  say("ready");
  wait_for_line();
  for (size_t i = 0; i < count;) {
    auto why = client->publish(subject, text);
    if (!why)
      ++i;
    else if (why == cosmo::ec::overloaded)
      // As NATS does when its buffer is full.
      std::this_thread::yield();
    else
      throw std::runtime_error{cosmo::describe(why)};
  }
  demand(!client->flush(), "cannot flush");
  wait_for_end();
}

// -- subscribing -----------------------------------------------------------------

struct tally {
  size_t count;
  std::atomic<size_t> received = 0;

  void add() {
    if (received.fetch_add(1, std::memory_order_relaxed) + 1 == count)
      say("done");
  }
};

void subscribe_nats(const std::string& url, size_t count) {
  nats bus{url};
  tally sum{count};
  natsSubscription* subscription = nullptr;
  auto take
    = [](natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
        static_cast<tally*>(closure)->add();
        natsMsg_Destroy(message);
      };
  demand(natsConnection_Subscribe(&subscription, *bus, subject, take, &sum)
           == NATS_OK,
         "cannot subscribe");
  natsSubscription_SetPendingLimits(subscription, -1, -1);
  demand(natsConnection_Flush(*bus) == NATS_OK, "cannot flush");
  say("ready");
  wait_for_end();
  natsSubscription_Destroy(subscription);
}

void subscribe_cosmo(const std::string& url, size_t count) {
  auto client = client_of(url);
  tally sum{count};
  auto subscribed = client->subscribe(
    subject, std::nullopt,
    [&sum](std::string_view, std::string_view) { sum.add(); });
  demand(static_cast<bool>(subscribed), "cannot subscribe");
  say("ready");
  wait_for_end();
  client->close();
}

// -- replying --------------------------------------------------------------------

void reply_nats(const std::string& url) {
  nats bus{url};
  natsSubscription* subscription = nullptr;
  auto take = [](natsConnection* connection, natsSubscription*,
                 natsMsg* message, void*) {
    natsConnection_Publish(connection, natsMsg_GetReply(message),
                           natsMsg_GetData(message),
                           natsMsg_GetDataLength(message));
    natsConnection_Flush(connection);
    natsMsg_Destroy(message);
  };
  demand(
    natsConnection_Subscribe(&subscription, *bus, "bench.reply", take, nullptr)
      == NATS_OK,
    "cannot subscribe");
  demand(natsConnection_Flush(*bus) == NATS_OK, "cannot flush");
  say("ready");
  wait_for_end();
  natsSubscription_Destroy(subscription);
}

void reply_cosmo(const std::string& url) {
  cosmo::runtime rt;
  rt.add_transport(wire_transport());
  auto worker = rt.dendrite(
    rt.connect(url), {.name_space = "bench", .role = cosmo::role::worker});
  demand(static_cast<bool>(worker.attach_axon(
           {.neuron_id = "echo",
            .neuron = [](const cosmo::json& input, const cosmo::json&)
              -> cosmo::json { return input; }})),
         "cannot attach");
  demand(!worker.start(), "cannot start");
  say("ready");
  wait_for_end();
}

void serve() {
  auto server = wire_server::open({.port = 0});
  demand(static_cast<bool>(server), "cannot listen");
  say((*server)->url().c_str());
  wait_for_end();
}

void run(const std::string& role, bool on_nats, const std::string& url,
         size_t count) {
  if (role == "serve")
    serve();
  else if (role == "publish")
    (on_nats ? publish_nats : publish_cosmo)(url, count);
  else if (role == "subscribe")
    (on_nats ? subscribe_nats : subscribe_cosmo)(url, count);
  else if (role == "reply")
    (on_nats ? reply_nats : reply_cosmo)(url);
}

} // namespace

int main(int argc, char** argv) {
  auto text = [&](int i) { return std::string{i < argc ? argv[i] : ""}; };
  try {
    run(text(1), text(2) == "nats", text(3),
        std::strtoul(text(4).c_str(), nullptr, 10));
  } catch (const std::exception& error) {
    std::cerr << text(1) << ": " << error.what() << '\n';
    return 1;
  }
}
