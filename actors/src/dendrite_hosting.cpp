// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "axon_state.hpp"
#include "dendrite_state.hpp"
#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::actors {

namespace {

/// What whoever hosts Axons must hear.
constexpr signal_type_set host_types{
  signal_type::DISCOVER, signal_type::TASK_OFFER, signal_type::TASK_AWARDED};

/// How long a stop waits for rollbacks that are under way.
constexpr caf::timespan undo_on_stop = std::chrono::seconds{5};

/// How many TASKs may wait for an Axon that is being restarted.
constexpr size_t stash_max = 1'024;

} // namespace

caf::error dendrite_state::attach(const axon& what, bool announce) {
  if (auto err = what.check())
    return err;
  auto& neuron_id = what.neuron_id();
  if (find(neuron_id))
    return make_error(ec::already_exists,
                      options_.dendrite_id + " already hosts " + neuron_id);
  // The Axon must not keep its Dendrite alive.
  auto tell = [env = env_, me = self_->address()](auto... xs) {
    if (auto hdl = caf::actor_cast<dendrite_actor>(me))
      env->send(hdl, refresh_atom_v, std::move(xs)...);
  };
  hosting_link to{[tell, neuron_id] { tell(neuron_id); },
                  [tell, neuron_id](refresh_event event) {
                    tell(neuron_id, std::move(event));
                  }};
  if (auto err = axon{what}.attach_to(this, std::move(to)))
    return err;
  auto& h = axons_.emplace_back(hosted{what});
  axon_of_.emplace(neuron_id, std::prev(axons_.end()));
  if (!active())
    return {};
  if (announce) {
    raise(h);
    ensure(host_types);
    update_task_subscriptions();
    write_own(h);
    this->announce(h);
    post_register(h);
    keep_beating();
  } else {
    log::warning("dendrite", "attached-while-running",
                 neuron_id
                   + " is announced at the next start; add_axon does it now");
  }
  return {};
}

caf::result<void> dendrite_state::host(const axon& what, bool announce) {
  if (auto err = attach(what, announce))
    return err;
  if (!active())
    return caf::unit;
  auto answer = self_->make_response_promise<void>();
  when_subscribed([answer](const caf::error&) mutable { answer.deliver(); });
  return answer;
}

caf::result<void> dendrite_state::detach(const std::string& neuron_id,
                                         std::string reason) {
  auto h = find(neuron_id);
  if (!h || h->leaving)
    return make_error(ec::not_found,
                      options_.dendrite_id + " does not host " + neuron_id);
  h->leaving = true;
  ++leaving_;
  h->farewell = std::move(reason);
  h->detached = self_->make_response_promise<void>();
  auto answer = h->detached;
  if (running_) {
    // Others may serve what this Axon offered.
    update_task_subscriptions();
    if (options_.drain_on_stop.count() > 0 && busy(neuron_id)) {
      h->drain = self_->run_delayed(options_.drain_on_stop, [this, neuron_id] {
        finish_detach(std::string{neuron_id});
      });
      return answer;
    }
  }
  finish_detach(neuron_id);
  return answer;
}

void dendrite_state::finish_detach(const std::string& neuron_id) {
  auto h = find(neuron_id);
  if (!h || !h->leaving)
    return;
  // Its time must not run on for an Axon of the same id.
  h->drain.dispose();
  abandon([&](const run& r) { return r.neuron_id == neuron_id; });
  deactivate(*h, h->farewell);
  h->what.detach();
  h->detached.deliver();
  auto place = axon_of_.find(neuron_id);
  axons_.erase(place->second);
  axon_of_.erase(place);
  --leaving_;
  if (hosts_nothing()) {
    next_beat_.dispose();
    next_beat_ = {};
  }
}

caf::result<void> dendrite_state::start() {
  if (auto err = check_connected())
    return err;
  if (stopping_)
    finish_stop();
  // Answered when the store is open and each Engram has been tried.
  if (running_ && start_answers_.empty())
    return caf::unit;
  auto answer
    = start_answers_.emplace_back(self_->make_response_promise<void>());
  if (start_answers_.size() > 1)
    return answer;
  if (!options_.registry_store) {
    go_live();
    return answer;
  }
  connect_registry();
  auto current = [this, epoch = epoch_] { return epoch == epoch_; };
  self_->request(registry_, caf::infinite, caf::connect_atom_v)
    .then(
      [this, current] {
        // A stop, or the end of the bus, may have come first.
        if (current())
          go_live();
      },
      [this, current](const caf::error& err) {
        if (!current())
          return;
        for (auto& waiting : std::exchange(start_answers_, {}))
          waiting.deliver(err);
      });
  return answer;
}

