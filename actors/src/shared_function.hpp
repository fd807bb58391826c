// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace cosmo::actors {

/// The same function for every copy: it may have a state, and copying it may
/// throw where that would end an actor. Empty stays empty.
template <class R, class... Ts>
std::function<R(Ts...)> shared_function(std::function<R(Ts...)> fn) {
  if (!fn)
    return fn;
  auto shared = std::make_shared<std::function<R(Ts...)>>(std::move(fn));
  return [shared](Ts... xs) { return (*shared)(xs...); };
}

/// As above; a call while another one is under way is left out.
template <class... Ts>
std::function<void(Ts...)> never_overlapping(std::function<void(Ts...)> fn) {
  if (!fn)
    return fn;
  struct state {
    std::function<void(Ts...)> fn;
    std::atomic<bool> busy = false;
  };
  auto shared = std::make_shared<state>(std::move(fn));
  return [shared](Ts... xs) {
    if (shared->busy.exchange(true))
      return;
    struct guard {
      std::atomic<bool>& busy;
      ~guard() {
        busy = false;
      }
    } done{shared->busy};
    shared->fn(xs...);
  };
}

} // namespace cosmo::actors
