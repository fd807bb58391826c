// SPDX-License-Identifier: Apache-2.0
#include "response_head.hpp"

#include "field_text.hpp"
#include "http_syntax.hpp"
#include <cosmo/json.hpp>

#include <boost/beast/http/status.hpp>

#include <charconv>

namespace cosmo::net {

namespace {

/// The server's own to write.
bool is_framing_field(std::string_view name) {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding")
         || iequals(name, "Connection");
}

void append_field(std::string& out, std::string_view name,
                  std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

bool has_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

caf::error validate_head(const http_response& response) {
  if (response.status < 200 || response.status > 599)
    return make_error(ec::bad_argument,
                      "no final status: " + std::to_string(response.status));
  return validate_fields(response.fields);
}

std::string render_head(const http_response& response,
                        const body_framing& framing) {
  namespace http = boost::beast::http;
  auto reason = http::obsolete_reason(http::int_to_status(response.status));
  auto result = "HTTP/1.1 " + std::to_string(response.status) + ' '
                + std::string{reason} + "\r\n";
  for (const auto& [name, value] : response.fields)
    if (!is_framing_field(name))
      append_field(result, name, value);
  if (has_body(response.status)) {
    if (framing.length)
      append_field(result, "Content-Length", std::to_string(*framing.length));
    else if (framing.is_chunked)
      append_field(result, "Transfer-Encoding", "chunked");
  }
  append_field(result, "Connection",
               framing.is_kept_alive ? "keep-alive" : "close");
  result += "\r\n";
  return result;
}

std::string chunk(std::string_view bytes) {
  char size[2 * sizeof(size_t)];
  auto last = std::to_chars(size, size + sizeof(size), bytes.size(), 16).ptr;
  std::string result{size, last};
  result.append("\r\n").append(bytes).append("\r\n");
  return result;
}

http_response fault_response(unsigned status, std::string_view text) {
  return {.status = status,
          .fields = {{"Content-Type", "application/json"}},
          .body = json{{"error", text}}.dump()};
}

} // namespace cosmo::net
