// SPDX-License-Identifier: Apache-2.0
#include "http_fault.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using std::chrono::duration;

namespace {

failure shown(http_fault_kind kind, std::string reason = {}) {
  http_request request{.url = "http://host:81/path",
                       .timeout = duration<double>{0.2},
                       .secrets = {"s3cret"}};
  return failure_of(
    to_error({kind, std::move(reason)}, request, {false, "host", 81, false}));
}

http_request request() {
  return {.url = "http://host/path", .secrets = {"s3cret"}};
}

} // namespace

TEST_CASE("every fault has its pinned text", "[net][http_fault]") {
  using kind = http_fault_kind;
  CHECK(shown(kind::unresolved, "x")
        == failure{ec::resolve_failed, "cannot resolve host host"});
  CHECK(shown(kind::unreachable, "why")
        == failure{ec::connect_failed, "cannot connect to host:81: why"});
  CHECK(shown(kind::lost, "why")
        == failure{ec::connection_lost, "connection to host:81 lost: why"});
  CHECK(shown(kind::tls, "why")
        == failure{ec::tls_failed, "TLS error with host:81: why"});
  CHECK(
    shown(kind::malformed, "why")
    == failure{ec::bad_response, "invalid HTTP from http://host:81/path: why"});
  CHECK(shown(kind::encoding, "gzip")
        == failure{ec::bad_response, "unsupported content encoding gzip from "
                                     "http://host:81/path"});
  CHECK(
    shown(kind::too_large)
    == failure{ec::too_large, "response from http://host:81/path too large"});
  CHECK(shown(kind::timed_out)
        == failure{ec::timeout,
                   "request to http://host:81/path timed out after 0.2 s"});
  CHECK(shown(kind::cancelled)
        == failure{ec::cancelled, "request to http://host:81/path cancelled"});
}

TEST_CASE("seconds print without trailing zeros", "[net][http_fault]") {
  CHECK(format_seconds(duration<double>{120}) == "120");
  CHECK(format_seconds(duration<double>{0.2}) == "0.2");
  CHECK(format_seconds(duration<double>{1.5}) == "1.5");
  CHECK(format_seconds(duration<double>{1e-5}) == "0.00001");
  CHECK(format_seconds(std::chrono::milliseconds{250}) == "0.25");
}

TEST_CASE("an error status quotes the beginning of the body",
          "[net][http_fault]") {
  CHECK(
    failure_of(status_error(request(), {.status = 500, .body = "<h1>no</h1>"}))
    == failure{ec::http_status, "HTTP 500 from http://host/path: <h1>no</h1>"});
  auto [code, text] = failure_of(
    status_error(request(), {.status = 404, .body = std::string(300, 'x')}));
  CHECK(text == "HTTP 404 from http://host/path: " + std::string(200, 'x'));
}

TEST_CASE("an error status without a body ends with the URL",
          "[net][http_fault]") {
  CHECK(failure_of(status_error(request(), {.status = 500})).text
        == "HTTP 500 from http://host/path");
}

TEST_CASE("an error status from 200 to 299 is none", "[net][http_fault]") {
  CHECK_FALSE(status_error(request(), {.status = 200}));
  CHECK_FALSE(status_error(request(), {.status = 299}));
  CHECK(status_error(request(), {.status = 199}));
  CHECK(status_error(request(), {.status = 300}));
}

TEST_CASE("no part of a key survives in a quoted body", "[net][http_fault]") {
  // The key lies across the end of the excerpt.
  auto body = std::string(197, 'x') + "s3cret and more";
  CHECK(failure_of(status_error(request(), {.status = 401, .body = body})).text
        == "HTTP 401 from http://host/path: " + std::string(197, 'x') + "***");
}

TEST_CASE("repeated response fields are joined", "[net][http_fault]") {
  http_response response{.fields = {{"X-A", "1"}, {"b", "2"}, {"x-a", "3"}}};
  CHECK(response.field("X-a") == "1, 3");
  CHECK(response.field("c").empty());
}
