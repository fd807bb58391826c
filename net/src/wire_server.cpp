// SPDX-License-Identifier: Apache-2.0
#include "io_loop.hpp"
#include "listening.hpp"
#include "wire_session.hpp"
#include <cosmo/log.hpp>
#include <cosmo/net/wire_server.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

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

/// Bytes that are read at a time: as many as are written.
constexpr size_t read_bytes = 64 * 1024;

} // namespace

caf::error check(const wire_server_options& options) {
  auto wrong = [](std::string text) {
    return make_error(ec::bad_config, "wire_server: " + std::move(text));
  };
  boost::system::error_code error;
  asio::ip::make_address(options.address, error);
  if (error)
    return wrong("address is no IP address: " + options.address);
  if (options.line_bytes_max < 1024)
    return wrong("line_bytes_max must be at least 1024");
  if (options.peer_line_bytes_max < 1024)
    return wrong("peer_line_bytes_max must be at least 1024");
  if (options.unsent_bytes_max < options.peer_line_bytes_max)
    return wrong("unsent_bytes_max must be at least peer_line_bytes_max");
  if (options.name_bytes_max == 0)
    return wrong("name_bytes_max must be > 0");
  if (options.pattern_tokens_max == 0)
    return wrong("pattern_tokens_max must be > 0");
  if (options.name_space_bytes_max == 0)
    return wrong("name_space_bytes_max must be > 0");
  if (options.subscriptions_max == 0)
    return wrong("subscriptions_max must be > 0");
  if (options.name_spaces_max == 0)
    return wrong("name_spaces_max must be > 0");
  return {};
}

/// The part of a server that its I/O thread works with.
class wire_server::engine {
public:
  engine(wire_server_options options, wire_observer observer, world outside)
    : options_(std::move(options)),
      loop_(std::make_shared<io_loop>("cosmo.wire.srv")),
      acceptor_(loop_->context()),
      timer_(loop_->context()),
      broker_(options_, outside.clock, counters_, std::move(observer)),
      incoming_(read_bytes),
      host_{
        .broker = broker_,
        .options = options_,
        .counters = counters_,
        .incoming = incoming_,
        .blocks = blocks_,
        .wants_to_write = [this](wire_session& who) { write_later(who); },
        .ended = [this](wire_session& who) { ended(who); },
      } {
    // nop
  }

  caf::error listen() {
    auto listening = listen_on(acceptor_, options_.address, options_.port);
    if (!listening)
      return std::move(listening.error());
    port_ = *listening;
    if (!asio::ip::make_address(options_.address).is_loopback())
      log::warning("net.wire", "open-to-others",
                   "the bus listens on " + authority()
                     + " without encryption or password");
    if (auto failed = loop_->start())
      return make_error(ec::bind_failed, message_of(failed));
    loop_->post([this] { accept(); });
    return {};
  }

  const std::string& address() const noexcept {
    return options_.address;
  }

  uint16_t port() const noexcept {
    return port_;
  }

  std::string authority() const {
    return authority_of(options_.address, port_);
  }

  wire_server_stats stats() const noexcept {
    return {counters_.connections.get(),   counters_.subscriptions.get(),
            counters_.name_spaces.get(),   counters_.signals_received.get(),
            counters_.signals_sent.get(),  counters_.signals_withheld.get(),
            counters_.lines_refused.get(), counters_.slow_consumers.get()};
  }

  void stop() {
    std::unique_lock guard{mutex_};
    if (std::exchange(is_stopped_, true))
      return;
    std::promise<void> all_closed;
    auto closed = all_closed.get_future();
    auto is_asked = loop_->post([this, &all_closed] {
      is_stopping_ = true;
      timer_.cancel();
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      for (auto sessions = sessions_; const auto& session : sessions)
        session->close();
      all_closed.set_value();
    });
    if (is_asked)
      closed.wait();
    loop_->end();
  }

private:
  void accept() {
    if (is_stopping_)
      return;
    acceptor_.async_accept([this](auto error, tcp::socket socket) {
      if (is_stopping_)
        return;
      if (error)
        return pause(error.message());
      auto session = std::make_shared<wire_session>(host_, std::move(socket));
      sessions_.insert(session);
      counters_.connections.add();
      session->start();
      accept();
    });
  }

  void pause(const std::string& reason) {
    log::error("net.wire", "accept-failed", reason);
    timer_.expires_after(accept_pause);
    timer_.async_wait([this](auto error) {
      if (!error)
        accept();
    });
  }

  /// Lines of one turn leave together.
  void write_later(wire_session& who) {
    if (writers_.empty())
      asio::post(loop_->context(), [this] {
        for (auto& session : std::exchange(writers_, {}))
          session->flush();
      });
    writers_.push_back(who.shared_from_this());
  }

  void ended(wire_session& who) {
    sessions_.erase(who.shared_from_this());
    counters_.connections.add(-1);
  }

  const wire_server_options options_;
  std::shared_ptr<io_loop> loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  wire_counters counters_;
  wire_broker broker_;
  std::vector<char> incoming_;
  block_store blocks_;
  wire_session_host host_;
  std::set<std::shared_ptr<wire_session>> sessions_;
  std::vector<std::shared_ptr<wire_session>> writers_;
  bool is_stopping_ = false;
  uint16_t port_ = 0;
  std::mutex mutex_;
  bool is_stopped_ = false;
};

caf::expected<std::shared_ptr<wire_server>>
wire_server::open(wire_server_options options, wire_observer observer,
                  world outside) {
  if (auto error = check(options))
    return error;
  auto impl = std::make_shared<engine>(std::move(options), std::move(observer),
                                       std::move(outside));
  if (auto error = impl->listen())
    return error;
  return std::shared_ptr<wire_server>{new wire_server(std::move(impl))};
}

wire_server::wire_server(std::shared_ptr<engine> impl)
  : engine_(std::move(impl)) {
  // nop
}

wire_server::~wire_server() {
  stop();
}

const std::string& wire_server::address() const noexcept {
  return engine_->address();
}

uint16_t wire_server::port() const noexcept {
  return engine_->port();
}

std::string wire_server::url() const {
  return "cosmo://" + engine_->authority();
}

size_t wire_server::connections() const noexcept {
  return engine_->stats().connections;
}

wire_server_stats wire_server::stats() const noexcept {
  return engine_->stats();
}

void wire_server::stop() {
  engine_->stop();
}

} // namespace cosmo::net
