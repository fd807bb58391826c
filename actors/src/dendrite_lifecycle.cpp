// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include <cosmo/log.hpp>

#include <algorithm>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr caf::timespan sweep_interval_min = std::chrono::seconds{1};

} // namespace

// -- hooks ---------------------------------------------------------------------

caf::result<void> dendrite_state::add_hook(dendrite_hook hook) {
  if (hook.on_schedule && hook.every.count() <= 0)
    return make_error(ec::bad_argument, "every must be above zero: "
                                          + std::to_string(hook.every.count())
                                          + " ns");
  auto& added
    = hooks_.emplace_back(std::make_shared<dendrite_hook>(std::move(hook)));
  if (added->on_schedule && active())
    schedules_->begin(added->every, [added] { added->on_schedule(); });
  return caf::unit;
}

void dendrite_state::run_start_hooks() {
  for (auto& hook : hooks_)
    if (hook->on_schedule)
      schedules_->begin(hook->every, [hook] { hook->on_schedule(); });
  for (auto& hook : hooks_)
    if (hook->on_connect)
      hook_calls_->add([hook] { hook->on_connect(); });
}

void dendrite_state::refresh(const refresh_event& event) {
  for (auto& hook : hooks_)
    if (hook->on_refresh)
      hook_calls_->add([hook, event] { hook->on_refresh(event); });
}

/// @source dendrite.md section 6.1, neurons.md section 3.3
void dendrite_state::post_register(hosted& h) {
  if (!h.actor)
    return;
  h.hooks_taken = 0;
  take_new_hooks(h, true);
}

/// Takes up what an Axon carries and has not been taken up before.
void dendrite_state::take_new_hooks(hosted& h, bool announced) {
  for (auto& spec : h.what.take_handlers())
    add_handler(std::move(spec));
  auto fresh = h.what.lifecycle_hooks(h.hooks_taken);
  h.hooks_taken += fresh.size();
  if (!h.schedules)
    h.schedules = std::make_shared<loops>(self_, env_);
  for (auto& hook : fresh)
    if (hook.on_schedule)
      h.schedules->begin(hook.every, std::move(hook.on_schedule));
  if (!announced)
    return;
  for (auto& hook : fresh)
    if (hook.on_connect)
      hook_calls_->add(std::move(hook.on_connect));
}

void dendrite_state::axon_changed(const std::string& neuron_id) {
  if (auto h = find(neuron_id); h && h->actor)
    take_new_hooks(*h, false);
}

caf::result<void> dendrite_state::refresh_axon(const std::string& neuron_id,
                                               const refresh_event& event) {
  auto h = find(neuron_id);
  if (!h)
    return make_error(ec::not_found,
                      options_.dendrite_id + " does not host " + neuron_id);
  refresh(*h, event);
  return caf::unit;
}

void dendrite_state::refresh(hosted& h, const refresh_event& event) {
  for (auto& hook : h.what.lifecycle_hooks())
    if (hook.on_refresh)
      hook_calls_->add([fn = std::move(hook.on_refresh), event] { fn(event); });
}

// -- heartbeat -----------------------------------------------------------------

void dendrite_state::keep_beating() {
  if (next_beat_.valid() || !active() || options_.heartbeat.count() == 0
      || (axons_.empty() && engrams_.empty()))
    return;
  next_beat_ = self_->run_delayed(options_.heartbeat, [this] {
    next_beat_ = {};
    beat();
    keep_beating();
  });
}

/// @source dendrite.md section 6.2
void dendrite_state::beat() {
  auto now = env_->now();
  for (auto& h : axons_) {
    if (!h.actor)
      continue;
    auto& neuron_id = h.what.neuron_id();
    // Who is leaving still works, but takes no more of it.
    if (options_.reregister_on_heartbeat && !h.leaving)
      announce(h);
    publish(env_->build.make(payload::heartbeat{},
                             {.directed = directed::to(neuron_id)}));
    write(neuron_touch{neuron_id, now, std::nullopt, now});
    refresh(h, {.reason = "heartbeat", .neuron_id = neuron_id});
  }
  if (options_.reregister_on_heartbeat)
    engrams_.announce([](const engram_description&) { return true; });
  engrams_.heartbeat();
  refresh({.reason = "heartbeat"});
}

// -- sweep ---------------------------------------------------------------------

void dendrite_state::keep_sweeping() {
  auto limit = *options_.stale_after;
  if (next_sweep_.valid() || !active() || !registry_ || limit.count() == 0)
    return;
  next_sweep_
    = self_->run_delayed(std::max(sweep_interval_min, limit / 3), [this] {
        next_sweep_ = {};
        sweep();
      });
}

/// Takes leave on behalf of those who have been silent for too long.
/// @source dendrite.md section 7.3
void dendrite_state::sweep() {
  if (!registry_)
    return;
  heard_.emplace();
  auto strike = [this,
                 epoch = epoch_](const std::vector<neuron_record>& records) {
    if (epoch != epoch_)
      return;
    auto heard = std::exchange(heard_, std::nullopt);
    auto now = env_->now();
    auto limit
      = std::chrono::floor<std::chrono::microseconds>(*options_.stale_after);
    for (auto& x : records) {
      // A record from the future is not stale: clocks run backwards.
      if (now - last_seen(x) <= limit || find(x.neuron_id)
          || heard->contains(x.neuron_id))
        continue;
      write(neuron_farewell{x.neuron_id});
      refresh({.reason = "stale", .neuron_id = x.neuron_id});
    }
    keep_sweeping();
  };
  auto failed = [this, epoch = epoch_](const caf::error& err) {
    log::error("dendrite", "sweep-failed",
               options_.dendrite_id + ": " + describe(err));
    if (epoch == epoch_)
      keep_sweeping();
  };
  self_->request(registry_, caf::infinite, caf::get_atom_v, registry_filter{})
    .then(strike, failed);
}

void dendrite_state::end_timers() {
  next_beat_.dispose();
  next_beat_ = {};
  next_sweep_.dispose();
  next_sweep_ = {};
  registry_comeback_.dispose();
  registry_comeback_ = {};
  heard_.reset();
  schedules_->end();
}

void dendrite_state::end_schedules(hosted& h) {
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
}

} // namespace cosmo::actors
