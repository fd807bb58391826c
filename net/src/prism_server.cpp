// SPDX-License-Identifier: Apache-2.0
#include "job_threads.hpp"
#include "prism_request.hpp"
#include "prism_site.hpp"
#include "prism_viewer.hpp"
#include "response_head.hpp"
#include "websocket_request.hpp"
#include <cosmo/log.hpp>
#include <cosmo/net/http_server.hpp>
#include <cosmo/net/prism_server.hpp>
#include <cosmo/subject.hpp>

#include <atomic>
#include <mutex>
#include <utility>

namespace cosmo::net {

namespace {

/// Connections that are no viewers: pages being loaded.
constexpr size_t spare_connections = 64;

/// Ends of observations that may take their time at once.
constexpr size_t farewell_threads_max = 4;

constexpr std::string_view name_space_default = "dev";

std::string landing_of(const prism_options& options) {
  if (options.url.empty())
    return {};
  return "url=" + form_encoded(options.url)
         + "&namespace=" + form_encoded(options.name_space);
}

} // namespace

caf::error check(const prism_options& options) {
  auto wrong = [](const std::string& text) {
    return make_error(ec::bad_config, "prism_server: " + text);
  };
  if (auto error = check_name_space(options.name_space))
    return wrong(message_of(error));
  if (options.viewers_max == 0)
    return wrong("viewers_max must be > 0");
  return check(options.viewer);
}

class prism_server::engine {
public:
  engine(prism_options options, observe feed)
    : options_(std::move(options)),
      landing_(landing_of(options_)),
      feed_(std::move(feed)),
      port_(options_.port),
      farewells_(farewell_threads_max, "cosmo.prism.bye") {
    // nop
  }

  caf::error listen() {
    // Viewers block a thread each while they connect.
    http_server_options options{
      .port = options_.port,
      .body_bytes_max = 0,
      .connections_max = 2 * options_.viewers_max + spare_connections,
      .handler_threads_max = options_.viewers_max + 4,
    };
    auto server = http_server::open(
      std::move(options), [this](const auto& request, const auto& reply) {
        serve(request, reply);
      });
    if (!server)
      return std::move(server.error());
    port_ = (*server)->port();
    server_ = std::move(*server);
    return {};
  }

  uint16_t port() const noexcept {
    return port_;
  }

  std::string url() const {
    return server_->url();
  }

  void stop() {
    std::unique_lock guard{mutex_};
    server_->stop();
    farewells_.join();
  }

private:
  void serve(const incoming_request& request, const http_reply& reply) {
    if (request.method == "GET" && request.path() == prism_socket_path)
      watch(request, reply);
    else
      reply.send(prism_response(request, landing_));
  }

  void watch(const incoming_request& request, const http_reply& reply) {
    auto origin = request.field("Origin");
    if (!is_own_origin(origin, port_))
      return reply.send(
        fault_response(403, "pages of " + origin + " may not look at buses"));
    // Anything else may come from any page, which need not name itself.
    if (!asks_for_websocket(request)) {
      (void)reply.upgrade(options_.viewer, [] {});
      return;
    }
    auto query = query_of(request.target);
    auto name_space = query_value(query, "namespace");
    if (name_space.empty())
      name_space = name_space_default;
    auto viewer = std::make_shared<prism_viewer>();
    auto is_too_many = ++viewers_ > options_.viewers_max;
    auto browser = reply.upgrade(options_.viewer,
                                 [this, viewer] { say_farewell(viewer); });
    if (is_too_many)
      return prism_viewer::fail(
        browser,
        {"too_many_viewers", "more than " + std::to_string(options_.viewers_max)
                               + " windows are open"});
    viewer->watch(browser, feed_, query_value(query, "url"), name_space,
                  options_.outside);
  }

  /// On a thread that may wait for the bus.
  void say_farewell(const std::shared_ptr<prism_viewer>& viewer) {
    --viewers_;
    if (!farewells_.run([viewer] { viewer->leave(); }))
      viewer->leave();
  }

  const prism_options options_;
  const std::string landing_;
  const observe feed_;
  std::atomic<uint16_t> port_;
  std::atomic<size_t> viewers_ = 0;
  job_threads farewells_;
  std::mutex mutex_;
  std::shared_ptr<http_server> server_;
};

caf::expected<std::shared_ptr<prism_server>>
prism_server::open(prism_options options, observe feed) {
  if (auto error = check(options))
    return error;
  auto impl = std::make_shared<engine>(std::move(options), std::move(feed));
  if (auto error = impl->listen())
    return error;
  return std::shared_ptr<prism_server>{new prism_server(std::move(impl))};
}

prism_server::prism_server(std::shared_ptr<engine> impl)
  : engine_(std::move(impl)) {
  // nop
}

prism_server::~prism_server() {
  stop();
}

uint16_t prism_server::port() const noexcept {
  return engine_->port();
}

std::string prism_server::url() const {
  return engine_->url();
}

void prism_server::stop() {
  engine_->stop();
}

} // namespace cosmo::net
