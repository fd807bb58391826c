// SPDX-License-Identifier: Apache-2.0
#include "support/collected.hpp"
#include "support/log_capture.hpp"
#include "support/transcript.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <optional>
#include <string>
#include <utility>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;

namespace {

/// The time that the transcripts know of.
const auto start
  = timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} + 8h
    + 104'233us;

std::shared_ptr<wire_server> open_server(wire_server_options options = {}) {
  options.port = 0;
  auto result = wire_server::open(
    options, {}, world::seeded(1, std::make_shared<manual_clock>(start)));
  REQUIRE(result);
  return std::move(*result);
}

} // namespace

TEST_CASE("The server says what it should to raw sockets, byte for byte",
          "[wire][conformance]") {
  log_capture quiet;
  auto paths = transcript::paths("server");
  REQUIRE(!paths.empty());
  for (auto& path : paths) {
    INFO(path);
    auto server = open_server();
    CHECK_NOTHROW(transcript{path}.play(server->port()));
  }
}

// -- lengths of lines --------------------------------------------------------------

namespace {

std::string line(const json& members) {
  return members.dump();
}

/// A line of `pub` for subject `a`, so long that the subscriber `1` gets one of
/// so many bytes.
std::string pub_for_line_of(size_t bytes) {
  auto around
    = line({{"op", "msg"}, {"sub_id", "1"}, {"subject", "a"}, {"frame", ""}});
  return line({{"op", "pub"},
               {"subject", "a"},
               {"frame", std::string(bytes - around.size(), 'x')}});
}

/// One that has been greeted.
struct guest : line_client {
  explicit guest(const wire_server& server) : line_client(server.port()) {
    REQUIRE(json::parse(hear())["op"] == "welcome");
  }
};

} // namespace

