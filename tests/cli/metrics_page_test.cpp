// SPDX-License-Identifier: Apache-2.0
#include "metrics_page.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace cosmo;
using namespace cosmo::cli;

TEST_CASE("the counts of a bus are in the format of Prometheus",
          "[cli][metrics]") {
  const auto text = metrics_text({.connections = 3,
                                  .subscriptions = 4,
                                  .name_spaces = 5,
                                  .signals_received = 6,
                                  .signals_sent = 7,
                                  .signals_withheld = 8,
                                  .lines_refused = 9,
                                  .slow_consumers = 10});
  CHECK(text.starts_with("# HELP cosmo_connections Clients that are "
                         "connected.\n"
                         "# TYPE cosmo_connections gauge\n"
                         "cosmo_connections 3\n"));
  for (const auto* line :
       {"\ncosmo_subscriptions 4\n", "\ncosmo_namespaces 5\n",
        "\n# TYPE cosmo_signals_received_total counter\n"
        "cosmo_signals_received_total 6\n",
        "\ncosmo_signals_sent_total 7\n", "\ncosmo_signals_withheld_total 8\n",
        "\ncosmo_lines_refused_total 9\n", "\ncosmo_slow_consumers_total 10\n"})
    CHECK(text.find(line) != text.npos);
  CHECK(text.ends_with("\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 24);
}

TEST_CASE("the page is there where it is wanted", "[cli][metrics]") {
  auto bus = net::wire_server::open({.port = 0});
  REQUIRE(bus);
  auto none = serve_metrics({}, *bus);
  REQUIRE(none);
  CHECK(*none == nullptr);
  auto server = serve_metrics(0, *bus);
  REQUIRE(server);
  auto taken = serve_metrics((*server)->port(), *bus);
  REQUIRE(!taken);
  CHECK(taken.error() == ec::bind_failed);
}
