// SPDX-License-Identifier: Apache-2.0
#include "engram_tally.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cosmo::actors {

namespace {

constexpr std::array<std::string_view, 5> ops{"add", "append", "merge",
                                              "upsert", "delete"};

constexpr size_t token_bytes_max = 64;

/// A word, or the name of an exception's type.
bool is_token(std::string_view text) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_' || c == ':';
  };
  return !text.empty() && text.size() <= token_bytes_max
         && std::ranges::all_of(text, fits);
}

/// @source errors.md section 2
std::string_view token_of(std::string_view why) {
  auto end = why.find(": ");
  if (end != std::string_view::npos && is_token(why.substr(0, end)))
    return why.substr(0, end);
  return "imprint_refused";
}

void count(engram_counts::by_name& where, std::string_view name) {
  auto i = where.find(name);
  if (i == where.end())
    i = where.emplace(name, 0).first;
  ++i->second;
}

} // namespace

void engram_tally::recalled(size_t hits) {
  ++counts_.recalls;
  counts_.hits += hits;
}

void engram_tally::passed_over() {
  ++counts_.recalls;
}

void engram_tally::recall_failed(std::string_view why) {
  ++counts_.recalls;
  failed(why);
}

void engram_tally::imprinted(const payload::imprinted& receipt) {
  auto known = std::ranges::find(ops, receipt.op) != ops.end();
  count(counts_.imprints, known ? std::string_view{receipt.op} : "other");
  if (receipt.error)
    failed(*receipt.error);
}

void engram_tally::failed(std::string_view why) {
  auto token = token_of(why);
  if (counts_.errors.size() >= tokens_max && !counts_.errors.contains(token))
    token = "other";
  count(counts_.errors, token);
}

} // namespace cosmo::actors
