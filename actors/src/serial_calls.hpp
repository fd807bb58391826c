// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include "worker_state.hpp"
#include <cosmo/caf_compat.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// Calls of user code: in order, one at a time, off the scheduler. Whatever
/// waits is handed to a worker at once, and a worker is held only meanwhile.
/// @affinity the actor that owns it
///
/// @tparam Pointer how the owner points at itself.
template <class Pointer>
class serial_calls
  : public std::enable_shared_from_this<serial_calls<Pointer>> {
public:
  using call = std::function<void()>;

private:
  struct entry {
    call fn;
    call after;
    bool settled;
  };

public:
  using place = std::shared_ptr<entry>;

  serial_calls(Pointer owner, environment_ptr env)
    : owner_(owner), env_(std::move(env)) {
    // nop
  }

  /// Appends a call. `after` runs in the owner when it has returned.
  void add(call fn, call after = {}) {
    settle(reserve(std::move(after)), std::move(fn));
  }

  /// Keeps a place for a call that is not decided yet. Everything behind waits.
  place reserve(call after = {}) {
    return queue_.emplace_back(
      std::make_shared<entry>(entry{{}, std::move(after), false}));
  }

  /// Decides; an empty function means that there is no call.
  void settle(const place& where, call fn) {
    where->fn = std::move(fn);
    where->settled = true;
    run();
  }

  /// Calls that have not begun.
  size_t size() const noexcept {
    return queue_.size();
  }

  /// Forgets the first of them.
  void drop_first() {
    queue_.pop_front();
  }

  /// Forgets every call that has not begun.
  void clear() {
    queue_.clear();
  }

private:
  using batch = std::vector<place>;

  void run() {
    if (running_)
      return;
    auto next = std::make_shared<batch>();
    for (; !queue_.empty() && queue_.front()->settled; queue_.pop_front())
      next->push_back(std::move(queue_.front()));
    if (next->empty())
      return;
    running_ = true;
    auto worker = env_->take_worker();
    auto finished = [me = this->shared_from_this(), next] {
      me->running_ = false;
      for (auto& e : *next)
        if (e->after)
          e->after();
      me->run();
    };
    auto job = [next] {
      for (auto& e : *next)
        if (auto fn = std::exchange(e->fn, {}))
          call_guarded(fn);
    };
    owner_
      ->request(worker, caf::infinite, run_atom_v, blocking_job{std::move(job)})
      .then(
        [env = env_, worker, finished] {
          env->give_back(worker);
          finished();
        },
        [finished](const caf::error&) { finished(); });
  }

  Pointer owner_;
  environment_ptr env_;
  std::deque<place> queue_;
  bool running_ = false;
};

} // namespace cosmo::actors
