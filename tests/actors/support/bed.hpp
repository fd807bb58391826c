// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "outcome_of.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cosmo::test {

/// A simulated runtime with a bus whose traffic is written down.
class bed {
public:
  explicit bed(uint64_t seed = 1, size_t mailbox_max = mailbox_max_default);

  // -- making participants ----------------------------------------------------

  dendrite orchestrator(std::string id = "orchestrator");
  dendrite worker(std::string id = "worker");

  /// A started worker that hosts one Axon.
  dendrite serving(axon what, std::string id = "worker");
  dendrite serving(std::string neuron_id, any_neuron neuron);

  // -- what went over the bus -------------------------------------------------

  const std::vector<signal>& traffic() const {
    return *traffic_;
  }

  std::vector<signal> traffic(signal_type type) const;

  /// The types of a trace, in order, separated by blanks.
  std::string story(std::string_view trace_id) const;

  // -- doing something while a call is under way ------------------------------

  /// Where the answer of `ask_later` will be.
  template <class T>
  using answer = std::shared_ptr<std::optional<caf::expected<T>>>;

  /// Asks an actor without waiting: the test says what happens meanwhile.
  /// An answer of nothing is a `caf::unit_t`.
  template <class T, class Handle, class... Ts>
  answer<T> ask_later(const Handle& hdl, Ts... xs) {
    auto result = std::make_shared<std::optional<caf::expected<T>>>();
    auto question = [=](caf::event_based_actor* self) {
      auto failed
        = [result](caf::error& err) { result->emplace(std::move(err)); };
      if constexpr (std::is_same_v<T, caf::unit_t>)
        self->request(hdl, caf::infinite, xs...)
          .then([result] { result->emplace(caf::unit); }, failed);
      else
        self->request(hdl, caf::infinite, xs...)
          .then([result](T& x) { result->emplace(std::move(x)); }, failed);
    };
    sim.runtime().system().spawn<caf::hidden>(std::move(question));
    return result;
  }

  answer<signal> dispatch_later(const dendrite& from, dispatch_options what) {
    return ask_later<signal>(from.handle(), dispatch_atom_v, wait_atom_v,
                             std::move(what));
  }

  /// The actor of a running Axon.
  caf::strong_actor_ptr axon_actor_of(const dendrite& host,
                                      std::string neuron_id);

  /// Ends an actor as if it had failed; takes effect when it runs next.
  template <class Handle>
  void kill(const Handle& hdl) {
    caf::anon_send_exit(hdl, caf::exit_reason::kill);
  }

  void deliver(size_t count) {
    while (count-- > 0 && sim.deliver_one()) {
      // nop
    }
  }

  testing::simulation sim;
  synapse bus;

private:
  std::shared_ptr<std::vector<signal>> traffic_;
};

/// `{"echo": <input>}`
any_neuron echo();

/// A Neuron that answers when the test says so.
class held_neuron {
public:
  struct call {
    json input;
    json context;
    neuron_io io;
    neuron_promise done;
  };

  any_neuron neuron() const;

  std::vector<call>& calls() {
    return *calls_;
  }

private:
  std::shared_ptr<std::vector<call>> calls_
    = std::make_shared<std::vector<call>>();
};

} // namespace cosmo::test
