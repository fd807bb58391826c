// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/supervision.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cosmo {

/// The root of a supervision tree: starts plain CAF actors in order, starts
/// them again by the rules of OTP's `supervisor`, and stops them in reverse
/// order. A cheap handle; the tree ends with `stop` or with its runtime.
///
/// The functions wait for the supervisor and are for plain threads. Actors send
/// to `handle()`; see `supervisor_actor`.
/// @affinity any thread
class supervisor {
public:
  /// Starts a supervisor and its children, and waits for them.
  /// @returns ec::bad_argument, or the error of the child that did not start,
  ///          once those before it have been stopped.
  static caf::expected<supervisor> start(runtime& rt,
                                         supervisor_options options,
                                         std::vector<child_spec> children);

  /// Adds a child at the end and starts it.
  /// @returns its address; ec::already_exists, ec::bad_argument, or why it did
  ///          not start, after which it is forgotten.
  caf::expected<caf::actor> start_child(child_spec spec) const;

  /// Stops a child. It stays known unless it is temporary; ec::not_found.
  caf::error terminate_child(std::string id) const;

  /// Starts a child that has ended.
  /// @returns its address; ec::not_found, ec::child_not_stopped, or why it did
  ///          not start.
  caf::expected<caf::actor> restart_child(std::string id) const;

  /// Forgets a child that has ended; ec::not_found, ec::child_not_stopped.
  caf::error delete_child(std::string id) const;

  /// The address of a child. With `child_spec::stash` it is good for all its
  /// lives; otherwise it is the actor that runs now, null when none does.
  /// `Handle` is the interface that its factory gives.
  template <class Handle = caf::actor>
  caf::expected<Handle> child(std::string id) const {
    auto hdl = address_of(std::move(id));
    if (!hdl)
      return std::move(hdl.error());
    return caf::actor_cast<Handle>(*hdl);
  }

  /// The children, in the order of their start.
  caf::expected<std::vector<child_info>> which_children() const;

  caf::expected<child_counts> count_children() const;

  /// The supervisor with everything below.
  caf::expected<child_info> tree() const;

  /// Stops the children in reverse order, then the supervisor, and waits for
  /// it. Idempotent.
  caf::error stop() const;

  const supervisor_actor& handle() const noexcept {
    return handle_;
  }

private:
  supervisor(supervisor_actor hdl, std::shared_ptr<actors::environment> env);

  caf::expected<caf::actor> address_of(std::string id) const;

  supervisor_actor handle_;
  std::shared_ptr<actors::environment> env_;
};

/// A supervisor as a child of another: `.start = nested({...}, {...})`. It is
/// named after its child. When it gives up, its own supervisor decides.
child_factory nested(supervisor_options options,
                     std::vector<child_spec> children);

/// A supervisor that starts its children when it is sent a `start_atom`, for
/// programs that speak messages. Whoever keeps it sends it `user_shutdown`.
/// @returns ec::bad_argument naming the option or child.
caf::expected<supervisor_actor>
spawn_supervisor(const child_context& context, supervisor_options options,
                 std::vector<child_spec> children);

} // namespace cosmo
