// SPDX-License-Identifier: Apache-2.0
#include "http_session.hpp"

#include "reply_state.hpp"
#include "websocket_session.hpp"
#include <cosmo/log.hpp>

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

/// Besides a head: one line of a chunked body, and what follows a request.
constexpr size_t spare_bytes = 64 * 1024;

/// What a client may still send after its last response before it is cut off,
/// and for how long.
constexpr size_t discarded_bytes_max = 1024 * 1024;
constexpr std::chrono::milliseconds linger{2'000};

caf::error client_gone() {
  return make_error(ec::cancelled, "the client has gone");
}

void call(const http_body_writer::written_handler& done, caf::error outcome) {
  if (!done)
    return;
  try {
    done(std::move(outcome));
  } catch (const std::exception& error) {
    log::error("net.http", "handler-threw", error.what());
  }
}

} // namespace

http_session::http_session(http_session_host& host, tcp::socket socket)
  : host_(host),
    socket_(std::move(socket)),
    timer_(host.loop->context()),
    buffer_(host.options.head_bytes_max + spare_bytes) {
  // nop
}

void http_session::start() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  expect_request();
}

void http_session::finish() {
  is_last_ = true;
  if (websocket_)
    websocket_->finish();
  else if (phase_ == phase::reading && !has_request_begun_)
    close();
}

void http_session::close() {
  if (std::exchange(phase_, phase::closed) == phase::closed)
    return;
  auto self = shared_from_this();
  disarm();
  boost::system::error_code ignored;
  socket_.close(ignored);
  ++exchange_;
  upgrade_.reset();
  if (auto open = std::exchange(websocket_, nullptr))
    open->end();
  if (gone_.stop_possible())
    host_.tell_gone(std::exchange(gone_, std::stop_source{std::nostopstate}));
  for (auto unsent = std::exchange(outbox_, {}); const auto& item : unsent)
    call(item.done, client_gone());
  host_.ended(*this);
}

// -- reading ------------------------------------------------------------------

void http_session::expect_request() {
  phase_ = phase::reading;
  gone_ = std::stop_source{std::nostopstate};
  has_request_begun_ = false;
  reader_.emplace(host_.options.head_bytes_max, host_.options.body_bytes_max);
  arm(host_.options.idle_time_max);
  if (buffer_.size() > 0)
    on_bytes();
  else
    read_on();
}

void http_session::read_on() {
  auto room = buffer_.max_size() - buffer_.size();
  if (is_reading_ || has_client_ended_ || room == 0)
    return;
  is_reading_ = true;
  socket_.async_read_some(
    asio::buffer(incoming_, room),
    [self = shared_from_this()](auto error, size_t size) {
      self->is_reading_ = false;
      if (self->phase_ == phase::closed)
        return;
      auto& buffer = self->buffer_;
      buffer.commit(asio::buffer_copy(buffer.prepare(size),
                                      asio::buffer(self->incoming_, size)));
      if (self->upgrade_ && (!error || error == asio::error::operation_aborted))
        self->open_websocket();
      else if (error)
        self->on_end_of_bytes();
      else
        self->on_bytes();
    });
}

void http_session::on_bytes() {
  if (phase_ == phase::closing) {
    discarded_bytes_ += buffer_.size();
    buffer_.consume(buffer_.size());
    if (discarded_bytes_ > discarded_bytes_max)
      return close();
  }
  if (phase_ != phase::reading)
    return read_on();
  if (!std::exchange(has_request_begun_, true))
    arm(host_.options.request_time_max);
  reader_->read(buffer_);
  if (const auto& fault = reader_->fault())
    return refuse(*fault);
  if (reader_->is_complete())
    return hand_over();
  if (buffer_.size() == buffer_.max_size())
    return refuse({400, "invalid HTTP: a line is too long"});
  if (reader_->take_expectation())
    put("HTTP/1.1 100 Continue\r\n\r\n");
  read_on();
}

void http_session::on_end_of_bytes() {
  has_client_ended_ = true;
  // What a broken request is told may still be on its way.
  if (phase_ != phase::closing || outbox_.empty())
    close();
}

void http_session::hand_over() {
  phase_ = phase::answering;
  disarm();
  is_kept_alive_ = reader_->is_keep_alive() && !is_last_;
  is_http_1_1_ = reader_->is_http_1_1();
  auto request = reader_->take();
  is_head_request_ = request.method == "HEAD";
  upgrade_request_.reset();
  if (is_http_1_1_ && asks_for_websocket(request))
    upgrade_request_ = incoming_request{.method = request.method,
                                        .target = request.target,
                                        .fields = request.fields,
                                        .body = {}};
  answer_ = answer::none;
  gone_ = std::stop_source{};
  http_reply reply{std::make_shared<reply_state>(
    reply_address{host_.loop, weak_from_this(), ++exchange_}, gone_.get_token(),
    host_.options.unsent_bytes_max)};
  if (!host_.handle(std::move(request), reply))
    reply.send(fault_response(503, "there is no thread to handle the request"));
  read_on();
}

void http_session::refuse(const request_fault& fault) {
  phase_ = phase::closing;
  is_kept_alive_ = false;
  auto response = fault_response(fault.status, fault.text);
  put(head_of(response, {.length = response.body.size()}) + response.body,
      [this](const caf::error& error) {
        if (!error)
          close_gently();
      });
  read_on();
}

// -- answering ----------------------------------------------------------------

bool http_session::is_at(uint64_t exchange, answer so_far) const {
  return phase_ == phase::answering && exchange == exchange_
         && answer_ == so_far;
}

