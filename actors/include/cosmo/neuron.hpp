// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/effector_call.hpp>
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/tool_recognition.hpp>

#include <caf/disposable.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cosmo {

class coroutine_io;
class pathway;
struct dispatch_options;
template <class T>
class task;

/// Where a running TASK stands in its trace. Refers to what the `neuron_io`
/// that gave it keeps alive.
struct task_scope {
  const std::string& trace_id;
  /// Id of the TASK; everything a Neuron sends has it as its parent.
  const std::string& task_id;
  const std::string& neuron_id;
};

/// What a Neuron may do besides computing its result.
///
/// A cheap handle, copyable, usable from any thread while the TASK runs and
/// harmless afterwards. Everything it publishes goes through the hosting
/// Dendrite's internal path and so works on a worker too.
/// @source neurons.md section 1.5
class neuron_io {
public:
  /// Called with the outcome, mostly on a scheduler thread: must not block.
  using dispatch_done = std::function<void(caf::expected<signal>)>;
  using recall_done = std::function<void(caf::expected<recall_result>)>;
  using imprint_done
    = std::function<void(caf::expected<std::optional<imprint_receipt>>)>;
  using tool_done = std::function<void(caf::expected<tool_outcome>)>;

  using think_done = std::function<void(caf::error)>;

  /// The hosting side; implemented by the Axon.
  class host {
  public:
    virtual ~host() = default;
    virtual task_scope scope() const noexcept = 0;
    virtual std::stop_token stop_token() const = 0;
    virtual void think(std::string delta) = 0;
    virtual void think(std::string delta, think_done done) = 0;
    virtual void escalate(std::string reason, std::optional<std::string> target,
                          json context)
      = 0;
    virtual caf::expected<pathway> dispatch(dispatch_options options) = 0;
    virtual void dispatch(dispatch_options options, dispatch_done done) = 0;
    virtual caf::disposable run_delayed(std::chrono::nanoseconds time,
                                        std::function<void()> fn)
      = 0;
    virtual void post(std::function<void()> job) = 0;
    virtual caf::expected<recall_result> recall(std::string_view name,
                                                recall_options what)
      = 0;
    virtual void recall(std::string_view name, recall_options what,
                        recall_done done)
      = 0;
    virtual caf::expected<std::optional<imprint_receipt>>
    imprint(std::string_view name, imprint_options what) = 0;
    virtual void imprint(std::string_view name, imprint_options what,
                         imprint_done done)
      = 0;
    virtual const std::vector<effector_binding>& effectors() const noexcept = 0;
    virtual caf::expected<tool_outcome> call_tool(std::string_view name,
                                                  call_tool_options what)
      = 0;
    virtual void call_tool(std::string_view name, call_tool_options what,
                           tool_done done)
      = 0;
  };

  explicit neuron_io(std::shared_ptr<host> impl) : impl_(std::move(impl)) {
    // nop
  }

  task_scope scope() const noexcept {
    return impl_->scope();
  }

  /// Requested when STOP, stop or detach cancels the TASK. A Neuron that
  /// reacts returns early; its result is discarded either way.
  std::stop_token stop_token() const {
    return impl_->stop_token();
  }

  /// Publishes THOUGHT_DELTA with the next `seq` (0, 1, 2, ...).
  void think(std::string delta) const {
    impl_->think(std::move(delta));
  }

  /// The same, and calls `done` once when the bus has accepted it: who has more
  /// to say than others can take goes on then.
  /// @returns in `done` ec::cancelled if the TASK runs no more, not_connected.
  void think(std::string delta, think_done done) const {
    impl_->think(std::move(delta), std::move(done));
  }

  /// Publishes ESCALATION; without `target` it names this Neuron.
  void escalate(std::string reason, std::optional<std::string> target = {},
                json context = nullptr) const;

  /// Dispatches a TASK with this TASK as its parent. Waits until the Dendrite
  /// has published it, so an asynchronous Neuron must call it from a thread of
  /// its own.
  /// @returns ec::protocol_violation on a worker, ec::bad_argument within the
  ///          call of an asynchronous Neuron.
  caf::expected<pathway> dispatch(dispatch_options options) const;

