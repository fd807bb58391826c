// SPDX-License-Identifier: Apache-2.0
#include "mcp_session.hpp"

#include "http_fault.hpp"
#include "longest_wait.hpp"
#include "quoted_text.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace cosmo::net {

namespace {

using seconds = std::chrono::duration<double>;

caf::error cancelled() {
  return make_error(ec::cancelled, "the call of the MCP server was cancelled");
}

} // namespace

void mcp_job::answer(caf::expected<json> result, call_outcome outcome) {
  auto promise = std::exchange(done, std::nullopt);
  on_stop.reset();
  if (!promise)
    return;
  permit.settle(outcome);
  if (result)
    promise->deliver(std::move(*result));
  else
    promise->fail(std::move(result.error()));
}

void mcp_job::cancel() {
  if (auto owner = session.lock())
    owner->cancel(*this);
  answer(cancelled(), call_outcome::nothing);
}

mcp_session::mcp_session(boost::asio::io_context& context,
                         std::shared_ptr<mcp_transport> transport,
                         std::shared_ptr<const mcp_session_settings> settings,
                         forgotten_handler on_forgotten)
  : transport_(std::move(transport)),
    settings_(std::move(settings)),
    on_forgotten_(std::move(on_forgotten)),
    protocol_(settings_->secrets),
    deadline_(context),
    drain_(context) {
  // nop
}

void mcp_session::start() {
  auto hello
    = protocol_.initialize(settings_->client_name, settings_->client_version);
  if (!hello)
    return end(hello.error(), call_outcome::nothing);
  expire(deadline_, settings_->startup_timeout,
         &mcp_session::on_startup_timeout);
  // Weak, because the transport outlives its session by its closing time.
  auto weak = weak_from_this();
  transport_->open({.received =
                      [weak](std::string_view message) {
                        if (auto self = weak.lock())
                          self->receive(message);
                      },
                    .ended =
                      [weak](const caf::error& reason) {
                        if (auto self = weak.lock())
                          self->end(reason, outcome_of(reason));
                      },
                    .forgotten =
                      [weak](const caf::error& reason) {
                        if (auto self = weak.lock())
                          self->on_forgotten(reason);
                      }});
  if (!is_ended_)
    transport_->send(
      {.message = std::move(*hello),
       .failed = [weak](const caf::error& reason, call_outcome outcome) {
         if (auto self = weak.lock(); self && !self->is_ready_)
           self->end(reason, outcome);
       }});
}

void mcp_session::submit(mcp_job_ptr job) {
  job->session = weak_from_this();
  waiting_.push_back(std::move(job));
  proceed();
}

void mcp_session::cancel(mcp_job& job) {
  if (&job == current_.get())
    return abandon(cancelled());
  std::erase_if(waiting_, [&](const auto& other) { return &job == &*other; });
  proceed();
}

void mcp_session::close() {
  if (!is_open())
    return;
  is_closing_ = true;
  expire(drain_, settings_->drain_time, &mcp_session::on_drain_timeout);
  proceed();
}

void mcp_session::end(const caf::error& reason, call_outcome outcome) {
  for (auto& job : leave())
    job->answer(mask(reason, settings_->secrets), outcome);
}

// -- messages -----------------------------------------------------------------

void mcp_session::receive(std::string_view message) {
  for (auto& action : protocol_.receive(message))
    if (!is_ended_)
      std::visit([this](auto& what) { perform(what); }, action);
}

void mcp_session::perform(mcp_send& action) {
  transport_->send({.message = std::move(action.message)});
}

void mcp_session::perform(mcp_ready& action) {
  is_ready_ = true;
  deadline_.cancel();
  transport_->negotiated(std::move(action.version));
  transport_->send({.message = std::move(action.confirmation)});
  proceed();
}

void mcp_session::perform(mcp_refused& action) {
  // Even with an error in good form: it serves nobody.
  end(action.reason, call_outcome::failure);
}

void mcp_session::perform(mcp_reply& action) {
  if (!exchange_ || exchange_->id != action.id)
    return;
  exchange_.reset();
  deadline_.cancel();
  if (action.result)
    take(current_->call.receive(*action.result));
  else
    fail_job(action.result.error());
}

// -- jobs ---------------------------------------------------------------------

