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

/// A backend that fails this often in this time is left alone for a while.
constexpr size_t failures_max = 5;
constexpr caf::timespan failure_period = 60s;
constexpr caf::timespan retry_first = 100ms;
constexpr caf::timespan retry_longest = 10s;
constexpr caf::timespan retry_unavailable = 30s;

/// How long a step of a rollback may take, and how often it is tried.
constexpr caf::timespan undo_timeout = 10s;
constexpr int undo_attempts = 4;

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

} // namespace

engram_hosting::engram_hosting(owner& host, environment_ptr env,
                               std::string place)
  : owner_(host), env_(std::move(env)), place_(std::move(place)) {
  // nop
}

engram_hosting::~engram_hosting() {
  for (auto& h : engrams_) {
    if (h.now == state::serving)
      env_->engrams.remove(place_, h.what.engram_id());
    if (h.schedules)
      h.schedules->end();
    if (h.actor)
      caf::anon_send_exit(h.actor, caf::exit_reason::user_shutdown);
    h.what.detach();
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
  auto done = [what, actor, answer]() mutable {
    // Before it is free to be hosted elsewhere.
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    what.detach();
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
                           std::function<void()> done) {
  if (auto h = find(engram_id)) {
    h->tried = std::move(done);
    raise(*h);
  } else {
    done();
  }
}

void engram_hosting::serve_all(std::function<void()> done) {
  auto all = std::make_shared<countdown>(std::move(done));
  for (auto& h : engrams_) {
    if (h.now != state::idle)
      continue;
    h.tried = all->one_more();
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
  leave_all({}, [] {});
}

bool engram_hosting::down(const caf::down_msg& msg) {
  for (auto& h : engrams_) {
    if (!h.actor || h.actor.address() != msg.source)
      continue;
    h.actor = nullptr;
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
  h.now = state::connecting;
  if (!h.actor) {
    h.actor = spawn_engram(env_, h.what.backend(), h.what.lease());
    self()->monitor(h.actor);
  }
  // Whatever happens meanwhile, an answer is only for whom it was asked for.
  auto current = [this, engram_id = h.what.engram_id(),
                  actor = h.actor.address()]() -> hosted* {
    auto x = find(engram_id);
    return x && x->actor && x->actor.address() == actor
               && x->now == state::connecting
             ? x
             : nullptr;
  };
  self()
    ->request(h.actor, caf::infinite, caf::connect_atom_v)
    .then(
      [this, current](const std::vector<rollback_order>& unfinished) {
        if (auto x = current())
          finish_rollbacks(x->what.engram_id(),
                           {unfinished.begin(), unfinished.end()});
      },
      [this, current](const caf::error& err) {
        if (auto x = current())
          failed(*x, err);
      });
}

/// What a crash has interrupted is finished before anybody is served.
/// @source engram.md 19.5
void engram_hosting::finish_rollbacks(const std::string& engram_id,
                                      std::deque<rollback_order> orders) {
  auto h = find(engram_id);
  if (!h || h->now != state::connecting)
    return;
  if (orders.empty())
    return serves(*h);
  auto order = orders.front();
  orders.pop_front();
  auto go_on
    = [this, engram_id, order, orders](caf::expected<rollback_report> report) {
        auto x = find(engram_id);
        if (!x)
          return;
        if (report) {
          rollback_outcome what{report->compensated, report->conflicts};
          if (report->failed > 0)
            what.failed.push_back(engram_id);
          x->recovered.emplace_back(order, std::move(what));
        }
        finish_rollbacks(engram_id, orders);
      };
  undo(std::make_shared<undoing>(
    undoing{engram_id, order, undo_attempts, std::move(go_on)}));
}

void engram_hosting::serves(hosted& h) {
  h.now = state::serving;
  env_->engrams.add(place_, h.what.engram_id());
  announce(h);
  for (auto& [order, outcome] : std::exchange(h.recovered, {}))
    owner_.recovered(order, outcome, h.what.engram_id());
  h.hooks_taken = 0;
  if (std::exchange(h.served, true))
    (void)refresh(h.what.engram_id(), {.reason = "restart"});
  take_new_hooks(h, true);
  for (auto& request : std::exchange(h.stash, {}))
    pass_on(h, std::move(request));
  tried(h);
}

/// Tries again after a pause that grows; after too many failures it is called
/// unavailable, and tried now and then.
void engram_hosting::failed(hosted& h, const caf::error& reason) {
  auto& engram_id = h.what.engram_id();
  if (h.now == state::serving) {
    env_->engrams.remove(place_, engram_id);
    if (h.schedules)
      h.schedules->end();
    h.schedules = nullptr;
  }
  auto was_unavailable = h.now == state::unavailable;
  auto now = self()->clock().now();
  h.failures.push_back(now);
  while (now - h.failures.front() > failure_period)
    h.failures.pop_front();
  auto many = h.failures.size() > failures_max;
  auto pause = retry_unavailable;
  if (!many)
    pause = std::min(retry_longest,
                     retry_first * (int64_t{1} << (h.failures.size() - 1)));
  log::error("dendrite", many ? "engram-unavailable" : "engram-failed",
             engram_id + ": " + to_string(reason));
  if (many) {
    h.now = state::unavailable;
    if (!was_unavailable && h.served)
      owner_.say(env_->build.make(payload::deregister{to_string(reason)},
                                  {.directed = directed::to(engram_id)}));
    refuse_stash(h, "engram_unavailable: " + message_of(reason));
  } else {
    h.now = state::waiting;
  }
  h.retry = self()->run_delayed(pause, [this, engram_id] {
    if (auto x = find(engram_id);
        x && (x->now == state::waiting || x->now == state::unavailable))
      raise(*x);
  });
  tried(h);
}

/// Takes leave; the actor stays, so that nobody else opens the backend before
/// it is closed.
void engram_hosting::lower(hosted& h, const std::string& reason) {
  if (h.now == state::serving) {
    env_->engrams.remove(place_, h.what.engram_id());
    owner_.say(
      env_->build.make(payload::deregister{reason},
                       {.directed = directed::to(h.what.engram_id())}));
  }
  h.now = state::idle;
  h.served = false;
  h.retry.dispose();
  h.failures.clear();
  if (auto schedules = std::exchange(h.schedules, nullptr))
    schedules->end();
  refuse_stash(h, "engram_unavailable: its Dendrite has stopped");
  tried(h);
}

void engram_hosting::tried(hosted& h) {
  if (auto done = std::exchange(h.tried, {}))
    done();
}

// -- announcing ----------------------------------------------------------------

void engram_hosting::announce(const hosted& h) {
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
    switch (h.now) {
      case state::serving:
        pass_on(h, what);
        break;
      case state::connecting:
      case state::waiting:
        if (h.stash.size() < queue_max)
          h.stash.push_back(what);
        else
          refuse(h, sig, "engram_overloaded: it is being restarted");
        break;
      case state::unavailable:
        refuse(h, sig, "engram_unavailable: its storage keeps failing");
        break;
      case state::idle:
        break;
    }
  }
}

void engram_hosting::pass_on(hosted& h, engram_request request) {
  if (h.outstanding >= queue_max)
    return refuse(h, request.what,
                  "engram_overloaded: " + std::to_string(queue_max)
                    + " requests are waiting");
  ++h.outstanding;
  auto engram_id = h.what.engram_id();
  auto settle = [this, engram_id] {
    if (auto x = find(engram_id); x && x->outstanding > 0)
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

void engram_hosting::refuse(const hosted& h, const signal& sig,
                            const std::string& why) {
  log::warning("dendrite", "engram-request-refused",
               h.what.engram_id() + ": " + sig.id() + ": " + why);
  if (sig.type() == signal_type::IMPRINT)
    owner_.say(refused_imprint(env_->build, sig, h.what.describe(), why));
}

void engram_hosting::refuse_stash(hosted& h, const std::string& why) {
  for (auto& request : std::exchange(h.stash, {}))
    refuse(h, request.what, why);
}

template <class Atom>
void engram_hosting::tell_all(Atom what, const std::string& trace_id) {
  for (auto& h : engrams_)
    if (h.now == state::serving)
      self()->send(h.actor, what, trace_id);
}

void engram_hosting::commit(const std::string& trace_id) {
  tell_all(commit_atom_v, trace_id);
}

void engram_hosting::mark_failed(const std::string& trace_id) {
  tell_all(fail_atom_v, trace_id);
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
                 caf::expected<rollback_report> report) {
      if (report) {
        sum->compensated += report->compensated;
        sum->conflicts += report->conflicts;
        sum->pending |= !report->done;
      }
      if (!report || report->failed > 0)
        sum->failed.push_back(engram_id);
      if (!report)
        sum->pending = true;
      arrived();
    };
    undo(std::make_shared<undoing>(
      undoing{engram_id, order, undo_attempts, std::move(add)}));
  }
  all->close();
}

/// One step after the other; a backend that died meanwhile goes on where it
/// stopped.
void engram_hosting::undo(std::shared_ptr<undoing> u) {
  auto h = find(u->engram_id);
  if (!h || h->now == state::idle)
    return u->done(make_error(ec::not_found, "the Engram has left"));
  // Rolls back before it serves, too: see finish_rollbacks.
  if (!h->actor || h->now == state::waiting || h->now == state::unavailable)
    return undo_later(u, make_error(ec::not_connected, "it does not serve"));
  self()
    ->request(h->actor, undo_timeout, rollback_atom_v, u->order)
    .then(
      [this, u](const rollback_report& report) {
        if (report.done)
          u->done(report);
        else
          undo(u);
      },
      [this, u](const caf::error& err) { undo_later(u, err); });
}

void engram_hosting::undo_later(std::shared_ptr<undoing> u,
                                const caf::error& reason) {
  if (--u->attempts_left == 0)
    return u->done(reason);
  auto pause = retry_first * (int64_t{1} << (undo_attempts - u->attempts_left));
  self()->run_delayed(pause, [this, u] { undo(u); });
}

} // namespace cosmo::actors
