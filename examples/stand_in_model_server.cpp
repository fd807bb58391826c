// SPDX-License-Identifier: Apache-2.0
#include "stand_in_model_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <thread>

namespace asio = boost::asio;

namespace http = boost::beast::http;

using asio::ip::tcp;

using json = nlohmann::ordered_json;

namespace {

/// The last message's text; messages may come in parts or without a text.
std::string prompt_of(const json& body) {
  auto content = json::json_pointer{
    "/messages/" + std::to_string(body.at("messages").size() - 1) + "/content"};
  auto prompt = body.at(content);
  return prompt.is_string() ? prompt.get<std::string>() : prompt.dump();
}

std::string text_for(const std::string& prompt) {
  return "Hello from the stand-in model! You said: " + prompt;
}

/// The same word by word, as server-sent events. @throws json::exception
std::string completion_events(const json& body) {
  std::istringstream words{text_for(prompt_of(body))};
  std::string result;
  std::string space;
  for (std::string word; words >> word; space = " ") {
    json choice{{"index", 0}, {"delta", {{"content", space + word}}}};
    json event{{"id", "chatcmpl-stand-in"},
               {"object", "chat.completion.chunk"},
               {"choices", json::array({choice})}};
    result += "data: " + event.dump() + "\n\n";
  }
  return result + "data: [DONE]\n\n";
}

/// What a model server would say, in its shape. @throws json::exception
json completion(const json& body) {
  auto prompt = prompt_of(body);
  auto text = text_for(prompt);
  json choice{{"index", 0},
              {"message", {{"role", "assistant"}, {"content", text}}},
              {"logprobs", nullptr},
              {"finish_reason", "stop"}};
  json usage{{"prompt_tokens", prompt.size()},
             {"completion_tokens", text.size()},
             {"total_tokens", prompt.size() + text.size()}};
  return {{"id", "chatcmpl-stand-in"},
          {"object", "chat.completion"},
          {"created", 1735689600},
          {"model", body.value("model", "stand-in")},
          {"choices", json::array({choice})},
          {"usage", usage}};
}

using request_type = http::request<http::string_body>;

using response_type = http::response<http::string_body>;

response_type answer(const request_type& request) {
  response_type result{http::status::ok, request.version()};
  result.set(http::field::content_type, "application/json");
  result.keep_alive(request.keep_alive());
  if (request.method() != http::verb::post
      || request.target() != "/v1/chat/completions") {
    result.result(http::status::not_found);
    result.body() = R"({"error":"there is only POST /v1/chat/completions"})";
  } else {
    try {
      auto body = json::parse(request.body());
      if (body.value("stream", false)) {
        result.set(http::field::content_type, "text/event-stream");
        result.body() = completion_events(body);
      } else {
        result.body() = completion(body).dump();
      }
    } catch (const json::exception&) {
      result.result(http::status::bad_request);
      result.body() = R"({"error":"this is no chat request"})";
    }
  }
  result.prepare_payload();
  return result;
}

/// Answers the requests of one connection, one after the other.
class session : public std::enable_shared_from_this<session> {
public:
  explicit session(tcp::socket socket) : socket_(std::move(socket)) {
    // nop
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](auto error, size_t) {
                       if (!error)
                         self->write();
                     });
  }

private:
  void write() {
    response_ = answer(request_);
    http::async_write(socket_, response_,
                      [self = shared_from_this()](auto error, size_t) {
                        if (!error && self->response_.keep_alive())
                          self->read();
                      });
  }

  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  request_type request_;
  response_type response_;
};

} // namespace

struct stand_in_model_server::state {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  // Last, for it uses the others.
  std::jthread thread;

  void accept() {
    acceptor.async_accept([this](auto error, tcp::socket socket) {
      if (!error)
        std::make_shared<session>(std::move(socket))->read();
      accept();
    });
  }
};

stand_in_model_server::stand_in_model_server()
  : state_(std::make_unique<state>()) {
  state_->accept();
  state_->thread = std::jthread{[this] { state_->context.run(); }};
}

stand_in_model_server::~stand_in_model_server() {
  state_->context.stop();
}

std::string stand_in_model_server::endpoint() const {
  auto port = state_->acceptor.local_endpoint().port();
  return "http://127.0.0.1:" + std::to_string(port);
}
