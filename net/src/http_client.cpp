// SPDX-License-Identifier: Apache-2.0
#include "field_text.hpp"
#include "http_call.hpp"
#include "http_pool.hpp"
#include "http_syntax.hpp"
#include "io_thread.hpp"
#include "tls.hpp"
#include "url.hpp"
#include <cosmo/log.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/tree_entry.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

caf::error validate(const http_request& request) {
  if (!is_token(request.method) || request.method.size() > field_bytes_max)
    return make_error(ec::bad_argument, "the HTTP method is no token");
  if (!(request.timeout.count() > 0))
    return make_error(ec::bad_argument, "the timeout must be > 0");
  return validate_fields(request.fields);
}

} // namespace

std::string http_response::field(std::string_view name) const {
  return joined_field(fields, name);
}

/// The part of a client that its I/O thread shares, so that a client can be
/// destroyed by one of its own handlers.
class http_client::engine : public std::enable_shared_from_this<engine> {
public:
  engine(const http_client_options& options,
         std::unique_ptr<asio::ssl::context> tls)
    : work_(asio::make_work_guard(context_)),
      tls_(std::move(tls)),
      pool_(context_, options.idle_connections_max, options.idle_time_max),
      resolver_(context_),
      path_(std::make_shared<return_path>(context_)),
      host_{
        .context = context_,
        .pool = pool_,
        .resolver = resolver_,
        .tls = [this] { return tls_context(); },
        .path = path_,
        .ended
        = [this](http_call& call) { calls_.erase(call.shared_from_this()); }} {
    // nop
  }

  ~engine() {
    path_->close();
  }

  void send(http_request request, url target, std::stop_token stop,
            http_body_taker taker, response_handler done) {
    if (auto error = run())
      return done(std::move(error));
    auto call = std::make_shared<http_call>(host_, std::move(request),
                                            std::move(target), std::move(taker),
                                            std::move(done));
    call->watch(std::move(stop));
    asio::post(context_, [this, call] {
      calls_.insert(call);
      call->start();
    });
  }

  void call_at(std::chrono::steady_clock::time_point when,
               std::function<void()> fn) {
    if (auto error = run())
      return log::error("net.http", "timer-not-started", describe(error));
    asio::post(context_, [this, when, fn = std::move(fn)] {
      auto timer = std::make_shared<asio::steady_timer>(context_, when);
      timer->async_wait([timer, fn](auto error) {
        if (!error)
          fn();
      });
    });
  }

  void shut_down() {
    std::unique_lock guard{mutex_};
    if (!thread_.joinable())
      return;
    state_ = child_state::stopping;
    asio::post(context_, [this] {
      for (auto calls = calls_; const auto& call : calls)
        call->abort(http_fault_kind::cancelled);
      pool_.clear();
      context_.stop();
    });
    if (thread_.get_id() == std::this_thread::get_id())
      thread_.detach();
    else
      thread_.join();
  }

private:
  /// Starts the thread with the first request.
  caf::error run() {
    std::unique_lock guard{mutex_};
    if (thread_.joinable())
      return {};
    auto started = start_io_thread(context_, "cosmo.http", shared_from_this());
    if (!started)
      return std::move(started.error());
    thread_ = std::move(*started);
    state_ = child_state::running;
    return {};
  }

  http_call_host::tls_result tls_context() {
    if (!tls_) {
      auto made = make_tls_context({});
      if (!made)
        return std::move(made.error());
      tls_ = std::move(*made);
    }
    return tls_.get();
  }

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unique_ptr<asio::ssl::context> tls_;
  http_pool pool_;
  http_resolver resolver_;
  std::shared_ptr<return_path> path_;
  http_call_host host_;
  std::set<std::shared_ptr<http_call>> calls_;
  std::mutex mutex_;
  std::thread thread_;
  /// Of the thread; whoever looks at it must not wait for the thread.
  std::atomic<child_state> state_ = child_state::terminated;
  const tree_entry entry_{
    [this] { return child_info{.id = "http", .state = state_}; }};
};

caf::expected<std::shared_ptr<http_client>>
http_client::open(const http_client_options& options) {
  std::unique_ptr<asio::ssl::context> tls;
  if (!options.ca_file.empty()) {
    auto made = make_tls_context(options.ca_file);
    if (!made)
      return std::move(made.error());
    tls = std::move(*made);
  }
  auto impl = std::make_shared<engine>(options, std::move(tls));
  return std::shared_ptr<http_client>{new http_client(std::move(impl))};
}

std::shared_ptr<http_client> http_client::shared() {
  // Without a file there is nothing that could fail.
  return std::move(*shared({}));
}

caf::expected<std::shared_ptr<http_client>>
http_client::shared(const http_client_options& options) {
  static std::mutex mutex;
  static std::map<http_client_options, std::weak_ptr<http_client>> existing;
  std::unique_lock guard{mutex};
  if (auto found = existing.find(options); found != existing.end())
    if (auto result = found->second.lock())
      return result;
  std::erase_if(existing, [](auto& entry) { return entry.second.expired(); });
  auto result = open(options);
  if (result)
    existing.emplace(options, *result);
  return result;
}

http_client::http_client(std::shared_ptr<engine> impl)
  : engine_(std::move(impl)) {
  // nop
}

http_client::~http_client() {
  engine_->shut_down();
}

void http_client::call_at(std::chrono::steady_clock::time_point when,
                          std::function<void()> fn) {
  engine_->call_at(when, std::move(fn));
}

void http_client::send(http_request request, std::stop_token stop,
                       response_handler done) {
  stream(std::move(request), std::move(stop), {}, std::move(done));
}

void http_client::stream(http_request request, std::stop_token stop,
                         http_body_taker taker, response_handler done) {
  if (auto error = validate(request))
    return done(std::move(error));
  auto target = parse_url(request.url);
  if (!target)
    return done(std::move(target.error()));
  if (stop.stop_requested())
    return done(
      to_error({http_fault_kind::cancelled}, request, target->origin));
  engine_->send(std::move(request), std::move(*target), std::move(stop),
                std::move(taker), std::move(done));
}

} // namespace cosmo::net
