// SPDX-License-Identifier: Apache-2.0
#include "mcp_session.hpp"

#include "support/http_exchange.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

using texts = std::vector<std::string>;

const std::string welcome
  = R"({"id":1,"result":{"protocolVersion":"2025-06-18"}})";

const std::string hello_sent
  = R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
    R"({"protocolVersion":"2025-06-18","capabilities":{},)"
    R"("clientInfo":{"name":"cosmonapse","version":"0.2.0"}}})";

const std::string confirmation_sent
  = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

std::string call_sent(int id, const std::string& tool) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
         + R"(,"method":"tools/call","params":{"name":")" + tool
         + R"(","arguments":{}}})";
}

std::string cancel_sent(int id, const std::string& reason) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":)"
         + std::to_string(id) + R"(,"reason":")" + reason + "\"}}";
}

/// The server's end, played by the test.
class scripted_transport : public mcp_transport {
public:
  void open(events handlers) override {
    server = std::move(handlers);
    if (cannot_open)
      server.ended(make_error(ec::process_exited, "cannot start"));
  }

  void send(outgoing what) override {
    sent.push_back(std::move(what.message));
    if (what.failed)
      fail_request = std::move(what.failed);
  }

  void abandon() override {
    ++abandoned;
  }

  void negotiated(std::string chosen) override {
    version = std::move(chosen);
  }

  void close() override {
    ++closed;
  }

  events server;
  bool cannot_open = false;
  texts sent;
  std::function<void(caf::error, call_outcome)> fail_request;
  int abandoned = 0;
  int closed = 0;
  std::string version;
};

class outcome : public neuron_promise::state {
public:
  void complete(caf::expected<json> given) override {
    results.push_back(std::move(given));
  }

  std::vector<caf::expected<json>> results;
};

struct asked {
  mcp_job_ptr job;
  std::shared_ptr<outcome> answer = std::make_shared<outcome>();

  bool is_open() const {
    return answer->results.empty();
  }

  json result() const {
    REQUIRE(answer->results.size() == 1);
    REQUIRE(answer->results[0]);
    return *answer->results[0];
  }

  failure refusal() const {
    REQUIRE(answer->results.size() == 1);
    return failure_of(answer->results[0]);
  }
};

struct session_bed {
  explicit session_bed(mcp_session_settings with = {}) {
    session = std::make_shared<mcp_session>(
      context, server, std::make_shared<const mcp_session_settings>(with),
      [this](std::deque<mcp_job_ptr> jobs) { again = std::move(jobs); });
  }

  /// Submits a call of the tool.
  asked ask(const std::string& tool) {
    asked result;
    auto settings = std::make_shared<const mcp_call_settings>(
      mcp_call_settings{{}, json::object()});
    result.job = std::make_shared<mcp_job>(mcp_call{settings, {{"tool", tool}}},
                                           neuron_promise{result.answer});
    session->submit(result.job);
    return result;
  }

  void say(std::string_view message) {
    server->server.received(message);
    settle();
  }

  void answer(int id, const std::string& text = "ok") {
    say(R"({"id":)" + std::to_string(id)
        + R"(,"result":{"content":[{"type":"text","text":")" + text + "\"}]}}");
  }

  void be_ready() {
    session->start();
    say(welcome);
    server->sent.clear();
  }

  void settle() {
    context.restart();
    context.poll();
  }

  /// Runs until no timer is left.
  void run_timers() {
    context.restart();
    context.run_for(patience);
  }

  boost::asio::io_context context;
  std::shared_ptr<scripted_transport> server
    = std::make_shared<scripted_transport>();
  std::shared_ptr<mcp_session> session;
  std::deque<mcp_job_ptr> again;
};

} // namespace

TEST_CASE("requests wait for the handshake", "[net][mcp]") {
  session_bed bed;
  bed.session->start();
  auto call = bed.ask("t");
  CHECK(bed.server->sent == texts{hello_sent});
  bed.say(welcome);
  CHECK(bed.server->sent
        == texts{hello_sent, confirmation_sent, call_sent(2, "t")});
  CHECK(bed.server->version == "2025-06-18");
  bed.answer(2, "done");
  CHECK(call.result()["response"] == "done");
}

TEST_CASE("requests are served one at a time, in order", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  auto third = bed.ask("c");
  CHECK(bed.server->sent == texts{call_sent(2, "a")});
  bed.answer(2, "1");
  CHECK(bed.server->sent == texts{call_sent(2, "a"), call_sent(3, "b")});
  CHECK(first.result()["response"] == "1");
  CHECK(second.is_open());
  bed.answer(3, "2");
  bed.answer(4, "3");
  CHECK(second.result()["response"] == "2");
  CHECK(third.result()["response"] == "3");
}

