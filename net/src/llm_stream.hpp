// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "line_splitter.hpp"
#include "sse_parser.hpp"
#include "stream_calls.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Putting together what a provider answers bit by bit.
/// @source neurons.md section 16, spec/README.md item 17
namespace cosmo::net {

/// How one API path streams.
struct stream_form {
  /// NDJSON; otherwise server-sent events.
  bool is_line_per_event;
  /// What an event adds to the text. Total on objects: "" if nothing.
  std::string (*text)(const json& event);
  /// Whether it is the last one. `[DONE]` is one for all.
  bool (*ends)(const json& event);
  /// Null on a path without tools.
  const call_form* calls = nullptr;
};

/// `choices[0].delta.content` until `[DONE]`
extern const stream_form chat_stream;

/// `choices[0].text` until `[DONE]`
extern const stream_form completion_stream;

/// `token.text` but for special tokens, until one has `generated_text`
extern const stream_form generation_stream;

/// lines with `response` or `message.content`, until one has `done`
extern const stream_form ollama_stream;

/// the text deltas of `content_block_delta`, until `message_stop`
extern const stream_form anthropic_stream;

/// A reply that arrives in pieces of any size. Nothing counts after its end or
/// its first fault.
class llm_stream {
public:
  /// @param url names the source in error texts.
  llm_stream(const stream_form& form, std::string url, size_t event_bytes_max);

  /// What a piece came to.
  struct step {
    /// The chunks of text, none of them empty.
    std::vector<std::string> deltas;
    /// Whether there was an event; pings are none.
    bool has_content = false;
    /// ec::malformed_json, bad_response or too_large `invalid event from <url>:
    /// <reason>`, or ec::bad_response with the text of an error event.
    caf::error fault;
  };

  step feed(std::string_view bytes);

  /// Whether the closing marker has come.
  bool has_ended() const noexcept {
    return has_ended_;
  }

  /// Takes the end of the bytes for the end of a line.
  step close();

  /// The whole reply.
  /// @shape {"response": the deltas joined, "meta": the last event with
  ///        "streamed": true, the usage and the tool calls of all events}
  /// @returns ec::bad_response `stream from <url> ended early`.
  caf::expected<json> result() &&;

private:
  void take(std::string_view type, std::string_view data, step& out);

  void take_object(json event, step& out);

  caf::error invalid_event(ec code, std::string_view reason) const;

  stream_form form_;
  std::string url_;
  std::variant<sse_parser, line_splitter> parser_;
  std::string text_;
  json last_ = json::object();
  json usage_ = json::object();
  call_pieces calls_;
  bool has_ended_ = false;
  bool has_failed_ = false;
};

} // namespace cosmo::net
