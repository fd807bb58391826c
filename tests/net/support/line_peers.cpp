// SPDX-License-Identifier: Apache-2.0
#include "line_peers.hpp"

#include "http_exchange.hpp"

#include <boost/asio/write.hpp>
#include <poll.h>

#include <stdexcept>

namespace cosmo::net::test {

namespace asio = boost::asio;

using asio::ip::tcp;

namespace {

std::string without_end(std::string line) {
  if (line.ends_with('\n'))
    line.pop_back();
  return line;
}

/// Throws if there is nothing to read for long.
void wait_for_bytes(int descriptor) {
  pollfd readable{.fd = descriptor, .events = POLLIN, .revents = 0};
  auto timeout
    = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  if (::poll(&readable, 1, static_cast<int>(timeout.count())) <= 0)
    throw std::runtime_error{"nobody says anything"};
}

} // namespace

void line_client::say(std::string_view line) {
  socket.write(std::string{line} + '\n');
}

std::string line_client::hear() {
  return without_end(socket.read_until("\n"));
}

bool line_client::settle() {
  say(R"({"op":"ping"})");
  return hear() == R"({"op":"pong"})";
}

scripted_server::scripted_server(uint16_t port)
  : acceptor_(context_, tcp::endpoint{asio::ip::address_v4::loopback(), port}) {
  // nop
}

std::string scripted_server::url() const {
  return "cosmo://127.0.0.1:" + std::to_string(port());
}

uint16_t scripted_server::port() const {
  return acceptor_.local_endpoint().port();
}

void scripted_server::accept(std::string_view greeting) {
  wait_for_bytes(acceptor_.native_handle());
  client_ = acceptor_.accept();
  received_.clear();
  if (!greeting.empty())
    say(greeting);
}

void scripted_server::say(std::string_view line) {
  boost::system::error_code ignored;
  asio::write(*client_, asio::buffer(std::string{line} + '\n'), ignored);
}

std::string scripted_server::hear() {
  size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    wait_for_bytes(client_->native_handle());
    char bytes[4096];
    boost::system::error_code error;
    auto size = client_->read_some(asio::buffer(bytes), error);
    if (error)
      return {};
    received_.append(bytes, size);
  }
  auto result = received_.substr(0, end);
  received_.erase(0, end + 1);
  return result;
}

void scripted_server::cut() {
  client_.reset();
}

} // namespace cosmo::net::test
