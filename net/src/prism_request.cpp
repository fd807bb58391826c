// SPDX-License-Identifier: Apache-2.0
#include "prism_request.hpp"

#include "percent_encoding.hpp"
#include "url.hpp"

#include <algorithm>

namespace cosmo::net {

namespace {

constexpr uint16_t http_port = 80;

std::string form_decoded(std::string_view text) {
  std::string blanks{text};
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

} // namespace

std::string_view query_of(std::string_view target) {
  auto mark = target.find('?');
  return mark == target.npos ? std::string_view{} : target.substr(mark + 1);
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    auto middle = std::min(pair.find('='), pair.size());
    if (form_decoded(pair.substr(0, middle)) == name)
      return form_decoded(pair.substr(std::min(middle + 1, pair.size())));
  }
  return {};
}

std::string form_encoded(std::string_view value) {
  std::string result;
  while (!value.empty()) {
    auto blank = std::min(value.find(' '), value.size());
    result += percent_encode(value.substr(0, blank));
    if (blank < value.size())
      result += '+';
    value.remove_prefix(std::min(blank + 1, value.size()));
  }
  return result;
}

bool is_own_origin(std::string_view origin, uint16_t port) {
  if (origin.empty())
    return true;
  // A browser leaves out the scheme's own port.
  auto suffix = port == http_port ? "" : ":" + std::to_string(port);
  for (std::string host : {"127.0.0.1", "localhost", "[::1]"})
    if (origin == "http://" + host + suffix)
      return true;
  return false;
}

} // namespace cosmo::net
