// SPDX-License-Identifier: Apache-2.0
#include "support/cosmo_run.hpp"
#include "support/scratch_folder.hpp"
#include <cosmo/ids.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <fstream>

using namespace cosmo::test;

namespace {

const std::string good
  = R"({"v":"1","id":"evt_01HZX3A4B5C6D7E8F9G0H1J2K3","trace_id":)"
    R"("trc_01HZX3A4B5C6D7E8F9G0H1J2K3","type":"TASK","directed":null,)"
    R"("ts":"2026-01-02T03:04:05Z","payload":{"input":{}},"meta":{}})";

const std::string without_input
  = R"({"v":"1","id":"evt_01HZX3A4B5C6D7E8F9G0H1J2K3","trace_id":)"
    R"("trc_01HZX3A4B5C6D7E8F9G0H1J2K3","type":"TASK",)"
    R"("ts":"2026-01-02T03:04:05Z","payload":{}})";

struct fixture {
  scratch_folder scratch;

  cosmo_outcome validate(const std::string& text,
                         std::vector<std::string> options = {},
                         cosmo_setup setup = {}) {
    std::ofstream{scratch.file("frames"), std::ios::binary} << text;
    setup.folder = scratch.path();
    options.insert(options.begin(), {"validate", "frames"});
    return run_cosmo(std::move(options), setup);
  }
};

size_t count(const std::string& text, std::string_view what) {
  size_t result = 0;
  for (auto pos = text.find(what); pos != text.npos;
       pos = text.find(what, pos + 1))
    ++result;
  return result;
}

} // namespace

TEST_CASE_METHOD(fixture, "good lines are shown and counted",
                 "[cli][validate]") {
  CHECK(validate(good + '\n')
        == cosmo_outcome{0,
                         "  ok         1  TASK                "
                         "evt_01HZX3A4B5C6\n"
                         "1 signals | 0 errors | 0 warnings\n",
                         ""});
}

TEST_CASE_METHOD(fixture, "nothing to judge is no fault", "[cli][validate]") {
  const auto totals = "0 signals | 0 errors | 0 warnings\n";
  CHECK(validate("") == cosmo_outcome{0, totals, ""});
  CHECK(validate("\n  \n\t\r\n") == cosmo_outcome{0, totals, ""});
}

TEST_CASE_METHOD(fixture, "lines are numbered as in the file",
                 "[cli][validate]") {
  const auto outcome = validate("\n" + good + "\n\n" + good);
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("  ok         2  TASK") != std::string::npos);
  CHECK(outcome.out.find("  ok         4  TASK") != std::string::npos);
  CHECK(outcome.out.ends_with("2 signals | 0 errors | 0 warnings\n"));
}

TEST_CASE_METHOD(fixture, "every error of a bad line is shown, once",
                 "[cli][validate]") {
  const auto outcome = validate("{}\n");
  CHECK(outcome
        == cosmo_outcome{1,
                         "  bad        1                      \n"
                         "        error: missing v\n"
                         "        error: missing id\n"
                         "        error: missing trace_id\n"
                         "        error: missing type\n"
                         "        error: missing ts\n"
                         "1 signals | 5 errors | 0 warnings\n",
                         ""});
}

TEST_CASE_METHOD(fixture, "a line that is no JSON is one error and not the end",
                 "[cli][validate]") {
  const auto outcome = validate("not JSON\n[]\n" + good);
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("error: invalid JSON") != std::string::npos);
  CHECK(outcome.out.find("error: not an object: `[]`") != std::string::npos);
  CHECK(outcome.out.ends_with("3 signals | 2 errors | 0 warnings\n"));
}

TEST_CASE_METHOD(fixture, "warnings are shown on demand and never count",
                 "[cli][validate]") {
  const auto silent = validate(without_input);
  CHECK(silent.code == 0);
  CHECK(silent.out.starts_with("  warn       1  TASK"));
  CHECK(count(silent.out, "warn:") == 0);
  CHECK(silent.out.ends_with("1 signals | 0 errors | 1 warnings\n"));
  const auto loud = validate(without_input, {"--warnings", "--strict"});
  CHECK(loud.code == 0);
  CHECK(count(loud.out, "        warn: ") == 1);
  CHECK(loud.out.ends_with("1 signals | 0 errors | 1 warnings\n"));
}

TEST_CASE_METHOD(fixture, "a strict run ends at the first bad line",
                 "[cli][validate]") {
  const auto outcome = validate(good + "\n{}\nnot JSON\n", {"--strict"});
  CHECK(outcome.code == 1);
  CHECK(count(outcome.out, "\n") == 7);
  CHECK(outcome.out.ends_with("        error: missing ts\n"));
  CHECK(count(outcome.out, "signals") == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE_METHOD(fixture, "version 1 has minor versions", "[cli][validate]") {
  auto frame = good;
  frame.replace(frame.find(R"("v":"1")"), 7, R"("v":"1.4")");
  CHECK(validate(frame).code == 0);
  frame.replace(frame.find(R"("v":"1.4")"), 9, R"("v":"2")");
  CHECK(validate(frame).code == 1);
}

TEST_CASE_METHOD(fixture, "on a terminal verdicts have colours",
                 "[cli][validate]") {
  const auto outcome = validate(good + "\n{}\n", {}, {.out_is_terminal = true});
  CHECK(outcome.out.starts_with("  \x1b[32mok  \x1b[0m       1  TASK"));
  CHECK(count(outcome.out, "\x1b[1;31merror: \x1b[0m") == 5);
}

TEST_CASE_METHOD(fixture, "a file of noise is judged to its end",
                 "[cli][validate]") {
  cosmo::seeded_random noise{7};
  std::string text;
  for (size_t i = 0; i < 1'000'000; ++i)
    text += static_cast<char>(noise.next());
  const auto outcome = validate(text);
  CHECK(outcome.code == 1);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.find(" errors | 0 warnings\n") != std::string::npos);
  const auto steers = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
  };
  CHECK(std::none_of(outcome.out.begin(), outcome.out.end(), steers));
}

TEST_CASE_METHOD(fixture, "names that steer the terminal are shown harmless",
                 "[cli][validate]") {
  const auto outcome
    = validate(R"({"type":"\u001b[2J","id":"\u009b2J\u0007"})");
  CHECK(outcome.code == 1);
  CHECK(outcome.out.starts_with("  bad        1  ?[2J                ?2J?\n"));
  CHECK(outcome.out.find('\x1b') == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a line of 100 MB is one error", "[cli][validate]") {
  {
    std::ofstream file{scratch.file("long"), std::ios::binary};
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 100; ++i)
      file << piece;
    file << '\n' << good << '\n';
  }
  const auto outcome
    = run_cosmo({"validate", "long"}, {.folder = scratch.path()});
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("error: longer than 16777216 bytes\n")
        != std::string::npos);
  CHECK(outcome.out.find("  ok         2  TASK") != std::string::npos);
  CHECK(outcome.out.ends_with("2 signals | 1 errors | 0 warnings\n"));
}
