// SPDX-License-Identifier: Apache-2.0
#include "prism_site.hpp"

#include "prism_fault.hpp"
#include "prism_page.hpp"
#include "prism_request.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>
#include <set>

using namespace cosmo;
using namespace cosmo::net;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

const std::string landing = "url=cosmo%3A%2F%2Fh&namespace=dev";

http_response get(std::string target, const std::string& to = landing) {
  return prism_response(
    {.method = "GET", .target = std::move(target), .fields = {}, .body = {}},
    to);
}

std::string field(const http_response& response, std::string_view name) {
  for (const auto& [key, value] : response.fields)
    if (key == name)
      return value;
  return "";
}

} // namespace

TEST_CASE("the root leads to the bus that was given, unless one is asked for",
          "[net][prism]") {
  CHECK(get("/").status == 302);
  CHECK(field(get("/"), "Location") == "/?" + landing);
  CHECK(get("/?").status == 302);
  CHECK(get("/?url=cosmo%3A%2F%2Fother").status == 200);
  CHECK(get("/?x").status == 200);
  CHECK(get("/", "").status == 200);
}

TEST_CASE("the old address of the view leads to the root with its query",
          "[net][prism]") {
  CHECK(get("/view").status == 302);
  CHECK(field(get("/view"), "Location") == "/");
  CHECK(field(get("/view?url=a&namespace=b+c"), "Location")
        == "/?url=a&namespace=b+c");
}

TEST_CASE("the page and its files are served with their types",
          "[net][prism]") {
  auto page = get("/?x");
  CHECK(field(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK_THAT(page.body, StartsWith("<!doctype html>"));
  CHECK_THAT(field(page, "Content-Security-Policy"),
             StartsWith("default-src 'none';"));
  CHECK(field(get("/assets/app.mjs?v=1"), "Content-Type")
        == "text/javascript; charset=utf-8");
  CHECK(field(get("/assets/page.css"), "Content-Type")
        == "text/css; charset=utf-8");
  CHECK(field(get("/assets/mark.svg"), "Content-Type") == "image/svg+xml");
}

TEST_CASE("there is nothing else", "[net][prism]") {
  auto target
    = GENERATE("/mark.png", "/index.html", "/assets/", "/assets/none.mjs",
               "/assets/../index.html", "/assets/%2e%2e/index.html",
               "/assets//app.mjs", "/ws", "//", "*");
  CHECK(get(target).status == 404);
}

TEST_CASE("Prism is read and nothing else", "[net][prism]") {
  auto method = GENERATE("POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  auto response = prism_response(
    {.method = method, .target = "/", .fields = {}, .body = {}}, landing);
  CHECK(response.status == 405);
  CHECK(field(response, "Allow") == "GET, HEAD");
}

TEST_CASE("every file of the page is in the program", "[net][prism]") {
  std::set<std::string> there;
  std::filesystem::path root{COSMO_PRISM_FOLDER};
  for (const auto& entry : std::filesystem::recursive_directory_iterator{root})
    if (entry.is_regular_file())
      there.insert("/" + entry.path().lexically_relative(root).string());
  std::set<std::string> embedded;
  for (const auto& file : prism_page())
    embedded.emplace(file.path);
  CHECK(embedded == there);
}

TEST_CASE("a form-encoded query is read", "[net][prism]") {
  constexpr auto query = "a=1&url=cosmo%3A%2F%2Fh%3A1&b+c=d+e&empty=&x&a=2";
  CHECK(query_value(query, "url") == "cosmo://h:1");
  CHECK(query_value(query, "a") == "1");
  CHECK(query_value(query, "b c") == "d e");
  CHECK(query_value(query, "empty").empty());
  CHECK(query_value(query, "x").empty());
  CHECK(query_value(query, "none").empty());
  CHECK(query_value("&&=&", "url").empty());
  CHECK(query_of("/ws?url=a?b") == "url=a?b");
  CHECK(query_of("/ws").empty());
  CHECK(form_encoded("a b&c=ü ") == "a+b%26c%3D%C3%BC+");
}

TEST_CASE("only pages of this server, and no page at all, may look",
          "[net][prism]") {
  for (auto own : {"", "http://127.0.0.1:7071", "http://localhost:7071",
                   "http://[::1]:7071"})
    CHECK(is_own_origin(own, 7071));
  for (auto foreign :
       {"http://127.0.0.1", "http://127.0.0.1:7072", "https://127.0.0.1:7071",
        "http://evil.example:7071", "http://127.0.0.1:7071.evil.example",
        "null", "http://127.0.0.1:7071, http://evil.example"})
    CHECK_FALSE(is_own_origin(foreign, 7071));
  CHECK(is_own_origin("http://localhost", 80));
}

TEST_CASE("why a bus is not seen has one of few codes", "[net][prism]") {
  auto code = [](ec what) {
    return std::string{fault_of(make_error(what, "because")).code};
  };
  CHECK(code(ec::bad_argument) == "bad_url");
  CHECK(code(ec::unsupported_transport) == "bad_url");
  CHECK(code(ec::connect_failed) == "connect_failed");
  CHECK(code(ec::timeout) == "connect_failed");
  CHECK(code(ec::not_connected) == "subscribe_failed");
}

TEST_CASE("a fault has the form of an ERROR", "[net][prism]") {
  auto message = json::parse(to_message({"no_url", "say \xff where"}));
  CHECK(
    message.dump()
    == R"({"v":"1","id":"evt_prism_no_url","trace_id":"trc_prism_internal",)"
       R"("type":"ERROR","neuron":null,"ts":"1970-01-01T00:00:00Z",)"
       R"("payload":{"code":"no_url","message":"say )"
       "\xef\xbf\xbd"
       R"( where","recoverable":false},"meta":{"source":"prism"}})");
}