  /// Dispatches likewise and calls back with what `dispatch_and_wait` would
  /// return, retries included. Opens no Pathway.
  void dispatch(dispatch_options options, dispatch_done done) const;

  /// Calls back after this time, on the thread of the clock: must not block.
  /// Whoever disposes of what it returns is not called.
  caf::disposable run_delayed(std::chrono::nanoseconds time,
                              std::function<void()> fn) const {
    return impl_->run_delayed(time, std::move(fn));
  }

  /// Runs code that may block on a worker, as one of the Axon's `concurrency`,
  /// also when the TASK has ended meanwhile. Destroyed without having run if
  /// the Axon is gone.
  void post(std::function<void()> job) const {
    impl_->post(std::move(job));
  }

  /// Asks an Engram that the Axon declares under this name, on the TASK's
  /// trace. Waits, so an asynchronous Neuron uses the other form.
  /// @returns ec::engram_not_bound naming what is declared, engram_timeout,
  ///          engram_cancelled, bad_argument.
  caf::expected<recall_result> recall(std::string_view name,
                                      recall_options what = {}) const {
    return impl_->recall(name, std::move(what));
  }

  void recall(std::string_view name, recall_options what,
              recall_done done) const {
    impl_->recall(name, std::move(what), std::move(done));
  }

  /// Writes to an Engram, likewise. @returns the receipt if it is waited for.
  caf::expected<std::optional<imprint_receipt>>
  imprint(std::string_view name, imprint_options what) const {
    return impl_->imprint(name, std::move(what));
  }

  void imprint(std::string_view name, imprint_options what,
               imprint_done done) const {
    impl_->imprint(name, std::move(what), std::move(done));
  }

  /// The Effectors that the Axon declares. Valid as long as this handle is.
  const std::vector<effector_binding>& effectors() const noexcept {
    return impl_->effectors();
  }

  /// Calls a tool of the Effector that the Axon declares under this name, on
  /// the TASK's trace. Waits, so an asynchronous Neuron uses the other form.
  /// @param how the call's id, deadline, trace, parent and meta, if any.
  /// @returns ec::effector_not_bound naming what is declared, effector_timeout,
  ///          effector_cancelled, effector_overloaded, bad_argument. A tool
  ///          that fails says so in its outcome.
  caf::expected<tool_outcome> call_tool(std::string_view name, std::string tool,
                                        json args,
                                        call_tool_options how = {}) const {
    how.tool = std::move(tool);
    how.args = std::move(args);
    return impl_->call_tool(name, std::move(how));
  }

  void call_tool(std::string_view name, std::string tool, json args,
                 call_tool_options how, tool_done done) const {
    how.tool = std::move(tool);
    how.args = std::move(args);
    impl_->call_tool(name, std::move(how), std::move(done));
  }

private:
  std::shared_ptr<host> impl_;
};

/// The one-shot answer of an asynchronous Neuron.
///
/// Copyable and usable from any thread. The first call of `deliver` or `fail`
/// counts. If all copies go away unanswered the TASK ends with ERROR
/// `NEURON_EXCEPTION`: no TASK is ever left without an answer.
class neuron_promise {
public:
  class state {
  public:
    virtual ~state() = default;
    virtual void complete(caf::expected<json> result) = 0;
  };

  explicit neuron_promise(std::shared_ptr<state> impl)
    : impl_(std::move(impl)) {
    // nop
  }

  void deliver(json result) const {
    impl_->complete(std::move(result));
  }

  void fail(caf::error reason) const {
    impl_->complete(std::move(reason));
  }

private:
  std::shared_ptr<state> impl_;
};

/// Whether calling it makes a coroutine that is a Neuron.
template <class F, class... Ts>
concept makes_neuron_task
  = std::is_invocable_v<F&, Ts...>
    && (std::same_as<std::invoke_result_t<F&, Ts...>, task<json>>
        || std::same_as<std::invoke_result_t<F&, Ts...>,
                        task<caf::expected<json>>>);

