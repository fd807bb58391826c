// SPDX-License-Identifier: Apache-2.0
#include "io_loop.hpp"
#include "json_members.hpp"
#include "line_splitter.hpp"
#include "url.hpp"
#include "wire_line.hpp"
#include "wire_text.hpp"
#include "write_queue.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/log.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/version.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <unordered_map>
#include <utility>

namespace cosmo::net {

namespace asio = boost::asio;

using asio::ip::tcp;

namespace {

/// What a server takes that has announced nothing.
constexpr size_t publish_bytes_default = 65'536;

constexpr size_t read_bytes = 64 * 1024;

/// How long a server may take to read the last lines of a client that closes.
constexpr std::chrono::seconds farewell{2};

constexpr std::string_view closed_text = "the client is closed";

caf::error not_connected(std::string_view why) {
  return make_error(ec::not_connected, "not connected: " + std::string{why});
}

/// Whether an `err` answers a request rather than complaining about a Signal
/// or a subscription.
bool answers(std::string_view text) {
  return !text.starts_with("pub: ") && !text.starts_with("sub: ");
}

} // namespace

caf::error check(const wire_client_options& options) {
  auto wrong = [](std::string text) {
    return make_error(ec::bad_config, "wire_client: " + std::move(text));
  };
  if (options.line_bytes_max < publish_bytes_default)
    return wrong("line_bytes_max must be at least 65536");
  if (options.publish_bytes_max == size_t{0})
    return wrong("publish_bytes_max must be > 0");
  if (options.unsent_bytes_max == 0)
    return wrong("unsent_bytes_max must be > 0");
  if (options.connect_timeout.count() <= 0)
    return wrong("connect_timeout must be > 0");
  if (options.answer_timeout.count() <= 0)
    return wrong("answer_timeout must be > 0");
  return {};
}

/// The connection, past and future ones included.
///
/// What callers and the I/O thread share is behind the mutex; what belongs to
/// the thread alone comes after it.
class wire_client::engine : public std::enable_shared_from_this<engine> {
public:
  engine(const bus_url& to, wire_client_options options,
         wire_client_events events, world outside)
    : options_(std::move(options)),
      events_(std::move(events)),
      random_(outside.random),
      host_(to.host.empty() ? std::string{wire_host_default} : to.host),
      port_(to.port.value_or(wire_port_default)),
      url_("cosmo://" + to_string(http_origin{.host = host_, .port = port_})),
      loop_(std::make_shared<io_loop>("cosmo.wire.cli")),
      resolver_(loop_->context()),
      socket_(loop_->context()),
      timer_(loop_->context()),
      lines_(options_.line_bytes_max, line_end::lf),
      incoming_(read_bytes) {
    // nop
  }

  const std::string& url() const noexcept {
    return url_;
  }

  std::chrono::milliseconds answer_timeout() const noexcept {
    return options_.answer_timeout;
  }

  /// Connects for the first time. Blocks.
  caf::error open() {
    if (auto failed = loop_->start())
      return failed;
    std::promise<caf::error> opened;
    auto outcome = opened.get_future();
    loop_->post([this, &opened] {
      opened_ = [&opened](caf::error why) { opened.set_value(std::move(why)); };
      connect();
    });
    return outcome.get();
  }

  void close() {
    {
      std::lock_guard guard{mutex_};
      if (std::exchange(is_closed_, true))
        return;
    }
    loop_->post([this] { take_leave(); });
    loop_->end();
  }

  bool connected() const {
    std::lock_guard guard{mutex_};
    return is_connected_;
  }

  // -- callers -------------------------------------------------------------------

  caf::error publish(std::string_view subject, std::string_view frame) {
    if (subject.empty())
      return make_error(ec::bad_argument, "the subject is empty");
    std::lock_guard guard{mutex_};
    if (!is_connected_)
      return not_connected("no connection to " + url_);
    raw_subject_.clear();
    raw_frame_.clear();
    if (!append_escaped(raw_subject_, subject)
        || !append_escaped(raw_frame_, frame))
      return make_error(ec::bad_argument, "the subject or frame is not UTF-8");
    auto length = size_of_pub(raw_subject_, raw_frame_);
    if (length > publish_bytes_max_)
      return make_error(ec::too_large, "the line has " + std::to_string(length)
                                         + " bytes, the server takes "
                                         + std::to_string(publish_bytes_max_));
    if (unsent_.size() + length + 1 > options_.unsent_bytes_max)
      return make_error(ec::overloaded, std::to_string(unsent_.size())
                                          + " bytes are waiting for " + url_);
    append_pub(unsent_.room_for(length + 1), raw_subject_, raw_frame_);
    write_soon();
    return {};
  }

