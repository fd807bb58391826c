// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/test_certificate.hpp"
#include <cosmo/net/http_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <semaphore>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

constexpr std::string_view chunked_head
  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(std::string_view bytes) {
  constexpr auto digits = "0123456789abcdef";
  return {digits[bytes.size()] + ("\r\n" + std::string{bytes}) + "\r\n"};
}

struct piece {
  std::string bytes;
  http_flow flow;
};

/// Takes pieces on the client's thread, hands them out on the test's.
class inbox {
public:
  http_body_taker taker() {
    return {.take = [this](std::string_view bytes, http_flow flow) {
      std::unique_lock guard{mutex_};
      ++count_;
      pieces_.push_back({std::string{bytes}, std::move(flow)});
      changed_.notify_all();
    }};
  }

  /// The next piece; a test that waits for too long throws.
  piece next() {
    std::unique_lock guard{mutex_};
    if (!changed_.wait_for(guard, patience, [&] { return !pieces_.empty(); }))
      throw std::runtime_error{"no piece arrives"};
    auto result = std::move(pieces_.front());
    pieces_.pop_front();
    return result;
  }

  size_t count() {
    std::unique_lock guard{mutex_};
    return count_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<piece> pieces_;
  size_t count_ = 0;
};

std::future<exchange_result> start(http_client& client, http_request request,
                                   http_body_taker taker,
                                   std::stop_token stop = {}) {
  auto promise = std::make_shared<std::promise<exchange_result>>();
  auto result = promise->get_future();
  client.stream(std::move(request), std::move(stop), std::move(taker),
                [promise](exchange_result outcome) {
                  promise->set_value(std::move(outcome));
                });
  return result;
}

/// Accepts everything and keeps it in `out`.
http_body_taker collect(std::string& out) {
  return {.take = [&out](std::string_view bytes, const http_flow& flow) {
    out += bytes;
    flow.read_on();
  }};
}

/// Writes the pieces, each as soon as the test wants it.
class paced_script {
public:
  explicit paced_script(std::vector<std::string> pieces)
    : pieces_(std::move(pieces)), wanted_(0) {
    // nop
  }

  void play(fake_peer& peer) {
    peer.read_request();
    for (auto& bytes : pieces_) {
      wanted_.acquire();
      peer.write(bytes);
      written_.release();
    }
    wanted_.acquire();
  }

  /// Writes the next piece, or ends the script.
  void step() {
    wanted_.release();
  }

  void step_and_wait() {
    step();
    written_.acquire();
  }

private:
  std::vector<std::string> pieces_;
  std::counting_semaphore<> wanted_;
  std::counting_semaphore<> written_{0};
};

} // namespace

TEST_CASE("a body in pieces is the body", "[net][http_stream][integration]") {
  std::string body;
  SECTION("with a length, over one connection again and again") {
    fake_server server{{answer(response("200 OK", "0123456789"))}};
    auto client = make_client();
    for (int i = 0; i < 3; ++i) {
      body.clear();
      auto result = await(start(*client, {.url = server.url()}, collect(body)));
      REQUIRE(result);
      CHECK(result->status == 200);
      CHECK(result->field("content-length") == "10");
      CHECK(result->body.empty());
      CHECK_FALSE(result->truncated);
      CHECK(body == "0123456789");
    }
    CHECK(server.connection_count() == 1);
  }
  SECTION("chunked, and cut anywhere") {
    auto bytes = std::string{chunked_head} + chunk("ab") + chunk("cde")
                 + chunk("f") + "0\r\n\r\n";
    fake_server server{{[&](fake_peer& peer) {
      peer.read_request();
      for (auto byte : bytes)
        peer.write({&byte, 1});
    }}};
    CHECK(await(start(*make_client(), {.url = server.url()}, collect(body))));
    CHECK(body == "abcdef");
  }
  SECTION("until the connection ends") {
    fake_server server{{[](fake_peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n\r\nab");
    }}};
    CHECK(await(start(*make_client(), {.url = server.url()}, collect(body))));
    CHECK(body == "ab");
  }
  SECTION("empty") {
    fake_server server{{answer(response("200 OK", ""))}};
    CHECK(await(start(*make_client(), {.url = server.url()}, collect(body))));
    CHECK(body.empty());
  }
  SECTION("over TLS, and longer than any buffer") {
    test_certificate certificate;
    std::string expected(200'000, 'x');
    fake_server server{{answer(response("200 OK", expected))},
                       &certificate.server_context()};
    auto client = make_client({.ca_file = certificate.file()});
    CHECK(await(start(*client, {.url = server.url()}, collect(body))));
    CHECK(body == expected);
  }
}

TEST_CASE("nothing is read before a piece is accepted",
          "[net][http_stream][integration]") {
  inbox pieces;
  paced_script script{
    {std::string{chunked_head} + chunk("one"), chunk("two") + "0\r\n\r\n"}};
  fake_server server{
    {[&](auto& peer) { script.play(peer); }, answer(response("200 OK", "ok"))}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()}, pieces.taker());
  script.step();
  auto first = pieces.next();
  CHECK(first.bytes == "one");
  script.step_and_wait();
  // The I/O thread could have read it meanwhile.
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(pieces.count() == 1);
  first.flow.read_on();
  auto second = pieces.next();
  CHECK(second.bytes == "two");
  // The body has ended, and still its last piece is waited for.
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(pending.wait_for(std::chrono::seconds{0})
        == std::future_status::timeout);
  second.flow.read_on();
  CHECK(await(std::move(pending)));
  script.step();
}

