// SPDX-License-Identifier: Apache-2.0
#include "pathway_table.hpp"

#include <cosmo/dendrite.hpp>
#include <cosmo/testing/simulation.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::actors;

namespace {

using handles = std::vector<pathway_actor>;

struct table_fixture {
  /// Any Pathway will do: only its identity counts here.
  pathway_actor pathway() {
    auto trace_id = "trc_" + std::to_string(opened.size());
    opened.push_back(*owner.observe_pathway(trace_id));
    return opened.back().handle();
  }

  uint64_t add(const std::string& trace, const pathway_actor& hdl) {
    auto key = table.next_key();
    table.add(trace, key, hdl);
    return key;
  }

  handles deliver(const std::string& trace, signal_type type) {
    handles result;
    table.deliver(trace, type,
                  [&](const pathway_actor& hdl) { result.push_back(hdl); });
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
  pathway_actor a = pathway();
  pathway_actor b = pathway();
  pathway_actor c = pathway();
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
    CHECK_FALSE(table.contains("trc_1"));
    CHECK(table.contains("trc_2"));
    CHECK(same(table.take_all(), {c}));
  }
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
  add("trc_1", a);
  add("trc_1", b);
  add("trc_2", c);
  CHECK(same(table.take("trc_1"), {a, b}));
  CHECK(table.take("trc_1").empty());
  CHECK(table.size() == 1);
}
