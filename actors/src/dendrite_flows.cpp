// SPDX-License-Identifier: Apache-2.0
//
// Shared memory, offers, retries and STOP: what takes more than one Signal.

#include "dendrite_facade.hpp"

#include <cmath>
#include <utility>

namespace cosmo {

// -- shared memory -------------------------------------------------------------

caf::expected<recall_result> dendrite::recall(recall_options options) const {
  return impl_->ask<recall_result>(recall_atom_v, std::string{},
                                   std::move(options));
}

caf::expected<std::optional<imprint_receipt>>
dendrite::imprint(imprint_options options) const {
  if (!options.await_ack) {
    if (auto err
        = impl_->ask<void>(imprint_atom_v, std::string{}, std::move(options)))
      return err;
    return std::optional<imprint_receipt>{};
  }
  auto receipt = impl_->ask<imprint_receipt>(imprint_atom_v, wait_atom_v,
                                             std::string{}, std::move(options));
  if (!receipt)
    return std::move(receipt.error());
  return std::optional{std::move(*receipt)};
}

// -- tools ---------------------------------------------------------------------

caf::expected<tool_outcome>
dendrite::call_tool(call_tool_options options) const {
  return impl_->ask<tool_outcome>(tool_atom_v, std::string{},
                                  std::move(options));
}

// -- bidding -------------------------------------------------------------------

caf::expected<pathway> dendrite::dispatch_offer(offer_options options) const {
  return impl_->open(
    impl_->ask<opened_pathway>(offer_atom_v, std::move(options)));
}

caf::expected<signal> dendrite::bid(const signal& offer, std::string neuron_id,
                                    bid_options terms) const {
  if (impl_->fault)
    return impl_->fault;
  if (offer.type() != signal_type::TASK_OFFER)
    return make_error(ec::protocol_violation,
                      "bid does not take a "
                        + std::string{to_string(offer.type())} + ": "
                        + offer.id());
  if (neuron_id.empty())
    return make_error(ec::bad_argument, "a bid needs the id of a Neuron");
  for (auto number : {terms.cost, terms.confidence.value_or(0.0)})
    if (!std::isfinite(number))
      return make_error(ec::bad_argument, "cost and confidence must be finite: "
                                            + std::to_string(number));
  if (terms.eta && terms.eta->count() < 0)
    return make_error(ec::bad_argument, "eta must not be negative: "
                                          + std::to_string(terms.eta->count())
                                          + " ms");
  payload::bid what{terms.cost, std::nullopt, terms.confidence};
  if (terms.eta)
    what.eta_ms = terms.eta->count();
  auto sig = impl_->env->build(std::move(what),
                               {.trace_id = offer.trace_id(),
                                .parent_id = offer.id(),
                                .directed = directed::to(std::move(neuron_id)),
                                .meta = std::move(terms.meta)});
  if (!sig)
    return std::move(sig.error());
  if (auto err = impl_->ask<void>(answer_atom_v, answer_signal{*sig}))
    return err;
  return signal{std::move(*sig)};
}

// -- retry ---------------------------------------------------------------------

caf::expected<signal> dendrite::run_with_retry(retry_strategy strategy,
                                               dispatch_options options) const {
  options.retry = std::move(strategy);
  return dispatch_and_wait(std::move(options));
}

// -- STOP ----------------------------------------------------------------------

namespace {

caf::expected<signal> make_stop(const signal_builder& build,
                                std::string trace_id, bool rollback,
                                std::optional<std::string> reason) {
  auto sig = build(payload::stop{rollback, std::move(reason)},
                   {.trace_id = std::move(trace_id)});
  if (!sig)
    return std::move(sig.error());
  return signal{std::move(*sig)};
}

} // namespace

caf::expected<signal>
dendrite::emit_stop(std::string trace_id, bool rollback,
                    std::optional<std::string> reason) const {
  if (auto err = impl_->check_orchestrator("emit_stop"))
    return err;
  auto sig = make_stop(impl_->env->build, std::move(trace_id), rollback,
                       std::move(reason));
  if (!sig)
    return sig;
  if (auto err = emit(*sig))
    return err;
  return sig;
}

caf::expected<std::vector<signal>>
dendrite::stop_trace(std::string trace_id, stop_trace_options options) const {
  if (auto err = impl_->check_orchestrator("stop_trace"))
    return err;
  auto sig = make_stop(impl_->env->build, std::move(trace_id), options.rollback,
                       std::move(options.reason));
  if (!sig)
    return std::move(sig.error());
  if (options.timeout.count() < 0)
    return make_error(ec::bad_argument,
                      "timeout must not be negative: "
                        + std::to_string(options.timeout.count()) + " ns");
  if (options.collect_acks)
    return impl_->ask<std::vector<signal>>(emit_atom_v, *sig,
                                           caf::timespan{options.timeout});
  if (auto err = emit(*sig))
    return err;
  return std::vector<signal>{};
}

} // namespace cosmo
