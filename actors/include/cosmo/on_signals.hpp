// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/handler.hpp>
#include <cosmo/log.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace cosmo {

/// The named registrations, one per type of Signal. `fn` takes `const signal&`,
/// or the typed Signal, as in `const signal_of<payload::plan>&`; then a Signal
/// with an unreadable payload is logged and left out.
///
/// @tparam Self has `add_handler(handler_spec)`.
/// @source dendrite.md section 19.1
template <class Self>
class on_signals {
public:
  template <class F>
  auto on_task_signal(F fn, handler_filter only = {}) const {
    return add<payload::task>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_agent_output(F fn, handler_filter only = {}) const {
    return add<payload::agent_output>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_final(F fn, handler_filter only = {}) const {
    return add<payload::final_>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_error_signal(F fn, handler_filter only = {}) const {
    return add<payload::error>(std::move(fn), std::move(only));
  }

  // -- bidding ----------------------------------------------------------------

  /// An offer has no addressee, so a filter by Neuron matches none.
  template <class F>
  auto on_task_offer(F fn, handler_filter only = {}) const {
    return add<payload::task_offer>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_bid(F fn, handler_filter only = {}) const {
    return add<payload::bid>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_task_awarded(F fn, handler_filter only = {}) const {
    return add<payload::task_awarded>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_task_declined(F fn, handler_filter only = {}) const {
    return add<payload::task_declined>(std::move(fn), std::move(only));
  }

  // -- cognition --------------------------------------------------------------

  template <class F>
  auto on_plan(F fn, handler_filter only = {}) const {
    return add<payload::plan>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_thought_delta(F fn, handler_filter only = {}) const {
    return add<payload::thought_delta>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_tool_call(F fn, handler_filter only = {}) const {
    return add<payload::tool_call>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_tool_result(F fn, handler_filter only = {}) const {
    return add<payload::tool_result>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_memory_append(F fn, handler_filter only = {}) const {
    return add<payload::memory_append>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_critique(F fn, handler_filter only = {}) const {
    return add<payload::critique>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_escalation(F fn, handler_filter only = {}) const {
    return add<payload::escalation>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_consensus(F fn, handler_filter only = {}) const {
    return add<payload::consensus>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_context_sync(F fn, handler_filter only = {}) const {
    return add<payload::context_sync>(std::move(fn), std::move(only));
  }

  // -- questions and answers --------------------------------------------------

  template <class F>
  auto on_clarification(F fn, handler_filter only = {}) const {
    return add<payload::clarification>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_permission(F fn, handler_filter only = {}) const {
    return add<payload::permission>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_clarification_answer(F fn, handler_filter only = {}) const {
    return add<payload::clarification_answer>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_permission_decision(F fn, handler_filter only = {}) const {
    return add<payload::permission_decision>(std::move(fn), std::move(only));
  }

  // -- Engrams ----------------------------------------------------------------

  template <class F>
  auto on_recall_signal(F fn, handler_filter only = {}) const {
    return add<payload::recall>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_imprint_signal(F fn, handler_filter only = {}) const {
    return add<payload::imprint>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_recalled(F fn, handler_filter only = {}) const {
    return add<payload::recalled>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_imprinted(F fn, handler_filter only = {}) const {
    return add<payload::imprinted>(std::move(fn), std::move(only));
  }

  // -- management -------------------------------------------------------------

  /// Sees every announcement, those of Engrams and effectors included.
  template <class F>
  auto on_register_signal(F fn, handler_filter only = {}) const {
    return add<payload::register_>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_deregister_signal(F fn, handler_filter only = {}) const {
    return add<payload::deregister>(std::move(fn), std::move(only));
  }

  template <class F>
  auto on_heartbeat_signal(F fn, handler_filter only = {}) const {
    return add<payload::heartbeat>(std::move(fn), std::move(only));
  }

  // -- old names --------------------------------------------------------------

  template <class F>
  [[deprecated("use on_error_signal")]] auto on_error(F fn) const {
    return on_error_signal(std::move(fn));
  }

  template <class F>
  [[deprecated("use on_register_signal")]] auto on_register(F fn) const {
    return on_register_signal(std::move(fn));
  }

  template <class F>
  [[deprecated("use on_deregister_signal")]] auto on_deregister(F fn) const {
    return on_deregister_signal(std::move(fn));
  }

  template <class F>
  [[deprecated("use on_heartbeat_signal")]] auto on_heartbeat(F fn) const {
    return on_heartbeat_signal(std::move(fn));
  }

protected:
  template <payload_struct P, class F>
  auto add(F fn, handler_filter only) const {
    return static_cast<const Self*>(this)->add_handler(
      {{P::type}, std::move(only), untyped<P>(std::move(fn))});
  }

private:
  template <payload_struct P, class F>
  static signal_handler untyped(F fn) {
    if constexpr (std::is_invocable_v<F&, const signal&>) {
      return fn;
    } else {
      static_assert(std::is_invocable_v<F&, const signal_of<P>&>,
                    "a handler takes the Signal, typed or not");
      return [fn = std::move(fn)](const signal& sig) mutable {
        if (auto typed = sig.as<P>())
          fn(*typed);
        else
          log::warning("handler", "signal-unreadable",
                       sig.id() + ": " + describe(typed.error()));
      };
    }
  }
};

} // namespace cosmo
