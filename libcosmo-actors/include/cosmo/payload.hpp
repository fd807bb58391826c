// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/directed.hpp>
#include <cosmo/field_table.hpp>
#include <cosmo/signal_type.hpp>

/// The payload of every signal type: a struct named like the type in lower
/// case, with `_` appended where C++ gives the word a meaning.
///
/// Members are listed in the order in which they are written. Absent members
/// read as their defaults; ill-typed ones make the payload unreadable as this
/// struct (the JSON stays available). A `check` function refuses what a builder
/// must not build.
/// @source signals.md section 9, where the rows have the same numbers
namespace cosmo::payload {

// Found by argument-dependent lookup only from here.
using cosmo::inspect;

using fields::always;
using fields::if_given;
using fields::if_truthy;
using fields::shape;
using std::optional;
using std::string;
using std::vector;

/// 1. Work for a Neuron.
struct task {
  static constexpr auto type = signal_type::TASK;
  json input = json::object();
  string context_ref;
  vector<string> capabilities;
  bool finalize = false;

  static constexpr auto fields() {
    return std::tuple{always("input", &task::input, "what the Neuron works on")
                        .is(shape::object)
                        .leniently(),
                      if_truthy("context_ref", &task::context_ref,
                                "reference the Axon resolves into the context"),
                      if_truthy("capabilities", &task::capabilities,
                                "capabilities one Axon must cover"),
                      if_truthy("finalize", &task::finalize,
                                "promote the AGENT_OUTPUT to a FINAL")
                        .leniently()};
  }
};

/// 2. A Neuron's result.
struct agent_output {
  static constexpr auto type = signal_type::AGENT_OUTPUT;
  json output = json::object();

  static constexpr auto fields() {
    return std::tuple{
      always("output", &agent_output::output, "the Neuron's result")
        .is(shape::object)};
  }
};

/// 3. The conclusion of a trace.
struct final_ {
  static constexpr auto type = signal_type::FINAL;
  json result;
  json cost;

  static constexpr auto fields() {
    return std::tuple{
      always("result", &final_::result, "the trace's result"),
      if_truthy("cost", &final_::cost, "what it took").is(shape::object)};
  }
};

/// 4. A failure on a trace.
struct error {
  static constexpr auto type = signal_type::ERROR;
  string code;
  string message;
  bool recoverable = false;

  static constexpr auto fields() {
    return std::tuple{
      always("code", &error::code, "name of the failure"),
      always("message", &error::message, "text for people"),
      always("recoverable", &error::recoverable, "whether a retry may help")
        .leniently()};
  }
};

/// 5. Work on offer to every capable Axon.
struct task_offer {
  static constexpr auto type = signal_type::TASK_OFFER;
  json input = json::object();
  vector<string> capabilities;
  int64_t deadline_ms = 0;

  static constexpr auto fields() {
    return std::tuple{
      always("input", &task_offer::input, "what the winner will work on")
        .is(shape::object),
      if_truthy("capabilities", &task_offer::capabilities,
                "capabilities one Axon must cover"),
      if_truthy("deadline_ms", &task_offer::deadline_ms,
                "how long bids are collected")};
  }
};

/// 6. An answer to an offer; its parent is the offer.
struct bid {
  static constexpr auto type = signal_type::BID;
  double cost = 0.0;
  optional<int64_t> eta_ms;
  optional<double> confidence;

  static constexpr auto fields() {
    return std::tuple{
      always("cost", &bid::cost, "price of the work"),
      if_given("eta_ms", &bid::eta_ms, "expected duration"),
      if_given("confidence", &bid::confidence, "chance of success")};
  }
};

/// 7. Work awarded to the winner; its parent is the winning BID.
struct task_awarded {
  static constexpr auto type = signal_type::TASK_AWARDED;
  json input = json::object();
  optional<json> winning_bid;
  optional<string> context_ref;
  bool finalize = false;

