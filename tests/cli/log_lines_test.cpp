// SPDX-License-Identifier: Apache-2.0
#include "log_lines.hpp"

#include "support/cosmo_run.hpp"
#include <cosmo/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace cosmo;
using namespace cosmo::cli;
using cosmo::test::cosmo_setup;

namespace {

const log_entry entry{timestamp{std::chrono::microseconds{1'500'000}},
                      log::level::warning, "net.wire", "open-to-others",
                      "a \"bus\"\n\x1b[2J"};

std::string logged(log_format format) {
  std::ostringstream err;
  const console con{cosmo_setup{}.with(err, err)};
  {
    const log_lines lines{con, format};
    log::debug("part", "detail", "x");
    log::write(log::level::info, "part", "step", "x");
    log::error("part", "fault", "x");
  }
  log::error("part", "later", "x");
  return err.str();
}

} // namespace

TEST_CASE("a log line for people stays one line", "[cli][log_lines]") {
  CHECK(log_line(entry, log_format::text)
        == "1970-01-01T00:00:01.500000Z warning net.wire open-to-others: "
           "a \"bus\"??[2J");
}

TEST_CASE("a log line for collectors is a JSON object", "[cli][log_lines]") {
  const auto line = log_line(entry, log_format::json);
  CHECK(line.find('\n') == line.npos);
  CHECK(json::parse(line)
        == json{{"time", "1970-01-01T00:00:01.500000Z"},
                {"level", "warning"},
                {"component", "net.wire"},
                {"event", "open-to-others"},
                {"text", "a \"bus\"\n\x1b[2J"}});
  // Nor does text that is no UTF-8 break it.
  auto odd = entry;
  odd.text = "\xFF";
  CHECK(json::parse(log_line(odd, log_format::json)).at("text")
        == "\xEF\xBF\xBD");
}

TEST_CASE("people are told what went wrong, collectors also what happened",
          "[cli][log_lines]") {
  const auto text = logged(log_format::text);
  CHECK(text.find(" error part fault: x\n") != text.npos);
  CHECK(text.find("step") == text.npos);
  const auto lines = logged(log_format::json);
  CHECK(lines.find("\"event\":\"step\"") != lines.npos);
  CHECK(lines.find("\"level\":\"info\"") != lines.npos);
  CHECK(lines.find("detail") == lines.npos);
}

TEST_CASE("the log has ended with its command", "[cli][log_lines]") {
  CHECK(logged(log_format::json).find("later") == std::string::npos);
}
