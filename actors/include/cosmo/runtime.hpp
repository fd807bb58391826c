// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/dead_letters.hpp>
#include <cosmo/dendrite.hpp>
#include <cosmo/ids.hpp>
#include <cosmo/mail.hpp>
#include <cosmo/synapse.hpp>
#include <cosmo/transport.hpp>

#include <caf/fwd.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cosmo {

/// Registers all message types with CAF; a runtime does it by itself. Call it
/// first in a program that makes its own `caf::actor_system`.
void init_message_types();

/// How CAF's scheduler threads share their work.
/// @source doc/decisions/002-scheduler.md
enum class scheduling {
  /// One queue for all: idle threads sleep until there is work.
  sharing,
  /// A queue for each: more throughput under load, but idle threads poll, and
  /// work that arrives meanwhile waits for up to 10 ms.
  stealing,
};

/// How a runtime is made.
struct runtime_options {
  /// Time, chance and identity; absent: the machine's.
  std::optional<world> outside = {};
  /// Scheduler threads; 0 for one per core.
  size_t threads = 0;
  scheduling policy = scheduling::sharing;
  /// Signals that may wait for one receiver.
  size_t mailbox_max = mailbox_max_default;
};

/// An actor system with everything the framework needs. Its end stops all
/// Dendrites and waits for every actor; Neurons that block must honour their
/// stop token for that.
/// @affinity the thread that made it; its products may be used from any
class runtime {
public:
  explicit runtime(runtime_options options = {});

  /// Uses an actor system of the caller, which must outlive the runtime. With a
  /// `step` everything happens on the caller's thread: whoever has to wait
  /// calls `step` until it is done or `step` returns false, and user code that
  /// may block runs cooperatively.
  runtime(caf::actor_system& sys, world outside,
          std::function<bool()> step = {},
          size_t mailbox_max = mailbox_max_default);

  ~runtime();

  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Lets `connect` reach buses outside of this runtime; replaces the one of
  /// the same scheme.
  void add_transport(transport how);

  /// The bus at a URL: `memory:` is the one inside this runtime, others need
  /// their transport. May block until it is connected.
  /// @returns ec::unsupported_transport or ec::bad_argument naming the URL, or
  ///          what the transport returns.
  caf::expected<cosmo::synapse> connect(std::string_view url);

  /// Makes a Dendrite on a bus. Bad options, and a bus that could not be
  /// connected, come up as errors of its calls.
  cosmo::dendrite dendrite(const caf::expected<cosmo::synapse>& bus,
                           dendrite_options options = {});

  // -- the actors themselves, for programs that speak messages -----------------

  /// A bus of its own. Ends with the runtime.
  synapse_actor spawn_synapse();

  /// A Dendrite on a bus. Ends with the runtime.
  /// @returns ec::bad_argument naming the option.
  caf::expected<dendrite_actor> spawn_dendrite(const synapse_actor& bus,
                                               dendrite_options options = {});

  /// Blocks until the process is asked to end by SIGINT or SIGTERM.
  static void wait_for_signal();

  std::string new_trace_id();
  std::string new_event_id();
  std::string new_engram_id();

  caf::actor_system& system() noexcept;

  /// How everything in this runtime is, as a supervision tree: buses,
  /// registries, Dendrites with their Axons and Engrams, and the trees of your
  /// own; also the HTTP clients of the program, which all runtimes share.
  child_info tree() const;

  /// The book of messages that nobody handled.
  cosmo::dead_letters& dead_letters() const noexcept;

  /// How many Signals were sent to receivers in this runtime, and what became
  /// of them.
  mail_counts mail() const;

  const std::shared_ptr<actors::environment>& environment() const noexcept {
    return env_;
  }

private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<actors::environment> env_;
};

} // namespace cosmo
