// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <caf/expected.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

/// What the figures of stores have in common.
namespace bench {

/// A figure of something that went wrong is none.
inline void expect(bool good, const char* what) {
  if (good)
    return;
  std::fprintf(stderr, "bench: %s\n", what);
  std::exit(1);
}

inline void expect(const caf::error& err) {
  expect(!err, cosmo::describe(err).c_str());
}

template <class T>
T expect(caf::expected<T> result) {
  if (!result)
    expect(result.error());
  return std::move(*result);
}

/// The files of one run, removed at its end.
class folder {
public:
  explicit folder(const std::string& name)
    : path_(std::filesystem::temp_directory_path()
            / ("cosmo-bench-" + name + '-' + std::to_string(getpid()))) {
    std::filesystem::create_directory(path_);
  }

  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::string file(const std::string& name) const {
    return (path_ / name).string();
  }

private:
  std::filesystem::path path_;
};

} // namespace bench
