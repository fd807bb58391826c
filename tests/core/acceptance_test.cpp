// SPDX-License-Identifier: Apache-2.0
#include <cosmo/acceptance.hpp>
#include <cosmo/log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace cosmo;

namespace {

using outcomes = std::vector<std::string>;

acceptance into(outcomes& told) {
  return acceptance{[&told](const caf::error& outcome) {
    told.push_back(outcome ? describe(outcome) : "accepted");
  }};
}

} // namespace

TEST_CASE("an acceptance is told once", "[core][acceptance]") {
  outcomes told;
  {
    auto wish = into(told);
    auto copy = wish;
    copy.tell({});
    wish.tell(make_error(ec::not_connected, "too late"));
    CHECK(told == outcomes{"accepted"});
  }
  CHECK(told == outcomes{"accepted"});
}

TEST_CASE("an acceptance that goes away untold says so", "[core][acceptance]") {
  outcomes told;
  {
    auto wish = into(told);
    auto copy = wish;
    wish = {};
    CHECK(told.empty());
  }
  CHECK(told == outcomes{"cancelled: nobody has taken the Signal"});
}

TEST_CASE("whoever throws when told harms nobody", "[core][acceptance]") {
  std::vector<std::string> logged;
  log::set_sink([&](log::level, std::string_view, std::string_view event,
                    std::string_view) { logged.emplace_back(event); });
  acceptance{[](const caf::error&) { throw std::runtime_error{"mine"}; }}.tell(
    {});
  acceptance{[](const caf::error&) { throw 1; }}.tell({});
  log::set_sink({});
  CHECK(logged == std::vector<std::string>{"handler-threw", "handler-threw"});
}

TEST_CASE("an empty acceptance is told nothing", "[core][acceptance]") {
  acceptance nobody;
  nobody.tell({});
  SUCCEED();
}
