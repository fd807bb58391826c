// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "countdown.hpp"
#include "part_hosting.hpp"
#include <cosmo/log.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace cosmo::actors {

/// How long a start waits for a backend to open.
constexpr caf::timespan connect_patience = std::chrono::seconds{10};

/// How long a backend may take to close before nobody waits for it any more.
constexpr caf::timespan close_timeout = std::chrono::seconds{5};

template <class Kind>
part_hosting<Kind>::part_hosting(part_owner& host, environment_ptr env)
  : owner_(host), env_(std::move(env)) {
  // nop
}

template <class Kind>
part_hosting<Kind>::~part_hosting() {
  for (auto& h : parts_) {
    if (h.schedules)
      h.schedules->end();
    if (h.actor)
      caf::anon_send_exit(h.actor, caf::exit_reason::user_shutdown);
    h.what.detach();
  }
  for (auto& l : leaving_) {
    caf::anon_send_exit(l.actor, caf::exit_reason::user_shutdown);
    l.what.detach();
  }
}

template <class Kind>
void part_hosting<Kind>::answered(hosted&, const worker_signal&) {
  // nop
}

template <class Kind>
void part_hosting<Kind>::raised(const hosted&) {
  // nop
}

template <class Kind>
void part_hosting<Kind>::announced(hosted&) {
  // nop
}

template <class Kind>
void part_hosting<Kind>::lowered(hosted&) {
  // nop
}

// -- hosting -------------------------------------------------------------------

template <class Kind>
caf::error part_hosting<Kind>::attach(const part& what) {
  if (auto err = what.check())
    return err;
  auto& id = Kind::id_of(what.describe());
  if (find(id))
    return make_error(ec::already_exists,
                      std::string{"the Dendrite already hosts the "}
                        + Kind::noun + ": " + id);
  if (std::ranges::any_of(leaving_, [&](const leaving& l) {
        return l.what.backend() == what.backend();
      }))
    return make_error(ec::already_attached, std::string{"the "} + Kind::noun
                                              + " is being detached: " + id);
  // It must not keep its Dendrite alive.
  auto tell = [env = env_, me = self()->address(), id](auto... xs) {
    if (auto hdl = caf::actor_cast<dendrite_actor>(me))
      env->send(hdl, refresh_atom_v, Kind::atom(), id, std::move(xs)...);
  };
  hosting_link to{[tell] { tell(); },
                  [tell](refresh_event event) { tell(std::move(event)); }};
  if (auto err = part{what}.attach_to(this, std::move(to)))
    return err;
  parts_.emplace_back(what);
  return {};
}

template <class Kind>
caf::result<void> part_hosting<Kind>::detach(const std::string& id) {
  auto h = find(id);
  if (!h)
    return make_error(ec::not_found, std::string{"no such "} + Kind::noun
                                       + " is hosted: " + id);
  lower(*h, {});
  auto what = h->what;
  auto actor = std::exchange(h->actor, {});
  parts_.remove_if([h](const hosted& x) { return &x == h; });
  if (!actor) {
    what.detach();
    return caf::unit;
  }
  self()->demonitor(actor);
  auto answer = self()->template make_response_promise<void>();
  auto place = leaving_.insert(leaving_.end(), leaving{what, actor});
  auto done = [this, place, answer]() mutable {
    caf::anon_send_exit(place->actor, caf::exit_reason::user_shutdown);
    place->what.detach();
    leaving_.erase(place);
    answer.deliver();
  };
  self()
    ->request(actor, close_timeout, caf::close_atom_v)
    .then(done, [done, id](const caf::error& err) mutable {
      log::error("dendrite", std::string{Kind::tag} + "-close-failed",
                 id + ": " + describe(err));
      done();
    });
  return answer;
}

template <class Kind>
void part_hosting<Kind>::serve(const std::string& id,
                               std::function<void(caf::error)> done) {
  if (auto h = find(id)) {
    h->tried = std::move(done);
    raise(*h);
  } else {
    done({});
  }
}

template <class Kind>
void part_hosting<Kind>::serve_all(std::function<void()> done) {
  auto all = std::make_shared<countdown>(std::move(done));
  for (auto& h : parts_) {
    if (h.now != state::idle)
      continue;
    h.tried = [one = all->one_more()](const caf::error&) { one(); };
    raise(h);
  }
  all->close();
}

template <class Kind>
void part_hosting<Kind>::leave_all(const std::string& reason,
                                   std::function<void()> done) {
  auto all = std::make_shared<countdown>(std::move(done));
  for (auto& h : parts_) {
    lower(h, reason);
    if (!h.actor)
      continue;
    auto closed = all->one_more();
    self()
      ->request(h.actor, close_timeout, caf::close_atom_v)
      .then(closed, [closed](const caf::error&) { closed(); });
  }
  all->close();
}

template <class Kind>
void part_hosting<Kind>::bus_down() {
  for (auto& h : parts_)
    lower(h, {});
}