  static constexpr auto fields() {
    return std::tuple{
      always("input", &task_awarded::input, "what the winner works on")
        .is(shape::object),
      if_given("winning_bid", &task_awarded::winning_bid,
               "cost, eta_ms and confidence of the bid")
        .is(shape::object),
      if_given("context_ref", &task_awarded::context_ref,
               "reference the Axon resolves into the context"),
      if_truthy("finalize", &task_awarded::finalize,
                "promote the AGENT_OUTPUT to a FINAL")
        .leniently()};
  }
};

/// 8. A losing bid; its parent is that BID.
struct task_declined {
  static constexpr auto type = signal_type::TASK_DECLINED;
  optional<string> reason;

  static constexpr auto fields() {
    return std::tuple{
      if_given("reason", &task_declined::reason, "why the bid lost")};
  }
};

/// 9. A piece of a Neuron's thinking.
struct thought_delta {
  static constexpr auto type = signal_type::THOUGHT_DELTA;
  string delta;
  optional<int64_t> seq;

  static constexpr auto fields() {
    return std::tuple{
      always("delta", &thought_delta::delta, "the new text"),
      if_given("seq", &thought_delta::seq, "position, counted from 0")};
  }
};

/// 10. Steps somebody intends to take.
struct plan {
  static constexpr auto type = signal_type::PLAN;
  json steps = json::array();
  optional<string> rationale;

  static constexpr auto fields() {
    return std::tuple{
      always("steps", &plan::steps, "the steps, in order").is(shape::array),
      if_given("rationale", &plan::rationale, "why these steps")};
  }
};

/// 11. A request to run a tool.
struct tool_call {
  static constexpr auto type = signal_type::TOOL_CALL;
  string tool;
  json args = json::object();
  optional<string> call_id;
  optional<int64_t> deadline_ms;

  static constexpr auto fields() {
    return std::tuple{
      always("tool", &tool_call::tool, "name of the tool")
        .mirrored_as("tool_name"),
      always("args", &tool_call::args, "its arguments").is(shape::object),
      if_given("call_id", &tool_call::call_id, "the model's id of the call"),
      if_given("deadline_ms", &tool_call::deadline_ms,
               "how long the caller waits")};
  }
};

/// 12. A tool's answer; its parent is the TOOL_CALL.
struct tool_result {
  static constexpr auto type = signal_type::TOOL_RESULT;
  string tool;
  optional<json> result;
  optional<string> error;
  optional<string> call_id;
  optional<int64_t> took_ms;

  static constexpr auto fields() {
    return std::tuple{
      always("tool", &tool_result::tool, "name of the tool")
        .mirrored_as("tool_name"),
      if_given("result", &tool_result::result, "what the tool returned"),
      if_given("error", &tool_result::error, "why it failed"),
      if_given("call_id", &tool_result::call_id, "the model's id of the call"),
      if_given("took_ms", &tool_result::took_ms, "duration")};
  }

  /// @returns ec::bad_argument when both result and error are set.
  static caf::error check(const tool_result& x,
                          const optional<directed>& target);
};

/// 13. A note for shared memory.
struct memory_append {
  static constexpr auto type = signal_type::MEMORY_APPEND;
  string key;
  json value;

  static constexpr auto fields() {
    return std::tuple{
      always("key", &memory_append::key, "where the value belongs"),
      always("value", &memory_append::value, "the value; null is one")};
  }
};

/// 14. A call for help.
struct escalation {
  static constexpr auto type = signal_type::ESCALATION;
  string reason;
  optional<string> target;
  optional<json> context;

  static constexpr auto fields() {
    return std::tuple{
      always("reason", &escalation::reason, "why help is needed"),
      if_given("target", &escalation::target, "who should help"),
      if_given("context", &escalation::context, "what the helper must know")};
  }
};

inline constexpr std::string_view recall_modes[] = {"first", "merge", "all"};

/// 15. A read from an Engram.
struct recall {
  static constexpr auto type = signal_type::RECALL;
  json query = json::object();
  string recall_mode = "first";
  optional<json> filters;
  optional<string> context_ref;
  optional<int64_t> deadline_ms;
  optional<double> min_confidence;

