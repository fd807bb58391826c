// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/effector_backend.hpp>
#include <cosmo/hosting.hpp>
#include <cosmo/on_signals.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cosmo {

class effector_host;

/// Something that acts, with what comes with it. Attach it to a Dendrite, which
/// answers TOOL_CALL for it. A tool that fails ends no TASK: its error is part
/// of the TOOL_RESULT.
///
/// A cheap handle: copies, and whatever is made of the same backend, are the
/// same Effector.
/// @affinity any thread   @source neurons.md section 17
class effector {
public:
  /// No backend; only assign to it.
  effector() : effector(effector_backend_ptr{}) {
    // nop
  }

  /// A null backend comes up as ec::bad_config when the Effector is attached.
  effector(effector_backend_ptr backend);

  template <std::derived_from<effector_backend> Backend>
  effector(std::shared_ptr<Backend> backend)
    : effector(effector_backend_ptr{std::move(backend)}) {
    // nop
  }

  // -- lifecycle ----------------------------------------------------------------

  /// Runs each time the Effector has been announced. Like all lifecycle hooks
  /// off the scheduler, one after another; what it throws is logged.
  effector& on_connect(std::function<void(const effector&)> fn);

  /// Runs with each heartbeat of the Dendrite, by `refresh`, and with the
  /// reason `restart` when an Effector that had failed is back.
  effector&
  on_refresh(std::function<void(const effector&, const refresh_event&)> fn);

  /// Runs on and on while the Effector serves, `every` after the previous run
  /// has ended; the first time after one interval.
  /// @returns ec::bad_argument unless `every` is above zero.
  caf::error on_schedule(std::chrono::nanoseconds every,
                         std::function<void(const effector&)> fn);

  /// Runs the `on_refresh` hooks. @returns ec::not_attached.
  caf::error refresh(refresh_event event = {}) const;

  /// Registers handlers with the first Dendrite that announces the Effector.
  /// They stay there, also when the Effector leaves.
  effector_host host() const;

  // -- properties -------------------------------------------------------------

  const effector_description& describe() const noexcept;

  const std::string& effector_id() const noexcept {
    return describe().effector_id;
  }

  const std::string& effector_kind() const noexcept {
    return describe().effector_kind;
  }

  const effector_backend_ptr& backend() const noexcept;

  /// @returns ec::bad_config naming what is missing.
  caf::error check() const;

  // -- attachment, for the Dendrite -------------------------------------------

  /// Binds the Effector to the Dendrite that `owner` stands for.
  /// @returns ec::already_attached if it has another one.
  caf::error attach_to(const void* owner, hosting_link to = {});

  void detach() noexcept;

  /// The lifecycle hooks from the n-th on, bound to this Effector.
  std::vector<dendrite_hook> lifecycle_hooks(size_t from = 0) const;

  /// The handlers that have not been taken before.
  std::vector<handler_spec> take_handlers() const;

private:
  friend class effector_host;

  struct impl;

  std::shared_ptr<impl> impl_;
};

/// Handlers that come with an Effector. @source neurons.md 17.3
class effector_host : public on_signals<effector_host> {
public:
  explicit effector_host(effector owner) : owner_(std::move(owner)) {
    // nop
  }

  void add_handler(handler_spec spec) const;

private:
  effector owner_;
};

} // namespace cosmo
