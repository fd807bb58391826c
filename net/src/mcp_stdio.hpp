// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "child_process.hpp"
#include "line_splitter.hpp"
#include "mcp_transport.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cosmo::net {

struct mcp_stdio_settings {
  child_options child;
  /// Bytes of one message, and of what the server leaves unread.
  size_t message_bytes_max = 16 * 1024 * 1024;
  /// Between the end of the server's input and SIGTERM.
  std::chrono::milliseconds input_grace{2'000};
  /// Between SIGTERM and SIGKILL.
  std::chrono::milliseconds term_grace{2'000};
  /// What the log shall not show of the server's own one.
  std::vector<std::string> secrets;
};

/// An MCP server as a child, one message per line.
/// @source neurons.md 15.3, 15.7
class mcp_stdio : public mcp_transport,
                  public std::enable_shared_from_this<mcp_stdio> {
public:
  mcp_stdio(boost::asio::io_context& context,
            std::shared_ptr<const mcp_stdio_settings> settings);

  void open(events handlers) override;

  void send(outgoing what) override;

  void close() override;

private:
  void on_output(std::string_view bytes);

  void on_output_ended();

  void on_error_output(std::string_view bytes);

  void log_line(std::string_view line);

  void on_exit(int status);

  void fail(caf::error reason);

  /// Asks the child to end, ever more firmly.
  void end_child();

  void after(std::chrono::milliseconds grace, void (mcp_stdio::*then)());

  void terminate();

  void kill();

  boost::asio::io_context& context_;
  std::shared_ptr<const mcp_stdio_settings> settings_;
  events events_;
  std::shared_ptr<child_process> child_;
  line_splitter output_;
  line_splitter error_output_;
  std::string last_line_;
  boost::asio::steady_timer grace_;
  bool is_closed_ = false;
  bool is_ending_ = false;
};

} // namespace cosmo::net
