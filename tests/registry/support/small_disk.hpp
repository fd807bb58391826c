// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scratch_folder.hpp"

#include <cstddef>
#include <string>

namespace cosmo::test {

/// A file system of its own, for faults that not even root can escape. Only
/// this process sees it, and it is gone when the process ends in any way.
class small_disk {
public:
  explicit small_disk(size_t bytes);

  ~small_disk();

  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  /// False where this process may not mount anything.
  bool mounted() const noexcept {
    return mounted_;
  }

  std::string file(const std::string& name = "registry.db") const {
    return folder_.file(name);
  }

  /// From now on nothing can be written.
  bool make_read_only();

  bool resize(size_t bytes);

private:
  scratch_folder folder_;
  bool mounted_;
};

} // namespace cosmo::test
