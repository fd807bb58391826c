// SPDX-License-Identifier: Apache-2.0
#include "support/cosmo_run.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/version.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <algorithm>
#include <fstream>

using namespace cosmo::test;

namespace {

struct exit_case {
  std::vector<std::string> args;
  int code;
  /// Part of the error line, empty if there is none.
  std::string error = {};
};

const std::vector<exit_case> exit_cases{
  {{}, 0},
  {{"--help"}, 0},
  {{"-h"}, 0},
  {{"--version"}, 0},
  {{"nonsense"}, 2, "No such command 'nonsense' (see cosmo --help)"},
  {{"nonsense", "--help-me"}, 2, "No such option '--help-me'"},
  {{"genesis"}, 2, "No such command 'genesis'"},
  {{"Schema"}, 2, "No such command 'Schema'"},
  {{"sch"}, 2, "No such command 'sch'"},
  {{"--nonsense"}, 2, "No such option '--nonsense' (see cosmo --help)"},
  {{""}, 2, "No such command ''"},
  {{"--"}, 0},

  {{"init", "--help"}, 0},
  {{"init", ""}, 2, "NAME is empty"},
  {{"init", "a", "b"}, 2, "not expected: b (see cosmo init --help)"},
  {{"init", "a", "-n", "two.parts"}, 2, "two.parts"},
  {{"init", "a", "-n"}, 2, "--namespace"},
  {{"init", "a", "--namespace="}, 2, "--namespace"},
  {{"init", "/"}, 1, "cannot make a project of /"},
  {{"init", "here"}, 1, "here is no folder"},
  {{"init", "here/below"}, 1, "cannot"},

  {{"validate", "--help"}, 0},
  {{"validate"}, 2, "give either FILE or --live"},
  {{"validate", "nobody"}, 2, "cannot read nobody: No such file"},
  {{"validate", "."}, 2, ". is a folder"},
  {{"validate", ""}, 2, "give either FILE or --live"},
  {{"validate", "here/below"}, 2, "cannot read here/below"},
  {{"validate", "here", "here"}, 2, "not expected: here"},
  {{"validate", "here", "--live"}, 2, "give either FILE or --live"},
  {{"validate", "--live", "--namespace=a.b"}, 2, "--namespace"},
  {{"validate", "--live", "--url=cosmo://127.0.0.1:1"}, 1, "127.0.0.1:1"},
  {{"validate", "--live", "--url=nats://h"}, 1, "no transport for nats://"},
  {{"validate", "here", "--strict=perhaps"}, 2, "--strict"},
  {{"validate", "here"}, 1},

  {{"schema", "--help"}, 0},
  {{"schema"}, 0},
  {{"schema", "--types"}, 0},
  {{"schema", "--types", "--types"}, 0},
  {{"schema", "--type"}, 2, "--type"},
  {{"schema", "schema"}, 2, "not expected: schema"},
  {{"schema", "-o"}, 2, "--output"},
  {{"schema", "-o", ""}, 1, "cannot write"},
  {{"schema", "-o", "."}, 1, "/.: Is a directory"},
  {{"schema", "-o", "nowhere/file"}, 1, "/nowhere/file: No such file"},
  {{"schema", "-o", "here/file"}, 1, "/here/file: Not a directory"},
  {{"schema", "--out", "x"}, 2, "--out"},

  {{"synapse", "--help"}, 0},
  {{"synapse"}, 2, "see cosmo synapse --help"},
  {{"synapse", "pause"}, 2, "No such command 'pause'"},
  {{"synapse", "start", "--help"}, 0},
  {{"synapse", "start"}, 2, "TRANSPORT is required"},
  {{"synapse", "start", "redis"}, 2, "'redis' is none of memory|nats|kafka"},
  {{"synapse", "start", "nats"}, 1, "this build has no transport for nats://"},
  {{"synapse", "start", "kafka", "--broker=h:1"}, 1, "kafka://"},
  {{"synapse", "start", "memory", "-n", "a b"}, 2, "--namespace"},
  {{"synapse", "start", "memory", "--port=65536"}, 2, "--port"},
  {{"synapse", "start", "memory", "--port=-1"}, 2, "--port"},
  {{"synapse", "start", "memory", "--host=nowhere"}, 2, "--host"},
  {{"synapse", "start", "memory", "--max-line=1"}, 2, "--max-line"},
  {{"synapse", "start", "memory", "--peer-line-limit=x"},
   2,
   "--peer-line-limit"},
  {{"synapse", "start", "memory", "--log-format=xml"},
   2,
   "'xml' is none of text|json"},
  {{"synapse", "view", "--help"}, 0},
  {{"synapse", "view"}, 2, "--url is required"},
  {{"synapse", "view", "--url=cosmo://h", "-n", "a.b"}, 2, "--namespace"},
  {{"synapse", "view", "--url=tcp://h"}, 1, "unknown scheme 'tcp'; known:"},
  {{"synapse", "view", "--url=memory://"}, 1, "unknown scheme 'memory'"},
  {{"synapse", "view", "--url=h:7070"}, 1, "'h:7070' is no URL of a bus"},
  {{"synapse", "stop", "--help"}, 0},
  {{"synapse", "stop", "-n", "dev"}, 2, "--url is required"},
  {{"synapse", "stop", "--url=cosmo://h"}, 2, "--namespace is required"},
  {{"synapse", "stop", "--url=cosmo://127.0.0.1:1", "-n", "dev"},
   1,
   "127.0.0.1:1"},
  {{"synapse", "stop", "--url=tcp://h", "-n", "dev"}, 1, "unknown scheme"},

  {{"dispatch", "--help"}, 0},
  {{"dispatch", "--neuron=x"}, 2, "--url is required"},
  {{"dispatch", "--url=cosmo://h"}, 2, "--neuron, --capabilities or --offer"},
  {{"dispatch", "--url=cosmo://h", "--capabilities", " , "}, 2, "--offer"},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "--input=[]"},
   2,
   "--input is no JSON object"},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "--input={"},
   2,
   "--input is no JSON object: "},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "--timeout=0"},
   2,
   "--timeout: '0' is no number from 0.001 to 1000000"},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "--timeout=nan"},
   2,
   "--timeout"},
  {{"dispatch", "--url=cosmo://h", "--offer", "--deadline-ms=0"},
   2,
   "--deadline-ms"},
  {{"dispatch", "--url=cosmo://h", "--offer", "--select=best"}, 2, "'best'"},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "--scope=some"}, 2, "'some'"},
  {{"dispatch", "--url=cosmo://h", "--neuron=x", "-n", ""}, 2, "--namespace"},
  {{"dispatch", "--url=cosmo://127.0.0.1:1", "--neuron=x"}, 1, "127.0.0.1:1"},
  {{"dispatch", "--url=nats://h", "--neuron=x"}, 1, "no transport for nats://"},
  {{"dispatch", "--url=x://h", "--neuron=x"}, 1, "unknown scheme 'x'"},

  {{"registry", "list", "--help"}, 0},
  {{"registry"}, 2, "see cosmo registry --help"},
  {{"registry", "list"}, 2, "--url is required"},
  {{"registry", "list", "--url=cosmo://h", "--timeout=-1"}, 2, "--timeout"},
  {{"registry", "list", "--url=cosmo://h", "-n", "*"}, 2, "--namespace"},
  {{"registry", "list", "--url=cosmo://127.0.0.1:1"}, 1, "127.0.0.1:1"},
  {{"registry", "list", "--url=kafka://h"}, 1, "no transport for kafka://"},

  {{"answer", "--help"}, 0},
  {{"answer"}, 2, "--url is required"},
  {{"answer", "--url=cosmo://h", "-n", ">"}, 2, "--namespace"},
  {{"answer", "--url=cosmo://127.0.0.1:1"}, 1, "127.0.0.1:1"},

  {{"doppler", "--help"}, 0},
  {{"doppler"}, 2, "--url is required"},
  {{"doppler", "--url=cosmo://h", "--synapse=cosmo://h"}, 2, "--synapse"},
  {{"doppler", "--url=cosmo://h", "--type=NEWS"}, 2, "'NEWS' is no type"},
  {{"doppler", "--url=cosmo://h/a.b"}, 2, "a.b"},
  {{"doppler", "--url=cosmo://h", "-n", "a.b"}, 2, "--namespace"},
  {{"doppler", "--url=cosmo://h", "--prism", "--tail"}, 2, "--prism"},
  {{"doppler", "--url=cosmo://127.0.0.1:1"}, 1, "127.0.0.1:1"},
  {{"doppler", "--url=h:7070"}, 1, "'h:7070' is no URL of a bus"},
  {{"doppler", "--url=nats://h"}, 1, "no transport for nats://"},
  {{"doppler", "--prism", "--url=x://h"}, 1, "unknown scheme 'x'"},

  {{"prism", "--help"}, 0},
  {{"prism", "--tail"}, 2, "--url is required"},
  {{"prism", "--port=x"}, 2, "--port"},
  {{"prism", "--url=cosmo://h:port"}, 1, "has no valid port"},

  {{"completion", "--help"}, 0},
  {{"completion", "bash"}, 0},
  {{"completion", "zsh"}, 0},
  {{"completion", "fish"}, 0},
  {{"completion"}, 2, "SHELL is required"},
  {{"completion", "tcsh"}, 2, "'tcsh' is none of bash|zsh|fish"},
  {{"completion", "Bash"}, 2, "'Bash' is none of bash|zsh|fish"},
  {{"completion", "bash", "zsh"}, 2, "not expected: zsh"},
};

