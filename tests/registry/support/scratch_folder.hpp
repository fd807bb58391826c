// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace cosmo::test {

/// An empty folder that vanishes with everything in it.
class scratch_folder {
public:
  scratch_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "cosmo-XXXXXX").string();
    if (!mkdtemp(name.data()))
      throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
  }

  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const noexcept {
    return path_;
  }

  /// The path of a file in it, which need not exist.
  std::string file(const std::string& name = "registry.db") const {
    return (path_ / name).string();
  }

private:
  std::filesystem::path path_;
};

} // namespace cosmo::test
