// SPDX-License-Identifier: Apache-2.0
#include "call_attribution.hpp"
#include "dendrite_parts.hpp"

#include <utility>

namespace cosmo::actors {

namespace {

/// What a caller of tools must hear.
constexpr signal_type_set caller_types{signal_type::TOOL_RESULT,
                                       signal_type::FINAL, signal_type::ERROR,
                                       signal_type::STOP};

} // namespace

// -- hosting -------------------------------------------------------------------

caf::result<void> dendrite_state::attach_effector(const effector& what,
                                                  bool announce) {
  return attach_part(effectors_, what, what.effector_id(), effector_types,
                     announce);
}

// -- calling -------------------------------------------------------------------

/// @source neurons.md 17.5
caf::result<tool_outcome> dendrite_state::call_tool(const std::string& task_id,
                                                    call_tool_options options) {
  if (auto err
      = attribute(task_id, attribution_of(options), ec::effector_cancelled))
    return err;
  auto to = address_of(options.effector_id, options.effector_kind);
  if (!to)
    return make_error(ec::bad_argument,
                      "the call of a tool needs an effector_id or an "
                      "effector_kind to go to: "
                        + options.tool);
  if (options.tool.empty())
    return make_error(ec::bad_argument, "the call of a tool needs its name");
  if (options.args.is_null())
    options.args = json::object();
  if (!options.args.is_object())
    return make_error(ec::bad_argument, "args of '" + options.tool
                                          + "' must be an object, not "
                                          + options.args.type_name());
  auto timeout = options.deadline ? within_clock(*options.deadline)
                                  : options_.effector_default_deadline;
  payload::tool_call what{options.tool, std::move(options.args),
                          std::move(options.call_id), std::nullopt};
  if (options.deadline && options.deadline->count() > 0)
    what.deadline_ms = options.deadline->count();
  auto sig
    = env_->build(std::move(what), {.trace_id = std::move(options.trace_id),
                                    .parent_id = std::move(options.parent_id),
                                    .directed = std::move(to),
                                    .meta = std::move(options.meta)});
  if (!sig)
    return std::move(sig.error());
  if (effector_calls_.size() >= calls_max)
    return make_error(ec::effector_overloaded,
                      std::to_string(calls_max)
                        + " calls wait for Effectors already");
  auto answer = self_->make_response_promise<tool_outcome>();
  effector_calls::call waiting{{sig->trace_id(), std::move(options.effector_id),
                                std::move(options.effector_kind)},
                               std::move(options.tool),
                               {}};
  waiting.done = [answer](caf::expected<tool_outcome> x) mutable {
    x ? answer.deliver(std::move(*x)) : answer.deliver(std::move(x.error()));
  };
  ensure(caller_types);
  if (timeout.count() > 0)
    waiting.deadline = self_->clock().now() + within_clock(timeout);
  // An immediate reply must find somebody waiting.
  effector_calls_.add(sig->id(), std::move(waiting));
  watch_deadlines();
  publish(*sig);
  return answer;
}

} // namespace cosmo::actors
