// SPDX-License-Identifier: Apache-2.0
#include "openai_wire.hpp"
#include "url.hpp"
#include <cosmo/net/openai_gateway.hpp>

#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

namespace cosmo::net {

namespace {

constexpr std::string_view models_path = "/v1/models";
constexpr std::string_view chat_path = "/v1/chat/completions";

/// The answer to one chat, in one piece or in many.
class chat_reply {
public:
  chat_reply(http_reply to, openai::completion_head head, bool is_streaming)
    : to_(std::move(to)), head_(std::move(head)), is_streaming_(is_streaming) {
    // nop
  }

  /// Waits until the client has taken it. After a gap nothing more is said
  /// before the end, when the text is known.
  caf::error add(const payload::thought_delta& thought, timestamp when) {
    if (thought.seq.value_or(next_seq_) != next_seq_)
      return {};
    ++next_seq_;
    begin(when);
    said_ += thought.delta;
    return out_->write(content(thought.delta));
  }

  void finish(const openai::chat_answer& answer, timestamp when) {
    begin(when);
    if (!is_streaming_)
      return to_.send(openai::to_response(openai::completion(head_, answer)));
    std::string last;
    if (auto rest = left_of(answer.text); !rest.empty())
      last += content(rest);
    if (!answer.tool_calls.is_null())
      last += openai::event(
        openai::chunk(head_, {{"tool_calls", numbered(answer.tool_calls)}}));
    last += openai::event(
      openai::chunk(head_, json::object(), answer.finish_reason));
    if (head_.wants_usage)
      last += openai::event(openai::usage_chunk(head_, answer.usage));
    last += openai::last_event;
    end(std::move(last));
  }

  void fail(const openai::fault& what) {
    if (out_)
      end(openai::event(openai::to_json(what)));
    else
      to_.send(openai::to_response(what));
  }

private:
  /// Sends the head with the first piece: up to then a status may tell what
  /// went wrong.
  void begin(timestamp when) {
    if (head_.created == 0)
      head_.created = openai::seconds_of(when);
    if (!is_streaming_ || out_)
      return;
    json role{{"role", "assistant"}, {"content", ""}};
    out_ = to_.stream(
      {.status = 200,
       .fields
       = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}},
       .body = openai::event(openai::chunk(head_, std::move(role)))});
  }

  /// A client that has gone needs no end.
  void end(std::string last) {
    (void)out_->write(std::move(last));
    out_->end();
  }

  std::string content(const std::string& text) const {
    return openai::event(openai::chunk(head_, {{"content", text}}));
  }

  std::string left_of(const std::string& text) const {
    if (text.starts_with(said_))
      return text.substr(said_.size());
    // The answer of the last of several rounds, all of which were said.
    if (said_.ends_with(text))
      return {};
    return "\n\n" + text;
  }

  /// Tool calls as a stream tells them apart.
  static json numbered(json calls) {
    for (size_t i = 0; i < calls.size(); ++i)
      if (calls[i].is_object())
        calls[i]["index"] = i;
    return calls;
  }

  http_reply to_;
  openai::completion_head head_;
  bool is_streaming_;
  std::optional<http_body_writer> out_;
  std::string said_;
  int64_t next_seq_ = 0;
};

/// Refuses other methods than `allowed`.
/// @returns whether the request may go on.
bool check_method(const incoming_request& request, std::string_view allowed,
                  const http_reply& reply) {
  if (request.method == allowed
      || (request.method == "HEAD" && allowed == "GET"))
    return true;
  auto is_question = request.method == "OPTIONS";
  auto response = is_question
                    ? http_response{.status = 204, .fields = {}, .body = {}}
                    : openai::to_response(
                        openai::fault{405,
                                      request.method + " is not allowed here",
                                      {},
                                      "method_not_allowed"});
  response.fields.push_back({"Allow", std::string{allowed}});
  reply.send(std::move(response));
  return false;
}

} // namespace

openai_gateway::openai_gateway(dendrite through, openai_gateway_options options)
  : dendrite_(std::move(through)), options_(std::move(options)) {
  // nop
}

