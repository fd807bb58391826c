// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

namespace cosmo::net {

/// A request that has to be sent next.
struct mcp_request {
  std::string method;
  /// Null if it has none.
  json params;
};

/// What the Neuron answers.
struct mcp_output {
  json value;
};

using mcp_step = std::variant<mcp_request, mcp_output, caf::error>;

/// What all calls of one source have in common.
struct mcp_call_settings {
  /// Empty without one.
  std::string default_tool;
  /// The members of `meta` besides `tool`.
  json server_meta;
};

/// One TASK as a series of requests: the tools are listed where they are asked
/// for or where one has to be chosen, then one is called.
/// @source neurons.md 15.5
class mcp_call {
public:
  mcp_call(std::shared_ptr<const mcp_call_settings> settings, json input);

  /// The first step; again, after everything before has been lost.
  /// @returns ec::bad_input.
  mcp_step begin();

  /// The step after the result of the last request.
  /// @returns ec::bad_input if no tool can be chosen, bad_response.
  mcp_step receive(const json& result);

private:
  mcp_step list_tools();

  mcp_step receive_page(const json& result);

  mcp_step next_page(const json& cursor);

  mcp_step call_only_tool();

  mcp_step call_tool(std::string name);

  mcp_step output_of(const json& result) const;

  std::shared_ptr<const mcp_call_settings> settings_;
  json input_;
  json arguments_;
  /// Empty until it is chosen.
  std::string tool_;
  json tools_;
  size_t page_count_ = 0;
};

} // namespace cosmo::net
