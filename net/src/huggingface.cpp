// SPDX-License-Identifier: Apache-2.0
#include "huggingface_api.hpp"
#include "model_neuron.hpp"
#include "quoted_text.hpp"
#include <cosmo/log.hpp>
#include <cosmo/neuron/huggingface.hpp>

#include <utility>

namespace cosmo {

namespace net {

caf::expected<any_neuron> huggingface_from_json(const json& options) {
  auto read = read_options("huggingface", huggingface_option_table(), options);
  if (!read)
    return std::move(read.error());
  return neuron::huggingface(std::move(*read));
}

} // namespace net

namespace neuron {

caf::expected<any_neuron> huggingface(huggingface_options options) {
  if (auto error = net::validate(options))
    return error;
  net::model_service service;
  service.endpoint = net::without_trailing_slashes(options.endpoint);
  service.timeout = options.timeout;
  service.response_bytes_max = options.max_response_bytes;
  if (!options.api_key.empty()) {
    service.fields = {{"Authorization", "Bearer " + options.api_key}};
    service.secrets = {options.api_key};
  }
  if (service.endpoint.ends_with("/v1"))
    log::warning("neuron.huggingface", "endpoint-ends-with-v1",
                 net::mask("requests go to " + service.endpoint
                             + "/v1/...; the endpoint should not contain /v1",
                           service.secrets));
  auto client = options.client ? std::exchange(options.client, nullptr)
                               : net::http_client::shared();
  model_info about{.source = "huggingface", .model = options.model};
  service.make_call = [options = std::move(options)](const json& input) {
    return net::make_huggingface_call(options, input);
  };
  return net::make_model_neuron(std::move(service), std::move(client))
    .asks(std::move(about));
}

} // namespace neuron

} // namespace cosmo
