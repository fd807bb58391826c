// SPDX-License-Identifier: Apache-2.0
#include "mcp_stdio.hpp"

#include "mcp_client.hpp"
#include "mcp_thread.hpp"
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/mcp_fixture.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/log.hpp>
#include <cosmo/neuron/mcp.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <sstream>
#include <unistd.h>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const json echo{{"tool", "echo"}};

/// What the server answers to the request of this id.
std::string answer(int id, const std::string& text = "ok") {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
         + R"(,"result":{"content":[{"type":"text","text":")" + text + "\"}]}}";
}

struct bed_options {
  mcp_session_settings session = {};
  mcp_stdio_settings stdio = {};
};

/// A Neuron before the fixture server, on a thread that ends with the test.
class stdio_bed {
public:
  explicit stdio_bed(std::initializer_list<std::string> steps,
                     bed_options options = {})
    : script{steps} {
    auto child = script.child();
    child.cwd = options.stdio.child.cwd;
    child.environment = options.stdio.child.environment;
    options.stdio.child = std::move(child);
    auto settings
      = std::make_shared<const mcp_stdio_settings>(std::move(options.stdio));
    mcp_call_settings calls{{}, {{"server", nullptr}, {"command", "fixture"}}};
    neuron = make_mcp_neuron(
      {.calls = std::make_shared<const mcp_call_settings>(std::move(calls)),
       .sessions = std::make_shared<const mcp_session_settings>(
         std::move(options.session)),
       .connect =
         [settings](const std::shared_ptr<mcp_thread>& on) {
           return std::make_shared<mcp_stdio>(on->context(), settings);
         }},
      thread);
  }

  ~stdio_bed() {
    finish();
  }

  json result(const json& input) {
    auto outcome = run_neuron(*neuron, input);
    INFO((outcome ? std::string{} : describe(outcome.error())));
    REQUIRE(outcome);
    return *outcome;
  }

  failure refusal(const json& input) {
    return failure_of(run_neuron(*neuron, input));
  }

  std::future<caf::expected<json>> start(std::stop_token stop = {}) {
    return start_neuron(*neuron, echo, std::move(stop));
  }

  /// Returns when every child has been reaped.
  void finish() {
    neuron.reset();
    thread->shut_down();
  }

  mcp_script script;
  std::shared_ptr<mcp_thread> thread = std::make_shared<mcp_thread>();
  std::optional<any_neuron> neuron;
};

failure refusal_of(std::future<caf::expected<json>>& pending) {
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  return failure_of(pending.get());
}

/// The number behind `pid ` or `group ` in what the server says of itself.
pid_t number_in(const std::string& state, const std::string& name) {
  std::istringstream lines{state};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + " "))
      return std::stoi(line.substr(name.size() + 1));
  FAIL("no " << name << " in " << state);
  return 0;
}

} // namespace

// -- fixture F11 --------------------------------------------------------------