  static constexpr auto fields() {
    return std::tuple{
      always("query", &recall::query, "what to look for").is(shape::object),
      always("recall_mode", &recall::recall_mode, "which answers count")
        .among(recall_modes),
      if_given("filters", &recall::filters, "conditions on entries")
        .is(shape::object),
      if_given("context_ref", &recall::context_ref, "reference to a context"),
      if_given("deadline_ms", &recall::deadline_ms, "how long to wait"),
      if_given("min_confidence", &recall::min_confidence, "lowest score")};
  }

  /// @returns ec::bad_argument without target or with an unknown mode.
  static caf::error check(const recall& x, const optional<directed>& target);
};

/// 16. An Engram's answer; its parent is the RECALL.
struct recalled {
  static constexpr auto type = signal_type::RECALLED;
  string engram_id;
  json hits = json::array();
  bool truncated = false;
  optional<int64_t> took_ms;
  optional<string> error;

  static constexpr auto fields() {
    return std::tuple{
      always("engram_id", &recalled::engram_id, "who answers"),
      always("hits", &recalled::hits, "objects with id, entry and score")
        .is(shape::array),
      always("truncated", &recalled::truncated, "whether there were more"),
      if_given("took_ms", &recalled::took_ms, "duration"),
      if_given("error", &recalled::error, "why the answer was refused")};
  }
};

inline constexpr std::string_view imprint_ops[]
  = {"add", "append", "merge", "upsert", "delete"};

/// 17. A write to an Engram.
struct imprint {
  static constexpr auto type = signal_type::IMPRINT;
  string op;
  json entry = json::object();
  optional<string> merge_key;

  static constexpr auto fields() {
    return std::tuple{
      always("op", &imprint::op, "the kind of write").among(imprint_ops),
      always("entry", &imprint::entry, "what to write").is(shape::object),
      if_given("merge_key", &imprint::merge_key, "key of merge and upsert")};
  }

  /// @returns ec::bad_argument for an unknown op, without target, or without
  ///          merge_key where op needs one.
  static caf::error check(const imprint& x, const optional<directed>& target);
};

/// 18. The receipt of a write; its parent is the IMPRINT.
struct imprinted {
  static constexpr auto type = signal_type::IMPRINTED;
  string engram_id;
  string op;
  optional<string> id;
  optional<int64_t> version;
  optional<int64_t> took_ms;
  optional<string> error;

  static constexpr auto fields() {
    return std::tuple{
      always("engram_id", &imprinted::engram_id, "who wrote"),
      always("op", &imprinted::op, "the kind of write"),
      if_given("id", &imprinted::id, "id of the entry"),
      if_given("version", &imprinted::version, "the entry's new version"),
      if_given("took_ms", &imprinted::took_ms, "duration"),
      if_given("error", &imprinted::error, "why nothing was written")};
  }
};

/// 19. What a group agreed on.
struct consensus {
  static constexpr auto type = signal_type::CONSENSUS;
  vector<string> members;
  string verdict;
  optional<json> votes;

  static constexpr auto fields() {
    return std::tuple{
      always("members", &consensus::members, "who took part"),
      always("verdict", &consensus::verdict, "what was agreed"),
      if_given("votes", &consensus::votes, "who voted how").is(shape::object)};
  }
};

/// 20. A snapshot of shared context.
struct context_sync {
  static constexpr auto type = signal_type::CONTEXT_SYNC;
  json snapshot = json::object();
  optional<string> version;

  static constexpr auto fields() {
    return std::tuple{
      always("snapshot", &context_sync::snapshot, "the context")
        .is(shape::object),
      if_given("version", &context_sync::version, "its version")};
  }
};

/// 21. A review of another Signal.
struct critique {
  static constexpr auto type = signal_type::CRITIQUE;
  string target_event_id;
  json issues = json::array();
  string verdict;

