// SPDX-License-Identifier: Apache-2.0
#include "dendrite_facade.hpp"
#include "pathway_log.hpp"
#include <cosmo/log.hpp>
#include <cosmo/subject.hpp>

#include <algorithm>

namespace cosmo {

caf::error check(const dendrite_options& options) {
  using std::chrono::seconds;
  if (auto err = check_name_space(options.name_space))
    return err;
  if (options.dedup_window.count() != 0 && options.dedup_window < seconds{60})
    return make_error(ec::bad_argument,
                      "dedup_window must be 0 or at least 60 s: "
                        + std::to_string(options.dedup_window.count()));
  if (options.trace_tombstone.count() < 0)
    return make_error(ec::bad_argument,
                      "trace_tombstone must not be negative: "
                        + std::to_string(options.trace_tombstone.count()));
  if (options.drain_on_stop.count() < 0)
    return make_error(ec::bad_argument,
                      "drain_on_stop must not be negative: "
                        + std::to_string(options.drain_on_stop.count()));
  if (options.engram_default_deadline.count() < 0)
    return make_error(
      ec::bad_argument,
      "engram_default_deadline must not be negative: "
        + std::to_string(options.engram_default_deadline.count()));
  if (options.effector_default_deadline.count() < 0)
    return make_error(
      ec::bad_argument,
      "effector_default_deadline must not be negative: "
        + std::to_string(options.effector_default_deadline.count()));
  if (options.heartbeat.count() < 0)
    return make_error(ec::bad_argument,
                      "heartbeat must not be negative: "
                        + std::to_string(options.heartbeat.count()));
  if (options.stale_after && options.stale_after->count() < 0)
    return make_error(ec::bad_argument,
                      "stale_after must not be negative: "
                        + std::to_string(options.stale_after->count()));
  return {};
}

// -- dendrite ------------------------------------------------------------------

dendrite::dendrite(caf::expected<dendrite_actor> hdl, dendrite_options options,
                   std::optional<cosmo::synapse> bus,
                   std::shared_ptr<actors::environment> env)
  : impl_(std::make_shared<impl>()) {
  impl_->options = std::move(options);
  impl_->bus = std::move(bus);
  impl_->env = std::move(env);
  if (hdl)
    impl_->actor = std::move(*hdl);
  else
    impl_->fault = std::move(hdl.error());
}

caf::expected<cosmo::axon> dendrite::host(cosmo::axon what,
                                          bool announce) const {
  auto err = impl_->ask<void>(attach_atom_v, what, announce);
  if (!err)
    return what;
  attach_failed(what.neuron_id(), err);
  return err;
}

/// Whoever ignores the failure hears of it at the start.
void dendrite::attach_failed(const std::string& id,
                             const caf::error& reason) const {
  log::error("dendrite", "attach-failed", id + ": " + describe(reason));
  std::lock_guard guard{impl_->mutex};
  if (!impl_->attach_fault)
    impl_->attach_fault = reason;
}

caf::expected<cosmo::axon> dendrite::attach_axon(cosmo::axon what) const {
  return host(std::move(what), false);
}

caf::expected<cosmo::axon> dendrite::add_axon(cosmo::axon what) const {
  return host(std::move(what), true);
}

caf::error dendrite::detach_axon(std::string neuron_id,
                                 std::string reason) const {
  return impl_->ask<void>(detach_atom_v, std::move(neuron_id),
                          std::move(reason));
}

caf::expected<cosmo::engram> dendrite::host(cosmo::engram what,
                                            bool announce) const {
  auto err = impl_->ask<void>(attach_atom_v, what, announce);
  if (!err)
    return what;
  attach_failed(what.engram_id(), err);
  return err;
}

caf::expected<cosmo::engram> dendrite::attach_engram(cosmo::engram what) const {
  return host(std::move(what), false);
}

caf::expected<cosmo::engram> dendrite::add_engram(cosmo::engram what) const {
  return host(std::move(what), true);
}

caf::error dendrite::detach_engram(std::string engram_id) const {
  return impl_->ask<void>(detach_atom_v, recall_atom_v, std::move(engram_id));
}

caf::expected<cosmo::effector> dendrite::host(cosmo::effector what,
                                              bool announce) const {
  auto err = impl_->ask<void>(attach_atom_v, what, announce);
  if (!err)
    return what;
  attach_failed(what.effector_id(), err);
  return err;
}

caf::expected<cosmo::effector>
dendrite::attach_effector(cosmo::effector what) const {
  return host(std::move(what), false);
}

caf::expected<cosmo::effector>
dendrite::add_effector(cosmo::effector what) const {
  return host(std::move(what), true);
}

caf::error dendrite::detach_effector(std::string effector_id) const {
  return impl_->ask<void>(detach_atom_v, tool_atom_v, std::move(effector_id));
}

std::vector<cosmo::effector> dendrite::effectors() const {
  auto result
    = impl_->ask<std::vector<cosmo::effector>>(caf::get_atom_v, tool_atom_v);
  return result ? std::move(*result) : std::vector<cosmo::effector>{};
}

std::vector<cosmo::engram> dendrite::engrams() const {
  auto result
    = impl_->ask<std::vector<cosmo::engram>>(caf::get_atom_v, recall_atom_v);
  return result ? std::move(*result) : std::vector<cosmo::engram>{};
}

caf::expected<cosmo::engram_counts>
dendrite::engram_counts(std::string engram_id) const {
  return impl_->ask<cosmo::engram_counts>(caf::get_atom_v, recall_atom_v,
                                          std::move(engram_id));
}

bool dendrite::is_engram_known(std::string engram_id,
                               std::string engram_kind) const {
  auto known = impl_->ask<bool>(caf::get_atom_v, recall_atom_v,
                                std::move(engram_id), std::move(engram_kind));
  return known && *known;
}

caf::error dendrite::start() const {
  {
    std::lock_guard guard{impl_->mutex};
    if (impl_->attach_fault)
      return std::exchange(impl_->attach_fault, {});
  }
  return impl_->ask<void>(start_atom_v);
}

caf::error dendrite::stop(std::string reason) const {
  return impl_->ask<void>(stop_atom_v, std::move(reason));
}

caf::expected<signal> dendrite::dispatch_task(dispatch_options options) const {
  return impl_->ask<signal>(dispatch_atom_v, task_atom_v, std::move(options));
}

caf::expected<pathway> dendrite::dispatch(dispatch_options options) const {
  return impl_->open(
    impl_->ask<opened_pathway>(dispatch_atom_v, std::move(options)));
}

caf::expected<pathway>
dendrite::dispatch_and_subscribe(dispatch_options options) const {
  return dispatch(std::move(options));
}

caf::expected<signal>
dendrite::dispatch_and_wait(dispatch_options options) const {
  return impl_->ask<signal>(dispatch_atom_v, wait_atom_v, std::move(options));
}

caf::expected<pathway>
dendrite::observe_pathway(std::string trace_id,
                          std::optional<size_t> replay_cap) const {
  auto cap = actors::read_replay_cap(replay_cap);
  if (!cap)
    return std::move(cap.error());
  return impl_->open(impl_->ask<opened_pathway>(
    observe_atom_v, std::move(trace_id), uint64_t{*cap}));
}

// -- lifecycle -----------------------------------------------------------------

namespace {

caf::error no_function() {
  return make_error(ec::bad_argument, "a hook needs a function");
}

} // namespace

caf::error dendrite::on_connect(std::function<void(const dendrite&)> fn) const {
  if (!fn)
    return no_function();
  auto hook = [me = weak_dendrite{*this},
               fn = actors::shared_function(std::move(fn))] { me.use(fn); };
  return impl_->ask<void>(on_atom_v, dendrite_hook{.on_connect = hook});
}

caf::error dendrite::on_refresh(
  std::function<void(const dendrite&, const refresh_event&)> fn) const {
  if (!fn)
    return no_function();
  auto hook
    = [me = weak_dendrite{*this}, fn = actors::shared_function(std::move(fn))](
        const refresh_event& event) {
        me.use([&](const dendrite& self) { fn(self, event); });
      };
  return impl_->ask<void>(on_atom_v, dendrite_hook{.on_refresh = hook});
}

caf::error
dendrite::on_schedule(std::chrono::nanoseconds every,
                      std::function<void(const dendrite&)> fn) const {
  if (!fn)
    return no_function();
  // A run may outlast a restart, which begins the loop anew.
  auto hook = [me = weak_dendrite{*this},
               fn = actors::never_overlapping(std::move(fn))] { me.use(fn); };
  return impl_->ask<void>(on_atom_v,
                          dendrite_hook{.on_schedule = hook, .every = every});
}

caf::error dendrite::refresh(refresh_event event) const {
  return impl_->ask<void>(refresh_atom_v, std::move(event));
}

// -- registry ------------------------------------------------------------------

caf::expected<std::vector<neuron_record>>
dendrite::find_neurons(std::optional<std::string> capability,
                       std::optional<std::chrono::nanoseconds> max_age) const {
  return registry_snapshot(
    {.capability = std::move(capability), .max_age = max_age});
}

caf::expected<std::vector<neuron_record>>
dendrite::registry_snapshot(registry_query what) const {
  registry_filter which{
    std::move(what.capability), what.include_deregistered, {}};
  if (what.max_age) {
    using std::chrono::microseconds;
    // Nobody has been seen before time began.
    auto now = impl_->env->now();
    auto age = std::chrono::floor<microseconds>(*what.max_age);
    which.seen_since = age < now - timestamp_min ? now - age : timestamp_min;
  }
  return impl_->ask<std::vector<neuron_record>>(caf::get_atom_v,
                                                std::move(which));
}

// -- properties ----------------------------------------------------------------

const dendrite_options& dendrite::options() const noexcept {
  return impl_->options;
}

const std::optional<cosmo::synapse>& dendrite::synapse() const noexcept {
  return impl_->bus;
}

std::vector<cosmo::axon> dendrite::axons() const {
  auto result
    = impl_->ask<std::vector<cosmo::axon>>(caf::get_atom_v, attach_atom_v);
  return result ? std::move(*result) : std::vector<cosmo::axon>{};
}

std::optional<cosmo::axon> dendrite::axon(std::string_view neuron_id) const {
  for (auto& x : axons())
    if (x.neuron_id() == neuron_id)
      return x;
  return std::nullopt;
}

std::vector<std::string> dendrite::capabilities() const {
  std::vector<std::string> result;
  for (auto& x : axons()) {
    auto& offered = x.options().capabilities;
    result.insert(result.end(), offered.begin(), offered.end());
  }
  std::ranges::sort(result);
  auto twice = std::ranges::unique(result);
  result.erase(twice.begin(), twice.end());
  return result;
}

const dendrite_actor& dendrite::handle() const noexcept {
  return impl_->actor;
}

// -- running_scope -------------------------------------------------------------

running_scope::running_scope(std::vector<dendrite> members) {
  for (auto& member : members) {
    error_ = member.start();
    if (error_) {
      log::error("dendrite", "start-failed",
                 member.options().dendrite_id + ": " + describe(error_));
      break;
    }
    started_.push_back(std::move(member));
  }
  if (error_)
    stop_all();
}

running_scope::~running_scope() {
  stop_all();
}

void running_scope::stop_all() {
  for (; !started_.empty(); started_.pop_back())
    if (auto err = started_.back().stop(); err && err != ec::not_connected)
      log::error("dendrite", "stop-failed", describe(err));
}

} // namespace cosmo