  subscription_id subscribe(std::string_view pattern,
                            std::optional<std::string> group,
                            message_handler fn, done_handler done) {
    std::unique_lock guard{mutex_};
    auto id = next_id_++;
    auto sub_id = hex_digits(*random_);
    auto place = subscriptions_
                   .emplace(sub_id, std::make_shared<wish>(std::string{pattern},
                                                           std::move(group),
                                                           std::move(fn)))
                   .first;
    sub_ids_.emplace(id, sub_id);
    // Without a connection it is made known with the next one, if any.
    ask(guard, wire_line(line_of(*place)) + wire_line({{"op", "ping"}}),
        {.done = answer_of(std::move(done)), .is_subscription = true});
    return id;
  }

  void unsubscribe(subscription_id which) {
    std::lock_guard guard{mutex_};
    auto known = sub_ids_.find(which);
    if (known == sub_ids_.end())
      return;
    if (is_linked_) {
      unsent_.append(wire_line({{"op", "unsub"}, {"sub_id", known->second}}));
      write_soon();
    }
    subscriptions_.erase(known->second);
    sub_ids_.erase(known);
  }

  void flush(done_handler done) {
    std::unique_lock guard{mutex_};
    ask(guard, wire_line({{"op", "ping"}}),
        {.done = answer_of(std::move(done))});
  }

  void manage(const json& request,
              std::function<void(caf::expected<json>)> done) {
    std::unique_lock guard{mutex_};
    ask(guard, wire_line(request), {.done = std::move(done)});
  }

private:
  using answer = std::function<void(caf::expected<json>)>;

  /// Something that the server answers with one line.
  struct question {
    answer done;
    bool is_subscription = false;
    /// Why it does not subscribe.
    std::optional<caf::error> refusal = {};
  };

  struct wish {
    std::string pattern;
    std::optional<std::string> group;
    message_handler fn;
  };

  using wishes = std::unordered_map<std::string, std::shared_ptr<wish>>;

  static json line_of(const wishes::value_type& what) {
    auto& [sub_id, which] = what;
    return {
      {"op", "sub"},
      {"sub_id", sub_id},
      {"subject", which->pattern},
      {"queue_group", which->group ? json(*which->group) : json(nullptr)}};
  }

  /// A server that does not know `ping` has answered it all the same.
  static answer answer_of(done_handler done) {
    return [done = std::move(done)](caf::expected<json> reply) {
      auto is_there = reply || is_unknown_ping(reply.error());
      done(is_there ? caf::error{} : std::move(reply.error()));
    };
  }

  static bool is_unknown_ping(const caf::error& why) {
    return why == ec::wire_refused
           && message_of(why).starts_with("unknown op ");
  }

  /// Sends what is answered with one line.
  void ask(std::unique_lock<std::mutex>& guard, std::string lines,
           question what) {
    if (!is_linked_) {
      guard.unlock();
      return what.done(not_connected("no connection to " + url_));
    }
    unsent_.append(lines);
    awaited_.push_back(std::move(what));
    write_soon();
  }

  /// Has the I/O thread write; lines that come meanwhile go along. But the
  /// first line after something was heard, mostly a reply or the next request,
  /// goes at once: waking the thread would take longer.
  void write_soon() {
    if (is_writing_)
      return;
    if (std::exchange(writes_at_once_, false))
      write_at_once();
    if (unsent_.empty())
      return;
    is_writing_ = true;
    loop_->post([this, me = shared_from_this()] { write(); });
  }