TEST_CASE("an input that cannot be served does not hold up the others",
          "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto slow = bed.ask("slow");
  std::vector<asked> bad;
  for (int i = 0; i < 20'000; ++i)
    bad.push_back(bed.ask("\xFF"));
  auto good = bed.ask("good");
  bed.answer(2);
  CHECK(slow.result()["response"] == "ok");
  CHECK(bad.front().refusal().code == ec::bad_input);
  CHECK(bad.back().refusal().code == ec::bad_input);
  bed.answer(3);
  CHECK(good.result()["response"] == "ok");
}

TEST_CASE("the server's own requests are answered meanwhile", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto call = bed.ask("t");
  bed.say(R"({"jsonrpc":"2.0","id":9,"method":"ping"})");
  CHECK(bed.server->sent
        == texts{call_sent(2, "t"), R"({"jsonrpc":"2.0","id":9,"result":{}})"});
  CHECK(call.is_open());
}

// -- cancellation -------------------------------------------------------------

TEST_CASE("a cancelled call tells the server and lets the next one through",
          "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  first.job->cancel();
  bed.settle();
  CHECK(first.refusal().code == ec::cancelled);
  CHECK(bed.server->abandoned == 1);
  CHECK(bed.server->sent
        == texts{call_sent(2, "a"),
                 cancel_sent(2, "the call of the MCP server was cancelled"),
                 call_sent(3, "b")});
  bed.answer(2, "late");
  CHECK(second.is_open());
  bed.answer(3, "mine");
  CHECK(second.result()["response"] == "mine");
}

TEST_CASE("a call cancelled in the queue never reaches the server",
          "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  auto third = bed.ask("c");
  second.job->cancel();
  CHECK(second.refusal().code == ec::cancelled);
  bed.answer(2);
  CHECK(bed.server->sent == texts{call_sent(2, "a"), call_sent(3, "c")});
}

TEST_CASE("a call cancelled during the start leaves the start alone",
          "[net][mcp]") {
  session_bed bed;
  bed.session->start();
  auto call = bed.ask("a");
  call.job->cancel();
  CHECK(call.refusal().code == ec::cancelled);
  CHECK(bed.server->sent == texts{hello_sent});
  bed.say(welcome);
  CHECK(bed.server->sent == texts{hello_sent, confirmation_sent});
  CHECK(bed.server->closed == 0);
}

TEST_CASE("a call cancelled after its answer stays as it was", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto call = bed.ask("a");
  bed.answer(2);
  call.job->cancel();
  CHECK(call.result()["response"] == "ok");
  CHECK(bed.server->sent == texts{call_sent(2, "a")});
}

// -- time ---------------------------------------------------------------------

TEST_CASE("a server that does not start in time fails all who wait",
          "[net][mcp]") {
  session_bed bed{{.startup_timeout = 0.02s}};
  bed.session->start();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  bed.run_timers();
  failure expected{ec::timeout, "the MCP server did not start within 0.02 s"};
  CHECK(first.refusal() == expected);
  CHECK(second.refusal() == expected);
  CHECK(bed.server->closed == 1);
  CHECK_FALSE(bed.session->is_open());
}

TEST_CASE("a request that takes too long is given up, the next one is not",
          "[net][mcp]") {
  session_bed bed{{.timeout = 0.02s}};
  bed.be_ready();
  auto first = bed.ask("a");
  bed.run_timers();
  auto text = "the MCP server did not answer tools/call within 0.02 s";
  CHECK(first.refusal() == failure{ec::timeout, text});
  CHECK(bed.server->sent == texts{call_sent(2, "a"), cancel_sent(2, text)});
  CHECK(bed.session->is_open());
  auto second = bed.ask("b");
  bed.answer(2, "late");
  bed.answer(3, "mine");
  CHECK(second.result()["response"] == "mine");
}

TEST_CASE("without a timeout a request has no timer", "[net][mcp]") {
  session_bed bed{{.timeout = 0s}};
  bed.be_ready();
  auto call = bed.ask("a");
  bed.run_timers();
  CHECK(call.is_open());
}

// -- the server's end ---------------------------------------------------------

TEST_CASE("a server's end fails the call under way and all that wait",
          "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  bed.server->server.ended(
    make_error(ec::process_exited, "MCP server exited with status 3"));
  failure expected{ec::process_exited, "MCP server exited with status 3"};
  CHECK(first.refusal() == expected);
  CHECK(second.refusal() == expected);
  CHECK_FALSE(bed.session->is_open());
  CHECK(bed.again.empty());
}

