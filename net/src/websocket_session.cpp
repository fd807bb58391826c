// SPDX-License-Identifier: Apache-2.0
#include "websocket_session.hpp"

#include <boost/asio/buffer.hpp>

#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;
namespace ws = boost::beast::websocket;

namespace {

/// For the answer to the request, and for the client's farewell.
constexpr std::chrono::seconds handshake_time_max{5};

constexpr size_t ignored_bytes_max = 64 * 1024;

} // namespace

websocket_session::websocket_session(tcp::socket socket,
                                     const websocket_options& options,
                                     std::shared_ptr<websocket_outbox> outbox,
                                     std::function<void()> ended)
  : stream_(std::move(socket)),
    timer_(stream_.get_executor()),
    ping_interval_(options.ping_interval),
    outbox_(std::move(outbox)),
    ended_(std::move(ended)) {
  stream_.set_option(ws::stream_base::timeout{
    .handshake_timeout = handshake_time_max,
    .idle_timeout = ws::stream_base::none(),
    .keep_alive_pings = false,
  });
  stream_.control_callback([this](auto, auto) { is_heard_ = true; });
  stream_.read_message_max(ignored_bytes_max);
  stream_.auto_fragment(false);
  stream_.text(true);
}

void websocket_session::accept(const incoming_request& request) {
  request_ = to_websocket_request(request);
  stream_.async_accept(request_, [self = shared_from_this()](auto error) {
    if (self->phase_ != phase::opening)
      return;
    if (error)
      return self->end();
    self->phase_ = phase::open;
    self->keep_watch();
    self->read_on();
    self->flush();
  });
}

void websocket_session::read_on() {
  stream_.async_read_some(asio::buffer(ignored_),
                          [self = shared_from_this()](auto error, size_t) {
                            self->is_heard_ = true;
                            if (error)
                              self->end();
                            else
                              self->read_on();
                          });
}

void websocket_session::flush() {
  if (phase_ != phase::open || is_writing_)
    return;
  if (is_last_)
    return close(close_code::going_away);
  auto next = outbox_->take();
  if (auto* text = std::get_if<std::string>(&next))
    write(std::move(*text));
  else if (std::holds_alternative<websocket_outbox::finished>(next))
    close(close_code::normal);
}

void websocket_session::write(std::string text) {
  is_writing_ = true;
  text_ = std::move(text);
  stream_.async_write(asio::buffer(text_),
                      [self = shared_from_this()](auto error, size_t) {
                        self->is_writing_ = false;
                        if (error)
                          self->end();
                        else
                          self->flush();
                      });
}

void websocket_session::close(close_code code) {
  phase_ = phase::closing;
  stream_.async_close(code, [self = shared_from_this()](auto) { self->end(); });
}

void websocket_session::keep_watch() {
  timer_.expires_after(ping_interval_);
  timer_.async_wait([self = shared_from_this()](auto error) {
    if (error || self->phase_ == phase::ended)
      return;
    if (!std::exchange(self->is_heard_, false))
      return self->end();
    self->ping();
    self->keep_watch();
  });
}

void websocket_session::ping() {
  if (phase_ != phase::open || std::exchange(is_pinging_, true))
    return;
  stream_.async_ping(
    {}, [self = shared_from_this()](auto) { self->is_pinging_ = false; });
}

void websocket_session::finish() {
  is_last_ = true;
  flush();
}

void websocket_session::end() {
  if (std::exchange(phase_, phase::ended) == phase::ended)
    return;
  auto self = shared_from_this();
  timer_.cancel();
  boost::system::error_code ignored;
  stream_.next_layer().close(ignored);
  outbox_->end();
  std::exchange(ended_, nullptr)();
}

} // namespace cosmo::net
