// SPDX-License-Identifier: Apache-2.0
#include "engram_state.hpp"

#include "durations.hpp"
#include "payload_members.hpp"
#include <cosmo/caf_compat.hpp>
#include <cosmo/log.hpp>

#include <caf/actor_system.hpp>

#include <exception>
#include <utility>

namespace cosmo::actors {

namespace {

constexpr caf::timespan sweep_interval = std::chrono::seconds{60};

/// Bounds the time that one transaction holds its lock.
constexpr size_t group_max = 1'024;

json object_or_empty(const json& value) {
  return value.is_object() ? value : json::object();
}

/// Reads as much of a RECALL as there is: whatever is missing or ill-typed
/// counts as not given.
recall_request read_recall(const signal& sig) {
  recall_request result;
  result.query = object_or_empty(member(sig, "query"));
  result.filters = object_or_empty(member(sig, "filters"));
  result.context_ref = text_at(sig, "context_ref");
  if (auto limit = integer_at(sig, "deadline_ms"))
    result.deadline = std::chrono::milliseconds{*limit};
  if (auto& least = member(sig, "min_confidence"); least.is_number())
    result.min_confidence = least.get<double>();
  return result;
}

} // namespace

engram_state::engram_state(engram_actor::pointer self,
                           engram_backend_ptr backend,
                           std::shared_ptr<engram_lease> lease,
                           environment_ptr env)
  : self_(self),
    backend_(std::move(backend)),
    lease_(std::move(lease)),
    env_(std::move(env)) {
  auto& about = backend_->describe();
  me_ = {about.engram_id, about.engram_kind, {}};
}

engram_state::~engram_state() {
  close();
}

engram_actor::behavior_type engram_state::make_behavior() {
  return {
    [this](caf::connect_atom) { return connect(); },
    [this](hosted_request& request) { return serve(std::move(request)); },
    [this](rollback_atom,
           const rollback_order& order) -> caf::result<rollback_report> {
      flush();
      auto report = use([&] { return backend_->compensate(order); });
      if (!report)
        give_up(report.error());
      return report;
    },
    [this](commit_atom, const std::string& trace_id) {
      return end_trace([&] { return backend_->commit(trace_id); });
    },
    [this](fail_atom, const std::string& trace_id) {
      return end_trace([&] { return backend_->mark_failed(trace_id); });
    },
    [this](caf::get_atom) { return counts(); },
    [this](caf::flush_atom) { flush(); },
    [this](caf::close_atom) { close(); },
  };
}

template <class F>
auto engram_state::use(F fn) -> decltype(fn()) {
  std::lock_guard guard{lease_->mutex};
  if (lease_->holder != this)
    return make_error(ec::not_connected,
                      "not connected: the Engram " + *me_.id);
  // Its author may be a stranger.
  try {
    return fn();
  } catch (const std::exception& err) {
    return make_error(ec::axon_exception, err.what());
  } catch (...) {
    return make_error(ec::axon_exception,
                      "the backend threw no std::exception");
  }
}

template <class F>
caf::result<void> engram_state::end_trace(F fn) {
  flush();
  auto err = use(fn);
  if (err)
    give_up(err);
  return compat::result_of(std::move(err));
}

void engram_state::give_up(const caf::error& reason) {
  // An exception concerns one call only.
  if (reason == ec::axon_exception)
    return log::error("engram", "backend-threw",
                      *me_.id + ": " + message_of(reason));
  log::error("engram", "storage-failed", *me_.id + ": " + describe(reason));
  self_->quit(reason);
}

// -- life ----------------------------------------------------------------------

caf::result<std::vector<rollback_order>> engram_state::connect() {
  {
    std::lock_guard guard{lease_->mutex};
    lease_->holder = this;
  }
  if (auto err = use([&] { return backend_->connect(env_->build.outside()); }))
    return err;
  sweep();
  auto left = use([&] { return backend_->unfinished(); });
  if (!left)
    return left.error();
  keep_sweeping();
  return left;
}

void engram_state::close() {
  flush();
  if (auto err = use([&] {
        lease_->holder = nullptr;
        backend_->close();
        return caf::error{};
      });
      err && err != ec::not_connected)
    log::error("engram", "close-failed", *me_.id + ": " + message_of(err));
}

/// One that fails is no reason not to serve.
void engram_state::sweep() {
  if (auto swept = use([&] { return backend_->sweep(); }); !swept)
    log::warning("engram", "sweep-failed",
                 *me_.id + ": " + describe(swept.error()));
}

bool engram_state::has_backend() const {
  std::lock_guard guard{lease_->mutex};
  return lease_->holder == this;
}

void engram_state::keep_sweeping() {
  if (std::exchange(sweeping_, true))
    return;
  self_->run_delayed(sweep_interval, [this] {
    sweeping_ = false;
    if (!has_backend())
      return;
    flush();
    sweep();
    keep_sweeping();
  });
}

/// One that cannot be counted is no reason not to serve.
caf::result<engram_journal_counts> engram_state::counts() {
  flush();
  using optional_counts = std::optional<engram_journal_counts>;
  auto counts
    = use([&] { return caf::expected<optional_counts>{backend_->counts()}; });
  if (!counts) {
    log::warning("engram", "not-counted",
                 *me_.id + ": " + describe(counts.error()));
    return counts.error();
  }
  if (!*counts)
    return make_error(ec::not_found, "nothing is counted by " + *me_.id);
  return **counts;
}

// -- requests ------------------------------------------------------------------

caf::result<worker_signal> engram_state::serve(hosted_request request) {
  switch (request.what.type()) {
    case signal_type::RECALL:
      flush();
      return recall(request);
    case signal_type::IMPRINT:
      return imprint(std::move(request));
    default:
      return make_error(ec::protocol_violation,
                        "an Engram does not take a "
                          + std::string{to_string(request.what.type())});
  }
}

caf::result<worker_signal> engram_state::recall(const hosted_request& request) {
  auto what = read_recall(request.what);
  if (what.deadline && what.deadline->count() > 0
      && self_->clock().now() > request.received + within_clock(*what.deadline))
    return make_error(ec::timeout, "nobody waits for it any more");
  auto serves
    = use([&] { return caf::expected<bool>{backend_->can_serve(what.query)}; });
  if (!serves) {
    give_up(serves.error());
    return serves.error();
  }
  if (!*serves)
    return make_error(ec::not_found, "nothing to say about that");
  auto finds = use([&] { return backend_->recall(what); });
  if (!finds) {
    give_up(finds.error());
    return finds.error();
  }
  auto hits = json::array();
  for (auto& hit : finds->hits)
    hits.push_back(json{{"id", std::move(hit.id)},
                        {"entry", std::move(hit.entry)},
                        {"score", hit.score}});
  return reply(request.what,
               payload::recalled{*me_.id, std::move(hits), finds->truncated,
                                 milliseconds_since(request.received),
                                 std::nullopt});
}

caf::result<worker_signal> engram_state::imprint(hosted_request request) {
  auto& sig = request.what;
  auto op = text_at(sig, "op").value_or("");
  auto& entry = member(sig, "entry");
  if (!entry.is_null() && !entry.is_object())
    return reply(sig,
                 {.engram_id = *me_.id,
                  .op = op,
                  .error = std::string{"invalid_entry: not an object but a "}
                           + entry.type_name()},
                 request.received);
  imprint_request write{.op = std::move(op),
                        .entry = object_or_empty(entry),
                        .imprint_id = sig.id(),
                        .trace_id = sig.trace_id(),
                        .sent_at = sig.ts()};
  write.merge_key = text_at(sig, "merge_key");
  // Takes its turn behind the requests that are in the mailbox by now.
  if (writes_.empty())
    self_->send(engram_actor{self_}, caf::flush_atom_v);
  writes_.push_back(std::move(write));
  auto& w = waiting_.emplace_back(waiting_write{
    std::move(request.what), self_->make_response_promise<worker_signal>(),
    request.received});
  auto answer = w.answer;
  if (writes_.size() >= group_max)
    flush();
  return answer;
}

void engram_state::flush() {
  auto writes = std::exchange(writes_, {});
  auto waiting = std::exchange(waiting_, {});
  if (writes.empty())
    return;
  auto receipts = use([&] { return backend_->imprint(writes); });
  if (receipts && receipts->size() != writes.size())
    receipts = make_error(ec::axon_exception,
                          "the backend gave " + std::to_string(receipts->size())
                            + " receipts for " + std::to_string(writes.size())
                            + " writes");
  for (size_t i = 0; i < waiting.size(); ++i) {
    auto& w = waiting[i];
    auto receipt = receipts
                     ? std::move((*receipts)[i])
                     : imprint_receipt{.op = writes[i].op,
                                       .error = "engram_exception: "
                                                + message_of(receipts.error())};
    receipt.engram_id = *me_.id;
    w.answer.deliver(reply(w.request, std::move(receipt), w.received));
  }
  if (!receipts)
    give_up(receipts.error());
}

// -- replies -------------------------------------------------------------------

worker_signal engram_state::reply(const signal& to, imprint_receipt receipt,
                                  caf::actor_clock::time_point received) const {
  return reply(to, payload::imprinted{
                     std::move(receipt.engram_id), std::move(receipt.op),
                     std::move(receipt.id), receipt.version,
                     receipt.took_ms.value_or(milliseconds_since(received)),
                     std::move(receipt.error)});
}

template <class Payload>
worker_signal engram_state::reply(const signal& to, Payload payload) const {
  return env_->build.make(
    std::move(payload),
    {.trace_id = to.trace_id(), .parent_id = to.id(), .directed = me_});
}

int64_t
engram_state::milliseconds_since(caf::actor_clock::time_point start) const {
  using std::chrono::milliseconds;
  auto passed = self_->clock().now() - start;
  return std::chrono::duration_cast<milliseconds>(passed).count();
}

worker_signal refused_imprint(const signal_builder& build, const signal& to,
                              const engram_description& by, std::string error) {
  payload::imprinted what{by.engram_id, text_at(to, "op").value_or("")};
  what.error = std::move(error);
  return build.make(std::move(what),
                    {.trace_id = to.trace_id(),
                     .parent_id = to.id(),
                     .directed = directed{by.engram_id, by.engram_kind, {}}});
}

engram_actor spawn_engram(environment_ptr env, engram_backend_ptr backend,
                          std::shared_ptr<engram_lease> lease) {
  using impl = caf::stateful_actor<engram_state, engram_actor::base>;
  auto& sys = env->system();
  if (backend->blocks() && !env->cooperative())
    return sys.spawn<impl, caf::detached>(std::move(backend), std::move(lease),
                                          std::move(env));
  return sys.spawn<impl>(std::move(backend), std::move(lease), std::move(env));
}

} // namespace cosmo::actors
