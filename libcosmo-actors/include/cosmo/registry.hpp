// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/json_fwd.hpp>
#include <cosmo/timestamp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cosmo {

/// What a registry knows about one Neuron. @source synapse-and-cli.md 8.1
struct neuron_record {
  /// The key; a store holds the Neurons of one namespace.
  std::string neuron_id;
  /// In the order in which they were announced.
  std::vector<std::string> capabilities = {};
  std::optional<std::string> version = {};
  /// `registered`, `draining`, `deregistered`, or what a HEARTBEAT said.
  std::string status = "registered";
  std::optional<timestamp> last_heartbeat = {};
  /// When it was seen for the first time.
  timestamp registered_at = {};

  bool operator==(const neuron_record&) const = default;
};

/// The one status that takes a record out of live reads.
inline constexpr std::string_view status_deregistered = "deregistered";

/// Whether the Neuron has not taken its leave.
inline bool is_live(const neuron_record& record) noexcept {
  return record.status != status_deregistered;
}

/// When the Neuron was last heard of.
inline timestamp last_seen(const neuron_record& record) noexcept {
  return record.last_heartbeat.value_or(record.registered_at);
}

/// The six members by their names, instants as texts.
json to_json(const neuron_record& record);

/// A sign of life. Sets `last_heartbeat`, and the status if there is one; an
/// unknown Neuron gets a record with nothing else in it.
struct neuron_touch {
  std::string neuron_id;
  /// When the Neuron gave it; the last one written counts, even if older.
  timestamp at;
  /// Empty counts as absent.
  std::optional<std::string> status = {};
  /// `registered_at` of a new record.
  timestamp now;
};

/// A farewell; nothing happens if the Neuron is unknown.
struct neuron_farewell {
  std::string neuron_id;
};

/// One change. A record is inserted or replaces the one of its id, whose
/// `registered_at` is kept.
using registry_write
  = std::variant<neuron_record, neuron_touch, neuron_farewell>;

/// Whether a store can keep it: texts are Unicode, instants within the bounds.
/// One row that breaks this makes a shared file unreadable to other SDKs.
/// @returns ec::encode_error or bad_timestamp naming the member.
caf::error validate(const registry_write& change);

/// Which records to read; all criteria must hold.
struct registry_filter {
  /// Exact and case-sensitive.
  std::optional<std::string> capability = {};
  bool include_deregistered = false;
  /// Leaves out who was last seen before.
  std::optional<timestamp> seen_since = {};

  bool operator()(const neuron_record& record) const;
};

/// Where a Dendrite keeps what it knows about Neurons. Implemented by
/// `memory_registry_store` and `sqlite_registry_store`, or by yourself.
///
/// Calls may block: inside a runtime one actor owns the store and makes them
/// off the scheduler, so that neighbouring writes become one call of `apply`.
/// What an implementation throws counts as ec::store_io.
/// @affinity any thread   @source synapse-and-cli.md section 8
class registry_store {
public:
  virtual ~registry_store() = default;

  /// Opens what it stands on, and makes it if it is not there. Idempotent.
  /// @returns ec::store_corrupt, store_foreign, store_too_new, store_busy or
  ///          store_io naming the place; nothing is touched then.
  virtual caf::error connect() = 0;

  /// Lets go of it. Idempotent; `connect` may follow.
  virtual void close() = 0;

  /// Makes changes in order: all of them or none.
  /// @returns ec::not_connected, store_busy, store_io, store_corrupt, or what
  ///          `validate` says about one of them.
  virtual caf::error apply(const std::vector<registry_write>& changes) = 0;

  /// @returns ec::not_found naming the id, or not_connected, store_busy,
  ///          store_io, store_corrupt.
  virtual caf::expected<neuron_record> get(const std::string& neuron_id) = 0;

  /// In the order in which the records were first written.
  /// @returns ec::not_connected, store_busy, store_io or store_corrupt.
  virtual caf::expected<std::vector<neuron_record>>
  list(const registry_filter& which) = 0;

  /// Whether calls may take long, so that their actor needs its own thread.
  virtual bool blocks() const noexcept {
    return true;
  }

  // -- single changes -----------------------------------------------------------

  caf::error upsert(neuron_record record);

  caf::error mark_deregistered(std::string neuron_id);

  /// A new record is stamped with `at`.
  caf::error touch_heartbeat(std::string neuron_id, timestamp at,
                             std::optional<std::string> status = {});
};

using registry_store_ptr = std::shared_ptr<registry_store>;

} // namespace cosmo
