// SPDX-License-Identifier: Apache-2.0
#include <cosmo/payload.hpp>
#include <cosmo/schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace cosmo;

namespace {

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> result;
  for (const auto& [key, value] : object.items())
    result.push_back(key);
  return result;
}

} // namespace

TEST_CASE("the envelope's schema has the nine keys in wire order",
          "[core][schema]") {
  const auto schema = envelope_schema();
  CHECK(schema["title"] == "Signal");
  CHECK(schema["type"] == "object");
  CHECK(schema["required"] == json::array({"type"}));
  CHECK_FALSE(schema.contains("additionalProperties"));
  const auto& properties = schema["properties"];
  CHECK(keys_of(properties)
        == std::vector<std::string>{"v", "id", "trace_id", "parent_id", "type",
                                    "directed", "ts", "payload", "meta"});
  for (const auto& [key, property] : properties.items())
    CHECK(property["description"].is_string());
  CHECK(properties["v"]["type"] == "string");
  CHECK(properties["v"]["default"] == "1");
  CHECK(properties["id"]["type"] == "string");
  CHECK_FALSE(properties["id"].contains("pattern"));
  CHECK(properties["trace_id"]["type"] == "string");
  const json null{{"type", "null"}};
  CHECK(properties["parent_id"]["anyOf"]
        == json::array({json{{"type", "string"}}, null}));
  CHECK(properties["parent_id"]["default"].is_null());
  CHECK(properties["type"]["$ref"] == "#/$defs/SignalType");
  CHECK(properties["directed"]["anyOf"]
        == json::array({json{{"$ref", "#/$defs/Directed"}}, null}));
  CHECK(properties["directed"]["default"].is_null());
  CHECK(properties["ts"]["type"] == "string");
  CHECK(properties["ts"]["format"] == "date-time");
  for (auto key : {"payload", "meta"}) {
    CHECK(properties[key]["type"] == "object");
    CHECK(properties[key]["additionalProperties"] == true);
  }
}

TEST_CASE("the envelope's schema defines Directed and SignalType",
          "[core][schema]") {
  const auto schema = envelope_schema();
  const auto& directed = schema["$defs"]["Directed"];
  CHECK(directed["type"] == "object");
  CHECK_FALSE(directed.contains("required"));
  CHECK(keys_of(directed["properties"])
        == std::vector<std::string>{"id", "type", "capabilities"});
  for (auto key : {"id", "type"}) {
    CHECK(directed["properties"][key]["anyOf"].size() == 2);
    CHECK(directed["properties"][key]["default"].is_null());
  }
  CHECK(directed["properties"]["capabilities"]["items"]["type"] == "string");
  CHECK(schema["$defs"]["SignalType"]["type"] == "string");
  CHECK(schema["$defs"]["SignalType"]["enum"] == type_names());
}

TEST_CASE("type names come in the order of the enumeration", "[core][schema]") {
  const auto names = type_names();
  REQUIRE(names.size() == signal_type_count);
  CHECK(names.front() == "TASK");
  CHECK(names.back() == "AUDIT");
}

TEST_CASE("every payload has a schema of its own", "[core][schema]") {
  for (size_t i = 0; i < signal_type_count; ++i) {
    const auto type = static_cast<signal_type>(i);
    const auto schema = payload_schema(type);
    CAPTURE(schema.dump());
    CHECK(schema["title"] == to_string(type));
    CHECK(schema["type"] == "object");
    CHECK(schema["additionalProperties"] == true);
    for (const auto& [key, property] : schema["properties"].items())
      CHECK(property["description"].is_string());
    for (const auto& key : schema["required"])
      CHECK(schema["properties"].contains(key.get<std::string>()));
  }
}

TEST_CASE("a payload's schema says what its fields are", "[core][schema]") {
  const auto recall = payload_schema(signal_type::RECALL);
  CHECK(recall["required"] == json::array({"query", "recall_mode"}));
  CHECK(recall["properties"]["query"]["type"] == "object");
  CHECK(recall["properties"]["recall_mode"]["enum"]
        == json::array({"first", "merge", "all"}));
  CHECK(recall["properties"]["recall_mode"]["default"] == "first");
  CHECK(recall["properties"]["deadline_ms"]["type"]
        == json::array({"integer", "null"}));
  const auto call = payload_schema(signal_type::TOOL_CALL);
  CHECK(call["required"] == json::array({"tool", "args"}));
  CHECK(call["properties"]["tool_name"]["type"] == "string");
  const auto note = payload_schema(signal_type::MEMORY_APPEND);
  CHECK_FALSE(note["properties"]["value"].contains("type"));
  const auto task = payload_schema(signal_type::TASK);
  CHECK(task["properties"]["capabilities"]["items"]["type"] == "string");
  CHECK(task["properties"]["finalize"]["default"] == false);
}
