// SPDX-License-Identifier: Apache-2.0
#include "support/http_exchange.hpp"
#include "support/log_capture.hpp"
#include "support/raw_client.hpp"
#include <cosmo/net/http_server.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::shared_ptr<http_server> serve(http_server::handler fn,
                                   http_server_options options = {}) {
  auto result = http_server::open(std::move(options), std::move(fn));
  if (!result)
    throw std::runtime_error{describe(result.error())};
  return std::move(*result);
}

http_response text(std::string body) {
  return {.status = 200, .fields = {}, .body = std::move(body)};
}

/// Answers with what was asked.
void echo(const incoming_request& request, const http_reply& reply) {
  reply.send(text(request.method + ' ' + request.target + ' ' + request.body));
}

/// A thing that becomes known on another thread; a test that waits for too long
/// throws.
template <class T>
class late {
public:
  void set(T value) {
    promise_.set_value(std::move(value));
  }

  T get() {
    auto result = promise_.get_future();
    if (result.wait_for(patience) != std::future_status::ready)
      throw std::runtime_error{"it never comes"};
    return result.get();
  }

private:
  std::promise<T> promise_;
};

/// Counts errors of handlers, whose threads may not check themselves.
class failures {
public:
  void add(const caf::error& outcome) {
    count_ += outcome ? 1 : 0;
  }

  int count() const {
    return count_;
  }

private:
  std::atomic<int> count_ = 0;
};

/// Waits until the client has gone. @returns false if that takes too long.
bool wait_until_gone(const http_reply& reply) {
  std::promise<void> gone;
  std::stop_callback callback{reply.client_gone(), [&] { gone.set_value(); }};
  return gone.get_future().wait_for(patience) == std::future_status::ready;
}

} // namespace

// -- good requests ------------------------------------------------------------

TEST_CASE("our own client is served", "[net][http_server][integration]") {
  auto server = serve(echo);
  CHECK(server->url() == "http://127.0.0.1:" + std::to_string(server->port()));
  auto client = make_client();
  auto result = exchange(*client, {.url = server->url() + "/a?b", .body = "c"});
  REQUIRE(result);
  CHECK(result->status == 200);
  CHECK(result->body == "POST /a?b c");
}

TEST_CASE("requests of one connection are answered in order, pipelined or not",
          "[net][http_server][integration]") {
  auto server = serve(echo);
  raw_client client{server->port()};
  client.write(raw_post("/1", "a") + raw_post("/2", "b") + get);
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nPOST /1 a"));
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nPOST /2 b"));
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nGET / "));
  client.write(get);
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nGET / "));
}

TEST_CASE("a connection ends when the client wants no more",
          "[net][http_server][integration]") {
  auto request = GENERATE("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                          "\r\n"s,
                          "GET / HTTP/1.0\r\n\r\n"s);
  auto server = serve(echo);
  raw_client client{server->port()};
  client.write(request);
  auto all = client.read_to_end();
  CHECK_THAT(all, ContainsSubstring("\r\nConnection: close\r\n"));
  CHECK_THAT(all, EndsWith("\r\n\r\nGET / "));
}

