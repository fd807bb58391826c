// SPDX-License-Identifier: Apache-2.0
#include "support/bus_lab.hpp"
#include "support/live_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::test;

namespace {

struct fixture {
  fixture() {
    bus.start_workers();
  }

  std::vector<std::string> line(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"answer", "--url", bus.url()});
    return options;
  }

  void ask(const std::string& neuron,
           std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"dispatch", "--url", bus.url(), "--neuron",
                                     neuron, "--no-wait"});
    CHECK(run_cosmo(options).code == 0);
  }

  bus_lab bus;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE_METHOD(fixture, "a person answers a question", "[cli][answer]") {
  live_run run{line()};
  run.wait_for("Ctrl-C ends\n");
  live_run heard{{"doppler", "--payload", "--url", bus.url(),
                  "--type=CLARIFICATION_ANSWER"}};
  heard.wait_for("observing");
  ask("asks");
  const auto shown = run.wait_for("answer> ");
  CHECK(has(shown, "CLARIFICATION\n  from:     asks\n  trace:    trc_"));
  CHECK(has(shown, "  question: which one?\n"));
  // Nothing is no answer.
  run.type("  ");
  run.type(" the red one \r");
  run.wait_for("sent.\n");
  CHECK(has(heard.wait_for("the red one"), "\"the red one\""));
  run.interrupt();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out.ends_with("sent.\nbye\n"));
}

TEST_CASE_METHOD(fixture, "a person grants, or does not", "[cli][answer]") {
  for (const auto& [typed, granted] :
       std::vector<std::pair<std::string, std::string>>{
         {"y", "\"granted\":true"},
         {"perhaps\nYes", "\"granted\":true"},
         {"", "\"granted\":false"},
         {"no", "\"granted\":false"}}) {
    live_run heard{{"doppler", "--payload", "--url", bus.url(),
                    "--type=PERMISSION_DECISION"}};
    heard.wait_for("observing");
    live_run run{line()};
    run.wait_for("Ctrl-C ends\n");
    ask("careful");
    CHECK(has(run.wait_for("grant? [y/N] "), "  action:   delete it\n"));
    run.type(typed);
    run.wait_for("sent.\n");
    CHECK(has(heard.wait_for("granted"), granted));
  }
}

TEST_CASE_METHOD(fixture, "an answer may run the asker again",
                 "[cli][answer]") {
  live_run run{line({"--redispatch"})};
  run.wait_for("Ctrl-C ends\n");
  live_run heard{{"doppler", "--payload", "--url", bus.url(),
                  "--type=AGENT_OUTPUT", "--type=FINAL"}};
  heard.wait_for("observing");
  // With a FINAL where the first TASK was to have one, and only there.
  ask("asks");
  run.wait_for("answer> ");
  run.type("red");
  CHECK(has(heard.wait_for("  FINAL  "), "told"));
  ask("careful", {"--scope=all"});
  run.wait_for("grant? ");
  run.type("y");
  heard.wait_for("\"granted\":true");
  ask("echo", {"--scope=all"});
  auto all = heard.wait_for("\"heard\"");
  all.erase(all.find("  FINAL  "), 9);
  CHECK(!has(all, "  FINAL  "));
}

TEST_CASE_METHOD(fixture, "questions of other traces are left to others",
                 "[cli][answer]") {
  live_run run{line({"--trace=trc_mine"})};
  run.wait_for("Ctrl-C ends\n");
  bus.say("CLARIFICATION", "trc_other", "stranger");
  bus.say("CLARIFICATION", "trc_mine", "friend");
  CHECK(!has(run.wait_for("answer> "), "stranger"));
}

TEST_CASE_METHOD(fixture,
                 "the end of input is a failure where an answer is "
                 "due",
                 "[cli][answer]") {
  live_run run{line()};
  run.end_input();
  run.wait_for("Ctrl-C ends\n");
  ask("asks");
  const auto outcome = run.outcome();
  CHECK(outcome.code == 1);
  CHECK(outcome.err == "error: the input has ended\n");
}

TEST_CASE_METHOD(fixture, "who could answer waits for a bus that is lost",
                 "[cli][answer]") {
  live_run run{line()};
  run.wait_for("Ctrl-C ends\n");
  bus.say("CLARIFICATION", "trc_one", "friend");
  run.wait_for("answer> ");
  bus.restart();
  run.wait_for_error("the bus is back");
  live_run heard{{"doppler", "--payload", "--url", bus.url(),
                  "--type=CLARIFICATION_ANSWER"}};
  heard.wait_for("observing");
  run.type("the red one");
  run.wait_for("sent.\n");
  heard.wait_for("the red one");
  bus.say("CLARIFICATION", "trc_two", "another");
  run.wait_for("from:     another");
  run.end_input();
  const auto outcome = run.outcome();
  CHECK(has(outcome.err, "warning: waiting for the bus: "));
}
