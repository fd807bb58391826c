// SPDX-License-Identifier: Apache-2.0
#include "support/bus_lab.hpp"
#include "support/live_run.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::test;
using cosmo::json;

namespace {

/// `cosmo synapse start` on any port.
struct running_bus {
  explicit running_bus(std::vector<std::string> more = {})
    : run(with(std::move(more))), url(run.value_of("URL:")) {
    // nop
  }

  static std::vector<std::string> with(std::vector<std::string> more) {
    std::vector<std::string> result{"synapse", "start", "memory", "--port=0"};
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }

  cosmo_outcome end() {
    run.interrupt();
    return run.outcome();
  }

  live_run run;
  std::string url;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE("a bus says where it is, and ends when told to", "[cli][synapse]") {
  running_bus bus{{"-n", "lab"}};
  CHECK(bus.url.starts_with("cosmo://127.0.0.1:"));
  CHECK(!bus.url.ends_with(":0"));
  const auto ended = bus.end();
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(has(ended.out, "Namespace:  lab\n"));
  CHECK(has(ended.out, "Transport:  memory\n"));
  CHECK(ended.out.ends_with("Synapse stopped  namespace=lab  signals=0\n"));
  CHECK(!has(ended.out, "\x1b"));
}

TEST_CASE("stopping its namespace ends a bus", "[cli][synapse]") {
  running_bus bus;
  CHECK(run_cosmo({"synapse", "stop", "--url", bus.url, "-n", "other"}).err
        == "error: namespace 'other' not found\n");
  CHECK(
    run_cosmo({"synapse", "stop", "--url", bus.url, "-n", "dev"})
    == cosmo_outcome{0, "Stopped namespace 'dev' at " + bus.url + "\n", ""});
  CHECK(bus.run.outcome().code == 0);
  CHECK(run_cosmo({"synapse", "stop", "--url", bus.url, "-n", "dev"}).code
        == 1);
}

TEST_CASE("a bus shows each Signal, and what is none is left out",
          "[cli][synapse]") {
  running_bus bus;
  CHECK(
    run_cosmo({"dispatch", "--url", bus.url, "--neuron", "nobody", "--no-wait"})
      .code
    == 0);
  bus.run.wait_for("cosmonapse.dev.TASK\n");
  const auto ended = bus.end();
  CHECK(has(ended.out, "  TASK            "));
  CHECK(has(ended.out, "signals=1\n"));
}

TEST_CASE("a quiet bus prints nothing", "[cli][synapse]") {
  bus_lab other;
  const auto port = other.url().substr(other.url().rfind(':') + 1);
  const auto taken
    = run_cosmo({"synapse", "start", "memory", "--quiet", "--port", port});
  CHECK(taken.code == 1);
  CHECK(taken.out == "");
  CHECK(taken.err.starts_with("error: cannot listen on 127.0.0.1:" + port));
  live_run quiet{
    {"synapse", "start", "memory", "--quiet", "--port=0", "--host=localhost"}};
  quiet.interrupt();
  CHECK(quiet.outcome() == cosmo_outcome{0, "", ""});
}

TEST_CASE("the log of a bus is on standard error", "[cli][synapse]") {
  running_bus bus{{"--host=0.0.0.0", "--log-format=json"}};
  const auto ended = bus.end();
  CHECK(ended.code == 0);
  std::istringstream lines{ended.err};
  std::string events;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = json::parse(line);
    CHECK(entry.size() == 5);
    events += entry.at("event").get<std::string>() + ' ';
  }
  CHECK(events == "open-to-others started stopped ");
  running_bus plain{{"--host=0.0.0.0"}};
  const auto text = plain.end().err;
  CHECK(has(text, "Z warning net.wire open-to-others: the bus listens on "));
  CHECK(!has(text, "started"));
}

TEST_CASE("the namespaces of a bus are listed", "[cli][synapse]") {
  running_bus bus{{"-n", "lab"}};
  const auto table = run_cosmo({"synapse", "view", "--url", bus.url});
  CHECK(table.code == 0);
  CHECK(table.out.starts_with(
    "  NAMESPACE  TRANSPORT  SIGNALS  STARTED\n  lab        memory     0  "));
  const auto all = json::parse(
    run_cosmo({"synapse", "view", "--json", "--url", bus.url}).out);
  CHECK(all.at("url") == bus.url);
  REQUIRE(all.at("namespaces").size() == 1);
  CHECK(all.at("namespaces").at(0).at("namespace") == "lab");
  const auto one = json::parse(
    run_cosmo({"synapse", "view", "--json", "--url", bus.url, "-n", "lab"})
      .out);
  CHECK(!one.contains("op"));
  CHECK(one.at("signal_count") == 0);
  CHECK(one.at("client_count") == 2);
  CHECK(run_cosmo({"synapse", "view", "--url", bus.url, "-n", "other"})
        == cosmo_outcome{1, "", "error: namespace 'other' not found\n"});
}

TEST_CASE("a bus without namespaces, and none at all", "[cli][synapse]") {
  bus_lab bus;
  CHECK(run_cosmo({"synapse", "view", "--url", bus.url()}).out
        == "No namespaces are registered at " + bus.url() + "\n");
  bus.stop();
  const auto gone = run_cosmo({"synapse", "view", "--url", bus.url()});
  CHECK(gone.code == 1);
  CHECK(gone.out == "");
  CHECK(gone.err.ends_with("is there a bus? cosmo synapse start memory\n"));
}

TEST_CASE("a namespace is followed until Ctrl-C or the end of its bus",
          "[cli][synapse]") {
  running_bus bus;
  const std::vector<std::string> line{"synapse", "view", "--url",
                                      bus.url,   "-n",   "dev"};
  live_run first{line};
  live_run second{line};
  const std::string rule(64, '-');
  first.wait_for(rule);
  second.wait_for(rule);
  run_cosmo({"dispatch", "--url", bus.url, "--neuron=nobody", "--no-wait"});
  CHECK(has(first.wait_for("cosmonapse.dev.TASK\n"), "Clients:    "));
  second.wait_for("cosmonapse.dev.TASK\n");
  first.interrupt();
  const auto ended = first.outcome();
  CHECK(ended.code == 0);
  CHECK(ended.out.ends_with(rule + "\n1 Signals\n"));
  bus.end();
  CHECK(second.outcome().code == 0);
}
