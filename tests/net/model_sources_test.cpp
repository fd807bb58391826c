// SPDX-License-Identifier: Apache-2.0
#include "support/model_sources.hpp"

#include "support/fake_server.hpp"
#include "support/http_exchange.hpp"
#include "support/neuron_run.hpp"
#include "support/test_certificate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <latch>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

/// Every test below runs once for each source.
model_source any_source() {
  return GENERATE(from_range(model_sources()));
}

std::string origin_of(const fake_server& server) {
  return "http://" + server.authority();
}

/// What comes of a server that answers one request with `bytes`.
struct asked {
  asked(const model_source& source, std::string bytes,
        const json& options = json::object())
    : server{{answer(std::move(bytes), &requests)}},
      url{origin_of(server) + source.path},
      result{run_neuron(make_neuron(source, origin_of(server), options),
                        source.input)} {
    // nop
  }

  std::vector<std::string> requests;
  fake_server server;
  std::string url;
  caf::expected<json> result;
};

} // namespace

TEST_CASE("every source asks and reads as its fixture prescribes",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  asked it{source, response("200 OK", source.reply_body)};
  REQUIRE(it.result);
  CHECK(*it.result
        == json{{"response", source.response},
                {"meta", json::parse(source.reply_body)}});
  REQUIRE(it.server.connection_count() == 1);
  REQUIRE(it.requests.size() == 1);
  auto& request = it.requests[0];
  CHECK_THAT(request, StartsWith("POST " + source.path + " HTTP/1.1\r\n"));
  CHECK_THAT(request, ContainsSubstring("\r\nContent-Type: application/json"));
  for (auto& field : source.fields)
    CHECK_THAT(request, ContainsSubstring("\r\n" + field + "\r\n"));
  if (source.fields.empty())
    CHECK_THAT(request, !ContainsSubstring("Authorization"));
  CHECK_THAT(request, EndsWith("\r\n\r\n" + source.request_body));
}

TEST_CASE("an error status fails every source with the beginning of the body",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  SECTION("a provider's own words") {
    asked it{source, response("401 No", R"({"error":"no such key"})")};
    CHECK(failure_of(it.result)
          == failure{ec::http_status, "HTTP 401 from " + it.url
                                        + R"(: {"error":"no such key"})"});
  }
  SECTION("a rate limit, which is not tried again") {
    asked it{source, response("429 Slow", "wait", "Retry-After: 0\r\n")};
    CHECK(failure_of(it.result).text == "HTTP 429 from " + it.url + ": wait");
    CHECK(it.server.connection_count() == 1);
    CHECK(it.requests.size() == 1);
  }
  SECTION("a page of a proxy") {
    asked it{source, response("500 Oops", "<html>" + std::string(300, 'x'))};
    CHECK(failure_of(it.result).text
          == "HTTP 500 from " + it.url + ": <html>" + std::string(194, 'x'));
  }
  SECTION("nothing") {
    asked it{source, response("529 Overloaded", "")};
    CHECK(failure_of(it.result).text == "HTTP 529 from " + it.url);
  }
  SECTION("a redirection, which is not followed") {
    fake_server target{{answer(response("200 OK", "{}"))}};
    asked it{source,
             response("302 Found", "", "Location: " + target.url() + "\r\n")};
    CHECK(failure_of(it.result).text == "HTTP 302 from " + it.url);
    CHECK(target.connection_count() == 0);
  }
}

TEST_CASE("a reply that is none fails every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  SECTION("not JSON") {
    auto body = GENERATE("not json", "<html></html>", "{\"half\":", "");
    asked it{source, response("200 OK", body)};
    CHECK(failure_of(it.result).code == ec::malformed_json);
    CHECK_THAT(failure_of(it.result).text,
               StartsWith("invalid JSON from " + it.url + ": "));
  }
  SECTION("no object") {
    auto body = GENERATE("[]", "null", "\"text\"");
    asked it{source, response("200 OK", body)};
    CHECK(failure_of(it.result)
          == failure{ec::bad_response, "unexpected JSON from " + it.url});
  }
  SECTION("an error in a good status") {
    asked it{source,
             response("200 OK", R"({"error":{"code":502,"message":)"
                                R"("upstream provider failed"},"id":"u"})")};
    CHECK(failure_of(it.result)
          == failure{ec::bad_response, "upstream provider failed"});
  }
  SECTION("too much of it") {
    asked it{source,
             response("200 OK", source.reply_body),
             {{"max_response_bytes", 10}}};
    CHECK(failure_of(it.result)
          == failure{ec::too_large, "response from " + it.url + " too large"});
  }
}

