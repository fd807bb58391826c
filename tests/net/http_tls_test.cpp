// SPDX-License-Identifier: Apache-2.0
#include "http_call.hpp"
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/test_certificate.hpp"
#include "tls.hpp"
#include <cosmo/net/http_client.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <stdlib.h>

#include <latch>
#include <optional>
#include <stdexcept>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::StartsWith;

namespace {

const std::string ok = response("200 OK", "ok");

/// For servers that do not speak TLS, or not yet.
std::string tls_url(const fake_server& server) {
  return "https://" + server.authority() + "/";
}

failure tls_failure(const fake_server& server, const std::string& reason,
                    const std::string& host = "127.0.0.1") {
  return {ec::tls_failed, "TLS error with " + host + ":"
                            + std::to_string(server.port()) + ": " + reason};
}

/// The inside of a client, for which every host name stands for 127.0.0.1: not
/// even `localhost` is known on every machine. Runs on the caller's thread.
class named_client {
public:
  explicit named_client(const std::string& ca_file)
    : tls_(std::move(*make_tls_context(ca_file))) {
    // nop
  }

  exchange_result exchange(const std::string& host, const fake_server& server) {
    http_request request{.url = "https://" + host + ":"
                                + std::to_string(server.port()) + "/"};
    auto target = *parse_url(request.url);
    std::optional<exchange_result> result;
    std::make_shared<http_call>(
      host_, std::move(request), std::move(target), http_body_taker{},
      [&](exchange_result outcome) { result = std::move(outcome); })
      ->start();
    context_.restart();
    while (!result && context_.run_one_for(patience) > 0)
      ; // nop
    if (!result)
      throw std::runtime_error{"the exchange hangs"};
    return std::move(*result);
  }

private:
  static http_resolver::endpoints loopback(const std::string&, uint16_t port) {
    return {{boost::asio::ip::address_v4::loopback(), port}};
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_
    = boost::asio::make_work_guard(context_);
  std::unique_ptr<boost::asio::ssl::context> tls_;
  http_pool pool_{context_, 1, patience};
  http_resolver resolver_{context_, loopback};
  http_call_host host_{.context = context_,
                       .pool = pool_,
                       .resolver = resolver_,
                       .tls = [this] { return tls_.get(); },
                       .path = std::make_shared<return_path>(context_),
                       .ended = [](http_call&) {}};
};

} // namespace

TEST_CASE("a trusted certificate for the host is accepted",
          "[net][tls][integration]") {
  test_certificate certificate;
  std::string name = "unset";
  fake_server server{{[&](fake_peer& peer) {
                       name = peer.server_name();
                       answer(ok)(peer);
                     }},
                     &certificate.server_context()};
  SECTION("by its name, which is sent as SNI") {
    {
      named_client client{certificate.file()};
      REQUIRE(client.exchange("model.example", server));
      REQUIRE(client.exchange("model.example", server));
    }
    REQUIRE(server.wait_for_ended(1));
    CHECK(name == "model.example");
  }
  SECTION("by its address, which is not") {
    auto client = make_client({.ca_file = certificate.file()});
    REQUIRE(exchange(*client, {.url = server.url()}));
    REQUIRE(exchange(*client, {.url = server.url()}));
    client.reset();
    REQUIRE(server.wait_for_ended(1));
    CHECK(name.empty());
  }
  CHECK(server.connection_count() == 1);
}

TEST_CASE("SSL_CERT_FILE names certificates to trust",
          "[net][tls][integration]") {
  test_certificate certificate;
  fake_server server{{answer(ok)}, &certificate.server_context()};
  ::setenv("SSL_CERT_FILE", certificate.file().c_str(), 1);
  auto result = exchange(*make_client(), {.url = tls_url(server)});
  ::unsetenv("SSL_CERT_FILE");
  CHECK(result);
}

TEST_CASE("a certificate nobody vouches for is refused",
          "[net][tls][integration]") {
  test_certificate certificate;
  fake_server server{{answer(ok)}, &certificate.server_context()};
  auto result = exchange(*make_client(), {.url = tls_url(server)});
  CHECK(failure_of(result) == tls_failure(server, "self-signed certificate"));
}

TEST_CASE("a certificate for another host is refused",
          "[net][tls][integration]") {
  test_certificate certificate{{.names = "DNS:other.example,IP:127.0.0.2"}};
  fake_server server{{answer(ok)}, &certificate.server_context()};
  SECTION("by name") {
    named_client client{certificate.file()};
    CHECK(failure_of(client.exchange("model.example", server))
          == tls_failure(server, "hostname mismatch", "model.example"));
  }
  SECTION("by address") {
    auto client = make_client({.ca_file = certificate.file()});
    CHECK(failure_of(exchange(*client, {.url = server.url()}))
          == tls_failure(server, "IP address mismatch"));
  }
}

TEST_CASE("an expired certificate is refused", "[net][tls][integration]") {
  test_certificate certificate{{.is_expired = true}};
  fake_server server{{answer(ok)}, &certificate.server_context()};
  auto client = make_client({.ca_file = certificate.file()});
  auto result = exchange(*client, {.url = tls_url(server)});
  CHECK(failure_of(result) == tls_failure(server, "certificate has expired"));
}

TEST_CASE("a server that does not speak TLS is a TLS error",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.write("HTTP/1.1 200 OK"); }}};
  auto result = exchange(*make_client(), {.url = tls_url(server)});
  auto [code, text] = failure_of(result);
  CHECK(code == ec::tls_failed);
  CHECK_THAT(text, StartsWith("TLS error with " + server.authority() + ": "));
}

