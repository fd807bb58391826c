// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/actors.hpp>
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cosmo {

class pathway;
struct dispatch_options;

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
  using recall_done = std::function<void(caf::expected<recall_result>)>;
  using imprint_done
    = std::function<void(caf::expected<std::optional<imprint_receipt>>)>;

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

/// A Neuron of any kind: `(input, context) -> output`.
///
/// Plain callables `(input, context)` or `(input, context, io)` returning
/// `json` or `caf::expected<json>` may block; they run off the scheduler. An
/// exception they throw is their failure. Asynchronous callables are made with
/// `neuron::async`, actors with `neuron::actor`. Every Neuron must accept
/// concurrent calls.
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
             && std::is_invocable_v<F&, const json&, const json&>)
  any_neuron(F fn) {
    plain_ = [fn = std::move(fn)](const json& input, const json& context,
                                  const neuron_io&) mutable {
      return caf::expected<json>{fn(input, context)};
    };
  }

  template <class F>
    requires(
      !std::same_as<std::remove_cvref_t<F>, any_neuron>
      && !std::is_invocable_v<F&, const json&, const json&>
      && std::is_invocable_v<F&, const json&, const json&, const neuron_io&>)
  any_neuron(F fn) {
    plain_ = [fn = std::move(fn)](const json& input, const json& context,
                                  const neuron_io& io) mutable {
      return caf::expected<json>{fn(input, context, io)};
    };
  }

  static any_neuron from_async(async_function fn);

  static any_neuron from_actor(neuron_actor hdl);

  /// Sets what the Axon calls once when it is torn down.
  any_neuron&& on_close(std::function<void()> fn) &&;

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
