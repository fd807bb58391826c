// SPDX-License-Identifier: Apache-2.0
#include "engram_hosting.hpp"

#include "engram_state.hpp"
#include <cosmo/log.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace cosmo::actors {

namespace {

using namespace std::chrono_literals;

/// How long a step of a rollback may take, and how often it is tried.
constexpr caf::timespan undo_timeout = 10s;
constexpr int undo_attempts = 4;
constexpr caf::timespan undo_pause = 200ms;

/// How long a STOP waits for an Engram to have undone its part.
constexpr caf::timespan undo_patience = 30s;

/// How long a start waits for a backend to open.
constexpr caf::timespan connect_patience = 10s;

/// How many ends of traces may wait for a restart.
constexpr size_t ends_max = 65'536;

/// How long a backend may take to close before nobody waits for it any more.
constexpr caf::timespan close_timeout = 5s;

/// Calls `fn` when it has been called as often as it was told to expect.
class countdown : public std::enable_shared_from_this<countdown> {
public:
  explicit countdown(std::function<void()> fn) : fn_(std::move(fn)) {
    // nop
  }

  std::function<void()> one_more() {
    ++count_;
    return [me = shared_from_this()] { me->arrive(); };
  }

  /// Nobody is added any more.
  void close() {
    closed_ = true;
    finish();
  }

private:
  void arrive() {
    --count_;
    finish();
  }

  void finish() {
    if (closed_ && count_ == 0)
      if (auto fn = std::exchange(fn_, {}))
        fn();
  }

  std::function<void()> fn_;
  size_t count_ = 0;
  bool closed_ = false;
};

/// What one Engram's report means for all of them.
engram_hosting::rollback_outcome outcome_of(const rollback_report& report,
                                            const std::string& engram_id) {
  engram_hosting::rollback_outcome result{report.compensated, report.conflicts};
  if (report.failed > 0)
    result.failed.push_back(engram_id);
  return result;
}

} // namespace

engram_hosting::engram_hosting(owner& host, environment_ptr env,
                               std::string place)
  : owner_(host), env_(std::move(env)), place_(std::move(place)) {
  // nop
}

