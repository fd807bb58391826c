// SPDX-License-Identifier: Apache-2.0
#include "stand_in_model_server.hpp"

#include "support/http_exchange.hpp"
#include "support/neuron_run.hpp"
#include <cosmo/neuron/huggingface.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace cosmo;
using namespace cosmo::net;
using namespace cosmo::net::test;

namespace {

caf::expected<json> ask(const stand_in_model_server& server,
                        const json& input) {
  auto neuron = neuron::huggingface({.endpoint = server.endpoint(),
                                     .model = "some-model",
                                     .use_chat_api = true});
  REQUIRE(neuron);
  return run_neuron(*neuron, input);
}

} // namespace

TEST_CASE("the stand-in model answers the greeter", "[examples][integration]") {
  stand_in_model_server server;
  auto result = ask(server, {{"prompt", "Say hello."}});
  REQUIRE(result);
  CHECK((*result)["response"]
        == "Hello from the stand-in model! You said: Say hello.");
  const auto& meta = (*result)["meta"];
  CHECK(meta.at("object") == "chat.completion");
  CHECK(meta.at("model") == "some-model");
  CHECK(meta.at("usage").at("total_tokens").is_number());
  CHECK(*ask(server, {{"prompt", "Say hello."}}) == *result);
}

TEST_CASE("the stand-in model answers nothing but chats",
          "[examples][integration]") {
  stand_in_model_server server;
  auto client = make_client();
  auto status = [&](std::string method, std::string path, std::string body) {
    auto result = exchange(*client, {.method = std::move(method),
                                     .url = server.endpoint() + path,
                                     .body = std::move(body)});
    REQUIRE(result);
    return result->status;
  };
  CHECK(status("POST", "/generate", "{}") == 404);
  CHECK(status("GET", "/v1/chat/completions", "") == 404);
  CHECK(status("POST", "/v1/chat/completions", "no json") == 400);
  CHECK(status("POST", "/v1/chat/completions", R"({"messages":[]})") == 400);
  CHECK(status("POST", "/v1/chat/completions", "[]") == 400);
}