void http_session::send(uint64_t exchange, const http_response& whole) {
  if (!is_at(exchange, answer::none))
    return;
  if (auto error = validate_head(whole)) {
    log::error("net.http", "bad-response", message_of(error));
    return send(exchange, fault_response(500, "the response cannot be sent"));
  }
  answer_ = answer::complete;
  auto bytes = head_of(whole, {.length = whole.body.size()});
  if (!is_head_request_ && has_body(whole.status))
    bytes += whole.body;
  put(std::move(bytes), [this](const caf::error& error) {
    if (!error)
      finish_exchange();
  });
}

void http_session::open_stream(uint64_t exchange, const http_response& head) {
  if (!is_at(exchange, answer::none))
    return;
  if (auto error = validate_head(head); error || !has_body(head.status)) {
    log::error("net.http", "bad-response",
               error ? message_of(error) : "a stream without a body");
    return send(exchange, fault_response(500, "the response cannot be sent"));
  }
  is_chunked_ = is_http_1_1_;
  is_kept_alive_ = is_kept_alive_ && is_chunked_;
  answer_ = answer::streaming;
  put(head_of(head, {.is_chunked = is_chunked_}));
  write(exchange, head.body, {});
}

void http_session::write(uint64_t exchange, std::string_view bytes,
                         done_handler done) {
  if (!is_at(exchange, answer::streaming))
    return call(done, client_gone());
  if (bytes.empty() || is_head_request_)
    return call(done, {});
  put(is_chunked_ ? chunk(bytes) : std::string{bytes}, std::move(done));
}

void http_session::end_stream(uint64_t exchange) {
  if (!is_at(exchange, answer::streaming))
    return;
  answer_ = answer::complete;
  auto is_chunk_left = is_chunked_ && !is_head_request_;
  put(is_chunk_left ? "0\r\n\r\n" : "", [this](const caf::error& error) {
    if (!error)
      finish_exchange();
  });
}

void http_session::upgrade(uint64_t exchange, const websocket_options& options,
                           std::shared_ptr<websocket_outbox> outbox) {
  if (!is_at(exchange, answer::none))
    return;
  if (!upgrade_request_) {
    auto response = fault_response(426, "only WebSockets are served here");
    response.fields.push_back({"Upgrade", "websocket"});
    return send(exchange, response);
  }
  answer_ = answer::complete;
  upgrade_.emplace(std::move(*upgrade_request_), options, std::move(outbox));
  // A read that is under way would take the WebSocket's first bytes.
  boost::system::error_code ignored;
  if (is_reading_)
    socket_.cancel(ignored);
  else
    open_websocket();
}

void http_session::open_websocket() {
  auto [request, options, outbox] = std::move(*upgrade_);
  upgrade_.reset();
  if (buffer_.size() > 0 || is_writing_ || has_client_ended_)
    return refuse({400, "a client must wait for its WebSocket to open"});
  disarm();
  websocket_ = std::make_shared<websocket_session>(
    std::move(socket_), options, std::move(outbox), [weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->close();
    });
  websocket_->accept(request);
  if (is_last_)
    websocket_->finish();
}

void http_session::flush_websocket(uint64_t exchange) {
  if (websocket_ && exchange == exchange_)
    websocket_->flush();
}

void http_session::abandon(uint64_t exchange) {
  if (is_at(exchange, answer::none)) {
    log::error("net.http", "reply-dropped", "a request was not answered");
    send(exchange, fault_response(500, "the request was not answered"));
  } else if (is_at(exchange, answer::streaming)) {
    log::error("net.http", "reply-dropped", "a response was not ended");
    close();
  }
}

std::string http_session::head_of(const http_response& response,
                                  body_framing framing) const {
  framing.is_kept_alive = is_kept_alive_;
  return render_head(response, framing);
}

void http_session::put(std::string bytes, done_handler done) {
  outbox_.push_back({std::move(bytes), std::move(done)});
  flush();
}

void http_session::flush() {
  if (is_writing_ || outbox_.empty())
    return;
  is_writing_ = true;
  // A request has its own time.
  if (phase_ != phase::reading)
    arm(host_.options.idle_time_max);
  auto& next = outbox_.front();
  socket_.async_write_some(
    asio::buffer(next.bytes) + next.written,
    [self = shared_from_this()](auto error, size_t size) {
      self->is_writing_ = false;
      if (self->phase_ == phase::closed)
        return;
      if (error)
        return self->close();
      auto& item = self->outbox_.front();
      item.written += size;
      if (item.written == item.bytes.size()) {
        if (self->outbox_.size() == 1 && self->phase_ != phase::reading)
          self->disarm();
        auto done = std::move(item.done);
        self->outbox_.pop_front();
        call(done, {});
      }
      self->flush();
    });
}

void http_session::finish_exchange() {
  ++exchange_;
  if (is_kept_alive_ && !is_last_)
    expect_request();
  else
    close_gently();
}

void http_session::close_gently() {
  phase_ = phase::closing;
  gone_ = std::stop_source{std::nostopstate};
  if (has_client_ended_)
    return close();
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  arm(linger);
  buffer_.consume(buffer_.size());
  read_on();
}

// -- time ---------------------------------------------------------------------

void http_session::arm(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this(), turn = ++timer_turn_](auto) {
    if (auto self = weak.lock(); self && self->timer_turn_ == turn)
      self->on_timeout();
  });
}

void http_session::disarm() {
  ++timer_turn_;
  timer_.cancel();
}

void http_session::on_timeout() {
  if (phase_ == phase::reading && has_request_begun_)
    refuse({408, "the request takes too long"});
  else
    close();
}

} // namespace cosmo::net
