// SPDX-License-Identifier: Apache-2.0
#include "fake_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <sys/socket.h>

namespace cosmo::net::test {

namespace asio = boost::asio;

namespace {

using error_code = boost::system::error_code;

size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  auto pos = head.find(name);
  if (pos == head.npos)
    return 0;
  return std::stoul(std::string{head.substr(pos + name.size(), 20)});
}

} // namespace

fake_peer::fake_peer(tcp::socket socket, asio::ssl::context* tls)
  : socket_(std::move(socket)) {
  if (tls)
    tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, *tls);
}

bool fake_peer::handshake() {
  error_code error;
  tls_->handshake(asio::ssl::stream_base::server, error);
  return !error;
}

std::string fake_peer::read_request() {
  size_t head_size = 0;
  while ((head_size = received_.find("\r\n\r\n")) == received_.npos)
    if (read_some() == 0)
      return {};
  head_size += 4;
  auto size = head_size + content_length(received_.substr(0, head_size));
  while (received_.size() < size)
    if (read_some() == 0)
      return {};
  auto result = received_.substr(0, size);
  received_.erase(0, size);
  return result;
}

bool fake_peer::write(std::string_view bytes) {
  error_code error;
  if (tls_)
    asio::write(*tls_, asio::buffer(bytes), error);
  else
    asio::write(socket_, asio::buffer(bytes), error);
  return !error;
}

void fake_peer::write_forever(std::string_view bytes) {
  while (write(bytes)) {
    // nop
  }
}

void fake_peer::wait_for_close() {
  while (read_some() > 0)
    received_.clear();
}

void fake_peer::close() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
}

void fake_peer::reset() {
  error_code ignored;
  std::unique_lock guard{mutex_};
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

void fake_peer::wake() {
  std::unique_lock guard{mutex_};
  if (socket_.is_open())
    ::shutdown(socket_.native_handle(), SHUT_RDWR);
}

std::string fake_peer::server_name() {
  auto name
    = SSL_get_servername(tls_->native_handle(), TLSEXT_NAMETYPE_host_name);
  return name ? name : "";
}

size_t fake_peer::read_some() {
  std::array<char, 16384> bytes;
  error_code error;
  auto size = tls_ ? tls_->read_some(asio::buffer(bytes), error)
                   : socket_.read_some(asio::buffer(bytes), error);
  received_.append(bytes.data(), size);
  return error ? 0 : size;
}

fake_server::fake_server(std::vector<script> scripts, asio::ssl::context* tls)
  : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
    tls_(tls),
    scripts_(std::move(scripts)),
    port_(acceptor_.local_endpoint().port()) {
  acceptor_thread_ = std::jthread{[this] { accept_all(); }};
}

fake_server::~fake_server() {
  {
    std::unique_lock guard{mutex_};
    is_stopping_ = true;
    for (auto& peer : peers_)
      peer->wake();
  }
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  acceptor_thread_.join();
  players_.clear();
}

std::string fake_server::authority() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::string fake_server::url(std::string_view path) const {
  return (tls_ ? "https://" : "http://") + authority() + std::string{path};
}

size_t fake_server::connection_count() {
  std::unique_lock guard{mutex_};
  return peers_.size();
}

bool fake_server::wait_for_ended(size_t n) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, std::chrono::seconds{10},
                           [&] { return ended_ >= n; });
}

void fake_server::accept_all() {
  for (;;) {
    error_code error;
    auto socket = acceptor_.accept(error);
    std::unique_lock guard{mutex_};
    if (error || is_stopping_)
      return;
    auto index = peers_.size();
    auto peer = std::make_shared<fake_peer>(std::move(socket), tls_);
    peers_.push_back(peer);
    if (index < scripts_.size())
      players_.emplace_back(
        [this, peer, index] { play(peer, scripts_[index]); });
    else
      peer->close();
  }
}

void fake_server::play(std::shared_ptr<fake_peer> peer, const script& steps) {
  if (!tls_ || peer->handshake())
    steps(*peer);
  std::unique_lock guard{mutex_};
  peer->close();
  ++ended_;
  changed_.notify_all();
}

std::string response(std::string_view status, std::string_view body,
                     std::string_view more_fields) {
  std::string result{"HTTP/1.1 "};
  result.append(status).append("\r\n").append(more_fields);
  result += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return result.append(body);
}

fake_server::script answer(std::string bytes,
                           std::vector<std::string>* requests) {
  return [bytes = std::move(bytes), requests](fake_peer& peer) {
    for (;;) {
      auto request = peer.read_request();
      if (request.empty())
        return;
      if (requests)
        requests->push_back(request);
      if (!peer.write(bytes))
        return;
    }
  };
}

uint16_t unused_port() {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context,
                                   {asio::ip::address_v4::loopback(), 0}};
  return acceptor.local_endpoint().port();
}

} // namespace cosmo::net::test
