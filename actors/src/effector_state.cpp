// SPDX-License-Identifier: Apache-2.0
#include "effector_state.hpp"

#include "durations.hpp"
#include "json_depth.hpp"
#include "tool_payload.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/limits.hpp>
#include <cosmo/log.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cosmo::actors {

namespace {

worker_signal answer_to_call(const signal_builder& build, const signal& to,
                             const effector_description& by,
                             const tool_outcome& outcome) {
  return build.make(
    to_payload(outcome),
    {.trace_id = to.trace_id(),
     .parent_id = to.id(),
     .directed = directed{by.effector_id, by.effector_kind, {}}});
}

tool_outcome failure(const tool_request& call, const std::string& text) {
  return {.tool = call.tool,
          .error = "effector_exception: " + text,
          .call_id = call.call_id};
}

/// What the backend makes of a call, exceptions included; nothing if the tool
/// is not its business.
std::optional<tool_outcome> invoke(effector_backend& backend,
                                   const tool_request& call) {
  try {
    if (!backend.can_serve(call.tool))
      return std::nullopt;
    auto result = backend.invoke(call);
    if (result.tool.empty())
      result.tool = call.tool;
    if (!result.call_id)
      result.call_id = call.call_id;
    // Inside of the envelope and the payload.
    if (is_deeper_than(result.result, limits::encode_depth_max - 2))
      return failure(call, "the result has more than "
                             + std::to_string(limits::encode_depth_max)
                             + " nested containers");
    return result;
  } catch (const std::exception& err) {
    return failure(call, err.what());
  } catch (...) {
    return failure(call, "unknown exception");
  }
}

} // namespace

effector_state::effector_state(waiting_effector_actor::pointer self,
                               effector_backend_ptr backend,
                               environment_ptr env)
  : self_(self),
    backend_(std::move(backend)),
    env_(std::move(env)),
    lifecycle_(std::make_shared<calls>(self_, env_)) {
  // nop
}

effector_state::~effector_state() {
  // The last of them closes the backend. Who waits need not wait for that.
  for (auto& r : running_) {
    r->stop.request_stop();
    r->answer = {};
  }
}

waiting_effector_actor::behavior_type effector_state::make_behavior() {
  return {
    [this](caf::connect_atom) { return connect(); },
    [this](hosted_request& request) { return serve(std::move(request)); },
    [this](cancel_atom, const std::string& trace_id) { cancel(trace_id); },
    [this](caf::close_atom) { return close(); },
    [this](next_atom) { may_connect(); },
  };
}

// -- life ----------------------------------------------------------------------

caf::result<void> effector_state::connect() {
  auto answer = self_->make_response_promise<void>();
  auto outcome = std::make_shared<caf::error>();
  auto place = lifecycle_->reserve([answer, outcome]() mutable {
    *outcome ? answer.deliver(std::move(*outcome)) : answer.deliver();
  });
  if (!use_) {
    // Whoever is in line must not keep the actor alive.
    auto on_turn = [env = env_, me = self_->address()] {
      if (auto hdl = caf::actor_cast<waiting_effector_actor>(me))
        env->send(hdl, next_atom_v);
    };
    use_ = effector_use::make(env_, backend_, std::move(on_turn));
  }
  connecting_.push_back({use_, std::move(place), std::move(outcome)});
  may_connect();
  return answer;
}

void effector_state::may_connect() {
  std::erase_if(connecting_, [this](connecting& c) {
    if (!c.use->has_turn())
      return false;
    lifecycle_->settle(c.place, [use = std::move(c.use), outcome = c.outcome] {
      *outcome = use->connect();
    });
    return true;
  });
}

/// Whoever waits for a call learns that it is over; the tools are asked to
/// stop, and the backend is closed when they have.
caf::result<void> effector_state::close() {
  auto answer = self_->make_response_promise<void>();
  for (auto& r : take([](const run&) { return true; })) {
    r->stop.request_stop();
    r->answer.deliver(refused_tool_call(
      env_->build, r->request, backend_->describe(),
      "effector_exception: its Dendrite has stopped or let it go"));
  }
  for (auto& c : std::exchange(connecting_, {})) {
    *c.outcome = make_error(ec::cancelled, "closed before it was its turn");
    lifecycle_->settle(c.place, {});
  }
  closing_.push_back(
    {std::exchange(use_, {}),
     lifecycle_->reserve([answer]() mutable { answer.deliver(); })});
  may_close();
  return answer;
}

