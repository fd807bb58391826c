// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "line_splitter.hpp"
#include "wire_broker.hpp"
#include "write_queue.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::net {

class wire_session;

/// What the server lends to its sessions; outlives them.
struct wire_session_host {
  wire_broker& broker;
  const wire_server_options& options;
  wire_counters& counters;
  /// Where all sessions read into, one at a time: those that are idle need no
  /// memory for what may come.
  std::vector<char>& incoming;
  /// Likewise for what waits to be written.
  block_store& blocks;
  /// Has lines to write when the current turn is over.
  std::function<void(wire_session&)> wants_to_write;
  /// Hears of every session that has closed.
  std::function<void(wire_session&)> ended;
};

/// The server's end of one connection: cuts what comes into lines, and writes
/// what the broker says.
/// @affinity I/O thread only
class wire_session final : public wire_peer,
                           public std::enable_shared_from_this<wire_session> {
public:
  using tcp = boost::asio::ip::tcp;

  wire_session(wire_session_host& host, tcp::socket socket);

  void start();

  void send(std::string_view lines) override;

  bool is_open() const override;

  /// Writes what was sent meanwhile.
  void flush();

  /// Cuts the connection.
  void close();

private:
  enum class phase {
    serving,
    /// Has said its last; waits until the client has read it.
    leaving,
    closed,
  };

  void wait_for_bytes();
  void on_bytes();
  void take(std::string_view bytes);
  void take_line(std::string_view line);
  void on_line_too_long();
  /// Bytes.
  size_t waiting() const;
  void write();
  void detach();

  wire_session_host& host_;
  tcp::socket socket_;
  boost::asio::steady_timer timer_;
  wire_broker::client* client_ = nullptr;
  phase phase_ = phase::serving;
  line_splitter lines_;
  /// What waits for the socket, and what it is being given.
  write_queue unsent_;
  block_store::block in_flight_;
  bool is_writing_ = false;
  bool wants_to_write_ = false;
  bool is_overdue_ = false;
};

} // namespace cosmo::net
