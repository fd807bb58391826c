// SPDX-License-Identifier: Apache-2.0
#include "mcp_fixture.hpp"

#include "http_exchange.hpp"

#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <signal.h>
#include <stdexcept>
#include <thread>

namespace cosmo::net::test {

bool wait_until(const std::function<bool()>& is_true) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

const std::string handshake
  = R"(> {"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
    R"({"protocolVersion":"2025-06-18","capabilities":{},)"
    R"("clientInfo":{"name":"cosmonapse","version":"0.2.0"}}})"
    "\n"
    R"(< {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18",)"
    R"("capabilities":{"tools":{"listChanged":true}},)"
    R"("serverInfo":{"name":"fixture","version":"1.0.0"}}})"
    "\n"
    R"(> {"jsonrpc":"2.0","method":"notifications/initialized"})";

temporary_folder::temporary_folder() {
  auto pattern
    = (std::filesystem::temp_directory_path() / "cosmo-mcp-XXXXXX").string();
  if (!::mkdtemp(pattern.data()))
    throw std::runtime_error{"no temporary folder"};
  root_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

mcp_script::mcp_script(std::initializer_list<std::string> steps) {
  if (::mkfifo(folder_.path("go").c_str(), 0600) != 0)
    throw std::runtime_error{"no FIFO"};
  std::ofstream out{folder_.path("script")};
  for (auto step : steps) {
    if (auto pos = step.find("$DIR"); pos != step.npos)
      step.replace(pos, 4, folder_.path());
    out << step << "\n";
  }
}

child_options mcp_script::child() const {
  return {.command = COSMO_MCP_FIXTURE, .args = {folder_.path("script")}};
}

void mcp_script::go() const {
  // Opened for both directions it waits for no reader.
  std::fstream out{folder_.path("go"), std::ios::in | std::ios::out};
  out << 'x' << std::flush;
  wait_until([this] { return !std::filesystem::exists(file("go")); });
}

std::string wait_for_file(const std::string& path) {
  wait_until([&] { return std::filesystem::exists(path); });
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool is_process(pid_t pid) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{stat}, {}};
  // The state stands behind the name, which is in parentheses.
  auto name_end = text.rfind(')');
  return name_end != text.npos && text[name_end + 2] != 'Z';
}

bool is_gone(pid_t pid) {
  return wait_until([pid] { return !is_process(pid); });
}

} // namespace cosmo::net::test
