// SPDX-License-Identifier: Apache-2.0
#include "url.hpp"

#include "authority.hpp"
#include "quoted_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace cosmo::net {

namespace {

constexpr uint16_t http_port = 80;

constexpr uint16_t https_port = 443;

caf::error refuse(std::string_view text, std::string_view why) {
  return make_error(ec::bad_argument,
                    "'" + excerpt(text) + "' " + std::string{why});
}

std::optional<uint16_t> parse_port(std::string_view digits) {
  uint16_t port = 0;
  auto last = digits.data() + digits.size();
  auto [end, error] = std::from_chars(digits.data(), last, port);
  if (error != std::errc{} || end != last || port == 0)
    return std::nullopt;
  return port;
}

} // namespace

std::string to_string(const http_origin& origin) {
  auto is_v6 = origin.host.find(':') != std::string::npos;
  auto host = is_v6 ? "[" + origin.host + "]" : origin.host;
  return host + ":" + std::to_string(origin.port);
}

std::string host_field(const http_origin& origin) {
  auto result = to_string(origin);
  if (origin.port == (origin.tls ? https_port : http_port))
    result.erase(result.rfind(':'));
  return result;
}

caf::expected<url> parse_url(std::string_view text) {
  auto colon = text.find("://");
  if (colon == text.npos)
    return refuse(text, "is not an absolute http or https URL");
  auto scheme = lower_case(text.substr(0, colon));
  auto rest = text.substr(colon + 3);
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  auto target = rest.substr(authority.size());
  if (authority.find('@') != authority.npos)
    return make_error(ec::bad_argument,
                      "user name and password do not belong into a URL");
  if (scheme != "http" && scheme != "https")
    return refuse(text, "has an unsupported scheme; expected http or https");
  auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(target.begin(), target.end(), is_visible))
    return refuse(text, "has characters that must be percent-encoded");
  if (target.find('#') != target.npos)
    return refuse(text, "has a fragment, which is never sent");
  url result;
  result.origin.tls = scheme == "https";
  result.origin.port = result.origin.tls ? https_port : http_port;
  auto parts = parse_authority(authority);
  if (!parts || parts->host.empty())
    return refuse(text, "has no valid host");
  result.origin.host = std::move(parts->host);
  result.origin.is_ip = parts->is_ip;
  if (parts->port) {
    auto port = parse_port(*parts->port);
    if (!port)
      return refuse(text, "has no valid port");
    result.origin.port = *port;
  }
  result.target = target.starts_with('/') ? "" : "/";
  result.target += target;
  return result;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    uint8_t byte = 0;
    auto digits = text.substr(i, 3);
    if (digits.size() == 3 && digits[0] == '%') {
      auto last = digits.data() + 3;
      auto [end, error] = std::from_chars(digits.data() + 1, last, byte, 16);
      if (error == std::errc{} && end == last) {
        result += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

} // namespace cosmo::net
