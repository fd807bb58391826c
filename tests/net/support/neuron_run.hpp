// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/neuron.hpp>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace cosmo::net::test {

/// What a Neuron thinks, and the test's word on it.   @affinity any thread
class thought_book {
public:
  /// @param accepts_at_once otherwise whoever wants to know waits for `accept`.
  explicit thought_book(bool accepts_at_once = true)
    : accepts_at_once_(accepts_at_once) {
    // nop
  }

  void add(std::string delta, neuron_io::think_done done);

  /// Waits until `n` thoughts are there; a test that waits for too long throws.
  void wait_for(size_t n);

  std::vector<std::string> thoughts();

  /// Gives the word to everybody who waits for it.
  void accept(const caf::error& outcome = {});

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool accepts_at_once_;
  std::vector<std::string> thoughts_;
  std::deque<neuron_io::think_done> waiting_;
};

/// Calls a Neuron as an Axon would, without one.
/// @param thoughts null for a Neuron that must not think.
std::future<caf::expected<json>> start_neuron(const any_neuron& neuron,
                                              const json& input,
                                              std::stop_token stop = {},
                                              thought_book* thoughts = nullptr);

/// The outcome of a TASK; a test that waits for too long throws.
caf::expected<json> await(std::future<caf::expected<json>> pending);

caf::expected<json> run_neuron(const any_neuron& neuron, const json& input,
                               thought_book* thoughts = nullptr);

} // namespace cosmo::net::test
