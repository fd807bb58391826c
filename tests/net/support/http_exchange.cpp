// SPDX-License-Identifier: Apache-2.0
#include "http_exchange.hpp"

#include <ostream>
#include <stdexcept>

namespace cosmo::net::test {

std::shared_ptr<http_client> make_client(const http_client_options& options) {
  auto client = http_client::open(options);
  if (!client)
    throw std::runtime_error{describe(client.error())};
  return std::move(*client);
}

std::future<exchange_result> start(http_client& client, http_request request,
                                   std::stop_token stop) {
  auto promise = std::make_shared<std::promise<exchange_result>>();
  auto result = promise->get_future();
  client.send(std::move(request), std::move(stop),
              [promise](exchange_result outcome) {
                promise->set_value(std::move(outcome));
              });
  return result;
}

exchange_result await(std::future<exchange_result> pending) {
  if (pending.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"the exchange hangs"};
  return pending.get();
}

exchange_result exchange(http_client& client, http_request request,
                         std::stop_token stop) {
  return await(start(client, std::move(request), std::move(stop)));
}

std::ostream& operator<<(std::ostream& out, const failure& value) {
  return out << to_string(value.code) << ": " << value.text;
}

failure failure_of(const caf::error& error) {
  if (!error)
    throw std::runtime_error{"there is no failure"};
  return {static_cast<ec>(error.code()), message_of(error)};
}

} // namespace cosmo::net::test
