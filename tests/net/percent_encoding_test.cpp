// SPDX-License-Identifier: Apache-2.0
#include "percent_encoding.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;

TEST_CASE("all but unreserved characters are escaped",
          "[net][percent_encoding]") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a b&c=d/e?f#g%h+i")
        == "a%20b%26c%3Dd%2Fe%3Ff%23g%25h%2Bi");
  CHECK(percent_encode("\xC3\xA9\r\n") == "%C3%A9%0D%0A");
}

TEST_CASE("a form names every simple value", "[net][percent_encoding]") {
  auto form = encode_form({{"q", "a b"},
                           {"n", 1},
                           {"x", 0.5},
                           {"yes", true},
                           {"gone", nullptr},
                           {"list", {"a", 2, nullptr}},
                           {"k&y", ""}});
  REQUIRE(form);
  CHECK(*form == "q=a%20b&n=1&x=0.5&yes=true&list=a&list=2&k%26y=");
  CHECK(encode_form(json::object())->empty());
}

TEST_CASE("what has no place in a form is refused by name",
          "[net][percent_encoding]") {
  CHECK(message_of(encode_form(7).error()) == "must be an object");
  auto expected
    = "holds 'deep', which must be a simple value or a list of them";
  CHECK(message_of(encode_form({{"deep", {{"a", 1}}}}).error()) == expected);
  CHECK(
    message_of(encode_form({{"deep", json::array({json::array()})}}).error())
    == expected);
}
