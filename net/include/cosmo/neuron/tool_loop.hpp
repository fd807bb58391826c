// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/neuron.hpp>

#include <cstddef>
#include <string>

namespace cosmo::neuron {

struct tool_loop_options {
  /// How often the model may ask for tools before it has to answer.
  size_t max_rounds = 8;
  /// Whether calls that it asks for at once are made at the same time; else
  /// they are made one after another.
  bool concurrent = false;
  /// How the model writes calls; empty: inferred from it, else `auto`.
  std::string tool_standard = {};
};

/// A Neuron that lets a model use tools: it makes the calls that the model asks
/// for, tells it what became of them, and asks again until it answers. That
/// answer is the result.
///
/// The Axon declares the Effectors, and the model is told of their schemas. A
/// tool that fails is the model's to deal with; a model that fails, or still
/// asks for tools after `max_rounds`, fails the Neuron. Calls go over the bus.
///
/// @param model an asynchronous Neuron, as every source is. It is asked again
///        with the member `messages`.
/// @returns a Neuron whose fault is ec::bad_config for bad options.
/// @source neurons.md 17.8 and 17.9
any_neuron tool_loop(any_neuron model, tool_loop_options options = {});

} // namespace cosmo::neuron
