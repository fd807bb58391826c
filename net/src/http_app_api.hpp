// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "source_options.hpp"
#include <cosmo/error.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/http_client.hpp>
#include <cosmo/neuron/http_app.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The part of the source that needs no network. @source neurons.md section 14
namespace cosmo::net {

/// Every option there is, but for those that JSON cannot hold.
option_table<neuron::http_app_options> http_app_option_table();

/// Judges options of either form.   @returns ec::bad_config
caf::error validate(const neuron::http_app_options& options);

/// What an input asks the application.   @returns ec::bad_input
caf::expected<neuron::http_app_request>
make_app_request(const neuron::http_app_options& options, const json& input);

/// What the application's answer means to the graph.
/// @param url names the application in error texts.
/// @returns ec::http_status for a redirection, which nobody follows;
///          ec::bad_response for a status that is none.
caf::expected<json> read_app_response(const neuron::http_app_request& request,
                                      std::string_view url,
                                      const http_response& response);

} // namespace cosmo::net