template <class Kind>
bool part_hosting<Kind>::down(const caf::down_msg& msg) {
  for (auto& h : parts_) {
    if (!h.actor || h.actor.address() != msg.source)
      continue;
    h.actor = nullptr;
    h.outstanding = 0;
    if (h.now != state::idle)
      failed(h, msg.reason);
    return true;
  }
  return false;
}

template <class Kind>
auto part_hosting<Kind>::find(const std::string& id) -> hosted* {
  auto i = std::ranges::find_if(parts_,
                                [&](const hosted& h) { return h.id() == id; });
  return i == parts_.end() ? nullptr : &*i;
}

// -- life of one ---------------------------------------------------------------

template <class Kind>
void part_hosting<Kind>::raise(hosted& h) {
  h.retry.dispose();
  if (h.now == state::idle)
    raised(h);
  h.now = state::connecting;
  if (!h.actor) {
    try {
      h.actor = spawn(h.what);
    } catch (const std::exception& err) {
      // No thread for it.
      return failed(h, make_error(ec::store_io, err.what()));
    }
    self()->monitor(h.actor);
  }
  connect(h);
  if (!h.tried)
    return;
  self()->run_delayed(
    connect_patience, [this, id = h.id(), actor = h.actor.address()] {
      if (auto x = connecting(id, actor))
        tried(*x,
              make_error(ec::timeout, "the backend takes long to open: " + id));
    });
}

/// The one of this id, if this very actor is being connected: whatever happens
/// meanwhile, an answer is only for whom it was asked for.
template <class Kind>
auto part_hosting<Kind>::connecting(const std::string& id,
                                    const caf::actor_addr& actor) -> hosted* {
  auto h = find(id);
  return h && h->actor && h->actor.address() == actor
             && h->now == state::connecting
           ? h
           : nullptr;
}

template <class Kind>
void part_hosting<Kind>::serves(hosted& h) {
  h.now = state::serving;
  h.restarts.works();
  announce(h);
  announced(h);
  h.hooks_taken = 0;
  if (std::exchange(h.served, true))
    (void)refresh(h.id(), {.reason = "restart"});
  take_new_hooks(h, true);
  pass_on_queue(h);
  tried(h, {});
}

/// Tries again after a pause that grows; after too many failures it is called
/// unavailable, and tried now and then.
template <class Kind>
void part_hosting<Kind>::failed(hosted& h, const caf::error& reason) {
  auto id = h.id();
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
  auto next = h.restarts.failed(self()->clock().now());
  h.last_reason = reason;
  log::error("dendrite",
             std::string{Kind::tag}
               + (next.unavailable ? "-unavailable" : "-failed"),
             id + ": " + to_string(reason));
  if (next.unavailable) {
    h.now = state::unavailable;
    take_leave(h, to_string(reason));
    refuse_stash(h, std::string{Kind::tag}
                      + "_unavailable: " + message_of(reason));
  } else {
    h.now = state::waiting;
  }
  h.retry = self()->run_delayed(next.pause, [this, id] {
    if (auto x = find(id);
        x && (x->now == state::waiting || x->now == state::unavailable))
      raise(*x);
  });
  tried(h, reason);
}

/// Takes leave; the actor stays, so that nobody else opens the backend before
/// it is closed.
template <class Kind>
void part_hosting<Kind>::lower(hosted& h, const std::string& reason) {
  if (h.now != state::idle)
    lowered(h);
  take_leave(h, reason);
  h.now = state::idle;
  h.served = false;
  h.retry.dispose();
  h.restarts.reset();
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
  refuse_stash(h, std::string{Kind::tag}
                    + "_unavailable: its Dendrite has stopped");
  tried(h, make_error(ec::cancelled, "its Dendrite has stopped"));
}

template <class Kind>
void part_hosting<Kind>::tried(hosted& h, caf::error reason) {
  if (auto done = std::exchange(h.tried, {}))
    done(std::move(reason));
}

// -- announcing ----------------------------------------------------------------

template <class Kind>
void part_hosting<Kind>::take_leave(hosted& h, const std::string& reason) {
  if (std::exchange(h.announced, false))
    owner_.say(env_->build.make(payload::deregister{reason},
                                {.directed = directed::to(h.id())}));
}

template <class Kind>
void part_hosting<Kind>::announce(hosted& h) {
  h.announced = true;
  auto& about = h.what.describe();
  payload::register_ what{Kind::tag, about.capabilities};
  what.version = about.version.value_or("");
  owner_.say(env_->build.make(
    std::move(what),
    {.directed = directed{Kind::id_of(about), Kind::kind_of(about),
                          about.capabilities}}));
}

template <class Kind>
void part_hosting<Kind>::announce(
  const std::function<bool(const description&)>& wanted) {
  for (auto& h : parts_)
    if (h.now == state::serving && wanted(h.what.describe()))
      announce(h);
}

