// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cosmo::net {

// -- what a message of the server leads to ------------------------------------

/// This goes back to the server.
struct mcp_send {
  std::string message;
};

/// The server speaks `version`. Once the confirmation has been sent, requests
/// may follow.
struct mcp_ready {
  std::string version;
  std::string confirmation;
};

/// The handshake has failed.
struct mcp_refused {
  caf::error reason;
};

/// The answer to a request that is still open.
struct mcp_reply {
  int64_t id;
  caf::expected<json> result;
};

using mcp_action = std::variant<mcp_send, mcp_ready, mcp_refused, mcp_reply>;

/// The client's side of one conversation with an MCP server: JSON-RPC ids, the
/// handshake, and what a server may say unasked. Text in, actions out; it knows
/// neither processes nor time.
/// @source neurons.md 15.4
class mcp_protocol {
public:
  struct request {
    int64_t id;
    std::string message;
  };

  /// @param secrets what the log may not show.
  explicit mcp_protocol(std::vector<std::string> secrets = {})
    : secrets_(std::move(secrets)) {
    // nop
  }

  /// The first message of the conversation.
  /// @returns ec::encode_error if a text is not UTF-8.
  caf::expected<std::string> initialize(std::string_view client_name,
                                        std::string_view client_version);

  /// Opens a request. `params` are left out if null.
  /// @returns ec::encode_error, too_deep.
  caf::expected<request> open_request(std::string_view method,
                                      const json& params);

  /// Ignores the reply to a request if it should come after all.
  void forget(int64_t id) {
    open_.erase(id);
  }

  /// Gives a request up, likewise.
  /// @returns the notification that tells the server.
  std::string cancel(int64_t id, std::string_view reason);

  /// Takes one message: an object, or an array of them. What is neither is
  /// logged and skipped.
  std::vector<mcp_action> receive(std::string_view message);

private:
  void receive(const json& message, std::vector<mcp_action>& out);

  void receive_reply(int64_t id, const json& message,
                     std::vector<mcp_action>& out);

  void receive_welcome(caf::expected<json> result,
                       std::vector<mcp_action>& out);

  void skip(std::string_view message, std::string_view why);

  /// Id of `initialize`; every other request comes after it.
  static constexpr int64_t first_id = 1;

  std::vector<std::string> secrets_;
  int64_t next_id_ = first_id;
  std::set<int64_t> open_;
  bool has_skipped_ = false;
};

} // namespace cosmo::net