TEST_CASE("HEAD gets the head alone, of whole bodies and of streams",
          "[net][http_server][integration]") {
  failures errors;
  auto server = serve([&](const incoming_request& request, http_reply reply) {
    if (request.path() == "/whole")
      return reply.send(text("abc"));
    auto out = reply.stream(text("abc"));
    errors.add(out.write("def"));
    out.end();
  });
  raw_client client{server->port()};
  client.write("HEAD /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(client.read_until("\r\n\r\n"),
             ContainsSubstring("\r\nContent-Length: 3\r\n"));
  client.write("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(client.read_until("\r\n\r\n"),
             ContainsSubstring("\r\nTransfer-Encoding: chunked\r\n"));
  client.write("GET /whole HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK_THAT(client.read_to_end(), StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK(errors.count() == 0);
}

TEST_CASE("a client that asks before it sends its body is told to go on",
          "[net][http_server][integration]") {
  auto server = serve(echo);
  raw_client client{server->port()};
  client.write("PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
               "Content-Length: 2\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.write("ab");
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nPUT /x ab"));
}

TEST_CASE("a handler may answer later and from elsewhere",
          "[net][http_server][integration]") {
  std::jthread elsewhere;
  auto server = serve([&](const incoming_request&, http_reply reply) {
    elsewhere = std::jthread{[reply] { reply.send(text("late")); }};
  });
  raw_client client{server->port()};
  client.write(get);
  CHECK_THAT(client.read_response(), EndsWith("\r\n\r\nlate"));
}

TEST_CASE("handlers run side by side, as many as there are threads",
          "[net][http_server][integration]") {
  constexpr int count = 4;
  std::latch all_there{count};
  auto server = serve(
    [&](const incoming_request&, const http_reply& reply) {
      all_there.arrive_and_wait();
      reply.send(text("met"));
    },
    {.handler_threads_max = count});
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<raw_client>(server->port()));
    clients.back()->write(get);
  }
  for (auto& client : clients)
    CHECK_THAT(client->read_response(), EndsWith("\r\n\r\nmet"));
}

TEST_CASE("more clients than allowed wait for their turn",
          "[net][http_server][integration]") {
  auto server = serve(echo, {.connections_max = 1});
  std::optional<raw_client> first{server->port()};
  first->write(get);
  CHECK_THAT(first->read_response(), EndsWith("GET / "));
  raw_client second{server->port()};
  second.write(get);
  first.reset();
  CHECK_THAT(second.read_response(), EndsWith("GET / "));
}

// -- streams --------------------------------------------------------------------