engram_hosting::~engram_hosting() {
  for (auto& h : engrams_) {
    if (h.now != state::idle)
      env_->engrams.remove(place_, h.what.engram_id());
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

// -- hosting -------------------------------------------------------------------

caf::error engram_hosting::attach(const engram& what) {
  if (auto err = what.check())
    return err;
  auto& engram_id = what.engram_id();
  if (find(engram_id))
    return make_error(ec::already_exists,
                      "the Engram is hosted here already: " + engram_id);
  if (std::ranges::any_of(leaving_, [&](const leaving& l) {
        return l.what.backend() == what.backend();
      }))
    return make_error(ec::already_attached,
                      "the Engram is being detached: " + engram_id);
  // The Engram must not keep its Dendrite alive.
  auto tell = [env = env_, me = self()->address(), engram_id](auto... xs) {
    if (auto hdl = caf::actor_cast<dendrite_actor>(me))
      env->send(hdl, refresh_atom_v, recall_atom_v, engram_id,
                std::move(xs)...);
  };
  hosting_link to{[tell] { tell(); },
                  [tell](refresh_event event) { tell(std::move(event)); }};
  if (auto err = engram{what}.attach_to(this, std::move(to)))
    return err;
  engrams_.push_back(hosted{.what = what});
  return {};
}

caf::result<void> engram_hosting::detach(const std::string& engram_id) {
  auto h = find(engram_id);
  if (!h)
    return make_error(ec::not_found, "no such Engram is hosted: " + engram_id);
  lower(*h, {});
  auto what = h->what;
  auto actor = std::exchange(h->actor, {});
  engrams_.remove_if([h](const hosted& x) { return &x == h; });
  if (!actor) {
    what.detach();
    return caf::unit;
  }
  self()->demonitor(actor);
  auto answer = self()->make_response_promise<void>();
  auto place = leaving_.insert(leaving_.end(), leaving{what, actor});
  auto done = [this, place, answer]() mutable {
    caf::anon_send_exit(place->actor, caf::exit_reason::user_shutdown);
    place->what.detach();
    leaving_.erase(place);
    answer.deliver();
  };
  self()
    ->request(actor, close_timeout, caf::close_atom_v)
    .then(done, [done, engram_id](const caf::error& err) mutable {
      log::error("dendrite", "engram-close-failed",
                 engram_id + ": " + describe(err));
      done();
    });
  return answer;
}

void engram_hosting::serve(const std::string& engram_id,
                           std::function<void(caf::error)> done) {
  if (auto h = find(engram_id)) {
    h->tried = std::move(done);
    raise(*h);
  } else {
    done({});
  }
}

void engram_hosting::serve_all(std::function<void()> done) {
  auto all = std::make_shared<countdown>(std::move(done));
  for (auto& h : engrams_) {
    if (h.now != state::idle)
      continue;
    h.tried = [one = all->one_more()](const caf::error&) { one(); };
    raise(h);
  }
  all->close();
}

void engram_hosting::leave_all(const std::string& reason,
                               std::function<void()> done) {
  auto all = std::make_shared<countdown>(std::move(done));
  for (auto& h : engrams_) {
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

void engram_hosting::bus_down() {
  for (auto& h : engrams_)
    lower(h, {});
}

bool engram_hosting::down(const caf::down_msg& msg) {
  for (auto& h : engrams_) {
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

engram_hosting::hosted* engram_hosting::find(const std::string& engram_id) {
  auto i = std::ranges::find_if(
    engrams_, [&](const hosted& h) { return h.what.engram_id() == engram_id; });
  return i == engrams_.end() ? nullptr : &*i;
}

// -- life of one ---------------------------------------------------------------

void engram_hosting::raise(hosted& h) {
  h.retry.dispose();
  if (h.now == state::idle)
    env_->engrams.add(place_, h.what.engram_id());
  h.now = state::connecting;
  if (!h.actor) {
    try {
      h.actor = spawn_engram(env_, h.what.backend(), h.what.lease());
    } catch (const std::exception& err) {
      // No thread for it.
      return failed(h, make_error(ec::store_io, err.what()));
    }
    self()->monitor(h.actor);
  }
  // Whatever happens meanwhile, an answer is only for whom it was asked for.
  auto current
    = [this, engram_id = h.what.engram_id(), actor = h.actor.address()] {
        return connecting(engram_id, actor);
      };
  self()
    ->request(h.actor, caf::infinite, caf::connect_atom_v)
    .then(
      [this, current](const std::vector<rollback_order>& unfinished) {
        if (auto x = current())
          finish_rollbacks(x->what.engram_id(), x->actor.address(),
                           {unfinished.begin(), unfinished.end()});
      },
      [this, current](const caf::error& err) {
        if (auto x = current())
          failed(*x, err);
      });
  if (h.tried)
    self()->run_delayed(connect_patience, [this, current] {
      if (auto x = current())
        tried(*x, make_error(ec::timeout, "the backend takes long to open: "
                                            + x->what.engram_id()));
    });
}

/// The Engram of this id, if this very actor is being connected.
engram_hosting::hosted*
engram_hosting::connecting(const std::string& engram_id,
                           const caf::actor_addr& actor) {
  auto h = find(engram_id);
  return h && h->actor && h->actor.address() == actor
             && h->now == state::connecting
           ? h
           : nullptr;
}

/// What a crash has interrupted is finished before anybody is served.
/// @source engram.md 19.5
void engram_hosting::finish_rollbacks(const std::string& engram_id,
                                      const caf::actor_addr& actor,
                                      std::deque<rollback_order> orders) {
  auto h = connecting(engram_id, actor);
  if (!h)
    return;
  if (orders.empty())
    return serves(*h);
  auto order = orders.front();
  orders.pop_front();
  auto go_on = [this, engram_id, actor, order,
                orders](const caf::expected<rollback_report>& report) {
    auto x = connecting(engram_id, actor);
    if (!x)
      return;
    // A STOP that still waits for it tells by itself.
    if (report && !owes(*x, order.stop_id)) {
      x->recovered.emplace_back(order, outcome_of(*report, engram_id));
    }
    finish_rollbacks(engram_id, actor, orders);
  };
  recover(engram_id, actor, order, std::move(go_on));
}

/// One step after the other; an actor that dies takes the rest with it.
void engram_hosting::recover(
  const std::string& engram_id, const caf::actor_addr& actor,
  const rollback_order& order,
  std::function<void(const caf::expected<rollback_report>&)> done) {
  auto h = connecting(engram_id, actor);
  if (!h)
    return;
  self()
    ->request(h->actor, undo_timeout, rollback_atom_v, order)
    .then(
      [this, engram_id, actor, order, done](const rollback_report& report) {
        if (report.done)
          done(report);
        else
          recover(engram_id, actor, order, done);
      },
      [done](const caf::error& err) { done(err); });
}

bool engram_hosting::owes(const hosted& h, const std::string& stop_id) {
  return std::ranges::any_of(h.queue, [&](const work& what) {
    auto u = std::get_if<undoing_ptr>(&what);
    return u && (*u)->order.stop_id == stop_id;
  });
}

void engram_hosting::serves(hosted& h) {
  h.now = state::serving;
  h.restarts.works();
  announce(h);
  for (auto& [order, outcome] : std::exchange(h.recovered, {}))
    owner_.recovered(order, outcome, h.what.engram_id());
  h.hooks_taken = 0;
  if (std::exchange(h.served, true))
    (void)refresh(h.what.engram_id(), {.reason = "restart"});
  take_new_hooks(h, true);
  pass_on_queue(h);
  tried(h, {});
}

/// Tries again after a pause that grows; after too many failures it is called
/// unavailable, and tried now and then.
void engram_hosting::failed(hosted& h, const caf::error& reason) {
  auto& engram_id = h.what.engram_id();
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
  auto next = h.restarts.failed(self()->clock().now());
  h.last_reason = reason;
  log::error("dendrite",
             next.unavailable ? "engram-unavailable" : "engram-failed",
             engram_id + ": " + to_string(reason));
  if (next.unavailable) {
    h.now = state::unavailable;
    take_leave(h, to_string(reason));
    refuse_stash(h, "engram_unavailable: " + message_of(reason));
  } else {
    h.now = state::waiting;
  }
  h.retry = self()->run_delayed(next.pause, [this, engram_id] {
    if (auto x = find(engram_id);
        x && (x->now == state::waiting || x->now == state::unavailable))
      raise(*x);
  });
  tried(h, reason);
}

/// Takes leave; the actor stays, so that nobody else opens the backend before
/// it is closed.
void engram_hosting::lower(hosted& h, const std::string& reason) {
  if (h.now != state::idle)
    env_->engrams.remove(place_, h.what.engram_id());
  take_leave(h, reason);
  h.now = state::idle;
  h.served = false;
  h.retry.dispose();
  h.restarts.reset();
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
  refuse_stash(h, "engram_unavailable: its Dendrite has stopped");
  tried(h, make_error(ec::cancelled, "its Dendrite has stopped"));
}

void engram_hosting::tried(hosted& h, caf::error reason) {
  if (auto done = std::exchange(h.tried, {}))
    done(std::move(reason));
}

// -- announcing ----------------------------------------------------------------

void engram_hosting::take_leave(hosted& h, const std::string& reason) {
  if (std::exchange(h.announced, false))
    owner_.say(
      env_->build.make(payload::deregister{reason},
                       {.directed = directed::to(h.what.engram_id())}));
}

void engram_hosting::announce(hosted& h) {
  h.announced = true;
  auto& about = h.what.describe();
  payload::register_ what{"engram", about.capabilities};
  what.version = about.version.value_or("");
  owner_.say(env_->build.make(
    std::move(what), {.directed = directed{about.engram_id, about.engram_kind,
                                           about.capabilities}}));
}

void engram_hosting::announce(
  const std::function<bool(const engram_description&)>& wanted) {
  for (auto& h : engrams_)
    if (h.now == state::serving && wanted(h.what.describe()))
      announce(h);
}

void engram_hosting::heartbeat() {
  for (auto& h : engrams_)
    if (h.now == state::serving)
      (void)refresh(h.what.engram_id(),
                    {.reason = "heartbeat", .neuron_id = h.what.engram_id()});
}

caf::error engram_hosting::refresh(const std::string& engram_id,
                                   const refresh_event& event) {
  auto h = find(engram_id);
  if (!h)
    return make_error(ec::not_found, "no such Engram is hosted: " + engram_id);
  for (auto& hook : h->what.lifecycle_hooks())
    if (hook.on_refresh)
      owner_.run_hook([fn = std::move(hook.on_refresh), event] { fn(event); });
  return {};
}

void engram_hosting::changed(const std::string& engram_id) {
  if (auto h = find(engram_id); h && h->now == state::serving)
    take_new_hooks(*h, false);
}

/// Takes up what an Engram carries and has not been taken up before.
void engram_hosting::take_new_hooks(hosted& h, bool announced) {
  for (auto& spec : h.what.take_handlers())
    owner_.take_handler(std::move(spec));
  auto fresh = h.what.lifecycle_hooks(h.hooks_taken);
  h.hooks_taken += fresh.size();
  if (!h.schedules)
    h.schedules = std::make_shared<loops>(self(), env_);
  for (auto& hook : fresh)
    if (hook.on_schedule)
      h.schedules->begin(hook.every, std::move(hook.on_schedule));
  if (!announced)
    return;
  for (auto& hook : fresh)
    if (hook.on_connect)
      owner_.run_hook(std::move(hook.on_connect));
}

std::vector<engram> engram_hosting::attached() const {
  std::vector<engram> result;
  for (auto& h : engrams_)
    result.push_back(h.what);
  return result;
}

bool engram_hosting::hosts(std::string_view engram_id,
                           std::string_view engram_kind) const {
  return std::ranges::any_of(engrams_, [&](const hosted& h) {
    return engram_id.empty() ? h.what.engram_kind() == engram_kind
                             : h.what.engram_id() == engram_id;
  });
}

std::vector<std::string> engram_hosting::ids() const {
  std::vector<std::string> result;
  for (auto& h : engrams_)
    if (h.now != state::idle)
      result.push_back(h.what.engram_id());
  return result;
}

std::vector<child_info> engram_hosting::tree() const {
  std::vector<child_info> result;
  for (auto& h : engrams_) {
    child_info about{.id = h.what.engram_id(),
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

/// @source engram.md 6.4
void engram_hosting::request(const signal& sig) {
  auto& to = sig.directed();
  if (engrams_.empty() || !to)
    return;
  engram_request what{sig, self()->clock().now()};
  for (auto& h : engrams_) {
    auto meant = to->has_id()
                   ? h.what.engram_id() == *to->id
                   : to->has_type() && h.what.engram_kind() == *to->type;
    if (!meant)
      continue;
    if (h.now == state::serving) {
      pass_on(h, what);
    } else if (h.now == state::unavailable
               || (h.now == state::connecting && h.restarts.unavailable())) {
      refuse(h, sig, "engram_unavailable: its storage keeps failing");
    } else if (h.now == state::idle) {
      continue;
    } else if (h.stashed >= queue_max) {
      refuse(h, sig, "engram_overloaded: it is being restarted");
    } else {
      h.queue.emplace_back(what);
      ++h.stashed;
    }
  }
}

void engram_hosting::pass_on(hosted& h, engram_request request) {
  if (h.outstanding >= queue_max)
    return refuse(h, request.what,
                  "engram_overloaded: " + std::to_string(queue_max)
                    + " requests are waiting");
  ++h.outstanding;
  auto settle
    = [this, engram_id = h.what.engram_id(), actor = h.actor.address()] {
        if (auto x = find(engram_id);
            x && x->actor && x->actor.address() == actor && x->outstanding > 0)
          --x->outstanding;
      };
  auto sig = request.what;
  self()
    ->request(h.actor, caf::infinite, std::move(request))
    .then(
      [this, settle](const worker_signal& reply) {
        settle();
        owner_.say(reply);
      },
      [this, settle, sig, about = h.what.describe()](const caf::error& err) {
        settle();
        // A host that fails must not win; a writer must not wait in vain.
        if (sig.type() == signal_type::IMPRINT)
          owner_.say(refused_imprint(env_->build, sig, about,
                                     "engram_exception: the Engram died: "
                                       + to_string(err)));
      });
}

void engram_hosting::pass_on_queue(hosted& h) {
  h.stashed = 0;
  h.returned = 0;
  // Some may come back at once.
  for (auto& what : std::exchange(h.queue, {})) {
    if (auto request = std::get_if<engram_request>(&what))
      pass_on(h, std::move(*request));
    else if (auto end = std::get_if<trace_end>(&what))
      end_trace(h, std::move(*end));
    else
      undo(std::get<undoing_ptr>(std::move(what)));
  }
}

/// Keeps what its actor has not done for the next one, before what came later.
void engram_hosting::take_back(hosted& h, work what) {
  h.returned = std::min(h.returned, h.queue.size());
  auto place = h.queue.begin() + static_cast<std::ptrdiff_t>(h.returned++);
  h.queue.insert(place, std::move(what));
}

void engram_hosting::refuse(const hosted& h, const signal& sig,
                            const std::string& why) {
  env_->letters->add(dead_letter_reason::dropped, h.what.engram_id(),
                     to_string(sig.type()));
  log::warning("dendrite", "engram-request-refused",
               h.what.engram_id() + ": " + sig.id() + ": " + why);
  if (sig.type() == signal_type::IMPRINT)
    owner_.say(refused_imprint(env_->build, sig, h.what.describe(), why));
}

/// Requests are refused; the ends of traces and what is to be undone stay.
void engram_hosting::refuse_stash(hosted& h, const std::string& why) {
  h.stashed = 0;
  h.returned = 0;
  std::erase_if(h.queue, [&](const work& what) {
    auto request = std::get_if<engram_request>(&what);
    if (request)
      refuse(h, request->what, why);
    return request != nullptr;
  });
}

// -- the end of a trace --------------------------------------------------------

void engram_hosting::end_trace(const trace_end& what) {
  for (auto& h : engrams_) {
    if (h.now == state::serving) {
      end_trace(h, what);
    } else if (h.now != state::idle) {
      if (h.queue.size() < ends_max)
        h.queue.emplace_back(what);
      else
        env_->letters->add(dead_letter_reason::stash_overflow,
                           h.what.engram_id(), what.trace_id);
    }
  }
}

void engram_hosting::end_trace(hosted& h, trace_end what) {
  auto again = [this, what, engram_id = h.what.engram_id(),
                actor = h.actor.address()](const caf::error&) {
    // One that lives has said what is wrong, and would say it again.
    auto x = find(engram_id);
    if (x && x->now != state::idle
        && (!x->actor || x->actor.address() != actor))
      x->now == state::serving ? end_trace(*x, what) : take_back(*x, what);
  };
  if (what.failed)
    self()
      ->request(h.actor, caf::infinite, fail_atom_v, what.trace_id)
      .then([] {}, again);
  else
    self()
      ->request(h.actor, caf::infinite, commit_atom_v, what.trace_id)
      .then([] {}, again);
}

void engram_hosting::commit(const std::string& trace_id) {
  end_trace(trace_end{trace_id, false});
}

void engram_hosting::mark_failed(const std::string& trace_id) {
  end_trace(trace_end{trace_id, true});
}

// -- rolling back --------------------------------------------------------------

/// @source engram.md 19.4
void engram_hosting::roll_back(const rollback_order& order,
                               rollback_done done) {
  auto sum = std::make_shared<rollback_outcome>();
  auto all = std::make_shared<countdown>(
    [sum, done = std::move(done)] { done(std::move(*sum)); });
  for (auto& h : engrams_) {
    if (h.now == state::idle)
      continue;
    auto& engram_id = h.what.engram_id();
    auto add = [sum, engram_id, arrived = all->one_more()](
                 const caf::expected<rollback_report>& report) {
      if (report) {
        sum->compensated += report->compensated;
        sum->conflicts += report->conflicts;
      }
      if (!report || report->failed > 0)
        sum->failed.push_back(engram_id);
      if (!report)
        sum->pending = true;
      arrived();
    };
    auto u = std::make_shared<undoing>(
      undoing{engram_id, order, undo_attempts, std::move(add)});
    self()->run_delayed(undo_patience, [this, u] {
      report(*u, make_error(ec::timeout, "the rollback takes long"));
    });
    if (h.now == state::serving)
      undo(std::move(u));
    else
      h.queue.emplace_back(std::move(u));
  }
  all->close();
}

void engram_hosting::undo(undoing_ptr u) {
  auto h = find(u->engram_id);
  if (!h)
    return report(*u, make_error(ec::not_found, "the Engram has left"));
  // Still owed when it serves again, be it at the next start.
  if (h->now != state::serving)
    return take_back(*h, std::move(u));
  self()
    ->request(h->actor, undo_timeout, rollback_atom_v, u->order)
    .then(
      [this, u](const rollback_report& what) {
        if (what.done)
          report(*u, what);
        else
          undo(u);
      },
      [this, u, actor = h->actor.address()](const caf::error& err) {
        auto x = find(u->engram_id);
        if (x && x->actor && x->actor.address() == actor)
          undo_later(u, err);
        else
          // A new actor goes on where this one has stopped.
          undo(u);
      });
}

void engram_hosting::undo_later(undoing_ptr u, const caf::error& reason) {
  if (--u->attempts_left == 0) {
    report(*u, reason);
    // It is still owed, when the Engram has been restarted.
    if (auto h = find(u->engram_id))
      take_back(*h, std::move(u));
    return;
  }
  auto longer = undo_attempts - u->attempts_left;
  self()->run_delayed(undo_pause * longer, [this, u] { undo(u); });
}

/// The STOP hears of it once; of what is done after that, everybody.
void engram_hosting::report(undoing& u, caf::expected<rollback_report> report) {
  if (auto h = find(u.engram_id); h && report)
    std::erase_if(h->queue, [&](const work& what) {
      auto other = std::get_if<undoing_ptr>(&what);
      return other && (*other)->order.stop_id == u.order.stop_id;
    });
  if (auto done = std::exchange(u.done, {}))
    return done(std::move(report));
  if (!report)
    return;
  owner_.recovered(u.order, outcome_of(*report, u.engram_id), u.engram_id);
}

} // namespace cosmo::actors
