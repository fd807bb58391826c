// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io_loop.hpp"
#include "request_reader.hpp"
#include "response_head.hpp"
#include <cosmo/net/http_server.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace cosmo::net {

class http_session;
class websocket_outbox;
class websocket_session;

/// What the server lends to its sessions; outlives them.
struct http_session_host {
  std::shared_ptr<io_loop> loop;
  const http_server_options& options;
  /// Hands a request to the user's handler. @returns whether it will be called.
  std::function<bool(incoming_request, http_reply)> handle;
  /// Requests the stop, off the I/O thread.
  std::function<void(std::stop_source)> tell_gone;
  /// Hears of every session that has closed.
  std::function<void(http_session&)> ended;
};

/// The server's end of one connection: reads a request, has it handled, writes
/// the response, and begins again.
///
/// It reads on while a request is handled, for that is how it learns that the
/// client has gone; what comes then is the beginning of the next request.
/// @affinity I/O thread only
class http_session : public std::enable_shared_from_this<http_session> {
public:
  using tcp = boost::asio::ip::tcp;

  http_session(http_session_host& host, tcp::socket socket);

  void start();

  /// Lets the request under way be the last one.
  void finish();

  /// Cuts the connection.
  void close();

  // -- from replies; `exchange` says which request is meant ---------------------

  void send(uint64_t exchange, const http_response& whole);

  void open_stream(uint64_t exchange, const http_response& head);

  /// @param done is called in any case.
  void write(uint64_t exchange, std::string_view bytes,
             http_body_writer::written_handler done);

  void end_stream(uint64_t exchange);

  /// @param outbox what to send; ends with its last reader.
  void upgrade(uint64_t exchange, const websocket_options& options,
               std::shared_ptr<websocket_outbox> outbox);

  void flush_websocket(uint64_t exchange);

  /// Nobody is going to answer any more.
  void abandon(uint64_t exchange);

private:
  enum class phase {
    /// A request is on its way, or there may be one soon.
    reading,
    /// The handler has it, or the response is being written.
    answering,
    /// The last response is being written, or waits to be read.
    closing,
    closed,
  };

  /// How far the answer to the current request has come.
  enum class answer {
    none,
    /// The head is out, pieces of the body may follow.
    streaming,
    /// Nothing more may be said.
    complete,
  };

  using done_handler = http_body_writer::written_handler;

  struct piece {
    std::string bytes;
    done_handler done;
    size_t written = 0;
  };

  /// A request for a WebSocket, and the handler's consent.
  struct pending_upgrade {
    incoming_request request;
    websocket_options options;
    std::shared_ptr<websocket_outbox> outbox;
  };

  void expect_request();

  /// Reads whatever comes unless that is happening already.
  void read_on();

  void on_bytes();

  void on_end_of_bytes();

  void hand_over();

  void refuse(const request_fault& fault);

  /// Whether the exchange is the current one, and its answer there.
  bool is_at(uint64_t exchange, answer so_far) const;

  std::string head_of(const http_response& response,
                      body_framing framing) const;

  void put(std::string bytes, done_handler done = {});

  void flush();

  /// Hands the socket over. @pre nothing is read
  void open_websocket();

  /// After the last byte of a response.
  void finish_exchange();

  /// Closes when the client has read what was sent: with unread bytes around,
  /// the kernel would reset the connection and take the response back.
  void close_gently();

  void arm(std::chrono::milliseconds time);

  void disarm();

  void on_timeout();

  http_session_host& host_;
  tcp::socket socket_;
  boost::asio::steady_timer timer_;
  /// Tells the timer that counts from those before.
  uint64_t timer_turn_ = 0;
  /// What a read that is under way writes to: those in `buffer_` move.
  std::array<char, 8 * 1024> incoming_;
  boost::beast::flat_buffer buffer_;
  std::optional<request_reader> reader_;
  std::deque<piece> outbox_;
  /// The request that asks for a WebSocket, without its body.
  std::optional<incoming_request> upgrade_request_;
  std::optional<pending_upgrade> upgrade_;
  std::shared_ptr<websocket_session> websocket_;
  phase phase_ = phase::reading;
  answer answer_ = answer::none;
  uint64_t exchange_ = 0;
  std::stop_source gone_;
  size_t discarded_bytes_ = 0;
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool has_client_ended_ = false;
  bool has_request_begun_ = false;
  bool is_chunked_ = false;
  bool is_kept_alive_ = true;
  bool is_head_request_ = false;
  bool is_http_1_1_ = true;
  bool is_last_ = false;
};

} // namespace cosmo::net
