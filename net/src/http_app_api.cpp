// SPDX-License-Identifier: Apache-2.0
#include "http_app_api.hpp"

#include "endpoint.hpp"
#include "field_text.hpp"
#include "http_syntax.hpp"
#include "json_members.hpp"
#include "percent_encoding.hpp"
#include "quoted_text.hpp"
#include "source_limits.hpp"
#include "url.hpp"
#include <cosmo/codec.hpp>

#include <algorithm>
#include <limits>

namespace cosmo::net {

namespace {

using neuron::http_app_options;
using neuron::http_app_request;

constexpr std::string_view source_name = "flask";

constexpr auto options_known = with_client_options<http_app_options>({
  {"endpoint", &http_app_options::endpoint},
  {"default_method", &http_app_options::default_method, option_rule::given},
  {"default_path", &http_app_options::default_path},
  {"base_headers", &http_app_options::base_headers},
});

constexpr std::string_view control_keys[]
  = {"method", "path", "url", "json", "data", "query", "params", "headers"};

caf::error bad_input(std::string_view key, std::string_view complaint) {
  return make_error(ec::bad_input, "'" + std::string{key}
                                     + "' in the input of an HTTP application "
                                     + std::string{complaint});
}

http_field* find_field(std::vector<http_field>& fields, std::string_view name) {
  for (auto& field : fields)
    if (iequals(field.name, name))
      return &field;
  return nullptr;
}

void add_unless_given(std::vector<http_field>& fields, const char* name,
                      const char* value) {
  if (!find_field(fields, name))
    fields.push_back({name, value});
}

// -- the parts of a request -----------------------------------------------------

/// The value of the first of these keys that is present, with its key.
std::pair<std::string_view, const json*>
first_present(const json& input, std::initializer_list<std::string_view> keys) {
  for (auto key : keys)
    if (auto value = present_member(input, key))
      return {key, value};
  return {};
}

caf::expected<std::string> method_of(const http_app_options& options,
                                     const json& input) {
  auto result = options.default_method;
  if (auto method = present_member(input, "method")) {
    if (!method->is_string()
        || !is_token(method->get_ref<const std::string&>()))
      return bad_input("method", "is no HTTP method");
    result = method->get<std::string>();
  }
  return upper(result);
}

caf::expected<std::string> path_of(const http_app_options& options,
                                   const json& input) {
  auto [key, path] = first_present(input, {"url", "path"});
  if (!path)
    return options.default_path;
  if (!path->is_string())
    return bad_input(key, "must be a string");
  auto result = path->get<std::string>();
  if (result.find("://") < result.find_first_of("/?#"))
    return bad_input(key, "must be a path, not the URL of a host");
  return result;
}

caf::expected<std::string> query_of(const json& input) {
  auto [key, query] = first_present(input, {"query", "params"});
  if (!query)
    return std::string{};
  auto encoded = encode_form(*query);
  if (!encoded)
    return bad_input(key, message_of(encoded.error()));
  return encoded;
}

caf::expected<std::string> target_of(const http_app_options& options,
                                     const json& input) {
  auto path = path_of(options, input);
  if (!path)
    return path;
  auto query = query_of(input);
  if (!query)
    return query;
  auto result = (path->starts_with('/') ? "" : "/") + *path;
  if (!query->empty())
    result += (result.find('?') == result.npos ? '?' : '&') + *query;
  // The application's own host does not matter to the judgement.
  if (auto whole = parse_url("http://app" + result); !whole)
    return bad_input("path", "is none: " + message_of(whole.error()));
  return result;
}

caf::expected<std::vector<http_field>>
fields_of(const http_app_options& options, const json& input) {
  auto result = options.base_headers;
  auto headers = present_member(input, "headers");
  if (!headers)
    return result;
  if (!headers->is_object())
    return bad_input("headers", "must be an object");
  for (const auto& [name, value] : headers->items()) {
    auto wrong = value.is_string()
                   ? field_complaint({name, value.get<std::string>()})
                   : "must be a string";
    if (!wrong.empty())
      return bad_input("headers",
                       "holds '" + name + "', which " + std::string{wrong});
    if (auto known = find_field(result, name))
      known->value = value.get<std::string>();
    else
      result.push_back({name, value.get<std::string>()});
  }
  return result;
}

/// The members of an input that are no control keys.
json rest_of(const json& input) {
  auto result = json::object();
  for (const auto& [key, value] : input.items())
    if (std::ranges::find(control_keys, key) == std::end(control_keys))
      result[key] = value;
  return result;
}

bool has_prompt(const json& input) {
  auto is_set = [&input](const char* key) {
    auto value = present_member(input, key);
    return value && truthy(*value);
  };
  return is_set("prompt") || is_set("text") || is_set("content");
}

caf::error set_json(http_app_request& request, const json& value) {
  auto text = write_json(value);
  if (!text)
    return make_error(ec::bad_input,
                      "the input cannot be sent: " + message_of(text.error()));
  request.body = std::move(*text);
  add_unless_given(request.fields, "Content-Type", "application/json");
  return {};
}

caf::error set_data(http_app_request& request, const json& data) {
  if (data.is_string()) {
    request.body = data.get<std::string>();
    return {};
  }
  auto encoded = encode_form(data);
  if (!encoded)
    return bad_input("data", message_of(encoded.error()));
  request.body = std::move(*encoded);
  add_unless_given(request.fields, "Content-Type",
                   "application/x-www-form-urlencoded");
  return {};
}

caf::error set_body(http_app_request& request, const json& input) {
  if (request.method == "GET" || request.method == "HEAD")
    return {};
  if (auto value = present_member(input, "json"))
    return set_json(request, *value);
  if (auto data = present_member(input, "data"))
    return set_data(request, *data);
  if (has_prompt(input))
    return set_json(request, rest_of(input));
  return {};
}

// -- the parts of a response ----------------------------------------------------

json headers_of(const http_response& response) {
  auto result = json::object();
  std::vector<http_field> seen;
  for (const auto& field : response.fields)
    if (!find_field(seen, field.name)) {
      seen.push_back(field);
      result[field.name] = valid_text(response.field(field.name));
    }
  return result;
}

/// The body if it says that it is JSON, and is.
json json_of(const http_response& response) {
  auto type = lower(response.field("Content-Type"));
  if (type.find("application/json") == type.npos || response.body.empty())
    return nullptr;
  auto value = parse_json(response.body);
  return value ? std::move(*value) : json{};
}

caf::error first_fault(const http_app_options& options) {
  if (static_cast<bool>(options.app) != options.endpoint.empty())
    return make_error(ec::bad_config,
                      "flask needs one of 'app' and 'endpoint'");
  if (auto error = check_options(source_name, http_app_option_table(), options))
    return error;
  if (!is_token(options.default_method))
    return bad_option(source_name, "default_method", "is no HTTP method");
  for (const auto& field : options.base_headers)
    if (auto wrong = field_complaint(field); !wrong.empty())
      return bad_option(source_name, "base_headers",
                        "holds '" + field.name + "', which "
                          + std::string{wrong});
  if (auto target = target_of(options, {}); !target)
    return bad_option(source_name, "default_path",
                      "is none: " + message_of(target.error()));
  if (!options.app)
    return check_endpoint(source_name, options.endpoint);
  if (!options.ca_file.empty() || options.client || !limits_of(options).empty())
    return make_error(ec::bad_config,
                      "a client, 'ca_file' and limits of flask need an "
                      "'endpoint'");
  return {};
}

} // namespace

option_table<http_app_options> http_app_option_table() {
  return options_known;
}

caf::error validate(const http_app_options& options) {
  return mask(first_fault(options), secrets_in(options.base_headers));
}

caf::expected<http_app_request>
make_app_request(const http_app_options& options, const json& input) {
  http_app_request result;
  auto method = method_of(options, input);
  if (!method)
    return std::move(method.error());
  result.method = std::move(*method);
  auto target = target_of(options, input);
  if (!target)
    return std::move(target.error());
  result.target = std::move(*target);
  auto fields = fields_of(options, input);
  if (!fields)
    return std::move(fields.error());
  result.fields = std::move(*fields);
  if (auto error = set_body(result, input))
    return error;
  return result;
}

caf::expected<json> read_app_response(const http_app_request& request,
                                      std::string_view url,
                                      const http_response& response) {
  auto status = response.status;
  if (status < 100 || status > 599)
    return make_error(ec::bad_response, std::string{url}
                                          + " answered with status "
                                          + std::to_string(status));
  if (status / 100 == 3)
    return status_error(
      {.url = std::string{url}, .secrets = secrets_in(request.fields)},
      response);
  json meta;
  meta["method"] = request.method;
  meta["path"] = request.target;
  json result;
  result["status"] = status;
  result["ok"] = status < 400;
  result["json"] = json_of(response);
  result["response"] = valid_text(response.body);
  result["headers"] = headers_of(response);
  result["meta"] = std::move(meta);
  return result;
}

} // namespace cosmo::net
