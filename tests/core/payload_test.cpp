// SPDX-License-Identifier: Apache-2.0
#include "codec_support.hpp"
#include <cosmo/payload.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace cosmo;
using namespace cosmo::test;
using namespace std::literals;

namespace {

template <class P>
struct reading {
  signal sig;
  const P* data;

  explicit reading(std::string_view payload) {
    std::string frame = R"({"type":")";
    frame += to_string(P::type);
    frame += R"(","payload":)";
    frame += payload;
    frame += '}';
    auto decoded = decode(frame);
    REQUIRE(decoded);
    sig = std::move(*decoded);
    data = sig.get_if<P>();
  }

  std::string fault() const {
    return describe(sig.typed_error());
  }
};

template <class P>
void check_reads_back() {
  const auto sig = signal::make(header{}, P{});
  const auto copy = signal::make_wire(header{}, P::type, sig.payload());
  CAPTURE(to_string(P::type));
  CHECK(copy.template get_if<P>() != nullptr);
  CHECK(*encode(copy) == *encode(sig));
}

template <class... Ps>
void check_all(payload_list<Ps...>) {
  (check_reads_back<Ps>(), ...);
}

} // namespace

TEST_CASE("absent fields read as their defaults", "[core][payload]") {
  const reading<payload::task> task{"{}"};
  REQUIRE(task.data);
  CHECK(task.data->input == json::object());
  CHECK(task.data->context_ref.empty());
  CHECK(task.data->capabilities.empty());
  CHECK_FALSE(task.data->finalize);
  CHECK(reading<payload::recall>{"{}"}.data->recall_mode == "first");
  CHECK(reading<payload::audit>{"{}"}.data->attempt == 1);
  CHECK(reading<payload::heartbeat>{"{}"}.data->status == "ok");
  CHECK(reading<payload::clarification>{"{}"}.data->question == "");
}

TEST_CASE("null counts as absent where a field may be left out",
          "[core][payload]") {
  const reading<payload::tool_result> result{
    R"({"tool":"t","result":null,"error":null,"call_id":null})"};
  REQUIRE(result.data);
  CHECK_FALSE(result.data->result);
  CHECK_FALSE(result.data->error);
  CHECK_FALSE(result.data->call_id);
  const reading<payload::task> task{
    R"({"context_ref":null,"capabilities":null,"finalize":null})"};
  REQUIRE(task.data);
  CHECK(task.data->capabilities.empty());
  const reading<payload::memory_append> note{R"({"key":"k","value":null})"};
  REQUIRE(note.data);
  CHECK(note.data->value.is_null());
}

TEST_CASE("the name of a tool is taken from tool, else from tool_name",
          "[core][payload]") {
  using payload::tool_call;
  CHECK(reading<tool_call>{R"({"tool":"a","tool_name":"b"})"}.data->tool
        == "a");
  CHECK(reading<tool_call>{R"({"tool_name":"b"})"}.data->tool == "b");
  CHECK(reading<tool_call>{R"({"tool_name":null})"}.data->tool.empty());
  CHECK(reading<tool_call>{R"({"tool_name":3})"}.data == nullptr);
}

TEST_CASE("flags that are left out when false are read by truthiness",
          "[core][payload]") {
  const auto [text, expected]
    = GENERATE(table<std::string_view, bool>({{"true", true},
                                              {"1", true},
                                              {"\"no\"", true},
                                              {"[0]", true},
                                              {"false", false},
                                              {"0", false},
                                              {"\"\"", false},
                                              {"{}", false},
                                              {"null", false}}));
  CAPTURE(text);
  const auto finalize = R"({"finalize":)" + std::string{text} + '}';
  CHECK(reading<payload::task>{finalize}.data->finalize == expected);
  CHECK(reading<payload::task_awarded>{finalize}.data->finalize == expected);
  const auto recoverable = R"({"recoverable":)" + std::string{text} + '}';
  CHECK(reading<payload::error>{recoverable}.data->recoverable == expected);
}

TEST_CASE("other flags must be true or false", "[core][payload]") {
  CHECK(reading<payload::permission_decision>{R"({"granted":"yes"})"}.data
        == nullptr);
  CHECK(reading<payload::permission_decision>{R"({"granted":null})"}.data
        == nullptr);
  CHECK(reading<payload::stop>{R"({"rollback":1})"}.data == nullptr);
}

TEST_CASE("the input of a TASK may be any JSON", "[core][payload]") {
  const auto text = GENERATE("3"s, "\"hi\""s, "[1]"s, "null"s, "{}"s);
  const reading<payload::task> task{R"({"input":)" + text + '}'};
  REQUIRE(task.data);
  CHECK(task.data->input == *parse_json(text));
  CHECK(reading<payload::agent_output>{R"({"output":3})"}.data == nullptr);
}

TEST_CASE("numbers take integers and doubles, integers only integers",
          "[core][payload]") {
  CHECK(reading<payload::bid>{R"({"cost":1})"}.data->cost == 1.0);
  CHECK(reading<payload::bid>{R"({"cost":0.5})"}.data->cost == 0.5);
  CHECK(reading<payload::bid>{R"({"cost":true})"}.data == nullptr);
  CHECK(reading<payload::bid>{R"({"eta_ms":-3})"}.data->eta_ms == -3);
  CHECK(reading<payload::bid>{R"({"eta_ms":1.0})"}.data == nullptr);
  CHECK(reading<payload::bid>{R"({"eta_ms":9223372036854775807})"}.data->eta_ms
        == INT64_MAX);
  CHECK(reading<payload::bid>{R"({"eta_ms":9223372036854775808})"}.data
        == nullptr);
}

TEST_CASE("an ill-typed field is named with path and value",
          "[core][payload]") {
  CHECK(reading<payload::task>{R"({"capabilities":["a","b",{"c":1}]})"}.fault()
        == "bad_field_type: payload.capabilities[2]: expected a string, found "
           "`{\"c\":1}`");
  CHECK(reading<payload::bid>{R"({"cost":"free"})"}.fault()
        == "bad_field_type: payload.cost: expected a number, found `\"free\"`");
  const auto endless = R"({"reason":[")" + std::string(9'000, 'x') + "\"]}";
  CHECK(reading<payload::stop>{endless}.fault().size() < 200);
}

TEST_CASE("an unreadable payload still shows its JSON", "[core][payload]") {
  const reading<payload::bid> bid{R"({"cost":"free","note":1})"};
  CHECK(bid.data == nullptr);
  CHECK(bid.sig.payload() == json{{"cost", "free"}, {"note", 1}});
  CHECK(name_of(bid.sig.as<payload::bid>()) == "bad_field_type");
}

TEST_CASE("every struct reads back from the JSON it writes",
          "[core][payload]") {
  check_all(all_payloads{});
}
