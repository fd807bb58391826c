// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"
#include "json_writer.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>
#include <cosmo/limits.hpp>

namespace cosmo {

bool truthy(const json& value) noexcept {
  switch (value.type()) {
    case json::value_t::null:
    case json::value_t::discarded:
      return false;
    case json::value_t::boolean:
      return *value.get_ptr<const json::boolean_t*>();
    case json::value_t::number_integer:
      return *value.get_ptr<const json::number_integer_t*>() != 0;
    case json::value_t::number_unsigned:
      return *value.get_ptr<const json::number_unsigned_t*>() != 0;
    case json::value_t::number_float:
      return *value.get_ptr<const json::number_float_t*>() != 0.0;
    case json::value_t::string:
      return !value.get_ptr<const json::string_t*>()->empty();
    default:
      return !value.empty();
  }
}

const json& empty_object() noexcept {
  // Never destroyed: Signals may outlive static storage at exit.
  static const auto& instance = *new json(json::value_t::object);
  return instance;
}

const json& empty_array() noexcept {
  static const auto& instance = *new json(json::value_t::array);
  return instance;
}

std::string json_to_wire(const json& value) {
  std::string result;
  // What was decoded must travel on, hence the reader's bound.
  json_writer out{result, limits::decode_depth_max};
  if (!out.value(value))
    result.clear();
  return result;
}

bool json_from_wire(std::string_view text, json& out) {
  json_reader in{text, limits::decode_depth_max};
  return in.read_value(out) && in.finish();
}

caf::expected<json> parse_json(std::string_view text) {
  if (text.size() > limits::frame_bytes_max)
    return make_error(ec::too_large, std::to_string(text.size()) + " bytes");
  json_reader in{text, limits::decode_depth_max};
  json result;
  if (!in.read_value(result) || !in.finish())
    return in.fault();
  return result;
}

caf::expected<std::string> write_json(const json& value) {
  std::string result;
  json_writer out{result, limits::encode_depth_max};
  if (!out.value(value))
    return out.fault();
  return result;
}

} // namespace cosmo
