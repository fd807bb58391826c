// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"
#include "http_session.hpp"
#include "io_loop.hpp"
#include "job_threads.hpp"
#include "listening.hpp"
#include <cosmo/log.hpp>
#include <cosmo/net/http_server.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <future>
#include <mutex>
#include <set>
#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

using asio::ip::tcp;

namespace {

/// How long to wait when the process has no room for another connection.
constexpr std::chrono::milliseconds accept_pause{100};

} // namespace

std::string_view incoming_request::path() const {
  return std::string_view{target}.substr(0, target.find('?'));
}

std::string incoming_request::field(std::string_view name) const {
  return joined_field(fields, name);
}

caf::error check(const http_server_options& options) {
  auto wrong = [](std::string text) {
    return make_error(ec::bad_config, "http_server: " + std::move(text));
  };
  boost::system::error_code error;
  asio::ip::make_address(options.address, error);
  if (error)
    return wrong("address is no IP address: " + options.address);
  if (options.head_bytes_max < 1024)
    return wrong("head_bytes_max must be at least 1024");
  if (options.connections_max == 0)
    return wrong("connections_max must be > 0");
  if (options.handler_threads_max == 0)
    return wrong("handler_threads_max must be > 0");
  if (options.idle_time_max.count() <= 0)
    return wrong("idle_time_max must be > 0");
  if (options.request_time_max.count() <= 0)
    return wrong("request_time_max must be > 0");
  return {};
}

/// The part of a server that its I/O thread works with.
class http_server::engine {
public:
  engine(http_server_options options, handler fn)
    : options_(std::move(options)),
      handler_(std::move(fn)),
      loop_(std::make_shared<io_loop>("cosmo.http.srv")),
      acceptor_(loop_->context()),
      timer_(loop_->context()),
      handlers_(options_.handler_threads_max, "cosmo.http.hdl"),
      farewells_(1, "cosmo.http.bye"),
      host_{
        .loop = loop_,
        .options = options_,
        .handle =
          [this](incoming_request request, http_reply reply) {
            return handle(std::move(request), std::move(reply));
          },
        .tell_gone = [this](std::stop_source gone) { tell_gone(gone); },
        .ended = [this](http_session& session) { ended(session); },
      } {
    // nop
  }

  caf::error listen() {
    auto listening = listen_on(acceptor_, options_.address, options_.port);
    if (!listening)
      return std::move(listening.error());
    port_ = *listening;
    if (auto failed = loop_->start())
      return make_error(ec::bind_failed, message_of(failed));
    loop_->post([this] { accept(); });
    return {};
  }

  uint16_t port() const noexcept {
    return port_;
  }

  std::string authority() const {
    return authority_of(options_.address, port_);
  }

  void stop(std::chrono::milliseconds grace) {
    std::unique_lock guard{mutex_};
    if (std::exchange(is_stopped_, true))
      return;
    auto all_ended = all_ended_.get_future();
    if (loop_->post([this, grace] { begin_to_stop(grace); }))
      all_ended.wait();
    // Nobody is connected any more; what handlers still say goes nowhere.
    handlers_.join();
    farewells_.join();
    loop_->end();
  }

private:
  bool has_room() const {
    return sessions_.size() < options_.connections_max;
  }

  void accept() {
    if (is_accepting_ || is_stopping_ || !has_room())
      return;
    is_accepting_ = true;
    acceptor_.async_accept([this](auto error, tcp::socket socket) {
      is_accepting_ = false;
      if (is_stopping_)
        return;
      if (error)
        return pause(error.message());
      auto session = std::make_shared<http_session>(host_, std::move(socket));
      sessions_.insert(session);
      session->start();
      accept();
    });
  }

  void pause(const std::string& reason) {
    log::error("net.http", "accept-failed", reason);
    timer_.expires_after(accept_pause);
    timer_.async_wait([this](auto error) {
      if (!error)
        accept();
    });
  }

  void ended(http_session& session) {
    sessions_.erase(session.shared_from_this());
    if (is_stopping_)
      check_all_ended();
    else
      accept();
  }

  bool handle(incoming_request request, http_reply reply) {
    auto shared = std::make_shared<incoming_request>(std::move(request));
    return handlers_.run([this, shared, reply = std::move(reply)] {
      if (reply.client_gone().stop_requested())
        return;
      try {
        handler_(std::move(*shared), reply);
      } catch (const std::exception& error) {
        log::error("net.http", "handler-threw", error.what());
        reply.send(fault_response(500, "the handler failed"));
      }
    });
  }

  void tell_gone(std::stop_source gone) {
    if (!farewells_.run([gone]() mutable { gone.request_stop(); }))
      gone.request_stop();
  }

  void begin_to_stop(std::chrono::milliseconds grace) {
    is_stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto sessions = sessions_; const auto& session : sessions)
      session->finish();
    check_all_ended();
    if (has_all_ended_)
      return;
    timer_.expires_after(grace);
    timer_.async_wait([this](auto error) {
      if (error)
        return;
      for (auto sessions = sessions_; const auto& session : sessions)
        session->close();
    });
  }

  void check_all_ended() {
    if (!sessions_.empty() || std::exchange(has_all_ended_, true))
      return;
    timer_.cancel();
    all_ended_.set_value();
  }

  const http_server_options options_;
  const handler handler_;
  std::shared_ptr<io_loop> loop_;
  tcp::acceptor acceptor_;
  /// The pause of `accept`, later the grace.
  asio::steady_timer timer_;
  job_threads handlers_;
  /// For the callbacks of stop tokens.
  job_threads farewells_;
  http_session_host host_;
  std::set<std::shared_ptr<http_session>> sessions_;
  bool is_accepting_ = false;
  bool is_stopping_ = false;
  bool has_all_ended_ = false;
  std::promise<void> all_ended_;
  uint16_t port_ = 0;
  std::mutex mutex_;
  bool is_stopped_ = false;
};

caf::expected<std::shared_ptr<http_server>>
http_server::open(http_server_options options, handler fn) {
  if (auto error = check(options))
    return error;
  auto impl = std::make_shared<engine>(std::move(options), std::move(fn));
  if (auto error = impl->listen())
    return error;
  return std::shared_ptr<http_server>{new http_server(std::move(impl))};
}

http_server::http_server(std::shared_ptr<engine> impl)
  : engine_(std::move(impl)) {
  // nop
}

http_server::~http_server() {
  stop();
}

uint16_t http_server::port() const noexcept {
  return engine_->port();
}

std::string http_server::url() const {
  return "http://" + engine_->authority();
}

void http_server::stop(std::chrono::milliseconds grace) {
  engine_->stop(grace);
}

} // namespace cosmo::net
