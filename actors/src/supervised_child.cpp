// SPDX-License-Identifier: Apache-2.0
#include "supervised_child.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_actor.hpp>

#include <utility>

namespace cosmo::actors {

namespace {

constexpr caf::timespan worker_shutdown = std::chrono::seconds{5};

} // namespace

supervised_child::supervised_child(child_spec what, child_context where)
  : spec(std::move(what)), context(std::move(where)) {
  if (!spec.stash)
    return;
  auto& sys = context.system;
  caf::actor_config cfg;
  address_ = caf::make_actor<stand_in, caf::actor>(
    sys.next_actor_id(), sys.node(), &sys, cfg, context.path, *spec.stash,
    context.letters);
  stand_in_
    = static_cast<stand_in*>(caf::actor_cast<caf::abstract_actor*>(address_));
}

supervised_child::~supervised_child() {
  close(caf::exit_reason::unreachable);
}

bool supervised_child::returns_after(const caf::error& reason) const {
  if (spec.restart != restart_type::transient)
    return spec.restart == restart_type::permanent;
  return reason && reason != caf::exit_reason::user_shutdown;
}

caf::timespan supervised_child::shutdown() const {
  if (spec.shutdown)
    return *spec.shutdown;
  return type() == child_type::supervisor ? infinity : worker_shutdown;
}

child_info supervised_child::info() const {
  return {.id = spec.id,
          .type = type(),
          .state = state,
          .restarts = restarts,
          .last_reason = last_reason,
          .stashed = stand_in_ ? stand_in_->stashed() : 0,
          .handle = address()};
}

void supervised_child::open() {
  if (stand_in_)
    stand_in_->open(now);
}

void supervised_child::hold() {
  if (stand_in_)
    stand_in_->hold();
}

void supervised_child::refuse() {
  if (stand_in_)
    stand_in_->refuse();
}

void supervised_child::close(const caf::error& reason) {
  if (stand_in_)
    stand_in_->close(reason);
}

} // namespace cosmo::actors
