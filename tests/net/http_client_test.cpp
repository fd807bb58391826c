// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include <cosmo/net/http_client.hpp>
#include <cosmo/runtime.hpp>
#include <cosmo/version.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::chrono::milliseconds soon{200};

/// The outcome of a POST to a server that answers with `bytes` and closes.
struct played {
  explicit played(std::string bytes, size_t response_bytes_max = 1000)
    : server{{[bytes](fake_peer& peer) {
        peer.read_request();
        peer.write(bytes);
      }}},
      request{.url = server.url("/p"),
              .body = "hi",
              .response_bytes_max = response_bytes_max},
      result{exchange(*make_client(), request)} {
    // nop
  }

  std::string status_text() {
    REQUIRE(result);
    return failure_of(status_error(request, *result)).text;
  }

  fake_server server;
  http_request request;
  exchange_result result;
};

std::string head(std::string_view status, std::string_view fields) {
  return "HTTP/1.1 " + std::string{status} + "\r\n" + std::string{fields}
         + "\r\n";
}

} // namespace

// -- requests and good responses ----------------------------------------------

TEST_CASE("a request carries the client's fields and the caller's",
          "[net][http_client][integration]") {
  std::vector<std::string> seen;
  fake_server server{{answer(response("200 OK", "yes"), &seen)}};
  auto client = make_client();
  auto result = exchange(
    *client,
    {.url = server.url("/a?b=c"), .fields = {{"X-Own", "1"}}, .body = "{}"});
  REQUIRE(result);
  CHECK(result->status == 200);
  CHECK(result->body == "yes");
  CHECK_FALSE(result->truncated);
  client.reset();
  REQUIRE(server.wait_for_ended(1));
  REQUIRE(seen.size() == 1);
  CHECK_THAT(seen[0], StartsWith("POST /a?b=c HTTP/1.1\r\nHost: "
                                 + server.authority() + "\r\n"));
  CHECK_THAT(seen[0], ContainsSubstring("User-Agent: cosmonapse-cpp/"
                                        + std::string{version_text} + "\r\n"));
  CHECK_THAT(seen[0], ContainsSubstring("Accept-Encoding: identity\r\n"));
  CHECK_THAT(seen[0], ContainsSubstring("Content-Length: 2\r\n"));
  CHECK_THAT(seen[0], ContainsSubstring("X-Own: 1\r\n"));
  CHECK_THAT(seen[0], !ContainsSubstring("Connection:"));
  CHECK_THAT(seen[0], Catch::Matchers::EndsWith("\r\n\r\n{}"));
}

TEST_CASE("a body may be chunked, counted or end with the connection",
          "[net][http_client][integration]") {
  auto bytes = GENERATE(head("200 OK", "Transfer-Encoding: chunked\r\n")
                          + "2\r\nab\r\n1;x=y\r\nc\r\n0\r\nTrailer: t\r\n\r\n",
                        response("200 OK", "abc"), head("200 OK", "") + "abc");
  played it{bytes};
  REQUIRE(it.result);
  CHECK(it.result->body == "abc");
}

TEST_CASE("a response may arrive byte by byte",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    for (char c : response("200 OK", "slow"))
      peer.write({&c, 1});
  }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  REQUIRE(result);
  CHECK(result->body == "slow");
}

TEST_CASE("interim responses are skipped", "[net][http_client][integration]") {
  played it{head("100 Continue", "") + head("103 Early Hints", "Link: x\r\n")
            + response("200 OK", "real")};
  REQUIRE(it.result);
  CHECK(it.result->body == "real");
}

TEST_CASE("a response without a body is complete with its head",
          "[net][http_client][integration]") {
  auto client = make_client();
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("204 No Content", ""));
    peer.read_request();
    peer.write(head("200 OK", "Content-Length: 5\r\n"));
    peer.wait_for_close();
  }}};
  CHECK(exchange(*client, {.url = server.url()})->status == 204);
  auto answered = exchange(*client, {.method = "HEAD", .url = server.url()});
  REQUIRE(answered);
  CHECK(answered->body.empty());
  CHECK(server.connection_count() == 1);
}

// -- failures before a response -----------------------------------------------