TEST_CASE("only the first word on a piece counts",
          "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{answer(response("200 OK", "ab"))}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()}, pieces.taker());
  auto only = pieces.next();
  only.flow.read_on();
  only.flow.read_on();
  only.flow.skip();
  only.flow.fail(make_error(ec::bad_response, "too late"));
  CHECK(await(std::move(pending)));
  CHECK(exchange(*client, {.url = server.url()}));
}

TEST_CASE("whoever takes pieces may end the exchange",
          "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + chunk("one"));
    peer.wait_for_close();
  }}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()}, pieces.taker());
  SECTION("well") {
    pieces.next().flow.finish();
    auto result = await(std::move(pending));
    REQUIRE(result);
    CHECK(result->ok());
    CHECK(result->truncated);
  }
  SECTION("with an error") {
    pieces.next().flow.fail(make_error(ec::bad_response, "nonsense"));
    CHECK(failure_of(await(std::move(pending)))
          == failure{ec::bad_response, "nonsense"});
  }
  SECTION("by forgetting it") {
    (void)pieces.next();
    CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  }
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a stream that is finished at its end leaves the connection in use",
          "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{answer(response("200 OK", "ab"))}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()}, pieces.taker());
  pieces.next().flow.finish();
  REQUIRE(await(std::move(pending)));
  CHECK(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("cancelling closes the socket of a stream at once",
          "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(std::string{chunked_head} + chunk("one"));
    peer.wait_for_close();
  }}};
  auto client = make_client();
  std::stop_source stop;
  auto pending
    = start(*client, {.url = server.url()}, pieces.taker(), stop.get_token());
  auto first = pieces.next();
  SECTION("while a piece is with its taker") {
    stop.request_stop();
    CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
    first.flow.read_on();
  }
  SECTION("while the next one is waited for") {
    first.flow.read_on();
    stop.request_stop();
    CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  }
  CHECK(server.wait_for_ended(1));
  CHECK(pieces.count() == 1);
}

TEST_CASE("a word outlives its client", "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{answer(response("200 OK", "ab"))}};
  auto client = make_client();
  auto pending = start(*client, {.url = server.url()}, pieces.taker());
  auto first = pieces.next();
  client.reset();
  CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  first.flow.read_on();
}

