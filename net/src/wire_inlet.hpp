// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/ids.hpp>

#include <caf/actor_addr.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace cosmo::net {

/// Turns the frames that come over a connection into Signals, and hands them to
/// their receivers, without a detour over the Synapse's actor.
/// @affinity the connection's I/O thread
class wire_inlet {
public:
  explicit wire_inlet(world outside) : outside_(std::move(outside)) {
    // nop
  }

  /// A frame that cannot be read is logged and dropped.
  void deliver(const subscription& to, std::string_view subject,
               std::string_view frame);

  /// Says whom `tell` is about. @affinity any thread
  void belongs_to(caf::actor_addr synapse);

  /// The Synapse's actor; null before it is known, and after its end.
  /// @affinity any thread
  caf::actor_addr owner() const;

private:
  world outside_;
  /// Several receivers of one Signal get the same.
  std::string last_frame_;
  signal last_signal_;
  mutable std::mutex mutex_;
  caf::actor_addr owner_;
};

using wire_inlet_ptr = std::shared_ptr<wire_inlet>;

} // namespace cosmo::net
