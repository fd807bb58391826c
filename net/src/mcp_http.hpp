// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mcp_thread.hpp"
#include "mcp_transport.hpp"
#include <cosmo/net/http_client.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace cosmo::net {

struct mcp_http_settings {
  std::string url;
  /// The user's own.
  std::vector<http_field> fields;
  std::vector<std::string> secrets;
  size_t response_bytes_max = response_bytes_default;
  std::shared_ptr<http_client> client;
  /// Bounds what nobody waits for: notifications and answers.
  std::chrono::duration<double> control_timeout{10};
};

/// An MCP server behind a URL (streamable HTTP): one POST for each message,
/// answered with JSON or with a stream of events.
/// @source MCP 2025-06-18, "Streamable HTTP"
class mcp_http : public mcp_transport,
                 public std::enable_shared_from_this<mcp_http> {
public:
  mcp_http(std::shared_ptr<mcp_thread> thread,
           std::shared_ptr<const mcp_http_settings> settings);

  void open(events handlers) override;

  void send(outgoing what) override;

  void abandon() override;

  void negotiated(std::string version) override;

  void close() override;

private:
  class event_taker;

  http_request make_request(std::string method) const;

  void send_next();

  void post(outgoing what);

  /// Remembers what the server calls this conversation.
  void take_session(const std::string& id);

  void receive(std::string_view message);

  void on_done(const outgoing& what, bool had_session,
               const caf::expected<http_response>& response);

  /// Why a request stays without its answer, unless it has come before.
  caf::error no_answer(const http_response& response) const;

  std::shared_ptr<mcp_thread> thread_;
  std::shared_ptr<const mcp_http_settings> settings_;
  events events_;
  std::string session_;
  std::string version_;
  std::deque<outgoing> queue_;
  /// A message that the next one must not overtake is on its way.
  bool is_busy_ = false;
  bool is_closed_ = false;
  std::stop_source request_;
};

} // namespace cosmo::net
