// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <string>
#include <string_view>

using namespace cosmo;
using namespace cosmo::net;

namespace {

constexpr uint32_t head_bytes_max = 1024;
constexpr size_t body_bytes_max = 16;

struct reading {
  request_reader reader{head_bytes_max, body_bytes_max};
  boost::beast::flat_buffer bytes;

  void feed(std::string_view more) {
    auto room = bytes.prepare(more.size());
    bytes.commit(boost::asio::buffer_copy(room, boost::asio::buffer(more)));
    reader.read(bytes);
  }

  unsigned fault_status() const {
    return reader.fault() ? reader.fault()->status : 0;
  }
};

unsigned fault_status_of(std::string_view bytes) {
  reading it;
  it.feed(bytes);
  return it.fault_status();
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n";
}

std::string post(std::string_view fields, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n"
         + std::string{body};
}

} // namespace

TEST_CASE("a request is the same however its bytes are cut",
          "[net][request_reader]") {
  auto whole = post("X-A: 1\r\nTransfer-Encoding: chunked\r\nX-A: 2\r\n",
                    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  auto cut = GENERATE_COPY(range(size_t{1}, whole.size()));
  reading it;
  it.feed(whole.substr(0, cut));
  CHECK_FALSE(it.reader.is_complete());
  it.feed(whole.substr(cut));
  REQUIRE(it.reader.is_complete());
  CHECK(it.reader.is_keep_alive());
  auto request = it.reader.take();
  CHECK(request.method == "POST");
  CHECK(request.target == "/p");
  CHECK(request.field("x-a") == "1, 2");
  CHECK(request.body == "abcde");
}

TEST_CASE("what follows a request is left for the next reader",
          "[net][request_reader]") {
  reading it;
  it.feed(get("") + get("X: 1\r\n"));
  REQUIRE(it.reader.is_complete());
  CHECK(it.bytes.size() == get("X: 1\r\n").size());
}

TEST_CASE("the query is no part of the path", "[net][request_reader]") {
  incoming_request request{
    .method = "GET", .target = "/a/b?c=d?e", .fields = {}, .body = {}};
  CHECK(request.path() == "/a/b");
  request.target = "*";
  CHECK(request.path() == "*");
}

TEST_CASE("an old client is neither kept nor sent chunks",
          "[net][request_reader]") {
  reading it;
  it.feed("GET / HTTP/1.0\r\n\r\n");
  REQUIRE(it.reader.is_complete());
  CHECK_FALSE(it.reader.is_keep_alive());
  CHECK_FALSE(it.reader.is_http_1_1());
}

TEST_CASE("a client that asks first is told once to go on",
          "[net][request_reader]") {
  reading it;
  it.feed(post("Expect: 100-Continue\r\nContent-Length: 2\r\n", ""));
  CHECK(it.reader.take_expectation());
  CHECK_FALSE(it.reader.take_expectation());
  it.feed("ab");
  CHECK(it.reader.is_complete());
}

TEST_CASE("a client that does not wait for the word is not given it",
          "[net][request_reader]") {
  reading it;
  it.feed(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"));
  CHECK(it.reader.is_complete());
  CHECK_FALSE(it.reader.take_expectation());
}

TEST_CASE("what is no HTTP is refused with a status that says why",
          "[net][request_reader]") {
  auto long_field = "X: " + std::string(head_bytes_max, 'x');
  CHECK(fault_status_of("hello there\r\n\r\n") == 400);
  CHECK(fault_status_of(std::string{"\0\1\2\3\r\n\r\n", 8}) == 400);
  CHECK(fault_status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(fault_status_of(get("Host: other\r\n")) == 400);
  CHECK(fault_status_of(get("X : 1\r\n")) == 400);
  CHECK(fault_status_of(get(long_field + "\r\n")) == 431);
  CHECK(fault_status_of(get(long_field)) == 431);
  CHECK(fault_status_of(post("Content-Length: 17\r\n", "")) == 413);
  CHECK(fault_status_of(post("Content-Length: -1\r\n", "")) == 400);
  CHECK(fault_status_of(post("Content-Length: 1\r\nContent-Length: 2\r\n", ""))
        == 400);
  CHECK(fault_status_of(
          post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", ""))
        == 400);
  CHECK(fault_status_of(post("Transfer-Encoding: gzip, chunked\r\n", ""))
        == 501);
  CHECK(fault_status_of(post("Transfer-Encoding: gzip\r\n", "")) == 501);
  CHECK(fault_status_of(post("Expect: magic\r\n", "")) == 417);
}

TEST_CASE("a chunked body is bounded and checked as it arrives",
          "[net][request_reader]") {
  auto body = [](std::string_view chunks) {
    return fault_status_of(post("Transfer-Encoding: chunked\r\n", chunks));
  };
  CHECK(body("10\r\n0123456789abcdef\r\n0\r\n\r\n") == 0);
  CHECK(body("10\r\n0123456789abcdef\r\n1\r\nx\r\n") == 413);
  CHECK(body("ffffffff\r\n") == 413);
  CHECK(body("ffffffffffffffffff\r\n") == 400);
  CHECK(body("-1\r\n") == 400);
  CHECK(body("zz\r\n") == 400);
  CHECK(body("1\r\nab\r\n0\r\n\r\n") == 400);
}
