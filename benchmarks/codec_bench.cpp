// SPDX-License-Identifier: Apache-2.0
//
// Frames per second against nlohmann's own parse and dump of the same text.

#include "bench.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/signal_builder.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace bench {

namespace {

constexpr int frames = 100'000;

/// A TASK as a chat agent gets it: some history and a prompt.
std::string sample_frame(const cosmo::world& outside) {
  cosmo::json messages = cosmo::json::array();
  for (int i = 0; i < 4; ++i)
    messages.push_back({{"role", i % 2 == 0 ? "user" : "assistant"},
                        {"content", "A line of \"dialogue\" that goes on for a "
                                    "while, as people do. Straße Nr. "
                                      + std::to_string(i)}});
  cosmo::signal_builder build{outside};
  auto task = build.make(cosmo::payload::task{.input = {{"messages", messages},
                                                        {"temperature", 0.25},
                                                        {"max_tokens", 512}}},
                         {.directed = cosmo::directed::to("greeter")});
  return *cosmo::encode(task);
}

/// Keeps results from being optimised away.
volatile size_t sink;

} // namespace

void codec() {
  auto outside = cosmo::world::real();
  auto text = sample_frame(outside);
  auto sig = cosmo::decode(text, outside);
  auto dom = nlohmann::json::parse(text);
  if (!sig || *cosmo::encode(*sig) != text) {
    std::fprintf(stderr, "the sample frame does not survive a round trip\n");
    std::exit(1);
  }
  auto decode = best_of(5, [&] {
    return time([&] {
      for (int i = 0; i < frames; ++i)
        sink = cosmo::decode(text, outside)->id().size();
    });
  });
  auto parse = best_of(5, [&] {
    return time([&] {
      for (int i = 0; i < frames; ++i)
        sink = nlohmann::json::parse(text).size();
    });
  });
  auto encode = best_of(5, [&] {
    return time([&] {
      for (int i = 0; i < frames; ++i)
        sink = cosmo::encode(*sig)->size();
    });
  });
  auto dump = best_of(5, [&] {
    return time([&] {
      for (int i = 0; i < frames; ++i)
        sink = dom.dump().size();
    });
  });
  report("codec.frame_bytes", static_cast<double>(text.size()), "B");
  report("codec.decode_per_s", frames / decode, "1/s");
  report("codec.encode_per_s", frames / encode, "1/s");
  report("codec.decode_ratio", parse / decode, "x");
  report("codec.encode_ratio", dump / encode, "x");
}

} // namespace bench
