// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/engram_backend.hpp>
#include <cosmo/hosting.hpp>
#include <cosmo/on_signals.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cosmo {

class engram_host;

/// Who uses a backend. A host that is being ended may still be in the middle of
/// a call when the next one begins.
struct engram_lease {
  std::mutex mutex = {};
  /// The one that connected last; nobody else may touch the backend.
  const void* holder = nullptr;
};

/// Shared memory that can be recalled and imprinted: a backend and what comes
/// with it. Attach it to a Dendrite, which serves it.
///
/// A cheap handle: copies, and whatever is made of the same backend, are the
/// same Engram.
/// @affinity any thread   @source engram.md sections 1 to 3 and 6
class engram {
public:
  /// No backend; only assign to it.
  engram() : engram(engram_backend_ptr{}) {
    // nop
  }

  /// A null backend comes up as ec::bad_config when the Engram is attached.
  engram(engram_backend_ptr backend);

  template <std::derived_from<engram_backend> Backend>
  engram(std::shared_ptr<Backend> backend)
    : engram(engram_backend_ptr{std::move(backend)}) {
    // nop
  }

  // -- lifecycle ----------------------------------------------------------------

  /// Runs each time the Engram has been announced. Like all lifecycle hooks off
  /// the scheduler, one after another; what it throws is logged.
  engram& on_connect(std::function<void(const engram&)> fn);

  /// Runs with each heartbeat of the Dendrite, by `refresh`, and with the
  /// reason `restart` when a backend that had failed is back.
  engram&
  on_refresh(std::function<void(const engram&, const refresh_event&)> fn);

  /// Runs on and on while the Engram serves, `every` after the previous run has
  /// ended; the first time after one interval.
  /// @returns ec::bad_argument unless `every` is above zero.
  caf::error on_schedule(std::chrono::nanoseconds every,
                         std::function<void(const engram&)> fn);

  /// Runs the `on_refresh` hooks. @returns ec::not_attached.
  caf::error refresh(refresh_event event = {}) const;

  /// Registers handlers with the first Dendrite that announces the Engram. They
  /// stay there, also when the Engram leaves.
  engram_host host() const;

  // -- properties -------------------------------------------------------------

  const engram_description& describe() const noexcept;

  const std::string& engram_id() const noexcept {
    return describe().engram_id;
  }

  const std::string& engram_kind() const noexcept {
    return describe().engram_kind;
  }

  const engram_backend_ptr& backend() const noexcept;

  /// @returns ec::bad_config naming what is missing.
  caf::error check() const;

  // -- attachment, for the Dendrite -------------------------------------------

  /// Binds the Engram to the Dendrite that `owner` stands for.
  /// @returns ec::already_attached if it has another one.
  caf::error attach_to(const void* owner, hosting_link to = {});

  void detach() noexcept;

  /// Guards the backend while one host takes over from another.
  const std::shared_ptr<engram_lease>& lease() const noexcept;

  /// The lifecycle hooks from the n-th on, bound to this Engram.
  std::vector<dendrite_hook> lifecycle_hooks(size_t from = 0) const;

  /// The handlers that have not been taken before.
  std::vector<handler_spec> take_handlers() const;

private:
  friend class engram_host;

  struct impl;

  std::shared_ptr<impl> impl_;
};

/// Handlers that come with an Engram. @source engram.md 6.6
class engram_host : public on_signals<engram_host> {
public:
  explicit engram_host(engram owner) : owner_(std::move(owner)) {
    // nop
  }

  void add_handler(handler_spec spec) const;

private:
  engram owner_;
};

} // namespace cosmo