void openai_gateway::operator()(const incoming_request& request,
                                const http_reply& reply) const {
  auto path = request.path();
  if (path == chat_path) {
    if (check_method(request, "POST", reply))
      complete_chat(request, reply);
  } else if (path == models_path) {
    if (check_method(request, "GET", reply))
      list_models(reply);
  } else if (auto id = path.substr(std::min(path.size(), models_path.size()));
             path.starts_with(models_path) && id.starts_with('/')) {
    if (check_method(request, "GET", reply))
      show_model(percent_decoded(id.substr(1)), reply);
  } else {
    reply.send(openai::to_response(openai::fault{
      404, "there is nothing at " + std::string{path}, {}, "not_found"}));
  }
}

caf::expected<std::vector<neuron_record>> openai_gateway::models() const {
  auto result = dendrite_.registry_snapshot();
  if (!result)
    return result;
  std::erase_if(*result, [this](const neuron_record& record) {
    const auto& offered = record.capabilities;
    return std::find_first_of(offered.begin(), offered.end(),
                              options_.capabilities.begin(),
                              options_.capabilities.end())
           == offered.end();
  });
  return result;
}

void openai_gateway::list_models(const http_reply& reply) const {
  auto found = models();
  if (!found)
    return reply.send(openai::to_response(openai::fault_of(found.error())));
  const auto& owner = dendrite_.options().name_space;
  reply.send(openai::to_response(openai::model_list(*found, owner)));
}

void openai_gateway::show_model(const std::string& id,
                                const http_reply& reply) const {
  auto found = models();
  if (!found)
    return reply.send(openai::to_response(openai::fault_of(found.error())));
  const auto& owner = dendrite_.options().name_space;
  for (const auto& record : *found)
    if (record.neuron_id == id)
      return reply.send(
        openai::to_response(openai::model_entry(record, owner)));
  reply.send(openai::to_response(openai::unknown_model(id)));
}

void openai_gateway::complete_chat(const incoming_request& request,
                                   const http_reply& reply) const {
  auto parsed = openai::read_chat_request(request.body);
  if (auto wrong = std::get_if<openai::fault>(&parsed))
    return reply.send(openai::to_response(*wrong));
  auto& chat = std::get<openai::chat_request>(parsed);
  // A TASK for somebody who is not there would wait until its time is over.
  auto known = models();
  if (!known)
    return reply.send(openai::to_response(openai::fault_of(known.error())));
  if (std::none_of(known->begin(), known->end(), [&](const auto& record) {
        return record.neuron_id == chat.model;
      }))
    return reply.send(openai::to_response(openai::unknown_model(chat.model)));

  auto trace = dendrite_.dispatch({.neuron = chat.model,
                                   .input = std::move(chat.input),
                                   .replay_cap = options_.replay_cap});
  if (!trace)
    return reply.send(openai::to_response(openai::fault_of(trace.error())));
  const auto& trace_id = trace->trace_id();
  auto stop = [&](std::string why) {
    (void)dendrite_.emit_stop(trace_id, false, std::move(why));
  };
  std::stop_callback on_gone{reply.client_gone(),
                             [&] { stop("the client has gone"); }};
  chat_reply answer{
    reply,
    {.id = "chatcmpl-" + trace_id.substr(trace_id_prefix.size()),
     .model = chat.model,
     .wants_usage = chat.is_streaming && chat.wants_usage},
    chat.is_streaming};
  auto awaited = types::waking;
  if (chat.is_streaming)
    awaited.insert(signal_type::THOUGHT_DELTA);
  for (;;) {
    auto sig = trace->wait_for(awaited, options_.timeout);
    if (!sig) {
      if (sig.error() == ec::timeout)
        stop("the answer takes too long");
      return answer.fail(openai::fault_of(sig.error()));
    }
    if (auto thought = sig->get_if<payload::thought_delta>()) {
      // A client that goes while it is written to is noticed here alone.
      if (sig->directed_id() == chat.model && answer.add(*thought, sig->ts()))
        return stop("the client has gone");
      continue;
    }
    auto outcome = openai::read_outcome(*sig);
    if (auto wrong = std::get_if<openai::fault>(&outcome))
      return answer.fail(*wrong);
    return answer.finish(std::get<openai::chat_answer>(outcome), sig->ts());
  }
}

} // namespace cosmo::net
