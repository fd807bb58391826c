// SPDX-License-Identifier: Apache-2.0
#include "support/bus_lab.hpp"
#include "support/live_run.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <sstream>

using namespace cosmo::test;
using cosmo::json;

namespace {

struct fixture {
  /// Says five Signals to `cosmo doppler` with these options.
  cosmo_outcome watch(std::vector<std::string> options,
                      cosmo_setup setup = {}) {
    options.insert(options.begin(), {"doppler", "--url", bus.url()});
    live_run run{options, std::move(setup)};
    bus.wait_for_subscriptions(1);
    bus.say("TASK", "trc_one0000000", "asker");
    bus.publish("TASK", "no Signal");
    bus.say("FINAL", "trc_one0000000", "worker");
    bus.say("TASK", "trc_two0000000", "worker");
    bus.say("ERROR", "trc_two0000000", "asker");
    // The last one, which every filter of these tests lets through.
    bus.say("FINAL", "trc_one0000000", "asker");
    run.wait_for(last);
    run.interrupt();
    return run.outcome();
  }

  bus_lab bus;
  std::string last = "evt_5";
};

/// The lines that are no header or trailer.
std::string events(const std::string& out) {
  std::istringstream lines{out};
  std::string result;
  for (std::string line; std::getline(lines, line);)
    result += json::parse(line).at("id").get<std::string>().substr(4) + ' ';
  return result;
}

} // namespace

TEST_CASE_METHOD(fixture, "Signals are shown and counted", "[cli][doppler]") {
  last = "FINAL               one00000  asker\n";
  const auto outcome = watch({});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out
        == "cosmo doppler\n  synapse:    " + bus.url()
             + "\n  namespace:  dev\n"
               "  filters:    none\n"
               "  observing; Ctrl-C ends\n"
             + std::string(60, '-')
             + "\n"
               "  03:04:05.678  TASK                one00000  asker\n"
               "  03:04:05.678  FINAL               one00000  worker\n"
               "  03:04:05.678  TASK                two00000  worker\n"
               "  03:04:05.678  ERROR               two00000  asker\n"
               "  03:04:05.678  FINAL               one00000  asker\n"
             + std::string(60, '-') + "\n5 Signals\n");
}

TEST_CASE_METHOD(fixture, "filters hold back the rest, each and together",
                 "[cli][doppler]") {
  struct row {
    std::vector<std::string> options;
    std::string seen;
  };
  const std::vector<row> rows{
    {{}, "1 2 3 4 5 "},
    {{"--type", "FINAL"}, "2 5 "},
    {{"--type=task", "--type", "final"}, "1 2 3 5 "},
    {{"--trace=trc_one0000000"}, "1 2 5 "},
    {{"--neuron", "asker"}, "1 4 5 "},
    {{"--neuron=asker", "--trace=trc_one0000000"}, "1 5 "},
    {{"--neuron=asker", "--trace=trc_one0000000", "--type=FINAL"}, "5 "},
    {{"--no-discover"}, "1 2 3 4 5 "},
  };
  for (const auto& row : rows) {
    fixture one;
    auto options = row.options;
    options.emplace_back("--json");
    const auto outcome = one.watch(options, {.out_is_terminal = true});
    INFO(outcome.out);
    CHECK(outcome.code == 0);
    CHECK(events(outcome.out) == row.seen);
  }
}

TEST_CASE_METHOD(fixture,
                 "active filters are named, and only what passes is "
                 "counted",
                 "[cli][doppler]") {
  last = "FINAL               one00000  asker\n";
  const auto outcome = watch({"--type=final", "--neuron=asker", "--payload"});
  CHECK(outcome.out.find("  filters:    type=FINAL, neuron=asker\n")
        != outcome.out.npos);
  CHECK(outcome.out.find("\n      {\"input\":\"x\"}\n") != outcome.out.npos);
  CHECK(outcome.out.ends_with("\n1 Signals\n"));
}

TEST_CASE_METHOD(fixture, "the namespace may come with the URL",
                 "[cli][doppler]") {
  for (const auto& line : std::vector<std::vector<std::string>>{
         {"doppler", "--url", bus.url() + "/lab"},
         {"doppler", "--synapse", bus.url() + "//lab"},
         {"prism", "--tail", "--prism", "--url", bus.url() + "/x", "-n",
          "lab"}}) {
    live_run run{line};
    const auto head = run.wait_for("observing");
    CHECK(head.find("  synapse:    " + bus.url() + "\n  namespace:  lab\n")
          != head.npos);
    run.interrupt();
    CHECK(run.outcome().code == 0);
  }
}

TEST_CASE_METHOD(fixture, "who observes hears when the bus is lost",
                 "[cli][doppler]") {
  live_run run{{"doppler", "--url", bus.url()}};
  run.wait_for("observing");
  bus.stop();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 1);
  CHECK(outcome.out.ends_with("0 Signals\n"));
  CHECK(outcome.err.starts_with("error: "));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  const auto again = run_cosmo({"doppler", "--url", bus.url()});
  CHECK(again.code == 1);
  CHECK(again.out == "");
}

TEST_CASE_METHOD(fixture, "who observes may wait for a bus that is lost",
                 "[cli][doppler]") {
  live_run run{{"doppler", "--reconnect", "--url", bus.url()}};
  run.wait_for("observing");
  bus.restart();
  run.wait_for_error("the bus is back");
  bus.say("FINAL");
  run.wait_for("FINAL  ");
  run.interrupt();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 0);
  CHECK(outcome.err.starts_with("warning: waiting for the bus: "));
}

TEST_CASE_METHOD(fixture, "what a bus carries is judged as it comes",
                 "[cli][validate]") {
  live_run run{{"validate", "--live", "--namespace=dev", "--url", bus.url()}};
  bus.wait_for_subscriptions(1);
  bus.say("HEARTBEAT");
  bus.publish("TASK", "no Signal");
  run.wait_for("error: ");
  run.interrupt();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("       1  HEARTBEAT ") != outcome.out.npos);
  CHECK(outcome.out.find("  bad        2  ") != outcome.out.npos);
  CHECK(outcome.out.find("2 signals | 1 errors | ") != outcome.out.npos);

  bus.wait_for_subscriptions(0);
  live_run strict{
    {"validate", "--live", "--strict", "--namespace=dev", "--url", bus.url()}};
  bus.wait_for_subscriptions(1);
  bus.publish("TASK", "{}");
  CHECK(strict.outcome().code == 1);

  bus.wait_for_subscriptions(0);
  live_run good{{"validate", "--live", "--namespace=dev", "--url", bus.url()}};
  bus.wait_for_subscriptions(1);
  bus.say("HEARTBEAT");
  good.wait_for("HEARTBEAT");
  good.interrupt();
  CHECK(good.outcome().code == 0);
}
