// SPDX-License-Identifier: Apache-2.0
#include "http_app_api.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using neuron::http_app_options;
using neuron::http_app_request;

namespace {

const std::string endpoint = "http://host";

http_app_request request_of(const json& input, http_app_options options = {}) {
  options.endpoint = endpoint;
  auto result = make_app_request(options, input);
  REQUIRE(result);
  return std::move(*result);
}

std::string complaint_about(const json& input) {
  auto [code, text]
    = failure_of(make_app_request({.endpoint = endpoint}, input));
  CHECK(code == ec::bad_input);
  return text;
}

std::string fault_of(const http_app_options& options) {
  auto [code, text] = failure_of(validate(options));
  CHECK(code == ec::bad_config);
  return text;
}

json answer_of(const http_response& response) {
  auto result = read_app_response({.method = "GET", .target = "/x?a=1"},
                                  "http://host/x?a=1", response);
  REQUIRE(result);
  return *result;
}

http_response no_app(const http_app_request&) {
  return {.status = 200};
}

} // namespace

// -- requests -------------------------------------------------------------------

TEST_CASE("a prompt is sent as the JSON it came in", "[net][http_app]") {
  auto request
    = request_of({{"prompt", "p"}, {"path", "/ask"}, {"params", {{"v", "1"}}}});
  CHECK(request.method == "POST");
  CHECK(request.target == "/ask?v=1");
  CHECK(request.body == R"({"prompt":"p"})");
  CHECK(request.fields
        == std::vector<http_field>{{"Content-Type", "application/json"}});
}

TEST_CASE("any of three keys makes an input a body", "[net][http_app]") {
  auto key = GENERATE("prompt", "text", "content");
  json input;
  input[key] = json::array({1});
  input["more"] = 2;
  input["method"] = "PUT";
  auto rest = input;
  rest.erase("method");
  CHECK(request_of(input).body == rest.dump());
  CHECK(request_of(input).method == "PUT");
}

TEST_CASE("an input without a body has none", "[net][http_app]") {
  auto input = GENERATE(json::object(), json{{"other", 1}},
                        json{{"prompt", ""}}, json{{"json", nullptr}},
                        json{{"data", nullptr}}, json(nullptr), json(7));
  auto request = request_of(input);
  CHECK(request.body.empty());
  CHECK(request.fields.empty());
  CHECK(request.target == "/");
}

TEST_CASE("a body of one's own wins over the prompt", "[net][http_app]") {
  auto input = GENERATE(json{{"json", {{"a", 1}}}}, json{{"json", {1, 2}}},
                        json{{"json", "text"}}, json{{"json", false}},
                        json{{"json", 0}, {"data", "ignored"}});
  auto body = input["json"].dump();
  input["prompt"] = "p";
  auto request = request_of(input);
  CHECK(request.body == body);
  CHECK(request.fields
        == std::vector<http_field>{{"Content-Type", "application/json"}});
}

TEST_CASE("data is sent raw or as a form", "[net][http_app]") {
  auto raw = request_of({{"data", "a\nb"}});
  CHECK(raw.body == "a\nb");
  CHECK(raw.fields.empty());
  auto form = request_of({{"data", {{"a", "x y"}, {"b", {1, 2}}}}});
  CHECK(form.body == "a=x%20y&b=1&b=2");
  CHECK(form.fields
        == std::vector<http_field>{
          {"Content-Type", "application/x-www-form-urlencoded"}});
}

TEST_CASE("GET and HEAD carry no body", "[net][http_app]") {
  auto method = GENERATE("get", "HEAD");
  auto request = request_of({{"method", method}, {"prompt", "p"}});
  CHECK(request.method == (method == std::string{"get"} ? "GET" : "HEAD"));
  CHECK(request.body.empty());
  CHECK(request.fields.empty());
}

