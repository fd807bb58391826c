// SPDX-License-Identifier: Apache-2.0
#include "http_connection.hpp"

#include "bounded_body.hpp"
#include "tls.hpp"
#include <cosmo/version.hpp>

#include <boost/asio/connect.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <tuple>

namespace cosmo::net {

namespace http = boost::beast::http;

namespace asio = boost::asio;

namespace {

/// A response head above this is an attack or a mistake.
constexpr uint32_t head_bytes_max = 64 * 1024;

/// Holds a head, or one line of a chunked body, with room for what follows.
constexpr size_t buffer_bytes_max = 2 * head_bytes_max;

/// 1xx responses taken before the real one.
constexpr unsigned interim_count_max = 32;

/// A body in pieces has one buffer for as long as it takes, so a small one.
constexpr size_t piece_bytes = 4 * 1024;

std::string user_agent() {
  return "cosmonapse-cpp/" + std::string{version_text};
}

/// The border for errors of a running exchange.
http_fault fault_of(const boost::system::error_code& error) {
  if (error == http::error::body_limit)
    return {http_fault_kind::too_large};
  if (error == http::error::end_of_stream
      || error == http::error::partial_message || error == asio::error::eof
      || error == asio::ssl::error::stream_truncated)
    return {http_fault_kind::lost, "closed by the server"};
  if (error.category() == http::make_error_code(http::error{}).category())
    return {http_fault_kind::malformed, error.message()};
  if (error.category() == asio::error::get_ssl_category()
      || error.category() == asio::ssl::error::get_stream_category())
    return {http_fault_kind::tls, error.message()};
  return {http_fault_kind::lost, error.message()};
}

bool is_identity(std::string_view coding) {
  return coding.empty() || boost::beast::iequals(coding, "identity");
}

/// The first coding of the body that is neither the plain one nor chunking,
/// which only frames it.
template <class Fields>
std::string foreign_coding(const Fields& head) {
  for (auto name :
       {http::field::content_encoding, http::field::transfer_encoding}) {
    auto [first, last] = head.equal_range(name);
    for (; first != last; ++first)
      for (const auto& [coding, ignored] : http::ext_list{first->value()})
        if (!is_identity(coding)
            && (name != http::field::transfer_encoding
                || !boost::beast::iequals(coding, "chunked")))
          return std::string{coding};
  }
  return {};
}

http::request<http::string_body> to_message(const http_request& request,
                                            const std::string& target,
                                            const http_origin& origin) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(target);
  message.set(http::field::host, host_field(origin));
  message.set(http::field::user_agent, user_agent());
  message.set(http::field::accept_encoding, "identity");
  for (const auto& [name, value] : request.fields)
    message.insert(name, value);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

} // namespace

/// What one exchange reads and writes. Its handlers share it, because a write
/// may still be pending when the response is complete.
struct http_connection::exchange_state {
  using parser_type = http::response_parser<bounded_body>;

  http::request<http::string_body> message;
  boost::beast::flat_buffer buffer{buffer_bytes_max};
  std::optional<parser_type> parser;
  size_t response_bytes_max = 0;
  unsigned interim_count = 0;
  bool is_head_request = false;
  bool is_written = false;
  exchange_handlers handlers;

  /// Answers once; an abandoned exchange has no handler left.
  void finish(std::optional<http_fault> fault) {
    auto heard = std::exchange(handlers, {});
    if (heard.done)
      heard.done(std::move(fault));
  }

  void expect_head() {
    parser.emplace();
    parser->header_limit(head_bytes_max);
    // Bytes are counted as they arrive; see bounded_body.
    parser->body_limit(boost::none);
    parser->get().body().bytes_max = response_bytes_max;
    parser->skip(is_head_request);
  }

