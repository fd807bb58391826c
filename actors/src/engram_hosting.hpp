// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include "restart_schedule.hpp"
#include "schedule_loops.hpp"
#include <cosmo/engram.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cosmo::actors {

/// The Engrams of a Dendrite: connects, announces and serves them, and starts
/// those anew whose storage has failed.
///
/// A part of the Dendrite's actor and nothing without it.
/// @source engram.md sections 6 and 19
class engram_hosting {
public:
  /// What became of a rollback of all Engrams here.
  struct rollback_outcome {
    size_t compensated = 0;
    size_t conflicts = 0;
    /// Those with a record that could not be read, or out of reach.
    std::vector<std::string> failed = {};
    /// Whether some of it is left for later.
    bool pending = false;

    bool complete() const noexcept {
      return conflicts == 0 && failed.empty() && !pending;
    }
  };

  using rollback_done = std::function<void(rollback_outcome)>;

  /// What it needs of its Dendrite.
  class owner {
  public:
    virtual ~owner() = default;
    virtual dendrite_actor::pointer actor() const noexcept = 0;
    virtual void say(const worker_signal& sig) = 0;
    virtual void take_handler(handler_spec spec) = 0;
    virtual void run_hook(std::function<void()> hook) = 0;
    /// A rollback that a crash had interrupted was finished.
    virtual void recovered(const rollback_order& order,
                           const rollback_outcome& outcome,
                           const std::string& engram_id)
      = 0;
  };

  /// Requests that an Engram may have before it; more are refused.
  static constexpr size_t queue_max = 1'024;

  engram_hosting(owner& host, environment_ptr env, std::string place);

  /// Nobody writes to a backend whose Dendrite is gone.
  ~engram_hosting();

  // -- hosting ----------------------------------------------------------------

  /// @returns ec::already_exists, already_attached, or bad_config.
  caf::error attach(const engram& what);

  /// @returns ec::not_found; else answers when the backend is closed.
  caf::result<void> detach(const std::string& engram_id);

  /// Connects and announces one, or all. `done` is called when each has been
  /// tried once, or tried for too long.
  void serve(const std::string& engram_id,
             std::function<void(caf::error)> done);
  void serve_all(std::function<void()> done);

  /// Takes leave and closes; `done` is called when all backends are closed.
  void leave_all(const std::string& reason, std::function<void()> done);

  /// Serves no longer: the bus has ended. Backends stay open.
  void bus_down();

  /// There is another one. @pre none of them serves.
  void move_to(std::string place) {
    place_ = std::move(place);
  }

  /// @returns whether it was one of the Engrams' actors.
  bool down(const caf::down_msg& msg);

  // -- talking about them -----------------------------------------------------

  bool empty() const noexcept {
    return engrams_.empty();
  }

  std::vector<engram> attached() const;

  bool hosts(std::string_view engram_id, std::string_view engram_kind) const;

  std::vector<std::string> ids() const;

  /// How each of them is.
  std::vector<child_info> tree() const;

  /// Announces those that serve and pass the filter.
  void announce(const std::function<bool(const engram_description&)>& wanted);

  void heartbeat();

  /// @returns ec::not_found.
  caf::error refresh(const std::string& engram_id, const refresh_event& event);

  /// Something new was registered.
  void changed(const std::string& engram_id);

  // -- serving ----------------------------------------------------------------

  /// Answers a RECALL or IMPRINT, if it is for an Engram here.
  void request(const signal& sig);

  void commit(const std::string& trace_id);

  void mark_failed(const std::string& trace_id);

  /// Undoes what the trace has written; several at a time.
  void roll_back(const rollback_order& order, rollback_done done);

private:
  using loops = schedule_loops<dendrite_actor::pointer>;

  enum class state { idle, connecting, serving, waiting, unavailable };

  /// One rollback of one Engram. However long it takes, its STOP waits only for
  /// so long; what comes later is told as recovered.
  struct undoing {
    std::string engram_id;
    rollback_order order;
    int attempts_left;
    std::function<void(caf::expected<rollback_report>)> done;
  };

  using undoing_ptr = std::shared_ptr<undoing>;

  /// The end of a trace: its writes are kept, or it has met an ERROR.
  struct trace_end {
    std::string trace_id;
    bool failed;
  };

  /// What waits, in order, for an Engram that is being started.
  using work = std::variant<engram_request, trace_end, undoing_ptr>;

  struct hosted {
    engram what;
    engram_actor actor = {};
    state now = state::idle;
    /// What the Dendrite waits for when it starts.
    std::function<void(caf::error)> tried = {};
    std::deque<work> queue = {};
    /// How many requests are in it.
    size_t stashed = 0;
    /// How much of its front came back from an actor that died.
    size_t returned = 0;
    size_t outstanding = 0;
    restart_schedule restarts = {};
    caf::error last_reason = {};
    caf::disposable retry = {};
    std::shared_ptr<loops> schedules = {};
    size_t hooks_taken = 0;
    /// Whether it has served since its Dendrite began.
    bool served = false;
    /// Whether others have been told of it, and not of its leave.
    bool announced = false;
    /// Rollbacks that were finished before it serves.
    std::vector<std::pair<rollback_order, rollback_outcome>> recovered = {};
  };

  /// One that is closing before it is free to be hosted elsewhere.
  struct leaving {
    engram what;
    engram_actor actor;
  };

  hosted* find(const std::string& engram_id);
  hosted* connecting(const std::string& engram_id,
                     const caf::actor_addr& actor);
  void raise(hosted& h);
  void finish_rollbacks(const std::string& engram_id,
                        const caf::actor_addr& actor,
                        std::deque<rollback_order> orders);
  void serves(hosted& h);
  void failed(hosted& h, const caf::error& reason);
  void lower(hosted& h, const std::string& reason);
  void tried(hosted& h, caf::error reason);
  void announce(hosted& h);
  void take_leave(hosted& h, const std::string& reason);
  void take_new_hooks(hosted& h, bool announced);
  void pass_on(hosted& h, engram_request request);
  void end_trace(hosted& h, trace_end what);
  void take_back(hosted& h, work what);
  void pass_on_queue(hosted& h);
  void refuse(const hosted& h, const signal& sig, const std::string& why);
  void refuse_stash(hosted& h, const std::string& why);
  void end_trace(const trace_end& what);
  void undo(undoing_ptr u);
  void undo_later(undoing_ptr u, const caf::error& reason);
  void report(undoing& u, caf::expected<rollback_report> report);
  void recover(const std::string& engram_id, const caf::actor_addr& actor,
               const rollback_order& order,
               std::function<void(const caf::expected<rollback_report>&)> done);
  static bool owes(const hosted& h, const std::string& stop_id);

  dendrite_actor::pointer self() const noexcept {
    return owner_.actor();
  }

  owner& owner_;
  environment_ptr env_;
  std::string place_;
  std::list<hosted> engrams_;
  std::list<leaving> leaving_;
};

} // namespace cosmo::actors
