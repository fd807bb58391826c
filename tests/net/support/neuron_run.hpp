// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/neuron.hpp>

#include <future>
#include <stop_token>

namespace cosmo::net::test {

/// Calls a Neuron as an Axon would, without one.
std::future<caf::expected<json>> start_neuron(const any_neuron& neuron,
                                              const json& input,
                                              std::stop_token stop = {});

/// The outcome of a TASK; a test that waits for too long throws.
caf::expected<json> run_neuron(const any_neuron& neuron, const json& input);

} // namespace cosmo::net::test