TEST_CASE("a handshake that is broken off is a TLS error",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer&) {}}};
  auto result = exchange(*make_client(), {.url = tls_url(server)});
  CHECK(failure_of(result).code == ec::tls_failed);
}

TEST_CASE("a silent handshake runs into the deadline",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
  auto client = make_client();
  auto result = exchange(*client, {.url = tls_url(server),
                                   .timeout = std::chrono::milliseconds{200}});
  CHECK(failure_of(result)
        == failure{ec::timeout,
                   "request to " + tls_url(server) + " timed out after 0.2 s"});
  CHECK(server.wait_for_all_ended());
}

TEST_CASE("a handshake can be cancelled", "[net][tls][integration]") {
  std::latch arrived{1};
  fake_server server{{[&](fake_peer& peer) {
    // The client has begun to speak as soon as anything can be read.
    arrived.count_down();
    peer.wait_for_close();
  }}};
  auto client = make_client();
  std::stop_source stop;
  auto pending = start(*client, {.url = tls_url(server)}, stop.get_token());
  arrived.wait();
  stop.request_stop();
  CHECK(failure_of(await(std::move(pending))).code == ec::cancelled);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("a body that ends with the connection must end in TLS too",
          "[net][tls][integration]") {
  test_certificate certificate;
  fake_server server{{[](fake_peer& peer) {
                       peer.read_request();
                       peer.write("HTTP/1.1 200 OK\r\n\r\nhalf of it");
                     }},
                     &certificate.server_context()};
  auto client = make_client({.ca_file = certificate.file()});
  auto result = exchange(*client, {.url = server.url()});
  CHECK(failure_of(result)
        == failure{ec::connection_lost, "connection to " + server.authority()
                                          + " lost: closed by the server"});
}

TEST_CASE("a reused TLS connection that breaks is replaced",
          "[net][tls][integration]") {
  test_certificate certificate;
  fake_server server{{[](fake_peer& peer) {
                        peer.read_request();
                        peer.write(ok);
                        peer.read_request();
                      },
                      answer(ok)},
                     &certificate.server_context()};
  auto client = make_client({.ca_file = certificate.file()});
  REQUIRE(exchange(*client, {.url = server.url()}));
  CHECK(exchange(*client, {.url = server.url()}));
  CHECK(server.connection_count() == 2);
}

TEST_CASE("a CA file that cannot be read is a bad configuration",
          "[net][tls]") {
  auto client = http_client::open({.ca_file = "no-such-file.pem"});
  auto [code, text] = failure_of(client);
  CHECK(code == ec::bad_config);
  CHECK_THAT(text, StartsWith("cannot read the certificates of "
                              "'no-such-file.pem': "));
}
