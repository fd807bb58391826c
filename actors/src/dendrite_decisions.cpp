// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

namespace cosmo::actors {

/// @source dendrite.md section 17.3
caf::result<signal> dendrite_state::await_decision(const signal& question,
                                                   caf::timespan timeout) {
  auto expected = decision_table<promise>::answer_to(question.type());
  if (!expected)
    return make_error(ec::protocol_violation,
                      "await_decision does not take a "
                        + std::string{to_string(question.type())} + ": "
                        + question.id());
  if (auto err = check_connected())
    return err;
  // The end of the trace must be seen, too.
  ensure(types::closing | signal_type_set{*expected, signal_type::STOP});
  if (auto early = decisions_.take_early(question))
    return std::move(*early);
  if (decisions_.awaited(question.id()))
    return make_error(ec::already_exists,
                      "the answer is awaited already: " + question.id());
  auto answer = self_->make_response_promise<signal>();
  if (timeout > longest) {
    decisions_.await(question, answer, std::nullopt);
  } else {
    decisions_.await(question, answer, self_->clock().now() + timeout);
    watch_deadlines();
  }
  return answer;
}

caf::error dendrite_state::answer(const answer_signal& sig) {
  if (auto err = check_connected())
    return err;
  if (sig.type() == signal_type::BID && !find(std::string{sig.directed_id()}))
    log::warning("dendrite", "bid-for-a-stranger",
                 options_.dendrite_id + " does not host "
                   + std::string{sig.directed_id()});
  publish(sig);
  return {};
}

void dendrite_state::decide(const signal& sig) {
  for (auto& answer : decisions_.decide(sig))
    answer.deliver(sig);
}

void dendrite_state::end_decisions(const std::string& trace_id) {
  for (auto& answer : decisions_.end(trace_id))
    answer.deliver(
      make_error(ec::pathway_closed, "the trace has ended: " + trace_id));
}

} // namespace cosmo::actors
