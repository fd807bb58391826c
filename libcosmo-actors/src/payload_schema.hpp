// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/field_table.hpp>

#include <string_view>

/// JSON Schemas from field tables.
namespace cosmo::fields {

inline void describe_type(json& out, const std::string*) {
  out["type"] = "string";
}

inline void describe_type(json& out, const bool*) {
  out["type"] = "boolean";
}

inline void describe_type(json& out, const int64_t*) {
  out["type"] = "integer";
}

inline void describe_type(json& out, const double*) {
  out["type"] = "number";
}

inline void describe_type(json& out, const std::vector<std::string>*) {
  out["type"] = "array";
  out["items"] = {{"type", "string"}};
}

// What a `json` member may hold is said by the field's shape.
inline void describe_type(json&, const json*) {
  // nop
}

template <class T>
void describe_type(json& out, const std::optional<T>*) {
  describe_type(out, static_cast<const T*>(nullptr));
}

inline void describe_shape(json& out, shape expected) {
  if (expected == shape::string)
    out["type"] = "string";
  else if (expected == shape::object)
    out["type"] = "object";
  else if (expected == shape::array)
    out["type"] = "array";
}

// Empty texts and containers say nothing that the description does not.
template <class T>
void describe_default(json& out, const T& value) {
  if constexpr (std::is_arithmetic_v<T>)
    out["default"] = value;
  else if constexpr (std::is_same_v<T, std::string>)
    if (!value.empty())
      out["default"] = value;
}

template <class Owner, class Member>
json describe_field(const field<Owner, Member>& fd) {
  json result(json::value_t::object);
  describe_type(result, static_cast<const Member*>(nullptr));
  describe_shape(result, fd.expects);
  // Readers take null for everything that may be left out.
  if (fd.when != presence::always && result.contains("type"))
    result["type"] = json::array({result["type"], "null"});
  for (auto choice : fd.one_of)
    result["enum"].push_back(choice);
  describe_default(result, Owner{}.*fd.member);
  result["description"] = fd.doc;
  return result;
}

template <class Owner, class Member>
void add_to_schema(json& properties, json& required,
                   const field<Owner, Member>& fd) {
  properties[std::string{fd.name}] = describe_field(fd);
  if (fd.when == presence::always)
    required.push_back(fd.name);
}

template <class Owner, class Member>
void add_mirror_to_schema(json& properties, const field<Owner, Member>& fd) {
  if (fd.mirror.empty())
    return;
  auto mirror = describe_field(fd);
  mirror["description"] = "repeats " + std::string{fd.name};
  properties[std::string{fd.mirror}] = std::move(mirror);
}

} // namespace cosmo::fields
