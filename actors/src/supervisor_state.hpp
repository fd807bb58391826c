// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "restart_window.hpp"
#include "supervised_child.hpp"
#include <cosmo/actors.hpp>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cosmo::actors {

/// Supervises children. Whatever changes them is a job; jobs are done one at a
/// time, in order, and each takes as long as its children need to stop and to
/// start. Waiting for a restart's turn is not part of a job.
class supervisor_state {
public:
  static inline const char* name = "cosmo.supervisor";

  supervisor_state(supervisor_actor::pointer self, child_context context,
                   supervisor_options options, std::vector<child_spec> specs);

  /// Takes the children along when it was killed.
  ~supervisor_state();

  supervisor_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<void>;
  using child_promise = caf::typed_response_promise<caf::actor>;
  using child_ptr = supervised_child_ptr;
  using children = std::vector<child_ptr>;

  /// What a job does: first it stops children, the last one first, then it
  /// starts children. `done` hears of the child that did not start; null when
  /// all did.
  struct procedure {
    children to_stop;
    std::deque<child_ptr> to_start;
    std::function<void(const child_ptr& failed, const caf::error& reason)> done;
  };

  // -- requests ------------------------------------------------------------------

  caf::result<void> start_all();
  caf::result<void> stop_all();
  caf::result<caf::actor> start_child(child_spec spec);
  caf::result<void> terminate_child(std::string id);
  caf::result<caf::actor> restart_child(std::string id);
  caf::result<void> delete_child(std::string id);
  caf::result<caf::actor> address_of(const std::string& id);
  caf::result<child_info> list();

  // -- jobs ----------------------------------------------------------------------

  void add_job(std::function<void()> job);
  void begin(procedure work);
  void proceed();
  bool step();
  void finish(const child_ptr& failed, const caf::error& reason);
  void stop(const child_ptr& c);
  caf::error start(const child_ptr& c);
  void started(const child_ptr& c, const caf::actor_addr& life);

  // -- what becomes of a child -----------------------------------------------------

  void down(const caf::actor_addr& who, const caf::error& reason);
  void ended(const child_ptr& c);
  void restart(const child_ptr& failed);
  void start_batch(uint64_t number);
  children affected_by(const child_ptr& failed) const;
  void check_auto_shutdown(const child_ptr& ended);

  // -- the end -------------------------------------------------------------------

  void shut_down(caf::error reason);
  void leave(const caf::error& reason);

  // -- children ------------------------------------------------------------------

  child_ptr add(child_spec spec);
  void remove(const child_ptr& c);
  child_ptr find(const std::string& id) const;
  /// @returns ec::not_found or child_not_stopped.
  static caf::error check_stopped(const child_ptr& c, const std::string& id);

  supervisor_actor::pointer self_;
  child_context context_;
  supervisor_options options_;
  /// In the order of their start.
  children children_;
  std::unordered_map<std::string, child_ptr> by_id_;
  std::unordered_map<caf::actor_addr, child_ptr> by_address_;
  restart_window window_;
  uint64_t last_batch_ = 0;

  std::deque<std::function<void()>> jobs_;
  std::optional<procedure> work_;
  bool proceeding_ = false;

  enum class phase { idle, starting, started, ending };
  phase phase_ = phase::idle;
  std::vector<promise> start_answers_;
  std::vector<promise> stop_answers_;
};

supervisor_actor spawn_supervisor(child_context context,
                                  supervisor_options options,
                                  std::vector<child_spec> specs);

} // namespace cosmo::actors