/// A coroutine `(input, context)` or `(input, context, io)`; its `io` is a
/// `coroutine_io`.
template <class F>
concept coroutine_neuron
  = makes_neuron_task<F, const json&, const json&>
    || makes_neuron_task<F, const json&, const json&, const coroutine_io&>;

/// A Neuron of any kind: `(input, context) -> output`.
///
/// Plain callables `(input, context)` or `(input, context, io)` returning
/// `json` or `caf::expected<json>` may block; they run off the scheduler. An
/// exception they throw is their failure. Asynchronous callables are made with
/// `neuron::async`, actors with `neuron::actor`; coroutines that return
/// `task<json>` or `task<caf::expected<json>>` need `cosmo/coroutine.hpp`.
/// Every Neuron must accept concurrent calls.
/// @source neurons.md section 1
class any_neuron {
public:
  using plain_function = std::function<caf::expected<json>(
    const json& input, const json& context, const neuron_io& io)>;

  /// `input` and `context` stay valid until `done` is answered or dropped.
  /// Called on a scheduler thread: must not block.
  using async_function = std::function<void(
    const json& input, const json& context, neuron_io io, neuron_promise done)>;

  any_neuron() = default;

  /// Takes what a factory returned. Its error comes up when an Axon with this
  /// Neuron is attached.
  any_neuron(caf::expected<any_neuron> made);

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, any_neuron>
             && !coroutine_neuron<F>
             && std::is_invocable_v<F&, const json&, const json&>)
  any_neuron(F fn) {
    plain_ = [fn = std::move(fn)](const json& input, const json& context,
                                  const neuron_io&) mutable {
      return caf::expected<json>{fn(input, context)};
    };
  }

  template <class F>
    requires(
      !std::same_as<std::remove_cvref_t<F>, any_neuron> && !coroutine_neuron<F>
      && !std::is_invocable_v<F&, const json&, const json&>
      && std::is_invocable_v<F&, const json&, const json&, const neuron_io&>)
  any_neuron(F fn) {
    plain_ = [fn = std::move(fn)](const json& input, const json& context,
                                  const neuron_io& io) mutable {
      return caf::expected<json>{fn(input, context, io)};
    };
  }

  /// Defined in `cosmo/coroutine.hpp`.
  template <class F>
    requires coroutine_neuron<F>
  any_neuron(F fn);

  static any_neuron from_async(async_function fn);

  static any_neuron from_actor(neuron_actor hdl);

  /// Sets what the Axon calls once when it is torn down.
  any_neuron&& on_close(std::function<void()> fn) &&;

  /// Says which model it asks, so that an Axon knows how that calls tools.
  any_neuron&& asks(model_info model) &&;

  /// Nothing for one that is no model.
  const std::optional<model_info>& model() const noexcept {
    return model_;
  }

  explicit operator bool() const noexcept {
    return plain_ || async_ || actor_;
  }

  /// Why there is no Neuron.
  const caf::error& fault() const noexcept {
    return fault_;
  }

  const plain_function& plain() const noexcept {
    return plain_;
  }

  const async_function& async() const noexcept {
    return async_;
  }

  const neuron_actor& actor() const noexcept {
    return actor_;
  }

  /// Releases the Neuron's resources; errors are the Neuron's to swallow.
  void close() const;

private:
  plain_function plain_;
  async_function async_;
  neuron_actor actor_;
  std::function<void()> close_;
  std::optional<model_info> model_;
  caf::error fault_;
};

namespace neuron {

/// A Neuron that answers later and never holds a thread while it waits.
template <class F>
any_neuron async(F fn) {
  return any_neuron::from_async(std::move(fn));
}

/// A Neuron that is an actor answering `(input, context)` with the output. Its
/// handler returns `json`; where it has to return `caf::result<json>`, it wraps
/// the output in `caf::expected<json>`. See `neuron_actor` for the reason.
any_neuron actor(neuron_actor hdl);

} // namespace neuron

} // namespace cosmo