TEST_CASE("a reply without a text is an empty text for every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto body = GENERATE(R"({})", R"({"choices":[],"content":[],"message":{}})",
                       R"({"choices":[{"message":{"content":null}}],)"
                       R"("content":null,"message":{"content":null}})",
                       R"({"choices":7,"content":7,"message":7})");
  asked it{source, response("200 OK", body)};
  REQUIRE(it.result);
  CHECK(*it.result == json{{"response", ""}, {"meta", json::parse(body)}});
}

TEST_CASE("a connection that breaks fails every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto lost = [&](auto give_up) {
    fake_server server{{[&](fake_peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half");
      give_up(peer);
    }}};
    auto result
      = run_neuron(make_neuron(source, origin_of(server)), source.input);
    auto [code, text] = failure_of(result);
    CHECK(code == ec::connection_lost);
    CHECK_THAT(text,
               StartsWith("connection to " + server.authority() + " lost: "));
    CHECK(server.connection_count() == 1);
  };
  SECTION("by its end") {
    lost([](fake_peer& peer) { peer.close(); });
  }
  SECTION("by a reset") {
    lost([](fake_peer& peer) { peer.reset(); });
  }
}

TEST_CASE("a server nobody started fails every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto authority = "127.0.0.1:" + std::to_string(unused_port());
  CHECK(failure_of(
          run_neuron(make_neuron(source, "http://" + authority), source.input))
        == failure{ec::connect_failed,
                   "cannot connect to " + authority + ": Connection refused"});
}

TEST_CASE("a slow server runs into the timeout of every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto first_bytes
    = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  fake_server server{{[&](fake_peer& peer) {
    peer.read_request();
    peer.write(first_bytes);
    peer.wait_for_close();
  }}};
  auto neuron = make_neuron(source, origin_of(server), {{"timeout", 0.2}});
  CHECK(failure_of(run_neuron(neuron, source.input))
        == failure{ec::timeout, "request to " + origin_of(server) + source.path
                                  + " timed out after 0.2 s"});
  CHECK(server.wait_for_all_ended());
}

TEST_CASE("cancelling a TASK closes the socket of every source",
          "[net][model_sources][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  std::latch arrived{1};
  fake_server server{{[&](fake_peer& peer) {
    peer.read_request();
    arrived.count_down();
    peer.wait_for_close();
  }}};
  auto neuron = make_neuron(source, origin_of(server));
  std::stop_source stop;
  auto pending = start_neuron(neuron, source.input, stop.get_token());
  arrived.wait();
  stop.request_stop();
  REQUIRE(pending.wait_for(patience) == std::future_status::ready);
  CHECK(failure_of(pending.get()).code == ec::cancelled);
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("every source trusts the certificates of its ca_file, and no others",
          "[net][model_sources][tls][integration]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto asked_with = [&](const certificate_options& kind, bool is_trusted) {
    test_certificate certificate{kind};
    fake_server server{{answer(response("200 OK", source.reply_body))},
                       &certificate.server_context()};
    auto options
      = is_trusted ? json{{"ca_file", certificate.file()}} : json::object();
    auto neuron = make_neuron(source, "https://" + server.authority(), options);
    return run_neuron(neuron, source.input);
  };
  SECTION("a private authority") {
    CHECK(asked_with({}, true));
    CHECK(failure_of(asked_with({}, false)).code == ec::tls_failed);
  }
  SECTION("a certificate for another host") {
    auto [code, text]
      = failure_of(asked_with({.names = "DNS:other.example"}, true));
    CHECK(code == ec::tls_failed);
    CHECK_THAT(text, EndsWith("IP address mismatch"));
  }
  SECTION("an expired certificate") {
    auto [code, text] = failure_of(asked_with({.is_expired = true}, true));
    CHECK(code == ec::tls_failed);
    CHECK_THAT(text, EndsWith("certificate has expired"));
  }
}

TEST_CASE("no source says its key in a failure",
          "[net][model_sources][integration]") {
  auto has_key
    = [](const model_source& x) { return x.options.contains("api_key"); };
  auto source = GENERATE_REF(filter(has_key, from_range(model_sources())));
  CAPTURE(source.name);
  auto status = GENERATE("200 OK", "401 No");
  asked it{source,
           response(status, R"({"error":"bad key s3cret, s3cret!"})"),
           {{"api_key", "s3cret"}}};
  CHECK_THAT(failure_of(it.result).text, !ContainsSubstring("s3cret"));
  CHECK_THAT(failure_of(it.result).text, ContainsSubstring("***, ***!"));
}

TEST_CASE("no source sends an input that holds nothing for a model",
          "[net][model_sources]") {
  auto source = any_source();
  CAPTURE(source.name);
  auto neuron
    = make_neuron(source, "http://127.0.0.1:" + std::to_string(unused_port()));
  auto input
    = GENERATE(json::object(), json{{"other", 1}}, json{{"prompt", ""}},
               json{{"messages", "x"}}, json{{"prompt", "\xFF"}});
  CHECK(failure_of(run_neuron(neuron, input)).code == ec::bad_input);
}
