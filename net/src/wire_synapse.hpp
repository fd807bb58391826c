// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire_inlet.hpp"
#include <cosmo/net/wire_client.hpp>
#include <cosmo/transport.hpp>

#include <caf/actor_addr.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cosmo::net {

/// A Synapse with messages of its own.
using wire_synapse_actor = synapse_actor::extend<
  // What the server was asked under this number is done, or has failed.
  caf::result<void>(caf::ok_atom, uint64_t, caf::error),
  // The connection is back.
  caf::result<void>(caf::connect_atom),
  // The connection is lost for good.
  caf::result<void>(caf::close_atom, caf::error)>;

/// A Synapse that lies behind a connection: writes what is published as frames,
/// and subscribes for its subscribers. Signals that come are handed to them by
/// the connection's own thread.
/// @source synapse-and-cli.md sections 2 and 5.10
class wire_synapse_state {
public:
  static inline const char* name = "cosmo.wire.synapse";

  wire_synapse_state(wire_synapse_actor::pointer self, actors::inbox_ptr box,
                     std::shared_ptr<wire_client> client, wire_inlet_ptr inlet,
                     dead_letters_ptr letters, signal_builder build);

  /// Ends the connection.
  ~wire_synapse_state();

  wire_synapse_actor::behavior_type make_behavior();

private:
  using subscription_id = wire_client::subscription_id;

  struct place {
    subscription_id at_server;
    subject pattern;
  };

  caf::result<void> publish(const subject& where, const signal& sig);
  caf::result<void> subscribe(const subscription& sub);
  void unsubscribe(const subscription& sub);
  void forget(const caf::actor_addr& receiver);
  void announce_again();
  void answer(uint64_t number, const caf::error& why);
  /// Whether whoever sent the current message waits for an answer. To others
  /// an error would be a message of its own, of which they die.
  bool is_awaited() const;
  /// A question to the server, and the answer to the current message.
  std::pair<wire_client::done_handler, caf::result<void>> ask();

  wire_synapse_actor::pointer self_;
  actors::inbox_ptr box_;
  std::shared_ptr<wire_client> client_;
  wire_inlet_ptr inlet_;
  dead_letters_ptr letters_;
  signal_builder build_;
  /// What a receiver has subscribed, by its own ids.
  std::unordered_map<caf::actor_addr, std::map<uint64_t, place>> receivers_;
  uint64_t last_question_ = 0;
  std::unordered_map<uint64_t, caf::typed_response_promise<void>> questions_;
};

} // namespace cosmo::net
