// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/http_app.hpp>
#include <cosmo/neuron/source.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using neuron::from_source;
using neuron::http_app;
using neuron::http_app_request;

namespace {

std::string base(const fake_server& server) {
  return "http://" + server.authority();
}

any_neuron make(const json& options, const char* name = "flask") {
  auto result = from_source(name, options);
  REQUIRE(result);
  return std::move(*result);
}

/// Calls a Neuron that runs on a worker.
caf::expected<json> run_plain(const any_neuron& neuron, const json& input) {
  REQUIRE(neuron.plain());
  return neuron.plain()(input, json::array(), neuron_io{nullptr});
}

} // namespace

// -- fixture F9 -----------------------------------------------------------------

TEST_CASE("a server's answer is that of the application",
          "[net][http_app][integration]") {
  auto name = GENERATE("flask", "wsgi", "api", "http");
  std::vector<std::string> requests;
  fake_server server{{answer(response("200 OK", R"({"summary":"p"})",
                                      "Content-Type: application/json\r\n"),
                             &requests)}};
  json input{{"prompt", "p"}, {"path", "/ask"}, {"params", {{"v", "1"}}}};
  auto result = run_neuron(make({{"endpoint", base(server)}}, name), input);
  REQUIRE(result);
  CHECK((*result)["status"] == 200);
  CHECK((*result)["ok"] == true);
  CHECK((*result)["json"] == json{{"summary", "p"}});
  CHECK((*result)["response"] == R"({"summary":"p"})");
  CHECK((*result)["meta"] == json{{"method", "POST"}, {"path", "/ask?v=1"}});
  REQUIRE(requests.size() == 1);
  CHECK_THAT(requests[0], StartsWith("POST /ask?v=1 HTTP/1.1\r\n"));
  CHECK_THAT(requests[0],
             ContainsSubstring("\r\nContent-Type: application/json\r\n"));
  CHECK_THAT(requests[0],
             ContainsSubstring("\r\nAccept: application/json\r\n"));
  CHECK_THAT(requests[0], EndsWith("\r\n\r\n"
                                   R"({"prompt":"p"})"));
}

TEST_CASE("all options of a server reach the request",
          "[net][http_app][integration]") {
  std::vector<std::string> requests;
  fake_server server{{answer(response("200 OK", ""), &requests)}};
  auto neuron = make({{"endpoint", base(server) + "/v2/"},
                      {"default_method", "put"},
                      {"default_path", "/items"},
                      {"base_headers", {{"X-Team", "a"}, {"accept", "*/*"}}},
                      {"timeout", 5},
                      {"max_response_bytes", 100},
                      {"max_concurrency", 1},
                      {"requests_per_minute", 10},
                      {"breaker", {{"failures", 2}}}});
  REQUIRE(run_neuron(neuron, json::object()));
  REQUIRE(requests.size() == 1);
  CHECK_THAT(requests[0], StartsWith("PUT /v2/items HTTP/1.1\r\n"));
  CHECK_THAT(requests[0], ContainsSubstring("\r\nX-Team: a\r\n"));
  CHECK_THAT(requests[0], ContainsSubstring("\r\naccept: */*\r\n"));
  CHECK_THAT(requests[0], !ContainsSubstring("application/json"));
}

TEST_CASE("an error status of a server is an answer",
          "[net][http_app][integration]") {
  fake_server server{{answer(response("404 Not Found", "no such page"))}};
  auto result = run_neuron(make({{"endpoint", base(server)}}), json::object());
  REQUIRE(result);
  CHECK((*result)["status"] == 404);
  CHECK((*result)["ok"] == false);
  CHECK((*result)["response"] == "no such page");
}

TEST_CASE("a redirection of a server is a failure",
          "[net][http_app][integration]") {
  fake_server server{
    {answer(response("302 Found", "", "Location: http://127.0.0.1:1/\r\n"))}};
  CHECK(failure_of(run_neuron(make({{"endpoint", base(server)}}), {}))
        == failure{ec::http_status, "HTTP 302 from " + base(server) + "/"});
}

