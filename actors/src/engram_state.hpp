// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include <cosmo/engram.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <string>
#include <vector>

namespace cosmo::actors {

/// Owns the backend of an Engram: reads requests, answers them, groups writes.
/// Whatever is asked later sees what was asked before.
/// @source engram.md sections 5, 6.5 and 19
class engram_state {
public:
  static inline const char* name = "cosmo.engram";

  engram_state(engram_actor::pointer self, engram_backend_ptr backend,
               std::shared_ptr<engram_lease> lease, environment_ptr env);

  ~engram_state();

  engram_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<worker_signal>;

  struct waiting_write {
    signal request;
    promise answer;
    caf::actor_clock::time_point received;
  };

  caf::result<std::vector<rollback_order>> connect();
  void close();
  caf::result<worker_signal> serve(hosted_request request);
  caf::result<worker_signal> recall(const hosted_request& request);
  caf::result<worker_signal> imprint(hosted_request request);
  caf::result<engram_journal_counts> counts();
  void flush();
  void sweep();
  void keep_sweeping();
  template <class F>
  caf::result<void> end_trace(F fn);

  /// Calls the backend, unless somebody else has it by now.
  template <class F>
  auto use(F fn) -> decltype(fn());
  bool has_backend() const;
  /// The backend's storage has failed: a successor opens it anew.
  void give_up(const caf::error& reason);
  worker_signal reply(const signal& to, imprint_receipt receipt,
                      caf::actor_clock::time_point received) const;
  int64_t milliseconds_since(caf::actor_clock::time_point start) const;
  template <class Payload>
  worker_signal reply(const signal& to, Payload payload) const;

  engram_actor::pointer self_;
  engram_backend_ptr backend_;
  std::shared_ptr<engram_lease> lease_;
  environment_ptr env_;
  directed me_;
  bool sweeping_ = false;
  std::vector<imprint_request> writes_;
  std::vector<waiting_write> waiting_;
};

engram_actor spawn_engram(environment_ptr env, engram_backend_ptr backend,
                          std::shared_ptr<engram_lease> lease);

/// What an Engram that cannot answer says to an IMPRINT.
worker_signal refused_imprint(const signal_builder& build, const signal& to,
                              const engram_description& by, std::string error);

} // namespace cosmo::actors
