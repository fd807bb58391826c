// SPDX-License-Identifier: Apache-2.0
#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>
#include <cosmo/net/observation.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/signal_builder.hpp>
#include <cosmo/subject.hpp>

#include <utility>

namespace cosmo::net {

namespace {

void ask_who_is_there(wire_client& client, const std::string& name_space) {
  auto question
    = encode(signal_builder{world::real()}.make(payload::discover{}));
  auto why
    = question
        ? client.publish(
            signal_subject(name_space, signal_type::DISCOVER).str(), *question)
        : question.error();
  if (why)
    log::warning("net.observation", "discover-failed", describe(why));
}

} // namespace

observe observe_bus(observe_bus_options options) {
  return [options](const std::string& url, const std::string& name_space,
                   observer_events to) -> caf::expected<std::shared_ptr<void>> {
    if (auto wrong = check_name_space(name_space))
      return wrong;
    auto where = parse_bus_url(url);
    if (!where)
      return std::move(where.error());
    if (where->scheme == "nats" || where->scheme == "kafka")
      return make_error(ec::unsupported_transport,
                        "this build has no transport for " + where->scheme
                          + "://");
    auto client = wire_client::connect(
      *where, {.reconnect = options.reconnect},
      {.on_lost = std::move(to.on_lost), .on_back = std::move(to.on_back)});
    if (!client)
      return std::move(client.error());
    // Before the subscription, so that the question itself is not seen.
    if (options.asks_who_is_there)
      ask_who_is_there(**client, name_space);
    auto subscribed = (*client)->subscribe(
      "cosmonapse." + name_space + ".>", std::nullopt, std::move(to.on_frame));
    if (!subscribed)
      return std::move(subscribed.error());
    return std::shared_ptr<void>{std::move(*client)};
  };
}

} // namespace cosmo::net
