// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/handler.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// The handlers of a Dendrite and which of them a Signal is for. The cost of a
/// Signal grows with the handlers that match it, not with those that exist;
/// only filters by what a Neuron offers are looked at one by one.
///
/// A plain class: who calls the handlers, and where, is the owner's business.
/// @source dendrite.md section 19
class handler_table {
public:
  struct handler {
    uint64_t number;
    handler_spec spec;
  };

  using handler_ptr = std::shared_ptr<const handler>;
  using handlers = std::vector<handler_ptr>;
  using capability_list = std::vector<std::string>;

  /// @returns the handler's number; numbers ascend.
  uint64_t add(handler_spec spec);

  /// Removes a handler, if it is there.
  void remove(uint64_t number);

  /// The types that some handler wants to see.
  signal_type_set types() const noexcept;

  /// Whether some handler wants to see this type.
  bool has(signal_type type) const noexcept {
    return at(type).count > 0;
  }

  /// Whether a handler was registered for just this type, and not only for
  /// everything of a trace.
  bool watches(signal_type type) const noexcept {
    return at(type).active > 0;
  }

  /// The handlers whose filters hold, in order of registration.
  struct selection {
    handlers matched;
    /// Those that depend on what the Neuron in `directed` offers.
    handlers undecided;
  };

  selection select(const signal& sig) const;

  /// Whether an undecided handler wants a Signal of a Neuron that offers this.
  static bool wants(const handler& h, const capability_list& offered);

private:
  /// Handlers of one type, by the filter that rules out most.
  struct bucket {
    handlers unfiltered;
    std::unordered_map<std::string, handlers> by_trace;
    std::unordered_map<std::string, handlers> by_neuron;
    std::unordered_map<std::string, handlers> by_capability;
    size_t count = 0;
    /// Those that were registered for this very type.
    size_t active = 0;

    void add(const handler_ptr& h);
    void remove(const handler_ptr& h);
  };

  bucket& at(signal_type type) noexcept {
    return buckets_[static_cast<size_t>(type)];
  }

  const bucket& at(signal_type type) const noexcept {
    return buckets_[static_cast<size_t>(type)];
  }

  std::array<bucket, signal_type_count> buckets_;
  std::unordered_map<uint64_t, handler_ptr> all_;
  uint64_t next_number_ = 1;
};

} // namespace cosmo::actors
