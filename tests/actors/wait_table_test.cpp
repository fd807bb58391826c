// SPDX-License-Identifier: Apache-2.0
#include "wait_table.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace cosmo;
using namespace std::literals;

namespace {

using table = actors::wait_table<std::string>;
using names = std::vector<std::string>;

names sorted(names xs) {
  std::ranges::sort(xs);
  return xs;
}

const table::time_point start{};

} // namespace

TEST_CASE("a wait is met once, by a Signal of its types on its trace",
          "[actors][wait_table]") {
  table waits;
  waits.add("trc_1", {"a", types::waking});
  waits.add("trc_1", {"b", types::closing});
  waits.add("trc_2", {"c", types::waking});
  CHECK(waits.meet("trc_1", signal_type::PLAN).empty());
  CHECK(waits.meet("trc_3", signal_type::FINAL).empty());
  CHECK(waits.meet("trc_1", signal_type::AGENT_OUTPUT) == names{"a"});
  CHECK(waits.meet("trc_1", signal_type::AGENT_OUTPUT).empty());
  CHECK(waits.contains("trc_1"));
  CHECK(waits.meet("trc_1", signal_type::FINAL) == names{"b"});
  CHECK_FALSE(waits.contains("trc_1"));
  CHECK(waits.size() == 1);
}

TEST_CASE("all waits of a trace are met or taken together",
          "[actors][wait_table]") {
  table waits;
  for (auto name : {"a", "b"})
    waits.add("trc_1", {name, types::closing, start + 1s});
  waits.add("trc_2", {"c", types::closing});
  SECTION("met") {
    CHECK(sorted(waits.meet("trc_1", signal_type::ERROR)) == names{"a", "b"});
  }
  SECTION("taken") {
    CHECK(sorted(waits.take("trc_1")) == names{"a", "b"});
  }
  CHECK(waits.take("trc_1").empty());
  CHECK_FALSE(waits.next_deadline());
  CHECK(waits.size() == 1);
}

TEST_CASE("the next deadline is the earliest of the waits that are left",
          "[actors][wait_table]") {
  table waits;
  CHECK_FALSE(waits.next_deadline());
  waits.add("trc_1", {"a", types::closing, start + 3s});
  waits.add("trc_1", {"b", types::waking, start + 1s});
  waits.add("trc_2", {"c", types::closing});
  CHECK(waits.next_deadline() == start + 1s);
  CHECK(waits.meet("trc_1", signal_type::AGENT_OUTPUT) == names{"b"});
  CHECK(waits.next_deadline() == start + 3s);
  CHECK(waits.meet("trc_1", signal_type::FINAL) == names{"a"});
  CHECK_FALSE(waits.next_deadline());
}

TEST_CASE("a wait that is due is taken out, the others stay",
          "[actors][wait_table]") {
  table waits;
  waits.add("trc_1", {"a", types::closing, start + 1s});
  waits.add("trc_1", {"b", types::closing, start + 2s});
  waits.add("trc_1", {"c", types::closing, start + 2s + 1ns});
  CHECK(waits.take_expired(start).empty());
  CHECK(waits.take_expired(start + 2s) == names{"a", "b"});
  CHECK(waits.next_deadline() == start + 2s + 1ns);
  CHECK(waits.take_all() == names{"c"});
  CHECK(waits.size() == 0);
  CHECK(waits.take_expired(start + 1h).empty());
}