TEST_CASE("a refused connection is named", "[net][http_client][integration]") {
  auto authority = "127.0.0.1:" + std::to_string(unused_port());
  auto result = exchange(*make_client(), {.url = "http://" + authority});
  CHECK(failure_of(result)
        == failure{ec::connect_failed,
                   "cannot connect to " + authority + ": Connection refused"});
}

TEST_CASE("an IPv6 literal stands in brackets",
          "[net][http_client][integration]") {
  auto authority = "[::1]:" + std::to_string(unused_port());
  auto result = exchange(*make_client(), {.url = "http://" + authority});
  auto [code, text] = failure_of(result);
  CHECK(code == ec::connect_failed);
  CHECK_THAT(text, StartsWith("cannot connect to " + authority + ": "));
}

TEST_CASE("a name without an address is named",
          "[net][http_client][integration]") {
  // Labels have 63 characters at most, so no name server is asked.
  auto host = std::string(64, 'x') + ".invalid";
  auto result = exchange(*make_client(), {.url = "http://" + host + "/"});
  CHECK(failure_of(result)
        == failure{ec::resolve_failed, "cannot resolve host " + host});
}

TEST_CASE("bad requests fail before any I/O", "[net][http_client]") {
  auto client = make_client();
  auto fails = [&](http_request request) {
    return failure_of(exchange(*client, std::move(request))).code;
  };
  auto url = std::string{"http://127.0.0.1:1/"};
  CHECK(fails({.url = "ftp://x"}) == ec::bad_argument);
  CHECK(fails({.method = "GE T", .url = url}) == ec::bad_argument);
  CHECK(fails({.url = url, .timeout = {}}) == ec::bad_argument);
  CHECK(fails({.url = url, .fields = {{"A b", "c"}}}) == ec::bad_argument);
  CHECK(fails({.url = url, .fields = {{"A", "c\r\nd"}}}) == ec::bad_argument);
}

TEST_CASE("a server that stays silent runs into the deadline",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
  auto client = make_client();
  auto result = exchange(*client, {.url = server.url("/x"), .timeout = soon});
  CHECK(failure_of(result)
        == failure{ec::timeout, "request to " + server.url("/x")
                                  + " timed out after 0.2 s"});
  CHECK(server.wait_for_all_ended());
}

TEST_CASE("a body that stalls runs into the deadline",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("200 OK", "Content-Length: 10\r\n") + "half");
    peer.wait_for_close();
  }}};
  auto client = make_client();
  auto result = exchange(*client, {.url = server.url(), .timeout = soon});
  CHECK(failure_of(result).code == ec::timeout);
  CHECK(server.wait_for_all_ended());
}

TEST_CASE("a server that hangs up at once is not asked again",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.read_request(); }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  CHECK(failure_of(result)
        == failure{ec::connection_lost, "connection to " + server.authority()
                                          + " lost: closed by the server"});
  CHECK(server.connection_count() == 1);
}

// -- broken responses ---------------------------------------------------------

TEST_CASE("half a body is a lost connection",
          "[net][http_client][integration]") {
  auto bytes
    = GENERATE(head("200 OK", "Content-Length: 10\r\n") + "half",
               head("200 OK", "Transfer-Encoding: chunked\r\n") + "a\r\nhalf",
               std::string{"HTTP/1.1 200 OK\r\nConte"});
  played it{bytes};
  CHECK(failure_of(it.result)
        == failure{ec::connection_lost, "connection to " + it.server.authority()
                                          + " lost: closed by the server"});
}

TEST_CASE("a reset in the middle of a body is a lost connection",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("200 OK", "Content-Length: 10\r\n") + "half");
    peer.reset();
  }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  CHECK(failure_of(result)
        == failure{ec::connection_lost, "connection to " + server.authority()
                                          + " lost: Connection reset by peer"});
}

