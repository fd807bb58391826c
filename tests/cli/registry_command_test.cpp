// SPDX-License-Identifier: Apache-2.0
#include "support/bus_lab.hpp"
#include "support/live_run.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::test;
using cosmo::json;

namespace {

cosmo_outcome list(const bus_lab& bus, std::vector<std::string> options) {
  options.insert(options.begin(), {"registry", "list", "--url", bus.url()});
  return run_cosmo(std::move(options));
}

/// One record of the list; null if it is not there.
json record_of(const json& all, const std::string& id) {
  for (const auto& one : all)
    if (one.at("id") == id)
      return one;
  return nullptr;
}

} // namespace

TEST_CASE("whoever is on the bus is listed", "[cli][registry]") {
  bus_lab bus;
  bus.start_workers();
  const auto outcome = list(bus, {"--json"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  const auto all = json::parse(outcome.out);
  std::string ids;
  for (const auto& one : all)
    ids += one.at("id").get<std::string>() + ' ';
  CHECK(ids == "asks calculator careful echo fails notes ");
  const auto echo = record_of(all, "echo");
  CHECK(echo.at("role") == "neuron");
  CHECK(echo.at("capabilities") == json{"chat"});
  CHECK(record_of(all, "notes").at("role") == "engram");
  CHECK(record_of(all, "calculator").at("role") == "effector");

  const auto table = list(bus, {});
  CHECK(table.out.starts_with("  ID          ROLE      KIND"));
  CHECK(table.out.find("\n  echo        neuron ") != table.out.npos);

  const auto chatty
    = json::parse(list(bus, {"--json", "--capability=chat"}).out);
  CHECK(chatty == json::array({echo}));
}

TEST_CASE("nobody is no failure", "[cli][registry]") {
  bus_lab bus;
  CHECK(list(bus, {"--timeout=0.01", "-n", "lab"})
        == cosmo_outcome{
          0, "Nobody has answered in namespace 'lab' within 0.01 s\n", ""});
  CHECK(list(bus, {"--timeout=0.01", "--json"}).out == "[]\n");
}

TEST_CASE("a REGISTER of another SDK is read as it is meant",
          "[cli][registry]") {
  bus_lab bus;
  live_run run{{"registry", "list", "--json", "--url", bus.url()}};
  bus.wait_for_subscriptions(1);
  auto announce = [&](const json& directed, const json& payload) {
    bus.publish("REGISTER", json{{"v", "1"},
                                 {"id", "evt_1"},
                                 {"trace_id", "trc_1"},
                                 {"type", "REGISTER"},
                                 {"directed", directed},
                                 {"ts", "2026-01-02T03:04:05Z"},
                                 {"payload", payload}}
                              .dump());
  };
  announce({{"id", "b"}, {"capabilities", {"z", "a"}}}, {{"version", "2"}});
  announce({{"id", "a"}}, {{"engram", true}});
  announce({{"type", "nobody"}}, json::object());
  announce({{"id", "a"}, {"type", "vector"}},
           {{"engram", true}, {"capabilities", {"y", "x"}}});
  bus.publish("REGISTER", "no Signal");
  CHECK(json::parse(run.outcome().out)
        == json::array({{{"id", "a"},
                         {"kind", "vector"},
                         {"role", "engram"},
                         {"capabilities", {"x", "y"}},
                         {"version", nullptr}},
                        {{"id", "b"},
                         {"kind", "neuron"},
                         {"role", "neuron"},
                         {"capabilities", {"a", "z"}},
                         {"version", "2"}}}));
}

TEST_CASE("listening can be cut short, by a person or with the bus",
          "[cli][registry]") {
  bus_lab bus;
  const std::vector<std::string> line{"registry", "list", "--url", bus.url(),
                                      "--timeout=1000"};
  live_run first{line};
  bus.wait_for_subscriptions(1);
  first.interrupt();
  CHECK(first.outcome() == cosmo_outcome{130, "", "error: interrupted\n"});
  bus.wait_for_subscriptions(0);
  live_run second{line};
  bus.wait_for_subscriptions(1);
  bus.stop();
  const auto lost = second.outcome();
  CHECK(lost.code == 1);
  CHECK(lost.err.starts_with("error: "));
}
