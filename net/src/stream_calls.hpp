// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/json.hpp>

#include <cstdint>
#include <map>

namespace cosmo::net {

/// The tool calls of a reply that arrives in pieces, by their place in it, as
/// the provider writes them in a whole reply.
using call_pieces = std::map<int64_t, json>;

/// How one API path streams tool calls. Total on objects.
struct call_form {
  /// Adds what an event says of them.
  void (*add)(const json& event, call_pieces& calls);
  /// Puts them where a whole reply has them. @pre there are some
  void (*show)(call_pieces calls, json& meta);
};

/// `choices[0].delta.tool_calls`, arguments bit by bit
extern const call_form chat_calls;

/// blocks of type `tool_use`, their input bit by bit
extern const call_form anthropic_calls;

/// whole ones in `message.tool_calls`
extern const call_form ollama_calls;

} // namespace cosmo::net
