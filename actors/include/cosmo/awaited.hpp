// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/task.hpp>

#include <functional>
#include <mutex>
#include <stdexcept>

namespace cosmo {

/// What a callback has brought, and who waits for it.
template <class T>
class awaited_outcome {
public:
  using value_type = value_or_nothing<T>;

  explicit awaited_outcome(std::shared_ptr<strand> where)
    : where_(std::move(where)) {
    // nop
  }

  /// The first one counts.
  template <class... Ts>
  void give(Ts&&... xs) {
    arrive([&] { value_.emplace(std::forward<Ts>(xs)...); });
  }

  /// There will be none.
  void abandon() {
    arrive([] {});
  }

  /// @returns whether there is something to wait for.
  bool wait(std::coroutine_handle<> self) {
    std::lock_guard guard{mutex_};
    if (!arrived_)
      waiting_ = self;
    return !arrived_;
  }

  value_type take() {
    std::lock_guard guard{mutex_};
    if (!value_)
      throw std::runtime_error{"the call was dropped unanswered"};
    return std::move(*value_);
  }

private:
  template <class F>
  void arrive(F settle) {
    std::coroutine_handle<> waiting;
    {
      std::lock_guard guard{mutex_};
      if (std::exchange(arrived_, true))
        return;
      settle();
      waiting = waiting_;
    }
    if (waiting)
      where_->resume(waiting);
  }

  std::shared_ptr<strand> where_;
  std::mutex mutex_;
  bool arrived_ = false;
  std::optional<value_type> value_;
  std::coroutine_handle<> waiting_;
};

/// The callback that ends a `co_await`: called with a `T`, or with nothing
/// where that is `void`.
///
/// Copyable and usable from any thread, also when the coroutine is gone. The
/// first call counts. If all copies go away uncalled the `co_await` throws.
template <class T>
class completion {
public:
  explicit completion(std::shared_ptr<awaited_outcome<T>> to)
    : last_(std::make_shared<owner>(std::move(to))) {
    // nop
  }

  template <class... Ts>
    requires std::constructible_from<value_or_nothing<T>, Ts...>
  void operator()(Ts&&... xs) const {
    last_->to->give(std::forward<Ts>(xs)...);
  }

private:
  struct owner {
    explicit owner(std::shared_ptr<awaited_outcome<T>> x) : to(std::move(x)) {
      // nop
    }

    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;

    ~owner() {
      to->abandon();
    }

    std::shared_ptr<awaited_outcome<T>> to;
  };

  std::shared_ptr<owner> last_;
};

/// Makes a call with a callback awaitable: `start` makes the call when it is
/// awaited and is destroyed when the `co_await` ends, by an answer or by
/// cancelling. It takes the callback and, if it can, a token that cancelling
/// requests stop on. It must not block for long.
///
/// ```
/// awaited<int> answer_of(service& s) {
///   return awaited<int>{[&s](completion<int> done, std::stop_token stop) {
///     s.ask(stop, done);
///   }};
/// }
/// ```
/// It is best made by a function, as here: g++ 12 destroys what a lambda in a
/// `co_await` expression has captured twice.
template <class T>
class [[nodiscard]] awaited {
public:
  using start_function = std::function<void(completion<T>, std::stop_token)>;

  template <class F>
    requires std::invocable<F&, completion<T>, std::stop_token>
  explicit awaited(F start) : start_(std::move(start)) {
    // nop
  }

  template <class F>
    requires std::invocable<F&, completion<T>>
  explicit awaited(F start)
    : start_([start = std::move(start)](completion<T> done,
                                        const std::stop_token&) mutable {
        start(std::move(done));
      }) {
    // nop
  }

  class awaiter {
  public:
    awaiter(start_function start, strand& where)
      : start_(std::move(start)), where_(&where) {
      // nop
    }

    bool await_ready() const noexcept {
      return false;
    }

    bool await_suspend(std::coroutine_handle<> self) {
      // Suspended for good: the strand destroys it.
      if (where_->stopped())
        return true;
      outcome_
        = std::make_shared<awaited_outcome<T>>(where_->shared_from_this());
      start_(completion<T>{outcome_}, where_->stop_token());
      return outcome_->wait(self);
    }

    T await_resume() {
      if constexpr (std::is_void_v<T>)
        outcome_->take();
      else
        return outcome_->take();
    }

  private:
    start_function start_;
    strand* where_;
    std::shared_ptr<awaited_outcome<T>> outcome_;
  };

  awaiter on(strand& where) && {
    return awaiter{std::move(start_), where};
  }

private:
  start_function start_;
};

} // namespace cosmo
