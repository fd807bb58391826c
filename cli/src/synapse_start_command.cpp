// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "commands.hpp"
#include "log_lines.hpp"
#include "management.hpp"
#include "metrics_page.hpp"
#include "signal_line.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>
#include <cosmo/log.hpp>
#include <cosmo/net/wire_server.hpp>

#include <atomic>
#include <memory>
#include <ostream>
#include <sys/resource.h>

namespace cosmo::cli {

namespace {

constexpr std::string_view component = "cli.synapse";

struct start_options {
  std::string transport;
  std::string name_space = "dev";
  std::string host{net::wire_host_default};
  uint16_t port = net::wire_port_default;
  std::string broker;
  bool is_quiet = false;
  size_t peer_line_limit = 65'536;
  size_t line_max = 16'777'216;
  std::optional<uint16_t> metrics_port;
  std::string log_format = "text";
};

net::wire_server_options server_options(const start_options& options) {
  return {.address = options.host == "localhost" ? "127.0.0.1" : options.host,
          .port = options.port,
          .line_bytes_max = options.line_max,
          .peer_line_bytes_max = options.peer_line_limit};
}

void print_banner(const std::string& url, const std::string& metrics_url,
                  const start_options& options, const console& con) {
  con.out() << con.paint("1", "cosmo synapse") << '\n'
            << con.rule() << '\n'
            << "  URL:        " << url << '\n'
            << "  Namespace:  " << options.name_space << '\n'
            << "  Transport:  " << options.transport << '\n';
  if (!metrics_url.empty())
    con.out() << "  Metrics:    " << metrics_url << '\n';
  con.out() << '\n'
            << "  Connect:    " << url << " from any process, or\n"
            << "              cosmo doppler --prism --url=" << url << " -n "
            << options.name_space << '\n'
            << "  Stop:       Ctrl-C\n"
            << con.rule() << '\n'
            << std::flush;
}

std::string url_of(const std::shared_ptr<net::http_server>& metrics) {
  return metrics
           ? "http://127.0.0.1:" + std::to_string(metrics->port()) + "/metrics"
           : std::string{};
}

/// One line for each Signal, until it is over. What cannot be read is left out.
void print_traffic(frame_feed& feed, const console& con) {
  const auto outside = world::real();
  while (const auto next = feed.take()) {
    if (const auto sig = decode(next->frame, outside))
      con.out() << bus_line(*sig, next->subject, con) << '\n';
    // Before we wait.
    if (feed.empty())
      con.out().flush();
  }
}

/// As many clients as the system lets us have; a shell gives 1,024 files.
void allow_many_connections() {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// The bus itself must not wait for a terminal: what is too much for that is
/// counted instead.
exit_code start_memory(const start_options& options, const console& con) {
  const log_lines logging{con, options.log_format == "json" ? log_format::json
                                                            : log_format::text};
  const auto feed = std::make_shared<frame_feed>();
  const auto signals = std::make_shared<std::atomic<uint64_t>>(0);
  const auto prefix = "cosmonapse." + options.name_space + '.';
  auto observe = [=, prints = !options.is_quiet](std::string_view subject,
                                                 std::string_view frame) {
    if (subject.starts_with(prefix))
      ++*signals;
    if (prints)
      feed->offer(subject, frame);
  };
  const auto watching = con.on_interrupt([feed] { feed->interrupt(); });
  if (check(server_options(options)))
    return con.refuse("--host must be an address of this machine, or "
                      "localhost, and not '"
                      + options.host + "'");
  const auto server = net::wire_server::open(server_options(options), observe);
  if (!server)
    return con.fail(message_of(server.error()));
  net::wire_client_events events;
  events.on_lost
    = [feed](const caf::error& why) { feed->fail(message_of(why)); };
  events.on_name_space_stopping
    = [feed, mine = options.name_space](std::string_view name) {
        if (name == mine)
          feed->interrupt();
      };
  const auto& url = (*server)->url();
  const auto owner = net::wire_client::connect(url, {}, std::move(events));
  if (!owner)
    return con.fail(message_of(owner.error()));
  const auto registered = manage(**owner,
                                 {{"op", "ns_register"},
                                  {"namespace", options.name_space},
                                  {"transport", options.transport}},
                                 "ns_registered");
  if (!registered)
    return con.fail(message_of(registered.error()));
  const auto metrics = serve_metrics(options.metrics_port, *server);
  if (!metrics)
    return con.fail(message_of(metrics.error()));
  if (!options.is_quiet)
    print_banner(url, url_of(*metrics), options, con);
  log::write(log::level::info, component, "started", url);
  print_traffic(*feed, con);
  log::write(log::level::info, component, "stopped",
             std::to_string(signals->load()) + " Signals");
  if (const auto why = feed->fault(); why && !feed->interrupted())
    return con.fail(*why);
  if (options.is_quiet)
    return exit_code::success;
  if (const auto dropped = feed->dropped(); dropped > 0)
    con.out() << "  " << dropped << " Signals came too fast to be shown\n";
  con.out() << con.rule()
            << "\nSynapse stopped  namespace=" << options.name_space
            << "  signals=" << signals->load() << '\n';
  return exit_code::success;
}

exit_code start(const start_options& options, const console& con) {
  if (options.transport != "memory")
    return con.fail(without_transport(options.transport));
  allow_many_connections();
  return start_memory(options, con);
}

} // namespace

void add_synapse_start(command_line& line, CLI::App& group) {
  auto options = std::make_shared<start_options>();
  auto& command = *group.add_subcommand("start", "Run a bus");
  one_of(command.add_option("TRANSPORT", options->transport, "Kind of bus"),
         {"memory", "nats", "kafka"})
    ->required();
  add_name_space_option(command, options->name_space);
  command.add_option("--host", options->host, "Address to listen on")
    ->type_name("HOST");
  command.add_option("--port", options->port, "Port, 0 for any that is free")
    ->type_name("PORT");
  command.add_option("--broker", options->broker, "Broker, for nats and kafka")
    ->type_name("URL");
  command.add_flag("--quiet", options->is_quiet, "Print nothing but errors");
  within(command.add_option("--peer-line-limit", options->peer_line_limit,
                            "Bytes of a line for clients that announce no "
                            "limit"),
         1024, 64 * 1024 * 1024)
    ->type_name("BYTES");
  within(command.add_option("--max-line", options->line_max,
                            "Bytes of a line that is taken"),
         1024, 1024 * 1024 * 1024)
    ->type_name("BYTES");
  command
    .add_option("--metrics-port", options->metrics_port,
                "Serve /metrics for Prometheus on this port")
    ->type_name("PORT");
  one_of(command.add_option("--log-format", options->log_format,
                            "How log lines look, on standard error"),
         {"text", "json"});
  line.on(command,
          [options](const console& con) { return start(*options, con); });
}

} // namespace cosmo::cli
