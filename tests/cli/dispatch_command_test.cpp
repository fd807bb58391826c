// SPDX-License-Identifier: Apache-2.0
#include "support/bus_lab.hpp"
#include "support/live_run.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::test;
using cosmo::json;

namespace {

struct fixture {
  fixture() {
    bus.start_workers();
  }

  std::vector<std::string> line(std::vector<std::string> options) const {
    options.insert(options.begin(), {"dispatch", "--url", bus.url()});
    return options;
  }

  cosmo_outcome dispatch(std::vector<std::string> options) const {
    return run_cosmo(line(std::move(options)));
  }

  bus_lab bus;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE_METHOD(fixture, "the reply to a TASK is printed", "[cli][dispatch]") {
  const auto outcome
    = dispatch({"--neuron", "echo", "--input", R"({"prompt":"hi"})"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out.starts_with("FINAL  trace=trc_"));
  CHECK(has(outcome.out, "  from=echo\n{\n"));
  CHECK(json::parse(outcome.out.substr(outcome.out.find('\n')))
        == json{{"heard", {{"prompt", "hi"}}}});
}

TEST_CASE_METHOD(fixture, "the reply as JSON is one line", "[cli][dispatch]") {
  const auto outcome = dispatch({"--capabilities", " , chat ,", "--json"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find('\n') == outcome.out.size() - 1);
  const auto reply = json::parse(outcome.out);
  CHECK(reply.at("type") == "FINAL");
  CHECK(reply.at("directed").at("id") == "echo");
}

TEST_CASE_METHOD(fixture, "with scope all the first reply counts",
                 "[cli][dispatch]") {
  const auto outcome = dispatch({"--neuron=echo", "--scope=all"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("AGENT_OUTPUT  trace="));
}

TEST_CASE_METHOD(fixture, "an ERROR is a failure, a question is not",
                 "[cli][dispatch]") {
  const auto failed = dispatch({"--neuron=fails"});
  CHECK(failed.code == 1);
  CHECK(failed.out.starts_with("ERROR  trace="));
  CHECK(has(failed.out, "it is broken"));
  const auto asked = dispatch({"--neuron=asks"});
  CHECK(asked.code == 0);
  CHECK(asked.out.starts_with("CLARIFICATION  trace="));
  CHECK(has(asked.out, "which one?"));
  CHECK(dispatch({"--neuron=careful"}).out.starts_with("PERMISSION  trace="));
}

TEST_CASE_METHOD(fixture, "work can be offered to those who bid",
                 "[cli][dispatch]") {
  const auto won = dispatch({"--offer", "--capabilities=chat"});
  CHECK(won.code == 0);
  CHECK(won.out.starts_with("FINAL  trace="));
  const auto awarded
    = dispatch({"--offer", "--capabilities=chat", "--no-wait"});
  CHECK(awarded.code == 0);
  CHECK(awarded.out.starts_with("offer awarded  trace=trc_"));
  const auto nobody
    = dispatch({"--offer", "--capabilities=fly", "--deadline-ms=1"});
  CHECK(nobody.code == 2);
  CHECK(nobody.out == "");
  CHECK(nobody.err.starts_with("error: no answer: "));
}

TEST_CASE_METHOD(fixture, "without wait a TASK is on its way",
                 "[cli][dispatch]") {
  live_run watching{{"doppler", "--url", bus.url(), "--type=FINAL"}};
  watching.wait_for("observing");
  const auto outcome = dispatch({"--neuron=echo", "--no-wait"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("dispatched  trace=trc_"));
  CHECK(has(outcome.out, "  id=evt_"));
  watching.wait_for("  FINAL  ");
  watching.interrupt();
  CHECK(watching.outcome().code == 0);
}

TEST_CASE_METHOD(fixture, "nobody answers in time", "[cli][dispatch]") {
  const auto outcome = dispatch({"--neuron=nobody", "--timeout=0.01"});
  CHECK(outcome.code == 2);
  CHECK(outcome.out == "");
  CHECK(outcome.err.starts_with("error: no answer: "));
}

TEST_CASE_METHOD(fixture, "Ctrl-C ends the wait", "[cli][dispatch]") {
  live_run run{line({"--neuron=nobody", "--timeout=1000"})};
  run.interrupt();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 130);
  CHECK(outcome.err == "error: interrupted\n");
}

TEST_CASE_METHOD(fixture, "a reply may come after the bus was lost",
                 "[cli][dispatch]") {
  const auto of_workers = bus.subscriptions();
  live_run watching{{"doppler", "--url", bus.url(), "--json", "--type=TASK"}};
  bus.wait_for_subscriptions(of_workers + 1);
  live_run run{line({"--neuron=nobody", "--timeout=1000"})};
  const auto task = json::parse(watching.wait_for("\n"));
  bus.restart();
  run.wait_for_error("the bus is back");
  bus.say("FINAL", task["trace_id"].get<std::string>());
  const auto outcome = run.outcome();
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("FINAL  "));
  CHECK(outcome.err.starts_with("warning: waiting for the bus: "));
  CHECK(watching.outcome().code == 1);
}

TEST_CASE_METHOD(fixture, "nobody waits longer than told for a lost bus",
                 "[cli][dispatch]") {
  live_run watching{{"doppler", "--url", bus.url(), "--type=TASK"}};
  watching.wait_for("observing");
  live_run run{line({"--neuron=nobody", "--timeout=0.5"})};
  watching.wait_for("TASK  ");
  bus.stop();
  const auto outcome = run.outcome();
  CHECK(outcome.code == 2);
  CHECK(has(outcome.err, "error: no answer: "));
}
