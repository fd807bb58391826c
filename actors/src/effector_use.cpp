// SPDX-License-Identifier: Apache-2.0
#include "effector_use.hpp"

#include "hosted_part.hpp"
#include "run_on_worker.hpp"
#include "worker_state.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

namespace cosmo::actors {

/// Those who use a backend or want to, the first of whom may.
/// @affinity any thread
class effector_line {
public:
  explicit effector_line(effector_backend_ptr of) : backend(std::move(of)) {
    // nop
  }

  void enter(const effector_use* who, std::function<void()> on_turn) {
    std::lock_guard guard{mutex_};
    waiting_.push_back({who, std::move(on_turn)});
  }

  void leave(const effector_use* who) {
    std::unique_lock guard{mutex_};
    auto i = std::ranges::find(waiting_, who, &entry::who);
    if (i == waiting_.end())
      return;
    auto was_first = i == waiting_.begin();
    waiting_.erase(i);
    if (!was_first || waiting_.empty())
      return;
    auto tell = waiting_.front().on_turn;
    guard.unlock();
    tell();
  }

  bool is_first(const effector_use* who) const {
    std::lock_guard guard{mutex_};
    return !waiting_.empty() && waiting_.front().who == who;
  }

  const effector_backend_ptr backend;

private:
  struct entry {
    const effector_use* who;
    std::function<void()> on_turn;
  };

  mutable std::mutex mutex_;
  std::deque<entry> waiting_;
};

effector_use::effector_use(effector_backend_ptr backend)
  : line_(one_per_backend<effector_line>(std::move(backend))) {
  // nop
}

effector_use::~effector_use() {
  close();
}

std::shared_ptr<effector_use>
effector_use::make(environment_ptr env, effector_backend_ptr backend,
                   std::function<void()> on_turn) {
  auto end = [env = std::move(env)](effector_use* what) {
    auto owned = std::shared_ptr<effector_use>{what};
    if (what->open_)
      run_on_worker(env, [owned = std::move(owned)] { owned->close(); });
  };
  auto result = std::shared_ptr<effector_use>{
    new effector_use{std::move(backend)}, std::move(end)};
  result->line_->enter(result.get(), std::move(on_turn));
  return result;
}

bool effector_use::has_turn() const {
  return line_->is_first(this);
}

caf::error effector_use::connect() {
  // One that fails may have been half open.
  open_ = true;
  try {
    return line_->backend->connect();
  } catch (const std::exception& err) {
    return make_error(ec::connect_failed, err.what());
  } catch (...) {
    return make_error(ec::connect_failed, "unknown exception");
  }
}

void effector_use::close() {
  if (std::exchange(open_, false))
    call_guarded([this] { line_->backend->close(); });
  line_->leave(this);
}

} // namespace cosmo::actors
