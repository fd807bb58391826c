// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call_limiter.hpp"
#include "mcp_call.hpp"
#include "mcp_protocol.hpp"
#include "mcp_transport.hpp"
#include <cosmo/neuron.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cosmo::net {

/// One TASK, from its arrival to its answer, which is given once.
struct mcp_job {
  using stop_callback = std::stop_callback<std::function<void()>>;

  mcp_job(mcp_call what, neuron_promise promise)
    : call(std::move(what)), done(std::move(promise)) {
    // nop
  }

  mcp_call call;
  std::optional<neuron_promise> done;
  /// What the limits of the source say to it.
  call_permit permit = {};
  std::optional<stop_callback> on_stop = {};
  /// Where the job was submitted.
  std::weak_ptr<class mcp_session> session = {};
  /// Whether a server that had forgotten us was the reason to begin again.
  bool is_second_try = false;

  /// Nobody waits for the answer any more.
  void cancel();

  /// @param outcome what that says about the server.
  void answer(caf::expected<json> result, call_outcome outcome);
};

using mcp_job_ptr = std::shared_ptr<mcp_job>;

struct mcp_session_settings {
  std::string client_name = "cosmonapse";
  std::string client_version = "0.2.0";
  std::chrono::duration<double> startup_timeout{30};
  /// For each request; 0 for none.
  std::chrono::duration<double> timeout{120};
  /// How long jobs are served after `close`.
  std::chrono::milliseconds drain_time{10'000};
  /// What no error text may show.
  std::vector<std::string> secrets = {};
};

/// One connection to an MCP server, from the handshake to its end: serves one
/// job at a time, in the order of their arrival. It is never reused: whoever
/// finds it closed opens another one, and that is all there is to restarting.
/// @affinity I/O thread only   @source neurons.md 15.4, 15.6, 15.7
class mcp_session : public std::enable_shared_from_this<mcp_session> {
public:
  /// Takes jobs that another session may begin again.
  using forgotten_handler = std::function<void(std::deque<mcp_job_ptr>)>;

  mcp_session(boost::asio::io_context& context,
              std::shared_ptr<mcp_transport> transport,
              std::shared_ptr<const mcp_session_settings> settings,
              forgotten_handler on_forgotten);

  void start();

  /// Whether `submit` may be called.
  bool is_open() const noexcept {
    return !is_closing_ && !is_ended_;
  }

  void submit(mcp_job_ptr job);

  /// Stops working on a job, tells the server, and goes on.
  void cancel(mcp_job& job);

  /// Takes no more jobs, serves those it has, then ends.
  void close();

  /// Ends now; what is unanswered fails with `reason`.
  void end(const caf::error& reason, call_outcome outcome);

private:
  /// The request that the server is working on.
  struct exchange {
    int64_t id;
    std::string method;
  };

  void receive(std::string_view message);

  void perform(mcp_send& action);
  void perform(mcp_ready& action);
  void perform(mcp_refused& action);
  void perform(mcp_reply& action);

  /// Begins the next job, or ends if that was the last one.
  void proceed();

  void take(mcp_step step);

  void send_request(const mcp_request& what);

  /// The answer to a request cannot come any more.
  void on_failed(int64_t id, const caf::error& reason, call_outcome outcome);

  /// Gives up what the server is working on, and tells it.
  void abandon(const caf::error& reason);

  void fail_job(const caf::error& reason);

  void finish_job(caf::expected<json> result, call_outcome outcome);

  void on_forgotten(const caf::error& reason);

  /// All that is unanswered, in order.
  std::deque<mcp_job_ptr> leave();

  void expire(boost::asio::steady_timer& timer,
              std::chrono::duration<double> after,
              void (mcp_session::*handler)());

  void on_startup_timeout();

  void on_request_timeout();

  void on_drain_timeout();

  std::shared_ptr<mcp_transport> transport_;
  std::shared_ptr<const mcp_session_settings> settings_;
  forgotten_handler on_forgotten_;
  mcp_protocol protocol_;
  bool is_ready_ = false;
  bool is_closing_ = false;
  bool is_ended_ = false;
  std::deque<mcp_job_ptr> waiting_;
  mcp_job_ptr current_;
  std::optional<exchange> exchange_;
  /// Of the handshake, then of each request.
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer drain_;
};

} // namespace cosmo::net
