// SPDX-License-Identifier: Apache-2.0
#include "columns.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace cosmo::cli;
using namespace std::literals;

TEST_CASE("text of others cannot steer the terminal", "[cli][columns]") {
  CHECK(printable("plain") == "plain");
  CHECK(printable("Zo\u00eb \u4f60\u597d \U0001F600")
        == "Zo\u00eb \u4f60\u597d \U0001F600");
  CHECK(printable("\x1b[2Jgone\r\n\t\x7f\0end"sv) == "?[2Jgone?????end");
  // U+009B begins a sequence as ESC [ does.
  CHECK(printable("a\xC2\x9B"
                  "2Jb")
        == "a?2Jb");
  CHECK(printable("\xC2\xA0") == "\xC2\xA0");
  CHECK(printable("\xC2") == "?");
  CHECK(printable("a\xFF\xE4\xBD|b") == "a???|b");
}

TEST_CASE("columns count code points", "[cli][columns]") {
  CHECK(slice("trc_01234567890", 4, 12) == "01234567");
  CHECK(slice("trc_0", 4, 12) == "0");
  CHECK(slice("trc", 4, 12).empty());
  CHECK(slice("", 0, 4).empty());
  CHECK(slice("\u00e4\u00f6\u00fc", 1, 2) == "\u00f6");
  CHECK(padded("ab", 4) == "ab  ");
  CHECK(padded("\u00e4\u00f6", 4) == "\u00e4\u00f6  ");
  CHECK(padded("abcd", 4) == "abcd");
  CHECK(padded("abcde", 4) == "abcde");
}