template <class Kind>
void part_hosting<Kind>::heartbeat() {
  for (auto& h : parts_)
    if (h.now == state::serving)
      (void)refresh(h.id(), {.reason = "heartbeat", .neuron_id = h.id()});
}

template <class Kind>
caf::error part_hosting<Kind>::refresh(const std::string& id,
                                       const refresh_event& event) {
  auto h = find(id);
  if (!h)
    return make_error(ec::not_found, std::string{"no such "} + Kind::noun
                                       + " is hosted: " + id);
  for (auto& hook : h->what.lifecycle_hooks())
    if (hook.on_refresh)
      owner_.run_hook([fn = std::move(hook.on_refresh), event] { fn(event); });
  return {};
}

template <class Kind>
void part_hosting<Kind>::changed(const std::string& id) {
  if (auto h = find(id); h && h->now == state::serving)
    take_new_hooks(*h, false);
}

/// Takes up what it carries and has not been taken up before.
template <class Kind>
void part_hosting<Kind>::take_new_hooks(hosted& h, bool just_announced) {
  for (auto& spec : h.what.take_handlers())
    owner_.take_handler(std::move(spec));
  auto fresh = h.what.lifecycle_hooks(h.hooks_taken);
  h.hooks_taken += fresh.size();
  if (!h.schedules)
    h.schedules = std::make_shared<loops>(self(), env_);
  for (auto& hook : fresh)
    if (hook.on_schedule)
      h.schedules->begin(hook.every, std::move(hook.on_schedule));
  if (!just_announced)
    return;
  for (auto& hook : fresh)
    if (hook.on_connect)
      owner_.run_hook(std::move(hook.on_connect));
}

template <class Kind>
std::vector<typename part_hosting<Kind>::part>
part_hosting<Kind>::attached() const {
  std::vector<part> result;
  for (auto& h : parts_)
    result.push_back(h.what);
  return result;
}

template <class Kind>
bool part_hosting<Kind>::hosts(std::string_view id,
                               std::string_view kind) const {
  return std::ranges::any_of(parts_, [&](const hosted& h) {
    return id.empty() ? Kind::kind_of(h.what.describe()) == kind : h.id() == id;
  });
}

template <class Kind>
std::vector<child_info> part_hosting<Kind>::tree() const {
  std::vector<child_info> result;
  for (auto& h : parts_) {
    child_info about{.id = h.id(),
                     .restarts = h.restarts.total(),
                     .last_reason = h.last_reason,
                     .stashed = h.stashed};
    if (h.actor)
      about.handle = caf::actor_cast<caf::actor>(h.actor);
    switch (h.now) {
      case state::idle:
        break;
      case state::connecting:
        about.state = child_state::starting;
        break;
      case state::serving:
        about.state = child_state::running;
        break;
      default:
        about.state = child_state::restarting;
    }
    result.push_back(std::move(about));
  }
  return result;
}

// -- serving -------------------------------------------------------------------

/// @source engram.md 6.4, neurons.md 17.4
template <class Kind>
void part_hosting<Kind>::request(const signal& sig) {
  auto& to = sig.directed();
  if (parts_.empty() || !to)
    return;
  hosted_request what{sig, self()->clock().now()};
  for (auto& h : parts_) {
    auto meant
      = to->has_id()
          ? h.id() == *to->id
          : to->has_type() && Kind::kind_of(h.what.describe()) == *to->type;
    if (!meant)
      continue;
    if (h.now == state::serving) {
      pass_on(h, what);
    } else if (h.now == state::unavailable
               || (h.now == state::connecting && h.restarts.unavailable())) {
      refuse(h, sig,
             std::string{Kind::tag} + "_unavailable: " + Kind::unavailable);
    } else if (h.now == state::idle) {
      continue;
    } else if (h.stashed >= queue_max) {
      refuse(h, sig,
             std::string{Kind::tag} + "_overloaded: it is being restarted");
    } else {
      h.queue.emplace_back(what);
      ++h.stashed;
    }
  }
}

template <class Kind>
void part_hosting<Kind>::pass_on(hosted& h, hosted_request request) {
  if (h.outstanding >= queue_max)
    return refuse(h, request.what,
                  std::string{Kind::tag} + "_overloaded: "
                    + std::to_string(queue_max) + " requests are waiting");
  ++h.outstanding;
  // The one that was asked, perhaps with another actor by now, or none.
  auto settle = [this, id = h.id(), actor = h.actor.address()] {
    auto x = find(id);
    if (x && x->actor && x->actor.address() == actor && x->outstanding > 0)
      --x->outstanding;
    return x;
  };
  auto sig = request.what;
  self()
    ->request(h.actor, caf::infinite, std::move(request))
    .then(
      [this, settle](const worker_signal& reply) {
        if (auto x = settle())
          answered(*x, reply);
        owner_.say(reply);
      },
      [this, settle, sig, about = h.what.describe()](const caf::error& err) {
        settle();
        unanswered(about, sig, err);
      });
}

} // namespace cosmo::actors
