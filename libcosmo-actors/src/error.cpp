// SPDX-License-Identifier: Apache-2.0
#include <cosmo/error.hpp>

#include <caf/init_global_meta_objects.hpp>
#include <caf/message.hpp>

#include <array>
#include <utility>

namespace cosmo {

namespace {

constexpr std::pair<ec, std::string_view> names[] = {
  {ec::malformed_json, "malformed_json"},
  {ec::not_an_object, "not_an_object"},
  {ec::missing_type, "missing_type"},
  {ec::unknown_type, "unknown_type"},
  {ec::bad_field_type, "bad_field_type"},
  {ec::bad_version, "bad_version"},
  {ec::bad_event_id, "bad_event_id"},
  {ec::bad_trace_id, "bad_trace_id"},
  {ec::bad_parent_id, "bad_parent_id"},
  {ec::bad_timestamp, "bad_timestamp"},
  {ec::too_deep, "too_deep"},
  {ec::too_large, "too_large"},
  {ec::encode_error, "encode_error"},
  {ec::protocol_violation, "protocol_violation"},
  {ec::bad_argument, "bad_argument"},
  {ec::bad_config, "bad_config"},
  {ec::already_exists, "already_exists"},
  {ec::already_attached, "already_attached"},
  {ec::not_attached, "not_attached"},
  {ec::not_found, "not_found"},
  {ec::no_registry_store, "no_registry_store"},
  {ec::timeout, "timeout"},
  {ec::pathway_closed, "pathway_closed"},
  {ec::cancelled, "cancelled"},
  {ec::overloaded, "overloaded"},
  {ec::not_connected, "not_connected"},
  {ec::connect_failed, "connect_failed"},
  {ec::unsupported_transport, "unsupported_transport"},
  {ec::bind_failed, "bind_failed"},
  {ec::wire_refused, "wire_refused"},
  {ec::slow_consumer, "slow_consumer"},
  {ec::bad_input, "bad_input"},
  {ec::resolve_failed, "resolve_failed"},
  {ec::connection_lost, "connection_lost"},
  {ec::tls_failed, "tls_failed"},
  {ec::http_status, "http_status"},
  {ec::bad_response, "bad_response"},
  {ec::process_exited, "process_exited"},
  {ec::rpc_error, "rpc_error"},
  {ec::breaker_open, "breaker_open"},
  {ec::neuron_exception, "neuron_exception"},
  {ec::axon_exception, "axon_exception"},
  {ec::store_corrupt, "store_corrupt"},
  {ec::store_foreign, "store_foreign"},
  {ec::store_too_new, "store_too_new"},
  {ec::store_busy, "store_busy"},
  {ec::store_io, "store_io"},
  {ec::engram_timeout, "engram_timeout"},
  {ec::engram_cancelled, "engram_cancelled"},
  {ec::engram_not_bound, "engram_not_bound"},
  {ec::engram_overloaded, "engram_overloaded"},
  {ec::effector_timeout, "effector_timeout"},
  {ec::effector_cancelled, "effector_cancelled"},
  {ec::effector_not_bound, "effector_not_bound"},
  {ec::effector_overloaded, "effector_overloaded"},
  {ec::restart_intensity, "restart_intensity"},
  {ec::child_start_failed, "child_start_failed"},
  {ec::child_not_stopped, "child_not_stopped"},
  {ec::stash_full, "stash_full"},
};

} // namespace

std::string to_string(ec code) {
  for (auto& [value, name] : names)
    if (value == code)
      return std::string{name};
  return "unknown_error";
}

bool from_string(std::string_view name, ec& out) {
  for (auto& [value, text] : names) {
    if (text == name) {
      out = value;
      return true;
    }
  }
  return false;
}

bool from_integer(uint8_t value, ec& out) {
  for (auto& entry : names) {
    if (static_cast<uint8_t>(entry.first) == value) {
      out = entry.first;
      return true;
    }
  }
  return false;
}

caf::error make_error(ec code, std::string text) {
  // The text is a CAF message, whose type must be known even when there is no
  // actor system yet.
  static const bool types_known = [] {
    caf::core::init_global_meta_objects();
    return true;
  }();
  static_cast<void>(types_known);
  return caf::error{code, caf::make_message(std::move(text))};
}

std::string message_of(const caf::error& err) {
  if (!err)
    return {};
  const auto& context = err.context();
  if (context.match_elements<std::string>())
    return context.get_as<std::string>(0);
  return caf::to_string(err);
}

std::string describe(const caf::error& err) {
  if (!err)
    return "no error";
  if (err.category() != caf::type_id_v<ec>)
    return caf::to_string(err);
  return to_string(static_cast<ec>(err.code())) + ": " + message_of(err);
}

} // namespace cosmo
