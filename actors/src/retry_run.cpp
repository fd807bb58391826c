// SPDX-License-Identifier: Apache-2.0
#include "retry_run.hpp"

#include "ask.hpp"
#include "durations.hpp"
#include "shared_function.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <exception>

namespace cosmo::actors {

namespace {

/// What user code says, or in which words it failed.
template <class F>
auto call(const char* what, F fn) -> caf::expected<decltype(fn())> {
  try {
    return fn();
  } catch (const std::exception& err) {
    return make_error(ec::bad_argument, std::string{what} + ": " + err.what());
  } catch (...) {
    return make_error(ec::bad_argument,
                      std::string{what} + ": unknown exception");
  }
}

void warn(const caf::error& err) {
  log::warning("retry", "strategy-failed", message_of(err));
}

} // namespace

retry_run::retry_run(retry_actor::pointer self, dendrite_actor::pointer owner,
                     std::string task_id, dispatch_options options,
                     environment_ptr env)
  : self_(self),
    owner_(owner->address()),
    task_id_(std::move(task_id)),
    options_(std::move(options)),
    strategy_(std::move(*options_.retry)),
    env_(std::move(env)),
    calls_(std::make_shared<calls>(self_, env_)) {
  // A function may have a state, which must not begin anew with each call.
  strategy_.retry_on = shared_function(std::move(strategy_.retry_on));
  strategy_.on_retry = shared_function(std::move(strategy_.on_retry));
  if (strategy_.backoff)
    strategy_.backoff =
      [fn = std::make_shared<backoff>(std::move(strategy_.backoff))](
        int attempt, random_source& random) { return (*fn)(attempt, random); };
  options_.retry.reset();
  options_.timeout = strategy_.timeout.value_or(options_.timeout);
  if (options_.meta.is_null())
    options_.meta = json::object();
  if (!strategy_.new_trace && !options_.trace_id)
    options_.trace_id = env_->build.outside().ids->new_trace_id();
  self_->set_down_handler(
    [this](const caf::down_msg&) { end("the Dendrite has ended"); });
  self_->monitor(caf::actor_cast<caf::actor>(owner_));
}

retry_actor::behavior_type retry_run::make_behavior() {
  return {
    [this](start_atom) -> caf::result<signal> {
      answer_ = self_->make_response_promise<signal>();
      attempt();
      return answer_;
    },
    [this](stop_atom) {
      stopping_ = true;
      if (pausing_)
        end("the Dendrite is stopping");
    },
  };
}

dendrite_actor retry_run::owner() const {
  return caf::actor_cast<dendrite_actor>(owner_);
}

void retry_run::attempt() {
  auto to = owner();
  if (stopping_ || !to)
    return end("the Dendrite is stopping");
  if (strategy_.new_trace)
    options_.trace_id = env_->build.outside().ids->new_trace_id();
  trace_id_ = *options_.trace_id;
  // What is no object is refused by the Dendrite.
  if (options_.meta.is_object())
    options_.meta["attempt"] = attempt_;
  self_
    ->request(to, caf::infinite, dispatch_atom_v, wait_atom_v, task_id_,
              options_)
    .then([this](signal& sig) { judge(std::move(sig)); },
          [this](caf::error& err) { judge(std::move(err)); });
}

void retry_run::judge(attempt_outcome outcome) {
  if (!outcome && outcome.error() != ec::timeout
      && outcome.error() != ec::pathway_closed) {
    if (translate(outcome.error()) == ec::not_connected
        && outcome.error() != ec::not_connected)
      return end("the Dendrite has ended");
    return finish(outcome);
  }
  if (!strategy_.retry_on)
    return decide(outcome, default_retry_on(outcome));
  auto shared = std::make_shared<attempt_outcome>(std::move(outcome));
  auto verdict = std::make_shared<caf::expected<bool>>(false);
  calls_->add(
    [shared, verdict, fn = strategy_.retry_on] {
      *verdict = call("retry_on", [&] { return fn(*shared); });
    },
    [this, shared, verdict] {
      if (!*verdict)
        return finish(std::move(verdict->error()));
      decide(*shared, **verdict);
    });
}

void retry_run::decide(const attempt_outcome& outcome, bool again) {
  if (!again)
    return finish(outcome);
  auto last = attempt_ + 1 >= strategy_.max_attempts;
  if (strategy_.new_trace)
    return give_up_trace(outcome, last);
  if (last)
    return finish(outcome);
  prepare_next(outcome);
}

/// Stops what the attempt has begun; whoever comes next may have to wait until
/// it is undone.
void retry_run::give_up_trace(const attempt_outcome& outcome, bool last) {
  auto to = owner();
  if (!to)
    return end("the Dendrite has ended");
  auto waits = strategy_.rollback_on_retry && !last
               && strategy_.rollback_wait.count() > 0;
  signal stop = env_->build.make(
    payload::stop{strategy_.rollback_on_retry, strategy_.reason},
    {.trace_id = trace_id_,
     .meta = waits ? json{{"ack", "always"}} : json(nullptr)});
  auto failed = [this](const caf::error& err) {
    log::warning("retry", "stop-failed", trace_id_ + ": " + describe(err));
  };
  if (waits) {
    self_
      ->request(to, caf::infinite, await_atom_v, stop_atom_v, std::move(stop),
                within_clock(strategy_.rollback_wait))
      .then([this, outcome] { prepare_next(outcome); },
            [this, outcome, failed](const caf::error& err) {
              failed(err);
              prepare_next(outcome);
            });
    return;
  }
  self_->request(to, caf::infinite, emit_atom_v, std::move(stop))
    .then([] {}, failed);
  if (last)
    finish(outcome);
  else
    prepare_next(outcome);
}

void retry_run::prepare_next(const attempt_outcome& outcome) {
  if (stopping_)
    return end("the Dendrite is stopping");
  if (!strategy_.on_retry && !strategy_.backoff)
    return pause(caf::timespan{0});
  auto length = std::make_shared<caf::timespan>(0);
  calls_->add(
    [outcome, length, attempt = attempt_, strategy = strategy_,
     random = env_->build.outside().random] {
      if (strategy.on_retry)
        if (auto done = call("on_retry",
                             [&] {
                               strategy.on_retry(attempt, outcome);
                               return true;
                             });
            !done)
          warn(done.error());
      auto chosen
        = call("backoff", [&] { return strategy.backoff(attempt, *random); });
      if (chosen)
        *length = *chosen;
      else
        warn(chosen.error());
    },
    [this, length] { pause(*length); });
}

void retry_run::pause(caf::timespan length) {
  if (stopping_)
    return end("the Dendrite is stopping");
  ++attempt_;
  if (length.count() <= 0)
    return attempt();
  pausing_ = true;
  timer_ = self_->run_delayed(within_clock(length), [this] {
    pausing_ = false;
    attempt();
  });
}

void retry_run::finish(const attempt_outcome& outcome) {
  timer_.dispose();
  if (!answer_.pending())
    return self_->quit();
  if (outcome)
    answer_.deliver(*outcome);
  else
    answer_.deliver(outcome.error());
  self_->quit();
}

void retry_run::end(const char* why) {
  finish(make_error(ec::pathway_closed, why));
}

retry_actor spawn_retry_run(dendrite_actor::pointer owner, std::string task_id,
                            dispatch_options options, environment_ptr env) {
  using impl = caf::stateful_actor<retry_run, retry_actor::base>;
  return owner->spawn<impl>(owner, std::move(task_id), std::move(options),
                            std::move(env));
}

} // namespace cosmo::actors
