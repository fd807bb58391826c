// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include "http_syntax.hpp"

#include <boost/beast/http/error.hpp>

namespace cosmo::net {

namespace http = boost::beast::http;

namespace {

request_fault fault_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit)
    return {431, "the request's head is too large"};
  if (error == http::error::body_limit)
    return {413, "the request's body is too large"};
  if (error == http::error::bad_version)
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "invalid HTTP: " + error.message()};
}

} // namespace

request_reader::request_reader(uint32_t head_bytes_max, size_t body_bytes_max) {
  parser_.header_limit(head_bytes_max);
  // Judges the announced length; bounded_body counts what arrives.
  parser_.body_limit(body_bytes_max);
  parser_.get().body().bytes_max = body_bytes_max;
}

void request_reader::read(boost::beast::flat_buffer& bytes) {
  while (!fault_ && !parser_.is_done() && bytes.size() > 0) {
    boost::system::error_code error;
    bytes.consume(parser_.put(bytes.data(), error));
    if (!error || error == http::error::need_more)
      check_head();
    if (error && error != http::error::need_more)
      fault_ = fault_of(error);
    if (error)
      return;
  }
}

void request_reader::check_head() {
  if (!parser_.is_header_done() || std::exchange(is_head_checked_, true))
    return;
  const auto& head = parser_.get();
  auto count_of = [&](http::field name) {
    auto [first, last] = head.equal_range(name);
    return std::distance(first, last);
  };
  if (head.version() >= 11 && count_of(http::field::host) != 1) {
    fault_ = {400, "a request needs one Host field"};
    return;
  }
  // Whoever forwards a request may see its end somewhere else.
  if (count_of(http::field::transfer_encoding) > 0
      && !iequals(head[http::field::transfer_encoding], "chunked")) {
    fault_ = {501, "the only transfer coding is chunked"};
    return;
  }
  auto expectation = head[http::field::expect];
  if (expectation.empty() || head.version() < 11)
    return;
  if (!iequals(expectation, "100-continue"))
    fault_ = {417, "the only expectation is 100-continue"};
  else
    is_awaited_ = true;
}

bool request_reader::take_expectation() {
  return std::exchange(is_awaited_, false) && !fault_ && !parser_.is_done();
}

incoming_request request_reader::take() {
  auto message = parser_.release();
  incoming_request result{
    .method = std::string{message.method_string()},
    .target = std::string{message.target()},
    .fields = {},
    .body = std::move(message.body().bytes),
  };
  for (const auto& field : message)
    result.fields.push_back(
      {std::string{field.name_string()}, std::string{field.value()}});
  return result;
}

} // namespace cosmo::net
