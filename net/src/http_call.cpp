// SPDX-License-Identifier: Apache-2.0
#include "http_call.hpp"

#include "longest_wait.hpp"
#include <cosmo/log.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <exception>

namespace cosmo::net {

namespace asio = boost::asio;

/// The word on one piece, brought to the I/O thread.
class http_call::flow : public http_flow::state {
public:
  flow(std::weak_ptr<http_call> call, std::shared_ptr<return_path> path)
    : call_(std::move(call)), path_(std::move(path)) {
    // nop
  }

  ~flow() override {
    say([](http_call& call) { call.abort(http_fault_kind::cancelled); });
  }

  void read_on() override {
    say([](http_call& call) { call.read_on(); });
  }

  void skip() override {
    say([](http_call& call) { call.skip(); });
  }

  void finish() override {
    say([](http_call& call) { call.finish_early(); });
  }

  void fail(caf::error reason) override {
    say([reason = std::move(reason)](http_call& call) mutable {
      call.finish(std::move(reason));
    });
  }

private:
  template <class F>
  void say(F word) {
    if (is_said_.exchange(true))
      return;
    path_->post([call = std::move(call_), word = std::move(word)]() mutable {
      if (auto self = call.lock())
        word(*self);
    });
  }

  std::weak_ptr<http_call> call_;
  std::shared_ptr<return_path> path_;
  std::atomic<bool> is_said_ = false;
};

http_call::http_call(http_call_host& host, http_request request, url target,
                     http_body_taker taker, http_client::response_handler done)
  : host_(host),
    request_(std::move(request)),
    target_(std::move(target)),
    taker_(std::move(taker)),
    done_(std::move(done)),
    deadline_(host.context) {
  // nop
}

void http_call::watch(std::stop_token stop) {
  stop_.emplace(std::move(stop), [weak = weak_from_this(), &host = host_] {
    if (auto self = weak.lock())
      asio::post(host.context,
                 [self] { self->abort(http_fault_kind::cancelled); });
  });
}

void http_call::start() {
  // A request to stop has overtaken the start.
  if (!done_)
    return host_.ended(*this);
  expect_content();
  connection_ = host_.pool.take(target_.origin);
  is_reused_ = connection_ != nullptr;
  if (is_reused_)
    exchange();
  else
    connect();
}

void http_call::expect_content() {
  is_overdue_ = false;
  deadline_.expires_after(within_timer(request_.timeout));
  deadline_.async_wait(
    [weak = weak_from_this(), number = ++deadline_number_](auto error) {
      auto self = weak.lock();
      if (self && !error && self->deadline_number_ == number)
        self->on_deadline();
    });
}

void http_call::on_deadline() {
  if (is_paused_)
    is_overdue_ = true;
  else
    abort(http_fault_kind::timed_out);
}

void http_call::abort(http_fault_kind kind) {
  if (!done_)
    return;
  // An error status that has arrived says more than the clock.
  if (kind == http_fault_kind::timed_out)
    if (auto response = error_response())
      return finish(std::move(*response));
  fail({kind});
}

void http_call::connect() {
  asio::ssl::context* tls = nullptr;
  if (target_.origin.tls) {
    auto made = host_.tls();
    if (!made)
      return finish(std::move(made.error()));
    tls = *made;
  }
  connection_
    = std::make_shared<http_connection>(host_.context, target_.origin, tls);
  is_reused_ = false;
  if (!target_.origin.is_ip)
    return resolve();
  auto address = asio::ip::make_address(target_.origin.host);
  open({{address, target_.origin.port}});
}

void http_call::resolve() {
  host_.resolver.resolve(target_.origin.host, target_.origin.port,
                         [self = shared_from_this()](const auto& endpoints) {
                           if (!self->done_)
                             return;
                           if (endpoints.empty())
                             self->fail({http_fault_kind::unresolved});
                           else
                             self->open(endpoints);
                         });
}

void http_call::open(std::vector<http_connection::tcp::endpoint> endpoints) {
  connection_->open(std::move(endpoints),
                    [self = shared_from_this()](auto fault) {
                      if (!self->done_)
                        return;
                      if (fault)
                        self->fail(*fault);
                      else
                        self->exchange();
                    });
}

void http_call::exchange() {
  auto self = shared_from_this();
  http_connection::exchange_handlers handlers{.done = [self](auto fault) {
    if (self->done_)
      self->on_exchanged(std::move(fault));
  }};
  if (taker_.take) {
    handlers.wants_pieces = [self] { return self->wants_pieces(); };
    handlers.take_piece = [self](auto bytes) { self->take_piece(bytes); };
  }
  connection_->exchange(request_, target_.target, std::move(handlers));
}

void http_call::on_exchanged(std::optional<http_fault> fault) {
  if (!fault) {
    auto response = connection_->take_response();
    if (connection_->is_reusable())
      host_.pool.put(std::move(connection_));
    return finish(std::move(*response));
  }
  if (auto response = error_response())
    return finish(std::move(*response));
  // The server gave up an unused connection while we took it. It has not seen
  // the request, or not acted on it, so a new connection may carry it again.
  if (fault->kind == http_fault_kind::lost && is_reused_
      && !connection_->has_response_bytes()) {
    connection_->close();
    return connect();
  }
  fail(*fault);
}

bool http_call::wants_pieces() {
  auto head = connection_->head();
  if (!taker_.wants)
    return head->ok();
  try {
    return taker_.wants(*head);
  } catch (const std::exception& error) {
    log::error("net.http", "handler-threw", error.what());
    return false;
  }
}

void http_call::take_piece(std::string_view bytes) {
  is_paused_ = true;
  try {
    taker_.take(
      bytes, http_flow{std::make_shared<flow>(weak_from_this(), host_.path)});
  } catch (const std::exception& error) {
    // The flow it was given is gone, which ends the exchange.
    log::error("net.http", "handler-threw", error.what());
  }
}

void http_call::read_on() {
  if (!done_)
    return;
  is_paused_ = false;
  expect_content();
  connection_->read_on();
}

void http_call::skip() {
  if (!done_)
    return;
  is_paused_ = false;
  if (is_overdue_)
    return abort(http_fault_kind::timed_out);
  connection_->read_on();
}

void http_call::finish_early() {
  if (!done_)
    return;
  // At its end already, it ends like any other.
  if (connection_->is_complete())
    return connection_->read_on();
  auto response = connection_->head();
  response->truncated = true;
  host_.pool.put_drained(std::exchange(connection_, nullptr));
  finish(std::move(*response));
}

std::optional<http_response> http_call::error_response() {
  if (!connection_)
    return std::nullopt;
  auto response = connection_->take_response();
  return response && !response->ok() ? std::move(response) : std::nullopt;
}

void http_call::fail(const http_fault& fault) {
  finish(to_error(fault, request_, target_.origin));
}

void http_call::finish(caf::expected<http_response> result) {
  auto done = std::exchange(done_, nullptr);
  if (!done)
    return;
  auto self = shared_from_this();
  deadline_.cancel();
  stop_.reset();
  auto taker = std::exchange(taker_, {});
  if (auto connection = std::move(connection_))
    connection->close();
  host_.ended(*this);
  try {
    done(std::move(result));
  } catch (const std::exception& error) {
    log::error("net.http", "handler-threw", error.what());
  }
}

} // namespace cosmo::net
