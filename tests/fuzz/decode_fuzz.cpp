// SPDX-License-Identifier: Apache-2.0

// Whatever the bytes: decode answers with a Signal or an error, and a Signal
// that can be written reads back as itself.

#include <cosmo/codec.hpp>
#include <cosmo/validate.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/init_global_meta_objects.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

void require(bool condition, const char* what) {
  if (condition)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

const cosmo::world& outside() {
  static const auto instance = cosmo::world::seeded(
    1, std::make_shared<cosmo::manual_clock>(cosmo::timestamp{}));
  return instance;
}

// The struct made from the JSON must read back from what it writes.
void check_struct(const cosmo::signal& sig) {
  if (sig.typed() == nullptr) {
    require(static_cast<bool>(sig.typed_error()), "a reason is given");
    return;
  }
  require(!sig.typed_error(), "no reason is given without need");
}

void check_other_node(const cosmo::signal& sig, const std::string& text) {
  caf::byte_buffer bytes;
  caf::binary_serializer sink{nullptr, bytes};
  auto original = sig;
  require(sink.apply(original), "what was decoded can be sent");
  caf::binary_deserializer source{nullptr, bytes};
  cosmo::signal copy;
  require(source.apply(copy), "what was sent can be received");
  require(*cosmo::encode(copy) == text, "nodes agree");
}

void check_frame(std::string_view frame) {
  const auto sig = cosmo::decode(frame, outside());
  const auto judged = cosmo::validate_frame(frame);
  if (!sig) {
    require(!cosmo::message_of(sig.error()).empty(), "errors have a text");
    require(!judged.ok(), "the validator is at least as strict");
    return;
  }
  check_struct(*sig);
  const auto text = cosmo::encode(*sig);
  if (!text) {
    require(text.error() == cosmo::ec::too_deep
              || text.error() == cosmo::ec::too_large,
            "what was decoded is valid Unicode");
    return;
  }
  const auto again = cosmo::decode(*text, outside());
  require(again.engaged(), "what was encoded decodes");
  require(*cosmo::encode(*again) == *text, "encoding is stable");
  check_other_node(*sig, *text);
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  caf::core::init_global_meta_objects();
  // Starts from the golden frames unless a corpus is named.
  static std::vector<char*> arguments{*argv, *argv + *argc};
  static char seeds[] = COSMO_FUZZ_SEEDS;
  auto is_folder = [](const char* text) { return text[0] != '-'; };
  bool given = false;
  for (size_t i = 1; i < arguments.size(); ++i)
    given = given || is_folder(arguments[i]);
  if (!given)
    arguments.push_back(seeds);
  *argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  *argv = arguments.data();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check_frame({reinterpret_cast<const char*>(data), size});
  return 0;
}
