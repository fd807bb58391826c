// SPDX-License-Identifier: Apache-2.0
#include <cosmo/axon.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/runtime.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace std::chrono_literals;

TEST_CASE("Two runtimes that share a cosmo:// bus work like one", "[wire]") {
  auto server = wire_server::open({.port = 0});
  REQUIRE(server);
  runtime there;
  there.add_transport(wire_transport());
  auto worker = there.dendrite(there.connect((*server)->url()),
                               {.name_space = "lab", .role = role::worker});
  REQUIRE(worker.attach_axon(
    {.neuron_id = "echo",
     .neuron = [](json input, json) { return json{{"heard", input}}; },
     .capabilities = {"chat"}}));
  REQUIRE(!worker.start());
  runtime here;
  here.add_transport(wire_transport());
  auto orchestrator
    = here.dendrite(here.connect((*server)->url()), {.name_space = "lab"});
  REQUIRE(!orchestrator.start());
  auto reply = orchestrator.dispatch_and_wait(
    {.neuron = "echo", .input = {{"prompt", "hi"}}, .timeout = 10s});
  REQUIRE(reply);
  CHECK(reply->output().at("heard").at("prompt") == "hi");
  auto routed = orchestrator.dispatch_and_wait(
    {.input = {{"prompt", "grüß"}}, .capabilities = {"chat"}, .timeout = 10s});
  REQUIRE(routed);
  CHECK(routed->output().at("heard").at("prompt") == "grüß");
  CHECK((*server)->connections() == 2);
}
