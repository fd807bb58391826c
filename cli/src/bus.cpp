// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"

#include <cosmo/net/wire_transport.hpp>
#include <cosmo/subject.hpp>

#include <utility>

namespace cosmo::cli {

std::string wrong_name_space(const std::string& text) {
  auto wrong = check_name_space(text);
  return wrong ? message_of(wrong) : std::string{};
}

void add_name_space_option(CLI::App& command, std::string& name_space,
                           std::string preset) {
  name_space = std::move(preset);
  command.add_option("--namespace,-n", name_space, "Namespace")
    ->type_name("NS")
    ->check(&wrong_name_space);
}

void add_bus_options(CLI::App& command, bus_options& options,
                     std::string name_space) {
  command.add_option("--url", options.url, "Bus, as cosmo://127.0.0.1:7070")
    ->required()
    ->type_name("URL");
  add_name_space_option(command, options.name_space, std::move(name_space));
}

std::string unreachable(const caf::expected<net::bus_url>& url) {
  if (!url)
    return message_of(url.error());
  if (url->scheme == "cosmo")
    return {};
  if (url->scheme == "nats" || url->scheme == "kafka")
    return "this build has no transport for " + url->scheme + "://";
  return "unknown scheme '" + url->scheme + "'; known: cosmo, nats, kafka";
}

std::string everything_in(const std::string& name_space) {
  return "cosmonapse." + name_space + ".>";
}

caf::expected<std::shared_ptr<net::wire_client>>
connect(const std::string& url, const std::shared_ptr<frame_feed>& feed) {
  auto to = net::parse_bus_url(url);
  if (auto why = unreachable(to); !why.empty())
    return make_error(ec::bad_argument, why);
  net::wire_client_events events;
  if (feed)
    events.on_lost
      = [feed](const caf::error& why) { feed->fail(message_of(why)); };
  return net::wire_client::connect(*to, {}, std::move(events));
}

caf::expected<participant> join(const bus_options& options,
                                std::string dendrite_id) {
  if (auto why = unreachable(net::parse_bus_url(options.url)); !why.empty())
    return make_error(ec::bad_argument, why);
  auto rt = std::make_unique<runtime>();
  rt->add_transport(net::wire_transport());
  auto bus = rt->connect(options.url);
  if (!bus)
    return std::move(bus.error());
  auto self = rt->dendrite(bus, {.name_space = options.name_space,
                                 .dendrite_id = std::move(dendrite_id),
                                 .heartbeat = std::chrono::seconds{0}});
  if (auto why = self.start())
    return why;
  return participant{std::move(rt), std::move(*bus), std::move(self)};
}

} // namespace cosmo::cli
