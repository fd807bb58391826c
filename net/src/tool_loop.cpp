// SPDX-License-Identifier: Apache-2.0
#include "llm_input.hpp"
#include <cosmo/neuron/tool_loop.hpp>
#include <cosmo/tool_exchange.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cosmo::neuron {

namespace {

/// Calls that a model may ask for at once; more are not made.
constexpr size_t calls_max = 64;

/// What all runs of one loop share.
struct loop_plan {
  any_neuron model;
  size_t max_rounds;
  bool concurrent;
  tool_standard standard;
  std::string dialect;
};

using plan_ptr = std::shared_ptr<const loop_plan>;

/// One TASK in the loop. Whoever brings the next piece, on whatever thread,
/// carries on; only concurrent calls meet.
class loop_run : public std::enable_shared_from_this<loop_run> {
public:
  loop_run(plan_ptr plan, json input, const json& context, neuron_io io,
           neuron_promise done)
    : plan_(std::move(plan)),
      input_(std::move(input)),
      context_(context),
      io_(std::move(io)),
      done_(std::move(done)) {
    // nop
  }

  void ask();

private:
  class model_answer;

  void answered(caf::expected<json> raw);
  void act(std::vector<tool_intent> calls, bool written);
  void make_next_call();
  void seen(size_t index, json what);
  void feed_back();

  plan_ptr plan_;
  json input_;
  /// Stays valid until `done_` is answered.
  const json& context_;
  neuron_io io_;
  neuron_promise done_;
  size_t rounds_ = 0;

  // -- the calls of this round ------------------------------------------------

  std::mutex mutex_;
  std::vector<tool_intent> calls_;
  std::vector<json> seen_;
  size_t next_ = 0;
  size_t left_ = 0;
  /// Whether the model wrote them into its text: then it is told in texts.
  bool written_ = false;
};

/// Where the model leaves its answer. Keeps what it was asked while it may look
/// at it.
class loop_run::model_answer : public neuron_promise::state {
public:
  explicit model_answer(std::shared_ptr<loop_run> run)
    : input(run->input_), run_(std::move(run)) {
    // nop
  }

  ~model_answer() override {
    complete(make_error(ec::neuron_exception,
                        "the model dropped its promise unanswered"));
  }

  void complete(caf::expected<json> raw) override {
    if (!answered_.exchange(true))
      run_->answered(std::move(raw));
  }

  const json input;

private:
  std::shared_ptr<loop_run> run_;
  std::atomic<bool> answered_ = false;
};

void loop_run::ask() {
  auto answer = std::make_shared<model_answer>(shared_from_this());
  try {
    plan_->model.async()(answer->input, context_, io_, neuron_promise{answer});
  } catch (const std::exception& err) {
    answer->complete(make_error(ec::neuron_exception, err.what()));
  } catch (...) {
    answer->complete(make_error(ec::neuron_exception, "unknown exception"));
  }
}

void loop_run::answered(caf::expected<json> raw) {
  if (!raw)
    return done_.fail(std::move(raw.error()));
  auto native = native_tool_calls(*raw);
  auto written = native.empty();
  auto calls
    = written ? find_tool_calls(plan_->standard, *raw) : std::move(native);
  if (calls.empty())
    return done_.deliver(std::move(*raw));
  if (rounds_ == plan_->max_rounds)
    return done_.fail(
      make_error(ec::neuron_exception, "the model still asks for tools after "
                                         + std::to_string(rounds_)
                                         + " rounds: " + calls.front().tool));
  ++rounds_;
  act(std::move(calls), written);
}

// -- calls ---------------------------------------------------------------------

void loop_run::act(std::vector<tool_intent> calls, bool written) {
  calls_ = std::move(calls);
  written_ = written;
  next_ = 0;
  left_ = std::min(calls_.size(), calls_max);
  seen_.assign(calls_.size(), nullptr);
  for (auto i = left_; i < calls_.size(); ++i)
    seen_[i] = observation_of(calls_[i], "not made: more than "
                                           + std::to_string(calls_max)
                                           + " calls at once");
  // Its answer may begin the next round.
  auto at_once = plan_->concurrent ? left_ : 1;
  for (size_t i = 0; i < at_once; ++i)
    make_next_call();
}

void loop_run::make_next_call() {
  std::unique_lock guard{mutex_};
  auto index = next_++;
  auto call = calls_[index];
  guard.unlock();
  auto to = choose_binding(io_.effectors(), call);
  if (auto why_not = std::get_if<std::string>(&to))
    return seen(index, observation_of(call, std::move(*why_not)));
  auto binding = std::get<const effector_binding*>(to);
  io_.call_tool(binding->name, call.tool, call.args, {.call_id = call.call_id},
                [me = shared_from_this(), index, call,
                 binding](const caf::expected<tool_outcome>& outcome) {
                  me->seen(index, observation_of(call, *binding, outcome));
                });
}

void loop_run::seen(size_t index, json what) {
  std::unique_lock guard{mutex_};
  seen_[index] = std::move(what);
  auto left = --left_;
  guard.unlock();
  if (left == 0)
    feed_back();
  else if (!plan_->concurrent)
    make_next_call();
}

void loop_run::feed_back() {
  if (io_.stop_token().stop_requested())
    return done_.fail(make_error(ec::cancelled, "the TASK was cancelled"));
  auto told = net::read_llm_input("Tool loop", input_);
  if (!told)
    return done_.fail(std::move(told.error()));
  auto messages = told->as_messages();
  auto news
    = tool_result_messages(seen_, written_ ? "hermes_text" : plan_->dialect);
  for (auto& message : news)
    messages.push_back(std::move(message));
  input_["messages"] = std::move(messages);
  ask();
}

any_neuron refused(std::string why) {
  return caf::expected<any_neuron>{
    make_error(ec::bad_config, "tool_loop: " + std::move(why))};
}

} // namespace

any_neuron tool_loop(any_neuron model, tool_loop_options options) {
  if (model.fault())
    return model;
  if (!model.async())
    return refused("the model must be an asynchronous Neuron, as sources are");
  if (options.max_rounds == 0)
    return refused("max_rounds must be at least 1");
  auto about = model.model();
  auto standard = (about ? about->standard() : std::nullopt)
                    .value_or(tool_standard::automatic);
  if (!options.tool_standard.empty()) {
    auto given = parse_tool_standard(options.tool_standard);
    if (!given)
      return caf::expected<any_neuron>{std::move(given.error())};
    standard = *given;
  }
  auto dialect = about ? about->dialect() : std::string_view{"openai"};
  auto plan = std::make_shared<const loop_plan>(
    loop_plan{std::move(model), options.max_rounds, options.concurrent,
              standard, std::string{dialect}});
  auto result = async([plan](const json& input, const json& context,
                             neuron_io io, neuron_promise done) {
                  std::make_shared<loop_run>(plan, input, context,
                                             std::move(io), std::move(done))
                    ->ask();
                }).on_close([plan] { plan->model.close(); });
  if (about)
    return std::move(result).asks(std::move(*about));
  return result;
}

} // namespace cosmo::neuron
