// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stand_in.hpp"
#include <cosmo/supervision.hpp>

#include <caf/actor_clock.hpp>
#include <caf/disposable.hpp>

#include <cstdint>
#include <memory>

namespace cosmo::actors {

/// What a supervisor knows about one of its children.
class supervised_child {
public:
  supervised_child(child_spec what, child_context context);

  ~supervised_child();

  child_type type() const {
    return spec.start.supervises() ? child_type::supervisor
                                   : child_type::worker;
  }

  bool temporary() const {
    return spec.restart == restart_type::temporary;
  }

  /// Whether it is to be started again after an end for this reason.
  bool returns_after(const caf::error& reason) const;

  /// How long it may take to stop.
  caf::timespan shutdown() const;

  /// Its lasting address, if it has one; else that of its present life.
  const caf::actor& address() const {
    return address_ ? address_ : now;
  }

  child_info info() const;

  // -- messages from others, if it has a lasting address -----------------------------

  /// The present life takes them.
  void open();

  /// They wait for the next one.
  void hold();

  /// They are dead letters.
  void refuse();

  /// They are from now on, and whoever monitors the address hears of it.
  void close(const caf::error& reason);

  const child_spec spec;
  const child_context context;
  child_state state = child_state::terminated;
  /// The actor of its present life; null when there is none.
  caf::actor now;
  caf::error last_reason;
  size_t restarts = 0;
  /// Restarts in a row, without a life that was long enough.
  size_t failures = 0;
  caf::actor_clock::time_point started_at = {};
  /// Ended by itself, and its supervisor has not yet drawn the consequences.
  bool unhandled_end = false;
  /// Is being stopped in order to be started again.
  bool returning = false;
  /// The children that are to be started again together.
  uint64_t batch = 0;
  /// Kills it when it takes too long to stop.
  caf::disposable patience;

private:
  caf::actor address_;
  stand_in* stand_in_ = nullptr;
};

using supervised_child_ptr = std::shared_ptr<supervised_child>;

} // namespace cosmo::actors
