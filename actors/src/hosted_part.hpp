// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shared_function.hpp"
#include <cosmo/actors.hpp>
#include <cosmo/hosting.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cosmo::actors {

/// What Axons, Engrams and Effectors have in common: they belong to at most one
/// Dendrite, and carry hooks and handlers that it takes up.
/// @affinity any thread
///
/// @tparam Self the handle that hooks are called with.
template <class Self>
class hosted_part {
public:
  // -- what the user registers --------------------------------------------------

  void on_connect(std::function<void(const Self&)> fn) {
    add({.on_connect = shared_function(std::move(fn))});
  }

  void on_refresh(std::function<void(const Self&, const refresh_event&)> fn) {
    add({.on_refresh = shared_function(std::move(fn))});
  }

  /// @returns ec::bad_argument unless `every` is above zero.
  caf::error on_schedule(caf::timespan every,
                         std::function<void(const Self&)> fn) {
    if (every.count() <= 0)
      return make_error(
        ec::bad_argument,
        "every must be above zero: " + std::to_string(every.count()) + " ns");
    add({.on_schedule = never_overlapping(std::move(fn)), .every = every});
    return {};
  }

  void add_handler(handler_spec spec) {
    spec.fn = shared_function(std::move(spec.fn));
    std::unique_lock guard{mutex_};
    handlers_.push_back(std::move(spec));
    changed(std::move(guard));
  }

  /// @returns whether a Dendrite was there to be told.
  bool refresh(refresh_event event) const {
    std::unique_lock guard{mutex_};
    auto tell = dendrite_.refresh;
    guard.unlock();
    if (!tell)
      return false;
    tell(std::move(event));
    return true;
  }

  // -- what the Dendrite takes up -----------------------------------------------

  /// @returns whether `owner` is its Dendrite now.
  bool attach_to(const void* owner, hosting_link to) {
    std::lock_guard guard{mutex_};
    if (owner_ && owner_ != owner)
      return false;
    owner_ = owner;
    dendrite_ = std::move(to);
    return true;
  }

  void detach() noexcept {
    std::lock_guard guard{mutex_};
    owner_ = nullptr;
    dendrite_ = {};
  }

  /// The hooks from the n-th on, bound to `me`.
  std::vector<dendrite_hook> bound_hooks(size_t from, const Self& me) const {
    std::vector<dendrite_hook> result;
    std::lock_guard guard{mutex_};
    for (auto i = from; i < hooks_.size(); ++i) {
      auto& hook = hooks_[i];
      dendrite_hook bound;
      bound.every = hook.every;
      if (hook.on_connect)
        bound.on_connect = [fn = hook.on_connect, me] { fn(me); };
      if (hook.on_refresh)
        bound.on_refresh = [fn = hook.on_refresh,
                            me](const refresh_event& event) { fn(me, event); };
      if (hook.on_schedule)
        bound.on_schedule = [fn = hook.on_schedule, me] { fn(me); };
      result.push_back(std::move(bound));
    }
    return result;
  }

  /// The handlers that have not been taken before.
  std::vector<handler_spec> take_handlers() {
    std::lock_guard guard{mutex_};
    return std::exchange(handlers_, {});
  }

private:
  /// Bound to its part only when it is called: that must not keep itself alive.
  struct kept_hook {
    std::function<void(const Self&)> on_connect = {};
    std::function<void(const Self&, const refresh_event&)> on_refresh = {};
    std::function<void(const Self&)> on_schedule = {};
    caf::timespan every = {};
  };

  void add(kept_hook what) {
    std::unique_lock guard{mutex_};
    hooks_.push_back(std::move(what));
    changed(std::move(guard));
  }

  /// Tells the Dendrite, if there is one, that there is something new.
  void changed(std::unique_lock<std::mutex> guard) {
    auto tell = dendrite_.changed;
    guard.unlock();
    if (tell)
      tell();
  }

  mutable std::mutex mutex_;
  const void* owner_ = nullptr;
  hosting_link dendrite_;
  std::vector<kept_hook> hooks_;
  std::vector<handler_spec> handlers_;
};

/// The part that was made of a backend, of which there is one while it is used:
/// a backend must not be served twice.
///
/// @tparam Part constructible from the backend.
template <class Part, class Backend>
std::shared_ptr<Part> one_per_backend(std::shared_ptr<Backend> backend) {
  if (!backend)
    return std::make_shared<Part>(nullptr);
  static std::mutex mutex;
  static std::unordered_map<const Backend*, std::weak_ptr<Part>> all;
  std::lock_guard guard{mutex};
  std::erase_if(all, [](auto& kv) { return kv.second.expired(); });
  auto& known = all[backend.get()];
  auto result = known.lock();
  if (!result)
    known = result = std::make_shared<Part>(std::move(backend));
  return result;
}

} // namespace cosmo::actors
