// SPDX-License-Identifier: Apache-2.0
#include "reply_state.hpp"

#include "http_session.hpp"
#include "websocket_outbox.hpp"

#include <future>
#include <utility>

namespace cosmo::net {

namespace {

caf::error client_gone() {
  return make_error(ec::cancelled, "the client has gone");
}

/// Calls back in any case: also when what it was to run in is gone.
class told_once {
public:
  explicit told_once(http_body_writer::written_handler done)
    : done_(std::move(done)) {
    // nop
  }

  ~told_once() {
    if (done_)
      done_(client_gone());
  }

  http_body_writer::written_handler take() {
    return std::exchange(done_, nullptr);
  }

private:
  http_body_writer::written_handler done_;
};

class writer_state final : public http_body_writer::state {
public:
  writer_state(reply_address to, size_t unsent_bytes_max, bool is_ended)
    : to_(std::move(to)),
      unsent_bytes_max_(unsent_bytes_max),
      is_ended_(is_ended) {
    // nop
  }

  ~writer_state() override {
    if (!is_ended_)
      to_.post([](http_session& session, uint64_t exchange) {
        session.abandon(exchange);
      });
  }

  void write(std::string bytes,
             http_body_writer::written_handler done) override {
    if (is_ended_)
      return done(make_error(ec::cancelled, "the response has ended"));
    auto size = bytes.size();
    auto before = unsent_->fetch_add(size);
    // A single piece may be as large as it likes: it is here already.
    if (before > 0 && before + size > unsent_bytes_max_) {
      unsent_->fetch_sub(size);
      return done(make_error(ec::too_large, "the client does not keep up: "
                                              + std::to_string(before)
                                              + " bytes wait to be sent"));
    }
    auto once = std::make_shared<told_once>(
      [unsent = unsent_, size, done = std::move(done)](caf::error error) {
        unsent->fetch_sub(size);
        done(std::move(error));
      });
    to_.post([bytes = std::move(bytes), once](http_session& session,
                                              uint64_t exchange) {
      session.write(exchange, bytes, once->take());
    });
  }

  void end() override {
    if (!is_ended_.exchange(true))
      to_.post([](http_session& session, uint64_t exchange) {
        session.end_stream(exchange);
      });
  }

private:
  reply_address to_;
  size_t unsent_bytes_max_;
  std::atomic<bool> is_ended_;
  std::shared_ptr<std::atomic<size_t>> unsent_
    = std::make_shared<std::atomic<size_t>>(0);
};

class websocket_state final : public websocket::state {
public:
  websocket_state(reply_address to, std::shared_ptr<websocket_outbox> outbox)
    : to_(std::move(to)), outbox_(std::move(outbox)) {
    // nop
  }

  ~websocket_state() override {
    close();
  }

  void send(std::string text) override {
    if (outbox_->push(std::move(text)))
      flush();
  }

  void close() override {
    if (outbox_->finish())
      flush();
  }

  uint64_t dropped() const override {
    return outbox_->dropped();
  }

private:
  void flush() {
    to_.post([](http_session& session, uint64_t exchange) {
      session.flush_websocket(exchange);
    });
  }

  reply_address to_;
  std::shared_ptr<websocket_outbox> outbox_;
};

} // namespace

void reply_address::post(
  std::function<void(http_session&, uint64_t)> fn) const {
  loop->post([session = session, exchange = exchange, fn = std::move(fn)] {
    if (auto there = session.lock())
      fn(*there, exchange);
  });
}

reply_state::reply_state(reply_address to, std::stop_token gone,
                         size_t unsent_bytes_max)
  : to_(std::move(to)),
    gone_(std::move(gone)),
    unsent_bytes_max_(unsent_bytes_max) {
  // nop
}

reply_state::~reply_state() {
  if (!is_answered_)
    to_.post([](http_session& session, uint64_t exchange) {
      session.abandon(exchange);
    });
}

void reply_state::send(http_response whole) {
  if (is_answered_.exchange(true))
    return;
  to_.post(
    [whole = std::move(whole)](http_session& session, uint64_t exchange) {
      session.send(exchange, whole);
    });
}

http_body_writer reply_state::stream(http_response head) {
  auto is_too_late = is_answered_.exchange(true);
  if (!is_too_late)
    to_.post(
      [head = std::move(head)](http_session& session, uint64_t exchange) {
        session.open_stream(exchange, head);
      });
  return http_body_writer{
    std::make_shared<writer_state>(to_, unsent_bytes_max_, is_too_late)};
}

websocket reply_state::upgrade(websocket_options options,
                               std::function<void()> on_close) {
  auto outbox
    = std::make_shared<websocket_outbox>(options, std::move(on_close));
  auto reader = websocket_outbox::reader_of(outbox);
  if (!is_answered_.exchange(true))
    to_.post([options, reader = std::move(reader)](http_session& session,
                                                   uint64_t exchange) {
      session.upgrade(exchange, options, reader);
    });
  return websocket{std::make_shared<websocket_state>(to_, std::move(outbox))};
}

caf::error http_body_writer::write(std::string bytes) const {
  std::promise<caf::error> outcome;
  auto result = outcome.get_future();
  write(std::move(bytes),
        [&outcome](caf::error error) { outcome.set_value(std::move(error)); });
  return result.get();
}

} // namespace cosmo::net
