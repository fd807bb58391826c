// SPDX-License-Identifier: Apache-2.0
#include "meeting.hpp"
#include "support/outcome_of.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/runtime.hpp>

#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <future>
#include <memory>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

/// An Effector whose tool takes long, and that notices who comes beside it.
class slow_effector final : public effector_backend {
public:
  const effector_description& describe() const noexcept override {
    return what_;
  }

  caf::error connect() override {
    alone();
    return {};
  }

  void close() override {
    alone();
    ++closes;
  }

  tool_outcome invoke(const tool_request&) override {
    ++users_;
    started.arrive();
    go_on.wait();
    --users_;
    return {.result = "done"};
  }

  meeting started{1};
  meeting go_on{1};
  std::atomic<int> closes = 0;
  std::atomic<int> overlaps = 0;

private:
  void alone() {
    if (++users_ > 1)
      ++overlaps;
    --users_;
  }

  effector_description what_{.effector_id = "slow"};
  std::atomic<int> users_ = 0;
};

/// The actor that a runtime shows under this id.
caf::actor find(const child_info& tree, std::string_view id) {
  if (tree.id == id)
    return tree.handle;
  for (auto& child : tree.children)
    if (auto result = find(child, id))
      return result;
  return {};
}

} // namespace

TEST_CASE("a backend is connected elsewhere when its last tool has returned",
          "[integration][effector]") {
  for (int round = 0; round < 20; ++round) {
    runtime sys{{.threads = 2}};
    auto bus = sys.connect("memory:");
    auto slow = std::make_shared<slow_effector>();
    auto host = sys.dendrite(bus, {.dendrite_id = "one", .role = role::worker});
    REQUIRE(host.attach_effector(slow));
    REQUIRE_FALSE(host.start());
    auto other = sys.dendrite(bus, {.dendrite_id = "two"});
    REQUIRE_FALSE(other.start());
    auto call = std::async(std::launch::async, [other] {
      return outcome_of(other.call_tool(
        {.effector_id = "slow", .tool = "t", .deadline = patience}));
    });
    REQUIRE(slow->started.wait());
    caf::anon_send_exit(find(sys.tree(), "slow"), caf::exit_reason::kill);
    // Its end has been heard of.
    REQUIRE(call.wait_for(patience) == std::future_status::ready);
    CHECK_FALSE(host.detach_effector("slow"));
    auto added = std::async(std::launch::async, [other, slow] {
      return outcome_of(other.add_effector(slow));
    });
    CHECK(slow->closes == 0);
    slow->go_on.arrive();
    REQUIRE(added.wait_for(patience) == std::future_status::ready);
    CHECK(added.get() == "ok");
    CHECK(slow->closes == 1);
    CHECK(slow->overlaps == 0);
  }
}
