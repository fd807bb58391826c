// SPDX-License-Identifier: Apache-2.0
#include "neuron_run.hpp"

#include "http_exchange.hpp"
#include <cosmo/dispatch.hpp>
#include <cosmo/pathway.hpp>

#include <stdexcept>

namespace cosmo::net::test {

namespace {

/// Language models use nothing of their host but the stop token.
class silent_host : public neuron_io::host {
public:
  explicit silent_host(std::stop_token stop) : stop_(std::move(stop)) {
    // nop
  }

  task_scope scope() const noexcept override {
    return {.trace_id = id_, .task_id = id_, .neuron_id = id_};
  }

  std::stop_token stop_token() const override {
    return stop_;
  }

  void think(std::string) override {
    throw std::logic_error{"a model source does not think"};
  }

  void think(std::string, neuron_io::think_done) override {
    throw std::logic_error{"a model source does not think"};
  }

  void escalate(std::string, std::optional<std::string>, json) override {
    throw std::logic_error{"a model source does not escalate"};
  }

  caf::expected<pathway> dispatch(dispatch_options) override {
    throw std::logic_error{"a model source does not dispatch"};
  }

  caf::expected<recall_result> recall(std::string_view,
                                      recall_options) override {
    throw std::logic_error{no_memory};
  }

  void recall(std::string_view, recall_options,
              neuron_io::recall_done) override {
    throw std::logic_error{no_memory};
  }

  caf::expected<std::optional<imprint_receipt>>
  imprint(std::string_view, imprint_options) override {
    throw std::logic_error{no_memory};
  }

  void imprint(std::string_view, imprint_options,
               neuron_io::imprint_done) override {
    throw std::logic_error{no_memory};
  }

private:
  static constexpr auto no_memory = "a model source has no memory";

  std::string id_;
  std::stop_token stop_;
};

class future_state : public neuron_promise::state {
public:
  void complete(caf::expected<json> result) override {
    outcome.set_value(std::move(result));
  }

  std::promise<caf::expected<json>> outcome;
};

} // namespace

std::future<caf::expected<json>> start_neuron(const any_neuron& neuron,
                                              const json& input,
                                              std::stop_token stop) {
  auto state = std::make_shared<future_state>();
  auto result = state->outcome.get_future();
  auto host = std::make_shared<silent_host>(std::move(stop));
  neuron.async()(input, json::array(), neuron_io{std::move(host)},
                 neuron_promise{std::move(state)});
  return result;
}

caf::expected<json> run_neuron(const any_neuron& neuron, const json& input) {
  auto pending = start_neuron(neuron, input);
  if (pending.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"the Neuron hangs"};
  return pending.get();
}

} // namespace cosmo::net::test
