// SPDX-License-Identifier: Apache-2.0
#include "mcp_protocol.hpp"

#include "json_members.hpp"
#include "quoted_text.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::net {

namespace {

constexpr std::string_view offered_version = "2025-06-18";

constexpr std::string_view accepted_versions[]
  = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

/// JSON-RPC's number for a method that the receiver does not have.
constexpr int method_not_found = -32601;

json envelope() {
  return {{"jsonrpc", "2.0"}};
}

json notification(std::string_view method) {
  auto result = envelope();
  result["method"] = method;
  return result;
}

/// Ids come back as they came, so they can always be written.
mcp_send answer(const json& id, const char* member, json value) {
  auto message = envelope();
  message["id"] = id;
  message[member] = std::move(value);
  return {json_to_wire(message)};
}

mcp_send answer_request(const json& id, const std::string& method) {
  if (method == "ping")
    return answer(id, "result", json::object());
  return answer(id, "error",
                {{"code", method_not_found},
                 {"message", "Method not found: " + excerpt(method)}});
}

caf::error rpc_error(const json& error) {
  std::string text = "the MCP server answered with an error";
  if (auto message = present_member(error, "message");
      message && message->is_string() && !message->empty())
    text = message->get<std::string>();
  if (auto code = present_member(error, "code"))
    text += " (code " + json_to_wire(*code) + ")";
  return make_error(ec::rpc_error, std::move(text));
}

caf::expected<json> outcome_of(const json& message) {
  if (auto error = present_member(message, "error"))
    return rpc_error(*error);
  auto result = message.find("result");
  if (result == message.end())
    return make_error(ec::bad_response,
                      "the MCP server's answer has neither result nor error");
  return *result;
}

} // namespace

caf::expected<std::string>
mcp_protocol::initialize(std::string_view client_name,
                         std::string_view client_version) {
  auto opened = open_request(
    "initialize",
    {{"protocolVersion", offered_version},
     {"capabilities", json::object()},
     {"clientInfo", {{"name", client_name}, {"version", client_version}}}});
  if (!opened)
    return std::move(opened.error());
  return std::move(opened->message);
}

caf::expected<mcp_protocol::request>
mcp_protocol::open_request(std::string_view method, const json& params) {
  auto message = envelope();
  message["id"] = next_id_;
  message["method"] = method;
  if (!params.is_null())
    message["params"] = params;
  auto text = write_json(message);
  if (!text)
    return std::move(text.error());
  open_.insert(next_id_);
  return request{next_id_++, std::move(*text)};
}

std::string mcp_protocol::cancel(int64_t id, std::string_view reason) {
  forget(id);
  auto message = notification("notifications/cancelled");
  message["params"] = {{"requestId", id}, {"reason", reason}};
  return json_to_wire(message);
}

std::vector<mcp_action> mcp_protocol::receive(std::string_view message) {
  std::vector<mcp_action> result;
  auto parsed = parse_json(message);
  if (!parsed)
    skip(message, message_of(parsed.error()));
  else if (parsed->is_array())
    for (const auto& item : *parsed)
      receive(item, result);
  else
    receive(*parsed, result);
  return result;
}

void mcp_protocol::receive(const json& message, std::vector<mcp_action>& out) {
  if (!message.is_object())
    return skip(json_to_wire(message), "not an object");
  auto id = present_member(message, "id");
  if (auto method = present_member(message, "method")) {
    if (id && method->is_string())
      out.emplace_back(answer_request(*id, method->get<std::string>()));
    return;
  }
  // Only numbers are given out, so no other id can be ours.
  if (!id || !id->is_number())
    return;
  auto is_meant = [id](int64_t candidate) { return *id == candidate; };
  auto found = std::find_if(open_.begin(), open_.end(), is_meant);
  if (found == open_.end())
    return;
  auto open = *found;
  open_.erase(found);
  receive_reply(open, message, out);
}

void mcp_protocol::receive_reply(int64_t id, const json& message,
                                 std::vector<mcp_action>& out) {
  if (id == first_id)
    receive_welcome(outcome_of(message), out);
  else
    out.emplace_back(mcp_reply{id, outcome_of(message)});
}

void mcp_protocol::receive_welcome(caf::expected<json> result,
                                   std::vector<mcp_action>& out) {
  if (!result) {
    out.emplace_back(mcp_refused{std::move(result.error())});
    return;
  }
  auto version = present_member(*result, "protocolVersion");
  auto is_spoken = [version](std::string_view known) {
    return version && *version == known;
  };
  if (std::none_of(std::begin(accepted_versions), std::end(accepted_versions),
                   is_spoken)) {
    auto given = version ? json_to_wire(*version) : "no version";
    out.emplace_back(mcp_refused{
      make_error(ec::bad_response,
                 "the MCP server speaks a protocol that is not known here: "
                   + excerpt(given))});
    return;
  }
  out.emplace_back(
    mcp_ready{version->get<std::string>(),
              json_to_wire(notification("notifications/initialized"))});
}

void mcp_protocol::skip(std::string_view message, std::string_view why) {
  // One warning: a server that prints its log here prints a lot of it.
  auto level = has_skipped_ ? log::level::debug : log::level::warning;
  has_skipped_ = true;
  log::write(level, "neuron.mcp", "message-skipped",
             std::string{why} + ": " + excerpt(mask(message, secrets_)));
}

} // namespace cosmo::net
