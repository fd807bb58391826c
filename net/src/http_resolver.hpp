// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cosmo::net {

class return_path;

/// Looks host names up, each on a thread of its own.
///
/// Nothing can interrupt a look-up in the system's library. Asio does them one
/// after the other and waits for the last when its context is destroyed, so
/// that one dead name server would hold up all other hosts, and the end of the
/// program. Requests for the same host share one look-up.
/// @affinity I/O thread only
class http_resolver {
public:
  using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  /// Takes the host's addresses; none if it has none.
  using handler = std::function<void(const endpoints&)>;

  /// Blocks until it knows the addresses.   @affinity any thread
  using lookup
    = std::function<endpoints(const std::string& host, uint16_t port)>;

  explicit http_resolver(boost::asio::io_context& context,
                         lookup fn = ask_system);

  /// Waits for no look-up; their handlers are dropped.
  ~http_resolver();

  void resolve(const std::string& host, uint16_t port, handler done);

private:
  using question = std::pair<std::string, uint16_t>;

  static endpoints ask_system(const std::string& host, uint16_t port);

  void start(const question& what);

  void answer(const question& what, const endpoints& found);

  /// Closed when the resolver goes away.
  std::shared_ptr<return_path> path_;
  lookup lookup_;
  std::map<question, std::vector<handler>> waiting_;
};

} // namespace cosmo::net
