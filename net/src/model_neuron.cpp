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

/// One call. Inputs and replies are quoted in texts, and both may hold the key.
void call_model(const model_service& service, const source_channel& channel,
                const json& input, std::stop_token stop,
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
  channel.send(
    std::move(request), std::move(stop),
    [about = std::move(about), form = call->form, done](
      const caf::expected<http_response>& response, const call_permit& permit) {
      auto result = response ? read_response(about, form, *response)
                             : caf::expected<json>{response.error()};
      auto status = response ? response->status : 0;
      if (result) {
        permit.settle(outcome_of({}, status), tokens_in((*result)["meta"]));
        done.deliver(std::move(*result));
      } else {
        permit.settle(outcome_of(result.error(), status));
        done.fail(mask(result.error(), about.secrets));
      }
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
    call_model(*shared, channel, input, io.stop_token(), done);
  });
}

} // namespace cosmo::net
