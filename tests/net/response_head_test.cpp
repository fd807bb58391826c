// SPDX-License-Identifier: Apache-2.0
#include "response_head.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

TEST_CASE("a head holds the handler's fields and the server's framing",
          "[net][response_head]") {
  http_response response{
    .status = 200,
    .fields
    = {{"X-A", "1"}, {"content-length", "99"}, {"Connection", "upgrade"}},
    .body = {}};
  CHECK(render_head(response, {.length = 2, .is_kept_alive = true})
        == "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n"
           "Connection: keep-alive\r\n\r\n");
  CHECK(render_head(response, {.is_chunked = true})
        == "HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n"
           "Connection: close\r\n\r\n");
  response.status = 204;
  CHECK(render_head(response, {.length = 0})
        == "HTTP/1.1 204 No Content\r\nX-A: 1\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a response that cannot be sent is refused", "[net][response_head]") {
  auto code_of = [](unsigned status, std::vector<http_field> fields) {
    auto error = validate_head(
      {.status = status, .fields = std::move(fields), .body = {}});
    return error ? failure_of(error).code : ec{};
  };
  CHECK(code_of(100, {}) == ec::bad_argument);
  CHECK(code_of(600, {}) == ec::bad_argument);
  CHECK(code_of(200, {{"X", "a\r\nSet-Cookie: b"}}) == ec::bad_argument);
  CHECK(code_of(200, {{"a b", "c"}}) == ec::bad_argument);
  CHECK(code_of(200, {{"a", "c"}}) == ec{});
}

TEST_CASE("a chunk says its size in hexadecimal digits",
          "[net][response_head]") {
  CHECK(chunk("a") == "1\r\na\r\n");
  CHECK(chunk(std::string(26, 'x'))
        == "1a\r\n" + std::string(26, 'x') + "\r\n");
}
