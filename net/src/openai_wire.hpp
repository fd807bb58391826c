// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/registry.hpp>
#include <cosmo/signal.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The server's side of OpenAI's dialect, without sockets and actors.
namespace cosmo::net::openai {

/// What goes wrong, in the shape that clients make exceptions of.
struct fault {
  unsigned status;
  std::string message;
  /// The member of the request that is to blame; may be empty.
  std::string param = {};
  std::string code = {};
};

/// @shape {"error": {"message", "type", "param", "code"}}
json to_json(const fault& what);

http_response to_response(const fault& what);

http_response to_response(const json& body);

/// What an error of a Dendrite means to the client.
fault fault_of(const caf::error& error);

fault unknown_model(std::string_view id);

struct chat_request {
  std::string model;
  /// @shape {"messages": [...], "tools": [...]}, tools only if there are any
  json input;
  bool is_streaming = false;
  bool wants_usage = false;
};

std::variant<chat_request, fault> read_chat_request(std::string_view body);

struct chat_answer {
  std::string text;
  std::string finish_reason = "stop";
  /// Null if the Neuron does not say.
  json usage = nullptr;
  /// Null without any.
  json tool_calls = nullptr;
};

/// What the Signal that ends the wait means to the client.
/// @pre of `types::waking`
std::variant<chat_answer, fault> read_outcome(const signal& outcome);

/// What all messages of one completion have in common.
struct completion_head {
  std::string id;
  std::string model;
  int64_t created = 0;
  /// Whether each chunk has a member `usage`.
  bool wants_usage = false;
};

/// Seconds since 1970.
int64_t seconds_of(timestamp when);

json completion(const completion_head& head, const chat_answer& answer);

/// One piece of a streamed completion.
json chunk(const completion_head& head, json delta,
           json finish_reason = nullptr);

json usage_chunk(const completion_head& head, const json& usage);

json model_entry(const neuron_record& record, std::string_view owner);

json model_list(const std::vector<neuron_record>& records,
                std::string_view owner);

/// One event of a stream; broken Unicode is replaced.
std::string event(const json& data);

inline constexpr std::string_view last_event = "data: [DONE]\n\n";

} // namespace cosmo::net::openai
