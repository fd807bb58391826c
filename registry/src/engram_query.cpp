// SPDX-License-Identifier: Apache-2.0
#include "engram_query.hpp"

#include "engram_text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cosmo::registry {

namespace {

constexpr size_t default_top_k = 50;

char fold(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void fold(std::string& text) noexcept {
  std::ranges::transform(text, text.begin(),
                         [](char c) noexcept { return fold(c); });
}

double code_points(std::string_view text) noexcept {
  return static_cast<double>(std::ranges::count_if(
    text, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

/// What a text is searched in.
std::string haystack(const json& content) {
  const auto* text = content.get_ptr<const json::string_t*>();
  auto result = text ? *text : json_to_wire(content);
  fold(result);
  return result;
}

/// The members of what should be an object.
class members {
public:
  members(const json& object,
          const std::function<void(std::string_view)>& complain)
    : object_(object), complain_(complain) {
    // nop
  }

  /// Null if there is none, or null.
  const json* find(const char* key) const {
    if (!object_.is_object())
      return nullptr;
    const auto i = object_.find(key);
    return i == object_.end() || i->is_null() ? nullptr : &*i;
  }

  std::optional<std::string> text(const char* key) const {
    const auto* value = find(key);
    if (!value)
      return std::nullopt;
    if (const auto* text = value->get_ptr<const json::string_t*>())
      return *text;
    complain_(key);
    return std::nullopt;
  }

  std::optional<timestamp> instant(const char* key) const {
    const auto found = text(key);
    if (!found)
      return std::nullopt;
    if (auto parsed = parse_timestamp(*found))
      return *parsed;
    complain_(key);
    return std::nullopt;
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> result;
    const auto* value = find(key);
    if (!value)
      return result;
    if (!value->is_array()) {
      if (auto one = text(key))
        result.push_back(std::move(*one));
      return result;
    }
    for (const auto& element : *value) {
      if (const auto* text = element.get_ptr<const json::string_t*>())
        result.push_back(*text);
      else
        complain_(key);
    }
    return result;
  }

  /// A natural number of at most `most`.
  size_t number(const char* key, size_t otherwise, size_t most) const {
    const auto* value = find(key);
    if (!value)
      return std::min(otherwise, most);
    if (!value->is_number()) {
      complain_(key);
      return std::min(otherwise, most);
    }
    if (value->is_number_unsigned())
      return static_cast<size_t>(
        std::min<uint64_t>(value->get<uint64_t>(), most));
    const auto number = value->get<double>();
    if (number >= static_cast<double>(most))
      return most;
    return number > 0.0 ? static_cast<size_t>(number) : 0;
  }

private:
  const json& object_;
  const std::function<void(std::string_view)>& complain_;
};

} // namespace

engram_query::engram_query(
  const recall_request& what, size_t top_k_max,
  const std::function<void(std::string_view)>& complain)
  : min_confidence_(what.min_confidence) {
  const members query{what.query, complain};
  const members filters{what.filters, complain};
  text_ = query.text("text").value_or("");
  fold(text_);
  tags_ = filters.texts("tags");
  if (auto tag = query.text("tag"))
    tags_.push_back(std::move(*tag));
  range_ = {.merge_key = query.text("merge_key"),
            .since = filters.instant("since"),
            .until = filters.instant("until")};
  if (is_word(text_))
    range_.word = text_;
  top_k_ = query.number("top_k", default_top_k, top_k_max);
}

std::optional<double> engram_query::score(const engram_row& row) const {
  if (range_.merge_key && row.image.merge_key != range_.merge_key)
    return std::nullopt;
  if ((range_.since && row.updated_at < *range_.since)
      || (range_.until && row.updated_at > *range_.until))
    return std::nullopt;
  const auto& present = row.image.tags;
  for (const auto& tag : tags_)
    if (std::ranges::find(present, tag) == present.end())
      return std::nullopt;
  auto result = 1.0;
  if (!text_.empty()) {
    const auto text = haystack(row.image.content);
    if (text.find(text_) == std::string::npos)
      return std::nullopt;
    result
      = std::min(1.0, code_points(text_) / std::max(1.0, code_points(text)));
  }
  if (min_confidence_ && result < *min_confidence_)
    return std::nullopt;
  return result;
}

bool is_word(std::string_view text) noexcept {
  auto has_letter = false;
  for (const auto c : text) {
    const auto is_letter = c >= 'a' && c <= 'z';
    if (!is_letter && !(c >= '0' && c <= '9') && c != ' ')
      return false;
    has_letter = has_letter || (is_letter && c != 'e');
  }
  return has_letter;
}

bool best_hits::better(const candidate& a, const candidate& b) noexcept {
  return a.score > b.score || (a.score == b.score && a.row.rev > b.row.rev);
}

void best_hits::add(engram_row row, double score) {
  candidates_.push_back({score, std::move(row)});
  std::ranges::push_heap(candidates_, better);
  if (candidates_.size() <= count_)
    return;
  turned_away_ = true;
  std::ranges::pop_heap(candidates_, better);
  candidates_.pop_back();
}

recall_finds best_hits::take() {
  std::ranges::sort(candidates_, better);
  recall_finds result{.truncated = turned_away_};
  result.hits.reserve(candidates_.size());
  for (auto& find : candidates_) {
    auto entry = entry_to_json(find.row);
    result.hits.push_back({.id = std::move(find.row.id),
                           .entry = std::move(entry),
                           .score = find.score});
  }
  return result;
}

} // namespace cosmo::registry
