// SPDX-License-Identifier: Apache-2.0
#include "engram_entry.hpp"

#include <cosmo/limits.hpp>

#include <algorithm>
#include <unordered_set>

namespace cosmo::registry {

namespace {

/// A hit is wrapped in envelope, payload, list, hit and entry; an Engram keeps
/// nothing that it could not send.
constexpr size_t depth_max = limits::encode_depth_max - 5;

bool nests_deeper(const json& value, size_t levels) {
  if (!value.is_structured())
    return false;
  if (levels == 0)
    return true;
  return std::ranges::any_of(value, [levels](const json& element) {
    return nests_deeper(element, levels - 1);
  });
}

std::string bytes_text(size_t bytes) {
  return std::to_string(bytes) + " bytes";
}

std::string read_tags(const json& value, std::vector<std::string>& out) {
  if (value.is_null())
    return {};
  if (!value.is_array())
    return "tags is no array";
  for (const auto& element : value) {
    const auto* tag = element.get_ptr<const json::string_t*>();
    if (!tag)
      return "tags holds something that is no text";
    out.push_back(*tag);
  }
  return {};
}

/// As text, equal values are equal: the order of members is none of theirs.
std::string identity_of(const json& value) {
  return nlohmann::json(value).dump(-1, ' ', false,
                                    json::error_handler_t::replace);
}

json unite(const json& base, const json& change) {
  auto result = json::array();
  std::unordered_set<std::string> known;
  for (const auto* part : {&base, &change})
    for (const auto& element : *part)
      if (known.insert(identity_of(element)).second)
        result.push_back(element);
  return result;
}

} // namespace

std::string read_entry(const json& entry, const engram_limits& limits,
                       entry_draft& out) {
  if (entry.is_null())
    return {};
  if (!entry.is_object())
    return "the entry is no object";
  for (const auto& [key, value] : entry.items()) {
    if (key == "id") {
      if (const auto* id = value.get_ptr<const json::string_t*>())
        out.id = *id;
      else if (!value.is_null())
        return "id is no text";
    } else if (key == "content") {
      if (nests_deeper(value, depth_max))
        return "content is nested too deep";
      out.content = value;
    } else if (key == "tags") {
      out.tags.clear();
      if (auto why = read_tags(value, out.tags); !why.empty())
        return why;
    } else if (key == "meta" && !value.is_null()) {
      if (!value.is_object())
        return "meta is no object";
      if (nests_deeper(value, depth_max))
        return "meta is nested too deep";
      out.meta = value;
    }
  }
  if (!out.id.empty() && json_to_wire(json(out.id)).empty())
    return "id is no Unicode";
  if (out.id.size() > limits.entry_bytes)
    return "id has " + bytes_text(out.id.size());
  return check_size(out.content, out.tags, out.meta, limits);
}

std::string check_size(const json& content,
                       const std::vector<std::string>& tags, const json& meta,
                       const engram_limits& limits) {
  if (tags.size() > limits.tags)
    return std::to_string(tags.size()) + " tags, the limit is "
           + std::to_string(limits.tags);
  for (const auto& tag : tags)
    if (tag.size() > limits.tag_bytes)
      return "a tag of " + bytes_text(tag.size()) + ", the limit is "
             + std::to_string(limits.tag_bytes);
  size_t bytes = 0;
  for (const auto& text :
       {json_to_wire(content), json_to_wire(json(tags)), json_to_wire(meta)}) {
    if (text.empty())
      return "it holds invalid Unicode";
    bytes += text.size();
  }
  if (bytes > limits.entry_bytes)
    return bytes_text(bytes) + ", the limit is "
           + std::to_string(limits.entry_bytes);
  return {};
}

std::string check_merge_key(const std::string& key,
                            const engram_limits& limits) {
  if (key.size() > limits.merge_key_bytes)
    return "a merge_key of " + bytes_text(key.size()) + ", the limit is "
           + std::to_string(limits.merge_key_bytes);
  if (json_to_wire(json(key)).empty())
    return "merge_key is no Unicode";
  return {};
}

bool is_entry_key(std::string_view key) noexcept {
  return key == "id" || key == "content" || key == "tags" || key == "meta";
}

json deep_merge(const json& base, const json& change) {
  if (change.is_null())
    return base;
  if (base.is_array() && change.is_array())
    return unite(base, change);
  if (!base.is_object() || !change.is_object())
    return change;
  auto result = base;
  for (const auto& [key, value] : change.items()) {
    auto known = result.find(key);
    if (known == result.end())
      result[key] = value;
    else
      *known = deep_merge(*known, value);
  }
  return result;
}

std::vector<std::string> union_of(const std::vector<std::string>& base,
                                  const std::vector<std::string>& change) {
  std::vector<std::string> result;
  for (const auto* part : {&base, &change})
    for (const auto& tag : *part)
      if (std::ranges::find(result, tag) == result.end())
        result.push_back(tag);
  return result;
}

} // namespace cosmo::registry
