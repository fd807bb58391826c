// SPDX-License-Identifier: Apache-2.0
#include <cosmo/coroutine.hpp>

#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

namespace cosmo {

namespace {

/// The strand of one coroutine Neuron at work on one TASK.
///
/// While the coroutine is suspended nothing but the callbacks that it waits
/// for, and itself, keep it alive; a callback that goes away unused, or a
/// STOP, makes it go on to its end.
class coroutine_run : public strand {
public:
  coroutine_run(task<caf::expected<json>> body, neuron_io io,
                neuron_promise done)
    : io_(std::move(io)), done_(std::move(done)), body_(std::move(body)) {
    // nop
  }

  void start() {
    stop_callback_.emplace(io_.stop_token(), on_stop{this});
    body_->begin(*this);
    // Not before: whoever takes the turn may end all this.
    post_turn();
  }

  // -- strand -------------------------------------------------------------------

  void resume(std::coroutine_handle<> what) override {
    {
      std::lock_guard guard{mutex_};
      if (state_ == state::ended)
        return;
      ready_.push_back(what);
    }
    take_turn();
  }

  std::stop_token stop_token() const override {
    return io_.stop_token();
  }

  bool stopped() const override {
    std::lock_guard guard{mutex_};
    return stopped_;
  }

private:
  enum class state { suspended, waiting, running, ended };

  struct on_stop {
    coroutine_run* self;

    void operator()() const {
      {
        std::lock_guard guard{self->mutex_};
        self->stopped_ = true;
      }
      self->take_turn();
    }
  };

  /// A turn that nobody takes any more ends the run.
  class turn {
  public:
    explicit turn(std::shared_ptr<coroutine_run> whose)
      : whose_(std::move(whose)) {
      // nop
    }

    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

    ~turn() {
      if (whose_)
        whose_->end();
    }

    void take() {
      std::exchange(whose_, nullptr)->run();
    }

  private:
    std::shared_ptr<coroutine_run> whose_;
  };

  std::shared_ptr<coroutine_run> self() {
    return std::static_pointer_cast<coroutine_run>(shared_from_this());
  }

  /// Goes to a worker unless it is there, or on its way.
  void take_turn() {
    {
      std::lock_guard guard{mutex_};
      if (state_ != state::suspended)
        return;
      state_ = state::waiting;
    }
    post_turn();
  }

  void post_turn() {
    // This may be the end of the run, and so of its io.
    auto io = io_;
    io.post([mine = std::make_shared<turn>(self())] { mine->take(); });
  }

  void run() {
    std::unique_lock guard{mutex_};
    state_ = state::running;
    while (!stopped_ && !ready_.empty() && !body_->done()) {
      auto next = ready_.front();
      ready_.pop_front();
      guard.unlock();
      next.resume();
      guard.lock();
    }
    if (!stopped_ && !body_->done()) {
      state_ = state::suspended;
      return;
    }
    guard.unlock();
    end();
  }

  /// What is suspended is destroyed before anybody hears of the result.
  void end() {
    std::optional<task<caf::expected<json>>> body;
    {
      std::lock_guard guard{mutex_};
      state_ = state::ended;
      ready_.clear();
      body.swap(body_);
    }
    stop_callback_.reset();
    auto done = std::move(done_);
    auto result = outcome_of(*body);
    body.reset();
    if (result)
      done->deliver(std::move(*result));
    else
      done->fail(std::move(result.error()));
  }

  static caf::expected<json> outcome_of(task<caf::expected<json>>& body) {
    if (!body.done())
      return make_error(ec::cancelled, "the TASK was cancelled");
    try {
      return body.result();
    } catch (const std::exception& err) {
      return make_error(ec::neuron_exception, err.what());
    } catch (...) {
      return make_error(ec::neuron_exception, "unknown exception");
    }
  }

  neuron_io io_;
  std::optional<neuron_promise> done_;
  mutable std::mutex mutex_;
  state state_ = state::waiting;
  bool stopped_ = false;
  std::deque<std::coroutine_handle<>> ready_;
  /// Gone when the run has ended.
  std::optional<task<caf::expected<json>>> body_;
  std::optional<std::stop_callback<on_stop>> stop_callback_;
};

/// A timer that is forgotten when nobody waits for it any more.
class timer {
public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  ~timer() {
    if (handle_)
      handle_.dispose();
  }

