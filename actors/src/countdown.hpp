// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace cosmo::actors {

/// Calls `fn` when it has been called as often as it was told to expect.
class countdown : public std::enable_shared_from_this<countdown> {
public:
  explicit countdown(std::function<void()> fn) : fn_(std::move(fn)) {
    // nop
  }

  std::function<void()> one_more() {
    ++count_;
    return [me = shared_from_this()] { me->arrive(); };
  }

  /// Nobody is added any more.
  void close() {
    closed_ = true;
    finish();
  }

private:
  void arrive() {
    --count_;
    finish();
  }

  void finish() {
    if (closed_ && count_ == 0)
      if (auto fn = std::exchange(fn_, {}))
        fn();
  }

  std::function<void()> fn_;
  size_t count_ = 0;
  bool closed_ = false;
};

} // namespace cosmo::actors