void mcp_session::proceed() {
  if (is_ended_ || current_)
    return;
  if (waiting_.empty()) {
    if (is_closing_)
      leave();
    return;
  }
  if (!is_ready_)
    return;
  current_ = std::move(waiting_.front());
  waiting_.pop_front();
  take(current_->call.begin());
}

void mcp_session::take(mcp_step step) {
  if (auto next = std::get_if<mcp_request>(&step))
    send_request(*next);
  else if (auto output = std::get_if<mcp_output>(&step))
    finish_job(std::move(output->value), call_outcome::success);
  else
    fail_job(std::get<caf::error>(step));
}

void mcp_session::send_request(const mcp_request& what) {
  auto request = protocol_.open_request(what.method, what.params);
  if (!request)
    return fail_job(make_error(ec::bad_input, "the input cannot be sent: "
                                                + message_of(request.error())));
  exchange_.emplace(exchange{request->id, what.method});
  if (settings_->timeout > seconds::zero())
    expire(deadline_, settings_->timeout, &mcp_session::on_request_timeout);
  auto failed = [weak = weak_from_this(), id = request->id](
                  const caf::error& reason, call_outcome outcome) {
    if (auto self = weak.lock())
      self->on_failed(id, reason, outcome);
  };
  transport_->send(
    {.message = std::move(request->message), .failed = std::move(failed)});
}

void mcp_session::on_failed(int64_t id, const caf::error& reason,
                            call_outcome outcome) {
  if (is_ended_ || !exchange_ || exchange_->id != id)
    return;
  protocol_.forget(id);
  exchange_.reset();
  deadline_.cancel();
  finish_job(reason, outcome);
}

void mcp_session::abandon(const caf::error& reason) {
  deadline_.cancel();
  auto given_up = std::exchange(exchange_, std::nullopt);
  if (given_up) {
    transport_->send(
      {.message = protocol_.cancel(given_up->id, message_of(reason))});
    transport_->abandon();
  }
  fail_job(reason);
}

void mcp_session::fail_job(const caf::error& reason) {
  finish_job(reason, outcome_of(reason));
}

void mcp_session::finish_job(caf::expected<json> result, call_outcome outcome) {
  auto job = std::exchange(current_, nullptr);
  if (!result)
    result = mask(result.error(), settings_->secrets);
  job->answer(std::move(result), outcome);
  // Not from here: thousands of inputs that fail at once may be waiting.
  boost::asio::post(deadline_.get_executor(),
                    [self = shared_from_this()] { self->proceed(); });
}

// -- ends ---------------------------------------------------------------------

void mcp_session::on_forgotten(const caf::error& reason) {
  if (!is_ready_ || is_closing_)
    return end(reason, outcome_of(reason));
  std::deque<mcp_job_ptr> again;
  for (auto& job : leave()) {
    if (std::exchange(job->is_second_try, true))
      job->answer(reason, outcome_of(reason));
    else
      again.push_back(std::move(job));
  }
  on_forgotten_(std::move(again));
}

std::deque<mcp_job_ptr> mcp_session::leave() {
  if (std::exchange(is_ended_, true))
    return {};
  deadline_.cancel();
  drain_.cancel();
  exchange_.reset();
  auto result = std::exchange(waiting_, {});
  if (current_)
    result.push_front(std::exchange(current_, nullptr));
  transport_->close();
  return result;
}

void mcp_session::expire(boost::asio::steady_timer& timer, seconds after,
                         void (mcp_session::*handler)()) {
  timer.expires_after(within_timer(after));
  timer.async_wait([self = shared_from_this(), &timer, handler](auto error) {
    // It may have been set anew after it had expired.
    auto is_due = !error && timer.expiry() <= std::chrono::steady_clock::now();
    if (is_due && !self->is_ended_)
      (self.get()->*handler)();
  });
}

void mcp_session::on_startup_timeout() {
  if (is_ready_)
    return;
  end(make_error(ec::timeout, "the MCP server did not start within "
                                + format_seconds(settings_->startup_timeout)
                                + " s"),
      call_outcome::failure);
}

void mcp_session::on_request_timeout() {
  if (exchange_)
    abandon(make_error(
      ec::timeout, "the MCP server did not answer " + exchange_->method
                     + " within " + format_seconds(settings_->timeout) + " s"));
}

void mcp_session::on_drain_timeout() {
  end(make_error(ec::cancelled,
                 "the MCP server was closed before the call was served"),
      call_outcome::nothing);
}

} // namespace cosmo::net
