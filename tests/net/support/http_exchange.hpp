// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>

#include <future>
#include <memory>
#include <stop_token>
#include <string>

namespace cosmo::net::test {

using exchange_result = caf::expected<http_response>;

/// What any wait of a test ends with, should the code under test hang.
inline constexpr std::chrono::seconds patience{10};

/// A client of the test's own.
std::shared_ptr<http_client> make_client(const http_client_options& options
                                         = {});

/// Starts an exchange. A second call of its handler throws.
std::future<exchange_result> start(http_client& client, http_request request,
                                   std::stop_token stop = {});

/// The outcome of an exchange; a test that waits for too long throws.
exchange_result await(std::future<exchange_result> pending);

exchange_result exchange(http_client& client, http_request request,
                         std::stop_token stop = {});

/// The failure of an exchange that should have failed.
struct failure {
  ec code;
  std::string text;

  bool operator==(const failure&) const = default;
};

std::ostream& operator<<(std::ostream& out, const failure& value);

/// Throws if there is no error.
failure failure_of(const caf::error& error);

template <class T>
failure failure_of(const caf::expected<T>& result) {
  return failure_of(result ? caf::error{} : result.error());
}

} // namespace cosmo::net::test