TEST_CASE("a HEAD request has an answer without a body",
          "[net][http_app][integration]") {
  fake_server server{
    {answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")}};
  auto result
    = run_neuron(make({{"endpoint", base(server)}}), {{"method", "HEAD"}});
  REQUIRE(result);
  CHECK((*result)["response"] == "");
}

TEST_CASE("transport problems of a server are failures",
          "[net][http_app][integration]") {
  SECTION("nobody listens") {
    auto authority = "127.0.0.1:" + std::to_string(unused_port());
    CHECK(failure_of(run_neuron(make({{"endpoint", "http://" + authority}}),
                                json::object()))
            .code
          == ec::connect_failed);
  }
  SECTION("no answer") {
    fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
    auto neuron = make({{"endpoint", base(server)}, {"timeout", 0.2}});
    CHECK(failure_of(run_neuron(neuron, {{"path", "/x"}}))
          == failure{ec::timeout, "request to " + base(server)
                                    + "/x timed out after 0.2 s"});
  }
  SECTION("too long an answer") {
    fake_server server{{answer(response("200 OK", std::string(100, 'x')))}};
    auto neuron
      = make({{"endpoint", base(server)}, {"max_response_bytes", 10}});
    CHECK(failure_of(run_neuron(neuron, json::object())).code == ec::too_large);
  }
}

TEST_CASE("what identifies the caller is in no failure",
          "[net][http_app][integration]") {
  fake_server server{
    {answer(response("302 s3cret", "s3cret Bearer s3cret sess10n"))}};
  auto neuron = make({{"endpoint", base(server) + "/s3cret"},
                      {"base_headers", {{"authorization", "Bearer s3cret"}}}});
  auto result = run_neuron(neuron, {{"headers", {{"Cookie", "sess10n"}}}});
  CHECK(failure_of(result).text
        == "HTTP 302 from " + base(server) + "/***/: *** *** ***");
}

// -- in this process ------------------------------------------------------------

TEST_CASE("a handler of this process answers without a socket",
          "[net][http_app]") {
  http_app_request seen;
  auto neuron = http_app(
    {.app =
       [&](const http_app_request& request) {
         seen = request;
         return http_response{.status = 200,
                              .fields = {{"Content-Type", "application/json"}},
                              .body = R"({"summary":"p"})"};
       },
     .default_path = "/ask",
     .base_headers = {{"X-Team", "a"}}});
  REQUIRE(neuron);
  auto result = run_plain(*neuron, {{"prompt", "p"}, {"query", {{"v", 1}}}});
  REQUIRE(result);
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/ask?v=1");
  CHECK(seen.fields
        == std::vector<http_field>{{"X-Team", "a"},
                                   {"Content-Type", "application/json"}});
  CHECK(seen.body == R"({"prompt":"p"})");
  CHECK((*result)["json"] == json{{"summary", "p"}});
  CHECK((*result)["meta"] == json{{"method", "POST"}, {"path", "/ask?v=1"}});
}

TEST_CASE("a handler's odd answers are failures", "[net][http_app]") {
  auto status = GENERATE(0u, 302u);
  auto neuron = http_app({.app = [status](const http_app_request&) {
    return http_response{.status = status};
  }});
  REQUIRE(neuron);
  CHECK_FALSE(run_plain(*neuron, json::object()));
  CHECK(failure_of(run_plain(*neuron, {{"path", 5}})).code == ec::bad_input);
}

TEST_CASE("a handler's exception reaches the Axon", "[net][http_app]") {
  auto neuron = http_app({.app = [](const http_app_request&) -> http_response {
    throw std::runtime_error{"mine"};
  }});
  REQUIRE(neuron);
  CHECK_THROWS_AS(run_plain(*neuron, json::object()), std::runtime_error);
}

// -- options --------------------------------------------------------------------

TEST_CASE("JSON has no place for a handler", "[net][http_app]") {
  CHECK(failure_of(from_source("flask", json::object()))
        == failure{ec::bad_config, "flask needs one of 'app' and 'endpoint'"});
  CHECK_THAT(failure_of(from_source("http", {{"app", 1}})).text,
             StartsWith("flask has no option 'app'"));
  CHECK(failure_of(from_source("flask", {{"base_headers", {{"X", 1}}}})).text
        == "option 'base_headers' of flask must be an object of strings");
}
