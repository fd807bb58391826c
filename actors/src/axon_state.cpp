// SPDX-License-Identifier: Apache-2.0
#include "axon_state.hpp"

#include "run_on_worker.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <chrono>
#include <exception>

namespace cosmo::actors {

namespace {

/// How long an Axon waits for a tool if the binding does not say.
/// @source neurons.md 17.8
constexpr std::chrono::milliseconds tool_deadline{30'000};

/// What a Neuron makes of its input, exceptions included.
caf::expected<json> call_plain(const any_neuron& neuron,
                               const axon_run_ptr& run) {
  try {
    return neuron.plain()(run->input(), run->context(), neuron_io{run});
  } catch (const std::exception& err) {
    return make_error(ec::neuron_exception, err.what());
  } catch (...) {
    return make_error(ec::neuron_exception, "unknown exception");
  }
}

/// The promise of an asynchronous Neuron. An answer given while the Axon is
/// still calling is picked up on the spot; a later one travels as a message.
class run_promise : public neuron_promise::state {
public:
  run_promise(axon_actor axon, axon_run_ptr run)
    : axon_(std::move(axon)), run_(std::move(run)) {
    // nop
  }

  ~run_promise() override {
    if (auto now = state_.load(); now == state::calling || now == state::left)
      complete(make_error(ec::neuron_exception,
                          "the Neuron dropped its promise unanswered"));
  }

  void complete(caf::expected<json> result) override {
    auto expected = state::calling;
    if (state_.compare_exchange_strong(expected, state::answering)) {
      early_ = std::move(result);
      // The Axon may have left meanwhile; then the message is ours to send.
      expected = state::answering;
      if (!state_.compare_exchange_strong(expected, state::answered))
        send(std::move(*early_));
      return;
    }
    if (expected == state::left && state_.exchange(state::sent) == state::left)
      send(std::move(result));
  }

  /// Ends the time in which an answer is picked up on the spot.
  std::optional<caf::expected<json>> leave() {
    auto expected = state::calling;
    if (state_.compare_exchange_strong(expected, state::left))
      return std::nullopt;
    expected = state::answering;
    if (state_.compare_exchange_strong(expected, state::sent))
      return std::nullopt;
    return std::move(early_);
  }

private:
  enum class state { calling, answering, answered, left, sent };

  void send(caf::expected<json> result) {
    run_->env().send(axon_, run_atom_v, run_->number(),
                     neuron_result{std::move(result)});
  }

  axon_actor axon_;
  /// Keeps input and context alive as long as the Neuron may look at them.
  axon_run_ptr run_;
  std::atomic<state> state_ = state::calling;
  std::optional<caf::expected<json>> early_;
};

/// What a detached part of the pipeline makes of a raw result.
run_reply recognised(const axon& what, const axon::hooks& hooks,
                     caf::expected<json> raw) {
  if (raw)
    if (auto tools = recognise_tools(what, *raw))
      return std::move(*tools);
  if (raw)
    raw = recognise(what.options(), hooks, std::move(*raw));
  if (!raw)
    return failed_run(raw.error());
  return {map_result(std::move(*raw))};
}

} // namespace

axon_state::axon_state(axon_actor::pointer self, axon what,
                       dendrite_actor::pointer host, environment_ptr env)
  : self_(self),
    axon_(std::move(what)),
    who_(std::make_shared<const axon_run::identity>(
      axon_run::identity{axon_.neuron_id(), axon_.options().engrams,
                         axon_.options().effectors, self_->address()})),
    host_(host->address()),
    env_(std::move(env)) {
  // nop
}

axon_state::~axon_state() {
  if (runs_.empty() && waiting_.empty())
    return;
  // What Neurons do about it is their code, and so is the end of what waits.
  auto left = std::make_shared<
    std::pair<std::vector<axon_run_ptr>, std::deque<waiting_work>>>();
  for (auto& [number, p] : runs_)
    left->first.push_back(p.run);
  left->second = std::move(waiting_);
  run_on_worker(env_, [left = std::move(left)] {
    for (auto& run : left->first)
      run->request_stop();
    left->second.clear();
  });
}

axon_actor::behavior_type axon_state::make_behavior() {
  return {
    [this](task_signal& task) { return accept(std::move(task)); },
    [this](cancel_atom, const std::string& task_id) { cancel(task_id); },
    [this](run_atom, uint64_t number, neuron_result& result) {
      finish(number, std::move(result.value));
    },
    [this](run_atom, uint64_t number, blocking_job& job) {
      waiting_.push_back({number, nullptr, std::move(job.run)});
      start_waiting_work();
    },
  };
}

caf::result<axon_reply> axon_state::accept(task_signal task) {
  auto run = std::make_shared<axon_run>(next_number_++, std::move(task), who_,
                                        host_, env_);
  auto& neuron = axon_.options().neuron;
  if (blocks(*run)) {
    if (waiting_.size() >= env_->mail->max())
      return make_reply(*run,
                        {payload::error{"AXON_EXCEPTION",
                                        std::to_string(waiting_.size())
                                          + " TASKs are waiting for "
                                          + axon_.neuron_id() + " already",
                                        true}});
    run_blocking(run);
  } else {
    run->offer(axon_.native_tools());
    if (neuron.actor()) {
      call_actor(run);
    } else if (auto early = call_async(run)) {
      auto reply = recognised(axon_, *axon_.current_hooks(), std::move(*early));
      // The common case needs no book-keeping: the answer is there at once.
      if (reply.calls.empty())
        return make_reply(*run, std::move(reply));
      auto later = remember(run);
      act(run, std::move(reply.calls));
      return later;
    }
  }
  return remember(run);
}

caf::result<axon_reply> axon_state::remember(const axon_run_ptr& run) {
  auto answer = self_->make_response_promise<axon_reply>();
  numbers_.emplace(run->task().id(), run->number());
  runs_.emplace(run->number(), pending{run, answer});
  start_waiting_work();
  return answer;
}

bool axon_state::blocks(const axon_run& run) const {
  auto& options = axon_.options();
  return options.neuron.plain() || !axon_.current_hooks()->empty()
         || (options.context_fetcher && !run.task().data().context_ref.empty());
}

void axon_state::run_blocking(const axon_run_ptr& run) {
  work(run, [what = axon_, run] {
    auto hooks = what.current_hooks();
    if (auto err = run->prepare(what.options(), *hooks)) {
      run->reply = failed_run(err);
      return;
    }
    run->offer(what.native_tools());
    if (auto& neuron = what.options().neuron; neuron.plain())
      run->reply = recognised(what, *hooks, call_plain(neuron, run));
  });
}

std::optional<caf::expected<json>>
axon_state::call_async(const axon_run_ptr& run) {
  auto outcome = std::make_shared<run_promise>(axon_actor{self_}, run);
  axon_run::call_guard guard;
  try {
    axon_.options().neuron.async()(run->input(), run->context(), neuron_io{run},
                                   neuron_promise{outcome});
  } catch (const std::exception& err) {
    outcome->complete(make_error(ec::neuron_exception, err.what()));
  } catch (...) {
    outcome->complete(make_error(ec::neuron_exception, "unknown exception"));
  }
  return outcome->leave();
}

void axon_state::call_actor(const axon_run_ptr& run) {
  self_
    ->request(axon_.options().neuron.actor(), caf::infinite, run->input(),
              run->context())
    .then([this, number = run->number()](
            json& raw) { finish(number, std::move(raw)); },
          [this, number = run->number()](caf::error& err) {
            if (err == caf::sec::request_receiver_down
                || err == caf::sec::broken_promise)
              lost(number, err);
            else
              finish(number, std::move(err));
          });
}

void axon_state::finish(uint64_t number, caf::expected<json> raw) {
  auto i = runs_.find(number);
  if (i == runs_.end())
    return;
  auto hooks = axon_.current_hooks();
  if (hooks->empty())
    answer(number, recognised(axon_, *hooks, std::move(raw)));
  else
    finish_blocking(i->second.run, std::move(raw));
}

void axon_state::finish_blocking(const axon_run_ptr& run,
                                 caf::expected<json> raw) {
  auto shared = std::make_shared<caf::expected<json>>(std::move(raw));
  work(run, [what = axon_, run, shared] {
    run->reply = recognised(what, *what.current_hooks(), std::move(*shared));
  });
  start_waiting_work();
}

void axon_state::work(const axon_run_ptr& run, std::function<void()> job) {
  waiting_.push_back({run->number(), run, std::move(job)});
}

void axon_state::start_waiting_work() {
  while (!waiting_.empty() && busy_ < axon_.options().concurrency) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    auto number = next.number;
    if (next.run && !runs_.contains(number))
      continue;
    auto worker = env_->take_worker();
    ++busy_;
    auto done = [this, run = next.run, worker] {
      release(worker);
      if (!run || !runs_.contains(run->number()))
        return;
      if (run->reply)
        answer(run->number(), std::move(*run->reply));
      else
        go_on(run);
    };
    auto failed = [this, number](const caf::error& err) {
      --busy_;
      lost(number, err);
      start_waiting_work();
    };
    self_
      ->request(worker, caf::infinite, run_atom_v,
                blocking_job{std::move(next.job)})
      .then(std::move(done), std::move(failed));
  }
}

/// Calls the Neuron after its hooks have run.
void axon_state::go_on(const axon_run_ptr& run) {
  if (!axon_.options().neuron.async())
    return call_actor(run);
  if (auto early = call_async(run))
    finish(run->number(), std::move(*early));
}

void axon_state::act(const axon_run_ptr& run, std::vector<tool_intent> calls) {
  auto limit = calls_to_make(axon_, calls);
  go_on(std::make_shared<acting>(acting{run, std::move(calls), limit}));
}

/// Makes calls until one of them has to be waited for, or all are made.
void axon_state::go_on(const acting_ptr& what) {
  while (what->seen.size() < what->limit)
    if (!call_tool(what))
      return;
  answer(what->run->number(),
         {map_result(acted_output(what->seen, what->calls))});
}

/// @returns whether it is known already what became of the call.
bool axon_state::call_tool(const acting_ptr& what) {
  auto& call = what->calls[what->seen.size()];
  auto to = choose_binding(axon_.options().effectors, call);
  if (auto why_not = std::get_if<std::string>(&to)) {
    what->seen.push_back(observation_of(call, std::move(*why_not)));
    return true;
  }
  auto binding = std::get<const effector_binding*>(to);
  auto seen = [this, what, binding](caf::expected<tool_outcome> outcome) {
    // Nobody wants to know what a cancelled run has seen.
    if (!runs_.contains(what->run->number()))
      return;
    what->seen.push_back(
      observation_of(what->calls[what->seen.size()], *binding, outcome));
    go_on(what);
  };
  auto host = caf::actor_cast<dendrite_actor>(host_);
  if (!host) {
    what->seen.push_back(observation_of(
      call, *binding, make_error(ec::not_attached, "the Dendrite is gone")));
    return true;
  }
  self_
    ->request(host, caf::infinite, tool_atom_v, what->run->task().id(),
              call_tool_options{
                .effector_id = binding->directed_id.value_or(""),
                .effector_kind = binding->directed_type.value_or(""),
                .tool = call.tool,
                .args = call.args,
                .call_id = call.call_id,
                .deadline = binding->default_deadline.value_or(tool_deadline)})
    .then([seen](tool_outcome& outcome) { seen(std::move(outcome)); },
          [seen](caf::error& err) { seen(std::move(err)); });
  return false;
}

void axon_state::release(worker_actor worker) {
  --busy_;
  env_->give_back(std::move(worker));
  start_waiting_work();
}

void axon_state::answer(uint64_t number, run_reply reply) {
  auto i = runs_.find(number);
  if (i == runs_.end())
    return;
  if (!reply.calls.empty())
    return act(i->second.run, std::move(reply.calls));
  auto p = std::move(i->second);
  runs_.erase(i);
  numbers_.erase(p.run->task().id());
  p.answer.deliver(make_reply(*p.run, std::move(reply)));
}

axon_reply axon_state::make_reply(const axon_run& run, run_reply reply) {
  envelope_options about{.trace_id = run.task().trace_id(),
                         .parent_id = run.task().id(),
                         .directed = directed::to(axon_.neuron_id()),
                         .meta = std::move(reply.meta)};
  return std::visit(
    [&](auto& payload) {
      return axon_reply{env_->build.make(std::move(payload), std::move(about))};
    },
    reply.payload);
}

void axon_state::lost(uint64_t number, const caf::error& reason) {
  answer(number,
         {payload::error{
           "AXON_EXCEPTION",
           "the Neuron's actor is gone: " + caf::to_string(reason), true}});
}

void axon_state::cancel(const std::string& task_id) {
  auto known = numbers_.find(task_id);
  if (known == numbers_.end())
    return;
  auto number = known->second;
  numbers_.erase(known);
  auto i = runs_.find(number);
  i->second.run->request_stop();
  i->second.answer.deliver(
    make_error(ec::cancelled, "the TASK was cancelled: " + task_id));
  runs_.erase(i);
}

axon_actor spawn_axon(dendrite_actor::pointer host, axon what,
                      environment_ptr env) {
  using impl = caf::stateful_actor<axon_state, axon_actor::base>;
  return host->spawn<impl>(std::move(what), host, std::move(env));
}

} // namespace cosmo::actors