std::string shown(const std::vector<std::string>& args) {
  std::string result = "cosmo";
  for (const auto& arg : args)
    result += " '" + arg + '\'';
  return result;
}

} // namespace

TEST_CASE("every line ends with its exit code", "[cli][program]") {
  const scratch_folder scratch;
  std::ofstream{scratch.file("here")} << "no JSON\n";
  for (const auto& row : exit_cases) {
    INFO(shown(row.args));
    const auto outcome = run_cosmo(row.args, {.folder = scratch.path()});
    CHECK(outcome.code == row.code);
    if (row.error.empty()) {
      CHECK(outcome.err == "");
      CHECK(outcome.out != "");
    } else {
      // One line, and nothing beside it.
      CHECK(outcome.err.starts_with("error: "));
      CHECK(outcome.err.find(row.error) != std::string::npos);
      CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
      CHECK(outcome.out == "");
    }
  }
}

TEST_CASE("without a command the program shows what it can do",
          "[cli][program]") {
  const auto outcome = run_cosmo({});
  CHECK(outcome == run_cosmo({"--help"}));
  size_t pos = 0;
  for (const auto* text :
       {"Usage: cosmo", "build:", "  init", "observe:", "  validate",
        "  schema", "shell:", "  completion", "cosmo init my-app"}) {
    INFO(text);
    const auto found = outcome.out.find(text, pos);
    REQUIRE(found != std::string::npos);
    pos = found;
  }
  // Two lines of hint at the end, which no command repeats.
  CHECK(outcome.out.ends_with("\n"));
  CHECK(run_cosmo({"schema", "--help"}).out.find("my-app")
        == std::string::npos);
}

