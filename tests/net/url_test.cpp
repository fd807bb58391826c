// SPDX-License-Identifier: Apache-2.0
#include "url.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

TEST_CASE("a URL has an origin and a target", "[net][url]") {
  auto result = parse_url("http://Example.com/a/b?c=d");
  REQUIRE(result);
  CHECK(result->origin == http_origin{false, "example.com", 80, false});
  CHECK(result->target == "/a/b?c=d");
}

TEST_CASE("a URL without a path asks for the root", "[net][url]") {
  CHECK(parse_url("http://host")->target == "/");
  CHECK(parse_url("http://host?q")->target == "/?q");
}

TEST_CASE("a URL's scheme chooses TLS and the default port", "[net][url]") {
  CHECK(parse_url("HTTPS://host")->origin
        == http_origin{true, "host", 443, false});
  CHECK(parse_url("http://host:8080")->origin.port == 8080);
}

TEST_CASE("a default port is left out of the host field", "[net][url]") {
  CHECK(host_field(parse_url("https://host:443")->origin) == "host");
  CHECK(host_field(parse_url("http://host:80")->origin) == "host");
  CHECK(host_field(parse_url("http://host:443")->origin) == "host:443");
  CHECK(host_field(parse_url("http://[::1]")->origin) == "[::1]");
}

TEST_CASE("addresses are known as such", "[net][url]") {
  CHECK(parse_url("http://127.0.0.1:1")->origin.is_ip);
  CHECK_FALSE(parse_url("http://localhost")->origin.is_ip);
  auto v6 = parse_url("http://[2001:DB8::1]:8080/x")->origin;
  CHECK(v6 == http_origin{false, "2001:db8::1", 8080, true});
  CHECK(to_string(v6) == "[2001:db8::1]:8080");
}

TEST_CASE("what is no http or https URL is refused", "[net][url]") {
  auto text = GENERATE("", "host", "ftp://host", "http:/host", "://host");
  CHECK(failure_of(parse_url(text)).code == ec::bad_argument);
}

TEST_CASE("a URL without a valid host is refused", "[net][url]") {
  auto text = GENERATE("http://", "http://:80", "http://[::1", "http://[x]",
                       "http://[127.0.0.1]", "http://[::1]x", "http://a b",
                       "http://\xC3\xA4.example", "http://[fe80::1%25eth0]",
                       "http://::1/");
  CHECK(failure_of(parse_url(text)).code == ec::bad_argument);
}

TEST_CASE("a URL without a valid port is refused", "[net][url]") {
  auto text = GENERATE("http://a:", "http://a:0", "http://a:65536",
                       "http://a:-1", "http://a:8x", "http://a:1:2");
  CHECK(failure_of(parse_url(text)).text
        == "'" + std::string{text} + "' has no valid port");
}

TEST_CASE("a URL cannot smuggle anything into the request line", "[net][url]") {
  auto text = GENERATE("http://a/b c", "http://a/\r\nX: y", "http://a/\xC3\xA4",
                       "http://a/#fragment");
  CHECK(failure_of(parse_url(text)).code == ec::bad_argument);
}

TEST_CASE("the user information of a URL is refused and not quoted",
          "[net][url]") {
  auto [code, text] = failure_of(parse_url("http://me:hunter2@host/"));
  CHECK(code == ec::bad_argument);
  CHECK(text.find("hunter2") == std::string::npos);
}
