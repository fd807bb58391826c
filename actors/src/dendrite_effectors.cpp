// SPDX-License-Identifier: Apache-2.0
#include "call_attribution.hpp"
#include "countdown.hpp"
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

/// Connects and announces Engrams and Effectors; `done` is called when each has
/// been tried once.
void dendrite_state::serve_parts(std::function<void()> done) {
  if (!engrams_.empty())
    ensure(engram_types);
  if (!effectors_.empty())
    ensure(effector_types);
  auto both = std::make_shared<countdown>(std::move(done));
  engrams_.serve_all(both->one_more());
  effectors_.serve_all(both->one_more());
  both->close();
}

/// `done` is called when all of them are closed.
void dendrite_state::leave_parts(const std::string& reason,
                                 std::function<void()> done) {
  auto both = std::make_shared<countdown>(std::move(done));
  engrams_.leave_all(reason, both->one_more());
  effectors_.leave_all(reason, both->one_more());
  both->close();
}

bool dendrite_state::hosts_nothing() const noexcept {
  return axons_.empty() && engrams_.empty() && effectors_.empty();
}

// -- calling -------------------------------------------------------------------

/// On whose behalf a call is; fills in what it inherits.
caf::error dendrite_state::attribute(const std::string& task_id,
                                     call_attribution about,
                                     ec cancelled) const {
  if (auto err = check_room())
    return err;
  if (!task_id.empty()) {
    auto i = runs_.find(task_id);
    if (i == runs_.end())
      return make_error(cancelled, "the TASK is not running: " + task_id);
    // An explicit trace never gets an inherited parent.
    if (!about.trace_id) {
      about.trace_id = i->second.task.trace_id();
      if (!about.parent_id)
        about.parent_id = task_id;
    }
  }
  auto& ids = *env_->build.outside().ids;
  if (!about.trace_id)
    about.trace_id = ids.new_trace_id();
  if (!about.parent_id)
    about.parent_id = ids.new_event_id();
  if (about.deadline && about.deadline->count() < 0)
    return make_error(ec::bad_argument,
                      "deadline must not be negative: "
                        + std::to_string(about.deadline->count()) + " ms");
  return {};
}

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
