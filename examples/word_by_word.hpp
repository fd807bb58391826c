// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/neuron.hpp>

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>

/// A Neuron that repeats its prompt, and thinks each word aloud. Two prompts
/// show the bad days of a model: `fail` makes it throw, `wait` makes it say
/// nothing until somebody stops the trace.
inline cosmo::json word_by_word(const cosmo::json& input, const cosmo::json&,
                                const cosmo::neuron_io& io) {
  auto prompt = input.value("prompt", "");
  if (prompt == "fail")
    throw std::runtime_error{"the model has no answer"};
  if (prompt == "wait") {
    std::mutex mutex;
    std::unique_lock guard{mutex};
    std::condition_variable_any never;
    never.wait(guard, io.stop_token(), [] { return false; });
    return nullptr;
  }
  std::istringstream words{prompt};
  std::string response;
  for (std::string word; words >> word;) {
    auto delta = (response.empty() ? "" : " ") + word;
    io.think(delta);
    response += delta;
  }
  return {{"response", response}};
}
