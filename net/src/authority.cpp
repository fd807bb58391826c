// SPDX-License-Identifier: Apache-2.0
#include "authority.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <iterator>

namespace cosmo::net {

namespace {

/// RFC 1035: the longest name there is.
constexpr size_t host_bytes_max = 255;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
         || c == '.' || c == '_';
}

/// Splits `host[:port]`; the port is absent when there is none.
std::optional<url_authority> split(std::string_view text) {
  if (!text.starts_with('[')) {
    auto colon = text.find(':');
    url_authority result{lower_case(text.substr(0, colon)), false, {}};
    if (colon != text.npos)
      result.port = text.substr(colon + 1);
    return result;
  }
  auto bracket = text.find(']');
  if (bracket == text.npos)
    return std::nullopt;
  url_authority result{lower_case(text.substr(1, bracket - 1)), false, {}};
  auto rest = text.substr(bracket + 1);
  if (rest.empty())
    return result;
  if (!rest.starts_with(':'))
    return std::nullopt;
  result.port = rest.substr(1);
  return result;
}

} // namespace

std::string lower_case(std::string_view text) {
  std::string result;
  std::ranges::transform(text, std::back_inserter(result), lower);
  return result;
}

std::optional<url_authority> parse_authority(std::string_view text) {
  auto result = split(text);
  if (!result)
    return std::nullopt;
  boost::system::error_code error;
  if (text.starts_with('[')) {
    boost::asio::ip::make_address_v6(result->host, error);
    // A zone id names an interface of this machine, which no server has.
    if (error || result->host.find('%') != std::string::npos)
      return std::nullopt;
    result->is_ip = true;
    return result;
  }
  boost::asio::ip::make_address_v4(result->host, error);
  result->is_ip = !error;
  if (result->host.size() > host_bytes_max
      || !std::ranges::all_of(result->host, is_host_char))
    return std::nullopt;
  return result;
}

} // namespace cosmo::net
