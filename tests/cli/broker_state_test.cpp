// SPDX-License-Identifier: Apache-2.0
//
// `synapse view` and `stop` of brokers that other SDKs attend to.
#include "support/cosmo_run.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace cosmo::test;
using cosmo::json;

namespace {

const std::string url = "nats://u:p@127.0.0.1:4222";

/// A process that waits to be ended, under a name.
class process {
public:
  explicit process(const char* name) : pid(fork()) {
    if (pid != 0)
      return;
    execl("/bin/sleep", name, "60", nullptr);
    _exit(1);
  }

  ~process() {
    if (!is_reaped_)
      kill(pid, SIGKILL);
    (void)ended_by();
  }

  /// The signal that ended it.
  int ended_by() {
    int status = 0;
    if (!is_reaped_)
      waitpid(pid, &status, 0);
    is_reaped_ = true;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  const pid_t pid;

private:
  bool is_reaped_ = false;
};

struct fixture {
  void write(const json& content) const {
    std::ofstream{scratch.file("registry.json")} << content.dump();
  }

  void write_entry(pid_t pid) const {
    write({{url,
            {{"lab",
              {{"transport", "nats"}, {"pid", pid}, {"started_at", "today"}}},
             {"other", {{"transport", "nats"}}}}},
           {"kafka://k:9092", json::object()}});
  }

  json content() const {
    std::ifstream file{scratch.file("registry.json")};
    return json::parse(file);
  }

  cosmo_outcome run(std::vector<std::string> args) const {
    args.insert(args.begin(), "synapse");
    return run_cosmo(
      std::move(args),
      {.variables = {{"COSMONAPSE_STATE_DIR", scratch.path().string()}}});
  }

  scratch_folder scratch;
};

} // namespace

TEST_CASE_METHOD(fixture, "of a broker that nobody attends to nothing is known",
                 "[cli][synapse]") {
  const auto nothing = "No namespaces are registered at " + url + "\n";
  CHECK(run({"view", "--url", url}) == cosmo_outcome{0, nothing, ""});
  for (const auto* text :
       {"", "[]", "{", "{\"nats://u:p@127.0.0.1:4222\":1}"}) {
    std::ofstream{scratch.file("registry.json")} << text;
    CHECK(run({"view", "--url", url}) == cosmo_outcome{0, nothing, ""});
  }
  CHECK(json::parse(run({"view", "--url", url, "--json"}).out)
        == json{{"url", url}, {"namespaces", json::array()}});
  CHECK(run({"view", "--url", url, "-n", "lab"}).code == 1);
  CHECK(run({"stop", "--url", url, "-n", "lab"}).code == 1);
}

TEST_CASE_METHOD(fixture, "what other SDKs attend to is shown",
                 "[cli][synapse]") {
  write_entry(4711);
  CHECK(run({"view", "--url", url}).out
        == "  NAMESPACE  TRANSPORT  SIGNALS  STARTED\n"
           "  lab        nats       -        today\n"
           "  other      nats       -        -\n");
  CHECK(run({"view", "--url", url, "-n", "lab"}).out
        == "  Namespace:  lab\n"
           "  Transport:  nats\n"
           "  PID:        4711\n"
           "  Started:    today\n");
  CHECK(json::parse(run({"view", "--url", url, "-n", "lab", "--json"}).out)
        == json{{"transport", "nats"},
                {"pid", 4711},
                {"started_at", "today"},
                {"namespace", "lab"}});
  CHECK(run({"view", "--url", "kafka://k:9092"}).out
        == "No namespaces are registered at kafka://k:9092\n");
}

TEST_CASE_METHOD(fixture, "without a folder of its own the state is at home",
                 "[cli][synapse]") {
  std::filesystem::create_directory(scratch.path() / ".cosmonapse");
  std::ofstream{scratch.file(".cosmonapse/registry.json")}
    << json{{url, {{"lab", {{"transport", "nats"}}}}}}.dump();
  const auto outcome
    = run_cosmo({"synapse", "view", "--url", url},
                {.variables = {{"HOME", scratch.path().string()}}});
  CHECK(outcome.out.find("  lab  ") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "stopping a namespace ends its process",
                 "[cli][synapse]") {
  process attendant{"cosmo"};
  // Until it has its name.
  const auto name_of = [&] {
    std::ifstream file{"/proc/" + std::to_string(attendant.pid) + "/cmdline"};
    std::string name;
    std::getline(file, name, '\0');
    return name;
  };
  while (name_of() != "cosmo")
    std::this_thread::yield();
  write_entry(attendant.pid);
  CHECK(run({"stop", "--url", url, "-n", "lab"})
        == cosmo_outcome{0, "Stopped namespace 'lab' at " + url + "\n", ""});
  CHECK(attendant.ended_by() == SIGTERM);
  CHECK(!content().at(url).contains("lab"));
  CHECK(content().at(url).contains("other"));
  CHECK(content().contains("kafka://k:9092"));
}

TEST_CASE_METHOD(fixture, "a process that has gone, and one that is another",
                 "[cli][synapse]") {
  process gone{"cosmo"};
  kill(gone.pid, SIGKILL);
  CHECK(gone.ended_by() == SIGKILL);
  // The second number is this test's own.
  for (const auto pid : {gone.pid, getpid()}) {
    write_entry(pid);
    const auto outcome = run({"stop", "--url", url, "-n", "lab"});
    CHECK(outcome.code == 0);
    CHECK(outcome.out
          == "Process " + std::to_string(pid)
               + " of namespace 'lab' has gone already\n");
    CHECK(!content().at(url).contains("lab"));
  }
}

TEST_CASE_METHOD(fixture, "no number that means several processes is used",
                 "[cli][synapse]") {
  for (const pid_t pid : {0, -1, 1}) {
    write_entry(pid);
    const auto outcome = run({"stop", "--url", url, "-n", "lab"});
    CHECK(outcome.code == 1);
    CHECK(outcome.err
          == "error: there is no process of namespace 'lab' on record\n");
  }
  CHECK(run({"stop", "--url", url, "-n", "other"}).code == 1);
}