  void start(const neuron_io& io, std::chrono::nanoseconds time,
             completion<void> done) {
    done_ = std::make_shared<completion<void>>(std::move(done));
    // CAF keeps what is disposed of until its time would have come.
    handle_ = io.run_delayed(time, [weak = std::weak_ptr{done_}] {
      if (auto waiting = weak.lock())
        (*waiting)();
    });
  }

private:
  std::shared_ptr<completion<void>> done_;
  caf::disposable handle_;
};

/// The call itself is made on a worker, too, and may throw.
template <class T>
task<caf::expected<json>> call(std::shared_ptr<const coroutine_function<T>> fn,
                               const json& input, const json& context,
                               coroutine_io io) {
  co_return co_await (*fn)(input, context, io);
}

template <class T>
any_neuron::async_function make_async(coroutine_function<T> fn) {
  auto shared = std::make_shared<const coroutine_function<T>>(std::move(fn));
  return [shared](const json& input, const json& context, const neuron_io& io,
                  neuron_promise done) {
    std::make_shared<coroutine_run>(
      call(shared, input, context, coroutine_io{io}), io, std::move(done))
      ->start();
  };
}

} // namespace

any_neuron::async_function run_coroutine(coroutine_function<json> fn) {
  return make_async(std::move(fn));
}

any_neuron::async_function
run_coroutine(coroutine_function<caf::expected<json>> fn) {
  return make_async(std::move(fn));
}

// -- coroutine_io ----------------------------------------------------------------

awaited<caf::expected<recall_result>>
coroutine_io::recall(std::string name, const recall_options& what) const {
  return awaited<caf::expected<recall_result>>{
    [io = io_, name = std::move(name),
     what](completion<caf::expected<recall_result>> done) mutable {
      io.recall(name, std::move(what), std::move(done));
    }};
}

awaited<caf::expected<recall_result>>
coroutine_io::recall(std::string name) const {
  const recall_options anything;
  return recall(std::move(name), anything);
}

awaited<caf::expected<std::optional<imprint_receipt>>>
coroutine_io::imprint(std::string name, const imprint_options& what) const {
  using result = caf::expected<std::optional<imprint_receipt>>;
  return awaited<result>{
    [io = io_, name = std::move(name), what](completion<result> done) mutable {
      io.imprint(name, std::move(what), std::move(done));
    }};
}

awaited<caf::expected<tool_outcome>>
coroutine_io::call_tool(std::string name, std::string tool, json args,
                        const call_tool_options& how) const {
  using result = caf::expected<tool_outcome>;
  return awaited<result>{[io = io_, name = std::move(name),
                          tool = std::move(tool), args = std::move(args),
                          how](completion<result> done) mutable {
    io.call_tool(name, std::move(tool), std::move(args), std::move(how),
                 std::move(done));
  }};
}

awaited<caf::expected<tool_outcome>>
coroutine_io::call_tool(std::string name, std::string tool, json args) const {
  const call_tool_options how;
  return call_tool(std::move(name), std::move(tool), std::move(args), how);
}

awaited<caf::expected<signal>>
coroutine_io::dispatch(const dispatch_options& what) const {
  return awaited<caf::expected<signal>>{
    [io = io_, what](completion<caf::expected<signal>> done) mutable {
      io.dispatch(std::move(what), std::move(done));
    }};
}

awaited<caf::expected<signal>> coroutine_io::dispatch(std::string neuron,
                                                      json input) const {
  const dispatch_options what{.neuron = std::move(neuron),
                              .input = std::move(input)};
  return dispatch(what);
}

awaited<void> coroutine_io::sleep(std::chrono::nanoseconds time) const {
  return awaited<void>{
    [io = io_, time, waiting = std::make_shared<timer>()](
      completion<void> done) { waiting->start(io, time, std::move(done)); }};
}

} // namespace cosmo
