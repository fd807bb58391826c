// SPDX-License-Identifier: Apache-2.0
#include "support/bed.hpp"
#include <cosmo/transport.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <set>
#include <string>

using namespace cosmo;
using namespace cosmo::test;

namespace {

/// A bus that does what it is told when it is asked whether it is done, as if
/// it were far away.
struct far_bus {
  std::set<std::string> told;
  std::set<std::string> known;
  /// Whether it can be reached.
  bool is_there = true;
};

synapse_actor::behavior_type behaviour(const std::shared_ptr<far_bus>& bus) {
  return {
    [](caf::publish_atom, const subject&, const signal&) {},
    [bus](caf::subscribe_atom, const subscription& sub) {
      bus->told.insert(sub.pattern.str());
    },
    [](caf::unsubscribe_atom, const subscription&) {},
    [bus](caf::flush_atom) -> caf::result<void> {
      if (!bus->is_there)
        return make_error(ec::not_connected, "far away");
      bus->known.insert(bus->told.begin(), bus->told.end());
      return caf::unit;
    },
    [](caf::close_atom) {},
  };
}

struct fixture : bed {
  std::shared_ptr<far_bus> far = std::make_shared<far_bus>();
  dendrite self = on_far_bus();

  dendrite on_far_bus() {
    auto connect = [this](const transport_context& context, std::string_view) {
      return caf::expected<synapse_actor>{context.system.spawn(
        [bus = far](synapse_actor::pointer) { return behaviour(bus); })};
    };
    sim.runtime().add_transport({"caf", connect});
    auto there = sim.runtime().connect("caf://far");
    REQUIRE(there);
    return sim.runtime().dendrite(*there, {.name_space = "lab"});
  }

  bool knows(std::string_view type) const {
    return far->known.contains("cosmonapse.lab." + std::string{type});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "whoever has started is subscribed at the bus",
                 "[actors][dendrite_subscriptions]") {
  REQUIRE(self.on_final([](const signal&) {}));
  REQUIRE(!self.start());
  CHECK(knows("FINAL"));
}

TEST_CASE_METHOD(fixture,
                 "a handler of a running Dendrite is subscribed when the call "
                 "returns",
                 "[actors][dendrite_subscriptions]") {
  REQUIRE(!self.start());
  REQUIRE(!knows("FINAL"));
  REQUIRE(self.on_final([](const signal&) {}));
  CHECK(knows("FINAL"));
}

TEST_CASE_METHOD(fixture,
                 "an Axon of a running Dendrite is subscribed when the call "
                 "returns",
                 "[actors][dendrite_subscriptions]") {
  REQUIRE(!self.start());
  REQUIRE(self.add_axon(
    {.neuron_id = "a", .neuron = echo(), .capabilities = {"chat"}}));
  CHECK(knows("TASK"));
  CHECK(knows("TASK.routed"));
}

TEST_CASE_METHOD(fixture, "a handler stays while its bus cannot be reached",
                 "[actors][dendrite_subscriptions]") {
  REQUIRE(!self.start());
  far->is_there = false;
  CHECK(self.on_final([](const signal&) {}));
  CHECK(!knows("FINAL"));
  far->is_there = true;
  REQUIRE(self.on_plan([](const signal&) {}));
  CHECK(knows("FINAL"));
}