TEST_CASE("a server that cannot be started fails whoever waits", "[net][mcp]") {
  session_bed bed;
  bed.server->cannot_open = true;
  auto call = bed.ask("a");
  bed.session->start();
  CHECK(call.refusal() == failure{ec::process_exited, "cannot start"});
  CHECK(bed.server->sent.empty());
}

TEST_CASE("a refused handshake ends the session", "[net][mcp]") {
  session_bed bed;
  bed.session->start();
  auto call = bed.ask("a");
  bed.say(R"({"id":1,"result":{"protocolVersion":"1999-01-01"}})");
  CHECK(call.refusal().code == ec::bad_response);
  CHECK_THAT(call.refusal().text, ContainsSubstring("1999-01-01"));
  CHECK(bed.server->closed == 1);
}

TEST_CASE("a handshake that cannot be answered ends the session",
          "[net][mcp]") {
  session_bed bed;
  bed.session->start();
  auto call = bed.ask("a");
  bed.server->fail_request(make_error(ec::http_status, "HTTP 500"),
                           call_outcome::failure);
  CHECK(call.refusal() == failure{ec::http_status, "HTTP 500"});
  CHECK_FALSE(bed.session->is_open());
}

TEST_CASE("one lost answer is no reason to end", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto lost = bed.server->fail_request;
  auto second = bed.ask("b");
  lost(make_error(ec::connection_lost, "lost"), call_outcome::failure);
  bed.settle();
  CHECK(first.refusal() == failure{ec::connection_lost, "lost"});
  SECTION("and what is said about it later does not count") {
    lost(make_error(ec::connection_lost, "lost again"), call_outcome::failure);
    bed.answer(3);
    CHECK(second.result()["response"] == "ok");
  }
}

TEST_CASE("no error shows a secret", "[net][mcp]") {
  session_bed bed{{.secrets = {"s3cret"}}};
  bed.be_ready();
  auto call = bed.ask("a");
  bed.say(R"({"id":2,"error":{"message":"bad key s3cret"}})");
  CHECK(call.refusal() == failure{ec::rpc_error, "bad key ***"});
}

TEST_CASE("a server that has forgotten us gives the calls back, once",
          "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  auto gone = make_error(ec::http_status, "HTTP 404");
  bed.server->server.forgotten(gone);
  CHECK(bed.again == std::deque<mcp_job_ptr>{first.job, second.job});
  CHECK(first.is_open());
  session_bed next;
  next.be_ready();
  for (auto& job : bed.again)
    next.session->submit(job);
  CHECK(next.server->sent == texts{call_sent(2, "a")});
  next.server->server.forgotten(gone);
  CHECK(next.again.empty());
  CHECK(first.refusal() == failure{ec::http_status, "HTTP 404"});
}

// -- our end ------------------------------------------------------------------

TEST_CASE("closing serves what was asked before", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  auto first = bed.ask("a");
  auto second = bed.ask("b");
  bed.session->close();
  CHECK_FALSE(bed.session->is_open());
  bed.answer(2);
  CHECK(bed.server->closed == 0);
  bed.answer(3);
  CHECK(second.result()["response"] == "ok");
  CHECK(bed.server->closed == 1);
}

TEST_CASE("closing during the start serves what was asked before",
          "[net][mcp]") {
  session_bed bed;
  bed.session->start();
  auto call = bed.ask("a");
  bed.session->close();
  CHECK(bed.server->closed == 0);
  bed.say(welcome);
  bed.answer(2);
  CHECK(call.result()["response"] == "ok");
  CHECK(bed.server->closed == 1);
}

TEST_CASE("closing does not wait for ever", "[net][mcp]") {
  session_bed bed{{.timeout = 0s, .drain_time = 20ms}};
  bed.be_ready();
  auto call = bed.ask("a");
  bed.session->close();
  bed.session->close();
  bed.run_timers();
  CHECK(call.refusal().code == ec::cancelled);
  CHECK(bed.server->closed == 1);
}

TEST_CASE("closing without work ends at once", "[net][mcp]") {
  session_bed bed;
  bed.be_ready();
  bed.session->close();
  CHECK(bed.server->closed == 1);
  bed.session->end(make_error(ec::cancelled, "gone"), call_outcome::nothing);
  CHECK(bed.server->closed == 1);
}
