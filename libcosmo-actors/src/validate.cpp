// SPDX-License-Identifier: Apache-2.0
#include "payload_codec.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/signal.hpp>
#include <cosmo/text_scan.hpp>
#include <cosmo/validate.hpp>

#include <algorithm>

namespace cosmo {

namespace {

constexpr signal_type_set needs_producer{
  signal_type::AGENT_OUTPUT, signal_type::REGISTER, signal_type::HEARTBEAT,
  signal_type::DEREGISTER};

// Prefix and 26 upper-case letters or digits: what generators make.
bool is_canonical(std::string_view id) {
  constexpr size_t prefix = 4;
  constexpr size_t length = 30;
  return id.size() == length
         && std::all_of(id.begin() + prefix, id.end(), [](char c) {
              return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
            });
}

class frame_validator {
public:
  explicit frame_validator(const json& frame) : frame_(frame) {
    // nop
  }

  validation run() && {
    check_required();
    check_version();
    check_id("id", event_id_prefix);
    check_id("trace_id", trace_id_prefix);
    if (const auto* parent = find("parent_id"); parent && !parent->is_null())
      check_id("parent_id", event_id_prefix);
    check_type();
    check_directed();
    check_ts();
    check_object("payload");
    check_object("meta");
    if (find("neuron") != nullptr)
      warn("neuron: obsolete key; directed.id names the neuron");
    if (known_type_)
      check_by_type(*known_type_);
    return std::move(result_);
  }

private:
  const json* find(std::string_view key) const {
    const auto i = frame_.find(key);
    return i != frame_.end() ? &*i : nullptr;
  }

  // The text of a member; null, after an error, if it is something else.
  const std::string* text_of(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr)
      return nullptr;
    const auto* text = value->get_ptr<const json::string_t*>();
    if (text == nullptr)
      wrong(key, "expected a string", *value);
    return text;
  }

  void error(std::string text) {
    result_.errors.push_back(std::move(text));
  }

  void warn(std::string text) {
    result_.warnings.push_back(std::move(text));
  }

  void wrong(std::string_view path, std::string_view what, const json& found) {
    std::string text{path};
    text += ": ";
    text += what;
    text += ", found `";
    text += excerpt(json_to_wire(found));
    text += '`';
    error(std::move(text));
  }

  void check_required() {
    for (const auto* key : {"v", "id", "trace_id", "type", "ts"})
      if (find(key) == nullptr)
        error("missing " + std::string{key});
  }

  void check_version() {
    const auto* text = text_of("v");
    if (text != nullptr && !is_accepted_version(*text))
      error("v: unsupported protocol version `" + excerpt(*text) + '`');
  }

  void check_id(std::string_view key, std::string_view prefix) {
    const auto* text = text_of(key);
    if (text == nullptr)
      return;
    if (key == "id")
      result_.id = *text;
    if (!text->starts_with(prefix))
      wrong(key, "does not start with " + std::string{prefix}, *text);
    else if (!is_canonical(*text))
      warn(std::string{key} + ": not canonical: `" + excerpt(*text) + '`');
  }

  void check_type() {
    const auto* text = text_of("type");
    if (text == nullptr)
      return;
    result_.type = *text;
    known_type_ = parse_signal_type(*text);
    if (!known_type_)
      error("type: unknown: `" + excerpt(*text) + '`');
  }

  void check_ts() {
    const auto* value = find("ts");
    if (value == nullptr)
      return;
    const auto instant = timestamp_from_json(*value);
    if (!instant) {
      error("ts: " + message_of(instant.error()));
      return;
    }
    const auto* text = value->get_ptr<const json::string_t*>();
    if (text == nullptr || !text->ends_with('Z'))
      warn("ts: not written with Z: `" + excerpt(json_to_wire(*value)) + '`');
  }

  void check_object(std::string_view key) {
    const auto* value = find(key);
    if (value != nullptr && !value->is_object())
      wrong(key, "expected an object", *value);
  }

  void check_directed() {
    const auto* value = find("directed");
    if (value == nullptr || value->is_null())
      return;
    if (!value->is_object()) {
      wrong("directed", "expected an object or null", *value);
      return;
    }
    for (const auto& [key, part] : value->items()) {
      if (key == "capabilities")
        check_capabilities(part);
      else if ((key == "id" || key == "type") && !part.is_string()
               && !part.is_null())
        wrong("directed." + key, "expected a string or null", part);
    }
  }

  void check_capabilities(const json& list) {
    const std::string path = "directed.capabilities";
    if (!list.is_array()) {
      wrong(path, "expected an array of strings", list);
      return;
    }
    for (size_t i = 0; i < list.size(); ++i)
      if (!list[i].is_string())
        wrong(path + '[' + std::to_string(i) + ']', "expected a string",
              list[i]);
  }

  bool has_producer() const {
    const auto* target = find("directed");
    if (target == nullptr || !target->is_object())
      return false;
    const auto i = target->find("id");
    return i != target->end() && i->is_string()
           && !i->get_ref<const json::string_t&>().empty();
  }

  void check_by_type(signal_type type) {
    if (needs_producer.contains(type) && !has_producer())
      warn(std::string{to_string(type)} + " without directed.id");
    const auto* given = find("payload");
    if (given != nullptr && !given->is_object())
      return;
    const auto& payload = given != nullptr ? *given : empty_object();
    codec_of(type).find_misfits(payload, result_.warnings);
    if (type == signal_type::REGISTER)
      check_role(payload);
    if (type == signal_type::RECALL || type == signal_type::IMPRINT)
      for (const auto* key : {"engram_id", "engram_kind"})
        if (payload.contains(key))
          warn("payload." + std::string{key}
               + ": obsolete key; directed names the Engram");
  }

  void check_role(const json& payload) {
    const auto i = payload.find("role");
    if (i == payload.end() || !i->is_string())
      return;
    const auto& role = i->get_ref<const json::string_t&>();
    const auto& known = payload::register_roles;
    if (std::find(std::begin(known), std::end(known), role) == std::end(known))
      warn("payload.role: none of neuron, engram, effector: `" + excerpt(role)
           + '`');
  }

  const json& frame_;
  std::optional<signal_type> known_type_;
  validation result_;
};

} // namespace

validation validate_frame(std::string_view frame) {
  validation result;
  const auto parsed = parse_json(frame);
  if (!parsed) {
    result.errors.push_back("invalid JSON: " + message_of(parsed.error()));
    return result;
  }
  if (!parsed->is_object()) {
    result.errors.push_back("not an object: `" + excerpt(frame) + '`');
    return result;
  }
  return frame_validator{*parsed}.run();
}

} // namespace cosmo
