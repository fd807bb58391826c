// SPDX-License-Identifier: Apache-2.0
#include "metrics_page.hpp"

#include <utility>

namespace cosmo::cli {

namespace {

void add(std::string& out, std::string_view name, std::string_view type,
         std::string_view help, uint64_t value) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

} // namespace

std::string metrics_text(const net::wire_server_stats& stats) {
  std::string result;
  add(result, "cosmo_connections", "gauge", "Clients that are connected.",
      stats.connections);
  add(result, "cosmo_subscriptions", "gauge", "Subscriptions of all clients.",
      stats.subscriptions);
  add(result, "cosmo_namespaces", "gauge", "Namespaces that are registered.",
      stats.name_spaces);
  add(result, "cosmo_signals_received_total", "counter",
      "Signals that clients have published.", stats.signals_received);
  add(result, "cosmo_signals_sent_total", "counter",
      "Signals that were passed on to subscriptions.", stats.signals_sent);
  add(result, "cosmo_signals_withheld_total", "counter",
      "Signals too long for the client of a subscription.",
      stats.signals_withheld);
  add(result, "cosmo_lines_refused_total", "counter",
      "Lines that were answered with an error.", stats.lines_refused);
  add(result, "cosmo_slow_consumers_total", "counter",
      "Clients disconnected because they did not read.", stats.slow_consumers);
  return result;
}

caf::expected<std::shared_ptr<net::http_server>>
serve_metrics(std::optional<uint16_t> port,
              std::shared_ptr<net::wire_server> bus) {
  if (!port)
    return std::shared_ptr<net::http_server>{};
  auto answer = [bus = std::move(bus)](const net::incoming_request& request,
                                       const net::http_reply& reply) {
    if (request.path() != "/metrics")
      return reply.send({.status = 404, .body = "see /metrics\n"});
    if (request.method != "GET" && request.method != "HEAD")
      return reply.send({.status = 405, .body = "GET only\n"});
    reply.send({.status = 200,
                .fields = {{"Content-Type", "text/plain; version=0.0.4"}},
                .body = metrics_text(bus->stats())});
  };
  return net::http_server::open({.port = *port, .handler_threads_max = 2},
                                std::move(answer));
}

} // namespace cosmo::cli
