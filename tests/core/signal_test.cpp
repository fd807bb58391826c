// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/signal.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/deep_to_string.hpp>
#include <catch2/catch_test_macros.hpp>

#include <thread>
#include <type_traits>
#include <vector>

using namespace cosmo;
using namespace cosmo::test;

namespace {

header plain_header() {
  header result;
  result.id = "evt_1";
  result.trace_id = "trc_1";
  result.ts = start_time;
  return result;
}

template <class T>
caf::byte_buffer save(T value) {
  caf::byte_buffer bytes;
  caf::binary_serializer sink{nullptr, bytes};
  REQUIRE(sink.apply(value));
  return bytes;
}

template <class T>
bool load(const caf::byte_buffer& bytes, T& value) {
  caf::binary_deserializer source{nullptr, bytes};
  return source.apply(value);
}

template <class From, class To>
concept narrows_to = std::is_constructible_v<To, From>;

} // namespace

TEST_CASE("a built Signal holds its struct and makes JSON on demand",
          "[core][signal]") {
  const auto sig
    = signal::make(plain_header(), payload::task{.input = {{"a", 1}}});
  CHECK(sig.holds_struct());
  REQUIRE(sig.get_if<payload::task>());
  CHECK(sig.get_if<payload::bid>() == nullptr);
  CHECK(sig.payload() == json{{"input", {{"a", 1}}}});
  CHECK(sig.holds_struct());
  CHECK(&sig.payload() == &sig.payload());
  CHECK(sig.meta() == json::object());
}

TEST_CASE("a decoded Signal keeps its JSON and makes the struct on demand",
          "[core][signal]") {
  const auto sig
    = decode(R"({"type":"TASK","payload":{"x":null,"input":{"b":1,"a":2}}})");
  REQUIRE(sig);
  CHECK_FALSE(sig->holds_struct());
  const auto* task = sig->get_if<payload::task>();
  REQUIRE(task);
  CHECK(task == sig->get_if<payload::task>());
  CHECK_FALSE(sig->holds_struct());
  CHECK(sig->payload().dump() == R"({"x":null,"input":{"b":1,"a":2}})");
}

TEST_CASE("copies share one value", "[core][signal]") {
  const auto sig = signal::make(plain_header(), payload::stop{});
  const auto copy = sig;
  CHECK(&copy.id() == &sig.id());
  CHECK(copy.typed() == sig.typed());
  CHECK_FALSE(signal{});
  CHECK(static_cast<bool>(copy));
}

TEST_CASE("threads that ask for the same view get the same object",
          "[core][signal]") {
  for (int round = 0; round < 50; ++round) {
    const auto built = signal::make(plain_header(), payload::plan{});
    const auto decoded = decode(R"({"type":"PLAN"})");
    REQUIRE(decoded);
    const json* views[4] = {};
    const void* structs[4] = {};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        views[i] = &built.payload();
        structs[i] = decoded->typed();
      });
    for (auto& thread : threads)
      thread.join();
    for (size_t i = 1; i < 4; ++i) {
      CHECK(views[i] == views[0]);
      CHECK(structs[i] == structs[0]);
    }
  }
}

TEST_CASE("output is what a reply produced", "[core][signal]") {
  CHECK(
    signal::make(plain_header(), payload::agent_output{.output = {{"x", 1}}})
      .output()
    == json{{"x", 1}});
  CHECK(signal::make(plain_header(), payload::final_{.result = 7}).output()
        == 7);
  CHECK(signal::make(plain_header(), payload::task{}).output().is_null());
  const auto odd = decode(R"({"type":"AGENT_OUTPUT","payload":{"output":3}})");
  CHECK(odd->output() == 3);
  const auto none = decode(R"({"type":"FINAL"})");
  CHECK(none->output().is_null());
}

TEST_CASE("directed_id is empty without an address", "[core][signal]") {
  CHECK(signal::make(plain_header(), payload::stop{}).directed_id().empty());
  auto hdr = plain_header();
  hdr.directed = directed::to("adder");
  CHECK(signal::make(hdr, payload::stop{}).directed_id() == "adder");
}

TEST_CASE("a Signal is taken as a type only if it is of that type",
          "[core][signal]") {
  const auto sig = signal::make(plain_header(), payload::clarification{});
  CHECK(name_of(sig.as<payload::clarification>()) == "ok");
  const auto reply = axon_reply::from(sig);
  CHECK(name_of(reply) == "ok");
  const auto task = sig.as<payload::task>();
  CHECK(name_of(task) == "protocol_violation");
  CHECK(contains(text_of(task), "CLARIFICATION"));
  CHECK(contains(text_of(task), "TASK"));
  const auto bad = decode(R"({"type":"TASK","payload":{"capabilities":3}})");
  CHECK(name_of(bad->as<payload::task>()) == "bad_field_type");
}