  static constexpr auto fields() {
    return std::tuple{
      always("target_event_id", &critique::target_event_id, "what is reviewed"),
      always("issues", &critique::issues, "what was found").is(shape::array),
      always("verdict", &critique::verdict, "usually pass, fail or revise")};
  }
};

/// 22. A Neuron's question.
struct clarification {
  static constexpr auto type = signal_type::CLARIFICATION;
  json question = "";
  json context;

  static constexpr auto fields() {
    return std::tuple{
      always("question", &clarification::question, "what the Neuron asks")
        .is(shape::string)
        .leniently(),
      if_truthy("context", &clarification::context, "what led to it")
        .is(shape::object)
        .leniently()};
  }
};

/// 23. A Neuron's wish to act.
struct permission {
  static constexpr auto type = signal_type::PERMISSION;
  json action = "";
  json scope;
  optional<json> reason;
  json context;

  static constexpr auto fields() {
    return std::tuple{
      always("action", &permission::action, "what the Neuron wants to do")
        .is(shape::string)
        .leniently(),
      if_truthy("scope", &permission::scope, "on what"),
      if_given("reason", &permission::reason, "why")
        .is(shape::string)
        .leniently(),
      if_truthy("context", &permission::context, "what led to it")
        .is(shape::object)
        .leniently()};
  }
};

/// 24. The verdict on a PERMISSION, which is its parent.
struct permission_decision {
  static constexpr auto type = signal_type::PERMISSION_DECISION;
  bool granted = false;
  optional<string> reason;
  optional<int64_t> ttl_ms;

  static constexpr auto fields() {
    return std::tuple{
      always("granted", &permission_decision::granted, "the verdict"),
      if_given("reason", &permission_decision::reason, "why"),
      if_given("ttl_ms", &permission_decision::ttl_ms, "how long it holds")};
  }

  /// A denial has no validity: drops `ttl_ms`.
  static void normalize(permission_decision& x) {
    if (!x.granted)
      x.ttl_ms.reset();
  }
};

/// 25. The answer to a CLARIFICATION, which is its parent.
struct clarification_answer {
  static constexpr auto type = signal_type::CLARIFICATION_ANSWER;
  json answer;

  static constexpr auto fields() {
    return std::tuple{
      always("answer", &clarification_answer::answer, "null is an answer")};
  }
};

inline constexpr std::string_view register_roles[]
  = {"neuron", "engram", "effector"};

/// 26. An announcement.
struct register_ {
  static constexpr auto type = signal_type::REGISTER;
  string role = "neuron";
  vector<string> capabilities;
  string version;
  bool engram = false;

  static constexpr auto fields() {
    return std::tuple{
      always("role", &register_::role, "what announces itself")
        .among(register_roles),
      always("capabilities", &register_::capabilities, "what it offers"),
      if_truthy("version", &register_::version, "its version"),
      if_truthy("engram", &register_::engram, "legacy alias of the role")
        .leniently()};
  }

  /// The alias follows from the role.
  static void normalize(register_& x) {
    x.engram = x.role == "engram";
  }
};

/// 27. A farewell.
struct deregister {
  static constexpr auto type = signal_type::DEREGISTER;
  string reason;

  static constexpr auto fields() {
    return std::tuple{if_truthy("reason", &deregister::reason, "why it left")};
  }
};

/// 28. A sign of life.
struct heartbeat {
  static constexpr auto type = signal_type::HEARTBEAT;
  string status = "ok";
  optional<double> load;
  optional<int64_t> in_flight;

