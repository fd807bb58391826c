// SPDX-License-Identifier: Apache-2.0
#include <cosmo/tool_schema.hpp>

#include <algorithm>

namespace cosmo {

namespace {

/// Whether a value is of a JSON type; one that is not known lets all pass.
bool is_of_type(const json& value, std::string_view type) {
  if (type == "string")
    return value.is_string();
  if (type == "integer")
    return value.is_number_integer();
  if (type == "number")
    return value.is_number();
  if (type == "boolean")
    return value.is_boolean();
  if (type == "object")
    return value.is_object();
  if (type == "array")
    return value.is_array();
  if (type == "null")
    return value.is_null();
  return true;
}

/// The types that a property's schema allows, none for all.
std::vector<std::string> types_of(const json& property) {
  std::vector<std::string> result;
  auto add = [&](const json& type) {
    if (type.is_string())
      result.push_back(type.get<std::string>());
  };
  if (auto i = property.find("type"); i != property.end()) {
    if (i->is_array())
      std::ranges::for_each(*i, add);
    else
      add(*i);
  }
  return result;
}

std::string joined(const std::vector<std::string>& texts, const char* by) {
  std::string result;
  for (auto& text : texts)
    result += (result.empty() ? "" : by) + text;
  return result;
}

/// What is wrong with the value of one declared argument.
void check_value(const std::string& name, const json& value,
                 const json& property, std::vector<std::string>& found) {
  if (!property.is_object())
    return;
  auto types = types_of(property);
  auto fits = [&](const std::string& type) { return is_of_type(value, type); };
  if (!types.empty() && std::ranges::none_of(types, fits))
    found.push_back("argument '" + name + "' must be " + joined(types, " or "));
  auto choice = property.find("enum");
  if (choice != property.end() && choice->is_array()
      && std::ranges::find(*choice, value) == choice->end())
    found.push_back("argument '" + name + "' must be one of "
                    + json_to_wire(*choice));
}

} // namespace

json tool_schema::parameters() const {
  json result{{"type", "object"}, {"properties", properties}};
  if (!required.empty())
    result["required"] = required;
  if (strict)
    result["additionalProperties"] = false;
  return result;
}

json tool_schema::render(std::string_view dialect) const {
  if (dialect == "anthropic" || dialect == "claude")
    return {{"name", name},
            {"description", description},
            {"input_schema", parameters()}};
  return {{"type", "function"},
          {"function",
           {{"name", name},
            {"description", description},
            {"parameters", parameters()}}}};
}

std::optional<std::string> tool_schema::problems(const json& args) const {
  if (!args.is_object())
    return "arguments of '" + name + "' must be an object, not "
           + args.type_name();
  std::vector<std::string> found;
  std::vector<std::string> missing;
  for (auto& key : required)
    if (!args.contains(key))
      missing.push_back(key);
  if (!missing.empty())
    found.push_back("missing required argument(s): " + joined(missing, ", "));
  for (auto& [key, value] : args.items()) {
    if (auto property = properties.find(key); property != properties.end())
      check_value(key, value, *property, found);
    else if (strict)
      found.push_back("unknown argument '" + key + "'");
  }
  if (found.empty())
    return std::nullopt;
  return "bad arguments of '" + name + "': " + joined(found, "; ");
}

caf::error check(const tool_schema& schema) {
  if (schema.name.empty())
    return make_error(ec::bad_config, "a tool schema needs a name");
  if (!schema.properties.is_object())
    return make_error(ec::bad_config, "properties of the tool " + schema.name
                                        + " must be an object, not "
                                        + schema.properties.type_name());
  for (auto& key : schema.required)
    if (!schema.properties.contains(key))
      return make_error(ec::bad_config, "required argument '" + key
                                          + "' of the tool " + schema.name
                                          + " is not in properties");
  return {};
}

} // namespace cosmo
