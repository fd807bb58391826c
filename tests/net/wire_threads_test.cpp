// SPDX-License-Identifier: Apache-2.0
#include "support/collected.hpp"
#include "support/line_peers.hpp"
#include "support/log_capture.hpp"
#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <future>
#include <string>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<wire_server> server_at(uint16_t port = 0) {
  auto result = wire_server::open({.port = port});
  REQUIRE(result);
  return std::move(*result);
}

/// A runtime on a bus, as one process has it.
struct node {
  explicit node(const std::string& url, wire_client_options options = {}) {
    rt.add_transport(wire_transport(std::move(options)));
    bus = rt.connect(url);
    REQUIRE(bus);
  }

  dendrite worker() {
    auto result = rt.dendrite(bus, {.name_space = "lab", .role = role::worker});
    REQUIRE(result.attach_axon(
      {.neuron_id = "echo",
       .neuron = [](json input, json) { return json{{"heard", input}}; },
       .capabilities = {"chat"}}));
    return result;
  }

  dendrite orchestrator() {
    return rt.dendrite(bus, {.name_space = "lab"});
  }

  runtime rt;
  caf::expected<synapse> bus{caf::error{}};
};

/// What went wrong, for whoever reads that a test has failed.
std::string fault_of(const caf::expected<cosmo::signal>& reply) {
  return reply ? "none" : describe(reply.error());
}

dispatch_options to_echo(std::string text) {
  return {
    .neuron = "echo", .input = {{"prompt", std::move(text)}}, .timeout = 10s};
}

wire_client_options persistent() {
  return {.reconnect = true, .reconnect_pause = constant_backoff(1ms)};
}

} // namespace

TEST_CASE("Two runtimes that share a cosmo:// bus work like one", "[wire]") {
  auto server = server_at();
  node there{server->url()};
  node here{server->url()};
  auto worker = there.worker();
  auto orchestrator = here.orchestrator();
  REQUIRE(!worker.start());
  REQUIRE(!orchestrator.start());
  auto reply = orchestrator.dispatch_and_wait(to_echo("grüß"));
  INFO(fault_of(reply));
  REQUIRE(reply);
  CHECK(reply->output().at("heard").at("prompt") == "grüß");
  auto routed = orchestrator.dispatch_and_wait(
    {.input = {{"prompt", "x"}}, .capabilities = {"chat"}, .timeout = 10s});
  REQUIRE(routed);
  CHECK(routed->output().at("heard").at("prompt") == "x");
  CHECK(server->connections() == 2);
}

TEST_CASE("A runtime without the transport says what is missing", "[wire]") {
  runtime rt;
  auto bus = rt.connect("cosmo://127.0.0.1:7070");
  REQUIRE(!bus);
  CHECK(bus.error() == ec::unsupported_transport);
  CHECK(message_of(bus.error()).find("add_transport") != std::string::npos);
  rt.add_transport(wire_transport());
  auto wrong = rt.connect("cosmo://127.0.0.1:port");
  REQUIRE(!wrong);
  CHECK(wrong.error() == ec::bad_argument);
  auto unknown = rt.connect("tcp://127.0.0.1");
  REQUIRE(!unknown);
  CHECK(unknown.error() == ec::bad_argument);
}

TEST_CASE("What is no URL of a bus is refused by a runtime that knows cosmo://",
          "[wire]") {
  runtime rt;
  rt.add_transport(wire_transport());
  auto url = GENERATE("memory://", "localhost:7070", "127.0.0.1:7070",
                      "cosmo://h:99999", "");
  INFO(url);
  auto bus = rt.connect(url);
  REQUIRE(!bus);
  CHECK(bus.error() == ec::bad_argument);
  CHECK(message_of(bus.error()).find(url) != std::string::npos);
}

TEST_CASE("Port 0 means the default to a runtime, and itself to a client",
          "[wire]") {
  auto meant = [](const auto& connected, std::string_view url) {
    // Somebody may be there.
    return connected
           || message_of(connected.error()).find(url) != std::string::npos;
  };
  wire_client_options brief{.connect_timeout = 100ms};
  runtime rt;
  rt.add_transport(wire_transport(brief));
  CHECK(meant(rt.connect("cosmo://127.0.0.1:0"), "cosmo://127.0.0.1:7070"));
  CHECK(
    meant(wire_client::connect("cosmo://", brief), "cosmo://127.0.0.1:7070"));
  auto zero = wire_client::connect("cosmo://127.0.0.1:0", brief);
  REQUIRE(!zero);
  CHECK(message_of(zero.error()).find("cosmo://127.0.0.1:0:")
        != std::string::npos);
}

