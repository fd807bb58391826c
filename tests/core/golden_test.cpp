// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <string>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;

namespace {

struct golden_frame {
  std::string expected;
  std::string text;
};

std::vector<golden_frame> golden_frames(signal_type type) {
  std::ifstream file{std::string{COSMO_GOLDEN_DIR} + '/'
                     + std::string{to_string(type)} + ".frames"};
  std::vector<golden_frame> result;
  for (std::string line; std::getline(file, line);) {
    const auto blank = line.find(' ');
    result.push_back({line.substr(0, blank), line.substr(blank + 1)});
  }
  return result;
}

// Through CAF's binary form and back.
signal moved_to_another_node(signal sig) {
  caf::byte_buffer bytes;
  caf::binary_serializer sink{nullptr, bytes};
  REQUIRE(sink.apply(sig));
  caf::binary_deserializer source{nullptr, bytes};
  signal result;
  REQUIRE(source.apply(result));
  CHECK(source.remaining() == 0);
  return result;
}

template <class P>
signal rebuilt_as(const signal& sig) {
  const auto* payload = sig.get_if<P>();
  REQUIRE(payload != nullptr);
  return signal::make(sig.envelope(), *payload);
}

template <class... Ps>
signal rebuilt(const signal& sig, payload_list<Ps...>) {
  signal result;
  ((sig.type() == Ps::type ? void(result = rebuilt_as<Ps>(sig)) : void()), ...);
  return result;
}

void check_good(const golden_frame& frame) {
  const auto sig = decode(frame.text);
  REQUIRE(sig);
  CHECK(*encode(*sig) == frame.text);
  const auto copy = moved_to_another_node(*sig);
  CHECK_FALSE(copy.holds_struct());
  CHECK(*encode(copy) == frame.text);
  const auto typed = rebuilt(*sig, all_payloads{});
  REQUIRE(typed);
  CHECK(typed.holds_struct());
  const auto typed_copy = moved_to_another_node(typed);
  CHECK(typed_copy.holds_struct());
  CHECK(*encode(typed_copy) == *encode(typed));
  if (frame.expected == "valid") {
    CHECK(*encode(typed) == frame.text);
    CHECK(typed.payload() == sig->payload());
    CHECK(*write_json(typed.payload()) == *write_json(sig->payload()));
  }
}

void check_bad_payload(const golden_frame& frame) {
  const auto sig = decode(frame.text);
  REQUIRE(sig);
  CHECK(*encode(*sig) == frame.text);
  CHECK(sig->typed() == nullptr);
  CHECK("payload:" + name_of(sig->typed_error()) == frame.expected);
  CHECK(contains(message_of(sig->typed_error()), "payload."));
}

} // namespace

TEST_CASE("golden frames fare as their files say", "[core][golden]") {
  for (size_t i = 0; i < signal_type_count; ++i) {
    const auto type = static_cast<signal_type>(i);
    const auto frames = golden_frames(type);
    size_t good = 0;
    size_t bad = 0;
    for (const auto& frame : frames) {
      CAPTURE(frame.expected, frame.text);
      if (frame.expected == "valid" || frame.expected == "kept") {
        ++good;
        check_good(frame);
        CHECK(decode(frame.text)->type() == type);
      } else if (frame.expected.starts_with("payload:")) {
        ++bad;
        check_bad_payload(frame);
      } else {
        ++bad;
        CHECK(outcome(frame.text) == frame.expected);
      }
    }
    CAPTURE(to_string(type));
    CHECK(good >= 1);
    CHECK(bad >= 3);
  }
}
