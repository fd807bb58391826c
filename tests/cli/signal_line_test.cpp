// SPDX-License-Identifier: Apache-2.0
#include "signal_line.hpp"

#include "support/cosmo_run.hpp"
#include <cosmo/codec.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace cosmo::cli;
using namespace cosmo::test;
using cosmo::signal_type;

namespace {

cosmo::signal read(std::string_view frame) {
  auto result = cosmo::decode(frame, cosmo::world::real());
  REQUIRE(result);
  return *result;
}

const auto task = R"({"v":"1","id":"evt_1","trace_id":"trc_01HZX3A4B5C6D7",
  "type":"TASK","directed":{"id":"greeter"},
  "ts":"2026-01-02T03:04:05.006789Z","payload":{}})";

struct fixture {
  std::ostringstream out;
  console plain{cosmo_setup{}.with(out, out)};
  console coloured{cosmo_setup{.out_is_terminal = true}.with(out, out)};
};

} // namespace

TEST_CASE_METHOD(fixture, "a Signal on the bus is one line of columns",
                 "[cli][signal_line]") {
  CHECK(bus_line(read(task), "cosmonapse.dev.TASK", plain)
        == "  03:04:05.006  TASK            01HZX3A4  greeter             "
           "cosmonapse.dev.TASK");
  CHECK(bus_line(read(task), "s", coloured)
        == "  03:04:05.006  \x1b[36mTASK          \x1b[0m  01HZX3A4  greeter"
           "             s");
}

TEST_CASE_METHOD(fixture, "an observer sees it without the subject",
                 "[cli][signal_line]") {
  CHECK(observer_line(read(task), plain)
        == "  03:04:05.006  TASK                01HZX3A4  greeter");
}

TEST_CASE_METHOD(fixture, "a Signal of nobody has a dash",
                 "[cli][signal_line]") {
  const auto sig = read(R"({"id":"evt_1","trace_id":"trc_1","type":"DISCOVER",
    "ts":"1969-12-31T23:59:59.999Z"})");
  CHECK(bus_line(sig, "s", plain)
        == "  23:59:59.999  DISCOVER        1   -                  s");
  CHECK(observer_line(sig, plain)
        == "  23:59:59.999  DISCOVER            1   - ");
}

TEST_CASE_METHOD(fixture, "long names are kept and never steer the terminal",
                 "[cli][signal_line]") {
  const auto sig = read(R"({"id":"evt_1","trace_id":"trc_\u001b[2Jabcdefgh",
    "type":"CLARIFICATION_ANSWER","directed":{"id":"a\u001b]0;x and so on"},
    "ts":"2026-01-02T03:04:05Z"})");
  CHECK(bus_line(sig, "a\nb", plain)
        == "  03:04:05.000  CLARIFICATION_ANSWER  ?[2Jabcd  "
           "a?]0;x and so on    a?b");
}

TEST_CASE("each type has its colour", "[cli][signal_line]") {
  using enum signal_type;
  CHECK(style_of(FINAL) == "1;32");
  CHECK(style_of(ERROR) == "1;31");
  CHECK(style_of(PERMISSION) == "33");
  CHECK(style_of(PERMISSION_DECISION) == "2;33");
  CHECK(style_of(ESCALATION) == "1;33");
  CHECK(style_of(HEARTBEAT) == "2;34");
  CHECK(style_of(TASK_AWARDED) == "1;35");
  CHECK(style_of(TASK_DECLINED) == "2;35");
  CHECK(style_of(THOUGHT_DELTA) == "2;37");
  CHECK(style_of(RECALLED) == "96");
  CHECK(style_of(CONSENSUS) == "1;36");
  CHECK(style_of(STOP) == "37");
}