TEST_CASE("A line of 65,536 bytes is for everybody, a longer one for those who "
          "have announced it",
          "[wire][conformance]") {
  log_capture quiet;
  auto server = open_server();
  guest upstream{*server};
  guest ours{*server};
  guest publisher{*server};
  ours.say(line({{"op", "hello"}, {"client", "x"}, {"max_line", 1'000'000}}));
  CHECK(json::parse(ours.hear())["op"] == "welcome");
  for (auto who : {&upstream, &ours}) {
    who->say(line({{"op", "sub"}, {"sub_id", "1"}, {"subject", "a"}}));
    CHECK(who->settle());
  }
  publisher.say(pub_for_line_of(65'536));
  CHECK(publisher.settle());
  CHECK(upstream.hear().size() == 65'536);
  CHECK(ours.hear().size() == 65'536);
  publisher.say(pub_for_line_of(65'537));
  CHECK(publisher.hear()
        == line({{"op", "err"},
                 {"message", "pub: frame too large for 1 subscriber(s)"}}));
  CHECK(ours.hear().size() == 65'537);
  CHECK(upstream.settle());
  // Within the same second nobody is told again.
  publisher.say(pub_for_line_of(1'000'000));
  CHECK(publisher.settle());
  CHECK(ours.hear().size() == 1'000'000);
  publisher.say(pub_for_line_of(1'000'001));
  CHECK(publisher.settle());
  CHECK(ours.settle());
  CHECK(upstream.settle());
  CHECK(server->stats().signals_withheld == 4);
}

TEST_CASE("A line may be as long as the limit, and one byte more ends its "
          "connection alone",
          "[wire][conformance]") {
  log_capture quiet;
  auto server = open_server({.line_bytes_max = 100'000});
  guest fitting{*server};
  fitting.say(std::string(100'000, ' '));
  CHECK(fitting.settle());
  guest bad{*server};
  bad.say(std::string(100'001, ' '));
  CHECK(bad.hear() == R"({"op":"err","message":"line too long"})");
  CHECK(bad.hear().empty());
  CHECK(fitting.settle());
}

// -- mixed runs --------------------------------------------------------------------

namespace {

/// A runtime on a bus, as one process has it.
struct node {
  explicit node(const std::string& url) {
    rt.add_transport(wire_transport());
    bus = rt.connect(url);
  }

  /// Answers with what it was asked.
  dendrite worker(std::string neuron_id) {
    auto result = rt.dendrite(bus, {.name_space = "lab", .role = role::worker});
    // What fails here, fails start.
    (void)result.attach_axon({.neuron_id = std::move(neuron_id),
                              .neuron = [](json input, json) { return input; },
                              .capabilities = {"greet", "chat"}});
    return result;
  }

  runtime rt;
  caf::expected<synapse> bus{caf::error{}};
};

/// Our orchestrator, and what a transcript may have it do.
struct orchestrator {
  orchestrator(const wire_server& server, transcript& script,
               dispatch_options what, json result)
    : here(server.url()),
      self(here.rt.dendrite(here.bus, {.name_space = "lab"})) {
    script.when("our orchestrator starts", [this] {
      auto into = [](collected<std::string>& to) {
        return [&to](const cosmo::signal& sig) { to.add(*sig.directed()->id); };
      };
      REQUIRE(self.on_register_signal(into(arrived)));
      REQUIRE(self.on_deregister_signal(into(left)));
      REQUIRE(!self.start());
    });
    script.when("our orchestrator hears of the worker",
                [this] { worker = arrived.next(); });
    script.when("our orchestrator dispatches", [this, what] {
      auto opened = self.dispatch(what);
      REQUIRE(opened);
      pending = *opened;
    });
    script.when("our orchestrator has the FINAL", [this, result] {
      auto reply = pending->wait(patience);
      REQUIRE(reply);
      CHECK(reply->type() == signal_type::FINAL);
      CHECK(*reply->directed()->id == worker);
      CHECK(reply->output() == result);
    });
    script.when("our orchestrator hears that the worker leaves",
                [this] { CHECK(left.next() == worker); });
  }

  collected<std::string> arrived;
  collected<std::string> left;
  std::string worker;
  std::optional<pathway> pending;
  node here;
  dendrite self;
};

} // namespace

TEST_CASE("A Python worker on our server serves our orchestrator",
          "[wire][conformance]") {
  auto server = open_server();
  transcript script{"mixed/python_worker"};
  orchestrator ours{*server,
                    script,
                    {.input = {{"prompt", "grüß 😀"}},
                     .capabilities = {"greet"},
                     .scope = scope::terminal},
                    {{"text", "zurück: grüß 😀"}}};
  script.play(server->port());
}

TEST_CASE("A TypeScript worker on our server serves our orchestrator, in any "
          "script",
          "[wire][conformance]") {
  auto server = open_server();
  transcript script{"mixed/typescript_client"};
  orchestrator ours{*server,
                    script,
                    {.neuron = "übersetzer",
                     .input = {{"text", "Žluťoučký kůň 中文 🐴\n\"\\/"}},
                     .scope = scope::terminal},
                    {{"text", "黄色い馬 🐎\n\"\\/"}}};
  script.play(server->port());
}

TEST_CASE("Our worker on a Python server serves a Python program",
          "[wire][conformance]") {
  log_capture quiet;
  scripted_server server;
  transcript script{"mixed/python_server"};
  std::optional<node> here;
  std::optional<dendrite> worker;
  // Waits for what S says meanwhile; ends before what it uses.
  std::future<caf::error> going_on;
  auto has_gone_well = [&going_on] { REQUIRE(!going_on.get()); };
  script.when("our worker connects", [&] {
    going_on = std::async(std::launch::async, [&] {
      here.emplace(server.url());
      worker = here->worker("echo");
      return here->bus ? caf::error{} : here->bus.error();
    });
  });
  script.when("our worker has connected", has_gone_well);
  script.when("our worker starts", [&] {
    going_on = std::async(std::launch::async, [&] { return worker->start(); });
  });
  script.when("our worker has started", has_gone_well);
  script.when("our worker stops", [&] {
    going_on = std::async(std::launch::async, [&] {
      auto result = worker->stop();
      here->bus->close();
      return result;
    });
  });
  script.play(server);
  CHECK(!going_on.get());
}

TEST_CASE("A Python worker and ours of equal capabilities take turns",
          "[wire][conformance]") {
  auto server = open_server();
  transcript script{"mixed/shared_group"};
  std::optional<node> here;
  std::optional<dendrite> worker;
  script.when("our worker starts", [&] {
    here.emplace(server->url());
    worker = here->worker("ours");
    REQUIRE(!worker->start());
  });
  script.when("our worker stops", [&] { REQUIRE(!worker->stop()); });
  script.play(server->port());
}
