// SPDX-License-Identifier: Apache-2.0
#include "http_resolver.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <latch>

using namespace cosmo::net;
using boost::asio::ip::make_address;
using endpoints = http_resolver::endpoints;

namespace {

endpoints one_address(uint16_t port) {
  return {{make_address("127.0.0.1"), port}};
}

/// Waits for one handler and runs it.
void run_one(boost::asio::io_context& context) {
  auto work = boost::asio::make_work_guard(context);
  context.restart();
  context.run_one();
}

} // namespace

TEST_CASE("requests for the same host share one look-up",
          "[net][http_resolver]") {
  std::atomic<int> lookups = 0;
  boost::asio::io_context context;
  http_resolver resolver{context, [&](const std::string&, uint16_t port) {
                           ++lookups;
                           return one_address(port);
                         }};
  std::vector<endpoints> answers;
  auto keep = [&](const endpoints& found) { answers.push_back(found); };
  resolver.resolve("a", 80, keep);
  resolver.resolve("a", 80, keep);
  run_one(context);
  CHECK(answers == std::vector{one_address(80), one_address(80)});
  CHECK(lookups == 1);
  resolver.resolve("a", 80, keep);
  run_one(context);
  CHECK(lookups == 2);
}

TEST_CASE("a slow name server holds up no other host", "[net][http_resolver]") {
  std::latch go{1};
  boost::asio::io_context context;
  http_resolver resolver{context, [&](const std::string& host, uint16_t port) {
                           if (host == "slow")
                             go.wait();
                           return one_address(port);
                         }};
  std::vector<std::string> order;
  resolver.resolve("slow", 80, [&](auto&) { order.push_back("slow"); });
  resolver.resolve("fast", 80, [&](auto&) { order.push_back("fast"); });
  run_one(context);
  CHECK(order == std::vector<std::string>{"fast"});
  go.count_down();
  run_one(context);
  CHECK(order == std::vector<std::string>{"fast", "slow"});
}

TEST_CASE("a resolver waits for no look-up when it goes away",
          "[net][http_resolver]") {
  // Both outlive the test case's own look-up thread.
  static std::latch go{1};
  static std::latch asked{1};
  bool is_called = false;
  {
    boost::asio::io_context context;
    http_resolver resolver{context, [](const std::string&, uint16_t port) {
                             asked.count_down();
                             go.wait();
                             return one_address(port);
                           }};
    resolver.resolve("slow", 80, [&](auto&) { is_called = true; });
    asked.wait();
  }
  go.count_down();
  CHECK_FALSE(is_called);
}
