// SPDX-License-Identifier: Apache-2.0
#include "model_sources.hpp"

#include <cosmo/neuron/source.hpp>

#include <stdexcept>

namespace cosmo::net::test {

namespace {

const json say_hello
  = {{"messages", {{{"role", "user"}, {"content", "Say hello."}}}}};

/// The same request on all hosts. @source neurons.md F8
model_source chat_host(std::string name, std::string base, std::string reply,
                       std::string text) {
  return {
    .name = std::move(name),
    .base = base,
    .options = {{"api_key", "k-test"}, {"model", "some-model"}},
    .input = {{"prompt", "hi"}},
    .path = base + "/v1/chat/completions",
    .fields = {"Authorization: Bearer k-test"},
    .request_body = R"({"messages":[{"role":"user","content":"hi"}],)"
                    R"("max_tokens":512,"model":"some-model"})",
    .reply_body = std::move(reply),
    .response = std::move(text),
  };
}

std::vector<model_source> make_sources() {
  return {
    {
      .name = "ollama",
      .base = "/",
      .options = {{"model", "llama3"}, {"system", "Be brief."}},
      .input = say_hello,
      .path = "/api/chat",
      .fields = {},
      .request_body = R"({"model":"llama3","messages":[{"role":"system",)"
                      R"("content":"Be brief."},{"role":"user",)"
                      R"("content":"Say hello."}],"stream":false})",
      .reply_body = R"({"model":"llama3","created_at":)"
                    R"("2025-01-01T00:00:00.000000Z","message":)"
                    R"({"role":"assistant","content":"Hi."},"done":true,)"
                    R"("done_reason":"stop","prompt_eval_count":9,)"
                    R"("eval_count":2})",
      .response = "Hi.",
    },
    {
      .name = "huggingface",
      .base = "/llm",
      .options = {{"use_chat_api", true}, {"api_key", "hf_test"}},
      .input = {{"prompt", "hi"}},
      .path = "/llm/v1/chat/completions",
      .fields = {"Authorization: Bearer hf_test"},
      .request_body = R"({"messages":[{"role":"user","content":"hi"}],)"
                      R"("max_tokens":512})",
      .reply_body = R"({"id":"chatcmpl-fx1","choices":[{"index":0,"message":)"
                    R"({"role":"assistant","content":"Hello, project!"}}],)"
                    R"("usage":{"prompt_tokens":18,"completion_tokens":5,)"
                    R"("total_tokens":23}})",
      .response = "Hello, project!",
    },
    {
      .name = "openai",
      .base = "/v1",
      .options = {{"model", "gpt-4o-mini"},
                  {"api_key", "sk-test"},
                  {"system", "be nice"},
                  {"max_tokens", 32}},
      .input = {{"prompt", "hello"}},
      .path = "/v1/chat/completions",
      .fields = {"Authorization: Bearer sk-test"},
      .request_body = R"({"model":"gpt-4o-mini","messages":[{"role":"system",)"
                      R"("content":"be nice"},{"role":"user","content":)"
                      R"("hello"}],"max_tokens":32})",
      .reply_body = R"({"id":"chatcmpl-fx2","choices":[{"index":0,"message":)"
                    R"({"role":"assistant","content":"hi there",)"
                    R"("refusal":null},"finish_reason":"stop"}],)"
                    R"("usage":{"prompt_tokens":15,"completion_tokens":2,)"
                    R"("total_tokens":17}})",
      .response = "hi there",
    },
    {
      .name = "anthropic",
      .base = "/v1",
      .options = {{"model", "claude-sonnet-4-6"}, {"api_key", "ak-test"}},
      .input = {{"messages",
                 {{{"role", "system"}, {"content", "sys"}},
                  {{"role", "user"}, {"content", "q"}}}}},
      .path = "/v1/messages",
      .fields = {"x-api-key: ak-test", "anthropic-version: 2023-06-01"},
      .request_body = R"({"model":"claude-sonnet-4-6","messages":[{"role":)"
                      R"("user","content":"q"}],"max_tokens":1024,)"
                      R"("system":"sys"})",
      .reply_body = R"({"id":"msg_fx1","type":"message","role":"assistant",)"
                    R"("content":[{"type":"text","text":"a"},{"type":)"
                    R"("tool_use","id":"toolu_fx1","name":"read","input":)"
                    R"({"path":"a.txt"}},{"type":"text","text":"b"}],)"
                    R"("usage":{"input_tokens":8,"output_tokens":4}})",
      .response = "ab",
    },
    chat_host("groq", "/openai",
              R"({"id":"chatcmpl-g1","choices":[{"index":0,"message":)"
              R"({"role":"assistant","content":"g"}}],)"
              R"("x_groq":{"id":"req_fx"}})",
              "g"),
    chat_host("openrouter", "/api",
              R"({"id":"gen-fx1","provider":"Example","choices":[{"message":)"
              R"({"role":"assistant","content":"o","refusal":null}}]})",
              "o"),
    chat_host("together", "",
              R"({"id":"fx-t1","prompt":[],"choices":[{"seed":1,"message":)"
              R"({"role":"assistant","content":"t","tool_calls":[]}}]})",
              "t"),
    chat_host("mistral", "",
              R"({"id":"fx-m1","choices":[{"index":0,"message":)"
              R"({"role":"assistant","content":"m","tool_calls":null,)"
              R"("prefix":false},"finish_reason":"stop"}]})",
              "m"),
  };
}

} // namespace

const std::vector<model_source>& model_sources() {
  static const auto result = make_sources();
  return result;
}

any_neuron make_neuron(const model_source& source, const std::string& origin,
                       const json& more_options) {
  auto options = source.options;
  options["endpoint"] = origin + source.base;
  options.update(more_options);
  auto result = neuron::from_source(source.name, options, no_variables());
  if (!result)
    throw std::runtime_error{describe(result.error())};
  return std::move(*result);
}

neuron::variable_lookup no_variables() {
  return [](const std::string&) { return std::nullopt; };
}

neuron::variable_lookup one_variable(std::string name, std::string value) {
  return [name = std::move(name),
          value = std::move(value)](const std::string& wanted) {
    return wanted == name ? std::optional{value} : std::nullopt;
  };
}

} // namespace cosmo::net::test
