// SPDX-License-Identifier: Apache-2.0
#include "support/outcome_of.hpp"
#include <cosmo/subject.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("a Signal's subject names the namespace and the type",
          "[core][subject]") {
  CHECK(signal_subject("default", signal_type::AGENT_OUTPUT).str()
        == "cosmonapse.default.AGENT_OUTPUT");
  CHECK(routed_task_subject("dev").str() == "cosmonapse.dev.TASK.routed");
}

TEST_CASE("a routed group lists capabilities by byte, each once",
          "[core][subject]") {
  CHECK(routed_task_group({"greet", "chat", "greet"}) == "caps:chat,greet");
  CHECK(routed_task_group({"b", "B", "ä", "a"}) == "caps:B,a,b,ä");
  CHECK(routed_task_group({"one"}) == "caps:one");
}

TEST_CASE("a namespace that would break subjects is refused",
          "[core][subject]") {
  const auto bad = GENERATE(""s, "a.b"s, "*"s, "a*"s, ">"s, "a>b"s, "a b"s,
                            "a\t"s, "a\n"s, "\0"s, "a\x7f"s, "a\x1f"s);
  CAPTURE(bad);
  CHECK(outcome_of(check_name_space(bad)) == "bad_argument");
}

TEST_CASE("a proper namespace is accepted", "[core][subject]") {
  const auto good = GENERATE("default"s, "a"s, "A-Z_09"s, "ä"s);
  CHECK(outcome_of(check_name_space(good)) == "ok");
}

TEST_CASE("a subject falls into tokens, empty ones included",
          "[core][subject]") {
  using tokens = std::vector<std::string_view>;
  CHECK(split_subject("a.b") == tokens{"a", "b"});
  CHECK(split_subject("a..") == tokens{"a", "", ""});
  CHECK(split_subject("") == tokens{""});
}
