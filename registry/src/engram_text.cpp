// SPDX-License-Identifier: Apache-2.0
#include "engram_text.hpp"

#include "registry_row.hpp"

#include <utility>

namespace cosmo::registry {

namespace {

constexpr size_t second_size = std::string_view{"YYYY-MM-DDTHH:MM:SS"}.size();

std::string damaged(std::string_view part, std::string_view why) {
  return std::string{part} + ": " + std::string{why};
}

/// Takes a text out of an object; null and absence are no text.
const std::string* text_in(const json& object, const char* key) {
  const auto i = object.find(key);
  return i == object.end() ? nullptr : i->get_ptr<const json::string_t*>();
}

std::string check_parts(json& tags, json& meta, entry_image& out) {
  if (!tags.is_array())
    return damaged("tags", "no JSON array");
  for (auto& element : tags) {
    auto* tag = element.get_ptr<json::string_t*>();
    if (!tag)
      return damaged("tags", "not all of them are texts");
    out.tags.push_back(std::move(*tag));
  }
  if (!meta.is_object())
    return damaged("meta", "no JSON object");
  out.meta = std::move(meta);
  return {};
}

} // namespace

std::string stored_second(timestamp ts) {
  return to_string(ts).substr(0, second_size);
}

std::string stored_instant(timestamp ts) {
  auto result = to_string(ts);
  // Six digits or none at all stand before the `Z`.
  result.pop_back();
  if (result.size() == second_size)
    result += ".000000";
  result += "+00:00";
  return result;
}

std::string read_parts(std::string_view content, std::string_view tags,
                       std::string_view meta, entry_image& out) {
  if (!json_from_wire(content, out.content))
    return damaged("content", "no JSON");
  json parsed_tags;
  json parsed_meta;
  if (!json_from_wire(tags, parsed_tags))
    return damaged("tags", "no JSON array");
  if (!json_from_wire(meta, parsed_meta))
    return damaged("meta", "no JSON object");
  return check_parts(parsed_tags, parsed_meta, out);
}

std::string image_to_text(const entry_image& image) {
  auto result = json::object();
  result["content"] = image.content;
  result["tags"] = image.tags;
  result["meta"] = image.meta;
  if (image.merge_key)
    result["merge_key"] = *image.merge_key;
  result["created_at"] = stored_instant(image.created_at);
  result["version"] = image.version;
  return json_to_wire(result);
}

std::string image_from_text(std::string_view text, entry_image& out) {
  json parsed;
  if (!json_from_wire(text, parsed) || !parsed.is_object())
    return "no JSON object";
  if (!parsed.contains("content"))
    return damaged("content", "absent");
  out.content = std::move(parsed["content"]);
  if (auto why = check_parts(parsed["tags"], parsed["meta"], out); !why.empty())
    return why;
  if (const auto* key = text_in(parsed, "merge_key"))
    out.merge_key = *key;
  const auto* created_at = text_in(parsed, "created_at");
  auto instant = parse_timestamp(created_at ? *created_at : std::string{});
  if (!instant)
    return damaged("created_at", message_of(instant.error()));
  out.created_at = *instant;
  const auto& version = parsed["version"];
  if (!version.is_number_integer())
    return damaged("version", "no integer");
  out.version = version.get<int64_t>();
  return {};
}

json entry_to_json(const engram_row& row) {
  auto result = json::object();
  result["id"] = row.id;
  result["content"] = row.image.content;
  result["tags"] = row.image.tags;
  result["version"] = row.image.version;
  result["created_at"] = instant_text(row.image.created_at);
  result["updated_at"] = instant_text(row.updated_at);
  if (row.image.merge_key)
    result["merge_key"] = *row.image.merge_key;
  if (!row.image.meta.empty())
    result["meta"] = row.image.meta;
  return result;
}

std::string name_of(trace_state state) {
  switch (state) {
    case trace_state::open:
      return "open";
    case trace_state::rolling_back:
      return "rolling_back";
    default:
      return "rolled_back";
  }
}

trace_state to_trace_state(std::string_view name) noexcept {
  if (name == "open")
    return trace_state::open;
  if (name == "rolling_back")
    return trace_state::rolling_back;
  return trace_state::rolled_back;
}

} // namespace cosmo::registry
