// SPDX-License-Identifier: Apache-2.0
#include <cosmo/effector_call.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace std::literals;

namespace {

tool_schema add() {
  return {.name = "add",
          .description = "Adds.",
          .properties = {{"a", {{"type", "integer"}}},
                         {"b", {{"type", "number"}}},
                         {"unit", {{"enum", {"m", "km"}}}}},
          .required = {"a", "b"}};
}

std::string problems(const json& args, bool strict = false) {
  auto schema = add();
  schema.strict = strict;
  return schema.problems(args).value_or("none");
}

} // namespace

TEST_CASE("a schema lists its parameters", "[core][tool_schema]") {
  auto schema = add();
  CHECK(schema.parameters()
        == json{{"type", "object"},
                {"properties", schema.properties},
                {"required", {"a", "b"}}});
  schema.required = {};
  schema.strict = true;
  CHECK(schema.parameters()
        == json{{"type", "object"},
                {"properties", schema.properties},
                {"additionalProperties", false}});
}

TEST_CASE("two shapes are known, and all others are OpenAI's",
          "[core][tool_schema]") {
  auto schema = add();
  json theirs{{"name", "add"},
              {"description", "Adds."},
              {"input_schema", schema.parameters()}};
  json ours{{"type", "function"},
            {"function",
             {{"name", "add"},
              {"description", "Adds."},
              {"parameters", schema.parameters()}}}};
  CHECK(schema.render("anthropic") == theirs);
  CHECK(schema.render("claude") == theirs);
  CHECK(schema.render("openai") == ours);
  CHECK(schema.render("ollama") == ours);
  CHECK(schema.render("no such dialect") == ours);
}

TEST_CASE("a schema needs a name and knows what it requires",
          "[core][tool_schema]") {
  CHECK_FALSE(check(add()));
  CHECK(describe(check(tool_schema{.name = ""}))
        == "bad_config: a tool schema needs a name");
  CHECK(describe(check(tool_schema{.name = "t", .required = {"x"}}))
        == "bad_config: required argument 'x' of the tool t is not in "
           "properties");
  CHECK(describe(check(tool_schema{.name = "t", .properties = 7}))
        == "bad_config: properties of the tool t must be an object, not "
           "number");
}

TEST_CASE("arguments are checked against the schema", "[core][tool_schema]") {
  CHECK(problems({{"a", 1}, {"b", 2.5}}) == "none");
  CHECK(problems({{"a", 1}, {"b", 2}, {"unit", "m"}}) == "none");
  CHECK(problems({{"b", 2}})
        == "bad arguments of 'add': missing required argument(s): a");
  CHECK(problems(json::object())
        == "bad arguments of 'add': missing required argument(s): a, b");
  CHECK(problems({{"a", "1"}, {"b", 2}})
        == "bad arguments of 'add': argument 'a' must be integer");
  CHECK(problems({{"a", 1.5}, {"b", nullptr}})
        == "bad arguments of 'add': argument 'a' must be integer; argument 'b' "
           "must be number");
  CHECK(
    problems({{"a", 1}, {"b", 2}, {"unit", "mile"}})
    == R"(bad arguments of 'add': argument 'unit' must be one of ["m","km"])");
  CHECK(problems(json::array())
        == "arguments of 'add' must be an object, not array");
}

TEST_CASE("a boolean is neither an integer nor a number",
          "[core][tool_schema]") {
  CHECK(problems({{"a", true}, {"b", false}})
        == "bad arguments of 'add': argument 'a' must be integer; argument 'b' "
           "must be number");
}

TEST_CASE("only a strict schema minds undeclared arguments",
          "[core][tool_schema]") {
  json args{{"a", 1}, {"b", 2}, {"c", 3}};
  CHECK(problems(args) == "none");
  CHECK(problems(args, true) == "bad arguments of 'add': unknown argument 'c'");
}

TEST_CASE("schemas that say little or nonsense let values pass",
          "[core][tool_schema]") {
  tool_schema odd{.name = "t",
                  .properties = {{"a", {{"type", {"string", "null"}}}},
                                 {"b", {{"type", "colour"}}},
                                 {"c", 7},
                                 {"d", {{"enum", "x"}}},
                                 {"e", {{"type", 7}}}}};
  CHECK_FALSE(
    odd.problems({{"a", nullptr}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}));
  CHECK(odd.problems({{"a", 1}})
        == "bad arguments of 't': argument 'a' must be string or null");
}

TEST_CASE("a binding needs a name and somebody to ask", "[core][tool_schema]") {
  auto text
    = [](const effector_binding& binding) { return describe(check(binding)); };
  CHECK_FALSE(check(effector_binding{.name = "x", .directed_id = "e"}));
  CHECK_FALSE(check(effector_binding{.name = "x", .directed_type = "k"}));
  CHECK(text({.name = "", .directed_id = "e"})
        == "bad_config: an Effector binding needs a name");
  CHECK(text({.name = "x"})
        == "bad_config: the Effector binding x needs a directed_id (an "
           "effector_id) or a directed_type (an effector_kind)");
  CHECK(text({.name = "x", .directed_id = "e", .default_deadline = -1ms})
        == "bad_config: default_deadline of the Effector binding x must not be "
           "negative: -1 ms");
  CHECK(
    text(
      {.name = "x", .directed_id = "e", .schemas = {tool_schema{.name = ""}}})
    == "bad_config: a tool schema needs a name");
}

TEST_CASE("a binding's tools are those of its schemas unless they are given",
          "[core][tool_schema]") {
  effector_binding binding{.name = "x", .directed_id = "e", .schemas = {add()}};
  CHECK(binding.lists("add"));
  CHECK_FALSE(binding.lists("sub"));
  binding.tools = {"sub"};
  CHECK_FALSE(binding.lists("add"));
  CHECK(binding.lists("sub"));
  CHECK(binding.schema_of("add") == &binding.schemas[0]);
  CHECK(binding.schema_of("sub") == nullptr);
}
