// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_gate.hpp"
#include "mcp_call.hpp"
#include "mcp_session.hpp"
#include "mcp_thread.hpp"
#include "mcp_transport.hpp"
#include <cosmo/neuron.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace cosmo::net {

/// How the conversations of one source are made.
struct mcp_source {
  std::shared_ptr<const mcp_call_settings> calls;
  std::shared_ptr<const mcp_session_settings> sessions;
  std::function<std::shared_ptr<mcp_transport>(
    const std::shared_ptr<mcp_thread>& thread)>
    connect;
  /// Of the calls, from their arrival to their answer.
  call_limits limits = {};
  /// What error texts call the server.
  std::string name = "the MCP server";
};

/// What an MCP Neuron calls. Keeps at most one conversation open and begins
/// another one with the first call after its end, whatever the end was.
/// @affinity any thread
class mcp_client {
public:
  mcp_client(mcp_source source, std::shared_ptr<mcp_thread> thread);

  /// Ends the conversation; what is unanswered fails with ec::cancelled.
  ~mcp_client();

  mcp_client(const mcp_client&) = delete;
  mcp_client& operator=(const mcp_client&) = delete;

  /// Never blocks; `done` is answered on the I/O thread, or where a wait for
  /// the limits ends.
  void call(json input, std::stop_token stop, neuron_promise done);

  /// Serves the calls that the limits have let begin, then ends the
  /// conversation. What waits for them fails with ec::cancelled.
  void close();

private:
  class engine;

  std::shared_ptr<engine> engine_;
};

/// A Neuron that talks to the server by a client of its own.
any_neuron make_mcp_neuron(mcp_source source,
                           std::shared_ptr<mcp_thread> thread);

} // namespace cosmo::net