TEST_CASE("what is not HTTP is called so", "[net][http_client][integration]") {
  auto bytes = GENERATE(
    std::string{"SSH-2.0-OpenSSH\r\n\r\n"}, std::string{"HTTP/1.1 abc\r\n\r\n"},
    head("200 OK", "Content-Length: -1\r\n"),
    head("200 OK", "Content-Length: 1\r\nContent-Length: 2\r\n") + "ab",
    head("200 OK", "Transfer-Encoding: chunked\r\n") + "xyz\r\n",
    head("200 OK", "Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n",
    head("200 OK", "Transfer-Encoding: chunked\r\n") + "1\r\nabc\r\n0\r\n\r\n",
    head("200 OK", "no colon\r\n"),
    head("200 OK", "X: " + std::string(70'000, 'x') + "\r\n"));
  played it{bytes};
  auto [code, text] = failure_of(it.result);
  CHECK(code == ec::bad_response);
  CHECK_THAT(text, StartsWith("invalid HTTP from " + it.request.url + ": "));
}

TEST_CASE("interim responses without end are not HTTP",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write_forever(head("102 Processing", ""));
  }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  CHECK(failure_of(result)
        == failure{ec::bad_response, "invalid HTTP from " + server.url()
                                       + ": too many interim responses"});
}

TEST_CASE("a head without end is not HTTP", "[net][http_client][integration]") {
  auto line = GENERATE("X: y\r\n", "y");
  fake_server server{{[line](fake_peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nX: y");
    peer.write_forever(line);
  }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  CHECK(failure_of(result)
        == failure{ec::bad_response, "invalid HTTP from " + server.url()
                                       + ": header limit exceeded"});
}

TEST_CASE("a chunk line without end is not HTTP",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("200 OK", "Transfer-Encoding: chunked\r\n") + "1;");
    peer.write_forever(std::string(1000, 'x'));
  }}};
  auto result = exchange(*make_client(), {.url = server.url()});
  CHECK_THAT(failure_of(result).text,
             StartsWith("invalid HTTP from " + server.url() + ": "));
}

TEST_CASE("the limit counts received bytes, not announced ones",
          "[net][http_client][integration]") {
  SECTION("a body of exactly the limit is taken") {
    played it{response("200 OK", "12345"), 5};
    REQUIRE(it.result);
    CHECK(it.result->body == "12345");
  }
  SECTION("one byte more is too large") {
    auto bytes
      = GENERATE(response("200 OK", "123456"), head("200 OK", "") + "123456",
                 head("200 OK", "Transfer-Encoding: chunked\r\n")
                   + "3\r\n123\r\n3\r\n456\r\n0\r\n\r\n");
    played it{bytes, 5};
    CHECK(failure_of(it.result)
          == failure{ec::too_large,
                     "response from " + it.request.url + " too large"});
  }
  SECTION("a large promise that is not kept is a lost connection") {
    played it{head("200 OK", "Content-Length: 1000000000000000000\r\n") + "1",
              5};
    CHECK(failure_of(it.result).code == ec::connection_lost);
  }
}

TEST_CASE("an endless body is too large, and the server is hung up on",
          "[net][http_client][integration]") {
  auto start = GENERATE(head("200 OK", ""),
                        head("200 OK", "Content-Length: 1000000000000\r\n"));
  fake_server server{{[start](fake_peer& peer) {
    peer.read_request();
    peer.write(start);
    peer.write_forever(std::string(10'000, 'x'));
  }}};
  auto client = make_client();
  auto result = exchange(*client, {.url = server.url()});
  CHECK(
    failure_of(result)
    == failure{ec::too_large, "response from " + server.url() + " too large"});
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a content encoding is refused", "[net][http_client][integration]") {
  auto fields = GENERATE("Content-Encoding: gzip\r\nContent-Length: 9\r\n",
                         "Content-Encoding: identity, gzip\r\n",
                         "Transfer-Encoding: gzip, chunked\r\n");
  played it{head("200 OK", fields)};
  CHECK(failure_of(it.result)
        == failure{ec::bad_response,
                   "unsupported content encoding gzip from " + it.request.url});
}

TEST_CASE("the identity encoding is none", "[net][http_client][integration]") {
  played it{response("200 OK", "x", "Content-Encoding: Identity\r\n")};
  CHECK(it.result);
}

// -- error status -------------------------------------------------------------

TEST_CASE("an error status is a response with its body",
          "[net][http_client][integration]") {
  played it{response("500 Oops", "<html>broken</html>")};
  CHECK(it.status_text()
        == "HTTP 500 from " + it.request.url + ": <html>broken</html>");
  CHECK_FALSE(it.result->truncated);
}

TEST_CASE("an error status wins over what became of its body",
          "[net][http_client][integration]") {
  auto bytes = GENERATE(
    head("500 Oops", "Content-Length: 100\r\n") + "half",
    head("500 Oops", "Transfer-Encoding: chunked\r\n") + "4\r\nhalf\r\nxyz",
    head("500 Oops", "Transfer-Encoding: chunked\r\n") + "9\r\nhalf");
  played it{bytes};
  CHECK(it.status_text() == "HTTP 500 from " + it.request.url + ": half");
  CHECK(it.result->truncated);
}

TEST_CASE("an error status wins over an endless body",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("503 Busy", ""));
    peer.write_forever(std::string(1000, 'x'));
  }}};
  http_request request{.url = server.url(), .response_bytes_max = 10'000};
  auto result = exchange(*make_client(), request);
  REQUIRE(result);
  CHECK(result->truncated);
  CHECK(failure_of(status_error(request, *result)).text
        == "HTTP 503 from " + server.url() + ": " + std::string(200, 'x'));
}

