// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include "command_line.hpp"
#include <cosmo/net/bus_url.hpp>
#include <cosmo/net/wire_transport.hpp>
#include <cosmo/subject.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace cosmo::cli {

namespace {

using namespace std::chrono_literals;

/// @source synapse-and-cli.md 9.8
constexpr auto say_time = 10s;

/// Lower case; empty without.
std::string scheme_of(const std::string& url) {
  auto result = url.substr(0, std::min(url.find("://"), url.size()));
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result.size() < url.size() ? result : std::string{};
}

} // namespace

// -- options -----------------------------------------------------------------------

CLI::Option* add_url_option(CLI::App& command, std::string& url) {
  return command.add_option("--url", url, "Bus, as cosmo://127.0.0.1:7070")
    ->type_name("URL");
}

CLI::Option* add_name_space_option(CLI::App& command, std::string& name_space) {
  return command.add_option("--namespace,-n", name_space, "Namespace")
    ->type_name("NS")
    ->check(&wrong_name_space);
}

void add_bus_options(CLI::App& command, bus_options& options) {
  add_url_option(command, options.url)->required();
  options.name_space = "dev";
  add_name_space_option(command, options.name_space);
}

void add_timeout_option(CLI::App& command, double& seconds,
                        const std::string& description) {
  within(command.add_option("--timeout", seconds, description), 0.001, 1e6)
    ->type_name("SECONDS");
}

std::string wrong_name_space(const std::string& text) {
  auto wrong = check_name_space(text);
  return wrong ? message_of(wrong) : std::string{};
}

// -- URLs --------------------------------------------------------------------------

bool is_broker(const std::string& url) {
  const auto scheme = scheme_of(url);
  return scheme == "nats" || scheme == "kafka";
}

std::string unreachable(const std::string& url) {
  const auto scheme = scheme_of(url);
  if (is_broker(url))
    return without_transport(scheme);
  if (!scheme.empty() && scheme != "cosmo")
    return "unknown scheme '" + scheme + "'; known: cosmo, nats, kafka";
  const auto parsed = net::parse_bus_url(url);
  return parsed ? std::string{} : message_of(parsed.error());
}

std::string without_transport(const std::string& scheme) {
  return "this build has no transport for " + scheme + "://";
}

std::string everything_in(const std::string& name_space) {
  return "cosmonapse." + name_space + ".>";
}

// -- connections -------------------------------------------------------------------

exit_code interrupted(const console& con) {
  con.fail("interrupted");
  return exit_code::interrupted;
}

caf::expected<std::shared_ptr<net::wire_client>>
connect(const std::string& url, const std::shared_ptr<frame_feed>& feed) {
  if (auto why = unreachable(url); !why.empty())
    return make_error(ec::bad_argument, why);
  net::wire_client_events events;
  if (feed)
    events.on_lost
      = [feed](const caf::error& why) { feed->fail(message_of(why)); };
  return net::wire_client::connect(url, {}, std::move(events));
}

caf::expected<listener> listen(const std::string& url,
                               const std::string& pattern, const console& con) {
  const auto feed = std::make_shared<frame_feed>();
  auto watching = con.on_interrupt([feed] { feed->interrupt(); });
  auto client = connect(url, feed);
  if (!client)
    return std::move(client.error());
  auto subscribed = (*client)->subscribe(
    pattern, std::nullopt,
    [feed](std::string_view subject, std::string_view frame) {
      feed->put(subject, frame);
    });
  if (!subscribed) {
    // Its thread may be waiting for room.
    feed->interrupt();
    return std::move(subscribed.error());
  }
  return listener{feed, std::move(watching), std::move(*client)};
}

// -- Dendrites ---------------------------------------------------------------------

caf::error participant::say(const std::function<caf::error()>& what) const {
  if (!bus_presence->wait(say_time))
    return make_error(ec::not_connected, "the bus is lost");
  if (auto why = what())
    return why;
  return bus.flush();
}

caf::expected<participant> join(const bus_options& options,
                                std::string dendrite_id, const console& con,
                                std::chrono::milliseconds patience) {
  if (auto why = unreachable(options.url); !why.empty())
    return make_error(ec::bad_argument, why);
  auto there = std::make_shared<presence>();
  net::wire_client_events events;
  events.on_lost = [there, &con](const caf::error& why) {
    there->end();
    con.warn(std::string{bus_lost} + message_of(why));
  };
  events.on_back = [there, &con] {
    there->begin();
    con.warn(bus_back);
  };
  auto rt = std::make_unique<runtime>();
  rt->add_transport(net::wire_transport({.connect_timeout = patience,
                                         .answer_timeout = patience,
                                         .reconnect = true},
                                        std::move(events)));
  auto bus = rt->connect(options.url);
  if (!bus)
    return std::move(bus.error());
  auto self = rt->dendrite(bus, {.name_space = options.name_space,
                                 .dendrite_id = std::move(dendrite_id),
                                 .heartbeat = 0s});
  if (auto why = self.start())
    return why;
  return participant{std::move(rt), std::move(*bus), std::move(self),
                     std::move(there)};
}

} // namespace cosmo::cli
