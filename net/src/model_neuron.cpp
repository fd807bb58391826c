// SPDX-License-Identifier: Apache-2.0
#include "model_neuron.hpp"

#include "quoted_text.hpp"
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

/// Answers, once the exchange is over. Inputs and replies are quoted in texts,
/// and both may hold the key.
void answer(const neuron_promise& done, caf::expected<json> result,
            const std::vector<std::string>& secrets) {
  if (result)
    done.deliver(std::move(*result));
  else
    done.fail(mask(result.error(), secrets));
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
                  const neuron_promise& done,
                  const std::vector<std::string>& secrets) {
  auto step = reply->close();
  auto deltas = std::exchange(step.deltas, {});
  think(io, std::move(deltas),
        [=, fault = std::move(step.fault)](const caf::error& error) {
          if (error || fault)
            answer(done, error ? error : fault, secrets);
          else
            answer(done, std::move(*reply).result(), secrets);
        });
}

/// One call. The handlers keep what they need to read the answer and not the
/// client, which must be free to go away and cancel it.
void call_model(const model_service& service, http_client& client,
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
    return client.send(std::move(request), io.stop_token(),
                       [about = std::move(about), form = call->form,
                        done](caf::expected<http_response> response) {
                         answer(done,
                                response
                                  ? read_response(about, form, *response)
                                  : caf::expected<json>{response.error()},
                                about.secrets);
                       });
  auto reply = std::make_shared<llm_stream>(*call->stream, about.url,
                                            request.response_bytes_max);
  auto taker = taker_of(reply, io);
  client.stream(std::move(request), io.stop_token(), std::move(taker),
                [about = std::move(about), reply, io,
                 done](const caf::expected<http_response>& response) {
                  auto error = response ? status_error(about, *response)
                                        : response.error();
                  if (error)
                    answer(done, std::move(error), about.secrets);
                  else
                    close_stream(reply, io, done, about.secrets);
                });
}

} // namespace

any_neuron make_model_neuron(model_service service,
                             std::shared_ptr<http_client> client) {
  auto shared = std::make_shared<const model_service>(std::move(service));
  return neuron::async([shared, client = std::move(client)](
                         const json& input, const json&, const neuron_io& io,
                         const neuron_promise& done) {
    call_model(*shared, *client, input, io, done);
  });
}

} // namespace cosmo::net
