// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"

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
  for (auto& engram_id : *engrams)
    if (engram_id.is_string())
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
  ensure({signal_type::STOPPED});
  return emit(sig);
}

caf::result<std::vector<signal>>
dendrite_state::stop_and_collect(const signal& sig, caf::timespan length) {
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
  auto missing = env_->engrams.served_at(ledger_prefix_);
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

void dendrite_state::stopped_by(const signal& sig) {
  auto& trace_id = sig.trace_id();
  auto acknowledge = [&](const payload::stopped& ack) {
    publish(
      env_->build.make(ack, {.trace_id = trace_id, .parent_id = sig.id()}));
  };
  if (auto i = tombstones_.find(trace_id);
      i != tombstones_.end() && i->second.stop_id == sig.id()) {
    // A repeat is answered from the record: what began since is not meant.
    if (i->second.ack)
      acknowledge(*i->second.ack);
    return;
  }
  show(sig);
  bury(sig);
  int64_t cancelled = 0;
  for (auto i = runs_.begin(); i != runs_.end();) {
    auto& r = i->second;
    if (r.task.trace_id() != trace_id) {
      ++i;
      continue;
    }
    self_->send(r.actor, cancel_atom_v, r.task.id());
    i = runs_.erase(i);
    ++cancelled;
  }
  auto why = make_error(ec::pathway_closed, "STOP on " + trace_id);
  auto closed = pathways_.take(trace_id);
  for (auto& hdl : closed)
    self_->send(hdl, caf::close_atom_v, why);
  auto waiting = waits_.take(trace_id);
  for (auto& who : waiting)
    who.answer.deliver(why);
  end_decisions(trace_id);
  end_offers(trace_id);
  stop_children(sig);
  auto asked_for = sig.meta().find("ack");
  auto always = asked_for != sig.meta().end() && *asked_for == "always";
  if (cancelled > 0 || !closed.empty() || !waiting.empty() || always) {
    auto stop = sig.get_if<payload::stop>();
    auto& record = tombstones_.at(trace_id);
    record.ack = payload::stopped{stop && stop->rollback, cancelled, 0,
                                  options_.dendrite_id};
    acknowledge(*record.ack);
  }
  check_drained();
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
