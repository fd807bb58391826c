// SPDX-License-Identifier: Apache-2.0
#include "payload_codec.hpp"
#include <cosmo/schema.hpp>

namespace cosmo {

namespace {

json text_property(std::string_view description) {
  return {{"type", "string"}, {"description", description}};
}

json nullable(json type, std::string_view description) {
  return {{"anyOf", json::array({std::move(type), {{"type", "null"}}})},
          {"default", nullptr},
          {"description", description}};
}

json reference(std::string_view name) {
  return {{"$ref", "#/$defs/" + std::string{name}}};
}

json open_object(std::string_view description) {
  return {{"type", "object"},
          {"additionalProperties", true},
          {"description", description}};
}

json directed_schema() {
  const json text{{"type", "string"}};
  return {{"title", "Directed"},
          {"description", "Addressing and attribution of a Signal."},
          {"type", "object"},
          {"properties",
           {{"id", nullable(text, "whom it is for, or who produced it")},
            {"type", nullable(text, "kind of Neuron, Engram or effector")},
            {"capabilities",
             {{"type", "array"},
              {"items", {{"type", "string"}}},
              {"description", "capabilities requested or offered"}}}}}};
}

json signal_type_schema() {
  return {{"title", "SignalType"},
          {"description", "What a Signal says."},
          {"type", "string"},
          {"enum", type_names()}};
}

json envelope_properties() {
  json result(json::value_t::object);
  result["v"] = {{"type", "string"},
                 {"default", "1"},
                 {"description", "protocol version; the major part is 1"}};
  result["id"] = text_property("unique id, starts with evt_");
  result["trace_id"] = text_property("id of the workflow, starts with trc_");
  result["parent_id"]
    = nullable({{"type", "string"}}, "id of the Signal that caused this one");
  result["type"] = reference("SignalType");
  result["type"]["description"] = "what the Signal says";
  result["directed"]
    = nullable(reference("Directed"), "whom it is for, or who produced it");
  result["ts"] = {{"type", "string"},
                  {"format", "date-time"},
                  {"description", "when it was made, in UTC"}};
  result["payload"] = open_object("content, by type");
  result["meta"] = open_object("free-form remarks, never used for routing");
  return result;
}

} // namespace

json envelope_schema() {
  return {
    {"title", "Signal"},
    {"description", "One message on the bus."},
    {"type", "object"},
    {"properties", envelope_properties()},
    {"required", json::array({"type"})},
    {"$defs",
     {{"Directed", directed_schema()}, {"SignalType", signal_type_schema()}}}};
}

json payload_schema(signal_type type) {
  return codec_of(type).schema();
}

json type_names() {
  json result(json::value_t::array);
  for (size_t i = 0; i < signal_type_count; ++i)
    result.push_back(to_string(static_cast<signal_type>(i)));
  return result;
}

} // namespace cosmo
