// SPDX-License-Identifier: Apache-2.0
#include "source_channel.hpp"

#include "http_fault.hpp"

#include <utility>

namespace cosmo::net {

source_channel::source_channel(const call_limits& limits, std::string endpoint,
                               std::shared_ptr<http_client> client)
  : client_(std::move(client)),
    limiter_(
      std::make_shared<call_limiter>(limits, std::move(endpoint), client_)) {
  // nop
}

void source_channel::send(http_request request, std::stop_token stop,
                          handler done) const {
  stream(std::move(request), std::move(stop), {}, std::move(done));
}

void source_channel::stream(http_request request, std::stop_token stop,
                            http_body_taker taker, handler done) const {
  http_request about{
    .url = request.url, .timeout = request.timeout, .secrets = request.secrets};
  // The client must be free to go away and end what waits for it.
  auto begin = [request = std::move(request), about, stop,
                weak = std::weak_ptr{client_}, taker = std::move(taker),
                done
                = std::move(done)](caf::expected<call_permit> permit) mutable {
    if (!permit)
      return done(std::move(permit.error()), {});
    auto client = weak.lock();
    if (!client)
      return done(to_error({http_fault_kind::cancelled}, about, {}), *permit);
    if (!taker.take)
      request.timeout = permit->time_left();
    client->stream(
      std::move(request), std::move(stop), std::move(taker),
      [about = std::move(about), permit = *permit,
       done = std::move(done)](caf::expected<http_response> response) {
        // What the user allowed, not what was left of it.
        if (!response && response.error() == ec::timeout)
          response = to_error({http_fault_kind::timed_out}, about, {});
        done(std::move(response), permit);
      });
  };
  limiter_->acquire(about, std::move(stop), std::move(begin));
}

call_outcome outcome_of(const caf::error& error, unsigned status) {
  if (status >= 500 || status == 408 || status == 429)
    return call_outcome::failure;
  // A refusal shows that the server works.
  if (!error || error == ec::http_status)
    return call_outcome::success;
  // What the bus or the user did is not its fault.
  if (error == ec::cancelled || error == ec::too_large
      || error == ec::bad_argument || error == ec::not_connected
      || error == ec::overloaded || error == ec::bad_config)
    return call_outcome::nothing;
  return call_outcome::failure;
}

} // namespace cosmo::net
