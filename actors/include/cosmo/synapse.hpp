// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cosmo {

namespace actors {
class environment;
} // namespace actors

/// A subscription that its owner can end.
class subscription_handle {
public:
  subscription_handle(synapse_actor bus, subscriber_actor receiver,
                      std::shared_ptr<actors::environment> env)
    : bus_(std::move(bus)),
      receiver_(std::move(receiver)),
      env_(std::move(env)) {
    // nop
  }

  /// Ends the subscription; deliveries under way still finish. Idempotent.
  void unsubscribe();

private:
  synapse_actor bus_;
  subscriber_actor receiver_;
  std::shared_ptr<actors::environment> env_;
};

/// The bus. Made by `runtime::connect`; a cheap handle. Several Dendrites may
/// share one, none of them closes it. One that fails is restarted, unless it
/// does so too often: subscriptions stay, Dendrites stop and start again.
/// @affinity any thread   @source synapse-and-cli.md sections 2 and 3
class synapse {
public:
  using handler = std::function<void(const signal&)>;

  synapse(synapse_actor hdl, std::shared_ptr<actors::environment> env);

  /// Hands a Signal over and returns once it is accepted; never waits for
  /// receivers. @returns ec::not_connected after `close`.
  caf::error publish(std::string_view subject, const signal& sig) const;

  /// Returns when everything accepted before has been handed over.
  caf::error flush() const;

  /// Calls `fn` for each matching Signal, in order, off the scheduler; a
  /// Signal's handler may publish and wait. What it throws is logged.
  caf::expected<subscription_handle>
  subscribe(std::string_view pattern, handler fn,
            std::optional<std::string> group = {}) const;

  /// Publishes a copy of a Signal that says in `meta._reply_to` where its
  /// answer is wanted, and waits for the first one.
  /// @returns ec::timeout naming the inbox, or ec::not_connected.
  caf::expected<signal> request(std::string_view subject, const signal& sig,
                                std::chrono::nanoseconds timeout
                                = std::chrono::seconds{5}) const;

  /// Answers a request. @returns ec::bad_argument if nobody waits for an answer
  /// to `original`, or as `publish`.
  caf::error reply_to(const signal& original, const signal& reply) const;

  /// Drops all subscriptions; later use fails. Idempotent.
  void close() const;

  /// The actor, for code that speaks messages: another one after a failure.
  synapse_actor handle() const;

private:
  synapse_actor handle_;
  std::shared_ptr<actors::environment> env_;
};

} // namespace cosmo
