// SPDX-License-Identifier: Apache-2.0

// Whatever the bytes: the broker answers in whole lines of ASCII JSON, the
// quick reader of lines agrees with the thorough one, and text that is escaped
// reads back as itself.

#include "line_splitter.hpp"
#include "wire_broker.hpp"
#include "wire_line.hpp"
#include "wire_text.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace cosmo::net;

void require(bool condition, const char* what) {
  if (condition)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

struct peer final : wire_peer {
  void send(std::string_view lines) override {
    require(lines.ends_with('\n'), "lines are whole");
    for (auto c : lines)
      require(c == '\n' || c >= 0x20, "lines are ASCII");
    while (!lines.empty()) {
      auto end = lines.find('\n');
      auto line = nlohmann::json::parse(lines.substr(0, end), nullptr, false);
      require(line.is_object() && line["op"].is_string(), "lines are objects");
      lines.remove_prefix(end + 1);
    }
  }
};

void check_pub(std::string_view line) {
  wire_traffic traffic;
  if (!read_pub(line, traffic))
    return;
  auto parsed = nlohmann::json::parse(line, nullptr, false);
  require(parsed.is_object(), "what the quick reader takes is JSON");
  require(parsed["op"] == "pub", "the readers agree on the op");
  require(parsed["subject"] == traffic.subject,
          "the readers agree on the subject");
  std::string frame;
  if (append_unescaped(frame, traffic.frame))
    require(parsed["frame"] == frame, "the readers agree on the frame");
}

void check_msg(std::string_view line) {
  wire_traffic traffic;
  std::string frame;
  if (!read_msg(line, traffic) || !append_unescaped(frame, traffic.frame))
    return;
  require(nlohmann::json::parse(line, nullptr, false)
            == nlohmann::json{{"op", "msg"},
                              {"sub_id", traffic.sub_id},
                              {"subject", traffic.subject},
                              {"frame", frame}},
          "the readers agree on all of a msg");
}

void check_text(std::string_view text) {
  std::string raw;
  std::string again;
  if (!append_escaped(raw, text))
    return;
  require(append_unescaped(again, raw), "what was escaped can be read");
  require(again == text, "escaping loses nothing");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  wire_server_options options;
  options.name_bytes_max = 256;
  wire_counters counters;
  auto clock = std::make_shared<cosmo::manual_clock>(cosmo::timestamp{});
  wire_broker broker{options, clock, counters, [](auto, auto) {}};
  peer first;
  peer second;
  auto& watcher = broker.attach(first);
  auto& speaker = broker.attach(second);
  broker.take(watcher, R"({"op":"sub","sub_id":"w","subject":">"})");
  line_splitter lines{4096, line_end::lf};
  lines.feed(bytes, [&](std::string_view line) {
    check_pub(line);
    check_msg(line);
    broker.take(speaker, line);
  });
  check_text(bytes);
  broker.detach(watcher);
  broker.detach(speaker);
  require(counters.subscriptions.get() == 0,
          "subscriptions go with their client");
  require(counters.name_spaces.get() == 0, "namespaces go with their owner");
  return 0;
}