TEST_CASE("the transcript is as every MCP server expects it",
          "[net][mcp][integration]") {
  stdio_bed bed{
    {handshake, R"(> {"jsonrpc":"2.0","id":2,"method":"tools/list"})",
     R"(< {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"echo",)"
     R"("description":"Echo text.","inputSchema":{"type":"object",)"
     R"("properties":{"text":{"type":"string"}},"required":["text"]}}]}})",
     R"(> {"jsonrpc":"2.0","id":3,"method":"tools/call","params":)"
     R"({"name":"echo","arguments":{"text":"hi"}}})",
     R"(< {"jsonrpc":"2.0","method":"notifications/message","params":)"
     R"({"level":"info","data":"working"}})",
     R"(< {"jsonrpc":"2.0","id":99,"method":"ping"})",
     R"(> {"jsonrpc":"2.0","id":99,"result":{}})",
     R"(< {"jsonrpc":"2.0","id":3,"result":{"content":[)"
     R"({"type":"text","text":"hi"},)"
     R"({"type":"image","data":"AAAA","mimeType":"image/png"},)"
     R"({"type":"text","text":"there"}],"structuredContent":{"n":2},)"
     R"("isError":false}})",
     R"(> {"jsonrpc":"2.0","id":4,"method":"tools/call","params":)"
     R"({"name":"echo","arguments":{}}})",
     R"(< {"jsonrpc":"2.0","id":4,"result":{"content":[)"
     R"({"type":"text","text":"text is required"}],"isError":true}})",
     R"(> {"jsonrpc":"2.0","id":5,"method":"tools/call","params":)"
     R"({"name":"nope","arguments":{}}})",
     R"(< {"jsonrpc":"2.0","id":5,"error":{"code":-32602,)"
     R"("message":"Unknown tool: nope"}})"}};
  CHECK(bed.result({{"text", "hi"}}).dump()
        == R"({"response":"hi\nthere","result":{"n":2},"is_error":false,)"
           R"("content":[{"type":"text","text":"hi"},)"
           R"({"type":"image","data":"AAAA","mimeType":"image/png"},)"
           R"({"type":"text","text":"there"}],)"
           R"("meta":{"tool":"echo","server":null,"command":"fixture"}})");
  auto failed = bed.result(echo);
  CHECK(failed["is_error"] == true);
  CHECK(failed["response"] == "text is required");
  auto [code, text] = bed.refusal({{"tool", "nope"}});
  CHECK(code == ec::rpc_error);
  CHECK_THAT(text, StartsWith("Unknown tool: nope"));
}

TEST_CASE("the public Neuron speaks to a command", "[net][mcp][integration]") {
  mcp_script script{{handshake, ">", "< " + answer(2)}};
  auto made = neuron::mcp({.command = script.child().command,
                           .args = script.child().args,
                           .tool = "echo"});
  REQUIRE(made);
  auto result = run_neuron(*made, json::object());
  REQUIRE(result);
  CHECK((*result)["response"] == "ok");
  CHECK((*result)["meta"]
        == json{{"tool", "echo"},
                {"server", nullptr},
                {"command", script.child().command}});
}

// -- framing ------------------------------------------------------------------

TEST_CASE("lines may end with CR LF, be empty, or be no JSON",
          "[net][mcp][integration]") {
  log_capture log;
  stdio_bed bed{{R"(<< Starting up...\n\r\n\n)", handshake, ">",
                 R"(<< {"jsonrpc":"2.0",)",
                 R"(<< "id":2,"result":{"content":[]}}\r\n)"}};
  CHECK(bed.result(echo)["response"] == "");
  CHECK(std::ranges::count(log.events(), "message-skipped") == 1);
}

TEST_CASE("the last message may lack the end of its line",
          "[net][mcp][integration]") {
  stdio_bed bed{{handshake, ">", "<< " + answer(2), "exit 0"}};
  CHECK(bed.result(echo)["response"] == "ok");
}

