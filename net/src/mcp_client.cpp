// SPDX-License-Identifier: Apache-2.0
#include "mcp_client.hpp"

#include "call_limiter.hpp"
#include "longest_wait.hpp"
#include "quoted_text.hpp"

#include <deque>
#include <optional>
#include <utility>

namespace cosmo::net {

namespace {

caf::error has_gone() {
  return make_error(ec::cancelled, "the MCP Neuron has gone");
}

} // namespace

/// The part of a client that the I/O thread shares, so that a client can be
/// destroyed at any time. All but the constructor and the posting functions
/// belong to that thread.
class mcp_client::engine : public std::enable_shared_from_this<engine> {
public:
  engine(mcp_source source, std::shared_ptr<mcp_thread> thread)
    : source_(std::move(source)),
      thread_(std::move(thread)),
      limiter_(std::make_shared<call_limiter>(
        source_.limits, source_.name,
        [on = thread_](auto when, auto fn) { on->call_at(when, fn); })) {
    // nop
  }

  void call(json input, std::stop_token stop, neuron_promise done) {
    if (auto error = thread_->run())
      return done.fail(std::move(error));
    auto job = std::make_shared<mcp_job>(
      mcp_call{source_.calls, std::move(input)}, std::move(done));
    // Weak: whoever waits for a turn keeps no source alive.
    auto begin = [weak = weak_from_this(), sessions = source_.sessions, job,
                  stop](caf::expected<call_permit> permit) {
      if (!permit)
        return job->answer(mask(permit.error(), sessions->secrets),
                           call_outcome::nothing);
      job->permit = std::move(*permit);
      auto self = weak.lock();
      if (!self)
        return job->answer(has_gone(), call_outcome::nothing);
      self->post([job, stop](engine& on) {
        on.submit(job);
        on.watch(job, stop);
      });
    };
    auto timeout = source_.sessions->timeout;
    limiter_->acquire(timeout > timeout.zero() ? timeout : longest_wait, stop,
                      std::move(begin));
    // The thread may have ended after it let go of all who waited.
    if (thread_->ending().stop_requested())
      limiter_->cancel_waiting();
  }

  void close() {
    limiter_->cancel_waiting();
    post([](engine& self) {
      if (auto session = std::exchange(self.session_, nullptr))
        session->close();
    });
  }

  void end() {
    post([](engine& self) { self.end_now(); });
  }

private:
  template <class F>
  void post(F fn) {
    thread_->post(
      [self = shared_from_this(), fn = std::move(fn)] { fn(*self); });
  }

  void submit(mcp_job_ptr job) {
    if (!on_ending_)
      on_ending_.emplace(thread_->ending(), [weak = weak_from_this()] {
        if (auto self = weak.lock())
          self->end();
      });
    if (thread_->ending().stop_requested())
      return job->cancel();
    if (session_ && session_->is_open())
      return session_->submit(std::move(job));
    auto again = [weak = weak_from_this()](std::deque<mcp_job_ptr> jobs) {
      if (auto self = weak.lock())
        for (auto& item : jobs)
          self->submit(std::move(item));
    };
    session_ = std::make_shared<mcp_session>(
      thread_->context(), source_.connect(thread_), source_.sessions,
      std::move(again));
    session_->submit(std::move(job));
    session_->start();
  }

  /// On this thread, which alone may remove what is put here.
  void watch(const mcp_job_ptr& job, const std::stop_token& stop) {
    if (!job->done)
      return;
    std::weak_ptr<mcp_job> watched = job;
    job->on_stop.emplace(stop, [weak = weak_from_this(), watched] {
      if (auto self = weak.lock())
        self->post([watched](engine&) {
          if (auto cancelled = watched.lock())
            cancelled->cancel();
        });
    });
  }

  void end_now() {
    limiter_->cancel_waiting();
    if (auto session = std::exchange(session_, nullptr))
      session->end(has_gone(), call_outcome::nothing);
  }

  mcp_source source_;
  std::shared_ptr<mcp_thread> thread_;
  std::shared_ptr<call_limiter> limiter_;
  std::shared_ptr<mcp_session> session_;
  std::optional<std::stop_callback<std::function<void()>>> on_ending_;
};

mcp_client::mcp_client(mcp_source source, std::shared_ptr<mcp_thread> thread)
  : engine_(std::make_shared<engine>(std::move(source), std::move(thread))) {
  // nop
}

mcp_client::~mcp_client() {
  engine_->end();
}

void mcp_client::call(json input, std::stop_token stop, neuron_promise done) {
  engine_->call(std::move(input), std::move(stop), std::move(done));
}

void mcp_client::close() {
  engine_->close();
}

any_neuron make_mcp_neuron(mcp_source source,
                           std::shared_ptr<mcp_thread> thread) {
  auto client
    = std::make_shared<mcp_client>(std::move(source), std::move(thread));
  return neuron::async([client](const json& input, const json&,
                                const neuron_io& io,
                                const neuron_promise& done) {
           client->call(input, io.stop_token(), done);
         })
    .on_close([client] { client->close(); });
}

} // namespace cosmo::net
