// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire_counters.hpp"
#include <cosmo/clock.hpp>
#include <cosmo/json_fwd.hpp>
#include <cosmo/net/wire_server.hpp>
#include <cosmo/subscription_index.hpp>
#include <cosmo/timestamp.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cosmo::net {

/// The broker's way to a client.
class wire_peer {
public:
  virtual ~wire_peer() = default;

  /// Queues whole lines. Must not call the broker.
  virtual void send(std::string_view lines) = 0;

  /// Whether there is sense in sending.
  virtual bool is_open() const {
    return true;
  }
};

/// The server's side of the `cosmo://` protocol without its sockets: who has
/// subscribed, which namespaces there are, and what each line does. It never
/// looks into a frame.
/// @affinity one thread   @source synapse-and-cli.md sections 5.4 to 5.8
class wire_broker {
public:
  /// A client that has connected.
  struct client;

  wire_broker(const wire_server_options& options, wall_clock_ptr clock,
              wire_counters& counters, wire_observer observer = {});
  ~wire_broker();

  /// Greets a client. @param to must live until `detach`.
  client& attach(wire_peer& to);

  /// Handles one line, given without its end.
  void take(client& from, std::string_view line);

  /// Forgets a client, with all that it owned.
  void detach(client& who);

  size_t clients() const noexcept {
    return clients_.size();
  }

private:
  struct name_space {
    std::string name;
    std::string transport;
    std::string started_at;
    uint64_t signal_count;
    client* owner;
  };

  struct subscriber {
    client* who;
    /// As it stands in a line.
    std::string sub_id;
  };

  struct text_hash {
    using is_transparent = void;

    size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  using name_spaces = std::list<name_space>;

  void take_any(client& from, std::string_view line);
  void publish(client& from, const json& line);
  /// @param subject_raw, frame_raw as they stand in a line.
  void publish(client& from, std::string_view subject,
               std::string_view subject_raw, std::string_view frame_raw);
  void count(std::string_view subject);
  void observe(std::string_view subject, std::string_view frame_raw);
  void withheld(client& from, size_t receivers);
  void subscribe(client& from, const json& line);
  void unsubscribe(client& from, const json& line);
  void drop_subscription(subscription_index::key k);
  void register_name_space(client& from, const json& line);
  void list_name_spaces(client& from);
  void describe_name_space(client& from, const json& line);
  void stop_name_space(client& from, const json& line);
  name_spaces::iterator find_name_space(client& from, const json& line);
  void forget_name_space(name_spaces::iterator which);
  void greet(client& who);
  static void send(client& to, const json& members);
  void refuse(client& to, std::string_view text);

  const wire_server_options& options_;
  wall_clock_ptr clock_;
  wire_counters& counters_;
  wire_observer observer_;
  std::list<client> clients_;
  uint64_t next_number_ = 0;
  subscription_index index_;
  std::vector<subscriber> subscribers_;
  std::vector<subscription_index::key> free_;
  name_spaces name_spaces_;
  std::unordered_map<std::string, name_spaces::iterator, text_hash,
                     std::equal_to<>>
    by_name_;
  /// Reused for each Signal.
  std::string out_;
};

} // namespace cosmo::net
