// SPDX-License-Identifier: Apache-2.0
#include "ask.hpp"
#include "durations.hpp"
#include <cosmo/pathway.hpp>

#include <algorithm>

namespace cosmo {

namespace {

caf::timespan to_timespan(std::chrono::nanoseconds timeout) {
  if (timeout > actors::longest)
    return caf::infinite;
  return std::max(timeout, std::chrono::nanoseconds{0});
}

/// The Pathway's actor may be gone because its runtime is.
caf::error closed_if_gone(caf::error err) {
  if (err == ec::not_connected)
    return make_error(ec::pathway_closed, "the Pathway is closed");
  return err;
}

} // namespace

struct pathway::impl {
  opened_pathway opened;
  std::shared_ptr<actors::environment> env;

  impl(opened_pathway what, std::shared_ptr<actors::environment> shared)
    : opened(std::move(what)), env(std::move(shared)) {
    // nop
  }

  ~impl() {
    env->send(opened.handle, caf::close_atom_v,
              make_error(ec::pathway_closed, "its user has gone"));
  }

  caf::expected<signal> wait(signal_type_set types,
                             std::chrono::nanoseconds timeout) {
    auto result = actors::ask<signal>(*env, opened.handle, wait_atom_v, types,
                                      to_timespan(timeout));
    if (!result)
      return closed_if_gone(std::move(result.error()));
    return result;
  }
};

pathway::pathway(opened_pathway opened,
                 std::shared_ptr<actors::environment> env)
  : impl_(std::make_shared<impl>(std::move(opened), std::move(env))) {
  // nop
}

caf::expected<signal> pathway::wait(std::chrono::nanoseconds timeout) const {
  return impl_->wait(types::waking, timeout);
}

caf::expected<signal>
pathway::wait_for(signal_type type, std::chrono::nanoseconds timeout) const {
  return impl_->wait({type}, timeout);
}

caf::expected<signal>
pathway::wait_for(signal_type_set types,
                  std::chrono::nanoseconds timeout) const {
  return impl_->wait(types, timeout);
}

const pathway& pathway::on(signal_type type,
                           std::function<void(const signal&)> fn) const {
  return on(signal_type_set{type}, std::move(fn));
}

const pathway& pathway::on(signal_type_set types,
                           std::function<void(const signal&)> fn) const {
  (void)actors::ask<void>(*impl_->env, handle(), on_atom_v,
                          pathway_callback{types, std::move(fn)});
  return *this;
}

std::optional<signal> pathway::next() const {
  auto result = actors::ask<signal>(*impl_->env, handle(), next_atom_v);
  if (!result)
    return std::nullopt;
  return std::move(*result);
}

void pathway::close() const {
  (void)actors::ask<void>(*impl_->env, handle(), caf::close_atom_v,
                          make_error(ec::pathway_closed, "closed by its user"));
}

bool pathway::closed() const {
  auto result = actors::ask<bool>(*impl_->env, handle(), caf::get_atom_v,
                                  caf::close_atom_v);
  return !result || *result;
}

const std::string& pathway::trace_id() const noexcept {
  return impl_->opened.trace_id;
}

const std::optional<std::string>& pathway::parent_id() const noexcept {
  return impl_->opened.parent_id;
}

const std::string& pathway::role() const noexcept {
  return impl_->opened.role;
}

scope pathway::scope() const noexcept {
  return impl_->opened.scope;
}

const pathway_actor& pathway::handle() const noexcept {
  return impl_->opened.handle;
}

} // namespace cosmo