TEST_CASE("an error status wins over the deadline",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.read_request();
    peer.write(head("503 Busy", "Content-Length: 100\r\n") + "half");
    peer.wait_for_close();
  }}};
  http_request request{.url = server.url(), .timeout = 5 * soon};
  auto client = make_client();
  auto result = exchange(*client, request);
  REQUIRE(result);
  CHECK(result->body == "half");
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("an error status wins over an encoding of its body",
          "[net][http_client][integration]") {
  played it{response("502 Bad", "\x1f\x8b", "Content-Encoding: gzip\r\n")};
  CHECK(it.status_text() == "HTTP 502 from " + it.request.url);
}

TEST_CASE("a redirection is not followed", "[net][http_client][integration]") {
  fake_server target{{answer(response("200 OK", "there"))}};
  played it{response("302 Found", "", "Location: " + target.url() + "\r\n")};
  CHECK(it.status_text() == "HTTP 302 from " + it.request.url);
  CHECK(target.connection_count() == 0);
}

TEST_CASE("a change of protocol nobody asked for is a failure",
          "[net][http_client][integration]") {
  played it{head("101 Switching Protocols", "Upgrade: x\r\n")};
  CHECK(it.status_text() == "HTTP 101 from " + it.request.url);
}

TEST_CASE("a long request may be refused before it is read",
          "[net][http_client][integration]") {
  fake_server server{{[](fake_peer& peer) {
    peer.write(response("413 Too Large", "enough", "Connection: close\r\n"));
    peer.wait_for_close();
  }}};
  http_request request{.url = server.url(),
                       .body = std::string(8'000'000, 'x')};
  auto result = exchange(*make_client(), request);
  REQUIRE(result);
  CHECK(failure_of(status_error(request, *result)).text
        == "HTTP 413 from " + server.url() + ": enough");
}

// -- in the tree ---------------------------------------------------------------

TEST_CASE("a client stands in a runtime's tree while it lives",
          "[net][http_client][integration]") {
  // Other tests may have left clients of theirs.
  runtime rt;
  auto seen = [&rt](std::string_view line) {
    auto tree = to_string(rt.tree());
    size_t result = 0;
    for (auto i = tree.find(line); i != std::string::npos;
         i = tree.find(line, i + 1))
      ++result;
    return result;
  };
  const auto idle = seen("  http: worker, terminated\n");
  const auto busy = seen("  http: worker, running\n");
  auto client = make_client();
  CHECK(seen("  http: worker, terminated\n") == idle + 1);
  fake_server server{{answer(response("200 OK", "yes"))}};
  CHECK(exchange(*client, {.url = server.url()}));
  CHECK(seen("  http: worker, terminated\n") == idle);
  CHECK(seen("  http: worker, running\n") == busy + 1);
  client.reset();
  CHECK(seen("  http: worker, running\n") == busy);
}
