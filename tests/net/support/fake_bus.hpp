// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/net/prism_server.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo::net::test {

/// Buses that can be observed, and do what a test says. Waits throw after
/// `patience`.
class fake_bus {
public:
  struct observation {
    std::string url;
    std::string name_space;
    observer_events events;
    bool has_ended = false;
  };

  /// `fail:<ec>` as URL fails; a number names the code.
  observe feed();

  /// The observation that is opened as the n-th.
  observation& await(size_t index);

  /// Waits until the n-th observation has ended.
  void await_end(size_t index);

  /// How many have been asked for.
  size_t asked() const;

private:
  template <class Predicate>
  void wait(Predicate is_met) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::unique_ptr<observation>> observations_;
  size_t asked_ = 0;
};

} // namespace cosmo::net::test
