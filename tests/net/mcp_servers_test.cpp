// SPDX-License-Identifier: Apache-2.0
// The reference servers themselves, which scripts/setup gets from npm.
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/mcp_fixture.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/mcp.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <thread>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Where `scripts/setup --test` has put the packages.
const std::string peers = COSMO_NPM_PEERS;

void skip_without_npm() {
  if (std::system("command -v npm >/dev/null 2>&1") != 0)
    SKIP("npm is not installed");
  if (!std::filesystem::exists(peers))
    SKIP("the MCP servers are not in the cache and npm could not fetch them");
}

std::string main_file(const std::string& package) {
  return peers + "/node_modules/@modelcontextprotocol/" + package
         + "/dist/index.js";
}

/// A machine under load starts node slowly.
neuron::mcp_options patiently(neuron::mcp_options options) {
  options.startup_timeout = std::chrono::seconds{60};
  return options;
}

any_neuron make(neuron::mcp_options options) {
  auto result = neuron::mcp(patiently(std::move(options)));
  REQUIRE(result);
  return std::move(*result);
}

json ask(const any_neuron& neuron, const json& input) {
  auto pending = start_neuron(neuron, input);
  REQUIRE(pending.wait_for(std::chrono::seconds{60})
          == std::future_status::ready);
  auto result = pending.get();
  INFO((result ? std::string{} : describe(result.error())));
  REQUIRE(result);
  return *result;
}

/// What both ways to the server named `everything` have in common.
void check_everything(const any_neuron& neuron) {
  auto tools = ask(neuron, {{"__list_tools__", true}})["tools"];
  std::string names;
  for (const auto& tool : tools)
    names += tool["name"].get<std::string>() + ' ';
  CHECK_THAT(names, ContainsSubstring("echo "));
  CHECK(tools[0]["input_schema"]["type"] == "object");
  auto echoed = ask(neuron, {{"tool", "echo"}, {"message", "hi"}});
  CHECK(echoed["response"] == "Echo: hi");
  CHECK(echoed["is_error"] == false);
  auto structured = ask(neuron, {{"tool", "get-structured-content"},
                                 {"args", {{"location", "Chicago"}}}});
  CHECK(structured["result"].contains("temperature"));
  auto unknown = ask(neuron, {{"tool", "nope"}});
  CHECK(unknown["is_error"] == true);
  CHECK_THAT(unknown["response"].get<std::string>(), ContainsSubstring("nope"));
}

/// The server named `everything`, serving HTTP.
class http_server {
public:
  http_server() {
    auto port = std::to_string(unused_port());
    url_ = "http://127.0.0.1:" + port + "/mcp";
    auto child = child_process::spawn(
      context_, {.command = "node",
                 .args = {main_file("server-everything"), "streamableHttp"},
                 .environment = {{"PORT", port}, {"PATH", path()}}});
    REQUIRE(child);
    child_ = *child;
    child_->watch({.output = [](std::string_view) {},
                   .output_ended = [] {},
                   .error_output =
                     [this](std::string_view bytes) {
                       said_ += bytes;
                       if (said_.find("listening") != said_.npos)
                         open_once();
                     },
                   .exited = [this](int) { open_once(); }});
    thread_ = std::thread{[this] { context_.run(); }};
    listening_.wait();
  }

  ~http_server() {
    boost::asio::post(context_, [this] { child_->signal_group(SIGKILL); });
    thread_.join();
  }

  const std::string& url() const {
    return url_;
  }

private:
  static std::string path() {
    auto value = std::getenv("PATH");
    return value ? value : "";
  }

  void open_once() {
    if (!listening_.try_wait())
      listening_.count_down();
  }

  boost::asio::io_context context_;
  std::shared_ptr<child_process> child_;
  std::string url_;
  std::string said_;
  std::latch listening_{1};
  std::thread thread_;
};

} // namespace

TEST_CASE("the reference server of every feature works over its streams",
          "[net][mcp][integration][npm]") {
  skip_without_npm();
  // npx takes the package from the folder it runs in before it asks a network.
  auto neuron = make({.server = "everything", .cwd = peers});
  check_everything(neuron);
  CHECK(
    ask(neuron, {{"tool", "echo"}, {"message", "x"}})["meta"]
    == json{{"tool", "echo"}, {"server", "everything"}, {"command", "npx"}});
}

TEST_CASE("the reference server of every feature works over HTTP",
          "[net][mcp][integration][npm]") {
  skip_without_npm();
  http_server server;
  auto neuron = make({.url = server.url()});
  check_everything(neuron);
  neuron.close();
  CHECK(ask(neuron, {{"tool", "echo"}, {"message", "anew"}})["response"]
        == "Echo: anew");
}

TEST_CASE("the reference server of files keeps to its folder",
          "[net][mcp][integration][npm]") {
  skip_without_npm();
  temporary_folder folder;
  auto neuron = make({.command = "node",
                      .args = {main_file("server-filesystem"), folder.path()}});
  auto file = folder.path("note.txt");
  auto written = ask(
    neuron, {{"tool", "write_file"}, {"path", file}, {"content", "remember"}});
  CHECK(written["is_error"] == false);
  std::ifstream in{file};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == "remember");
  CHECK(ask(neuron, {{"tool", "read_text_file"}, {"path", file}})["response"]
        == "remember");
  auto outside
    = ask(neuron, {{"tool", "read_text_file"}, {"path", "/etc/hostname"}});
  CHECK(outside["is_error"] == true);
  CHECK_THAT(outside["response"].get<std::string>(),
             ContainsSubstring("Access denied"));
}
