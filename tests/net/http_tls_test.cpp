// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/test_certificate.hpp"
#include <cosmo/net/http_client.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <stdlib.h>

#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::StartsWith;

namespace {

const std::string ok = response("200 OK", "ok");

std::string by_name(const fake_server& server) {
  return "https://localhost:" + std::to_string(server.port()) + "/";
}

failure tls_failure(const std::string& host, const fake_server& server,
                    const std::string& reason) {
  return {ec::tls_failed, "TLS error with " + host + ":"
                            + std::to_string(server.port()) + ": " + reason};
}

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
  auto client = make_client({.ca_file = certificate.file()});
  SECTION("by its name, which is sent as SNI") {
    REQUIRE(exchange(*client, {.url = by_name(server)}));
    REQUIRE(exchange(*client, {.url = by_name(server)}));
    client.reset();
    REQUIRE(server.wait_for_ended(1));
    CHECK(name == "localhost");
  }
  SECTION("by its address, which is not") {
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
  auto result = exchange(*make_client(), {.url = by_name(server)});
  ::unsetenv("SSL_CERT_FILE");
  CHECK(result);
}

TEST_CASE("a certificate nobody vouches for is refused",
          "[net][tls][integration]") {
  test_certificate certificate;
  fake_server server{{answer(ok)}, &certificate.server_context()};
  auto result = exchange(*make_client(), {.url = by_name(server)});
  CHECK(failure_of(result)
        == tls_failure("localhost", server, "self-signed certificate"));
}

TEST_CASE("a certificate for another host is refused",
          "[net][tls][integration]") {
  test_certificate certificate{{.names = "DNS:other.example,IP:127.0.0.2"}};
  fake_server server{{answer(ok)}, &certificate.server_context()};
  auto client = make_client({.ca_file = certificate.file()});
  SECTION("by name") {
    auto result = exchange(*client, {.url = by_name(server)});
    CHECK(failure_of(result)
          == tls_failure("localhost", server, "hostname mismatch"));
  }
  SECTION("by address") {
    auto result = exchange(*client, {.url = server.url()});
    CHECK(failure_of(result)
          == tls_failure("127.0.0.1", server, "IP address mismatch"));
  }
}

TEST_CASE("an expired certificate is refused", "[net][tls][integration]") {
  test_certificate certificate{{.is_expired = true}};
  fake_server server{{answer(ok)}, &certificate.server_context()};
  auto client = make_client({.ca_file = certificate.file()});
  auto result = exchange(*client, {.url = by_name(server)});
  CHECK(failure_of(result)
        == tls_failure("localhost", server, "certificate has expired"));
}

TEST_CASE("a server that does not speak TLS is a TLS error",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.write("HTTP/1.1 200 OK"); }}};
  auto result = exchange(*make_client(), {.url = by_name(server)});
  auto [code, text] = failure_of(result);
  CHECK(code == ec::tls_failed);
  CHECK_THAT(text, StartsWith("TLS error with localhost:"
                              + std::to_string(server.port()) + ": "));
}

TEST_CASE("a handshake that is broken off is a TLS error",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer&) {}}};
  auto result = exchange(*make_client(), {.url = by_name(server)});
  CHECK(failure_of(result).code == ec::tls_failed);
}

TEST_CASE("a silent handshake runs into the deadline",
          "[net][tls][integration]") {
  fake_server server{{[](fake_peer& peer) { peer.wait_for_close(); }}};
  auto client = make_client();
  auto result = exchange(*client, {.url = by_name(server),
                                   .timeout = std::chrono::milliseconds{200}});
  CHECK(failure_of(result)
        == failure{ec::timeout,
                   "request to " + by_name(server) + " timed out after 0.2 s"});
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
  auto pending = start(*client, {.url = by_name(server)}, stop.get_token());
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