TEST_CASE("the help of a command names its options and their defaults",
          "[cli][program]") {
  const auto init = run_cosmo({"init", "--help"}).out;
  CHECK(init.find("Usage: cosmo init [OPTIONS] [NAME]") != std::string::npos);
  CHECK(init.find("-n,--namespace NS") != std::string::npos);
  CHECK(init.find("(default demo)") != std::string::npos);
  CHECK(init.find("(default cosmonapse-app)") != std::string::npos);
  const auto completion = run_cosmo({"completion", "--help"}).out;
  CHECK(completion.find("bash|zsh|fish") != std::string::npos);
}

TEST_CASE("help wins over what else is on the line", "[cli][program]") {
  const auto outcome = run_cosmo({"schema", "--types", "--help"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("Usage: cosmo schema") != std::string::npos);
  CHECK(outcome.out.find("AGENT_OUTPUT") == std::string::npos);
}

TEST_CASE("the version is the library's", "[cli][program]") {
  CHECK(run_cosmo({"--version"}).out
        == "cosmo, version " + std::string{cosmo::version_text} + '\n');
}

TEST_CASE("of a repeated option the last one counts", "[cli][program]") {
  const scratch_folder scratch;
  const auto outcome
    = run_cosmo({"schema", "-o", "first", "--output=second", "-o", "third"},
                {.folder = scratch.path()});
  CHECK(outcome.out == "wrote third\n");
  CHECK(!std::filesystem::exists(scratch.path() / "first"));
  CHECK(!std::filesystem::exists(scratch.path() / "second"));
  CHECK(std::filesystem::exists(scratch.path() / "third"));
}

TEST_CASE("the name of a command may be an argument", "[cli][program]") {
  const scratch_folder scratch;
  const auto outcome
    = run_cosmo({"init", "schema", "--no-git"}, {.folder = scratch.path()});
  CHECK(outcome.code == 0);
  CHECK(std::filesystem::exists(scratch.path() / "schema" / "brain.cpp"));
}

TEST_CASE("output that cannot be written is a failure", "[cli][program]") {
  for (const auto& args : std::vector<std::vector<std::string>>{
         {}, {"--version"}, {"schema"}, {"completion", "bash"}}) {
    INFO(shown(args));
    std::ostream nowhere{nullptr};
    std::ostringstream err;
    const auto code = cosmo::cli::run(args, cosmo_setup{}.with(nowhere, err));
    CHECK(code == 1);
    CHECK(err.str() == "error: standard output cannot be written\n");
  }
}
