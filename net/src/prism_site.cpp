// SPDX-License-Identifier: Apache-2.0
#include "prism_site.hpp"

#include "prism_page.hpp"
#include "prism_request.hpp"
#include "response_head.hpp"

namespace cosmo::net {

namespace {

/// The page needs nothing but this server; hostile text on a bus should not be
/// able to reach for anything else.
constexpr std::string_view content_policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string_view content_type_of(std::string_view path) {
  auto ends
    = [path](std::string_view suffix) { return path.ends_with(suffix); };
  if (ends(".html"))
    return "text/html; charset=utf-8";
  if (ends(".css"))
    return "text/css; charset=utf-8";
  if (ends(".svg"))
    return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

http_response found(const embedded_file& file) {
  return {.status = 200,
          .fields = {{"Content-Type", std::string{content_type_of(file.path)}},
                     {"Content-Security-Policy", std::string{content_policy}},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Referrer-Policy", "no-referrer"},
                     // The next version of the program has other files.
                     {"Cache-Control", "no-cache"}},
          .body = std::string{file.text}};
}

http_response redirect(std::string_view query) {
  std::string location = "/";
  if (!query.empty())
    location.append("?").append(query);
  return {.status = 302,
          .fields
          = {{"Location", std::move(location)}, {"Cache-Control", "no-store"}},
          .body = {}};
}

} // namespace

http_response prism_response(const incoming_request& request,
                             const std::string& landing) {
  if (request.method != "GET" && request.method != "HEAD") {
    auto response
      = fault_response(405, request.method + " is not allowed here");
    response.fields.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  auto path = request.path();
  auto query = query_of(request.target);
  if (path == "/view")
    return redirect(query);
  if (path == "/" && query.empty() && !landing.empty())
    return redirect(landing);
  auto wanted = path == "/" ? "/index.html" : path;
  auto is_public = path == "/" || path.starts_with("/assets/");
  if (is_public)
    for (const auto& file : prism_page())
      if (file.path == wanted)
        return found(file);
  return fault_response(404, "there is nothing at " + std::string{path});
}

} // namespace cosmo::net
