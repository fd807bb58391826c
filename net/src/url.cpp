// SPDX-License-Identifier: Apache-2.0
#include "url.hpp"

#include "quoted_text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace cosmo::net {

namespace {

constexpr uint16_t http_port = 80;

constexpr uint16_t https_port = 443;

/// RFC 1035: the longest name there is.
constexpr size_t host_bytes_max = 255;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_host_char(char c) {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
         || c == '.' || c == '_';
}

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

/// Splits `host[:port]`; the port is empty when there is none.
struct host_and_port {
  std::string_view host;
  std::optional<std::string_view> port;
};

std::optional<host_and_port> split_authority(std::string_view authority) {
  if (!authority.starts_with('[')) {
    auto colon = authority.find(':');
    if (colon == authority.npos)
      return host_and_port{authority, std::nullopt};
    return host_and_port{authority.substr(0, colon),
                         authority.substr(colon + 1)};
  }
  auto bracket = authority.find(']');
  if (bracket == authority.npos)
    return std::nullopt;
  auto rest = authority.substr(bracket + 1);
  auto host = authority.substr(1, bracket - 1);
  if (rest.empty())
    return host_and_port{host, std::nullopt};
  if (!rest.starts_with(':'))
    return std::nullopt;
  return host_and_port{host, rest.substr(1)};
}

/// Fills host and is_ip. @returns whether the host is one.
bool take_host(http_origin& origin, std::string_view host, bool bracketed) {
  std::transform(host.begin(), host.end(), std::back_inserter(origin.host),
                 lower);
  boost::system::error_code error;
  if (bracketed) {
    boost::asio::ip::make_address_v6(origin.host, error);
    // A zone id names an interface of this machine, which no server has.
    origin.is_ip = !error && host.find('%') == host.npos;
    return origin.is_ip;
  }
  boost::asio::ip::make_address_v4(origin.host, error);
  origin.is_ip = !error;
  return !host.empty() && host.size() <= host_bytes_max
         && std::all_of(host.begin(), host.end(), is_host_char);
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
  std::string scheme;
  std::transform(text.begin(), text.begin() + colon, std::back_inserter(scheme),
                 lower);
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
  auto parts = split_authority(authority);
  if (!parts
      || !take_host(result.origin, parts->host, authority.starts_with('[')))
    return refuse(text, "has no valid host");
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
