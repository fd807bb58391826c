// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace cosmo::actors {

namespace {

constexpr size_t tombstones_max = 65'536;

/// The Engrams that an acknowledgement speaks for.
std::vector<std::string> engrams_of(const signal& ack) {
  auto& meta = ack.meta();
  auto rollback = meta.find("rollback");
  if (rollback == meta.end() || !rollback->is_object())
    return {};
  auto engrams = rollback->find("engrams");
  if (engrams == rollback->end() || !engrams->is_array())
    return {};
  std::vector<std::string> result;
  // One that has failed is not done.
  auto failed = rollback->value("failed", json::array());
  if (rollback->value("pending", json(false)) != json(false))
    return {};
  for (auto& engram_id : *engrams)
    if (engram_id.is_string()
        && std::ranges::find(failed, engram_id) == failed.end())
      result.push_back(engram_id.get<std::string>());
  return result;
}

} // namespace

// -- sending -------------------------------------------------------------------

/// @source dendrite.md section 16.1
caf::error dendrite_state::publish_stop(const signal& sig) {
  if (sig.type() != signal_type::STOP)
    return make_error(ec::protocol_violation,
                      "not a STOP but a " + std::string{to_string(sig.type())}
                        + ": " + sig.id());
  if (auto err = emit(sig))
    return err;
  ensure({signal_type::STOPPED});
  return {};
}

caf::result<std::vector<signal>>
dendrite_state::stop_and_collect(const signal& sig, caf::timespan length) {
  if (stop_watches_.contains(sig.id()))
    return make_error(ec::already_exists,
                      "the acknowledgements are awaited already: " + sig.id());
  if (auto err = publish_stop(sig))
    return err;
  auto& watch = stop_watches_[sig.id()];
  watch.all = self_->make_response_promise<std::vector<signal>>();
  watch.timer = self_->run_delayed(within_clock(length),
                                   [this, id = sig.id()] { end_watch(id); });
  return watch.all;
}

caf::result<void> dendrite_state::stop_and_roll_back(const signal& sig,
                                                     caf::timespan limit) {
  if (auto err = publish_stop(sig))
    return err;
  auto missing = env_->engrams.served_at(place_);
  if (missing.empty())
    return caf::unit;
  auto& watch = stop_watches_[sig.id()];
  watch.missing = std::move(missing);
  watch.rolled_back = self_->make_response_promise<void>();
  watch.timer = self_->run_delayed(within_clock(limit),
                                   [this, id = sig.id()] { end_watch(id); });
  return watch.rolled_back;
}

void dendrite_state::take_ack(const signal& sig) {
  if (!sig.parent_id())
    return;
  auto i = stop_watches_.find(*sig.parent_id());
  if (i == stop_watches_.end())
    return;
  auto& watch = i->second;
  if (watch.all.pending())
    watch.acks.push_back(sig);
  if (!watch.rolled_back.pending())
    return;
  for (auto& engram_id : engrams_of(sig))
    watch.missing.erase(engram_id);
  if (watch.missing.empty())
    end_watch(std::string{*sig.parent_id()});
}

void dendrite_state::end_watch(const std::string& stop_id) {
  auto done = stop_watches_.extract(stop_id);
  if (done.empty())
    return;
  auto& watch = done.mapped();
  watch.timer.dispose();
  if (watch.all.pending())
    watch.all.deliver(std::move(watch.acks));
  if (watch.rolled_back.pending())
    watch.rolled_back.deliver();
}

void dendrite_state::end_watches() {
  while (!stop_watches_.empty())
    end_watch(std::string{stop_watches_.begin()->first});
}

// -- receiving -----------------------------------------------------------------

/// @source dendrite.md section 16.2
void dendrite_state::stopped_by(const signal& sig) {
  auto& trace_id = sig.trace_id();
  auto known = tombstones_.find(trace_id);
  if (!is_new(sig)
      || (known != tombstones_.end() && known->second.stop_id == sig.id()))
    return stop_again(sig);
  show(sig);
  bury(sig);
  stopping_trace what{.stop = sig};
  for (auto i = runs_.begin(); i != runs_.end();) {
    auto& r = i->second;
    if (r.task.trace_id() != trace_id) {
      ++i;
      continue;
    }
    self_->send(r.actor, cancel_atom_v, r.task.id());
    i = runs_.erase(i);
    ++what.cancelled;
  }
  for (auto& h : axons_)
    what.cancelled += static_cast<int64_t>(
      std::erase_if(h.stash, [&](const task_signal& task) {
        return task.trace_id() == trace_id;
      }));
  end_trace(trace_id);
  stop_children(sig);
  what.pathways = pathways_.take(trace_id);
  for (auto& w : waits_.extract(trace_id)) {
    what.waited_for = true;
    // Nothing meets it any more, but its deadline holds.
    w.types = {};
    stopped_waits_.add(sig.id(), std::move(w));
  }
  begin_stopping(std::move(what));
  check_drained();
}

/// A repeat is answered from the record: what began since is not meant. Only
/// what could not be undone is tried again.
void dendrite_state::stop_again(const signal& sig) {
  auto i = tombstones_.find(sig.trace_id());
  if (i == tombstones_.end() || i->second.stop_id != sig.id())
    return;
  auto& record = i->second;
  if (record.incomplete) {
    record.incomplete = false;
    return begin_stopping({.stop = sig, .is_new = false});
  }
  if (record.ack)
    publish(env_->build.make(*record.ack, {.trace_id = sig.trace_id(),
                                           .parent_id = sig.id(),
                                           .meta = record.ack_meta}));
}

