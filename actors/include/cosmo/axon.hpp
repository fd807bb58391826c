// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/engram_call.hpp>
#include <cosmo/handler.hpp>
#include <cosmo/hosting.hpp>
#include <cosmo/neuron.hpp>
#include <cosmo/on_signals.hpp>
#include <cosmo/recognizers.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosmo {

/// How an Axon is made. @source neurons.md section 2
struct axon_options {
  /// Address on the bus, unique per namespace, not empty.
  std::string neuron_id = {};
  /// The body; also takes what a factory returned, error included.
  any_neuron neuron = {};
  std::vector<std::string> capabilities = {};
  /// Part of REGISTER when not empty.
  std::string version = {};
  std::string neuron_kind = "neuron";
  /// Resolves `context_ref` into the context, an array. May block. A failure is
  /// logged and the TASK goes on without context.
  std::function<caf::expected<json>(const std::string& ref)> context_fetcher
    = {};
  /// Reads a marker, an object or the unchanged value off the raw result.
  /// Pure. An exception fails the TASK.
  std::function<json(json raw)> output_parser = {};
  /// Blocking runs at the same time; more wait for their turn.
  size_t concurrency = 32;
  /// The Engrams that the Neuron may use, by `io.recall` and `io.imprint`.
  std::vector<engram_binding> engrams = {};
};

class axon_host;

namespace neuron {

struct anthropic_options;
struct huggingface_options;
struct mcp_options;
struct ollama_options;
struct openai_options;

} // namespace neuron

/// Gives a Neuron its identity and turns its results into Signals.
///
/// A cheap handle: copies are the same Axon. It never touches the bus; attach
/// it to a Dendrite. Hooks may be added at any time.
/// @affinity any thread   @source neurons.md sections 2 to 5
class axon {
public:
  /// Sees the input and may replace it by returning an object. An exception
  /// rejects the TASK. May block.
  using input_hook = std::function<std::optional<json>(const json& input)>;

  /// Sees the raw result; returns the fields of the reply it recognises, or
  /// nothing. May block.
  using detector = std::function<std::optional<json>(const json& raw)>;

  /// The registered hooks at one moment.
  struct hooks {
    std::vector<input_hook> before_task;
    std::vector<detector> error;
    std::vector<detector> clarification;
    std::vector<detector> permission;
    std::vector<detector> output;

    bool empty() const noexcept {
      return before_task.empty() && error.empty() && clarification.empty()
             && permission.empty() && output.empty();
    }
  };

  /// No Neuron; only assign to it.
  axon() : axon(axon_options{}) {
    // nop
  }

  /// Bad options come up as ec::bad_config when the Axon is attached.
  axon(axon_options options);

  // -- around a source ----------------------------------------------------------

  // Defined by the component `net`; the options of a source are in its header
  // in cosmo/neuron/. `what` has neither `neuron` nor `output_parser`, which
  // come from the source. What is wrong comes up as ec::bad_config when the
  // Axon is attached.   @source neurons.md section 7

  /// With the source's name and its options as configuration has them.
  static axon from_source(std::string_view source, axon_options what,
                          const json& options, intent_options intents = {});

  static axon ollama(axon_options what, neuron::ollama_options options,
                     intent_options intents = {});

  static axon huggingface(axon_options what,
                          neuron::huggingface_options options,
                          intent_options intents = {});

  /// The same.
  static axon hf(axon_options what, neuron::huggingface_options options,
                 intent_options intents = {});

  static axon openai(axon_options what, neuron::openai_options options,
                     intent_options intents = {});

  static axon anthropic(axon_options what, neuron::anthropic_options options,
                        intent_options intents = {});

  static axon mcp(axon_options what, neuron::mcp_options options,
                  intent_options intents = {});

  // -- hooks ------------------------------------------------------------------

  axon& before_task(input_hook fn);
  axon& detects_error(detector fn);
  axon& detects_clarification(detector fn);
  axon& detects_permission(detector fn);
  axon& detects_output(detector fn);

  std::shared_ptr<const hooks> current_hooks() const;

  // -- lifecycle ----------------------------------------------------------------

  /// Runs each time the Axon has been announced: at a start of its Dendrite, or
  /// by `add_axon`. Like all lifecycle hooks off the scheduler, one after
  /// another; what it throws is logged.
  axon& on_connect(std::function<void(const axon&)> fn);

  /// Runs with each heartbeat of the Dendrite, and by `refresh`.
  axon& on_refresh(std::function<void(const axon&, const refresh_event&)> fn);

  /// Runs on and on while the Axon serves, `every` after the previous run has
  /// ended; the first time after one interval.
  /// @returns ec::bad_argument unless `every` is above zero.
  caf::error on_schedule(std::chrono::nanoseconds every,
                         std::function<void(const axon&)> fn);

  /// Runs the `on_refresh` hooks. @returns ec::not_attached.
  caf::error refresh(refresh_event event = {}) const;

  /// Registers handlers with the first Dendrite that announces the Axon. They
  /// stay there, also when the Axon leaves.
  axon_host host() const;

  // -- properties -------------------------------------------------------------

  const axon_options& options() const noexcept;

  const std::string& neuron_id() const noexcept {
    return options().neuron_id;
  }

  /// @returns ec::bad_config naming the option.
  caf::error check() const;

  /// Whether the Axon offers every capability of `requested`.
  bool covers(const std::vector<std::string>& requested) const;

  // -- attachment, for the Dendrite -------------------------------------------

  /// Binds the Axon to the Dendrite that `owner` stands for.
  /// @returns ec::already_attached if it has another one.
  caf::error attach_to(const void* owner, hosting_link to = {});

  void detach() noexcept;

  /// The lifecycle hooks from the n-th on, bound to this Axon.
  std::vector<dendrite_hook> lifecycle_hooks(size_t from = 0) const;

  /// The handlers that have not been taken before: each is registered once in
  /// the life of the Axon.
  std::vector<handler_spec> take_handlers() const;

private:
  friend class axon_host;

  struct impl;

  axon& add(std::vector<detector> hooks::* bucket, detector fn);

  std::shared_ptr<impl> impl_;
};

/// Handlers that come with an Axon: they are registered with the Dendrite that
/// announces it, once.
/// @source neurons.md section 3.6
class axon_host : public on_signals<axon_host> {
public:
  explicit axon_host(axon owner) : owner_(std::move(owner)) {
    // nop
  }

  void add_handler(handler_spec spec) const;

private:
  axon owner_;
};

} // namespace cosmo