  static constexpr auto fields() {
    return std::tuple{
      always("status", &heartbeat::status, "how it does"),
      if_given("load", &heartbeat::load, "0 to 1"),
      if_given("in_flight", &heartbeat::in_flight, "TASKs being worked on")};
  }
};

/// 29. A request to announce; its fields filter who answers.
struct discover {
  static constexpr auto type = signal_type::DISCOVER;
  optional<string> neuron;
  optional<vector<string>> capabilities;

  static constexpr auto fields() {
    return std::tuple{
      if_given("neuron", &discover::neuron, "only this id"),
      if_given("capabilities", &discover::capabilities, "only with all these")};
  }
};

/// 30. The end of a trace's work.
struct stop {
  static constexpr auto type = signal_type::STOP;
  bool rollback = false;
  optional<string> reason;

  static constexpr auto fields() {
    return std::tuple{
      always("rollback", &stop::rollback, "whether Engrams undo their writes"),
      if_given("reason", &stop::reason, "why")};
  }
};

/// 31. A Dendrite's receipt; its parent is the STOP.
struct stopped {
  static constexpr auto type = signal_type::STOPPED;
  bool rolled_back = false;
  int64_t cancelled = 0;
  int64_t compensated = 0;
  optional<string> node;

  static constexpr auto fields() {
    return std::tuple{
      always("rolled_back", &stopped::rolled_back, "the STOP's flag"),
      always("cancelled", &stopped::cancelled, "Neuron runs cancelled"),
      always("compensated", &stopped::compensated, "operations undone"),
      if_given("node", &stopped::node, "free label of who answers")};
  }
};

/// 32. A note of a policy component; nobody acts on it.
struct audit {
  static constexpr auto type = signal_type::AUDIT;
  string kind;
  string domain;
  string outcome;
  int64_t attempt = 1;
  optional<string> component;
  optional<string> direction;
  optional<string> signal;
  optional<string> policy_id;
  optional<string> policy_version;
  optional<string> card_id;
  optional<string> reason;
  optional<string> hash;
  optional<int64_t> took_ms;

  static constexpr auto fields() {
    return std::tuple{
      always("kind", &audit::kind, "what was done"),
      always("domain", &audit::domain, "which policy domain"),
      always("outcome", &audit::outcome, "how it ended"),
      always("attempt", &audit::attempt, "counted from 1"),
      if_given("component", &audit::component, "who did it"),
      if_given("direction", &audit::direction, "inbound or outbound"),
      if_given("signal", &audit::signal, "type or id of the Signal"),
      if_given("policy_id", &audit::policy_id, "the policy"),
      if_given("policy_version", &audit::policy_version, "its version"),
      if_given("card_id", &audit::card_id, "the policy card"),
      if_given("reason", &audit::reason, "why"),
      if_given("hash", &audit::hash, "digest of the offending text"),
      if_given("took_ms", &audit::took_ms, "duration")};
  }
};

} // namespace cosmo::payload

namespace cosmo {

/// A compile-time list of payload structs.
template <payload_struct... Ps>
struct payload_list {
  static constexpr size_t size = sizeof...(Ps);

  template <class P>
  static constexpr bool contains = (std::is_same_v<P, Ps> || ...);

  static constexpr signal_type_set types{Ps::type...};
};

/// Every payload, in the order of `signal_type`.
using all_payloads = payload_list<
  payload::task, payload::agent_output, payload::final_, payload::error,
  payload::task_offer, payload::bid, payload::task_awarded,
  payload::task_declined, payload::thought_delta, payload::plan,
  payload::tool_call, payload::tool_result, payload::memory_append,
  payload::escalation, payload::recall, payload::recalled, payload::imprint,
  payload::imprinted, payload::consensus, payload::context_sync,
  payload::critique, payload::clarification, payload::permission,
  payload::permission_decision, payload::clarification_answer,
  payload::register_, payload::deregister, payload::heartbeat,
  payload::discover, payload::stop, payload::stopped, payload::audit>;

static_assert(all_payloads::size == signal_type_count);
static_assert(all_payloads::types == types::all);

} // namespace cosmo