TEST_CASE("the timeout counts the time without content",
          "[net][http_stream][integration]") {
  constexpr std::chrono::milliseconds soon{200};
  inbox pieces;
  SECTION("before the first piece") {
    fake_server server{{[](fake_peer& peer) {
      peer.read_request();
      peer.write(chunked_head);
      peer.wait_for_close();
    }}};
    auto result = await(start(
      *make_client(), {.url = server.url(), .timeout = soon}, pieces.taker()));
    CHECK(failure_of(result)
          == failure{ec::timeout,
                     "request to " + server.url() + " timed out after 0.2 s"});
  }
  SECTION("pieces that are skipped do not count") {
    fake_server server{{[](fake_peer& peer) {
      peer.read_request();
      peer.write(chunked_head);
      peer.write_forever(chunk("ping"));
    }}};
    auto skip = [](auto, const http_flow& flow) { flow.skip(); };
    auto result = await(start(
      *make_client(),
      {.url = server.url(), .timeout = soon, .response_bytes_max = ~size_t{0}},
      {.take = skip}));
    CHECK(failure_of(result).code == ec::timeout);
  }
  SECTION("not the time a piece is with its taker") {
    paced_script script{
      {std::string{chunked_head} + chunk("one"), chunk("two") + "0\r\n\r\n"}};
    fake_server server{{[&](auto& peer) { script.play(peer); },
                        [](auto& peer) { peer.wait_for_close(); }}};
    auto client = make_client();
    auto pending = start(*client, {.url = server.url(), .timeout = 4 * soon},
                         pieces.taker());
    script.step();
    auto first = pieces.next();
    // Somebody else's timeout tells that ours has passed.
    REQUIRE(
      failure_of(exchange(*client, {.url = server.url(), .timeout = 5 * soon}))
        .code
      == ec::timeout);
    first.flow.read_on();
    script.step();
    pieces.next().flow.read_on();
    CHECK(await(std::move(pending)));
    script.step();
  }
  SECTION("but a piece that is skipped too late is too late") {
    paced_script script{{std::string{chunked_head} + chunk("ping")}};
    fake_server server{{[&](auto& peer) { script.play(peer); },
                        [](auto& peer) { peer.wait_for_close(); }}};
    auto client = make_client();
    auto pending = start(*client, {.url = server.url(), .timeout = 4 * soon},
                         pieces.taker());
    script.step();
    auto first = pieces.next();
    REQUIRE(
      failure_of(exchange(*client, {.url = server.url(), .timeout = 5 * soon}))
        .code
      == ec::timeout);
    first.flow.skip();
    CHECK(failure_of(await(std::move(pending))).code == ec::timeout);
    script.step();
  }
}

TEST_CASE("the bound counts the whole stream",
          "[net][http_stream][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(chunked_head);
    peer.write_forever(chunk("0123456789"));
  }}};
  std::string body;
  auto result = await(start(*make_client(),
                            {.url = server.url(), .response_bytes_max = 1005},
                            collect(body)));
  CHECK(
    failure_of(result)
    == failure{ec::too_large, "response from " + server.url() + " too large"});
  CHECK(body.size() <= 1005);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a stream that breaks fails", "[net][http_stream][integration]") {
  auto outcome_of = [](std::string bytes) {
    fake_server server{{[&](fake_peer& peer) {
      peer.read_request();
      peer.write(std::string{chunked_head} + bytes);
    }}};
    std::string body;
    auto result
      = await(start(*make_client(), {.url = server.url()}, collect(body)));
    return failure_of(result).code;
  };
  SECTION("between two chunks") {
    CHECK(outcome_of(chunk("one")) == ec::connection_lost);
  }
  SECTION("in the middle of one") {
    CHECK(outcome_of("f\r\nhalf") == ec::connection_lost);
  }
  SECTION("in its framing") {
    CHECK(outcome_of(chunk("one") + "no size\r\n") == ec::bad_response);
  }
}

TEST_CASE("an error status is read as a whole",
          "[net][http_stream][integration]") {
  inbox pieces;
  fake_server server{{answer(response("503 Busy", "later"))}};
  auto result
    = await(start(*make_client(), {.url = server.url()}, pieces.taker()));
  REQUIRE(result);
  CHECK(result->status == 503);
  CHECK(result->body == "later");
  CHECK(pieces.count() == 0);
}

TEST_CASE("the head decides whether a body is taken in pieces",
          "[net][http_stream][integration]") {
  inbox pieces;
  auto taker = pieces.taker();
  taker.wants = [](const http_response& head) {
    return head.field("content-type") == "text/event-stream";
  };
  fake_server server{
    {answer(response("200 OK", "{}", "Content-Type: application/json\r\n"))}};
  auto result = await(start(*make_client(), {.url = server.url()}, taker));
  REQUIRE(result);
  CHECK(result->body == "{}");
  CHECK(pieces.count() == 0);
}

TEST_CASE("a taker that throws ends its exchange only",
          "[net][http_stream][integration]") {
  log_capture log;
  fake_server server{{2, answer(response("200 OK", "ab"))}};
  auto client = make_client();
  http_body_taker taker{.take
                        = [](auto, auto) { throw std::runtime_error{"mine"}; }};
  SECTION("by a piece") {
    auto result = await(start(*client, {.url = server.url()}, taker));
    CHECK(failure_of(result).code == ec::cancelled);
  }
  SECTION("by the head, after which the body is read as a whole") {
    taker.wants = [](auto&) -> bool { throw std::runtime_error{"mine"}; };
    CHECK(await(start(*client, {.url = server.url()}, taker)));
  }
  CHECK(log.events() == std::vector<std::string>{"handler-threw"});
  CHECK(exchange(*client, {.url = server.url()}));
}