TEST_CASE("sets of types convert to wider ones only", "[core][signal]") {
  using output_signal = signal_of<payload::agent_output>;
  STATIC_CHECK(narrows_to<output_signal, axon_reply>);
  STATIC_CHECK(narrows_to<axon_reply, worker_signal>);
  STATIC_CHECK_FALSE(narrows_to<task_signal, axon_reply>);
  STATIC_CHECK_FALSE(narrows_to<worker_signal, axon_reply>);
  STATIC_CHECK_FALSE(narrows_to<signal_of<payload::stop>, worker_signal>);
  STATIC_CHECK_FALSE(narrows_to<signal_of<payload::task_offer>, worker_signal>);
  STATIC_CHECK_FALSE(narrows_to<signal, axon_reply>);
  STATIC_CHECK(std::is_convertible_v<axon_reply, signal>);
}

TEST_CASE("CAF's binary form keeps every part of the envelope",
          "[core][signal]") {
  auto hdr = plain_header();
  hdr.v = "1.2";
  hdr.parent_id = "evt_0";
  hdr.directed = {"a", "k", {"x", "y"}};
  hdr.ts = timestamp_min;
  hdr.meta = {{"m", {1, 2.0, nullptr}}};
  const auto sig = signal::make(hdr, payload::discover{.neuron = ""});
  signal copy;
  REQUIRE(load(save(sig), copy));
  CHECK(*encode(copy) == *encode(sig));
  CHECK(copy.holds_struct());
}

TEST_CASE("the deepest frame that decodes travels between nodes",
          "[core][signal]") {
  const auto sig
    = decode(R"({"type":"TASK","payload":{"x":)" + nested(199) + "}}");
  REQUIRE(sig);
  signal copy;
  REQUIRE(load(save(*sig), copy));
  CHECK(copy.payload() == sig->payload());
}

TEST_CASE("an empty handle cannot be sent", "[core][signal]") {
  caf::byte_buffer bytes;
  caf::binary_serializer sink{nullptr, bytes};
  signal empty;
  CHECK_FALSE(sink.apply(empty));
}

TEST_CASE("JSON that cannot be written fails to be sent", "[core][signal]") {
  const auto sig
    = signal::make(plain_header(), payload::final_{.result = "\xFF"});
  caf::byte_buffer bytes;
  caf::binary_serializer sink{nullptr, bytes};
  auto copy = sig;
  CHECK_FALSE(sink.apply(copy));
}

TEST_CASE("a typed Signal is loaded only with its types", "[core][signal]") {
  const auto clarification
    = signal::make(plain_header(), payload::clarification{});
  const auto stop = signal::make(plain_header(), payload::stop{});
  axon_reply reply;
  CHECK(load(save(clarification), reply));
  CHECK(reply.type() == signal_type::CLARIFICATION);
  axon_reply other;
  CHECK_FALSE(load(save(stop), other));
  task_signal task;
  const auto bad = decode(R"({"type":"TASK","payload":{"capabilities":3}})");
  CHECK_FALSE(load(save(*bad), task));
}

TEST_CASE("a broken envelope is not loaded", "[core][signal]") {
  auto refused = [](auto change) {
    auto hdr = plain_header();
    change(hdr);
    signal copy;
    return !load(save(signal::make(hdr, payload::stop{})), copy);
  };
  CHECK(refused([](header& h) { h.id = "x"; }));
  CHECK(refused([](header& h) { h.trace_id = ""; }));
  CHECK(refused([](header& h) { h.parent_id = "x"; }));
  CHECK(refused([](header& h) { h.v = "2"; }));
  CHECK(refused([](header& h) { h.ts = timestamp::max(); }));
  CHECK(refused([](header& h) { h.meta = 3; }));
  CHECK_FALSE(refused([](header&) {}));
}

TEST_CASE("cut or garbled bytes are refused", "[core][signal]") {
  const auto bytes = save(
    signal::make(plain_header(), payload::task{.input = {{"a", "text"}}}));
  size_t accepted = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const caf::byte_buffer cut(
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    signal copy;
    accepted += load(cut, copy) ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("payload structs can be inspected on their own", "[core][signal]") {
  payload::recall recall{.query = {{"q", 1}}, .min_confidence = 0.5};
  payload::recall copy;
  REQUIRE(load(save(recall), copy));
  CHECK(copy.query == recall.query);
  CHECK(copy.min_confidence == recall.min_confidence);
  CHECK_FALSE(copy.filters);
}

TEST_CASE("a Signal prints its parts", "[core][signal]") {
  const auto text = caf::deep_to_string(
    signal::make(plain_header(), payload::stop{.reason = "done"}));
  CHECK(contains(text, "evt_1"));
  CHECK(contains(text, "done"));
}