void effector_state::may_close() {
  if (busy_ > 0)
    return;
  for (auto& c : std::exchange(closing_, {}))
    lifecycle_->settle(c.place, [use = std::move(c.use)] {
      if (use)
        use->close();
    });
}

// -- calls ---------------------------------------------------------------------

caf::result<worker_signal> effector_state::serve(hosted_request request) {
  if (request.what.type() != signal_type::TOOL_CALL)
    return make_error(ec::protocol_violation,
                      "an Effector does not take a "
                        + std::string{to_string(request.what.type())});
  auto answer = self_->make_response_promise<worker_signal>();
  waiting_.push_back(std::make_shared<run>(
    run{std::move(request.what), request.received, answer}));
  start_waiting();
  return answer;
}

/// Takes out the calls that are not answered yet.
template <class Predicate>
std::vector<effector_state::run_ptr> effector_state::take(Predicate wanted) {
  std::vector<run_ptr> result;
  auto move_out = [&](const run_ptr& r) {
    if (!wanted(*r))
      return false;
    result.push_back(r);
    return true;
  };
  std::erase_if(waiting_, move_out);
  std::erase_if(running_, move_out);
  return result;
}

void effector_state::cancel(const std::string& trace_id) {
  for (auto& r :
       take([&](const run& x) { return x.request.trace_id() == trace_id; })) {
    r->stop.request_stop();
    r->answer.deliver(make_error(ec::not_found, "the trace was stopped"));
  }
}

void effector_state::start_waiting() {
  auto limit = std::max<size_t>(backend_->describe().concurrency, 1);
  while (!waiting_.empty() && busy_ < limit) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (is_late(*next))
      next->answer.deliver(
        make_error(ec::not_found, "nobody waits for it any more"));
    else
      start(next);
  }
}

bool effector_state::is_late(const run& what) const {
  auto limit = read_tool_call(what.request).deadline;
  return limit && self_->clock().now() > what.received + within_clock(*limit);
}

void effector_state::start(const run_ptr& what) {
  what->use = use_;
  running_.push_back(what);
  ++busy_;
  auto worker = env_->take_worker();
  auto job = [backend = backend_, what] {
    auto call = read_tool_call(what->request);
    call.stop = what->stop.get_token();
    what->outcome = invoke(*backend, call);
    what->use = nullptr;
  };
  self_
    ->request(worker, caf::infinite, run_atom_v, blocking_job{std::move(job)})
    .then(
      [this, what, worker] {
        env_->give_back(worker);
        finish(what, {});
      },
      [this, what](const caf::error& err) { finish(what, err); });
}

void effector_state::finish(const run_ptr& what, const caf::error& lost) {
  --busy_;
  if (std::erase(running_, what) > 0) {
    if (lost) {
      what->answer.deliver(lost);
    } else if (!what->outcome) {
      what->answer.deliver(make_error(ec::not_found, "not a tool of its"));
    } else {
      using std::chrono::milliseconds;
      auto& outcome = *what->outcome;
      if (!outcome.took_ms)
        outcome.took_ms = std::chrono::duration_cast<milliseconds>(
                            self_->clock().now() - what->received)
                            .count();
      what->answer.deliver(answer_to_call(env_->build, what->request,
                                          backend_->describe(), outcome));
    }
  }
  start_waiting();
  may_close();
}

worker_signal refused_tool_call(const signal_builder& build, const signal& to,
                                const effector_description& by,
                                std::string error) {
  auto call = read_tool_call(to);
  return answer_to_call(build, to, by,
                        {.tool = std::move(call.tool),
                         .error = std::move(error),
                         .call_id = std::move(call.call_id)});
}

effector_actor spawn_effector(environment_ptr env,
                              effector_backend_ptr backend) {
  using impl
    = caf::stateful_actor<effector_state, waiting_effector_actor::base>;
  auto& sys = env->system();
  return sys.spawn<impl>(std::move(backend), std::move(env));
}

} // namespace cosmo::actors
