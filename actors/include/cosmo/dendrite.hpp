// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/axon.hpp>
#include <cosmo/dispatch.hpp>
#include <cosmo/pathway.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cosmo {

/// How a Dendrite is made. @source dendrite.md section 3
struct dendrite_options {
  /// Scope of its subjects.
  std::string name_space = "default";
  /// `directed.id` of what it says on its own behalf.
  std::string dendrite_id = "dendrite";
  cosmo::role role = cosmo::role::orchestrator;
  /// How long an id counts as seen; at least 60 s, or 0 for never.
  std::chrono::seconds dedup_window{60};
  size_t dedup_capacity = 65'536;
  /// How long a stopped trace refuses late TASKs.
  std::chrono::seconds trace_tombstone{60};
  /// How long `stop` waits for unfinished TASKs before it answers for them.
  std::chrono::nanoseconds drain_on_stop{0};
};

/// @returns ec::bad_argument naming the option.
caf::error check(const dendrite_options& options);

/// The participant on the bus: hosts Axons, dispatches work, shows traces.
///
/// Made by `runtime::dendrite`; a cheap handle. If the options were bad, every
/// call returns that error. Errors are values; an ERROR Signal is an answer and
/// not an error.
/// @affinity any thread that may block   @source dendrite.md
class dendrite {
public:
  dendrite(caf::expected<dendrite_actor> hdl, dendrite_options options,
           std::shared_ptr<actors::environment> env);

  // -- hosting ----------------------------------------------------------------

  /// Hosts an Axon; announced at the next start. A failure is logged and comes
  /// up again at `start`, so that it may be ignored here.
  /// @returns the Axon, ec::bad_config, already_exists or already_attached.
  caf::expected<axon> attach_axon(axon what) const;

  caf::expected<axon> attach_axon(axon_options what) const {
    return attach_axon(axon{std::move(what)});
  }

  /// As above; a running Dendrite announces and routes to it at once.
  caf::expected<axon> add_axon(axon what) const;

  caf::expected<axon> add_axon(axon_options what) const {
    return add_axon(axon{std::move(what)});
  }

  /// @returns ec::not_found.
  caf::error detach_axon(std::string neuron_id, std::string reason = {}) const;

  /// Subscribes and announces. Idempotent.
  /// @returns what a failed `attach_axon` had returned, or ec::not_connected.
  caf::error start() const;

  /// Answers unfinished TASKs, says farewell, closes Pathways. Idempotent; a
  /// stopped Dendrite may be started again.
  caf::error stop(std::string reason = {}) const;

  // -- dispatching, orchestrators only ----------------------------------------

  /// Publishes a TASK and returns it.
  /// @returns ec::protocol_violation on a worker, ec::bad_argument without
  ///          target, ec::not_connected.
  caf::expected<signal> dispatch_task(dispatch_options options) const;

  /// Publishes a TASK and returns its Pathway.
  caf::expected<pathway> dispatch(dispatch_options options) const;

  /// The same, for callers that go on with `on`.
  caf::expected<pathway> dispatch_and_subscribe(dispatch_options options) const;

  /// Publishes a TASK and waits for what resolves it: with scope `all` the
  /// first AGENT_OUTPUT, CLARIFICATION, PERMISSION, ERROR or FINAL, with scope
  /// `terminal` FINAL or ERROR.
  /// @returns also ec::timeout and ec::pathway_closed.
  caf::expected<signal> dispatch_and_wait(dispatch_options options) const;

  /// Publishes a Signal of an orchestrator.
  /// @returns ec::protocol_violation for workers and for types of the Axon.
  caf::error emit(const signal& sig) const;

  // -- watching ---------------------------------------------------------------

  /// Opens a Pathway on a trace without publishing anything.
  /// @returns ec::already_exists if this Dendrite has one on that trace.
  caf::expected<pathway> observe_pathway(std::string trace_id) const;

  // -- properties -------------------------------------------------------------

  const dendrite_options& options() const noexcept;

  /// The actor, for code that speaks messages; null if the options were bad.
  const dendrite_actor& handle() const noexcept;

private:
  struct impl;

  caf::expected<axon> host(axon what, bool announce) const;

  std::shared_ptr<impl> impl_;
};

/// Keeps Dendrites running for the time of a scope.
class [[nodiscard]] running_scope {
public:
  explicit running_scope(std::vector<dendrite> members);
  ~running_scope();

  running_scope(running_scope&&) noexcept = default;
  running_scope& operator=(running_scope&&) = delete;

  /// Whether all of them started.
  explicit operator bool() const noexcept {
    return !error_;
  }

  /// Why not; then none of them is running.
  const caf::error& error() const noexcept {
    return error_;
  }

private:
  void stop_all();

  std::vector<dendrite> started_;
  caf::error error_;
};

/// Starts the Dendrites in order and stops them in reverse at the scope's end.
/// A failure is logged and returned by `error()`.
template <class... Dendrites>
running_scope running(const Dendrites&... members) {
  return running_scope{{members...}};
}

} // namespace cosmo
