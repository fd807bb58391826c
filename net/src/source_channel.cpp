// SPDX-License-Identifier: Apache-2.0
#include "source_channel.hpp"

#include "http_fault.hpp"

#include <utility>

namespace cosmo::net {

namespace {

/// Whoever asked for a request hears of it, wherever it came to its end.
caf::error as_of_request(const caf::error& error, const http_request& about) {
  if (error == ec::timeout)
    return to_error({http_fault_kind::timed_out}, about, {});
  if (error == ec::cancelled)
    return to_error({http_fault_kind::cancelled}, about, {});
  return error;
}

} // namespace

source_channel::source_channel(const call_limits& limits, std::string endpoint,
                               std::shared_ptr<http_client> client)
  : client_(std::move(client)),
    limiter_(std::make_shared<call_limiter>(
      limits, std::move(endpoint),
      [weak = std::weak_ptr{client_}](auto when, auto fn) {
        if (auto shared = weak.lock())
          shared->call_at(when, std::move(fn));
      })) {
  // nop
}

void source_channel::send(http_request request, std::stop_token stop,
                          handler done) const {
  stream(std::move(request), std::move(stop), {}, std::move(done));
}

void source_channel::stream(http_request request, std::stop_token stop,
                            taker_maker make_taker, handler done) const {
  http_request about{
    .url = request.url, .timeout = request.timeout, .secrets = request.secrets};
  // The client must be free to go away and end what waits for it.
  auto begin =
    [request = std::move(request), about, stop, weak = std::weak_ptr{client_},
     make_taker = std::move(make_taker),
     done = std::move(done)](caf::expected<call_permit> permit) mutable {
      if (!permit)
        return done(as_of_request(permit.error(), about), {});
      auto client = weak.lock();
      if (!client)
        return done(to_error({http_fault_kind::cancelled}, about, {}), *permit);
      if (!make_taker)
        request.timeout = permit->time_left();
      client->stream(
        std::move(request), std::move(stop),
        make_taker ? make_taker(*permit) : http_body_taker{},
        [about = std::move(about), permit = *permit,
         done = std::move(done)](caf::expected<http_response> response) {
          // What the user allowed, not what was left of it.
          if (!response && response.error() == ec::timeout)
            response = as_of_request(response.error(), about);
          done(std::move(response), permit);
        });
    };
  limiter_->acquire(about.timeout, std::move(stop), std::move(begin));
}

} // namespace cosmo::net
