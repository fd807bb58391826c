// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

namespace cosmo {

/// Where a coroutine and all that it awaits run: one piece at a time, never two
/// at once, on whatever thread.
class strand : public std::enable_shared_from_this<strand> {
public:
  virtual ~strand() = default;

  /// Lets a suspended coroutine go on when it is its turn. Ignored when the
  /// strand has ended.   @affinity any thread
  virtual void resume(std::coroutine_handle<> what) = 0;

  /// Requested when everything here is cancelled.
  virtual std::stop_token stop_token() const = 0;

  /// Whether it is: then nothing new is begun, and what is suspended is
  /// destroyed.
  virtual bool stopped() const = 0;
};

/// What may stand behind `co_await` in a `task`: tasks, `awaited`, `when_all`,
/// and whatever `coroutine_io` returns. Each is awaited once, so one that has
/// a name is moved. Anything else would resume the coroutine beside its strand.
template <class T>
concept awaitable = requires(T&& what, strand& where) {
  { std::forward<T>(what).on(where).await_ready() } -> std::same_as<bool>;
};

/// What awaiting it gives.
template <awaitable T>
using await_result
  = decltype(std::declval<T>().on(std::declval<strand&>()).await_resume());

/// `void`, where an object is needed.
template <class T>
using value_or_nothing
  = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T = void>
class task;

/// What the promises of all tasks have in common.
class task_promise_base {
public:
  std::suspend_always initial_suspend() const noexcept {
    return {};
  }

  /// Whoever awaits goes on by way of the strand: no stack grows, and a
  /// cancelled coroutine does not go on at all.
  class final_awaiter {
  public:
    bool await_ready() const noexcept {
      return false;
    }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      self.promise().end();
    }

    void await_resume() const noexcept {
      // nop
    }
  };

  final_awaiter final_suspend() const noexcept {
    return {};
  }

  void unhandled_exception() noexcept {
    failure_ = std::current_exception();
  }

  template <awaitable T>
  auto await_transform(T&& what) {
    return std::forward<T>(what).on(*where_);
  }

  void begin(strand& where, std::coroutine_handle<> awaiting,
             size_t* outstanding) {
    where_ = &where;
    awaiting_ = awaiting;
    outstanding_ = outstanding;
  }

protected:
  void check() const {
    if (failure_)
      std::rethrow_exception(failure_);
  }

private:
  void end() {
    if (awaiting_ && (!outstanding_ || --*outstanding_ == 0))
      where_->resume(awaiting_);
  }

  strand* where_ = nullptr;
  std::coroutine_handle<> awaiting_;
  /// Of several that are awaited together.
  size_t* outstanding_ = nullptr;
  std::exception_ptr failure_;
};

template <class T>
class task_promise : public task_promise_base {
public:
  task<T> get_return_object();

  void return_value(T value) {
    value_.emplace(std::move(value));
  }

  T result() {
    check();
    return std::move(*value_);
  }

private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
public:
  task<void> get_return_object();

  void return_void() const noexcept {
    // nop
  }

  void result() const {
    check();
  }
};

/// A coroutine that begins when it is awaited and belongs to whoever holds it.
///
/// What it throws comes out of the `co_await`. Arguments that it takes by
/// reference must outlive it, which those of `co_await f(x)` do. A Neuron is a
/// task that returns `json` or `caf::expected<json>`; see `coroutine_io`.
template <class T>
class [[nodiscard]] task {
public:
  using value_type = T;
  using promise_type = task_promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle what) noexcept : handle_(what) {
    // nop
  }

  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {
    // nop
  }

  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  ~task() {
    if (handle_)
      handle_.destroy();
  }

  class awaiter {
  public:
    awaiter(task what, strand& where) noexcept
      : what_(std::move(what)), where_(&where) {
      // nop
    }

    bool await_ready() const noexcept {
      return false;
    }

    void await_suspend(std::coroutine_handle<> self) {
      what_.begin(*where_, self);
    }

    T await_resume() {
      return what_.result();
    }

  private:
    task what_;
    strand* where_;
  };

  awaiter on(strand& where) && {
    return awaiter{std::move(*this), where};
  }

  // -- for what awaits tasks in other ways ------------------------------------

  /// Begins. @param outstanding counts those that are awaited together: the
  ///                last one resumes `awaiting`.
  void begin(strand& where, std::coroutine_handle<> awaiting = {},
             size_t* outstanding = nullptr) {
    handle_.promise().begin(where, awaiting, outstanding);
    where.resume(handle_);
  }

  bool done() const noexcept {
    return handle_.done();
  }

  /// Once, when it is done. @throws what it has thrown.
  T result() {
    return handle_.promise().result();
  }

private:
  handle handle_;
};

template <class T>
task<T> task_promise<T>::get_return_object() {
  return task<T>{task<T>::handle::from_promise(*this)};
}

inline task<void> task_promise<void>::get_return_object() {
  return task<void>{task<void>::handle::from_promise(*this)};
}

} // namespace cosmo
