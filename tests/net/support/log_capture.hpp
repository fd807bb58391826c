// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace cosmo::net::test {

/// Collects the ids of what is logged as long as it lives. Later log lines are
/// dropped, for nobody can know which sink there was before.
class log_capture {
public:
  log_capture();

  ~log_capture();

  std::vector<std::string> events();

private:
  std::mutex mutex_;
  std::vector<std::string> events_;
};

} // namespace cosmo::net::test
