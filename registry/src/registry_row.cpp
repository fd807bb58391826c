// SPDX-License-Identifier: Apache-2.0
#include "registry_row.hpp"

#include <cosmo/json.hpp>

#include <utility>

namespace cosmo::registry {

namespace {

caf::error refuse(std::string_view column, std::string_view why) {
  return make_error(ec::store_corrupt,
                    std::string{column} + ": " + std::string{why});
}

caf::error read_capabilities(std::string_view text,
                             std::vector<std::string>& out) {
  if (text.empty())
    return {};
  json parsed;
  if (!json_from_wire(text, parsed) || !parsed.is_array())
    return refuse("capabilities", "no JSON array");
  out.reserve(parsed.size());
  for (auto& element : parsed) {
    auto* capability = element.get_ptr<json::string_t*>();
    if (!capability)
      return refuse("capabilities", "not all of them are texts");
    out.push_back(std::move(*capability));
  }
  return {};
}

caf::error read_instant(std::string_view column, std::string_view text,
                        timestamp& out) {
  auto parsed = parse_timestamp(text);
  if (!parsed)
    return refuse(column, message_of(parsed.error()));
  out = *parsed;
  return {};
}

} // namespace

caf::expected<neuron_record> to_record(registry_row row) {
  neuron_record result{.neuron_id = std::move(row.neuron_id),
                       .version = std::move(row.version),
                       .status = std::move(row.status)};
  if (auto err = read_capabilities(row.capabilities, result.capabilities))
    return err;
  if (!row.last_heartbeat.empty())
    if (auto err = read_instant("last_heartbeat", row.last_heartbeat,
                                result.last_heartbeat.emplace()))
      return err;
  if (auto err
      = read_instant("registered_at", row.registered_at, result.registered_at))
    return err;
  // Others may have written bytes that are no Unicode.
  registry_write checked{std::move(result)};
  if (auto err = validate(checked))
    return make_error(ec::store_corrupt, message_of(err));
  return std::get<neuron_record>(std::move(checked));
}

std::string instant_text(timestamp ts) {
  std::string result;
  result.reserve(sizeof("YYYY-MM-DDTHH:MM:SS.ffffff+00:00"));
  append_timestamp(result, ts);
  result.pop_back();
  result += "+00:00";
  return result;
}

std::string capabilities_text(const std::vector<std::string>& capabilities) {
  return json_to_wire(json(capabilities));
}

} // namespace cosmo::registry
