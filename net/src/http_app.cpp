// SPDX-License-Identifier: Apache-2.0
#include "endpoint.hpp"
#include "field_text.hpp"
#include "http_app_api.hpp"
#include "http_syntax.hpp"
#include "quoted_text.hpp"
#include "source_channel.hpp"
#include "source_client.hpp"
#include "source_limits.hpp"
#include <cosmo/neuron/http_app.hpp>

#include <algorithm>
#include <utility>

namespace cosmo::neuron {

namespace {

using shared_options = std::shared_ptr<const http_app_options>;

/// The form without a socket.
any_neuron in_process(shared_options options) {
  return [options = std::move(options)](const json& input,
                                        const json&) -> caf::expected<json> {
    auto request = net::make_app_request(*options, input);
    if (!request)
      return net::mask(request.error(), net::secrets_in(options->base_headers));
    auto result = net::read_app_response(*request, request->target,
                                         options->app(*request));
    if (!result)
      return net::mask(result.error(), net::secrets_in(request->fields));
    return result;
  };
}

net::http_request to_http(const http_app_options& options,
                          const http_app_request& request) {
  net::http_request result;
  result.method = request.method;
  result.url = net::without_trailing_slashes(options.endpoint) + request.target;
  result.fields = request.fields;
  auto is_accept
    = [](auto& field) { return net::iequals(field.name, "Accept"); };
  if (std::ranges::none_of(result.fields, is_accept))
    result.fields.push_back({"Accept", "application/json"});
  result.body = request.body;
  result.timeout = options.timeout;
  result.response_bytes_max = options.max_response_bytes;
  result.secrets = net::secrets_in(request.fields);
  return result;
}

/// One call over the network.
void ask_server(const http_app_options& options,
                const net::source_channel& channel, const json& input,
                std::stop_token stop, const neuron_promise& done) {
  auto request = net::make_app_request(options, input);
  if (!request)
    return done.fail(
      net::mask(request.error(), net::secrets_in(options.base_headers)));
  auto sent = to_http(options, *request);
  auto answer
    = [request = std::move(*request), url = sent.url, secrets = sent.secrets,
       done](const caf::expected<net::http_response>& response,
             const net::call_permit& permit) {
        auto result = response ? net::read_app_response(request, url, *response)
                               : caf::expected<json>{response.error()};
        auto status = response ? response->status : 0;
        if (result) {
          permit.settle(net::outcome_of({}, status));
          done.deliver(std::move(*result));
        } else {
          permit.settle(net::outcome_of(result.error(), status));
          done.fail(net::mask(result.error(), secrets));
        }
      };
  channel.send(std::move(sent), std::move(stop), std::move(answer));
}

} // namespace

caf::expected<any_neuron> http_app(http_app_options options) {
  if (auto error = net::validate(options))
    return error;
  if (options.app)
    return in_process(
      std::make_shared<const http_app_options>(std::move(options)));
  auto client = net::find_client(
    "flask", std::exchange(options.client, nullptr), options.ca_file);
  if (!client)
    return std::move(client.error());
  net::source_channel channel{net::limits_of(options), options.endpoint,
                              std::move(*client)};
  auto shared = std::make_shared<const http_app_options>(std::move(options));
  return async([shared, channel = std::move(channel)](
                 const json& input, const json&, const neuron_io& io,
                 const neuron_promise& done) {
    ask_server(*shared, channel, input, io.stop_token(), done);
  });
}

} // namespace cosmo::neuron
