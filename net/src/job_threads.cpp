// SPDX-License-Identifier: Apache-2.0
#include "job_threads.hpp"

#include "io_thread.hpp"
#include <cosmo/log.hpp>

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace cosmo::net {

job_threads::job_threads(size_t threads_max, const char* name)
  : context_(std::make_shared<context_type>()),
    work_(boost::asio::make_work_guard(*context_)),
    threads_max_(threads_max),
    name_(name) {
  // nop
}

job_threads::~job_threads() {
  join();
}

bool job_threads::run(std::function<void()> job) {
  std::unique_lock guard{mutex_};
  if (unfinished_ >= threads_.size() && threads_.size() < threads_max_) {
    auto started = start_io_thread(*context_, name_, context_);
    if (started)
      threads_.push_back(std::move(*started));
    else if (threads_.empty())
      return false;
  }
  ++unfinished_;
  boost::asio::post(*context_, [this, job = std::move(job)]() mutable {
    try {
      std::exchange(job, nullptr)();
    } catch (const std::exception& error) {
      log::error("net.http", "job-threw", error.what());
    }
    std::unique_lock counting{mutex_};
    --unfinished_;
  });
  return true;
}

void job_threads::join() {
  work_.reset();
  std::vector<std::thread> threads;
  {
    std::unique_lock guard{mutex_};
    threads.swap(threads_);
  }
  for (auto& thread : threads)
    thread.join();
}

} // namespace cosmo::net
