// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ask.hpp"
#include "role_guard.hpp"
#include "shared_function.hpp"
#include <cosmo/dendrite.hpp>

#include <mutex>
#include <optional>
#include <utility>

namespace cosmo {

/// What the copies of a `dendrite` share.
struct dendrite::impl {
  /// Why nothing works, if so.
  caf::error fault;
  dendrite_actor actor;
  dendrite_options options;
  std::optional<cosmo::synapse> bus;
  std::shared_ptr<actors::environment> env;
  std::mutex mutex;
  /// The first failed attach_axon, which start() reports.
  caf::error attach_fault;

  template <class Result, class... Ts>
  auto ask(Ts&&... xs)
    -> decltype(actors::ask<Result>(*env, actor, std::forward<Ts>(xs)...)) {
    if (fault)
      return fault;
    return actors::ask<Result>(*env, actor, std::forward<Ts>(xs)...);
  }

  caf::expected<pathway> open(caf::expected<opened_pathway> opened) {
    if (!opened)
      return std::move(opened.error());
    return pathway{std::move(*opened), env};
  }

  /// What an orchestrator may do and a worker not.
  caf::error check_orchestrator(std::string_view operation) const {
    if (fault)
      return fault;
    return actors::check_orchestrator(options, operation);
  }
};

/// For hooks, which the Dendrite owns: they must not keep it alive.
class weak_dendrite {
public:
  explicit weak_dendrite(const dendrite& strong)
    : actor_(strong.handle().address()), impl_(*strong.impl_) {
    // nop
  }

  /// Calls `fn` with the Dendrite, if it is still there.
  template <class F>
  void use(const F& fn) const {
    if (auto hdl = caf::actor_cast<dendrite_actor>(actor_))
      fn(dendrite{std::move(hdl), impl_.options, impl_.bus, impl_.env});
  }

private:
  struct parts {
    explicit parts(const dendrite::impl& from)
      : options(from.options), bus(from.bus), env(from.env) {
      // nop
    }

    dendrite_options options;
    std::optional<cosmo::synapse> bus;
    std::shared_ptr<actors::environment> env;
  };

  caf::actor_addr actor_;
  parts impl_;
};

} // namespace cosmo
