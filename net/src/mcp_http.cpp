// SPDX-License-Identifier: Apache-2.0
#include "mcp_http.hpp"

#include "longest_wait.hpp"
#include "sse_parser.hpp"
#include <cosmo/log.hpp>

#include <boost/asio/executor_work_guard.hpp>

#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

namespace {

/// As long as a child has to end by itself.
constexpr std::chrono::duration<double> farewell_timeout{2};

bool is_event_stream(const http_response& response) {
  return response.ok()
         && response.field("Content-Type").starts_with("text/event-stream");
}

} // namespace

/// Reads events on the client's thread and hands them over to ours. The next
/// piece is read when these have been dealt with.
class mcp_http::event_taker {
public:
  event_taker(std::shared_ptr<mcp_http> owner, size_t event_bytes_max)
    : owner_(std::move(owner)), parser_(event_bytes_max) {
    // nop
  }

  bool wants(const http_response& head) {
    if (!is_event_stream(head))
      return false;
    owner_->thread_->post([owner = owner_, id = head.field("Mcp-Session-Id")] {
      owner->take_session(id);
    });
    return true;
  }

  void take(std::string_view bytes, const http_flow& flow) {
    std::vector<std::string> messages;
    auto is_short = parser_.feed(bytes, [&messages](const sse_event& event) {
      messages.emplace_back(event.data);
    });
    if (!is_short)
      return flow.fail(
        make_error(ec::too_large,
                   "response from " + owner_->settings_->url + " too large"));
    owner_->thread_->post(
      [owner = owner_, messages = std::move(messages), flow] {
        for (const auto& message : messages)
          owner->receive(message);
        flow.read_on();
      });
  }

private:
  std::shared_ptr<mcp_http> owner_;
  sse_parser parser_;
};

mcp_http::mcp_http(std::shared_ptr<mcp_thread> thread,
                   std::shared_ptr<const mcp_http_settings> settings)
  : thread_(std::move(thread)), settings_(std::move(settings)) {
  // nop
}

void mcp_http::open(events handlers) {
  events_ = std::move(handlers);
}

void mcp_http::send(outgoing what) {
  queue_.push_back(std::move(what));
  send_next();
}

void mcp_http::abandon() {
  request_.request_stop();
}

void mcp_http::negotiated(std::string version) {
  version_ = std::move(version);
}

void mcp_http::close() {
  is_closed_ = true;
  queue_.clear();
  abandon();
  if (session_.empty())
    return;
  auto farewell = make_request("DELETE");
  farewell.timeout = farewell_timeout;
  // The program may end with this: the thread waits for it.
  auto work = std::make_shared<
    asio::executor_work_guard<asio::io_context::executor_type>>(
    asio::make_work_guard(thread_->context()));
  settings_->client->send(std::move(farewell), {},
                          [work](const caf::expected<http_response>&) {
                            // A server may refuse it, or be gone already.
                          });
}

// -- messages -----------------------------------------------------------------

http_request mcp_http::make_request(std::string method) const {
  http_request result{.method = std::move(method), .url = settings_->url};
  result.fields = settings_->fields;
  if (!session_.empty())
    result.fields.push_back({"Mcp-Session-Id", session_});
  if (!version_.empty())
    result.fields.push_back({"MCP-Protocol-Version", version_});
  result.response_bytes_max = settings_->response_bytes_max;
  result.secrets = settings_->secrets;
  return result;
}

/// Requests are answered late and one at a time; everything else is short, and
/// nothing overtakes it.
void mcp_http::send_next() {
  while (!is_busy_ && !queue_.empty() && !is_closed_) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    is_busy_ = !next.failed;
    post(std::move(next));
  }
}

void mcp_http::post(outgoing what) {
  auto request = make_request("POST");
  request.fields.push_back({"Content-Type", "application/json"});
  request.fields.push_back({"Accept", "application/json, text/event-stream"});
  request.body = std::exchange(what.message, {});
  // The session decides when it has waited long enough.
  request.timeout = what.failed ? longest_wait : settings_->control_timeout;
  std::stop_token stop;
  if (what.failed) {
    request_ = {};
    stop = request_.get_token();
  }
  auto self = shared_from_this();
  auto taker
    = std::make_shared<event_taker>(self, settings_->response_bytes_max);
  auto had_session = !session_.empty();
  settings_->client->stream(
    std::move(request), std::move(stop),
    {.wants = [taker](const http_response& head) { return taker->wants(head); },
     .take = [taker](std::string_view bytes,
                     const http_flow& flow) { taker->take(bytes, flow); }},
    [self, taker, had_session,
     what = std::move(what)](caf::expected<http_response> response) {
      self->thread_->post(
        [self, taker, had_session, what, response = std::move(response)] {
          self->on_done(what, had_session, response);
        });
    });
}

void mcp_http::take_session(const std::string& id) {
  if (session_.empty())
    session_ = id;
}

void mcp_http::receive(std::string_view message) {
  if (!is_closed_)
    events_.received(message);
}

void mcp_http::on_done(const outgoing& what, bool had_session,
                       const caf::expected<http_response>& response) {
  if (is_closed_)
    return;
  auto error
    = response
        ? status_error({.url = settings_->url, .secrets = settings_->secrets},
                       *response)
        : response.error();
  if (had_session && response && response->status == 404) {
    // There is nobody left to say goodbye to.
    session_.clear();
    return events_.forgotten(error);
  }
  if (!error) {
    take_session(response->field("Mcp-Session-Id"));
    if (!response->body.empty())
      receive(response->body);
  }
  if (what.failed) {
    auto reason = error ? error : no_answer(*response);
    auto outcome = outcome_of(reason, response ? response->status : 0);
    return what.failed(std::move(reason), outcome);
  }
  if (error)
    log::warning("neuron.mcp", "message-not-sent", message_of(error));
  is_busy_ = false;
  send_next();
}

caf::error mcp_http::no_answer(const http_response& response) const {
  if (is_event_stream(response))
    return make_error(ec::bad_response,
                      "stream from " + settings_->url + " ended early");
  return make_error(ec::bad_response,
                    "no answer in the response from " + settings_->url);
}

} // namespace cosmo::net
