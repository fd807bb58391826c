// SPDX-License-Identifier: Apache-2.0
#include "http_bench_server.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace bench {

namespace {

constexpr int backlog = 4096;

/// Whether a head with its body is there.
bool is_complete(std::string_view request) {
  auto head = request.find("\r\n\r\n");
  if (head == request.npos)
    return false;
  constexpr std::string_view name = "Content-Length: ";
  auto pos = request.find(name);
  auto size = pos < head ? std::atoi(request.data() + pos + name.size()) : 0;
  return request.size() >= head + 4 + static_cast<size_t>(size);
}

} // namespace

http_bench_server::http_bench_server(handler on_request)
  : on_request_(std::move(on_request)),
    listener_(::socket(AF_INET, SOCK_STREAM, 0)),
    poll_(::epoll_create1(0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto any = reinterpret_cast<sockaddr*>(&address);
  ::bind(listener_, any, size);
  ::listen(listener_, backlog);
  ::getsockname(listener_, any, &size);
  port_ = ntohs(address.sin_port);
  epoll_event wanted = {.events = EPOLLIN, .data = {.fd = listener_}};
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &wanted);
  thread_ = std::jthread{[this] { serve(); }};
}

http_bench_server::~http_bench_server() {
  is_stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (const auto& [connection, bytes] : received_)
    ::close(connection);
  ::close(listener_);
  ::close(poll_);
}

void http_bench_server::write(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void http_bench_server::serve() {
  std::array<epoll_event, 64> ready;
  while (!is_stopping_) {
    auto count
      = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto fd = ready[static_cast<size_t>(i)].data.fd;
      if (fd == listener_)
        accept_one();
      else
        read_from(fd);
    }
  }
}

void http_bench_server::accept_one() {
  auto connection = ::accept(listener_, nullptr, nullptr);
  if (connection < 0)
    return;
  int on = 1;
  ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  received_.try_emplace(connection);
  epoll_event wanted = {.events = EPOLLIN, .data = {.fd = connection}};
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection, &wanted);
}

void http_bench_server::read_from(int connection) {
  std::array<char, 4096> bytes;
  auto count = ::recv(connection, bytes.data(), bytes.size(), 0);
  if (count <= 0) {
    received_.erase(connection);
    ::close(connection);
    return;
  }
  auto& request = received_[connection];
  request.append(bytes.data(), static_cast<size_t>(count));
  if (!is_complete(request))
    return;
  request.clear();
  on_request_(connection);
}

} // namespace bench
