// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include "role_guard.hpp"
#include <cosmo/log.hpp>

#include <algorithm>

namespace cosmo::actors {

// -- the dispatcher's side -----------------------------------------------------

/// @source dendrite.md section 14.1
caf::result<opened_pathway>
dendrite_state::dispatch_offer(offer_options options) {
  if (auto err = check_orchestrator(options_, "dispatch_offer"))
    return err;
  if (!options.input.is_object())
    return make_error(ec::bad_argument,
                      std::string{"input must be an object, not "}
                        + options.input.type_name());
  if (options.deadline.count() < 0)
    return make_error(ec::bad_argument,
                      "deadline must not be negative: "
                        + std::to_string(options.deadline.count()) + " ms");
  if (auto err = check_room())
    return err;
  auto replay_cap = read_replay_cap(options.replay_cap);
  if (!replay_cap)
    return std::move(replay_cap.error());
  auto offer = env_->build(payload::task_offer{options.input,
                                               std::move(options.capabilities),
                                               options.deadline.count()},
                           {.trace_id = std::move(options.trace_id),
                            .parent_id = std::move(options.parent_id),
                            .meta = std::move(options.meta)});
  if (!offer)
    return std::move(offer.error());
  auto& trace_id = offer->trace_id();
  auto finalize = options.finalize.value_or(options.scope == scope::terminal);
  ensure(types::pathway);
  auto opened = spawn(
    {.trace_id = trace_id, .scope = options.scope, .replay_cap = *replay_cap},
    "originator", finalize);
  opened.parent_id = offer->parent_id();
  auto key = lent_.at(opened.handle.address()).key;
  auto answer = self_->make_response_promise<opened_pathway>();
  auto window = self_->run_delayed(
    within_clock(options.deadline), [this, trace_id, id = offer->id()] {
      end_window(std::string{trace_id}, std::string{id});
    });
  offers_.emplace(trace_id,
                  open_offer{.offer_id = offer->id(),
                             .bids = auction{offer->id(), options.select},
                             .path = std::move(opened),
                             .key = key,
                             .input = std::move(options.input),
                             .context_ref = std::move(options.context_ref),
                             .finalize = finalize,
                             .answer = answer,
                             .window = std::move(window),
                             .deadline = options.deadline});
  publish_to(subject_of(signal_type::TASK_OFFER), *offer);
  return answer;
}

void dendrite_state::take_bid(const signal& sig) {
  auto [i, last] = offers_.equal_range(sig.trace_id());
  for (; i != last; ++i) {
    auto& o = i->second;
    auto key = ledger_key(sig.directed_id());
    auto host = env_->awards.host_of(key);
    // Whoever left while the bid was on its way cannot do the work.
    if (!host && env_->awards.has_left(key))
      return;
    auto bid = o.bids.add(sig);
    if (!bid)
      continue;
    bid->host = std::move(host);
    if (o.bids.decided())
      settle(i);
    return;
  }
}

void dendrite_state::end_window(const std::string& trace_id,
                                const std::string& offer_id) {
  auto i = find_offer(trace_id, [&](const open_offer& o) {
    return o.offer_id == offer_id && !o.bids.closed();
  });
  if (i != offers_.end())
    settle(i);
}

/// Ends the window: losers first, then the award.
void dendrite_state::settle(offers::iterator i) {
  auto& o = i->second;
  o.window.dispose();
  o.bids.close();
  if (o.bids.rest().empty())
    return fail_offer(
      i,
      make_error(ec::timeout, "nobody bid within "
                                + std::to_string(o.deadline.count()) + " ms"));
  auto award = take_award_for(o);
  if (!award)
    return fail_offer(i, make_error(ec::timeout, "all who bid are gone"));
  for (auto& loser : o.bids.rest())
    publish_to(subject_of(signal_type::TASK_DECLINED),
               env_->build.make(payload::task_declined{"not selected"},
                                {.trace_id = loser.sig.trace_id(),
                                 .parent_id = loser.sig.id(),
                                 .directed = directed::to(loser.neuron_id)}));
  publish_to(subject_of(signal_type::TASK_AWARDED), *award);
  o.answer.deliver(o.path);
}

/// The award for the best bid left whose Neuron has not died since it bid.
std::optional<signal> dendrite_state::take_award_for(open_offer& o) {
  while (auto bid = o.bids.take_best()) {
    auto sig = make_award(o, *bid);
    auto refused = [env = env_, me = self_->address(),
                    trace_id = sig.trace_id(), id = sig.id()] {
      if (auto hdl = caf::actor_cast<dendrite_actor>(me))
        env->send(hdl, award_atom_v, trace_id, id);
    };
    // Who is not known here is trusted to be there.
    if (bid->host
        && !env_->awards.award(sig.id(), ledger_key(bid->neuron_id), bid->host,
                               std::move(refused)))
      continue;
    o.award_id = sig.id();
    o.winner = bid->neuron_id;
    return sig;
  }
  return std::nullopt;
}

signal dendrite_state::make_award(const open_offer& o,
                                  const auction::bid& to) const {
  auto terms = json::object();
  if (to.cost)
    terms["cost"] = *to.cost;
  if (to.terms.eta_ms)
    terms["eta_ms"] = *to.terms.eta_ms;
  if (to.terms.confidence)
    terms["confidence"] = *to.terms.confidence;
  payload::task_awarded what{o.input, std::move(terms), {}, o.finalize};
  if (!o.context_ref.empty())
    what.context_ref = o.context_ref;
  return env_->build.make(std::move(what),
                          {.trace_id = to.sig.trace_id(),
                           .parent_id = to.sig.id(),
                           .directed = directed::to(to.neuron_id)});
}

/// The winner died before it took the award up: the next one gets it.
void dendrite_state::award_refused(const std::string& trace_id,
                                   const std::string& award_id) {
  auto i = find_offer(
    trace_id, [&](const open_offer& o) { return o.award_id == award_id; });
  if (i == offers_.end())
    return;
  auto& o = i->second;
  env_->awards.forget(award_id);
  auto loser = o.winner;
  if (auto next = take_award_for(o)) {
    log::warning("dendrite", "award-passed-on",
                 loser + " is gone; " + o.winner + " gets " + o.offer_id);
    return publish_to(subject_of(signal_type::TASK_AWARDED), *next);
  }
  publish(env_->build.make(
    payload::error{"AXON_EXCEPTION",
                   "the winner is gone and nobody else bid: " + o.winner, true},
    {.trace_id = trace_id,
     .parent_id = award_id,
     .directed = directed::to(o.winner)}));
  offers_.erase(i);
}

void dendrite_state::fail_offer(offers::iterator i, const caf::error& reason) {
  auto& o = i->second;
  o.answer.deliver(reason);
  self_->send(o.path.handle, caf::close_atom_v, reason);
  end_offer(i);
}

/// Lets go of offers whose Pathways have closed.
template <class Predicate>
void dendrite_state::end_offers(const std::string& trace_id, Predicate closed) {
  auto [i, last] = offers_.equal_range(trace_id);
  while (i != last)
    i = closed(i->second) ? end_offer(i) : std::next(i);
}

void dendrite_state::end_offers(const std::string& trace_id) {
  end_offers(trace_id, [](const open_offer&) { return true; });
}

void dendrite_state::end_offer_of(const std::string& trace_id, uint64_t key) {
  end_offers(trace_id, [&](const open_offer& o) { return o.key == key; });
}

dendrite_state::offers::iterator dendrite_state::end_offer(offers::iterator i) {
  auto& o = i->second;
  o.window.dispose();
  if (o.answer.pending())
    o.answer.deliver(
      make_error(ec::pathway_closed, "the trace has ended: " + i->first));
  if (!o.award_id.empty())
    env_->awards.forget(o.award_id);
  return offers_.erase(i);
}

template <class Predicate>
dendrite_state::offers::iterator
dendrite_state::find_offer(const std::string& trace_id, Predicate wanted) {
  auto [i, last] = offers_.equal_range(trace_id);
  i = std::find_if(i, last, [&](auto& kv) { return wanted(kv.second); });
  return i == last ? offers_.end() : i;
}

// -- the bidder's side ---------------------------------------------------------

/// @source dendrite.md section 14.3
void dendrite_state::bid_for(const signal& offer) {
  if (!options_.auto_bid || !active() || buried(offer)
      || handlers_.watches(signal_type::TASK_OFFER))
    return;
  auto what = offer.get_if<payload::task_offer>();
  if (!what)
    return;
  auto bidder = std::ranges::find_if(axons_, [&](const hosted& h) {
    return h.actor && !h.leaving && h.what.covers(what->capabilities);
  });
  if (bidder == axons_.end())
    return;
  publish(env_->build.make(payload::bid{0.0, std::nullopt, 1.0},
                           {.trace_id = offer.trace_id(),
                            .parent_id = offer.id(),
                            .directed = directed::to(bidder->what.neuron_id()),
                            .meta = {{"auto_bid", true}}}));
}

/// An award is a TASK with the award's id. Whoever cannot take it up gives it
/// back where that is possible, and else answers for it.
/// @source dendrite.md section 14.4
void dendrite_state::take_award(const signal& sig) {
  auto h = find(std::string{sig.directed_id()});
  if (!h || !executed_.insert(sig.id(), env_->now()) || buried(sig))
    return;
  auto what = sig.as<payload::task_awarded>();
  if (!what)
    return publish_error(sig, h->what.neuron_id(), "AXON_EXCEPTION",
                         message_of(what.error()), false);
  if (!running_ || stopping_ || h->leaving || !h->actor) {
    if (!env_->awards.refuse(sig.id()))
      publish_error(sig, h->what.neuron_id(), "DENDRITE_STOPPED",
                    options_.dendrite_id + " does not serve "
                      + h->what.neuron_id() + " any more",
                    true);
    return;
  }
  if (!env_->awards.accept(sig.id()))
    return;
  auto& award = what->data();
  run_task(*h, task_signal{sig.envelope(),
                           payload::task{award.input,
                                         award.context_ref.value_or(""),
                                         {},
                                         award.finalize}});
}

void dendrite_state::serve(const std::string& neuron_id) {
  env_->awards.serve(ledger_key(neuron_id), self_->address());
}

void dendrite_state::leave(const std::string& neuron_id) {
  env_->awards.leave(ledger_key(neuron_id), self_->address());
}

std::string dendrite_state::ledger_key(std::string_view neuron_id) const {
  return place_ + std::string{neuron_id};
}

} // namespace cosmo::actors
