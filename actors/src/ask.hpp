// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include <cosmo/caf_compat.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace cosmo::actors {

/// Names the framework's word for what CAF reports about a dead receiver.
caf::error translate(caf::error err);

/// The one answer to a question. Whoever asked gets an answer even if the
/// question is lost with its actor system.
template <class T>
class answer_slot {
public:
  ~answer_slot() {
    if (!given_)
      promise_.set_value(T{gone()});
  }

  std::future<T> future() {
    return promise_.get_future();
  }

  void give(T answer) {
    given_ = true;
    promise_.set_value(std::move(answer));
  }

  static caf::error gone() {
    return make_error(ec::not_connected,
                      "not connected: the runtime has ended");
  }

private:
  std::promise<T> promise_;
  bool given_ = false;
};

/// Waits for the outcome of a conversation; makes the deterministic scheduler
/// run where there is one.
template <class T>
T await(environment& env, std::future<T> outcome) {
  using namespace std::chrono_literals;
  while (env.cooperative() && outcome.wait_for(0s) != std::future_status::ready)
    if (!env.step())
      return T{make_error(ec::timeout, "nothing is left to happen")};
  return outcome.get();
}

/// What an actor may answer: an error alone where `Result` is `void`.
template <class Result>
using answer_to = std::conditional_t<std::is_void_v<Result>, caf::error,
                                     caf::expected<Result>>;

/// Asks an actor from outside of any actor. `done` is called once, on a
/// scheduler thread, or here if the runtime has ended.
template <class Result, class Handle, class... Ts>
void ask_later(environment& env, const Handle& hdl,
               std::function<void(answer_to<Result>)> done, Ts... xs) {
  auto question = [hdl, done,
                   ... xs = std::move(xs)](caf::event_based_actor* self) {
    auto fail = [done](caf::error& err) { done({translate(std::move(err))}); };
    if constexpr (std::is_void_v<Result>)
      self->request(hdl, caf::infinite, xs...).then([done] { done({}); }, fail);
    else
      self->request(hdl, caf::infinite, xs...)
        .then([done](Result& x) { done(std::move(x)); }, fail);
  };
  auto asked = env.use_system([&](caf::actor_system& sys) {
    sys.spawn<caf::hidden>(std::move(question));
  });
  if (!asked)
    done({answer_slot<answer_to<Result>>::gone()});
}

/// Asks an actor from a plain thread and waits for its answer. `Result` is
/// `void` for answers without content.
/// @returns what the actor says, or ec::not_connected when it is gone.
template <class Result, class Handle, class... Ts>
auto ask(environment& env, const Handle& hdl, Ts&&... xs) {
  using outcome_type = answer_to<Result>;
  using slot_type = answer_slot<outcome_type>;
  auto slot = std::make_shared<slot_type>();
  auto outcome = slot->future();
  auto question = [hdl, slot = std::move(slot), ... xs = std::forward<Ts>(xs)](
                    caf::event_based_actor* self) {
    auto fail = [slot](caf::error& err) {
      slot->give(outcome_type{translate(std::move(err))});
    };
    if constexpr (std::is_void_v<Result>)
      self->request(hdl, caf::infinite, xs...)
        .then([slot] { slot->give(caf::error{}); }, fail);
    else
      self->request(hdl, caf::infinite, xs...)
        .then([slot](Result& x) { slot->give(std::move(x)); }, fail);
  };
  auto asked = env.use_system([&](caf::actor_system& sys) {
    sys.spawn<caf::hidden>(std::move(question));
  });
  if (!asked)
    return outcome_type{slot_type::gone()};
  return await(env, std::move(outcome));
}

} // namespace cosmo::actors
