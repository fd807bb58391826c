// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/dendrite.hpp>
#include <cosmo/net/http_server.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace cosmo::net {

struct openai_gateway_options {
  /// A Neuron that offers one of these is a model.
  std::vector<std::string> capabilities = {"chat", "text-generation"};
  /// How long a whole answer may take; of a streamed one, how long from one
  /// piece to the next. The trace is stopped after that.
  std::chrono::nanoseconds timeout = std::chrono::seconds{120};
  /// Deltas kept for a client that is slower than the Neuron. What it misses
  /// of them follows at the end.
  size_t replay_cap = 1024;
};

/// Lets OpenAI's clients talk to the Neurons of a namespace: a handler for
/// `http_server` over one orchestrator Dendrite with a registry store.
///
/// | request                   | answer                                     |
/// | ------------------------- | ------------------------------------------ |
/// | GET /v1/models            | the live Neurons with such a capability    |
/// | GET /v1/models/{id}       | one of them                                |
/// | POST /v1/chat/completions | what the Neuron `model` makes of the chat  |
///
/// `messages`, and `tools` if there are any, become the TASK's input; sampling
/// options are the Neuron's own and are ignored here. The text is the output's
/// `response`, or the whole output as JSON; usage, finish reason and tool calls
/// are taken from its `meta` where a model source has left them.
///
/// With `stream`, each THOUGHT_DELTA of the Neuron is a piece of the text. What
/// the deltas did not say follows at the end; if they said something else, the
/// text follows in whole. A Neuron that does not stream gives one piece.
///
/// | instead of an answer      | status, `error.code`                       |
/// | ------------------------- | ------------------------------------------ |
/// | CLARIFICATION             | none: the question is the answer           |
/// | PERMISSION                | 403, `permission_required`                 |
/// | ERROR                     | 502, the Signal's code                     |
/// | nothing in time           | 504, `timeout`                             |
/// | the Dendrite is stopped   | 503, `not_connected` or `pathway_closed`   |
/// | the model is unknown      | 404, `model_not_found`                     |
/// | the request makes no sense| 400                                        |
///
/// Once a piece was sent, the error is the last event of the stream. A client
/// that goes away stops the trace.
/// @affinity any thread that may block
class openai_gateway {
public:
  explicit openai_gateway(dendrite through,
                          openai_gateway_options options = {});

  void operator()(const incoming_request& request,
                  const http_reply& reply) const;

private:
  void list_models(const http_reply& reply) const;

  void show_model(const std::string& id, const http_reply& reply) const;

  void complete_chat(const incoming_request& request,
                     const http_reply& reply) const;

  caf::expected<std::vector<neuron_record>> models() const;

  dendrite dendrite_;
  openai_gateway_options options_;
};

} // namespace cosmo::net