TEST_CASE("a stream arrives in chunks, and the connection goes on",
          "[net][http_server][integration]") {
  failures errors;
  failures late_errors;
  auto server = serve([&](const incoming_request&, const http_reply& reply) {
    auto out = reply.stream(text("a"));
    errors.add(out.write(""));
    errors.add(out.write("bc"));
    out.end();
    out.end();
    late_errors.add(out.write("too late"));
  });
  raw_client client{server->port()};
  for (int i = 0; i < 2; ++i) {
    client.write(get);
    CHECK_THAT(client.read_until("\r\n\r\n"),
               ContainsSubstring("\r\nTransfer-Encoding: chunked\r\n"));
    CHECK(client.read_until("\r\n0\r\n\r\n")
          == "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
  }
  server->stop(patience);
  CHECK(errors.count() == 0);
  CHECK(late_errors.count() == 2);
}

TEST_CASE("an old client reads a stream to the end of the connection",
          "[net][http_server][integration]") {
  auto server = serve([](const incoming_request&, const http_reply& reply) {
    auto out = reply.stream(text("a"));
    out.write("bc", [](const caf::error&) {});
    out.end();
  });
  raw_client client{server->port()};
  client.write("GET / HTTP/1.0\r\n\r\n");
  auto all = client.read_to_end();
  CHECK_THAT(all, !ContainsSubstring("chunked"));
  CHECK_THAT(all, EndsWith("\r\n\r\nabc"));
}

TEST_CASE("who writes to a client that does not read is told to stop",
          "[net][http_server][integration]") {
  late<caf::error> refused;
  auto server = serve(
    [&](const incoming_request&, http_reply reply) {
      auto out = reply.stream(text(""));
      // No waiting for completions: the pieces pile up.
      std::atomic<bool> is_refused = false;
      while (!is_refused)
        out.write(std::string(64 * 1024, 'x'), [&](caf::error error) {
          if (error == ec::too_large && !is_refused.exchange(true))
            refused.set(std::move(error));
        });
      wait_until_gone(reply);
    },
    {.unsent_bytes_max = 256 * 1024});
  std::optional<raw_client> client{server->port()};
  client->write(get);
  CHECK_THAT(message_of(refused.get()),
             StartsWith("the client does not keep up: "));
  client.reset();
  server->stop(patience);
}

TEST_CASE("a client that does not read is cut off",
          "[net][http_server][integration]") {
  late<caf::error> outcome;
  auto server = serve(
    [&](const incoming_request&, const http_reply& reply) {
      auto out = reply.stream(text(""));
      for (;;)
        if (auto error = out.write(std::string(1024 * 1024, 'x')))
          return outcome.set(std::move(error));
    },
    {.idle_time_max = 300ms});
  raw_client client{server->port()};
  client.write(get);
  CHECK(failure_of(outcome.get())
        == failure{ec::cancelled, "the client has gone"});
}

TEST_CASE("a stream that nobody ends is cut, so that half is not whole",
          "[net][http_server][integration]") {
  log_capture log;
  auto server = serve([](const incoming_request&, const http_reply& reply) {
    auto out = reply.stream(text("half"));
    (void)out.write("way");
  });
  raw_client client{server->port()};
  client.write(get);
  auto all = client.read_to_end();
  CHECK_THAT(all, EndsWith("3\r\nway\r\n"));
  CHECK(log.events() == std::vector<std::string>{"reply-dropped"});
}

// -- clients that go away -------------------------------------------------------

TEST_CASE("a handler learns that its client has gone",
          "[net][http_server][integration]") {
  late<bool> was_told;
  std::latch is_handled{1};
  auto server = serve([&](const incoming_request&, const http_reply& reply) {
    is_handled.count_down();
    was_told.set(wait_until_gone(reply));
  });
  raw_client client{server->port()};
  client.write(get);
  is_handled.wait();
  SECTION("by closing its half") {
    client.end_sending();
    CHECK(was_told.get());
  }
  SECTION("by resetting the connection") {
    client.reset();
    CHECK(was_told.get());
  }
  SECTION("after it had begun another request") {
    client.write("GET /next HT");
    client.end_sending();
    CHECK(was_told.get());
  }
}

TEST_CASE("the callback of a stop token may block without harm to others",
          "[net][http_server][integration]") {
  std::latch is_handled{1};
  std::latch is_let_go{1};
  std::latch is_called{1};
  auto server = serve([&](const incoming_request& request, http_reply reply) {
    if (request.path() != "/")
      return echo(request, reply);
    std::promise<void> over;
    std::stop_callback callback{reply.client_gone(), [&] {
                                  is_called.count_down();
                                  is_let_go.wait();
                                  over.set_value();
                                }};
    is_handled.count_down();
    over.get_future().wait();
  });
  {
    raw_client client{server->port()};
    client.write(get);
    is_handled.wait();
  }
  is_called.wait();
  raw_client other{server->port()};
  other.write(raw_post("/other", ""));
  CHECK_THAT(other.read_response(), EndsWith("POST /other "));
  is_let_go.count_down();
}

TEST_CASE("a client that goes mid-stream ends the writing",
          "[net][http_server][integration]") {
  late<caf::error> outcome;
  auto server = serve([&](const incoming_request&, const http_reply& reply) {
    auto out = reply.stream(text(""));
    for (;;)
      if (auto error = out.write("more"))
        return outcome.set(std::move(error));
  });
  raw_client client{server->port()};
  client.write(get);
  client.read_until("more");
  client.reset();
  CHECK(failure_of(outcome.get())
        == failure{ec::cancelled, "the client has gone"});
}

// -- handlers that fail -----------------------------------------------------------

TEST_CASE("whatever a handler does, there is an answer",
          "[net][http_server][integration]") {
  log_capture log;
  failures late_errors;
  auto server = serve([&](const incoming_request& request, http_reply reply) {
    if (request.path() == "/throws")
      throw std::runtime_error{"oops"};
    if (request.path() == "/status")
      reply.send({.status = 42, .fields = {}, .body = {}});
    if (request.path() == "/field")
      reply.send({.status = 200, .fields = {{"X", "a\nb"}}, .body = {}});
    if (request.path() == "/stream") {
      auto out = reply.stream({.status = 204, .fields = {}, .body = {}});
      late_errors.add(out.write("there is no body to write to"));
      out.end();
    }
    if (request.path() == "/twice") {
      reply.send(text("first"));
      reply.send(text("second"));
      late_errors.add(reply.stream(text("third")).write("fourth"));
    }
  });
  raw_client client{server->port()};
  auto answer_to = [&](std::string_view path) {
    client.write(raw_post(path, ""));
    return client.read_response();
  };
  auto status_500 = StartsWith("HTTP/1.1 500 Internal Server Error\r\n");
  CHECK_THAT(answer_to("/throws"), status_500);
  CHECK_THAT(answer_to("/nothing"), status_500);
  CHECK_THAT(answer_to("/status"), status_500);
  CHECK_THAT(answer_to("/field"), status_500);
  CHECK_THAT(answer_to("/stream"), status_500);
  CHECK_THAT(answer_to("/twice"), EndsWith("\r\n\r\nfirst"));
  client.write(get);
  CHECK_THAT(client.read_response(), status_500);
  server->stop(patience);
  CHECK(late_errors.count() == 2);
  CHECK(log.events()
        == std::vector<std::string>{"handler-threw", "reply-dropped",
                                    "bad-response", "bad-response",
                                    "bad-response", "reply-dropped"});
}

// -- hostile clients --------------------------------------------------------------

TEST_CASE("nonsense is answered with its status, and the connection closed",
          "[net][http_server][integration]") {
  auto server = serve(echo, {.head_bytes_max = 1024, .body_bytes_max = 10});
  auto answer_to = [&](std::string_view bytes) {
    raw_client client{server->port()};
    client.write(bytes);
    return client.read_to_end();
  };
  CHECK_THAT(answer_to("what?\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(answer_to("GET / HTTP/1.1\r\nX: " + std::string(200'000, 'x')),
             StartsWith("HTTP/1.1 431 "));
  auto too_much = answer_to(raw_post("/", std::string(100'000, 'x')));
  CHECK_THAT(too_much, StartsWith("HTTP/1.1 413 "));
  CHECK_THAT(too_much,
             EndsWith("\r\nConnection: close\r\n\r\n"
                      R"({"error":"the request's body is too large"})"));
  CHECK_THAT(answer_to("POST / HTTP/1.1\r\nHost: h\r\n"
                       "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
             StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(answer_to("POST / HTTP/1.1\r\nHost: h\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n1;"
                       + std::string(200'000, 'x')),
             StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(answer_to(get + "what?\r\n\r\n"),
             ContainsSubstring("GET / HTTP/1.1 400 "));
}

TEST_CASE("a request that takes too long is given up",
          "[net][http_server][integration]") {
  auto bytes = GENERATE("GET / HT"s, "GET / HTTP/1.1\r\nHost: h\r\n"s,
                        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
                        "\r\nab"s);
  auto server = serve(echo, {.request_time_max = 30ms});
  raw_client client{server->port()};
  client.write(bytes);
  auto all = client.read_to_end();
  CHECK_THAT(all, StartsWith("HTTP/1.1 408 "));
  CHECK_THAT(all, EndsWith(R"({"error":"the request takes too long"})"));
}

TEST_CASE("bytes now and then do not keep a slow request alive",
          "[net][http_server][integration]") {
  auto server = serve(echo, {.request_time_max = 30ms});
  raw_client client{server->port()};
  client.write("POST / HTTP/1.1\r\nHost: h\r\n"
               "Transfer-Encoding: chunked\r\n\r\n");
  while (!client.is_readable())
    client.write("1\r\nx\r\n");
  CHECK_THAT(client.read_until("\r\n"), StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("a connection without a request is closed in silence",
          "[net][http_server][integration]") {
  auto server = serve(echo, {.idle_time_max = 300ms});
  raw_client client{server->port()};
  CHECK(client.is_closed());
  raw_client used{server->port()};
  used.write(get);
  CHECK_THAT(used.read_response(), EndsWith("GET / "));
  CHECK(used.is_closed());
}

TEST_CASE("half a request and a closed connection harm nobody",
          "[net][http_server][integration]") {
  auto server = serve(echo);
  for (std::string_view whole = get; !whole.empty(); whole.remove_suffix(1)) {
    raw_client client{server->port()};
    client.write(whole.substr(0, whole.size() - 1));
    client.reset();
  }
  raw_client client{server->port()};
  client.write(get);
  CHECK_THAT(client.read_response(), EndsWith("GET / "));
}

// -- beginning and end ------------------------------------------------------------

TEST_CASE("bad options are named", "[net][http_server]") {
  auto failure_with = [](http_server_options options) {
    return failure_of(http_server::open(std::move(options), echo));
  };
  CHECK(failure_with({.address = "localhost"})
        == failure{ec::bad_config,
                   "http_server: address is no IP address: localhost"});
  CHECK(failure_with({.connections_max = 0}).code == ec::bad_config);
  CHECK(failure_with({.handler_threads_max = 0}).code == ec::bad_config);
  CHECK(failure_with({.idle_time_max = 0ms}).code == ec::bad_config);
  CHECK(failure_with({.request_time_max = -1ms}).code == ec::bad_config);
  CHECK(failure_with({.head_bytes_max = 1}).code == ec::bad_config);
}

TEST_CASE("a port that is taken is named", "[net][http_server][integration]") {
  auto first = serve(echo);
  auto second = http_server::open({.port = first->port()}, echo);
  auto failed = failure_of(second);
  CHECK(failed.code == ec::bind_failed);
  CHECK_THAT(failed.text, StartsWith("cannot listen on 127.0.0.1:"
                                     + std::to_string(first->port()) + ": "));
}

TEST_CASE("stopping lets a request under way finish, and nobody in",
          "[net][http_server][integration]") {
  std::latch is_handled{1};
  late<void*> go_on;
  auto server = serve([&](const incoming_request&, const http_reply& reply) {
    is_handled.count_down();
    go_on.get();
    reply.send(text("done"));
  });
  auto port = server->port();
  raw_client idle{port};
  raw_client busy{port};
  busy.write(get);
  is_handled.wait();
  auto stopping
    = std::async(std::launch::async, [&] { server->stop(patience); });
  // Closed at once, so stopping has begun.
  CHECK(idle.is_closed());
  CHECK_THROWS(raw_client{port});
  go_on.set(nullptr);
  auto all = busy.read_to_end();
  CHECK_THAT(all, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(all, EndsWith("\r\n\r\ndone"));
  stopping.get();
  server->stop();
}

TEST_CASE("what is not finished within the grace is cut",
          "[net][http_server][integration]") {
  std::latch is_handled{1};
  late<bool> was_told;
  auto server = serve([&](const incoming_request&, const http_reply& reply) {
    is_handled.count_down();
    was_told.set(wait_until_gone(reply));
  });
  raw_client client{server->port()};
  client.write(get);
  is_handled.wait();
  server->stop(10ms);
  CHECK(was_told.get());
  CHECK(client.is_closed());
}

TEST_CASE("a reply may outlive its server", "[net][http_server][integration]") {
  late<http_reply> kept;
  auto server = serve(
    [&](const incoming_request&, const http_reply& reply) { kept.set(reply); });
  raw_client client{server->port()};
  client.write(get);
  std::optional<http_reply> reply{kept.get()};
  std::optional<http_body_writer> out;
  SECTION("unanswered") {
    server.reset();
    reply->send(text("too late"));
    CHECK(client.is_closed());
  }
  SECTION("as a stream") {
    out = reply->stream(text("begun"));
    CHECK_THAT(client.read_until("begun"), EndsWith("begun"));
    server.reset();
    CHECK(failure_of(out->write("x")).code == ec::cancelled);
    out->end();
  }
}
