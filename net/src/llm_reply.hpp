// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <string>
#include <string_view>

/// Finding the text in what a provider answers. @source neurons.md 9.4
namespace cosmo::net {

/// Where the replies of one API path keep their text.
struct reply_form {
  /// Top-level member the text comes from. Without it an `error` counts.
  std::string_view member;
  /// Whether `[object, ...]` is taken for its first element.
  bool is_array_allowed;
  /// Total on objects: a missing step or a wrong type gives "".
  std::string (*text)(const json& reply);
};

/// `choices[0].message.content`
extern const reply_form chat_reply;

/// `choices[0].text`
extern const reply_form completion_reply;

/// `generated_text`, also of a list's first element (TGI's own path)
extern const reply_form generation_reply;

/// `response` and `message.content`
extern const reply_form ollama_generate_reply;
extern const reply_form ollama_chat_reply;

/// the blocks of type `text` in `content[]`
extern const reply_form anthropic_reply;

/// Reads a body whatever its content type says.
/// @returns ec::malformed_json `invalid JSON from <url>: <reason>`.
caf::expected<json> parse_reply(std::string_view body, std::string_view url);

/// @returns the text; ec::bad_response if `reply` is no object, or has an
///          `error` in place of the text.
caf::expected<std::string>
text_of_reply(const json& reply, const reply_form& form, std::string_view url);

/// `choices[0]`, if it is there.
const json* first_choice(const json& reply);

/// The text of a member's content; "" without the member, or its parent.
std::string member_text(const json* parent, std::string_view key);

/// What the `error` of some routers' 200 says.
std::string error_text(const json& error);

/// A string itself, of content parts the joined texts, of all else "".
std::string text_of_content(const json& content);

} // namespace cosmo::net
