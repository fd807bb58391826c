// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "prism_fault.hpp"
#include <cosmo/ids.hpp>
#include <cosmo/net/prism_server.hpp>
#include <cosmo/net/websocket.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace cosmo::net {

/// One browser, and what it looks at.   @affinity any thread
class prism_viewer {
public:
  /// Observes the bus until the browser goes, and tells the browser if that
  /// cannot be done. Blocks as `feed` does.
  void watch(const websocket& browser, const observe& feed,
             const std::string& url, const std::string& name_space,
             const world& outside);

  /// The browser has gone. Blocks until the observation has ended.
  void leave();

  /// Tells the browser what is wrong, and closes.
  static void fail(const websocket& browser, const prism_fault& fault);

private:
  void keep(std::shared_ptr<void> observation);

  std::mutex mutex_;
  std::shared_ptr<void> observation_;
  bool has_left_ = false;
};

} // namespace cosmo::net
