// SPDX-License-Identifier: Apache-2.0
#include "model_neuron.hpp"

#include "quoted_text.hpp"
#include "source_channel.hpp"
#include "token_usage.hpp"
#include <cosmo/codec.hpp>

#include <functional>
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

/// Gets what came of a call.
using answer = std::function<void(caf::expected<json> result)>;

/// Answers, once the exchange is over. Inputs and replies are quoted in texts,
/// and both may hold the key.
answer answer_to(neuron_promise done, call_permit permit, unsigned status,
                 std::vector<std::string> secrets) {
  return [=](caf::expected<json> result) {
    if (result) {
      permit.settle(outcome_of({}, status), tokens_in((*result)["meta"]));
      done.deliver(std::move(*result));
    } else {
      permit.settle(outcome_of(result.error(), status));
      done.fail(mask(result.error(), secrets));
    }
  };
}

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
http_body_taker taker_of(std::shared_ptr<llm_stream> reply, neuron_io io,
                         call_permit permit) {
  return {.take = [reply = std::move(reply), io = std::move(io),
                   permit = std::move(permit)](std::string_view bytes,
                                               const http_flow& flow) {
    auto step = reply->feed(bytes);
    if (!step.deltas.empty() && !step.fault)
      permit.confirm();
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
                  answer done) {
  auto step = reply->close();
  auto deltas = std::exchange(step.deltas, {});
  think(io, std::move(deltas),
        [=, fault = std::move(step.fault)](const caf::error& error) {
          if (error || fault)
            done(error ? error : fault);
          else
            done(std::move(*reply).result());
        });
}

/// One call.
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
  if (!call->stream)
    return channel.send(
      std::move(request), io.stop_token(),
      [about = std::move(about), form = call->form,
       done](caf::expected<http_response> response, const call_permit& permit) {
        auto give = answer_to(done, permit, response ? response->status : 0,
                              about.secrets);
        give(response ? read_response(about, form, *response)
                      : caf::expected<json>{response.error()});
      });
  auto reply = std::make_shared<llm_stream>(*call->stream, about.url,
                                            request.response_bytes_max);
  auto make_taker = [reply, io](const call_permit& permit) {
    return taker_of(reply, io, permit);
  };
  channel.stream(
    std::move(request), io.stop_token(), std::move(make_taker),
    [about = std::move(about), reply, io, done](
      const caf::expected<http_response>& response, const call_permit& permit) {
      auto give = answer_to(done, permit, response ? response->status : 0,
                            about.secrets);
      auto error = response ? status_error(about, *response) : response.error();
      if (error)
        give(std::move(error));
      else
        close_stream(reply, io, std::move(give));
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
