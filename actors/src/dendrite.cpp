// SPDX-License-Identifier: Apache-2.0
#include <cosmo/dendrite.hpp>

#include "ask.hpp"

#include <cosmo/log.hpp>
#include <cosmo/subject.hpp>

#include <mutex>

namespace cosmo {

caf::error check(const dendrite_options& options) {
  using std::chrono::seconds;
  if (auto err = check_name_space(options.name_space))
    return err;
  if (options.dedup_window.count() != 0
      && options.dedup_window < seconds{60})
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
  return {};
}

// -- dendrite ------------------------------------------------------------------

struct dendrite::impl {
  /// Why nothing works, if so.
  caf::error fault;
  dendrite_actor actor;
  dendrite_options options;
  std::shared_ptr<actors::environment> env;
  std::mutex mutex;
  /// The first failed attach_axon, which start() reports.
  caf::error attach_fault;

  template <class Result, class... Ts>
  auto ask(Ts&&... xs) -> decltype(actors::ask<Result>(
    *env, actor, std::forward<Ts>(xs)...)) {
    if (fault)
      return fault;
    return actors::ask<Result>(*env, actor, std::forward<Ts>(xs)...);
  }

  caf::expected<pathway> open(caf::expected<opened_pathway> opened) {
    if (!opened)
      return std::move(opened.error());
    return pathway{std::move(*opened), env};
  }
};

dendrite::dendrite(caf::expected<dendrite_actor> hdl, dendrite_options options,
                   std::shared_ptr<actors::environment> env)
  : impl_(std::make_shared<impl>()) {
  impl_->options = std::move(options);
  impl_->env = std::move(env);
  if (hdl)
    impl_->actor = std::move(*hdl);
  else
    impl_->fault = std::move(hdl.error());
}

caf::expected<axon> dendrite::host(axon what, bool announce) const {
  auto err = impl_->ask<void>(attach_atom_v, what, announce);
  if (!err)
    return what;
  log::error("dendrite", "attach-failed",
             what.neuron_id() + ": " + describe(err));
  std::lock_guard guard{impl_->mutex};
  if (!impl_->attach_fault)
    impl_->attach_fault = err;
  return err;
}

caf::expected<axon> dendrite::attach_axon(axon what) const {
  return host(std::move(what), false);
}

caf::expected<axon> dendrite::add_axon(axon what) const {
  return host(std::move(what), true);
}

caf::error dendrite::detach_axon(std::string neuron_id,
                                 std::string reason) const {
  return impl_->ask<void>(detach_atom_v, std::move(neuron_id),
                          std::move(reason));
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

caf::error dendrite::emit(const signal& sig) const {
  return impl_->ask<void>(emit_atom_v, sig);
}

caf::expected<pathway> dendrite::observe_pathway(std::string trace_id) const {
  return impl_->open(
    impl_->ask<opened_pathway>(observe_atom_v, std::move(trace_id)));
}

const dendrite_options& dendrite::options() const noexcept {
  return impl_->options;
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