TEST_CASE("defaults stand in for what an input leaves out", "[net][http_app]") {
  http_app_options options{.default_method = "put",
                           .default_path = "ask",
                           .base_headers = {{"X-One", "1"}, {"X-Two", "2"}}};
  auto request
    = request_of({{"headers", {{"x-two", "two"}, {"X-Three", "3"}}}}, options);
  CHECK(request.method == "PUT");
  CHECK(request.target == "/ask");
  CHECK(request.fields
        == std::vector<http_field>{
          {"X-One", "1"}, {"X-Two", "two"}, {"X-Three", "3"}});
}

TEST_CASE("a content type that is given stays", "[net][http_app]") {
  auto request
    = request_of({{"json", 1}, {"headers", {{"content-type", "text/x"}}}});
  CHECK(request.fields == std::vector<http_field>{{"content-type", "text/x"}});
}

TEST_CASE("a query is appended to the path", "[net][http_app]") {
  CHECK(request_of({{"path", "/a"}, {"query", {{"k", {1, "x y"}}}}}).target
        == "/a?k=1&k=x%20y");
  CHECK(request_of({{"path", "/a?b=c"}, {"params", {{"d", true}}}}).target
        == "/a?b=c&d=true");
  CHECK(request_of({{"path", "/a"}, {"query", json::object()}}).target == "/a");
}

TEST_CASE("url wins over path", "[net][http_app]") {
  CHECK(request_of({{"path", "/path"}, {"url", "/url"}}).target == "/url");
}

TEST_CASE("an input cannot leave its application", "[net][http_app]") {
  auto url = GENERATE("http://evil.example/", "HTTPS://evil.example");
  CHECK(complaint_about({{"url", url}})
        == "'url' in the input of an HTTP application must be a path, not the "
           "URL of a host");
  CHECK(request_of({{"url", "//evil.example/"}}).target == "//evil.example/");
  CHECK(request_of({{"url", "@evil.example"}}).target == "/@evil.example");
  CHECK(request_of({{"url", "/go?to=http://x"}}).target == "/go?to=http://x");
}

TEST_CASE("an ill-typed input is refused by its key", "[net][http_app]") {
  auto about = [](const char* key) {
    return "'" + std::string{key} + "' in the input of an HTTP application ";
  };
  CHECK(complaint_about({{"method", 5}})
        == about("method") + "is no HTTP method");
  CHECK(complaint_about({{"method", "GET /"}})
        == about("method") + "is no HTTP method");
  CHECK(complaint_about({{"path", 5}}) == about("path") + "must be a string");
  CHECK_THAT(complaint_about({{"path", "/a b\r\nX: y"}}),
             StartsWith(about("path") + "is none: "));
  CHECK(complaint_about({{"query", "a=b"}})
        == about("query") + "must be an object");
  CHECK(complaint_about({{"data", 5}}) == about("data") + "must be an object");
  CHECK(complaint_about({{"headers", "x"}})
        == about("headers") + "must be an object");
  CHECK(complaint_about({{"headers", {{"X", 1}}}})
        == about("headers") + "holds 'X', which must be a string");
  CHECK(complaint_about({{"headers", {{"X", "a\r\nY: b"}}}})
        == about("headers") + "holds 'X', which has a control character");
  CHECK(complaint_about({{"headers", {{"X Y", "a"}}}})
        == about("headers") + "holds 'X Y', which is no name of a header");
  CHECK_THAT(complaint_about({{"json", "\xFF"}}),
             StartsWith("the input cannot be sent: "));
}

TEST_CASE("what says where a message ends is not for inputs",
          "[net][http_app]") {
  auto name
    = GENERATE("Host", "content-length", "Transfer-Encoding", "connection");
  json headers;
  headers[name] = "x";
  CHECK_THAT(complaint_about({{"headers", headers}}),
             ContainsSubstring("the client writes itself"));
}

// -- responses ------------------------------------------------------------------

