// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io_loop.hpp"
#include <cosmo/net/http_server.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace cosmo::net {

class http_session;

/// Where a reply leads to, whatever has become of it.
struct reply_address {
  std::shared_ptr<io_loop> loop;
  std::weak_ptr<http_session> session;
  uint64_t exchange;

  /// Calls `fn` on the I/O thread if the session is still there then.
  void
  post(std::function<void(http_session& session, uint64_t exchange)> fn) const;
};

/// Brings the answer of one request to the I/O thread.
class reply_state final : public http_reply::state {
public:
  reply_state(reply_address to, std::stop_token gone, size_t unsent_bytes_max);

  ~reply_state() override;

  void send(http_response whole) override;

  http_body_writer stream(http_response head) override;

  websocket upgrade(websocket_options options,
                    std::function<void()> on_close) override;

  std::stop_token client_gone() const override {
    return gone_;
  }

private:
  reply_address to_;
  std::stop_token gone_;
  size_t unsent_bytes_max_;
  std::atomic<bool> is_answered_ = false;
};

} // namespace cosmo::net
