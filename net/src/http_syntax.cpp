// SPDX-License-Identifier: Apache-2.0
#include "http_syntax.hpp"

#include <algorithm>
#include <iterator>

namespace cosmo::net {

namespace {

constexpr std::string_view fields_of_the_client[]
  = {"host",       "content-length",  "transfer-encoding",
     "connection", "accept-encoding", "user-agent"};

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper_char(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

std::string lower(std::string_view text) {
  std::string result;
  std::ranges::transform(text, std::back_inserter(result), lower_char);
  return result;
}

std::string upper(std::string_view text) {
  std::string result;
  std::ranges::transform(text, std::back_inserter(result), upper_char);
  return result;
}

bool iequals(std::string_view x, std::string_view y) {
  return std::ranges::equal(x, y, {}, lower_char, lower_char);
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  auto is_token_char = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

std::string_view field_complaint(const http_field& field) {
  if (!is_token(field.name))
    return "is no name of a header";
  if (!is_field_value(field.value))
    return "has a control character";
  auto name = lower(field.name);
  if (std::ranges::find(fields_of_the_client, name)
      != std::end(fields_of_the_client))
    return "the client writes itself";
  return {};
}

} // namespace cosmo::net
