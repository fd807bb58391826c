// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/awaited.hpp>
#include <cosmo/dispatch.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/task.hpp>
#include <cosmo/when_all.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

namespace cosmo {

/// What a coroutine Neuron may do besides computing its result: as `neuron_io`,
/// but whatever waits is awaited and holds no thread meanwhile.
///
/// ```
/// cosmo::task<json> agent(json input, json context, coroutine_io io) {
///   auto notes = co_await io.recall("notes");
///   json question{{"prompt", input["prompt"]}};
///   auto answer = co_await io.dispatch("model", question);
///   co_return answer->output();
/// }
/// ```
/// Each piece between two awaits runs on a worker, one of the Axon's
/// `concurrency`, and never beside another piece of the same TASK. A cancelled
/// coroutine is destroyed at its next `co_await`, or where it is suspended.
///
/// Options must have a name: g++ 12 destroys what is made by `{.x = ...}`
/// within a `co_await` expression twice. For the same reason lists in braces
/// and lambdas that capture get a name first.
/// @source neurons.md section 1.5
class coroutine_io {
public:
  explicit coroutine_io(neuron_io io) : io_(std::move(io)) {
    // nop
  }

  task_scope scope() const noexcept {
    return io_.scope();
  }

  std::stop_token stop_token() const {
    return io_.stop_token();
  }

  void think(std::string delta) const {
    io_.think(std::move(delta));
  }

  void escalate(std::string reason, std::optional<std::string> target = {},
                json context = nullptr) const {
    io_.escalate(std::move(reason), std::move(target), std::move(context));
  }

  // -- awaited ------------------------------------------------------------------

  /// Asks an Engram that the Axon declares under this name.
  /// @returns as `neuron_io::recall` does.
  awaited<caf::expected<recall_result>>
  recall(std::string name, const recall_options& what) const;
  awaited<caf::expected<recall_result>> recall(std::string name) const;
  /// @private Give the options a name.
  void recall(std::string name, recall_options&& what) const = delete;

  /// Writes to an Engram. @returns the receipt if it is waited for.
  awaited<caf::expected<std::optional<imprint_receipt>>>
  imprint(std::string name, const imprint_options& what) const;
  /// @private Give the options a name.
  void imprint(std::string name, imprint_options&& what) const = delete;

  /// Calls a tool of an Effector that the Axon declares under this name.
  /// @returns as `neuron_io::call_tool` does.
  awaited<caf::expected<tool_outcome>>
  call_tool(std::string name, std::string tool, json args,
            const call_tool_options& how) const;
  awaited<caf::expected<tool_outcome>>
  call_tool(std::string name, std::string tool, json args) const;
  /// @private Give the options a name.
  void call_tool(std::string name, std::string tool, json args,
                 call_tool_options&& how) const
    = delete;

  /// Dispatches a TASK with this TASK as its parent and awaits what
  /// `dendrite::dispatch_and_wait` returns, `timeout` and `retry` included.
  /// @returns ec::protocol_violation on a worker.
  awaited<caf::expected<signal>> dispatch(const dispatch_options& what) const;
  awaited<caf::expected<signal>> dispatch(std::string neuron, json input) const;
  /// @private Give the options a name.
  void dispatch(dispatch_options&& what) const = delete;

  /// Goes on after this time.
  awaited<void> sleep(std::chrono::nanoseconds time) const;

  /// `net::fetch(request)`, from `cosmo/net/fetch.hpp`.
  template <class Request>
  auto http(const Request& request) const -> decltype(fetch(request)) {
    return fetch(request);
  }

private:
  neuron_io io_;
};

template <class T>
using coroutine_function = std::function<task<T>(
  const json& input, const json& context, const coroutine_io& io)>;

/// Runs each call on a strand of its own. Arguments and captures outlive it.
any_neuron::async_function run_coroutine(coroutine_function<json> fn);
any_neuron::async_function
run_coroutine(coroutine_function<caf::expected<json>> fn);

template <class F>
  requires coroutine_neuron<F>
any_neuron::any_neuron(F fn) {
  if constexpr (makes_neuron_task<F, const json&, const json&>) {
    using result = std::invoke_result_t<F&, const json&, const json&>;
    async_ = run_coroutine(coroutine_function<typename result::value_type>{
      [fn = std::move(fn)](const json& input, const json& context,
                           const coroutine_io&) mutable {
        return fn(input, context);
      }});
  } else {
    using result
      = std::invoke_result_t<F&, const json&, const json&, const coroutine_io&>;
    async_ = run_coroutine(
      coroutine_function<typename result::value_type>{std::move(fn)});
  }
}

} // namespace cosmo
