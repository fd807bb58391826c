// SPDX-License-Identifier: Apache-2.0
//
// How fast events are cut from a stream, against what only finds the lines.

#include "bench.hpp"
#include "sse_parser.hpp"

#include <cstring>
#include <string>

namespace bench {

namespace {

constexpr size_t stream_bytes = 32 * 1024 * 1024;

/// What a socket gives at once.
constexpr size_t piece_bytes = 4 * 1024;

constexpr int rounds = 5;

/// A chat, a word for each event.
std::string make_stream() {
  const std::string event
    = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
      "\"created\":1735689600,\"model\":\"some-model\",\"choices\":[{\"index\":"
      "0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n";
  std::string result;
  while (result.size() < stream_bytes)
    result += event;
  return result;
}

template <class F>
void for_each_piece(std::string_view stream, F fn) {
  for (; !stream.empty();
       stream.remove_prefix(std::min(piece_bytes, stream.size())))
    fn(stream.substr(0, piece_bytes));
}

size_t count_lines(std::string_view bytes) {
  size_t result = 0;
  auto end = bytes.data() + bytes.size();
  for (auto pos = bytes.data(); pos != end; ++result) {
    auto found = static_cast<const char*>(
      std::memchr(pos, '\n', static_cast<size_t>(end - pos)));
    if (!found)
      break;
    pos = found + 1;
  }
  return result;
}

} // namespace

void sse() {
  auto stream = make_stream();
  size_t lines = 0;
  size_t events = 0;
  auto splitting = best_of(rounds, [&] {
    lines = 0;
    return time([&] {
      for_each_piece(stream, [&](auto piece) { lines += count_lines(piece); });
    });
  });
  auto parsing = best_of(rounds, [&] {
    events = 0;
    cosmo::net::sse_parser parser{stream_bytes};
    return time([&] {
      for_each_piece(stream, [&](auto piece) {
        parser.feed(piece, [&](const auto&) { ++events; });
      });
    });
  });
  // Each event is a line and an empty one.
  if (lines != 2 * events)
    return report("sse.parse_ratio", 0, "events-lost");
  report("sse.parse_rate", static_cast<double>(stream.size()) / parsing / 1e6,
         "MB/s");
  report("sse.parse_ratio", splitting / parsing, "x");
}

} // namespace bench