TEST_CASE("A handler may wait for another Signal of the same connection",
          "[wire]") {
  auto server = server_at();
  collected<std::string> second;
  collected<std::string> heard;
  node here{server->url()};
  REQUIRE(here.bus->subscribe(
    "b", [&](const cosmo::signal& sig) { second.add(sig.id()); }));
  REQUIRE(here.bus->subscribe("a", [&](const cosmo::signal& sig) {
    (void)here.bus->publish("b", sig);
    heard.add(second.next());
  }));
  signal_builder build{world::real()};
  auto sig = build.make(payload::heartbeat{});
  REQUIRE(!here.bus->publish("a", sig));
  CHECK(heard.next() == sig.id());
}

TEST_CASE("A frame that is no Signal is dropped, and the next one heard",
          "[wire]") {
  log_capture log;
  auto server = server_at();
  collected<std::string> heard;
  node here{server->url()};
  REQUIRE(here.bus->subscribe(
    ">", [&](const cosmo::signal& sig) { heard.add(sig.id()); }));
  line_client other{server->port()};
  other.say(R"({"op":"pub","subject":"a","frame":"not a Signal"})");
  other.say(
    R"({"op":"pub","subject":"a","frame":"{\"type\":\"HEARTBEAT\",\"id\":\"evt_1\"}"})");
  CHECK(heard.next() == "evt_1");
  CHECK(log.events() == std::vector<std::string>{"undecodable-frame"});
}

TEST_CASE("Without its bus a Dendrite fails by name, and hangs nobody",
          "[wire]") {
  log_capture quiet;
  auto server = server_at();
  node here{server->url()};
  auto orchestrator = here.orchestrator();
  REQUIRE(!orchestrator.start());
  auto pathway = orchestrator.dispatch(to_echo("x"));
  REQUIRE(pathway);
  server->stop();
  auto reply = pathway->wait(10s);
  REQUIRE(!reply);
  CHECK(reply.error() == ec::pathway_closed);
  auto next = orchestrator.dispatch_and_wait(to_echo("y"));
  REQUIRE(!next);
  CHECK(next.error() == ec::not_connected);
}

TEST_CASE("A request over the wire is answered", "[wire]") {
  auto server = server_at();
  node there{server->url()};
  node here{server->url()};
  signal_builder build{world::real()};
  REQUIRE(there.bus->subscribe("a", [&](const cosmo::signal& question) {
    (void)there.bus->reply_to(question, build.make(payload::stop{}));
  }));
  auto reply = here.bus->request("a", build.make(payload::heartbeat{}), 10s);
  INFO(fault_of(reply));
  REQUIRE(reply);
  CHECK(reply->type() == signal_type::STOP);
}

TEST_CASE("A request fails at once when its bus is lost", "[wire]") {
  log_capture quiet;
  auto server = server_at();
  node here{server->url()};
  line_client silent{server->port()};
  CHECK(!silent.hear().empty());
  silent.say(R"({"op":"sub","sub_id":"1","subject":"a"})");
  CHECK(silent.settle());
  signal_builder build{world::real()};
  auto reply = std::async(std::launch::async, [&] {
    return here.bus->request("a", build.make(payload::heartbeat{}),
                             6 * patience);
  });
  CHECK(json::parse(silent.hear())["subject"] == "a");
  server->stop();
  REQUIRE(reply.wait_for(patience) == std::future_status::ready);
  auto result = reply.get();
  REQUIRE(!result);
  CHECK(result.error() == ec::not_connected);
}

TEST_CASE("The last words of a runtime reach the bus", "[wire]") {
  auto server = server_at();
  line_client other{server->port()};
  CHECK(!other.hear().empty());
  other.say(
    R"({"op":"sub","sub_id":"1","subject":"cosmonapse.lab.DEREGISTER"})");
  CHECK(other.settle());
  {
    node there{server->url()};
    auto worker = there.worker();
    REQUIRE(!worker.start());
  }
  CHECK(json::parse(other.hear())["subject"] == "cosmonapse.lab.DEREGISTER");
}

TEST_CASE("A bus that comes back has everybody announced again", "[wire]") {
  log_capture quiet;
  auto server = server_at();
  auto port = server->port();
  node there{server->url(), persistent()};
  auto worker = there.worker();
  REQUIRE(!worker.start());
  // Outlives those who tell it.
  collected<std::string> announced;
  node here{server->url(), persistent()};
  auto orchestrator = here.orchestrator();
  REQUIRE(orchestrator.on_register_signal(
    [&](const cosmo::signal& sig) { announced.add(*sig.directed()->id); }));
  REQUIRE(!orchestrator.start());
  while (!announced.empty())
    announced.next();
  server->stop();
  server = server_at(port);
  CHECK(announced.next() == "echo");
  auto reply = orchestrator.dispatch_and_wait(to_echo("again"));
  INFO(fault_of(reply));
  REQUIRE(reply);
  CHECK(reply->output().at("heard").at("prompt") == "again");
}
