// SPDX-License-Identifier: Apache-2.0
#include "line_reader.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>
#include <vector>

using cosmo::cli::line_reader;

namespace {

// Each line, with a plus behind what was cut.
std::vector<std::string> lines_of(const std::string& text, size_t max) {
  std::istringstream in{text};
  line_reader reader{in, max};
  std::vector<std::string> result;
  while (const auto line = reader.next())
    result.push_back(std::string{line->text} + (line->is_cut ? "+" : ""));
  return result;
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("a stream is read line by line", "[cli][line_reader]") {
  CHECK(lines_of("", 9) == lines{});
  CHECK(lines_of("a", 9) == lines{"a"});
  CHECK(lines_of("a\n", 9) == lines{"a"});
  CHECK(lines_of("a\n\nb\r\nc", 9) == lines{"a", "", "b\r", "c"});
  CHECK(lines_of("\n", 9) == lines{""});
  CHECK(lines_of(std::string{"a\0b\n", 4}, 9) == lines{std::string{"a\0b", 3}});
}

TEST_CASE("what is too long is cut, and the next line is whole",
          "[cli][line_reader]") {
  CHECK(lines_of("1234\n12345\n1234\n", 4) == lines{"1234", "1234+", "1234"});
  CHECK(lines_of("12345", 4) == lines{"1234+"});
}

TEST_CASE("lines may be longer than what is read at once",
          "[cli][line_reader]") {
  const std::string first(200'000, 'a');
  const std::string second(65'536, 'b');
  const std::string third(65'535, 'c');
  CHECK(lines_of(first + '\n' + second + '\n' + third + '\n', 1'000'000)
        == lines{first, second, third});
  CHECK(lines_of(first + '\n' + second, 65'536)
        == lines{std::string(65'536, 'a') + '+', second});
}
