// SPDX-License-Identifier: Apache-2.0
#include "mcp_call.hpp"

#include "json_members.hpp"

#include <algorithm>

namespace cosmo::net {

namespace {

/// A server that goes on beyond this has lost its place.
constexpr size_t pages_max = 1000;

constexpr std::string_view control_keys[]
  = {"tool", "arguments", "args", "__list_tools__"};

bool wants_tools(const json& input) {
  auto wish = present_member(input, "__list_tools__");
  return wish && truthy(*wish);
}

caf::expected<json> arguments_of(const json& input) {
  for (auto key : {"arguments", "args"}) {
    auto given = present_member(input, key);
    if (given && !given->is_object())
      return make_error(ec::bad_input, "'" + std::string{key}
                                         + "' must be an object, not "
                                         + given->type_name());
    if (given)
      return *given;
  }
  auto result = json::object();
  for (const auto& [key, value] : input.items())
    if (std::ranges::find(control_keys, key) == std::end(control_keys))
      result[key] = value;
  return result;
}

json member_or_null(const json& object, std::string_view key) {
  auto found = present_member(object, key);
  return found ? *found : json{};
}

json as_output(const json& tool) {
  return {{"name", member_or_null(tool, "name")},
          {"description", member_or_null(tool, "description")},
          {"input_schema", member_or_null(tool, "inputSchema")}};
}

std::string joined_texts(const json& content) {
  std::string result;
  bool is_first = true;
  for (const auto& item : content) {
    auto text = present_member(item, "text");
    if (!text || !text->is_string())
      continue;
    result.append(is_first ? "" : "\n").append(text->get<std::string>());
    is_first = false;
  }
  return result;
}

} // namespace

mcp_call::mcp_call(std::shared_ptr<const mcp_call_settings> settings,
                   json input)
  : settings_(std::move(settings)), input_(std::move(input)) {
  // nop
}

mcp_step mcp_call::begin() {
  tool_.clear();
  tools_ = json::array();
  page_count_ = 0;
  if (!input_.is_object())
    return make_error(ec::bad_input, "the input of an MCP Neuron must be an "
                                     "object");
  if (wants_tools(input_))
    return list_tools();
  auto arguments = arguments_of(input_);
  if (!arguments)
    return std::move(arguments.error());
  arguments_ = std::move(*arguments);
  auto tool = present_member(input_, "tool");
  if (tool && truthy(*tool)) {
    if (!tool->is_string())
      return make_error(ec::bad_input, "'tool' must be a string, not "
                                         + std::string{tool->type_name()});
    return call_tool(tool->get<std::string>());
  }
  if (!settings_->default_tool.empty())
    return call_tool(settings_->default_tool);
  return list_tools();
}

mcp_step mcp_call::receive(const json& result) {
  if (!result.is_object())
    return make_error(ec::bad_response, "the MCP server's result is no object");
  return tool_.empty() ? receive_page(result) : output_of(result);
}

mcp_step mcp_call::list_tools() {
  return mcp_request{"tools/list", nullptr};
}

mcp_step mcp_call::receive_page(const json& result) {
  auto page = present_member(result, "tools");
  if (!page || !page->is_array())
    return make_error(ec::bad_response, "the MCP server lists no 'tools'");
  for (const auto& tool : *page)
    tools_.push_back(as_output(tool));
  if (auto cursor = present_member(result, "nextCursor"))
    return next_page(*cursor);
  if (!wants_tools(input_))
    return call_only_tool();
  auto output = json::object();
  output["tools"] = std::move(tools_);
  return mcp_output{std::move(output)};
}

mcp_step mcp_call::next_page(const json& cursor) {
  if (++page_count_ == pages_max)
    return make_error(ec::bad_response,
                      "the MCP server's list of tools has more than "
                        + std::to_string(pages_max) + " pages");
  auto params = json::object();
  params["cursor"] = cursor;
  return mcp_request{"tools/list", std::move(params)};
}

mcp_step mcp_call::call_only_tool() {
  std::string names;
  for (const auto& tool : tools_)
    if (auto name = present_member(tool, "name"); name && name->is_string())
      names.append(names.empty() ? "" : ", ").append(name->get<std::string>());
  if (names.empty())
    return make_error(ec::bad_input, "the MCP server offers no tool");
  if (tools_.size() > 1)
    return make_error(ec::bad_input, "name one of the MCP server's tools by "
                                     "'tool': "
                                       + names);
  return call_tool(std::move(names));
}

mcp_step mcp_call::call_tool(std::string name) {
  tool_ = std::move(name);
  auto params = json::object();
  params["name"] = tool_;
  params["arguments"] = arguments_;
  return mcp_request{"tools/call", std::move(params)};
}

mcp_step mcp_call::output_of(const json& result) const {
  auto content = present_member(result, "content");
  auto is_error = present_member(result, "isError");
  const auto& items = content && content->is_array() ? *content : empty_array();
  auto output = json::object();
  output["response"] = joined_texts(items);
  output["result"] = member_or_null(result, "structuredContent");
  output["is_error"] = is_error && truthy(*is_error);
  output["content"] = items;
  output["meta"] = {{"tool", tool_}};
  output["meta"].update(settings_->server_meta);
  return mcp_output{std::move(output)};
}

} // namespace cosmo::net
