// SPDX-License-Identifier: Apache-2.0
#include "dendrite_state.hpp"
#include <cosmo/log.hpp>

#include <utility>

namespace cosmo::actors {

namespace {

/// How many operations may wait for Engrams at a time.
constexpr size_t calls_max = 10'000;

/// In which answers are collected if nobody says otherwise.
constexpr std::chrono::milliseconds default_window{1'000};

/// What a host of Engrams must hear.
constexpr signal_type_set engram_types{
  signal_type::RECALL,  signal_type::IMPRINT,  signal_type::FINAL,
  signal_type::ERROR,   signal_type::REGISTER, signal_type::DEREGISTER,
  signal_type::DISCOVER};

/// What a caller of Engrams must hear.
constexpr signal_type_set caller_types{
  signal_type::RECALLED, signal_type::IMPRINTED, signal_type::FINAL,
  signal_type::ERROR, signal_type::STOP};

std::optional<directed> address_of(const std::string& engram_id,
                                   const std::string& engram_kind) {
  if (engram_id.empty() && engram_kind.empty())
    return std::nullopt;
  directed result;
  if (!engram_id.empty())
    result.id = engram_id;
  if (!engram_kind.empty())
    result.type = engram_kind;
  return result;
}

} // namespace

// -- hosting -------------------------------------------------------------------

void dendrite_state::say(const worker_signal& sig) {
  publish(sig);
}

void dendrite_state::take_handler(handler_spec spec) {
  add_handler(std::move(spec));
}

void dendrite_state::run_hook(std::function<void()> hook) {
  hook_calls_->add(std::move(hook));
}

/// @source engram.md 19.5
void dendrite_state::recovered(const rollback_order& order,
                               const engram_hosting::rollback_outcome& outcome,
                               const std::string& engram_id) {
  auto meta = json{{"rollback", rollback_report_of(outcome, {engram_id})},
                   {"recovered", true}};
  publish(env_->build.make(
    payload::stopped{true, 0, static_cast<int64_t>(outcome.compensated),
                     options_.dendrite_id},
    {.trace_id = order.trace_id,
     .parent_id = order.stop_id,
     .meta = std::move(meta)}));
}

caf::result<void> dendrite_state::attach_engram(const engram& what,
                                                bool announce) {
  if (auto err = engrams_.attach(what))
    return err;
  if (!active())
    return caf::unit;
  if (!announce) {
    log::warning("dendrite", "attached-while-running",
                 what.engram_id()
                   + " is served from the next start on; add_engram does it "
                     "now");
    return caf::unit;
  }
  ensure(engram_types);
  auto answer = self_->make_response_promise<void>();
  engrams_.serve(what.engram_id(), [answer](caf::error err) mutable {
    err ? answer.deliver(std::move(err)) : answer.deliver();
  });
  keep_beating();
  return answer;
}

/// Connects and announces the Engrams; `done` is called when each has been
/// tried once.
void dendrite_state::serve_engrams(std::function<void()> done) {
  if (!engrams_.empty())
    ensure(engram_types);
  engrams_.serve_all(std::move(done));
}

/// Engrams are known apart from Neurons. @source engram.md 6.3
void dendrite_state::learn_engram(const signal& sig) {
  auto& who = sig.directed();
  if (!who || (!who->has_id() && !who->has_type()))
    return;
  auto key = who->has_id() ? *who->id : *who->type;
  if (sig.type() == signal_type::DEREGISTER) {
    known_engrams_.erase(key);
    return;
  }
  auto& payload = sig.payload();
  auto role = payload.find("role");
  auto told = role != payload.end();
  auto is_engram = told && *role == "engram";
  if (!told) {
    auto alias = payload.find("engram");
    is_engram = (alias != payload.end() && truthy(*alias))
                || (who->has_type()
                    && (engrams_.hosts({}, *who->type)
                        || std::ranges::any_of(known_engrams_, [&](auto& kv) {
                             return kv.second.type == who->type;
                           })));
  }
  if (is_engram)
    known_engrams_.insert_or_assign(std::move(key), *who);
}

bool dendrite_state::knows_engram(const std::string& engram_id,
                                  const std::string& engram_kind) const {
  if (engrams_.hosts(engram_id, engram_kind))
    return true;
  if (!engram_id.empty())
    return known_engrams_.contains(engram_id);
  return std::ranges::any_of(
    known_engrams_, [&](auto& kv) { return kv.second.type == engram_kind; });
}

// -- calling -------------------------------------------------------------------

/// On whose behalf an operation is; fills in what it inherits.
template <class Options>
caf::error dendrite_state::attribute(const std::string& task_id,
                                     Options& options) const {
  if (auto err = check_room())
    return err;
  if (!task_id.empty()) {
    auto i = runs_.find(task_id);
    if (i == runs_.end())
      return make_error(ec::engram_cancelled,
                        "the TASK is not running: " + task_id);
    // An explicit trace never gets an inherited parent.
    if (!options.trace_id) {
      options.trace_id = i->second.task.trace_id();
      if (!options.parent_id)
        options.parent_id = task_id;
    }
  }
  auto& ids = *env_->build.outside().ids;
  if (!options.trace_id)
    options.trace_id = ids.new_trace_id();
  if (!options.parent_id)
    options.parent_id = ids.new_event_id();
  if (options.deadline && options.deadline->count() < 0)
    return make_error(ec::bad_argument,
                      "deadline must not be negative: "
                        + std::to_string(options.deadline->count()) + " ms");
  return {};
}

caf::error dendrite_state::check_calls() const {
  if (engram_calls_.size() < calls_max)
    return {};
  return make_error(ec::engram_overloaded,
                    std::to_string(calls_max)
                      + " operations wait for Engrams already");
}

void dendrite_state::add_call(const signal& sig, engram_calls::call what,
                              caf::timespan timeout) {
  ensure(caller_types);
  if (timeout.count() > 0)
    what.deadline = self_->clock().now() + within_clock(timeout);
  what.trace_id = sig.trace_id();
  engram_calls_.add(sig.id(), std::move(what));
  watch_deadlines();
}

/// @source engram.md 7
caf::result<recall_result> dendrite_state::recall(const std::string& task_id,
                                                  recall_options options) {
  if (auto err = attribute(task_id, options))
    return err;
  auto mode = options.mode.value_or(recall_mode::first);
  payload::recall what{std::move(options.query), std::string{to_string(mode)}};
  if (!options.filters.is_null())
    what.filters = std::move(options.filters);
  if (!options.context_ref.empty())
    what.context_ref = std::move(options.context_ref);
  if (options.deadline && options.deadline->count() > 0)
    what.deadline_ms = options.deadline->count();
  what.min_confidence = options.min_confidence;
  auto sig = env_->build(
    std::move(what),
    {.trace_id = std::move(options.trace_id),
     .parent_id = std::move(options.parent_id),
     .directed = address_of(options.engram_id, options.engram_kind),
     .meta = std::move(options.meta)});
  if (!sig)
    return std::move(sig.error());
  auto timeout = within_clock(options.deadline.value_or(default_window));
  if (mode == recall_mode::first && !options.deadline)
    timeout = options_.engram_default_deadline;
  else if (mode != recall_mode::first && timeout.count() == 0)
    timeout = default_window;
  if (auto err = check_calls())
    return err;
  auto answer = self_->make_response_promise<recall_result>();
  engram_calls::call waiting{.engram_id = std::move(options.engram_id),
                             .engram_kind = std::move(options.engram_kind),
                             .mode = mode};
  waiting.recalled = [answer](caf::expected<recall_result> x) mutable {
    x ? answer.deliver(std::move(*x)) : answer.deliver(std::move(x.error()));
  };
  if (options.on_reply)
    tell_each(waiting, std::move(options.on_reply));
  // An immediate reply must find somebody waiting.
  add_call(*sig, std::move(waiting), timeout);
  publish(*sig);
  return answer;
}

/// The whole comes after its parts.
void dendrite_state::tell_each(
  engram_calls::call& what,
  std::function<void(const recall_result&)> on_reply) {
  auto line = std::make_shared<calls>(self_, env_);
  what.heard = [line, on_reply = std::move(on_reply)](recall_result part) {
    line->add([on_reply, part = std::move(part)] { on_reply(part); });
  };
  what.recalled =
    [line, answer = std::move(what.recalled)](caf::expected<recall_result> x) {
      line->add([] {}, [answer, x = std::move(x)] { answer(x); });
    };
}

caf::expected<imprint_signal>
dendrite_state::make_imprint(const std::string& task_id,
                             imprint_options& options) const {
  if (auto err = attribute(task_id, options))
    return err;
  return env_->build(
    payload::imprint{std::move(options.op), std::move(options.entry),
                     std::move(options.merge_key)},
    {.trace_id = std::move(options.trace_id),
     .parent_id = std::move(options.parent_id),
     .directed = address_of(options.engram_id, options.engram_kind),
     .meta = std::move(options.meta)});
}

caf::error dendrite_state::imprint(const std::string& task_id,
                                   imprint_options options) {
  auto sig = make_imprint(task_id, options);
  if (!sig)
    return std::move(sig.error());
  publish(*sig);
  return {};
}

caf::result<imprint_receipt>
dendrite_state::imprint_and_wait(const std::string& task_id,
                                 imprint_options options) {
  auto sig = make_imprint(task_id, options);
  if (!sig)
    return std::move(sig.error());
  if (auto err = check_calls())
    return err;
  auto answer = self_->make_response_promise<imprint_receipt>();
  engram_calls::call waiting{.engram_id = std::move(options.engram_id),
                             .engram_kind = std::move(options.engram_kind)};
  waiting.imprinted = [answer](caf::expected<imprint_receipt> x) mutable {
    x ? answer.deliver(std::move(*x)) : answer.deliver(std::move(x.error()));
  };
  auto timeout = options.deadline ? within_clock(*options.deadline)
                                  : options_.engram_default_deadline;
  add_call(*sig, std::move(waiting), timeout);
  publish(*sig);
  return answer;
}

} // namespace cosmo::actors
