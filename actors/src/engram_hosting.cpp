// SPDX-License-Identifier: Apache-2.0
#include "engram_hosting.hpp"

#include "engram_state.hpp"
#include "part_hosting_impl.hpp"
#include <cosmo/log.hpp>

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

/// How long whoever asks for counts waits for those of the backend.
constexpr caf::timespan counts_patience = 5s;

/// How many ends of traces may wait for a restart.
constexpr size_t ends_max = 65'536;

/// What one Engram's report means for all of them.
rollback_outcome outcome_of(const rollback_report& report,
                            const std::string& engram_id) {
  rollback_outcome result{report.compensated, report.conflicts};
  if (report.failed > 0)
    result.failed.push_back(engram_id);
  return result;
}

} // namespace

template class part_hosting<engram_part>;

engram_hosting::engram_hosting(owner& host, environment_ptr env,
                               std::string place)
  : part_hosting(host, std::move(env)),
    dendrite_(host),
    place_(std::move(place)) {
  // nop
}

engram_hosting::~engram_hosting() {
  for (auto& h : parts_)
    if (h.now != state::idle)
      env_->engrams.remove(place_, h.id());
}

std::vector<std::string> engram_hosting::ids() const {
  std::vector<std::string> result;
  for (auto& h : parts_)
    if (h.now != state::idle)
      result.push_back(h.id());
  return result;
}

// -- counting -------------------------------------------------------------------

/// Behind all requests that it has, so that what is told fits together.
caf::result<engram_counts>
engram_hosting::counts(const std::string& engram_id) {
  auto h = find(engram_id);
  if (!h || h->now != state::serving)
    return counts(engram_id, std::nullopt);
  auto answer = self()->make_response_promise<engram_counts>();
  auto tell = [this, engram_id,
               answer](std::optional<engram_journal_counts> journal) mutable {
    answer.deliver(counts(engram_id, journal));
  };
  self()
    ->request(h->actor, counts_patience, caf::get_atom_v)
    .then(
      [tell](const engram_journal_counts& journal) mutable { tell(journal); },
      [tell](const caf::error&) mutable { tell(std::nullopt); });
  return answer;
}

caf::expected<engram_counts>
engram_hosting::counts(const std::string& engram_id,
                       std::optional<engram_journal_counts> journal) {
  auto h = find(engram_id);
  if (!h)
    return make_error(ec::not_found, "no such Engram is hosted: " + engram_id);
  auto result = h->tally.counts();
  result.restarts = h->restarts.total();
  result.queue_depth = h->stashed + h->outstanding;
  result.journal = journal;
  return result;
}

// -- life of one ---------------------------------------------------------------

engram_actor engram_hosting::spawn(const engram& what) {
  return spawn_engram(env_, what.backend(), what.lease());
}

void engram_hosting::raised(const hosted& h) {
  env_->engrams.add(place_, h.id());
}

void engram_hosting::lowered(hosted& h) {
  env_->engrams.remove(place_, h.id());
}

void engram_hosting::announced(hosted& h) {
  for (auto& [order, outcome] : std::exchange(h.recovered, {}))
    dendrite_.recovered(order, outcome, h.id());
}

void engram_hosting::connect(hosted& h) {
  // It is a new one, or all its answers are in.
  auto current = [this, engram_id = h.id(), actor = h.actor.address()] {
    return connecting(engram_id, actor);
  };
  self()
    ->request(h.actor, caf::infinite, caf::connect_atom_v)
    .then(
      [this, current](const std::vector<rollback_order>& unfinished) {
        if (auto x = current())
          finish_rollbacks(x->id(), x->actor.address(),
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

// -- serving -------------------------------------------------------------------

void engram_hosting::unanswered(const engram_description& by, const signal& sig,
                                const caf::error& reason) {
  auto h = find(by.engram_id);
  if (sig.type() == signal_type::RECALL && reason == ec::not_found) {
    if (h)
      h->tally.passed_over();
  } else if (sig.type() == signal_type::RECALL && reason == ec::timeout) {
    if (h)
      h->tally.recall_failed("engram_timeout: " + message_of(reason));
  } else {
    turn_down(h, by, sig,
              "engram_exception: the Engram died: " + to_string(reason));
  }
}

/// A host that fails must not win; a writer must not wait in vain.
void engram_hosting::turn_down(hosted* h, const engram_description& by,
                               const signal& sig, const std::string& why) {
  if (sig.type() == signal_type::IMPRINT) {
    auto reply = refused_imprint(env_->build, sig, by, why);
    if (h)
      answered(*h, reply);
    owner_.say(reply);
  } else if (h) {
    h->tally.recall_failed(why);
  }
}

void engram_hosting::answered(hosted& h, const worker_signal& reply) {
  if (auto finds = reply.get_if<payload::recalled>())
    h.tally.recalled(finds->hits.size());
  else if (auto receipt = reply.get_if<payload::imprinted>())
    h.tally.imprinted(*receipt);
}

void engram_hosting::pass_on_queue(hosted& h) {
  h.stashed = 0;
  h.returned = 0;
  // Some may come back at once.
  for (auto& what : std::exchange(h.queue, {})) {
    if (auto request = std::get_if<hosted_request>(&what))
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

void engram_hosting::refuse(hosted& h, const signal& sig,
                            const std::string& why) {
  env_->letters->add(dead_letter_reason::dropped, h.id(),
                     to_string(sig.type()));
  log::warning("dendrite", "engram-request-refused",
               h.id() + ": " + sig.id() + ": " + why);
  turn_down(&h, h.what.describe(), sig, why);
}

/// Requests are refused; the ends of traces and what is to be undone stay.
void engram_hosting::refuse_stash(hosted& h, const std::string& why) {
  h.stashed = 0;
  h.returned = 0;
  std::erase_if(h.queue, [&](const work& what) {
    auto request = std::get_if<hosted_request>(&what);
    if (request)
      refuse(h, request->what, why);
    return request != nullptr;
  });
}

// -- the end of a trace --------------------------------------------------------

void engram_hosting::end_trace(const trace_end& what) {
  for (auto& h : parts_) {
    if (h.now == state::serving) {
      end_trace(h, what);
    } else if (h.now != state::idle) {
      if (h.queue.size() < ends_max)
        h.queue.emplace_back(what);
      else
        env_->letters->add(dead_letter_reason::stash_overflow, h.id(),
                           what.trace_id);
    }
  }
}

void engram_hosting::end_trace(hosted& h, trace_end what) {
  auto again = [this, what, engram_id = h.id(),
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
  for (auto& h : parts_) {
    if (h.now == state::idle)
      continue;
    auto& engram_id = h.id();
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
  dendrite_.recovered(u.order, outcome_of(*report, u.engram_id), u.engram_id);
}

} // namespace cosmo::actors
