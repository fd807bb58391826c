// SPDX-License-Identifier: Apache-2.0
//
// What a Dendrite says about a trace, answers to questions and hears by its
// handlers: everything that is built from a few calls of the actor.

#include "dendrite_facade.hpp"
#include <cosmo/subject.hpp>

#include <utility>

namespace cosmo {

namespace {

caf::error check_type(const signal& sig, signal_type_set expected,
                      std::string_view operation) {
  if (expected.contains(sig.type()))
    return {};
  return make_error(ec::protocol_violation,
                    std::string{operation} + " does not take a "
                      + std::string{to_string(sig.type())} + ": " + sig.id());
}

caf::error nobody_to_run(const signal& sig) {
  return make_error(ec::protocol_violation,
                    "nobody to run: " + sig.id() + " names no Neuron");
}

} // namespace

// -- emit ----------------------------------------------------------------------

caf::error dendrite::emit(const signal& sig) const {
  return impl_->ask<void>(emit_atom_v, sig);
}

template <payload_struct P>
caf::expected<signal> dendrite::say(P what, emit_options about) const {
  if (auto err
      = impl_->check_orchestrator("emit of " + std::string{to_string(P::type)}))
    return err;
  auto id = about.neuron.value_or(std::string{});
  if (id.empty())
    id = impl_->options.dendrite_id;
  auto sig = impl_->env->build(std::move(what),
                               {.trace_id = std::move(about.trace_id),
                                .parent_id = std::move(about.parent_id),
                                .directed = directed::to(std::move(id)),
                                .meta = std::move(about.meta)});
  if (!sig)
    return std::move(sig.error());
  if (auto err = emit(*sig))
    return err;
  return signal{std::move(*sig)};
}

caf::expected<signal> dendrite::emit_final(payload::final_ what,
                                           emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_error(payload::error what,
                                           emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_plan(payload::plan what,
                                          emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_thought_delta(payload::thought_delta what,
                                                   emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_tool_call(payload::tool_call what,
                                               emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_tool_result(payload::tool_result what,
                                                 emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_memory_append(payload::memory_append what,
                                                   emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_critique(payload::critique what,
                                              emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_escalation(payload::escalation what,
                                                emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_consensus(payload::consensus what,
                                               emit_options about) const {
  return say(std::move(what), std::move(about));
}

caf::expected<signal> dendrite::emit_context_sync(payload::context_sync what,
                                                  emit_options about) const {
  return say(std::move(what), std::move(about));
}

// -- answering by running the asker again --------------------------------------

/// Dispatches `{member: content + extra}` on the trace of `to`.
caf::expected<signal> dendrite::respond(const signal& to, std::string member,
                                        json content,
                                        respond_options how) const {
  auto target = how.neuron.value_or(std::string{});
  if (target.empty())
    target = to.directed_id();
  if (target.empty())
    return nobody_to_run(to);
  if (!how.extra.is_null() && !how.extra.is_object())
    return make_error(ec::bad_argument,
                      std::string{"extra must be an object, not "}
                        + how.extra.type_name());
  if (!content.is_object())
    return make_error(ec::bad_argument,
                      std::string{"input must be an object, not "}
                        + content.type_name());
  if (how.extra.is_object())
    content.update(how.extra);
  json input = json::object();
  if (member.empty())
    input = std::move(content);
  else
    input[member] = std::move(content);
  return impl_->ask<signal>(respond_atom_v,
                            dispatch_options{.neuron = std::move(target),
                                             .input = std::move(input),
                                             .trace_id = to.trace_id(),
                                             .parent_id = to.id(),
                                             .finalize = how.finalize,
                                             .meta = std::move(how.meta)});
}

caf::expected<signal>
dendrite::respond_to_clarification(const signal& question, json answer,
                                   respond_options how) const {
  constexpr auto operation = "respond_to_clarification";
  if (auto err = impl_->check_orchestrator(operation))
    return err;
  if (auto err = check_type(question, {signal_type::CLARIFICATION}, operation))
    return err;
  json content = json::object();
  content["question"] = question.get_if<payload::clarification>()
                          ? question.get_if<payload::clarification>()->question
                          : json(nullptr);
  content["answer"] = std::move(answer);
  return respond(question, "clarification", std::move(content), std::move(how));
}

caf::expected<signal>
dendrite::respond_to_permission(const signal& question,
                                payload::permission_decision verdict,
                                respond_options how) const {
  constexpr auto operation = "respond_to_permission";
  if (auto err = impl_->check_orchestrator(operation))
    return err;
  if (auto err = check_type(question, {signal_type::PERMISSION}, operation))
    return err;
  payload::permission_decision::normalize(verdict);
  json content = json::object();
  content["action"] = question.get_if<payload::permission>()
                        ? question.get_if<payload::permission>()->action
                        : json(nullptr);
  content["granted"] = verdict.granted;
  if (verdict.reason)
    content["reason"] = std::move(*verdict.reason);
  if (verdict.ttl_ms)
    content["ttl_ms"] = *verdict.ttl_ms;
  return respond(question, "permission", std::move(content), std::move(how));
}

caf::expected<signal> dendrite::respond_to_escalation(const signal& escalation,
                                                      respond_options how,
                                                      json input) const {
  constexpr auto operation = "respond_to_escalation";
  if (auto err = impl_->check_orchestrator(operation))
    return err;
  if (auto err = check_type(escalation, {signal_type::ESCALATION}, operation))
    return err;
  auto what = escalation.get_if<payload::escalation>();
  // An escalation names whom it goes to; `directed` is where it comes from.
  if (!how.neuron || how.neuron->empty())
    how.neuron = what ? what->target : std::nullopt;
  if (!how.neuron || how.neuron->empty())
    return nobody_to_run(escalation);
  if (!input.is_null())
    return respond(escalation, {}, std::move(input), std::move(how));
  json content = json::object();
  content["reason"] = what ? json(what->reason) : json(nullptr);
  content["context"]
    = what && what->context ? json(*what->context) : json(nullptr);
  auto from = escalation.directed_id();
  content["from"] = from.empty() ? json(nullptr) : json(std::string{from});
  return respond(escalation, "escalation", std::move(content), std::move(how));
}

// -- answering, and waiting for an answer --------------------------------------

template <payload_struct P>
caf::expected<signal> dendrite::answer(const signal& question, P what,
                                       json meta) const {
  auto sig = impl_->env->build(
    std::move(what), {.trace_id = question.trace_id(),
                      .parent_id = question.id(),
                      .directed = directed::to(impl_->options.dendrite_id),
                      .meta = std::move(meta)});
  if (!sig)
    return std::move(sig.error());
  if (auto err = impl_->ask<void>(answer_atom_v, answer_signal{*sig}))
    return err;
  return signal{std::move(*sig)};
}

caf::expected<signal> dendrite::answer_clarification(const signal& question,
                                                     json answer_,
                                                     json meta) const {
  if (auto err = check_type(question, {signal_type::CLARIFICATION},
                            "answer_clarification"))
    return err;
  return answer(question, payload::clarification_answer{std::move(answer_)},
                std::move(meta));
}

caf::expected<signal> dendrite::grant_permission(
  const signal& question, std::optional<std::string> reason,
  std::optional<std::chrono::milliseconds> ttl, json meta) const {
  if (auto err
      = check_type(question, {signal_type::PERMISSION}, "grant_permission"))
    return err;
  payload::permission_decision verdict{true, std::move(reason), {}};
  if (ttl)
    verdict.ttl_ms = ttl->count();
  return answer(question, std::move(verdict), std::move(meta));
}

caf::expected<signal>
dendrite::deny_permission(const signal& question,
                          std::optional<std::string> reason, json meta) const {
  if (auto err
      = check_type(question, {signal_type::PERMISSION}, "deny_permission"))
    return err;
  return answer(question,
                payload::permission_decision{false, std::move(reason), {}},
                std::move(meta));
}

caf::expected<signal>
dendrite::await_decision(const signal& question,
                         std::chrono::nanoseconds timeout) const {
  return impl_->ask<signal>(await_atom_v, question, caf::timespan{timeout});
}

// -- handlers ------------------------------------------------------------------

caf::expected<handler_token> dendrite::add_handler(handler_spec spec) const {
  spec.fn = actors::shared_function(std::move(spec.fn));
  auto number = impl_->ask<uint64_t>(on_atom_v, std::move(spec));
  if (!number)
    return std::move(number.error());
  return handler_token{impl_->actor, *number, impl_->env};
}

caf::expected<handler_token> dendrite::on_signal(signal_type_set types,
                                                 signal_handler fn,
                                                 handler_filter only) const {
  return add_handler({types, std::move(only), std::move(fn)});
}

caf::expected<handler_token> dendrite::on_trace(std::string trace_id,
                                                signal_type_set types,
                                                signal_handler fn,
                                                handler_filter only) const {
  if (types.empty())
    return on_trace(std::move(trace_id), std::move(fn), std::move(only));
  only.trace_id = std::move(trace_id);
  return add_handler({types, std::move(only), std::move(fn)});
}

caf::expected<handler_token> dendrite::on_trace(std::string trace_id,
                                                signal_handler fn,
                                                handler_filter only) const {
  only.trace_id = std::move(trace_id);
  return add_handler({types::all, std::move(only), std::move(fn), true});
}

caf::expected<handler_token> dendrite::on_discover(signal_handler fn,
                                                   handler_filter only) const {
  return on_signal({signal_type::DISCOVER}, std::move(fn), std::move(only));
}

caf::error dendrite::respond_to_discover(const signal& discover) const {
  if (auto err
      = check_type(discover, {signal_type::DISCOVER}, "respond_to_discover"))
    return err;
  return impl_->ask<void>(discover_atom_v, discover);
}

caf::error dendrite::ensure_subscribed(signal_type_set types) const {
  return impl_->ask<void>(ensure_atom_v, types);
}

caf::expected<subscription_handle>
dendrite::subscribe(signal_type type, signal_handler fn,
                    std::optional<std::string> queue_group) const {
  if (impl_->fault)
    return impl_->fault;
  return impl_->bus->subscribe(
    signal_subject(impl_->options.name_space, type).str(), std::move(fn),
    std::move(queue_group));
}

handler_token::handler_token(dendrite_actor owner, uint64_t number,
                             std::shared_ptr<actors::environment> env)
  : owner_(owner.address()), number_(number), env_(std::move(env)) {
  // nop
}

void handler_token::remove() const {
  if (auto owner = caf::actor_cast<dendrite_actor>(owner_))
    (void)actors::ask<void>(*env_, owner, detach_atom_v, number_);
}

} // namespace cosmo
