// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_limiter.hpp"
#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace cosmo::net {

/// The way of one source to its server: a client behind the source's limits.
/// It goes away with its Neuron, which ends what is under way or waits.
class source_channel {
public:
  /// Settles the permit, which is there if the request was sent.
  /// @affinity as http_client::response_handler and call_limiter::beginning
  using handler = std::function<void(caf::expected<http_response> response,
                                     const call_permit& permit)>;

  source_channel(const call_limits& limits, std::string endpoint,
                 std::shared_ptr<http_client> client);

  /// Sends the request when the limits allow it. Its timeout bounds the wait
  /// and the exchange together.
  /// @returns in `done` what http_client::send does, and ec::breaker_open.
  void send(http_request request, std::stop_token stop, handler done) const;

  /// What takes the body of a request that has its permit.
  using taker_maker = std::function<http_body_taker(const call_permit& permit)>;

  /// As above, by http_client::stream. A wait for the limits leaves the time
  /// between two pieces as it is.
  void stream(http_request request, std::stop_token stop,
              taker_maker make_taker, handler done) const;

private:
  std::shared_ptr<http_client> client_;
  std::shared_ptr<call_limiter> limiter_;
};

} // namespace cosmo::net
