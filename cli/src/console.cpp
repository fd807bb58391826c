// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include "columns.hpp"

#include <ostream>
#include <utility>

namespace cosmo::cli {

namespace {

// By POSIX the first of these that is set says what characters are.
bool is_utf8(const environment& outside) {
  std::string locale;
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (locale.empty())
      locale = outside.variable(name);
  std::string letters;
  for (auto c : locale)
    if (c != '-')
      letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return letters.find("utf8") != letters.npos;
}

} // namespace

console::console(environment outside)
  : outside_(std::move(outside)),
    has_colour_(outside_.out_is_terminal
                && outside_.variable("NO_COLOR").empty()),
    has_utf8_(is_utf8(outside_)) {
  // nop
}

exit_code console::fail(std::string_view text) const {
  // One error is one line, whatever text it quotes.
  log("error: " + printable(text));
  return exit_code::failure;
}

exit_code console::refuse(std::string_view text) const {
  fail(text);
  return exit_code::usage;
}

void console::warn(std::string_view text) const {
  log("warning: " + printable(text));
}

void console::log(std::string_view line) const {
  std::lock_guard guard{err_mutex_};
  outside_.err << std::string{line}.append("\n") << std::flush;
}

std::string console::paint(std::string_view style,
                           std::string_view text) const {
  std::string result;
  if (has_colour_)
    result.append("\x1b[").append(style).append("m");
  result += text;
  if (has_colour_)
    result += "\x1b[0m";
  return result;
}

std::string console::rule(size_t columns) const {
  std::string result;
  for (size_t i = 0; i < columns; ++i)
    result += has_utf8_ ? "\u2500" : "-";
  return result;
}

} // namespace cosmo::cli
