// SPDX-License-Identifier: Apache-2.0
#include "neuron_run.hpp"

#include "http_exchange.hpp"
#include <cosmo/dispatch.hpp>
#include <cosmo/pathway.hpp>

#include <stdexcept>

namespace cosmo::net::test {

namespace {

/// Language models use nothing of their host but the stop token, and think when
/// they stream.
class model_host : public neuron_io::host {
public:
  model_host(std::stop_token stop, thought_book* thoughts)
    : stop_(std::move(stop)), thoughts_(thoughts) {
    // nop
  }

  task_scope scope() const noexcept override {
    return {.trace_id = id_, .task_id = id_, .neuron_id = id_};
  }

  std::stop_token stop_token() const override {
    return stop_;
  }

  void think(std::string delta) override {
    think(std::move(delta), {});
  }

  void think(std::string delta, neuron_io::think_done done) override {
    if (!thoughts_)
      throw std::logic_error{"this Neuron should not think"};
    thoughts_->add(std::move(delta), std::move(done));
  }

  void escalate(std::string, std::optional<std::string>, json) override {
    throw std::logic_error{"a model source does not escalate"};
  }

  caf::expected<pathway> dispatch(dispatch_options) override {
    throw std::logic_error{"a model source does not dispatch"};
  }

  void dispatch(dispatch_options, neuron_io::dispatch_done) override {
    throw std::logic_error{"a model source does not dispatch"};
  }

  caf::disposable run_delayed(std::chrono::nanoseconds,
                              std::function<void()>) override {
    throw std::logic_error{"a model source sets no timer"};
  }

  void post(std::function<void()>) override {
    throw std::logic_error{"a model source has no worker"};
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

  const std::vector<effector_binding>& effectors() const noexcept override {
    return effectors_;
  }

  caf::expected<tool_outcome> call_tool(std::string_view,
                                        call_tool_options) override {
    throw std::logic_error{no_tools};
  }

  void call_tool(std::string_view, call_tool_options,
                 neuron_io::tool_done) override {
    throw std::logic_error{no_tools};
  }

private:
  static constexpr auto no_memory = "a model source has no memory";

  static constexpr auto no_tools = "a model source calls no tools";

  std::vector<effector_binding> effectors_;
  std::string id_;
  std::stop_token stop_;
  thought_book* thoughts_;
};

class future_state : public neuron_promise::state {
public:
  void complete(caf::expected<json> result) override {
    outcome.set_value(std::move(result));
  }

  std::promise<caf::expected<json>> outcome;
};

} // namespace

void thought_book::add(std::string delta, neuron_io::think_done done) {
  bool is_accepted;
  {
    std::unique_lock guard{mutex_};
    thoughts_.push_back(std::move(delta));
    is_accepted = accepts_at_once_;
    if (done && !is_accepted)
      waiting_.push_back(done);
    changed_.notify_all();
  }
  if (done && is_accepted)
    done({});
}

void thought_book::wait_for(size_t n) {
  std::unique_lock guard{mutex_};
  if (!changed_.wait_for(guard, patience,
                         [&] { return thoughts_.size() >= n; }))
    throw std::runtime_error{"the Neuron does not think"};
}

std::vector<std::string> thought_book::thoughts() {
  std::unique_lock guard{mutex_};
  return thoughts_;
}

void thought_book::accept(const caf::error& outcome) {
  std::deque<neuron_io::think_done> told;
  {
    std::unique_lock guard{mutex_};
    told.swap(waiting_);
  }
  for (auto& done : told)
    done(outcome);
}

std::future<caf::expected<json>> start_neuron(const any_neuron& neuron,
                                              const json& input,
                                              std::stop_token stop,
                                              thought_book* thoughts) {
  auto state = std::make_shared<future_state>();
  auto result = state->outcome.get_future();
  auto host = std::make_shared<model_host>(std::move(stop), thoughts);
  neuron.async()(input, json::array(), neuron_io{std::move(host)},
                 neuron_promise{std::move(state)});
  return result;
}

caf::expected<json> await(std::future<caf::expected<json>> pending) {
  if (pending.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"the Neuron hangs"};
  return pending.get();
}

caf::expected<json> run_neuron(const any_neuron& neuron, const json& input,
                               thought_book* thoughts) {
  return await(start_neuron(neuron, input, {}, thoughts));
}

} // namespace cosmo::net::test
