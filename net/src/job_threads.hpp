// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cosmo::net {

/// Runs jobs that may block. A thread is added when all are busy, up to the
/// limit; beyond that jobs wait.
/// @affinity any thread
class job_threads {
public:
  /// @param name as debuggers show it, 15 characters at most; kept by pointer.
  job_threads(size_t threads_max, const char* name);

  ~job_threads();

  /// @returns whether there is a thread; the job is dropped otherwise.
  bool run(std::function<void()> job);

  /// Returns when all jobs have run. None may be added meanwhile. Idempotent.
  void join();

private:
  using context_type = boost::asio::io_context;

  /// Shared with the threads.
  std::shared_ptr<context_type> context_;
  boost::asio::executor_work_guard<context_type::executor_type> work_;
  size_t threads_max_;
  const char* name_;
  std::mutex mutex_;
  size_t unfinished_ = 0;
  std::vector<std::thread> threads_;
};

} // namespace cosmo::net
