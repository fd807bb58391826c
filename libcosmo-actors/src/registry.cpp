// SPDX-License-Identifier: Apache-2.0
#include <cosmo/json.hpp>
#include <cosmo/registry.hpp>
#include <cosmo/text_scan.hpp>

#include <algorithm>
#include <utility>

namespace cosmo {

namespace {

bool is_unicode(std::string_view text) noexcept {
  const auto* pos = text.data();
  const auto* end = pos + text.size();
  while ((pos = find_special(pos, end)) != end) {
    const auto length = utf8_length(pos, end);
    if (length == 0)
      return false;
    pos += length;
  }
  return true;
}

caf::error check(std::string_view member, std::string_view text) {
  if (is_unicode(text))
    return {};
  return make_error(ec::encode_error, std::string{member}
                                        + " of a Neuron is no valid Unicode: `"
                                        + excerpt(text) + '`');
}

caf::error check(std::string_view member, timestamp ts) {
  if (ts >= timestamp_min && ts <= timestamp_max)
    return {};
  return make_error(
    ec::bad_timestamp,
    std::string{member} + " of a Neuron is outside the years 1 to 9999: "
      + std::to_string(ts.time_since_epoch().count()) + " us since 1970");
}

template <class T>
caf::error check(std::string_view member, const std::optional<T>& value) {
  return value ? check(member, *value) : caf::error{};
}

caf::error check(std::string_view member,
                 const std::vector<std::string>& texts) {
  for (const auto& text : texts)
    if (auto err = check(member, std::string_view{text}))
      return err;
  return {};
}

// Stops at the first member that is wrong.
template <class T, class... Ts>
caf::error check_all(std::string_view member, const T& value,
                     const Ts&... rest) {
  if (auto err = check(member, value))
    return err;
  if constexpr (sizeof...(Ts) > 0)
    return check_all(rest...);
  else
    return {};
}

struct write_validator {
  caf::error operator()(const neuron_record& x) const {
    return check_all("neuron_id", x.neuron_id, "capabilities", x.capabilities,
                     "version", x.version, "status", x.status, "last_heartbeat",
                     x.last_heartbeat, "registered_at", x.registered_at);
  }

  caf::error operator()(const neuron_touch& x) const {
    return check_all("neuron_id", x.neuron_id, "last_heartbeat", x.at, "status",
                     x.status, "registered_at", x.now);
  }

  caf::error operator()(const neuron_farewell& x) const {
    return check_all("neuron_id", x.neuron_id);
  }
};

} // namespace

json to_json(const neuron_record& record) {
  json result = json::object();
  result["neuron_id"] = record.neuron_id;
  result["capabilities"] = record.capabilities;
  result["version"] = record.version ? json(*record.version) : json(nullptr);
  result["status"] = record.status;
  result["last_heartbeat"] = record.last_heartbeat
                               ? json(to_string(*record.last_heartbeat))
                               : json(nullptr);
  result["registered_at"] = to_string(record.registered_at);
  return result;
}

caf::error validate(const registry_write& change) {
  return std::visit(write_validator{}, change);
}

bool registry_filter::operator()(const neuron_record& record) const {
  if (!include_deregistered && !is_live(record))
    return false;
  if (seen_since && last_seen(record) < *seen_since)
    return false;
  return !capability
         || std::ranges::find(record.capabilities, *capability)
              != record.capabilities.end();
}

caf::error registry_store::upsert(neuron_record record) {
  return apply({std::move(record)});
}

caf::error registry_store::mark_deregistered(std::string neuron_id) {
  return apply({neuron_farewell{std::move(neuron_id)}});
}

caf::error registry_store::touch_heartbeat(std::string neuron_id, timestamp at,
                                           std::optional<std::string> status) {
  return apply({neuron_touch{std::move(neuron_id), at, std::move(status), at}});
}

} // namespace cosmo
