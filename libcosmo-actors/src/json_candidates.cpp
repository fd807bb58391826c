// SPDX-License-Identifier: Apache-2.0
#include "json_candidates.hpp"

#include <cosmo/limits.hpp>

#include <algorithm>
#include <utility>

namespace cosmo {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view fence = "```";

/// How many opening braces are looked into.
constexpr size_t tries_max = 256;

/// How many fences are looked into.
constexpr size_t fences_max = 64;

std::optional<json> parse_object(std::string_view text) {
  auto value = json::parse(text, nullptr, false);
  if (!value.is_object())
    return std::nullopt;
  return value;
}

} // namespace

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

std::optional<size_t> json_scan::past_object(size_t at) {
  if (++tries_ > tries_max)
    return std::nullopt;
  size_t depth = 0;
  bool quoted = false;
  for (auto i = at; i < text_.size(); ++i) {
    auto c = text_[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limits::encode_depth_max)
        return std::nullopt;
    } else if (c == '}' || c == ']') {
      if (--depth == 0)
        return i + 1;
    }
  }
  return std::nullopt;
}

std::optional<json_scan::found> json_scan::at(size_t at) {
  auto past = past_object(at);
  if (!past)
    return std::nullopt;
  auto value = parse_object(text_.substr(at, *past - at));
  if (!value)
    return std::nullopt;
  return found{std::move(*value), at, *past};
}

std::optional<json_scan::found> json_scan::next(size_t from) {
  for (auto i = text_.find('{', from);
       i != std::string_view::npos && tries_ < tries_max;
       i = text_.find('{', i + 1))
    if (auto x = at(i))
      return x;
  return std::nullopt;
}

std::optional<json> json_scan::last() {
  if (!text_.ends_with('}'))
    return std::nullopt;
  size_t i = text_.find('{');
  while (i != std::string_view::npos && tries_ < tries_max) {
    auto past = past_object(i);
    if (past == text_.size())
      return parse_object(text_.substr(i));
    i = text_.find('{', past.value_or(i + 1));
  }
  return std::nullopt;
}

std::vector<json> json_candidates(std::string_view text) {
  std::vector<json> result;
  auto add = [&](json value) {
    if (std::ranges::find(result, value) == result.end())
      result.push_back(std::move(value));
  };
  text = trimmed(text);
  if (text.starts_with('{'))
    if (auto x = json_scan{text}.at(0))
      add(std::move(x->value));
  size_t fences = 0;
  for (auto open = text.find(fence);
       open != std::string_view::npos && fences < fences_max; ++fences) {
    auto first = open + fence.size();
    auto close = text.find(fence, first);
    if (close == std::string_view::npos)
      break;
    if (auto x = json_scan{text.substr(first, close - first)}.next(0))
      add(std::move(x->value));
    open = text.find(fence, close + fence.size());
  }
  if (auto x = json_scan{text}.last())
    add(std::move(*x));
  return result;
}

} // namespace cosmo
