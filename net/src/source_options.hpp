// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron/breaker.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Options of a Neuron source exist twice for its users, as a struct and as
/// JSON. One table per source describes both. @source neurons.md 7.5, 22
namespace cosmo::net {

using seconds = std::chrono::duration<double>;

/// What an option must be besides well-typed.
enum class option_rule {
  any,
  given,
  positive,
  not_negative,
  finite,
  no_control_chars,
};

using option_map = std::map<std::string, std::string>;

template <class Options>
struct option_spec {
  using member_type = std::variant<
    std::string Options::*, int64_t Options::*, size_t Options::*,
    seconds Options::*, std::vector<std::string> Options::*,
    std::optional<std::string> Options::*, std::optional<bool> Options::*,
    bool Options::*, std::optional<int64_t> Options::*,
    std::vector<http_field> Options::*, neuron::breaker_options Options::*,
    std::optional<double> Options::*, option_map Options::*>;

  std::string_view name;
  member_type member;
  option_rule rule = option_rule::any;
};

/// Adds the options that every source has which asks over HTTP.
template <class Options, size_t N>
constexpr auto with_client_options(option_spec<Options> (&&own)[N]) {
  const option_spec<Options> shared[] = {
    {"timeout", &Options::timeout, option_rule::positive},
    {"max_response_bytes", &Options::max_response_bytes, option_rule::positive},
    {"ca_file", &Options::ca_file},
    {"max_concurrency", &Options::max_concurrency},
    {"requests_per_minute", &Options::requests_per_minute},
    {"breaker", &Options::breaker},
  };
  std::array<option_spec<Options>, N + std::size(shared)> result;
  auto end = std::copy(std::begin(own), std::end(own), result.begin());
  std::copy(std::begin(shared), std::end(shared), end);
  return result;
}

/// Adds those of every source for language models.
template <class Options, size_t N>
constexpr auto with_model_options(option_spec<Options> (&&own)[N]) {
  auto shared = with_client_options<Options>(
    {{"tokens_per_minute", &Options::tokens_per_minute}});
  std::array<option_spec<Options>, N + shared.size()> result;
  auto end = std::copy(std::begin(own), std::end(own), result.begin());
  std::copy(shared.begin(), shared.end(), end);
  return result;
}

// -- one value ----------------------------------------------------------------

/// What the JSON of an option must be: "a string".
std::string_view expected_json(const std::string*);
std::string_view expected_json(const bool*);
std::string_view expected_json(const int64_t*);
std::string_view expected_json(const size_t*);
std::string_view expected_json(const double*);
std::string_view expected_json(const seconds*);
std::string_view expected_json(const std::vector<std::string>*);
std::string_view expected_json(const option_map*);
std::string_view expected_json(const std::vector<http_field>*);
std::string_view expected_json(const neuron::breaker_options*);

template <class T>
std::string_view expected_json(const std::optional<T>*) {
  return expected_json(static_cast<const T*>(nullptr));
}

/// @returns whether `value` had the right type.
bool assign(std::string& out, const json& value);
bool assign(bool& out, const json& value);
bool assign(int64_t& out, const json& value);
bool assign(size_t& out, const json& value);
bool assign(double& out, const json& value);
bool assign(seconds& out, const json& value);
bool assign(std::vector<std::string>& out, const json& value);
bool assign(option_map& out, const json& value);
bool assign(std::vector<http_field>& out, const json& value);
bool assign(neuron::breaker_options& out, const json& value);

template <class T>
bool assign(std::optional<T>& out, const json& value) {
  return assign(out.emplace(), value);
}

/// @returns what is wrong with the value, or an empty text.
std::string_view complaint(option_rule rule, const std::string& value);
std::string_view complaint(option_rule rule, double value);
std::string_view complaint(option_rule rule,
                           const neuron::breaker_options& value);

template <std::integral T>
std::string_view complaint(option_rule rule, T value) {
  return complaint(rule, static_cast<double>(value));
}

inline std::string_view complaint(option_rule rule, const seconds& value) {
  return complaint(rule, value.count());
}

/// Lists and maps of the right type have nothing left to complain about.
template <class T>
std::string_view complaint(option_rule, const std::vector<T>&) {
  return {};
}

inline std::string_view complaint(option_rule, const option_map&) {
  return {};
}

template <class T>
std::string_view complaint(option_rule rule, const std::optional<T>& value) {
  return value ? complaint(rule, *value) : std::string_view{};
}

caf::error bad_option(std::string_view source, std::string_view option,
                      std::string_view complaint);

caf::error unknown_option(std::string_view source, std::string_view option,
                          const std::vector<std::string_view>& known);

// -- a table ------------------------------------------------------------------

template <class Options>
using option_table = std::span<const option_spec<Options>>;

/// Reads the JSON form; `null` stands for an option that is not given.
/// @returns ec::bad_config naming the source and the option.
template <class Options>
caf::expected<Options> read_options(std::string_view source,
                                    option_table<Options> table,
                                    const json& values) {
  if (!values.is_object() && !values.is_null())
    return make_error(ec::bad_config, "the options of " + std::string{source}
                                        + " must be an object");
  Options result;
  for (const auto& [key, value] : values.items()) {
    const option_spec<Options>* spec = nullptr;
    std::vector<std::string_view> known;
    for (const auto& item : table) {
      known.push_back(item.name);
      if (item.name == key)
        spec = &item;
    }
    if (!spec)
      return unknown_option(source, key, known);
    if (value.is_null())
      continue;
    auto take = [&, &given = value](auto member) -> std::string_view {
      auto& target = result.*member;
      return assign(target, given) ? std::string_view{}
                                   : expected_json(&target);
    };
    auto expected = std::visit(take, spec->member);
    if (!expected.empty())
      return bad_option(source, key, "must be " + std::string{expected});
  }
  return result;
}

/// Applies the rules of the table, whichever form the options had.
template <class Options>
caf::error check_options(std::string_view source, option_table<Options> table,
                         const Options& options) {
  for (const auto& spec : table) {
    auto check
      = [&](auto member) { return complaint(spec.rule, options.*member); };
    auto wrong = std::visit(check, spec.member);
    if (!wrong.empty())
      return bad_option(source, spec.name, wrong);
  }
  return {};
}

} // namespace cosmo::net
