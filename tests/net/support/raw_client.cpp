// SPDX-License-Identifier: Apache-2.0
#include "raw_client.hpp"

#include "http_exchange.hpp"

#include <boost/asio/write.hpp>
#include <poll.h>

#include <stdexcept>
#include <utility>

namespace cosmo::net::test {

namespace asio = boost::asio;

using asio::ip::tcp;

raw_client::raw_client(uint16_t port) : socket_(context_) {
  socket_.connect({asio::ip::address_v4::loopback(), port});
}

bool raw_client::write(std::string_view bytes) {
  boost::system::error_code error;
  asio::write(socket_, asio::buffer(bytes), error);
  return !error;
}

bool raw_client::poll(std::chrono::milliseconds timeout) {
  pollfd readable{
    .fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  return ::poll(&readable, 1, static_cast<int>(timeout.count())) > 0;
}

bool raw_client::is_readable() {
  return poll(std::chrono::milliseconds{0});
}

bool raw_client::read_some() {
  if (!poll(patience))
    throw std::runtime_error{"the server hangs after: " + received_};
  char bytes[4096];
  boost::system::error_code error;
  auto size = socket_.read_some(asio::buffer(bytes), error);
  received_.append(bytes, size);
  return !error;
}

std::string raw_client::read_until(std::string_view mark) {
  size_t found = 0;
  while ((found = received_.find(mark)) == std::string::npos)
    if (!read_some())
      return std::exchange(received_, {});
  auto result = received_.substr(0, found + mark.size());
  received_.erase(0, result.size());
  return result;
}

std::string raw_client::read(size_t size) {
  while (received_.size() < size)
    if (!read_some())
      break;
  auto result = received_.substr(0, size);
  received_.erase(0, size);
  return result;
}

std::string raw_client::read_response() {
  auto result = read_until("\r\n\r\n");
  constexpr std::string_view name = "Content-Length: ";
  auto found = result.find(name);
  if (found == std::string::npos)
    return result;
  auto size = std::stoul(result.substr(found + name.size()));
  return result + read(size);
}

std::string raw_client::read_to_end() {
  while (read_some()) {
  }
  return std::exchange(received_, {});
}

bool raw_client::is_closed() {
  return received_.empty() && !read_some();
}

void raw_client::end_sending() {
  socket_.shutdown(tcp::socket::shutdown_send);
}

void raw_client::reset() {
  socket_.set_option(tcp::socket::linger{true, 0});
  socket_.close();
}

std::string raw_post(std::string_view target, std::string_view body,
                     std::string_view more_fields) {
  std::string result{"POST "};
  result.append(target)
    .append(" HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n")
    .append(more_fields)
    .append("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n")
    .append(body);
  return result;
}

} // namespace cosmo::net::test