void dendrite_state::begin_stopping(stopping_trace what) {
  what.engrams = engrams_.ids();
  auto number = next_stopping_++;
  auto under_way = find_stopping(what.stop.trace_id());
  stopping_traces_.emplace(number, std::move(what));
  // A second STOP speaks of what the first has left.
  if (under_way == stopping_traces_.end())
    settle_writes(number);
}

/// The oldest STOP of this trace that is not finished.
dendrite_state::stopping_traces::iterator
dendrite_state::find_stopping(const std::string& trace_id) {
  return std::ranges::find_if(stopping_traces_, [&](auto& kv) {
    return kv.second.stop.trace_id() == trace_id;
  });
}

/// Undoes or keeps what the trace has written here.
void dendrite_state::settle_writes(uint64_t number) {
  auto sig = stopping_traces_.at(number).stop;
  auto order = sig.get_if<payload::stop>();
  if (order && order->rollback) {
    engrams_.roll_back(
      {sig.trace_id(), sig.id(), sig.ts()},
      [this, number](const engram_hosting::rollback_outcome& outcome) {
        finish_stopping(number, outcome);
      });
  } else {
    engrams_.commit(sig.trace_id());
    finish_stopping(number, {});
  }
}

/// Whoever hears that the trace is closed may rely on its writes being undone.
void dendrite_state::finish_stopping(
  uint64_t number, const engram_hosting::rollback_outcome& outcome) {
  // A stop of the Dendrite may have come first.
  auto done = stopping_traces_.extract(number);
  if (done.empty())
    return;
  acknowledge(done.mapped(), outcome);
  auto next = find_stopping(done.mapped().stop.trace_id());
  if (next != stopping_traces_.end())
    settle_writes(next->first);
  check_drained();
}

void dendrite_state::acknowledge(
  stopping_trace& what, const engram_hosting::rollback_outcome& outcome) {
  auto& trace_id = what.stop.trace_id();
  auto had_stake = what.cancelled > 0 || !what.pathways.empty()
                   || what.waited_for || outcome.compensated > 0
                   || !outcome.complete();
  auto reason = make_error(ec::pathway_closed, "STOP on " + trace_id);
  for (auto& hdl : what.pathways)
    self_->send(hdl, caf::close_atom_v, reason);
  for (auto& who : stopped_waits_.take(what.stop.id()))
    who.answer.deliver(reason);
  auto asked_for = what.stop.meta().find("ack");
  auto always = asked_for != what.stop.meta().end() && *asked_for == "always";
  if (had_stake || always) {
    auto order = what.stop.get_if<payload::stop>();
    auto rollback = order && order->rollback;
    payload::stopped ack{rollback, what.cancelled,
                         static_cast<int64_t>(outcome.compensated),
                         options_.dendrite_id};
    json meta = nullptr;
    if (rollback)
      meta = {{"rollback", rollback_report_of(outcome, what.engrams)}};
    // What is not complete yet may be complete when it is asked for again.
    if (auto record = tombstones_.find(trace_id);
        record != tombstones_.end()
        && record->second.stop_id == what.stop.id()) {
      record->second.ack = ack;
      record->second.ack_meta = meta;
      record->second.incomplete = outcome.pending || !outcome.failed.empty();
    }
    publish(env_->build.make(std::move(ack), {.trace_id = trace_id,
                                              .parent_id = what.stop.id(),
                                              .meta = std::move(meta)}));
  }
  if (what.is_new)
    fire(what.stop);
}

/// What is still being undone goes on when its Engram is opened next.
void dendrite_state::finish_all_stopping() {
  for (auto& [number, what] : std::exchange(stopping_traces_, {}))
    acknowledge(what, {.pending = true});
  check_drained();
}

/// @source engram.md 9.7
json dendrite_state::rollback_report_of(
  const engram_hosting::rollback_outcome& what,
  const std::vector<std::string>& engram_ids) {
  return {{"complete", what.complete()},
          {"conflicts", what.conflicts},
          {"failed", what.failed},
          {"pending", what.pending},
          {"engrams", engram_ids}};
}

void dendrite_state::bury(const signal& sig) {
  auto now = env_->now();
  while (!tombstone_order_.empty()) {
    auto i = tombstones_.find(tombstone_order_.front());
    if (i != tombstones_.end() && i->second.until > now
        && tombstone_order_.size() < tombstones_max)
      break;
    if (i != tombstones_.end())
      tombstones_.erase(i);
    tombstone_order_.pop_front();
  }
  auto until = now + options_.trace_tombstone;
  auto [i, added] = tombstones_.try_emplace(
    sig.trace_id(), tombstone{sig.ts(), until, sig.id()});
  if (added)
    tombstone_order_.push_back(sig.trace_id());
  else
    i->second = {std::max(i->second.stopped_at, sig.ts()), until, sig.id()};
}

/// Whether a STOP that was sent no earlier has overtaken this Signal.
bool dendrite_state::buried(const signal& sig) {
  if (tombstones_.empty())
    return false;
  auto i = tombstones_.find(sig.trace_id());
  return i != tombstones_.end() && i->second.until > env_->now()
         && sig.ts() <= i->second.stopped_at;
}

/// What was begun on behalf of the trace ends with it. Nobody waits for those
/// acknowledgements.
void dendrite_state::stop_children(const signal& sig) {
  auto children = traces_.take_children(sig.trace_id());
  if (children.empty())
    return;
  auto what = sig.get_if<payload::stop>();
  for (auto& trace_id : children)
    publish_to(subject_of(signal_type::STOP),
               env_->build.make(what ? *what : payload::stop{},
                                {.trace_id = std::move(trace_id)}));
}

} // namespace cosmo::actors
