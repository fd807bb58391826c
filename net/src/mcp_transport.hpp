// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_outcome.hpp"
#include <cosmo/error.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace cosmo::net {

/// How messages reach an MCP server and come back, and what it means to end
/// the connection. Used once: opened, then closed.
/// @affinity I/O thread only, which also calls the events
class mcp_transport {
public:
  struct events {
    /// One message of the server.
    std::function<void(std::string_view message)> received;
    /// The server has gone. The last event.
    std::function<void(caf::error reason)> ended;
    /// The server has forgotten this client. A new connection may repeat what
    /// it has not answered. The last event.
    std::function<void(caf::error reason)> forgotten;
  };

  struct outgoing {
    std::string message;
    /// Of a request: hears if the answer cannot come any more while the
    /// connection goes on. May be called after the answer, too.
    std::function<void(caf::error reason, call_outcome outcome)> failed = {};
  };

  virtual ~mcp_transport() = default;

  virtual void open(events handlers) = 0;

  /// There is one request at a time, and whatever else has to be said.
  virtual void send(outgoing what) = 0;

  /// Nobody waits for the answer to the request any more.
  virtual void abandon() {
    // nop
  }

  /// From now on the server speaks this version of the protocol.
  virtual void negotiated(std::string version) {
    static_cast<void>(version);
  }

  /// Ends the connection in its own time; no event comes any more.
  virtual void close() = 0;
};

} // namespace cosmo::net
