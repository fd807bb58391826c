// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>

namespace cosmo::test {

/// Another process that holds a lock on a SQLite file as long as this object
/// lives; it has it once the constructor returns.
class lock_holder {
public:
  /// @param begin such as `BEGIN EXCLUSIVE`
  lock_holder(const std::string& path, const char* begin);

  ~lock_holder();

  lock_holder(const lock_holder&) = delete;
  lock_holder& operator=(const lock_holder&) = delete;

  bool holds() const noexcept {
    return holds_;
  }

private:
  pid_t child_ = -1;
  /// The child ends when this is closed.
  int leash_ = -1;
  bool holds_ = false;
};

} // namespace cosmo::test
