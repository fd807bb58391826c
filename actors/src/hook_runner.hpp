// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serial_calls.hpp"

#include <caf/disposable.hpp>
#include <caf/timespan.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// Runs the lifecycle hooks of one component: some when something happens, one
/// after another; some on and on, each in a loop of its own that rests between
/// two runs and so never overtakes itself.
/// @affinity the actor that owns it
template <class Pointer>
class hook_runner : public std::enable_shared_from_this<hook_runner<Pointer>> {
public:
  using hook = std::function<void()>;
  using calls = serial_calls<Pointer>;

  hook_runner(Pointer owner, environment_ptr env)
    : owner_(owner),
      env_(std::move(env)),
      calls_(std::make_shared<calls>(owner_, env_)) {
    // nop
  }

  /// Runs a hook behind those that were called before.
  void call(hook fn) {
    calls_->add(std::move(fn));
  }

  /// Begins a loop; its first run is one interval away.
  void loop(caf::timespan every, hook fn) {
    auto l = std::make_shared<loop_state>(
      loop_state{every, std::move(fn), std::make_shared<calls>(owner_, env_)});
    loops_.push_back(l);
    rest(l);
  }

  /// Ends all loops; a run under way is the last of its loop.
  void end_loops() {
    for (auto& l : loops_) {
      l->ended = true;
      l->timer.dispose();
    }
    loops_.clear();
  }

private:
  struct loop_state {
    caf::timespan every;
    hook fn;
    std::shared_ptr<calls> turn;
    caf::disposable timer = {};
    bool ended = false;
  };

  void rest(const std::shared_ptr<loop_state>& l) {
    l->timer
      = owner_->run_delayed(l->every, [me = this->shared_from_this(), l] {
          l->turn->add(l->fn, [me, l] {
            if (!l->ended)
              me->rest(l);
          });
        });
  }

  Pointer owner_;
  environment_ptr env_;
  std::shared_ptr<calls> calls_;
  std::vector<std::shared_ptr<loop_state>> loops_;
};

} // namespace cosmo::actors
