// SPDX-License-Identifier: Apache-2.0
#include "source_options.hpp"

#include "longest_wait.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cosmo::net {

std::string_view expected_json(const std::string*) {
  return "a string";
}

std::string_view expected_json(const bool*) {
  return "true or false";
}

std::string_view expected_json(const int64_t*) {
  return "an integer";
}

std::string_view expected_json(const size_t*) {
  return "a non-negative integer";
}

std::string_view expected_json(const double*) {
  return "a number";
}

std::string_view expected_json(const seconds*) {
  return "a number of seconds";
}

std::string_view expected_json(const std::vector<std::string>*) {
  return "a list of strings";
}

std::string_view expected_json(const option_map*) {
  return "an object of strings";
}

std::string_view expected_json(const std::vector<http_field>*) {
  return "an object of strings";
}

std::string_view expected_json(const neuron::breaker_options*) {
  return "an object with 'failures', a non-negative integer, and 'open_for', "
         "a number of seconds";
}

bool assign(std::string& out, const json& value) {
  if (!value.is_string())
    return false;
  out = value.get<std::string>();
  return true;
}

bool assign(bool& out, const json& value) {
  if (!value.is_boolean())
    return false;
  out = value.get<bool>();
  return true;
}

bool assign(int64_t& out, const json& value) {
  constexpr uint64_t most = std::numeric_limits<int64_t>::max();
  if (!value.is_number_integer()
      || (value.is_number_unsigned() && value.get<uint64_t>() > most))
    return false;
  out = value.get<int64_t>();
  return true;
}

bool assign(size_t& out, const json& value) {
  if (!value.is_number_integer()
      || (!value.is_number_unsigned() && value.get<int64_t>() < 0))
    return false;
  out = value.get<size_t>();
  return true;
}

bool assign(double& out, const json& value) {
  if (!value.is_number())
    return false;
  out = value.get<double>();
  return true;
}

bool assign(seconds& out, const json& value) {
  if (!value.is_number())
    return false;
  out = seconds{value.get<double>()};
  return true;
}

bool assign(std::vector<std::string>& out, const json& value) {
  auto is_string = [](const json& item) { return item.is_string(); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_string))
    return false;
  out = value.get<std::vector<std::string>>();
  return true;
}

bool assign(option_map& out, const json& value) {
  std::vector<http_field> members;
  if (!assign(members, value))
    return false;
  for (auto& [name, text] : members)
    out[name] = std::move(text);
  return true;
}

bool assign(std::vector<http_field>& out, const json& value) {
  if (!value.is_object())
    return false;
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string())
      return false;
    out.push_back({name, text.get<std::string>()});
  }
  return true;
}

bool assign(neuron::breaker_options& out, const json& value) {
  if (!value.is_object() || !value.contains("failures"))
    return false;
  for (const auto& [key, member] : value.items()) {
    auto taken = key == "failures"   ? assign(out.failures, member)
                 : key == "open_for" ? assign(out.open_for, member)
                                     : false;
    if (!taken)
      return false;
  }
  return true;
}

std::string_view complaint(option_rule rule, const std::string& value) {
  auto is_control
    = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (rule == option_rule::given && value.empty())
    return "is required";
  if (rule == option_rule::no_control_chars
      && std::any_of(value.begin(), value.end(), is_control))
    return "must not contain line breaks or other control characters";
  return {};
}

std::string_view complaint(option_rule rule, double value) {
  if (rule == option_rule::positive && !(value > 0))
    return "must be > 0";
  if (rule == option_rule::not_negative && !(value >= 0))
    return "must be >= 0";
  if (rule != option_rule::any && !std::isfinite(value))
    return "must be finite";
  return {};
}

std::string_view complaint(option_rule, const neuron::breaker_options& value) {
  if (!(value.open_for.count() > 0) || value.open_for > longest_wait)
    return "must have an 'open_for' > 0 and <= 1e9";
  return {};
}

caf::error bad_option(std::string_view source, std::string_view option,
                      std::string_view complaint) {
  std::string text{"option '"};
  text.append(option).append("' of ").append(source).append(" ");
  return make_error(ec::bad_config, text.append(complaint));
}

caf::error unknown_option(std::string_view source, std::string_view option,
                          const std::vector<std::string_view>& known) {
  std::string names;
  for (auto name : known)
    names.append(names.empty() ? "" : ", ").append(name);
  std::string text{source};
  text.append(" has no option '").append(option).append("'; known: ");
  return make_error(ec::bad_config, text.append(names));
}

} // namespace cosmo::net