/// @source dendrite.md section 4
void dendrite_state::go_live() {
  running_ = true;
  ++epoch_;
  // A TASK taken below can be stopped already.
  ensure({signal_type::STOP});
  for (auto& h : axons_)
    raise(h);
  if (!axons_.empty())
    ensure(host_types);
  if (registry_)
    ensure(
      {signal_type::REGISTER, signal_type::DEREGISTER, signal_type::HEARTBEAT});
  watch(handlers_.types());
  update_task_subscriptions();
  // Whoever answers an announcement must find everything in place.
  for (auto& h : axons_) {
    write_own(h);
    announce(h);
    post_register(h);
  }
  keep_beating();
  keep_sweeping();
  if (registry_)
    publish(env_->build.make(payload::discover{}));
  serve_parts([this, epoch = epoch_] {
    if (epoch == epoch_)
      answer_start();
  });
  run_start_hooks();
}

void dendrite_state::answer_start() {
  when_subscribed([this, epoch = epoch_](const caf::error& why) {
    if (epoch != epoch_)
      return;
    for (auto& waiting : std::exchange(start_answers_, {}))
      if (why)
        waiting.deliver(why);
      else
        waiting.deliver();
  });
}

caf::result<void> dendrite_state::stop(std::string reason) {
  end_retries();
  auto drain = running_ && options_.drain_on_stop.count() > 0 && !runs_.empty();
  if (!drain)
    close_pathways(options_.dendrite_id + " was stopped");
  auto undo = running_ && !stopping_traces_.empty();
  ++epoch_;
  for (auto& waiting : std::exchange(start_answers_, {}))
    waiting.deliver(make_error(ec::cancelled, options_.dendrite_id
                                                + " was stopped meanwhile"));
  if (!running_)
    return caf::unit;
  auto answer
    = stop_answers_.emplace_back(self_->make_response_promise<void>());
  if (stopping_)
    return answer;
  stopping_ = true;
  stop_reason_ = std::move(reason);
  end_timers();
  update_task_subscriptions();
  if (!drain)
    abandon([](const run&) { return true; });
  if (drain || undo)
    drain_ = self_->run_delayed(
      std::max(drain ? options_.drain_on_stop : caf::timespan{0},
               undo ? undo_on_stop : caf::timespan{0}),
      [this] { finish_stop(); });
  else
    finish_stop();
  return answer;
}

void dendrite_state::finish_stop() {
  drain_.dispose();
  stopping_ = false;
  running_ = false;
  end_retries();
  close_pathways(options_.dendrite_id + " was stopped");
  abandon([](const run&) { return true; });
  finish_all_stopping();
  unsubscribe_all();
  finish_detaching([](const hosted&) { return true; });
  for (auto& h : axons_)
    deactivate(h, stop_reason_);
  leave_parts(stop_reason_,
              [answers = std::exchange(stop_answers_, {})]() mutable {
                for (auto& answer : answers)
                  answer.deliver();
              });
}

void dendrite_state::check_drained() {
  if (stopping_ && runs_.empty() && stopping_traces_.empty())
    return finish_stop();
  finish_detaching(
    [this](const hosted& h) { return !busy(h.what.neuron_id()); });
}

/// Lets go of those being detached that are `done`.
template <class Predicate>
void dendrite_state::finish_detaching(Predicate done) {
  if (leaving_ == 0)
    return;
  std::vector<std::string> ready;
  for (auto& h : axons_)
    if (h.leaving && done(h))
      ready.push_back(h.what.neuron_id());
  for (auto& neuron_id : ready)
    finish_detach(neuron_id);
}

void dendrite_state::raise(hosted& h) {
  if (h.leaving)
    return;
  h.actor = spawn_axon(self_, h.what, env_);
  self_->monitor(h.actor);
  serve(h.what.neuron_id());
}

void dendrite_state::announce(const hosted& h) {
  if (!h.actor)
    return;
  auto& about = h.what.options();
  publish(env_->build.make(
    payload::register_{"neuron", about.capabilities, about.version, false},
    {.directed
     = directed{about.neuron_id, about.neuron_kind, about.capabilities}}));
}

void dendrite_state::deactivate(hosted& h, const std::string& reason) {
  end_comeback(h);
  refuse_stash(h, "DENDRITE_STOPPED",
               options_.dendrite_id + " stopped before the TASK was done");
  if (!h.actor)
    return;
  auto actor = std::exchange(h.actor, nullptr);
  leave(h.what.neuron_id());
  end_schedules(h);
  // Before the farewell, and before a restart uses the Neuron again.
  h.what.options().neuron.close();
  self_->demonitor(actor);
  self_->send_exit(actor, caf::exit_reason::user_shutdown);
  write(neuron_farewell{h.what.neuron_id()});
  publish(env_->build.make(payload::deregister{reason},
                           {.directed = directed::to(h.what.neuron_id())}));
}

