// SPDX-License-Identifier: Apache-2.0
#include "pathway_table.hpp"

#include <cosmo/dendrite.hpp>
#include <cosmo/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <utility>

using namespace cosmo;
using namespace cosmo::actors;
using namespace std::literals;

namespace {

using handles = std::vector<pathway_actor>;

struct table_fixture {
  /// Any Pathway will do: only its identity counts here.
  pathway_actor pathway() {
    auto trace_id = "trc_" + std::to_string(opened.size());
    opened.push_back(*owner.observe_pathway(trace_id));
    return opened.back().handle();
  }

  uint64_t add(const std::string& trace, const pathway_actor& hdl,
               pathway_table::entry e = {}) {
    auto key = table.next_key();
    e.handle = hdl;
    e.key = key;
    table.add(trace, std::move(e));
    return key;
  }

  handles deliver(const std::string& trace, signal_type type) {
    handles result;
    table.deliver(
      trace, type, [&](const pathway_actor& hdl) { result.push_back(hdl); },
      [&](const pathway_table::entry&) { ++ended; });
    return result;
  }

  static bool same(handles xs, handles ys) {
    std::ranges::sort(xs);
    std::ranges::sort(ys);
    return xs == ys;
  }

  testing::simulation sim;
  dendrite owner = sim.runtime().dendrite(sim.runtime().connect("memory:"));
  std::vector<cosmo::pathway> opened;
  pathway_table table;
  size_t ended = 0;
  pathway_actor a = pathway();
  pathway_actor b = pathway();
  pathway_actor c = pathway();
  pathway_table::time_point start{};
};

} // namespace

TEST_CASE_METHOD(table_fixture, "every Pathway of a trace gets its Signals",
                 "[actors][pathway_table]") {
  add("trc_1", a);
  add("trc_1", b);
  add("trc_2", c);
  CHECK(same(deliver("trc_1", signal_type::AGENT_OUTPUT), {a, b}));
  CHECK(same(deliver("trc_2", signal_type::AGENT_OUTPUT), {c}));
  CHECK(deliver("trc_3", signal_type::AGENT_OUTPUT).empty());
  CHECK(table.size() == 3);
}

TEST_CASE_METHOD(table_fixture, "FINAL and ERROR end all Pathways of a trace",
                 "[actors][pathway_table]") {
  for (auto type : {signal_type::FINAL, signal_type::ERROR}) {
    add("trc_1", a);
    add("trc_1", b);
    add("trc_2", c);
    CHECK(same(deliver("trc_1", type), {a, b}));
    CHECK(std::exchange(ended, 0) == 2);
    CHECK_FALSE(table.contains("trc_1"));
    CHECK(table.contains("trc_2"));
    CHECK(same(table.take_all(), {c}));
  }
}

TEST_CASE_METHOD(table_fixture, "a wait ends only its own Pathway",
                 "[actors][pathway_table]") {
  add("trc_1", a, {.ends_with = types::waking});
  add("trc_1", b);
  CHECK(same(deliver("trc_1", signal_type::PLAN), {a, b}));
  CHECK(ended == 0);
  CHECK(same(deliver("trc_1", signal_type::AGENT_OUTPUT), {a, b}));
  CHECK(ended == 1);
  CHECK(same(deliver("trc_1", signal_type::AGENT_OUTPUT), {b}));
}

TEST_CASE_METHOD(table_fixture, "each Pathway is removed alone",
                 "[actors][pathway_table]") {
  auto first = add("trc_1", a);
  add("trc_1", b);
  table.remove("trc_1", first);
  table.remove("trc_1", first);
  table.remove("trc_2", first);
  CHECK(same(deliver("trc_1", signal_type::PLAN), {b}));
}

TEST_CASE_METHOD(table_fixture, "a trace's Pathways are taken together",
                 "[actors][pathway_table]") {
  add("trc_1", a, {.deadline = start + 1s});
  add("trc_1", b);
  add("trc_2", c);
  CHECK(same(table.take("trc_1"), {a, b}));
  CHECK(table.take("trc_1").empty());
  CHECK_FALSE(table.next_deadline());
  CHECK(table.size() == 1);
}

TEST_CASE_METHOD(table_fixture, "the next deadline is the earliest of all",
                 "[actors][pathway_table]") {
  CHECK_FALSE(table.next_deadline());
  add("trc_1", a, {.deadline = start + 3s});
  auto early = add("trc_1", b, {.deadline = start + 1s});
  add("trc_2", c);
  CHECK(table.next_deadline() == start + 1s);
  table.remove("trc_1", early);
  CHECK(table.next_deadline() == start + 3s);
  deliver("trc_1", signal_type::FINAL);
  CHECK_FALSE(table.next_deadline());
}

TEST_CASE_METHOD(table_fixture, "what is due is taken out, the rest stays",
                 "[actors][pathway_table]") {
  add("trc_1", a, {.deadline = start + 1s});
  add("trc_1", b, {.deadline = start + 2s});
  add("trc_1", c, {.deadline = start + 2s + 1ns});
  CHECK(table.take_expired(start).empty());
  CHECK(same(table.take_expired(start + 2s), {a, b}));
  CHECK(same(deliver("trc_1", signal_type::PLAN), {c}));
  CHECK(table.next_deadline() == start + 2s + 1ns);
}

TEST_CASE_METHOD(table_fixture, "taking all forgets the deadlines too",
                 "[actors][pathway_table]") {
  add("trc_1", a, {.deadline = start + 1s});
  add("trc_2", b, {.deadline = start + 1s});
  CHECK(same(table.take_all(), {a, b}));
  CHECK(table.size() == 0);
  CHECK_FALSE(table.next_deadline());
  CHECK(table.take_expired(start + 1h).empty());
}