  void write_at_once() {
    auto bytes = unsent_.front();
    auto count = ::send(descriptor_, bytes.data(), bytes.size(),
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    // What is wrong will come up when the I/O thread tries.
    if (count > 0)
      unsent_.remove_prefix(static_cast<size_t>(count));
  }

  // -- connecting: I/O thread ------------------------------------------------------

  void connect() {
    auto turn = ++turn_;
    timer_.expires_after(options_.connect_timeout);
    timer_.async_wait([this, turn](auto error) {
      if (!error && turn == turn_)
        fail(make_error(
          ec::timeout, "no cosmo:// server has answered at " + url_ + " within "
                         + std::to_string(options_.connect_timeout.count())
                         + " ms"));
    });
    auto on_reply = [this, turn](auto error, const tcp::endpoint&) {
      if (turn != turn_)
        return;
      if (error)
        return fail(unreachable(error.message()));
      on_connected();
    };
    auto on_found = [this, turn, on_reply](auto error, const auto& found) {
      if (turn != turn_)
        return;
      if (error)
        return fail(unreachable(error.message()));
      asio::async_connect(socket_, found, on_reply);
    };
    resolver_.async_resolve(host_, std::to_string(port_), on_found);
  }

  caf::error unreachable(const std::string& why) const {
    return make_error(ec::connect_failed,
                      "cannot connect to " + url_ + ": " + why);
  }

  void on_connected() {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
    socket_.set_option(asio::socket_base::keep_alive{true}, ignored);
    lines_ = line_splitter{options_.line_bytes_max, line_end::lf};
    is_greeted_ = false;
    read();
  }

  /// The first line, whatever it says: upstream's say no more than hello.
  void on_greeting(std::string_view line) {
    is_greeted_ = true;
    std::unique_lock guard{mutex_};
    publish_bytes_max_
      = options_.publish_bytes_max.value_or(publish_bytes_default);
    if (auto banner = parse_json(line); banner && !options_.publish_bytes_max)
      if (auto most = present_member(*banner, "max_line");
          most && most->is_number_unsigned())
        publish_bytes_max_
          = std::max(most->get<size_t>(), publish_bytes_default);
    unsent_.clear();
    unsent_.append(
      wire_line({{"op", "hello"},
                 {"client", "cosmonapse-cpp/" + std::string{version_text}},
                 {"max_line", options_.line_bytes_max}}));
    // In the order in which they were made: members of a group take turns by
    // it.
    std::map<subscription_id, std::string> by_age{sub_ids_.begin(),
                                                  sub_ids_.end()};
    for (auto& [id, sub_id] : by_age)
      unsent_.append(wire_line(line_of(*subscriptions_.find(sub_id))));
    // What was subscribed is in effect when this is answered.
    unsent_.append(wire_line({{"op", "ping"}}));
    awaited_.push_back({.done = [this](const caf::expected<json>& reply) {
      if (reply || is_unknown_ping(reply.error()))
        on_ready();
    }});
    is_linked_ = true;
    write_soon();
  }

  void on_ready() {
    ++turn_;
    timer_.cancel();
    attempts_ = 0;
    {
      std::lock_guard guard{mutex_};
      is_connected_ = true;
      descriptor_ = socket_.native_handle();
      writes_at_once_ = true;
    }
    if (auto opened = std::exchange(opened_, nullptr))
      return opened({});
    log::warning("net.wire", "connected-again", url_);
    if (events_.on_back)
      events_.on_back();
  }

  // -- closing: I/O thread ---------------------------------------------------------

  /// What was published is still written, if the server takes it.
  void take_leave() {
    ++turn_;
    resolver_.cancel();
    timer_.cancel();
    {
      std::lock_guard guard{mutex_};
      is_connected_ = false;
    }
    if (!is_writing())
      return hang_up(closed_text);
    timer_.expires_after(farewell);
    timer_.async_wait([this, turn = turn_](auto error) {
      if (!error && turn == turn_)
        hang_up(closed_text);
    });
  }

  bool is_writing() const {
    std::lock_guard guard{mutex_};
    return is_writing_;
  }

  bool is_closed() const {
    std::lock_guard guard{mutex_};
    return is_closed_;
  }

  // -- losing the connection: I/O thread -------------------------------------------

  /// Ends the connection, and whatever waits for the server.
  void hang_up(std::string_view why) {
    ++turn_;
    ++connection_;
    timer_.cancel();
    std::deque<question> awaited;
    {
      std::lock_guard guard{mutex_};
      is_connected_ = false;
      is_linked_ = false;
      writes_at_once_ = false;
      unsent_.clear();
      awaited = std::exchange(awaited_, {});
    }
    // Only now: nobody writes at once any more.
    boost::system::error_code ignored;
    socket_.close(ignored);
    for (auto& what : awaited)
      what.done(not_connected(why));
  }

  void fail(const caf::error& why) {
    auto was_connected = connected();
    hang_up(message_of(why));
    if (auto opened = std::exchange(opened_, nullptr))
      return opened(why);
    if (is_closed())
      return;
    if (was_connected) {
      log::warning("net.wire", "connection-lost", message_of(why));
      if (events_.on_lost)
        events_.on_lost(why);
    }
    if (options_.reconnect)
      connect_later();
  }

  void connect_later() {
    timer_.expires_after(options_.reconnect_pause(attempts_++, *random_));
    timer_.async_wait([this, turn = ++turn_](auto error) {
      if (!error && turn == turn_)
        connect();
    });
  }

  // -- reading: I/O thread ---------------------------------------------------------

  void read() {
    socket_.async_read_some(
      asio::buffer(incoming_),
      [this, me = shared_from_this(), connection = connection_](auto error,
                                                                size_t count) {
        if (connection != connection_)
          return;
        if (error)
          return fail(error == asio::error::eof
                        ? not_connected(url_ + " has closed the connection")
                        : not_connected(url_ + ": " + error.message()));
        if (!lines_.feed({incoming_.data(), count},
                         [this](std::string_view line) { on_line(line); }))
          return fail(not_connected(url_ + " has sent a line of more than "
                                    + std::to_string(options_.line_bytes_max)
                                    + " bytes"));
        if (connection == connection_)
          read();
      });
  }

  void on_line(std::string_view line) {
    if (!is_greeted_)
      return on_greeting(line);
    wire_traffic traffic;
    if (read_msg(line, traffic)) {
      frame_.clear();
      if (append_unescaped(frame_, traffic.frame))
        return on_message(traffic.sub_id, traffic.subject, frame_);
    }
    auto members = parse_json(line);
    if (!members || !members->is_object())
      return log::warning("net.wire", "odd-line", url_);
    on_members(std::move(*members));
  }

  void on_members(json line) {
    auto text = [&line](const char* key) {
      auto value = present_member(line, key);
      auto result = value ? value->get_ptr<const std::string*>() : nullptr;
      return result ? std::string_view{*result} : std::string_view{};
    };
    auto op = text("op");
    if (op == "msg") {
      on_message(text("sub_id"), text("subject"), text("frame"));
    } else if (op == "pong" || op == "ns_registered"
               || op.starts_with("mgmt_")) {
      on_answer(std::move(line));
    } else if (op == "err") {
      on_refusal(std::string{text("message")});
    } else if (op == "ns_stopping" && events_.on_name_space_stopping) {
      events_.on_name_space_stopping(text("namespace"));
    }
  }

  void on_message(std::string_view sub_id, std::string_view subject,
                  std::string_view frame) {
    std::shared_ptr<wish> to;
    {
      std::lock_guard guard{mutex_};
      writes_at_once_ = is_connected_;
      key_.assign(sub_id);
      if (auto known = subscriptions_.find(key_); known != subscriptions_.end())
        to = known->second;
    }
    if (to)
      to->fn(subject, frame);
  }

  void on_answer(caf::expected<json> reply) {
    question what;
    {
      std::lock_guard guard{mutex_};
      if (awaited_.empty())
        return;
      what = std::move(awaited_.front());
      awaited_.pop_front();
    }
    what.done(what.refusal ? std::move(*what.refusal) : std::move(reply));
  }

  void on_refusal(std::string text) {
    log::warning("net.wire", "refused", url_ + ": " + text);
    if (!answers(text)) {
      // A subscription is refused before its ping is answered.
      std::lock_guard guard{mutex_};
      if (text.starts_with("sub: ") && !awaited_.empty()
          && awaited_.front().is_subscription)
        awaited_.front().refusal
          = make_error(ec::wire_refused, std::move(text));
      return;
    }
    auto is_unknown = text.starts_with("namespace ");
    on_answer(make_error(is_unknown ? ec::not_found : ec::wire_refused,
                         std::move(text)));
  }

  // -- writing: I/O thread ---------------------------------------------------------

  void write() {
    auto goes_on = false;
    {
      std::lock_guard guard{mutex_};
      blocks_.give_back(std::exchange(in_flight_, {}));
      goes_on = !unsent_.empty() && socket_.is_open();
      if (goes_on)
        in_flight_ = unsent_.pop();
      is_writing_ = goes_on;
    }
    if (!goes_on && is_closed())
      hang_up(closed_text);
    if (!goes_on)
      return;
    asio::async_write(socket_, asio::buffer(in_flight_.front()),
                      [this, me = shared_from_this()](auto error, size_t) {
                        // Reading fails as well, and tells.
                        if (error)
                          log::debug("net.wire", "write-failed",
                                     error.message());
                        write();
                      });
  }

  const wire_client_options options_;
  const wire_client_events events_;
  const random_source_ptr random_;
  const std::string host_;
  const uint16_t port_;
  const std::string url_;
  std::shared_ptr<io_loop> loop_;

  mutable std::mutex mutex_;
  bool is_closed_ = false;
  /// Whether Signals may be published.
  bool is_connected_ = false;
  /// Whether the server knows of the subscriptions, or will by what is unsent.
  bool is_linked_ = false;
  /// Whether the I/O thread is going to look for more.
  bool is_writing_ = false;
  bool writes_at_once_ = false;
  int descriptor_ = -1;
  size_t publish_bytes_max_ = publish_bytes_default;
  block_store blocks_;
  write_queue unsent_{blocks_};
  std::string raw_subject_;
  std::string raw_frame_;
  wishes subscriptions_;
  std::unordered_map<subscription_id, std::string> sub_ids_;
  subscription_id next_id_ = 1;
  /// The server answers in the order in which it was asked.
  std::deque<question> awaited_;

  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  /// Tells the step that counts from those that were given up.
  uint64_t turn_ = 0;
  /// Tells this connection from those before.
  uint64_t connection_ = 0;
  int attempts_ = 0;
  /// Waits for the first connection.
  std::function<void(caf::error)> opened_;
  bool is_greeted_ = false;
  line_splitter lines_;
  std::vector<char> incoming_;
  block_store::block in_flight_;
  std::string frame_;
  std::string key_;
};

// -- the border --------------------------------------------------------------------

caf::expected<std::shared_ptr<wire_client>>
wire_client::connect(std::string_view url, wire_client_options options,
                     wire_client_events events, world outside) {
  auto to = parse_bus_url(url);
  if (!to)
    return std::move(to.error());
  return connect(*to, std::move(options), std::move(events),
                 std::move(outside));
}

caf::expected<std::shared_ptr<wire_client>>
wire_client::connect(const bus_url& to, wire_client_options options,
                     wire_client_events events, world outside) {
  if (to.scheme != "cosmo")
    return make_error(ec::bad_argument,
                      "unknown scheme '" + to.scheme + "'; expected cosmo");
  if (auto error = check(options))
    return error;
  auto impl = std::make_shared<engine>(to, std::move(options),
                                       std::move(events), std::move(outside));
  std::shared_ptr<wire_client> result{new wire_client(impl)};
  if (auto error = impl->open())
    return error;
  return result;
}

wire_client::wire_client(std::shared_ptr<engine> impl)
  : engine_(std::move(impl)) {
  // nop
}

wire_client::~wire_client() {
  close();
}

caf::error wire_client::publish(std::string_view subject,
                                std::string_view frame) {
  return engine_->publish(subject, frame);
}

wire_client::subscription_id
wire_client::subscribe(std::string_view pattern,
                       std::optional<std::string> group, message_handler fn,
                       done_handler done) {
  return engine_->subscribe(pattern, std::move(group), std::move(fn),
                            std::move(done));
}

caf::expected<wire_client::subscription_id>
wire_client::subscribe(std::string_view pattern,
                       std::optional<std::string> group, message_handler fn) {
  auto done = std::make_shared<std::promise<caf::error>>();
  auto outcome = done->get_future();
  auto id
    = engine_->subscribe(pattern, std::move(group), std::move(fn),
                         [done](caf::error why) { done->set_value(why); });
  auto why = outcome.wait_for(answer_timeout()) == std::future_status::ready
               ? outcome.get()
               : no_answer();
  if (!why)
    return id;
  engine_->unsubscribe(id);
  return why;
}

void wire_client::unsubscribe(subscription_id which) {
  engine_->unsubscribe(which);
}

void wire_client::flush(done_handler done) {
  engine_->flush(std::move(done));
}

caf::error wire_client::flush() {
  auto done = std::make_shared<std::promise<caf::error>>();
  auto outcome = done->get_future();
  engine_->flush([done](caf::error why) { done->set_value(why); });
  return outcome.wait_for(answer_timeout()) == std::future_status::ready
           ? outcome.get()
           : no_answer();
}

caf::expected<json> wire_client::manage(const json& request) {
  auto done = std::make_shared<std::promise<caf::expected<json>>>();
  auto outcome = done->get_future();
  engine_->manage(request, [done](caf::expected<json> reply) {
    done->set_value(std::move(reply));
  });
  if (outcome.wait_for(answer_timeout()) != std::future_status::ready)
    return no_answer();
  return outcome.get();
}

caf::error wire_client::no_answer() const {
  return make_error(ec::timeout, "no answer from " + url() + " within "
                                   + std::to_string(answer_timeout().count())
                                   + " ms");
}

std::chrono::milliseconds wire_client::answer_timeout() const noexcept {
  return engine_->answer_timeout();
}

bool wire_client::connected() const {
  return engine_->connected();
}

const std::string& wire_client::url() const noexcept {
  return engine_->url();
}

void wire_client::close() {
  engine_->close();
}

} // namespace cosmo::net
