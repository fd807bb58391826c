// SPDX-License-Identifier: Apache-2.0
#include "wire_session.hpp"

#include <cosmo/log.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <cstring>
#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

/// How long a client that is being disconnected may take to read why.
constexpr std::chrono::seconds farewell{1};

} // namespace

wire_session::wire_session(wire_session_host& host, tcp::socket socket)
  : host_(host),
    socket_(std::move(socket)),
    timer_(socket_.get_executor()),
    lines_(host.options.line_bytes_max, line_end::lf),
    unsent_(host.blocks) {
  // nop
}

void wire_session::start() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  socket_.set_option(asio::socket_base::keep_alive{true}, ignored);
  socket_.non_blocking(true, ignored);
  client_ = &host_.broker.attach(*this);
  wait_for_bytes();
}

// -- reading ---------------------------------------------------------------------

void wire_session::wait_for_bytes() {
  socket_.async_wait(tcp::socket::wait_read,
                     [this, me = shared_from_this()](auto error) {
                       if (error)
                         close();
                       else if (phase_ != phase::closed)
                         on_bytes();
                     });
}

/// Once: whoever reads on and on has more to write than it gets rid of.
void wire_session::on_bytes() {
  boost::system::error_code error;
  auto& room = host_.incoming;
  auto count = socket_.read_some(asio::buffer(room), error);
  if (error && error != asio::error::would_block
      && error != asio::error::try_again)
    return close();
  if (phase_ == phase::serving && !is_overdue_)
    take({room.data(), error ? 0 : count});
  if (phase_ != phase::closed)
    wait_for_bytes();
}

void wire_session::take(std::string_view bytes) {
  if (!lines_.feed(bytes, [this](auto line) { take_line(line); }))
    on_line_too_long();
}

void wire_session::take_line(std::string_view line) {
  // One that does not read its answers gets no more of them.
  if (!is_overdue_)
    host_.broker.take(*client_, line);
}

/// The line's rest is still to come: read and forgotten, for with unread bytes
/// around the kernel would take back what was said last.
void wire_session::on_line_too_long() {
  log::warning("net.wire", "line-too-long",
               "more than " + std::to_string(host_.options.line_bytes_max)
                 + " bytes");
  send("{\"op\":\"err\",\"message\":\"line too long\"}\n");
  detach();
  phase_ = phase::leaving;
  timer_.expires_after(farewell);
  timer_.async_wait([this, me = shared_from_this()](auto error) {
    if (!error)
      close();
  });
}

// -- writing ---------------------------------------------------------------------

bool wire_session::is_open() const {
  return phase_ == phase::serving && !is_overdue_;
}

void wire_session::send(std::string_view lines) {
  if (!is_open())
    return;
  if (waiting() + lines.size() > host_.options.unsent_bytes_max) {
    // The broker is in the middle of something.
    is_overdue_ = true;
    host_.counters.slow_consumers.add();
    log::warning("net.wire", "slow_consumer",
                 "a client does not read: " + std::to_string(waiting())
                   + " bytes are waiting");
    asio::post(socket_.get_executor(),
               [this, me = shared_from_this()] { close(); });
    return;
  }
  unsent_.append(lines);
  if (!is_writing_ && !std::exchange(wants_to_write_, true))
    host_.wants_to_write(*this);
}

void wire_session::flush() {
  wants_to_write_ = false;
  if (!is_writing_ && phase_ != phase::closed)
    write();
}

size_t wire_session::waiting() const {
  return unsent_.size() + (is_writing_ ? in_flight_.front().size() : 0);
}

void wire_session::write() {
  host_.blocks.give_back(std::exchange(in_flight_, {}));
  if (unsent_.empty()) {
    if (phase_ == phase::leaving) {
      boost::system::error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    return;
  }
  in_flight_ = unsent_.pop();
  is_writing_ = true;
  asio::async_write(socket_, asio::buffer(in_flight_.front()),
                    [this, me = shared_from_this()](auto error, size_t) {
                      is_writing_ = false;
                      if (phase_ == phase::closed)
                        return;
                      if (error)
                        return close();
                      write();
                    });
}

// -- the end ---------------------------------------------------------------------

void wire_session::detach() {
  if (client_)
    host_.broker.detach(*std::exchange(client_, nullptr));
}

void wire_session::close() {
  if (std::exchange(phase_, phase::closed) == phase::closed)
    return;
  detach();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  host_.ended(*this);
}

} // namespace cosmo::net
