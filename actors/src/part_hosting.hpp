// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "environment.hpp"
#include "restart_schedule.hpp"
#include "schedule_loops.hpp"
#include <cosmo/hosting.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::actors {

/// What a hosting needs of its Dendrite.
class part_owner {
public:
  virtual ~part_owner() = default;
  virtual dendrite_actor::pointer actor() const noexcept = 0;
  virtual void say(const worker_signal& sig) = 0;
  virtual void take_handler(handler_spec spec) = 0;
  virtual void run_hook(std::function<void()> hook) = 0;
};

/// Where one is in its life.
enum class part_state { idle, connecting, serving, waiting, unavailable };

/// What a Dendrite hosts beside its Axons, all of one kind: connects and
/// announces them, passes requests on to them, and starts those anew that have
/// failed. Requests wait for one that is being started.
///
/// A part of the Dendrite's actor and nothing without it. Its functions are in
/// part_hosting_impl.hpp, for those who know the kind.
/// @source engram.md sections 6 and 19, neurons.md 17.4
///
/// @tparam Kind what tells Engrams from Effectors, `engram_part` for example.
template <class Kind>
class part_hosting {
public:
  using part = typename Kind::part;
  using handle = typename Kind::handle;
  using description = typename Kind::description;

  /// Requests that one may have before it; more are refused.
  static constexpr size_t queue_max = 1'024;

  part_hosting(part_owner& host, environment_ptr env);

  part_hosting(const part_hosting&) = delete;
  part_hosting& operator=(const part_hosting&) = delete;

  // -- hosting ----------------------------------------------------------------

  /// @returns ec::already_exists, already_attached, or bad_config.
  caf::error attach(const part& what);

  /// @returns ec::not_found; else answers when the backend is closed.
  caf::result<void> detach(const std::string& id);

  /// Connects and announces one, or all. `done` is called when each has been
  /// tried once, or tried for too long.
  void serve(const std::string& id, std::function<void(caf::error)> done);
  void serve_all(std::function<void()> done);

  /// Takes leave and closes; `done` is called when all backends are closed.
  void leave_all(const std::string& reason, std::function<void()> done);

  /// Serves no longer: the bus has ended. Backends stay open.
  void bus_down();

  /// @returns whether it was one of their actors.
  bool down(const caf::down_msg& msg);

  // -- talking about them -----------------------------------------------------

  bool empty() const noexcept {
    return parts_.empty();
  }

  std::vector<part> attached() const;

  bool hosts(std::string_view id, std::string_view kind) const;

  /// How each of them is.
  std::vector<child_info> tree() const;

  /// Announces those that serve and pass the filter.
  void announce(const std::function<bool(const description&)>& wanted);

  void heartbeat();

  /// @returns ec::not_found.
  caf::error refresh(const std::string& id, const refresh_event& event);

  /// Something new was registered.
  void changed(const std::string& id);

  // -- serving ----------------------------------------------------------------

  /// Passes a request on, if it is for one here.
  void request(const signal& sig);

protected:
  using state = part_state;
  using loops = schedule_loops<dendrite_actor::pointer>;

  struct hosted : Kind::extra {
    explicit hosted(part x) : what(std::move(x)) {
      // nop
    }

    const std::string& id() const {
      return Kind::id_of(what.describe());
    }

    part what;
    handle actor = {};
    state now = state::idle;
    /// What the Dendrite waits for when it starts.
    std::function<void(caf::error)> tried = {};
    /// How many requests wait in its queue.
    size_t stashed = 0;
    /// How many requests its actor has.
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
  };

  /// Ends all actors.
  ~part_hosting();

  // -- what differs between kinds ---------------------------------------------

  /// May throw for want of a thread.
  virtual handle spawn(const part& what) = 0;
  /// Asks the actor to connect; ends in `serves` or `failed`.
  virtual void connect(hosted& h) = 0;
  /// One of its answers goes out.
  virtual void answered(hosted& h, const worker_signal& reply);
  /// One that was to answer has not: it failed, or died.
  virtual void unanswered(const description& by, const signal& sig,
                          const caf::error& reason)
    = 0;
  virtual void pass_on_queue(hosted& h) = 0;
  virtual void refuse(hosted& h, const signal& sig, const std::string& why) = 0;
  /// Refuses the requests that wait.
  virtual void refuse_stash(hosted& h, const std::string& why) = 0;
  /// It is to serve from now on.
  virtual void raised(const hosted& h);
  /// It has just been announced.
  virtual void announced(hosted& h);
  /// It serves no longer. Called before it takes leave.
  virtual void lowered(hosted& h);

  // -- life of one ------------------------------------------------------------

  hosted* find(const std::string& id);
  hosted* connecting(const std::string& id, const caf::actor_addr& actor);
  void raise(hosted& h);
  void serves(hosted& h);
  void failed(hosted& h, const caf::error& reason);
  void pass_on(hosted& h, hosted_request request);

  dendrite_actor::pointer self() const noexcept {
    return owner_.actor();
  }

  part_owner& owner_;
  environment_ptr env_;
  std::list<hosted> parts_;

private:
  /// One that is closing before it is free to be hosted elsewhere.
  struct leaving {
    part what;
    handle actor;
  };

  void lower(hosted& h, const std::string& reason);
  void tried(hosted& h, caf::error reason);
  void announce(hosted& h);
  void take_leave(hosted& h, const std::string& reason);
  void take_new_hooks(hosted& h, bool just_announced);

  std::list<leaving> leaving_;
};

} // namespace cosmo::actors