TEST_CASE("what a server wrote before it ended still counts",
          "[net][mcp][integration]") {
  stdio_bed bed{
    {handshake, ">", "< " + answer(2, std::string(50'000, 'x')), "abort"}};
  CHECK(bed.result(echo)["response"].get<std::string>().size() == 50'000);
}

TEST_CASE("a message above the limit ends the server",
          "[net][mcp][integration]") {
  bed_options options;
  options.stdio.message_bytes_max = 1000;
  options.stdio.input_grace = options.stdio.term_grace = 1ms;
  stdio_bed bed{
    {handshake, ">", "< " + answer(2, std::string(1000, 'x')), "hang"},
    std::move(options)};
  CHECK(bed.refusal(echo)
        == failure{ec::too_large, "a message of the MCP server is longer than "
                                  "1000 bytes"});
}

TEST_CASE("a server that only asks and never reads is ended",
          "[net][mcp][integration]") {
  bed_options options;
  options.stdio.message_bytes_max = 40'000;
  options.stdio.input_grace = options.stdio.term_grace = 1ms;
  std::string pings;
  for (int i = 0; i < 10'000; ++i)
    pings += R"({"id":7,"method":"ping"}\n)";
  stdio_bed bed{{handshake, ">", "<< " + pings, "hang"}, std::move(options)};
  CHECK(bed.refusal(echo)
        == failure{ec::too_large,
                   "the MCP server does not read what is sent to it"});
}

TEST_CASE("a server's log is drained, and shows no secret",
          "[net][mcp][integration]") {
  std::mutex mutex;
  std::string logged;
  log::set_sink(
    [&](log::level, std::string_view, std::string_view, std::string_view text) {
      std::lock_guard guard{mutex};
      logged += text;
    });
  bed_options options;
  options.stdio.secrets = {"s3cret-key"};
  std::string lines;
  for (int i = 0; i < 3000; ++i)
    lines += "\n! " + std::string(100, '#');
  stdio_bed bed{{"! key s3cret-key" + lines, handshake, ">",
                 "! " + std::string(100'000, 'x'), "< " + answer(2)},
                std::move(options)};
  CHECK(bed.result(echo)["response"] == "ok");
  bed.finish();
  log::set_sink({});
  CHECK_THAT(logged, StartsWith("key ***###"));
  CHECK(std::ranges::count(logged, '#') == 300'000);
}

// -- the process --------------------------------------------------------------

TEST_CASE("a server inherits nothing but its streams and its variables",
          "[net][mcp][integration]") {
  temporary_folder folder;
  bed_options options;
  options.stdio.child.environment = {{"ONLY", "this"}};
  options.stdio.child.cwd = folder.path();
  stdio_bed bed{{"state $DIR/state", handshake, ">", "< " + answer(2)},
                std::move(options)};
  bed.result(echo);
  auto state = wait_for_file(bed.script.file("state"));
  CHECK(number_in(state, "pid") == number_in(state, "group"));
  CHECK(number_in(state, "group") != ::getpgrp());
  CHECK_THAT(state,
             ContainsSubstring(
               "cwd " + std::filesystem::canonical(folder.path()).string()));
  CHECK_THAT(state, ContainsSubstring("env ONLY=this\n"));
  CHECK(std::ranges::count(state, '\n') == 4);
}

TEST_CASE("a server that cannot be started is named",
          "[net][mcp][integration]") {
  auto made = neuron::mcp({.command = "no-such-command-anywhere"});
  REQUIRE(made);
  CHECK(failure_of(run_neuron(*made, echo))
        == failure{ec::process_exited,
                   "cannot start MCP server no-such-command-anywhere: No such "
                   "file or directory"});
  auto elsewhere = neuron::mcp({.command = "sh", .cwd = "/no/such/folder"});
  REQUIRE(elsewhere);
  CHECK_THAT(failure_of(run_neuron(*elsewhere, echo)).text,
             ContainsSubstring("/no/such/folder"));
}

TEST_CASE("a command is looked up on the path", "[net][mcp][integration]") {
  auto made = neuron::mcp({.command = "sh", .args = {"-c", "exit 7"}});
  REQUIRE(made);
  CHECK(failure_of(run_neuron(*made, echo))
        == failure{ec::process_exited, "MCP server exited with status 7"});
}

TEST_CASE("concurrent first calls share one start", "[net][mcp][integration]") {
  stdio_bed bed{{std::string{"exit-once $DIR/go"}, "exit 5"}};
  auto first = bed.start();
  auto second = bed.start();
  bed.script.go();
  failure expected{ec::process_exited, "MCP server exited with status 1"};
  CHECK(refusal_of(first) == expected);
  CHECK(refusal_of(second) == expected);
}

// -- crashes ------------------------------------------------------------------

TEST_CASE("a crash fails the call under way and those that wait, and the next "
          "call starts a new server",
          "[net][mcp][integration]") {
  stdio_bed bed{{handshake, ">", "exit-once $DIR/go", "< " + answer(2)}};
  auto first = bed.start();
  auto second = bed.start();
  bed.script.go();
  failure expected{ec::process_exited, "MCP server exited with status 1"};
  CHECK(refusal_of(first) == expected);
  CHECK(refusal_of(second) == expected);
  CHECK(bed.result(echo)["response"] == "ok");
}

TEST_CASE("a server that dies by a signal says so", "[net][mcp][integration]") {
  log_capture log;
  stdio_bed bed{{"! last words", handshake, ">", "abort"}};
  CHECK(bed.refusal(echo)
        == failure{ec::process_exited, "MCP server exited by signal 9"});
  CHECK(std::ranges::count(log.events(), "server-exited") == 1);
}

TEST_CASE("a crash during the start fails the start",
          "[net][mcp][integration]") {
  stdio_bed bed{{"exit 3"}};
  CHECK(bed.refusal(echo)
        == failure{ec::process_exited, "MCP server exited with status 3"});
}

TEST_CASE("a server that closes its output has ended",
          "[net][mcp][integration]") {
  bed_options options;
  options.stdio.input_grace = options.stdio.term_grace = 1ms;
  stdio_bed bed{{handshake, ">", "close-output", "hang"}, std::move(options)};
  CHECK(bed.refusal(echo)
        == failure{ec::process_exited, "MCP server exited by signal 15"});
}

TEST_CASE("a server that ended while nobody asked is started again",
          "[net][mcp][integration]") {
  log_capture log;
  stdio_bed bed{{handshake, ">", "< " + answer(2), "exit 0"}};
  CHECK(bed.result(echo)["response"] == "ok");
  REQUIRE(wait_until(
    [&] { return std::ranges::count(log.events(), "server-exited") == 1; }));
  CHECK(bed.result(echo)["response"] == "ok");
}

// -- time and cancellation ----------------------------------------------------

TEST_CASE("a server that never starts is ended", "[net][mcp][integration]") {
  bed_options options;
  options.session.startup_timeout = 0.05s;
  options.stdio.input_grace = options.stdio.term_grace = 1ms;
  stdio_bed bed{{"hang"}, std::move(options)};
  CHECK(bed.refusal(echo)
        == failure{ec::timeout, "the MCP server did not start within 0.05 s"});
}

TEST_CASE("a late answer is ignored and the server kept",
          "[net][mcp][integration]") {
  bed_options options;
  options.session.timeout = 0.1s;
  stdio_bed bed{{handshake, ">",
                 R"(> {"jsonrpc":"2.0","method":"notifications/cancelled",)"
                 R"("params":{"requestId":2,"reason":"the MCP server did not )"
                 R"(answer tools/call within 0.1 s"}})",
                 "< " + answer(2, "late"), ">", "< " + answer(3, "in time")},
                std::move(options)};
  CHECK(bed.refusal(echo).code == ec::timeout);
  CHECK(bed.result(echo)["response"] == "in time");
}

TEST_CASE("cancelling a TASK cancels the request and keeps the server",
          "[net][mcp][integration]") {
  stdio_bed bed{{handshake, ">", "state $DIR/state",
                 R"(> {"jsonrpc":"2.0","method":"notifications/cancelled",)"
                 R"("params":{"requestId":2,"reason":"the call of the MCP )"
                 R"(server was cancelled"}})",
                 ">", "< " + answer(3)}};
  std::stop_source stop;
  auto pending = bed.start(stop.get_token());
  REQUIRE_FALSE(wait_for_file(bed.script.file("state")).empty());
  stop.request_stop();
  CHECK(refusal_of(pending).code == ec::cancelled);
  CHECK(bed.result(echo)["response"] == "ok");
}

TEST_CASE("a TASK that is cancelled already starts nothing twice",
          "[net][mcp][integration]") {
  stdio_bed bed{{handshake, ">", "< " + answer(2)}};
  std::stop_source stop;
  stop.request_stop();
  auto pending = bed.start(stop.get_token());
  CHECK(refusal_of(pending).code == ec::cancelled);
  CHECK(bed.result(echo)["response"] == "ok");
}

// -- shutdown -----------------------------------------------------------------

TEST_CASE("closing ends the server by the end of its input",
          "[net][mcp][integration]") {
  stdio_bed bed{{"state $DIR/state", handshake, ">", "< " + answer(2)}};
  bed.result(echo);
  auto pid = number_in(wait_for_file(bed.script.file("state")), "pid");
  CHECK(is_process(pid));
  bed.neuron->close();
  bed.neuron->close();
  bed.finish();
  CHECK_FALSE(is_process(pid));
}

TEST_CASE("closing what was never started does nothing",
          "[net][mcp][integration]") {
  stdio_bed bed{{"state $DIR/state"}};
  bed.neuron->close();
  bed.finish();
  CHECK_FALSE(std::filesystem::exists(bed.script.file("state")));
}

TEST_CASE("a call after closing starts a new server",
          "[net][mcp][integration]") {
  stdio_bed bed{{handshake, ">", "< " + answer(2)}};
  bed.result(echo);
  bed.neuron->close();
  CHECK(bed.result(echo)["response"] == "ok");
}

TEST_CASE("closing serves what was asked before it",
          "[net][mcp][integration]") {
  stdio_bed bed{
    {handshake, ">", "< " + answer(2, "1"), ">", "< " + answer(3, "2")}};
  auto first = bed.start();
  auto second = bed.start();
  bed.neuron->close();
  REQUIRE(second.wait_for(patience) == std::future_status::ready);
  CHECK((*second.get())["response"] == "2");
}

TEST_CASE("a server that goes on is terminated, then killed",
          "[net][mcp][integration]") {
  auto step = GENERATE("ignore-input", "ignore-term");
  bed_options options;
  options.stdio.input_grace = options.stdio.term_grace = 10ms;
  stdio_bed bed{{std::string{step}, "ignore-input", "state $DIR/state",
                 handshake, ">", "< " + answer(2)},
                std::move(options)};
  bed.result(echo);
  auto pid = number_in(wait_for_file(bed.script.file("state")), "pid");
  bed.neuron->close();
  bed.finish();
  CHECK_FALSE(is_process(pid));
}

TEST_CASE("what the server has started does not survive it",
          "[net][mcp][integration]") {
  temporary_folder folder;
  auto file = folder.path("pid");
  auto made = neuron::mcp(
    {.command = "sh",
     .args = {"-c", "sleep 1000 & echo $! > " + file + ".part && mv " + file
                      + ".part " + file + "; exit 4"}});
  REQUIRE(made);
  CHECK(failure_of(run_neuron(*made, echo)).text
        == "MCP server exited with status 4");
  auto pid = std::stoi(wait_for_file(file));
  // Its new parent has yet to hear of it.
  CHECK(is_gone(pid));
}

TEST_CASE("a Neuron that goes away fails its calls and ends its server",
          "[net][mcp][integration]") {
  stdio_bed bed{{"state $DIR/state", handshake, ">"}};
  auto pending = bed.start();
  auto pid = number_in(wait_for_file(bed.script.file("state")), "pid");
  bed.neuron.reset();
  CHECK(refusal_of(pending).code == ec::cancelled);
  bed.finish();
  CHECK_FALSE(is_process(pid));
}

TEST_CASE("the end of the program ends what is under way",
          "[net][mcp][integration]") {
  stdio_bed bed{{"state $DIR/state", handshake, ">"}};
  auto pending = bed.start();
  auto pid = number_in(wait_for_file(bed.script.file("state")), "pid");
  bed.thread->shut_down();
  CHECK(refusal_of(pending).code == ec::cancelled);
  CHECK_FALSE(is_process(pid));
}