void dendrite_state::axon_down(hosted& h, const caf::error& reason) {
  // Its unanswered TASKs come back as failed requests.
  h.actor = nullptr;
  leave(h.what.neuron_id());
  end_schedules(h);
  h.what.options().neuron.close();
  write(neuron_farewell{h.what.neuron_id()});
  auto why = to_string(reason);
  log::error("dendrite", "axon-down", h.what.neuron_id() + ": " + why);
  publish(env_->build.make(payload::deregister{std::move(why)},
                           {.directed = directed::to(h.what.neuron_id())}));
  h.last_reason = reason;
  if (active() && !h.leaving) {
    auto next = h.restarts.failed(self_->clock().now());
    h.restarting = true;
    if (next.unavailable)
      refuse_stash(h, "AXON_EXCEPTION",
                   "the Axon keeps failing: " + to_string(reason));
    h.comeback
      = self_->run_delayed(next.pause, [this, neuron_id = h.what.neuron_id()] {
          come_back(std::string{neuron_id});
        });
  }
  update_task_subscriptions();
}

/// The Axon, for its users the same as before, serves again.
void dendrite_state::come_back(const std::string& neuron_id) {
  auto h = find(neuron_id);
  if (!h || !h->restarting || !active() || h->leaving)
    return;
  h->restarting = false;
  h->restarts.works();
  raise(*h);
  update_task_subscriptions();
  write_own(*h);
  announce(*h);
  post_register(*h);
  refresh(*h, {.reason = "restart", .neuron_id = neuron_id});
  for (auto& task : std::exchange(h->stash, {}))
    run_task(*h, std::move(task));
}

void dendrite_state::end_comeback(hosted& h) {
  h.restarting = false;
  h.comeback.dispose();
  h.restarts.reset();
}

/// @returns whether the TASK waits for the Axon.
bool dendrite_state::stash(hosted& h, task_signal task) {
  if (h.restarts.unavailable() || h.stash.size() >= stash_max) {
    env_->letters->add(dead_letter_reason::stash_overflow, h.what.neuron_id(),
                       "TASK");
    return false;
  }
  h.stash.push_back(std::move(task));
  return true;
}

/// Answers for what waits for an Axon that does not come back.
void dendrite_state::refuse_stash(hosted& h, const char* code,
                                  const std::string& why) {
  for (auto& task : std::exchange(h.stash, {})) {
    env_->letters->add(dead_letter_reason::no_receiver, h.what.neuron_id(),
                       "TASK");
    publish_error(task, h.what.neuron_id(), code, why, true);
  }
}

child_info dendrite_state::tree() const {
  child_info result{
    .id = options_.dendrite_id,
    .type = child_type::supervisor,
    .state = running_ ? child_state::running : child_state::terminated,
    .handle = caf::actor_cast<caf::actor>(dendrite_actor{self_})};
  if (stopping_)
    result.state = child_state::stopping;
  for (auto& h : axons_) {
    child_info about{.id = h.what.neuron_id(),
                     .restarts = h.restarts.total(),
                     .last_reason = h.last_reason,
                     .stashed = h.stash.size()};
    if (h.actor) {
      about.state = h.leaving ? child_state::stopping : child_state::running;
      about.handle = caf::actor_cast<caf::actor>(h.actor);
    } else if (h.restarting) {
      about.state = child_state::restarting;
    }
    result.children.push_back(std::move(about));
  }
  for (auto& about : engrams_.tree())
    result.children.push_back(std::move(about));
  for (auto& about : effectors_.tree())
    result.children.push_back(std::move(about));
  for (auto& addr : retries_)
    if (auto hdl = caf::actor_cast<caf::actor>(addr))
      result.children.push_back({.id = "retry-" + std::to_string(addr.id()),
                                 .state = child_state::running,
                                 .handle = std::move(hdl)});
  return result;
}

std::vector<std::string> dendrite_state::capabilities() const {
  std::vector<std::string> result;
  for (auto& h : axons_) {
    if (!serves(h))
      continue;
    auto& offered = h.what.options().capabilities;
    result.insert(result.end(), offered.begin(), offered.end());
  }
  return result;
}

dendrite_state::hosted* dendrite_state::find(const std::string& neuron_id) {
  auto i = axon_of_.find(neuron_id);
  return i == axon_of_.end() ? nullptr : &*i->second;
}

std::vector<axon> dendrite_state::attached() const {
  std::vector<axon> result;
  for (auto& h : axons_)
    result.push_back(h.what);
  return result;
}

bool dendrite_state::busy(std::string_view neuron_id) const {
  return std::ranges::any_of(axons_,
                             [&](const hosted& h) {
                               return h.what.neuron_id() == neuron_id
                                      && !h.stash.empty();
                             })
         || std::ranges::any_of(runs_, [&](auto& entry) {
              return entry.second.neuron_id == neuron_id;
            });
}

/// Answers for unfinished TASKs, so that none vanishes.
template <class Predicate>
void dendrite_state::abandon(Predicate affected) {
  for (auto i = runs_.begin(); i != runs_.end();) {
    auto& r = i->second;
    if (!affected(r)) {
      ++i;
      continue;
    }
    self_->send(r.actor, cancel_atom_v, r.task.id());
    publish_error(r, "DENDRITE_STOPPED",
                  options_.dendrite_id + " stopped before the TASK was done",
                  true);
    i = runs_.erase(i);
  }
}

} // namespace cosmo::actors
