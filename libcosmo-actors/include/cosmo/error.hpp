// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/message_types.hpp>

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace cosmo {

/// Every local error of the framework, by name.
///
/// Errors are values: functions return `caf::expected<T>`, handlers
/// `caf::result<T>`. The text form of a code is its enumerator; the message
/// that travels with it names the offending value, never an API key.
/// Numbers are part of the contract between nodes and are never reused.
/// @source errors.md section 3
enum class ec : uint8_t {
  // -- codec -----------------------------------------------------------------
  /// Bytes are not one well-formed JSON value in valid UTF-8.
  malformed_json = 1,
  /// The top-level JSON value is not an object.
  not_an_object = 2,
  /// The envelope has no `type`.
  missing_type = 3,
  /// `type` is none of the 32 signal types.
  unknown_type = 4,
  /// A present value has the wrong JSON type; the message holds its path.
  bad_field_type = 5,
  /// `v` is not major version 1.
  bad_version = 6,
  /// `id` does not start with `evt_`.
  bad_event_id = 7,
  /// `trace_id` does not start with `trc_`.
  bad_trace_id = 8,
  /// `parent_id` is neither null nor starts with `evt_`.
  bad_parent_id = 9,
  /// `ts` is no accepted instant, or outside the years 1 to 9999.
  bad_timestamp = 10,
  /// More nested containers than the limit allows.
  too_deep = 11,
  /// A frame, line or body above its limit.
  too_large = 12,
  /// A string holds invalid Unicode and cannot be written.
  encode_error = 13,
  // -- protocol and arguments ------------------------------------------------
  /// A role or type guard, or an answer to the wrong kind of request.
  protocol_violation = 20,
  /// An argument of a call is out of its domain.
  bad_argument = 21,
  /// An Axon, binding or Neuron source cannot be built from these options.
  bad_config = 22,
  /// The id is hosted here already, or the trace has a Pathway already.
  already_exists = 23,
  /// The Axon belongs to another Dendrite.
  already_attached = 24,
  /// The Axon has no Dendrite.
  not_attached = 25,
  /// Nothing is known under that id.
  not_found = 26,
  /// The call needs a registry store and the Dendrite has none.
  no_registry_store = 27,
  // -- waiting ---------------------------------------------------------------
  /// The deadline passed first.
  timeout = 30,
  /// The Pathway closed before the wait was met.
  pathway_closed = 31,
  /// STOP, stop or detach ended the Neuron's own work.
  cancelled = 32,
  /// Too many Signals are waiting for the Synapse; try again later.
  overloaded = 33,
  // -- transport -------------------------------------------------------------
  /// The Synapse or store is not connected (any more).
  not_connected = 40,
  /// A bus or HTTP host cannot be reached.
  connect_failed = 41,
  /// This build has no such transport.
  unsupported_transport = 42,
  /// The server cannot listen on that address.
  bind_failed = 43,
  /// The `cosmo://` server answered with `err`.
  wire_refused = 44,
  /// A `cosmo://` server has disconnected a client that did not read.
  slow_consumer = 45,
  // -- Neuron sources --------------------------------------------------------
  /// The input has neither prompt nor messages, or is ill-typed.
  bad_input = 50,
  /// The host name has no address.
  resolve_failed = 51,
  /// The connection ended in the middle of an exchange.
  connection_lost = 52,
  /// The TLS handshake or certificate check failed.
  tls_failed = 53,
  /// The status of the response is outside 200 to 299.
  http_status = 54,
  /// The response is not what the protocol promises.
  bad_response = 55,
  /// The MCP server's process ended, or could not be started.
  process_exited = 56,
  /// The MCP server answered with a JSON-RPC error.
  rpc_error = 57,
  /// The source's circuit breaker is open: its server has failed too often.
  breaker_open = 58,
  // -- Neurons ---------------------------------------------------------------
  /// The Neuron failed; the message is its text.
  neuron_exception = 60,
  /// The task, the Axon or its host died.
  axon_exception = 61,
  // -- stores ----------------------------------------------------------------
  /// The file is damaged; it is left as it is.
  store_corrupt = 70,
  /// The file belongs to something else; it is left as it is.
  store_foreign = 71,
  /// The file was written by a newer version; it is left as it is.
  store_too_new = 72,
  /// Somebody else held the lock for longer than the busy timeout.
  store_busy = 73,
  /// Disk full, read-only, or another fault of the storage.
  store_io = 74,
  // -- Engrams ---------------------------------------------------------------
  /// No Engram answered in time; a write may have happened all the same.
  engram_timeout = 80,
  /// The trace or the Dendrite ended before an Engram answered.
  engram_cancelled = 81,
  /// The Axon declares no Engram under that name.
  engram_not_bound = 82,
  /// Too many operations are waiting for Engrams.
  engram_overloaded = 83,
  // -- Effectors -------------------------------------------------------------
  /// No Effector answered in time; the tool may have run all the same.
  effector_timeout = 84,
  /// The trace or the Dendrite ended before an Effector answered.
  effector_cancelled = 85,
  /// The Axon declares no Effector under that name.
  effector_not_bound = 86,
  /// Too many calls are waiting for Effectors.
  effector_overloaded = 87,
  // -- supervisors -----------------------------------------------------------
  /// More restarts within the period than the supervisor allows.
  restart_intensity = 90,
  /// The factory of a child threw or returned no actor.
  child_start_failed = 91,
  /// The child is running or about to be: terminate it first.
  child_not_stopped = 92,
  /// Too many messages wait for a child that is being restarted.
  stash_full = 93,
};

/// The enumerator's name, which is the error's public name.
std::string to_string(ec code);

/// @returns whether `name` was one, with the code in `out`.
bool from_string(std::string_view name, ec& out);

bool from_integer(uint8_t value, ec& out);

template <class Inspector>
bool inspect(Inspector& f, ec& code) {
  auto get = [&code] { return static_cast<uint8_t>(code); };
  auto set = [&code](uint8_t value) { return from_integer(value, code); };
  return f.apply(get, set);
}

/// An error with the text that tells the user what was wrong.
caf::error make_error(ec code, std::string text);

/// The text of an error: its message if it carries one, else its name.
std::string message_of(const caf::error& err);

/// `name: message`, for logs and exceptions' texts.
std::string describe(const caf::error& err);

} // namespace cosmo

CAF_ERROR_CODE_ENUM(cosmo::ec)
