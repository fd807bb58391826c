// SPDX-License-Identifier: Apache-2.0
#include "http_fault.hpp"

#include "quoted_text.hpp"

#include <array>
#include <charconv>

namespace cosmo::net {

namespace {

ec code_of(http_fault_kind kind) {
  switch (kind) {
    case http_fault_kind::unresolved:
      return ec::resolve_failed;
    case http_fault_kind::unreachable:
      return ec::connect_failed;
    case http_fault_kind::tls:
      return ec::tls_failed;
    case http_fault_kind::lost:
      return ec::connection_lost;
    case http_fault_kind::malformed:
    case http_fault_kind::encoding:
      return ec::bad_response;
    case http_fault_kind::too_large:
      return ec::too_large;
    case http_fault_kind::timed_out:
      return ec::timeout;
    case http_fault_kind::cancelled:
      return ec::cancelled;
  }
  return ec::bad_response;
}

std::string text_of(const http_fault& fault, const http_request& request,
                    const http_origin& origin) {
  const auto& why = fault.reason;
  const auto& where = request.url;
  switch (fault.kind) {
    case http_fault_kind::unresolved:
      return "cannot resolve host " + origin.host;
    case http_fault_kind::unreachable:
      return "cannot connect to " + to_string(origin) + ": " + why;
    case http_fault_kind::tls:
      return "TLS error with " + to_string(origin) + ": " + why;
    case http_fault_kind::lost:
      return "connection to " + to_string(origin) + " lost: " + why;
    case http_fault_kind::malformed:
      return "invalid HTTP from " + where + ": " + why;
    case http_fault_kind::encoding:
      return "unsupported content encoding "
             + excerpt(mask(why, request.secrets)) + " from " + where;
    case http_fault_kind::too_large:
      return "response from " + where + " too large";
    case http_fault_kind::timed_out:
      return "request to " + where + " timed out after "
             + format_seconds(request.timeout) + " s";
    case http_fault_kind::cancelled:
      return "request to " + where + " cancelled";
  }
  return why;
}

} // namespace

caf::error to_error(const http_fault& fault, const http_request& request,
                    const http_origin& origin) {
  return make_error(code_of(fault.kind),
                    mask(text_of(fault, request, origin), request.secrets));
}

std::string format_seconds(std::chrono::duration<double> time) {
  // Holds every double in fixed notation.
  std::array<char, 512> text;
  auto end = std::to_chars(text.data(), text.data() + text.size(), time.count(),
                           std::chars_format::fixed)
               .ptr;
  return {text.data(), end};
}

caf::error status_error(const http_request& request,
                        const http_response& response) {
  if (response.ok())
    return {};
  auto text
    = "HTTP " + std::to_string(response.status) + " from " + request.url;
  if (!response.body.empty())
    text += ": " + excerpt(mask(response.body, request.secrets));
  return make_error(ec::http_status, mask(text, request.secrets));
}

} // namespace cosmo::net