TEST_CASE("every member of an answer has its place", "[net][http_app]") {
  CHECK(
    answer_of({.status = 201,
               .fields = {{"Content-Type", "Application/JSON; x"},
                          {"Set-Cookie", "a"},
                          {"set-cookie", "b"}},
               .body = R"({"summary":"p"})"})
    == json{{"status", 201},
            {"ok", true},
            {"json", {{"summary", "p"}}},
            {"response", R"({"summary":"p"})"},
            {"headers",
             {{"Content-Type", "Application/JSON; x"}, {"Set-Cookie", "a, b"}}},
            {"meta", {{"method", "GET"}, {"path", "/x?a=1"}}}});
}

TEST_CASE("an error status is an answer", "[net][http_app]") {
  auto status = GENERATE(400u, 404u, 500u, 599u);
  auto result = answer_of({.status = status, .body = "oops"});
  CHECK(result["status"] == status);
  CHECK(result["ok"] == false);
  CHECK(result["response"] == "oops");
}

TEST_CASE("JSON is read only where it is said to be", "[net][http_app]") {
  auto json_of = [](std::string type, std::string body) {
    return answer_of({.status = 200,
                      .fields = {{"Content-Type", std::move(type)}},
                      .body = std::move(body)})["json"];
  };
  CHECK(json_of("text/plain", "[1]").is_null());
  CHECK(json_of("application/json", "").is_null());
  CHECK(json_of("application/json", "[1").is_null());
  CHECK(json_of("application/json", "[1]") == json::array({1}));
}

TEST_CASE("a body that is no text becomes one", "[net][http_app]") {
  CHECK(answer_of({.status = 200, .body = "a\xFF"})["response"]
        == "a\xEF\xBF\xBD");
}

TEST_CASE("a redirection is a failure, and so is a status that is none",
          "[net][http_app]") {
  auto failed = [](unsigned status) {
    return failure_of(read_app_response({}, "url", {.status = status}));
  };
  CHECK(failed(302) == failure{ec::http_status, "HTTP 302 from url"});
  CHECK(failed(0) == failure{ec::bad_response, "url answered with status 0"});
  CHECK(failed(999).code == ec::bad_response);
}

// -- options --------------------------------------------------------------------

TEST_CASE("an application is a handler or a server", "[net][http_app]") {
  CHECK(fault_of({}) == "flask needs one of 'app' and 'endpoint'");
  CHECK(fault_of({.app = no_app, .endpoint = endpoint})
        == "flask needs one of 'app' and 'endpoint'");
  CHECK_FALSE(validate(http_app_options{.app = no_app}));
  CHECK_FALSE(validate(http_app_options{.endpoint = endpoint}));
}

TEST_CASE("options for a server need one", "[net][http_app]") {
  auto expected = "a client, 'ca_file' and limits of flask need an 'endpoint'";
  CHECK(fault_of({.app = no_app, .ca_file = "x.pem"}) == expected);
  CHECK(fault_of({.app = no_app, .max_concurrency = 1}) == expected);
  CHECK(fault_of({.app = no_app, .client = make_client()}) == expected);
}

TEST_CASE("defaults of an application must make sense", "[net][http_app]") {
  CHECK(fault_of({.endpoint = "ftp://host"})
        == "option 'endpoint' of flask is no base URL: 'ftp://host' has an "
           "unsupported scheme; expected http or https");
  CHECK(fault_of({.endpoint = endpoint, .default_method = "A B"})
        == "option 'default_method' of flask is no HTTP method");
  CHECK_THAT(fault_of({.endpoint = endpoint, .default_path = "/a b"}),
             StartsWith("option 'default_path' of flask is none: "));
  CHECK(fault_of({.endpoint = endpoint, .base_headers = {{"Host", "x"}}})
        == "option 'base_headers' of flask holds 'Host', which the client "
           "writes itself");
  CHECK(fault_of(
          {.endpoint = endpoint, .timeout = std::chrono::duration<double>{0}})
        == "option 'timeout' of flask must be > 0");
}
