// SPDX-License-Identifier: Apache-2.0
#include "model_neuron.hpp"

#include "quoted_text.hpp"
#include "source_channel.hpp"
#include "token_usage.hpp"
#include <cosmo/codec.hpp>

#include <utility>

namespace cosmo::net {

namespace {

http_request make_request(const model_service& service, const model_call& call,
                          std::string body) {
  http_request result;
  result.url = service.endpoint + call.path;
  result.fields
    = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  result.fields.insert(result.fields.end(), service.fields.begin(),
                       service.fields.end());
  result.body = std::move(body);
  result.timeout = service.timeout;
  result.response_bytes_max = service.response_bytes_max;
  result.secrets = service.secrets;
  return result;
}

caf::expected<json> read_response(const http_request& request,
                                  const reply_form& form,
                                  const http_response& response) {
  if (auto error = status_error(request, response))
    return error;
  auto reply = parse_reply(response.body, request.url);
  if (!reply)
    return std::move(reply.error());
  auto text = text_of_reply(*reply, form, request.url);
  if (!text)
    return std::move(text.error());
  auto result = json::object();
  result["response"] = std::move(*text);
  result["meta"] = std::move(*reply);
  return result;
}

/// How a call came to its end, and who wants to know.
struct call_end {
  neuron_promise done;
  call_permit permit;
  unsigned status;
  std::vector<std::string> secrets;

  /// Inputs and replies are quoted in texts, and both may hold the key.
  void answer(caf::expected<json> result) const {
    if (!result) {
      permit.settle(outcome_of(result.error(), status));
      return done.fail(mask(result.error(), secrets));
    }
    permit.settle(outcome_of({}, status), tokens_in((*result)["meta"]));
    done.deliver(std::move(*result));
  }
};

/// Lets the client read on, or not.
void give_word(const http_flow& flow, const llm_stream::step& step,
               bool has_ended) {
  if (step.fault)
    flow.fail(step.fault);
  else if (has_ended)
    flow.finish();
  else if (step.has_content)
    flow.read_on();
  else
    flow.skip();
}

/// Thinks the deltas of a step; `then` gets its turn when they were accepted.
void think(const neuron_io& io, std::vector<std::string> deltas,
           neuron_io::think_done then) {
  if (deltas.empty())
    return then({});
  auto last = std::move(deltas.back());
  deltas.pop_back();
  for (auto& delta : deltas)
    io.think(std::move(delta));
  io.think(std::move(last), std::move(then));
}

/// Takes the pieces of a reply while they arrive.
http_body_taker taker_of(std::shared_ptr<llm_stream> reply, neuron_io io) {
  return {.take = [reply = std::move(reply), io = std::move(io)](
                    std::string_view bytes, const http_flow& flow) {
    auto step = reply->feed(bytes);
    auto deltas = std::exchange(step.deltas, {});
    think(io, std::move(deltas),
          [flow, step = std::move(step),
           has_ended = reply->has_ended()](const caf::error& error) {
            error ? flow.fail(error) : give_word(flow, step, has_ended);
          });
  }};
}

/// What the end of the body makes of a reply in pieces.
void close_stream(std::shared_ptr<llm_stream> reply, const neuron_io& io,
                  const call_end& end) {
  auto step = reply->close();
  auto deltas = std::exchange(step.deltas, {});
  think(io, std::move(deltas),
        [=, fault = std::move(step.fault)](const caf::error& error) {
          if (error || fault)
            end.answer(error ? error : fault);
          else
            end.answer(std::move(*reply).result());
        });
}

/// One call. What reads the answer keeps what it needs and not the client,
/// which must be free to go away and cancel it.
void call_model(const model_service& service, const source_channel& channel,
                const json& input, const neuron_io& io,
                const neuron_promise& done) {
  auto call = service.make_call(input);
  if (!call)
    return done.fail(mask(call.error(), service.secrets));
  auto body = write_json(call->body);
  if (!body)
    return done.fail(make_error(
      ec::bad_input, "the input cannot be sent: "
                       + mask(message_of(body.error()), service.secrets)));
  auto request = make_request(service, *call, std::move(*body));
  http_request about{.url = request.url, .secrets = request.secrets};
  std::shared_ptr<llm_stream> reply;
  http_body_taker taker;
  if (call->stream) {
    reply = std::make_shared<llm_stream>(*call->stream, about.url,
                                         request.response_bytes_max);
    taker = taker_of(reply, io);
  }
  channel.send(std::move(request), io.stop_token(), std::move(taker),
               [about = std::move(about), form = call->form, reply, io,
                done](const caf::expected<http_response>& response,
                      const call_permit& permit) {
                 call_end end{done, permit, response ? response->status : 0,
                              about.secrets};
                 if (!response)
                   end.answer(response.error());
                 else if (!reply)
                   end.answer(read_response(about, form, *response));
                 else if (auto error = status_error(about, *response))
                   end.answer(std::move(error));
                 else
                   close_stream(reply, io, end);
               });
}

} // namespace

any_neuron make_model_neuron(model_service service,
                             std::shared_ptr<http_client> client) {
  source_channel channel{service.limits, service.endpoint, std::move(client)};
  auto shared = std::make_shared<const model_service>(std::move(service));
  return neuron::async([shared, channel = std::move(channel)](
                         const json& input, const json&, const neuron_io& io,
                         const neuron_promise& done) {
    call_model(*shared, channel, input, io, done);
  });
}

} // namespace cosmo::net
