// SPDX-License-Identifier: Apache-2.0
#include "effector_hosting.hpp"

#include "effector_state.hpp"
#include "part_hosting_impl.hpp"
#include <cosmo/log.hpp>

#include <utility>

namespace cosmo::actors {

template class part_hosting<effector_part>;

effector_actor effector_hosting::spawn(const effector& what) {
  return spawn_effector(env_, what.backend());
}

void effector_hosting::connect(hosted& h) {
  auto current = [this, id = h.id(), actor = h.actor.address()] {
    return connecting(id, actor);
  };
  self()
    ->request(h.actor, caf::infinite, caf::connect_atom_v)
    .then(
      [this, current] {
        if (auto x = current())
          serves(*x);
      },
      [this, current](const caf::error& err) {
        if (auto x = current())
          failed(*x, err);
      });
}

void effector_hosting::cancel(const std::string& trace_id) {
  for (auto& h : parts_) {
    auto waiting = std::erase_if(h.queue, [&](const hosted_request& x) {
      return x.what.trace_id() == trace_id;
    });
    h.stashed -= waiting;
    if (h.actor && h.outstanding > 0)
      self()->send(h.actor, cancel_atom_v, trace_id);
  }
}

void effector_hosting::unanswered(const effector_description& by,
                                  const signal& sig, const caf::error& reason) {
  // It lives, and has nothing to say.
  if (reason == ec::not_found)
    return;
  owner_.say(refused_tool_call(env_->build, sig, by,
                               "effector_exception: the Effector died: "
                                 + to_string(reason)));
}

void effector_hosting::pass_on_queue(hosted& h) {
  h.stashed = 0;
  for (auto& what : std::exchange(h.queue, {}))
    pass_on(h, std::move(what));
}

void effector_hosting::refuse(hosted& h, const signal& sig,
                              const std::string& why) {
  env_->letters->add(dead_letter_reason::dropped, h.id(),
                     to_string(sig.type()));
  log::warning("dendrite", "tool-call-refused",
               h.id() + ": " + sig.id() + ": " + why);
  owner_.say(refused_tool_call(env_->build, sig, h.what.describe(), why));
}

void effector_hosting::refuse_stash(hosted& h, const std::string& why) {
  h.stashed = 0;
  for (auto& what : std::exchange(h.queue, {}))
    refuse(h, what.what, why);
}

} // namespace cosmo::actors
