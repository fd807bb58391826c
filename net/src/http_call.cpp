// SPDX-License-Identifier: Apache-2.0
#include "http_call.hpp"

#include <cosmo/log.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

using seconds = std::chrono::duration<double>;

/// A timer counts 64-bit nanoseconds; no exchange takes thirty years.
constexpr seconds timeout_max{1e9};

} // namespace

http_call::http_call(http_call_host& host, http_request request, url target,
                     http_client::response_handler done)
  : host_(host),
    request_(std::move(request)),
    target_(std::move(target)),
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
  using clock = std::chrono::steady_clock;
  deadline_.expires_after(std::chrono::duration_cast<clock::duration>(
    std::min<seconds>(request_.timeout, timeout_max)));
  deadline_.async_wait([weak = weak_from_this()](auto error) {
    if (auto self = weak.lock(); self && !error)
      self->abort(http_fault_kind::timed_out);
  });
  connection_ = host_.pool.take(target_.origin);
  is_reused_ = connection_ != nullptr;
  if (is_reused_)
    exchange();
  else
    connect();
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
  connection_->exchange(request_, target_.target,
                        [self = shared_from_this()](auto fault) {
                          if (self->done_)
                            self->on_exchanged(std::move(fault));
                        });
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
