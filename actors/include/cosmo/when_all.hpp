// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/task.hpp>

#include <tuple>
#include <vector>

namespace cosmo {

/// Tasks that take turns until all are done.
/// @tparam Tasks a tuple or vector of tasks.
template <class Tasks>
class [[nodiscard]] all_of {
public:
  explicit all_of(Tasks parts) : parts_(std::move(parts)) {
    // nop
  }

  class awaiter {
  public:
    awaiter(Tasks parts, strand& where)
      : parts_(std::move(parts)), where_(&where) {
      // nop
    }

    bool await_ready() noexcept {
      each([this](auto&) { ++outstanding_; });
      return outstanding_ == 0;
    }

    void await_suspend(std::coroutine_handle<> self) {
      each([&](auto& part) { part.begin(*where_, self, &outstanding_); });
    }

    auto await_resume() {
      return results(parts_);
    }

  private:
    template <class F>
    void each(F fn) {
      if constexpr (requires { parts_.begin(); })
        for (auto& part : parts_)
          fn(part);
      else
        std::apply([&](auto&... xs) { (fn(xs), ...); }, parts_);
    }

    template <class T>
    static value_or_nothing<T> result(task<T>& part) {
      if constexpr (std::is_void_v<T>) {
        part.result();
        return {};
      } else {
        return part.result();
      }
    }

    template <class... Ts>
    static auto results(std::tuple<task<Ts>...>& parts) {
      return std::apply(
        [](auto&... xs) {
          return std::tuple<value_or_nothing<Ts>...>{result(xs)...};
        },
        parts);
    }

    template <class T>
    static auto results(std::vector<task<T>>& parts) {
      std::vector<value_or_nothing<T>> all;
      for (auto& part : parts)
        all.push_back(result(part));
      return all;
    }

    Tasks parts_;
    strand* where_;
    size_t outstanding_ = 0;
  };

  awaiter on(strand& where) && {
    return awaiter{std::move(parts_), where};
  }

private:
  Tasks parts_;
};

/// Anything that can be awaited, as a task.
template <awaitable T>
task<await_result<T>> as_task(T what) {
  co_return co_await std::move(what);
}

template <class T>
task<T> as_task(task<T> what) {
  return what;
}

/// Awaits all at the same time: `auto all = co_await when_all(a(), b());`. All
/// are waited for; then the first one that has thrown, in order, throws. They
/// take turns with each other and so may share what they use.
/// @returns a tuple of results, `std::monostate` where there is none.
template <awaitable... Ts>
auto when_all(Ts... parts) {
  auto all = std::make_tuple(as_task(std::move(parts))...);
  return all_of<decltype(all)>{std::move(all)};
}

/// The same for any number. @returns a vector of results.
template <class T>
all_of<std::vector<task<T>>> when_all(std::vector<task<T>> parts) {
  return all_of<std::vector<task<T>>>{std::move(parts)};
}

} // namespace cosmo
