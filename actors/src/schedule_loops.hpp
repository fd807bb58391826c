// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "durations.hpp"
#include "serial_calls.hpp"

#include <caf/disposable.hpp>
#include <caf/timespan.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// Hooks that run on and on: each rests, runs, rests again.
/// @affinity the actor that owns it
template <class Pointer>
class schedule_loops
  : public std::enable_shared_from_this<schedule_loops<Pointer>> {
public:
  schedule_loops(Pointer owner, environment_ptr env)
    : owner_(owner), env_(std::move(env)) {
    // nop
  }

  /// Begins a loop; its first run is one interval away.
  void begin(caf::timespan every, std::function<void()> fn) {
    auto l = std::make_shared<loop>(
      loop{within_clock(every), std::move(fn),
           std::make_shared<serial_calls<Pointer>>(owner_, env_)});
    loops_.push_back(l);
    rest(l);
  }

  /// Ends all loops; a run under way is the last of its loop.
  void end() {
    for (auto& l : loops_) {
      l->ended = true;
      l->timer.dispose();
    }
    loops_.clear();
  }

private:
  struct loop {
    caf::timespan every;
    std::function<void()> fn;
    std::shared_ptr<serial_calls<Pointer>> turn;
    caf::disposable timer = {};
    bool ended = false;
  };

  void rest(const std::shared_ptr<loop>& l) {
    auto run = [me = this->shared_from_this(), l] {
      l->turn->add([l] { l->fn(); },
                   [me, l] {
                     if (!l->ended)
                       me->rest(l);
                   });
    };
    l->timer = owner_->run_delayed(l->every, std::move(run));
  }

  Pointer owner_;
  environment_ptr env_;
  std::vector<std::shared_ptr<loop>> loops_;
};

} // namespace cosmo::actors