  /// An interim response announces the real one. 101 is final: nobody asked
  /// for another protocol.
  bool is_interim() const {
    auto status = parser->get().result_int();
    return status / 100 == 1 && status != 101;
  }
};

http_connection::http_connection(asio::io_context& context, http_origin origin,
                                 asio::ssl::context* tls)
  : origin_(std::move(origin)), socket_(context) {
  if (origin_.tls)
    tls_ = std::make_unique<tls_stream>(socket_, *tls);
}

http_connection::~http_connection() = default;

template <class F>
void http_connection::with_stream(F fn) {
  if (tls_)
    fn(*tls_);
  else
    fn(socket_);
}

void http_connection::open(std::vector<tcp::endpoint> endpoints, handler done) {
  // The endpoints must outlive the composed operation.
  auto shared
    = std::make_shared<std::vector<tcp::endpoint>>(std::move(endpoints));
  asio::async_connect(
    socket_, *shared,
    [self = shared_from_this(), shared, done = std::move(done)](
      const error_code& error, const tcp::endpoint&) mutable {
      if (error)
        return done(http_fault{http_fault_kind::unreachable, error.message()});
      error_code ignored;
      std::ignore = self->socket_.set_option(tcp::no_delay{true}, ignored);
      if (!self->tls_)
        return done(std::nullopt);
      self->handshake(std::move(done));
    });
}

void http_connection::handshake(handler done) {
  if (auto error = expect_peer(tls_->native_handle(), origin_))
    return done(http_fault{http_fault_kind::tls, *error});
  tls_->async_handshake(
    asio::ssl::stream_base::client,
    [self = shared_from_this(),
     done = std::move(done)](const error_code& error) {
      if (!error)
        return done(std::nullopt);
      auto why = handshake_reason(self->tls_->native_handle(), error);
      done(http_fault{http_fault_kind::tls, std::move(why)});
    });
}

void http_connection::exchange(const http_request& request,
                               const std::string& target,
                               exchange_handlers handlers) {
  auto state = std::make_shared<exchange_state>();
  state->message = to_message(request, target, origin_);
  state->response_bytes_max = request.response_bytes_max;
  state->is_head_request = request.method == "HEAD";
  state->handlers = std::move(handlers);
  state_ = state;
  with_stream([&](auto& stream) {
    http::async_write(
      stream, state->message,
      [self = shared_from_this(), state](const error_code& error, size_t) {
        // A failure shows in the read as well, maybe after
        // the response that explains it.
        state->is_written = !error;
      });
  });
  read_head(std::move(state));
}

void http_connection::read_head(std::shared_ptr<exchange_state> state) {
  state->expect_head();
  with_stream([&](auto& stream) {
    auto& buffer = state->buffer;
    auto& parser = *state->parser;
    http::async_read_header(
      stream, buffer, parser,
      [self = shared_from_this(), state](const error_code& error, size_t) {
        if (error)
          state->finish(fault_of(error));
        else
          self->on_head(state);
      });
  });
}

void http_connection::on_head(std::shared_ptr<exchange_state> state) {
  if (state->is_interim() && ++state->interim_count > interim_count_max)
    return state->finish(
      http_fault{http_fault_kind::malformed, "too many interim responses"});
  if (state->is_interim())
    return read_head(std::move(state));
  if (auto coding = foreign_coding(state->parser->get()); !coding.empty())
    return state->finish(
      http_fault{http_fault_kind::encoding, std::move(coding)});
  if (state->parser->is_done())
    return state->finish(std::nullopt);
  if (!state->handlers.wants_pieces || !state->handlers.wants_pieces())
    return read_body(std::move(state));
  state->buffer.reserve(piece_bytes);
  read_piece(std::move(state));
}

void http_connection::read_body(std::shared_ptr<exchange_state> state) {
  with_stream([&](auto& stream) {
    auto& buffer = state->buffer;
    auto& parser = *state->parser;
    http::async_read(
      stream, buffer, parser,
      [self = shared_from_this(), state](const error_code& error, size_t) {
        if (error)
          state->finish(fault_of(error));
        else
          state->finish(std::nullopt);
      });
  });
}

void http_connection::read_piece(std::shared_ptr<exchange_state> state) {
  if (state->parser->is_done())
    return state->finish(std::nullopt);
  with_stream([&](auto& stream) {
    auto& buffer = state->buffer;
    auto& parser = *state->parser;
    http::async_read_some(
      stream, buffer, parser,
      [self = shared_from_this(), state](const error_code& error, size_t) {
        if (error)
          return state->finish(fault_of(error));
        // An abandoned exchange takes nothing; framing is no content.
        auto& bytes = state->parser->get().body().bytes;
        if (!state->handlers.take_piece)
          return;
        if (bytes.empty())
          self->read_piece(state);
        else
          state->handlers.take_piece(bytes);
      });
  });
}

void http_connection::read_on() {
  auto& body = state_->parser->get().body();
  body.bytes_max -= body.bytes.size();
  body.bytes.clear();
  read_piece(state_);
}

void http_connection::close() noexcept {
  if (state_)
    state_->handlers = {};
  error_code ignored;
  std::ignore = socket_.close(ignored);
}

bool http_connection::has_response_bytes() const noexcept {
  return state_
         && (state_->interim_count > 0 || state_->buffer.size() > 0
             || (state_->parser && state_->parser->got_some()));
}

std::optional<http_response> http_connection::head() const {
  if (!state_ || !state_->parser || !state_->parser->is_header_done()
      || state_->is_interim())
    return std::nullopt;
  const auto& message = state_->parser->get();
  http_response result;
  result.status = message.result_int();
  for (const auto& field : message)
    result.fields.push_back(
      {std::string{field.name_string()}, std::string{field.value()}});
  return result;
}

std::optional<http_response> http_connection::take_response() {
  auto result = head();
  if (!result)
    return std::nullopt;
  result->body = std::move(state_->parser->get().body().bytes);
  result->truncated = !is_complete();
  return result;
}

bool http_connection::is_complete() const {
  return state_ && state_->parser && state_->parser->is_done();
}

bool http_connection::is_reusable() const {
  return is_complete() && state_->is_written && state_->parser->keep_alive()
         && state_->buffer.size() == 0
         && state_->parser->get().result() != http::status::switching_protocols;
}

bool http_connection::is_stale() noexcept {
  char byte;
  auto count
    = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

} // namespace cosmo::net
