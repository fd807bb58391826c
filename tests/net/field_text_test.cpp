// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::net;

using texts = std::vector<std::string>;

TEST_CASE("fields that identify the caller are secret, with and without scheme",
          "[net][field_text]") {
  CHECK(secrets_in({{"authorization", "Bearer k1"}, {"X-API-Key", "k2"}})
        == texts{"Bearer k1", "k1", "k2"});
}

TEST_CASE("so is whatever is long enough for a key", "[net][field_text]") {
  CHECK(secrets_in({{"api-key", "12345678"},
                    {"X-Trace", "on"},
                    {"Content-Type", "application/json"},
                    {"X-Empty", ""}})
        == texts{"12345678"});
}

TEST_CASE("a field with a line break is refused without its value",
          "[net][field_text]") {
  CHECK_FALSE(validate_fields({{"A", "b"}}));
  auto error = validate_fields({{"A", "k\r\n"}});
  CHECK(error == cosmo::ec::bad_argument);
  CHECK(cosmo::message_of(error) == "HTTP field A has a control character");
}
