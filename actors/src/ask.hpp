// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"

#include <cosmo/caf_compat.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace cosmo::actors {

/// Names the framework's word for what CAF reports about a dead receiver.
caf::error translate(caf::error err);

/// Waits for the outcome of a conversation; makes the deterministic scheduler
/// run where there is one.
template <class T>
T await(environment& env, std::future<T> outcome) {
  using namespace std::chrono_literals;
  while (env.cooperative()
         && outcome.wait_for(0s) != std::future_status::ready)
    if (!env.step())
      return T{make_error(ec::timeout, "nothing is left to happen")};
  return outcome.get();
}

/// Asks an actor from a plain thread and waits for its answer. `Result` is
/// `void` for answers without content.
/// @returns what the actor says, or ec::not_connected when it is gone.
template <class Result, class Handle, class... Ts>
auto ask(environment& env, const Handle& hdl, Ts&&... xs) {
  using outcome_type = std::conditional_t<std::is_void_v<Result>, caf::error,
                                          caf::expected<Result>>;
  auto outcome = std::make_shared<std::promise<outcome_type>>();
  auto future = outcome->get_future();
  auto question = [hdl, outcome,
                   ... xs = std::forward<Ts>(xs)](caf::event_based_actor* self) {
    auto fail = [outcome](caf::error& err) {
      outcome->set_value(outcome_type{translate(std::move(err))});
    };
    if constexpr (std::is_void_v<Result>)
      self->request(hdl, caf::infinite, xs...)
        .then([outcome] { outcome->set_value(caf::error{}); }, fail);
    else
      self->request(hdl, caf::infinite, xs...)
        .then([outcome](Result& x) { outcome->set_value(std::move(x)); }, fail);
  };
  env.system().spawn<caf::hidden>(std::move(question));
  return await(env, std::move(future));
}

} // namespace cosmo::actors
