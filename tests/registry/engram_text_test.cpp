// SPDX-License-Identifier: Apache-2.0
#include "engram_text.hpp"

#include "engram_time.hpp"
#include "support/neuron_samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::registry;
using namespace cosmo::test;
using namespace std::literals;

TEST_CASE("stored instants compare as texts", "[engram]") {
  CHECK(stored_instant(noon) == "2026-01-02T12:00:00.000000+00:00");
  CHECK(stored_instant(noon + 120us) == "2026-01-02T12:00:00.000120+00:00");
  CHECK(stored_instant(timestamp_min) == "0001-01-01T00:00:00.000000+00:00");
  CHECK(stored_instant(timestamp_max) == "9999-12-31T23:59:59.999999+00:00");
  CHECK(stored_second(noon + 120us) == "2026-01-02T12:00:00");
}

TEST_CASE("an image comes back from its journal as it was", "[engram]") {
  const auto key = GENERATE(std::optional<std::string>{}, "k");
  const entry_image image{.content = {{"b", 1.0}, {"a", {1, nullptr}}},
                          .tags = {"x", "\xC3\x9F"},
                          .meta = {{"m", 1}},
                          .merge_key = key,
                          .created_at = noon + 1us,
                          .version = 7};
  entry_image back;
  CHECK(image_from_text(image_to_text(image), back).empty());
  CHECK(json_to_wire(back.content) == json_to_wire(image.content));
  CHECK(back.tags == image.tags);
  CHECK(json_to_wire(back.meta) == json_to_wire(image.meta));
  CHECK(back.merge_key == image.merge_key);
  CHECK(back.created_at == image.created_at);
  CHECK(back.version == image.version);
}

TEST_CASE("an image that is none says which part is wrong", "[engram]") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
    {"", "no JSON object"},
    {"[]", "no JSON object"},
    {"{}", "content: absent"},
    {R"({"content":1})", "tags: no JSON array"},
    {R"({"content":1,"tags":[1]})", "tags: not all of them are texts"},
    {R"({"content":1,"tags":[]})", "meta: no JSON object"},
    {R"({"content":1,"tags":[],"meta":{}})", "created_at: "},
    {R"({"content":1,"tags":[],"meta":{},"created_at":7})", "created_at: "},
    {R"({"content":1,"tags":[],"meta":{},"created_at":"2026-01-02T12:00:00Z"})",
     "version: no integer"},
  }));
  entry_image image;
  CHECK(image_from_text(text, image).starts_with(why));
}

TEST_CASE("the state of a trace has a name", "[engram]") {
  for (const auto state :
       {trace_state::open, trace_state::rolling_back, trace_state::rolled_back})
    CHECK(to_trace_state(name_of(state)) == state);
  CHECK(to_trace_state("unheard of") == trace_state::rolled_back);
}

TEST_CASE("time does not run over", "[engram]") {
  using ms = std::chrono::milliseconds;
  CHECK(earlier(noon, 1s) == noon - 1s);
  CHECK(later(noon, 1s) == noon + 1s);
  CHECK(earlier(noon, ms::max()) == timestamp_min);
  CHECK(later(noon, ms::max()) == timestamp_max);
  CHECK(later(timestamp_max, 0ms) == timestamp_max);
  CHECK(earlier(timestamp_min, 1ms) == timestamp_min);
}
