// SPDX-License-Identifier: Apache-2.0
#include "scaffold.hpp"

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>

namespace cosmo::cli {

namespace {

// As a string literal of C++.
std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << std::quoted(text);
  return out.str();
}

// What CMake takes for the name of a project, whatever the folder is called.
std::string identifier(std::string text) {
  std::replace_if(
    text.begin(), text.end(),
    [](char c) {
      const auto is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      const auto is_digit = c >= '0' && c <= '9';
      return !is_letter && !is_digit && c != '-' && c != '_';
    },
    '_');
  return text;
}

using values = std::map<std::string_view, std::string>;

// `text` with every `@name@` replaced, once.
std::string filled(std::string_view text, const values& by_name) {
  std::string result;
  for (auto mark = text.find('@'); mark != text.npos; mark = text.find('@')) {
    const auto end = text.find('@', mark + 1);
    result += text.substr(0, mark);
    result += by_name.at(text.substr(mark + 1, end - mark - 1));
    text.remove_prefix(end + 1);
  }
  return result += text;
}

} // namespace

std::vector<scaffold_file> scaffold(const scaffold_options& options) {
  const values by_name{
    {"project", options.project},
    {"project_identifier", identifier(options.project)},
    {"name_space", options.name_space},
    {"name_space_literal", quoted(options.name_space)},
  };
  std::vector<scaffold_file> result;
  for (const auto& source : scaffold_templates())
    result.push_back({std::string{source.path}, filled(source.text, by_name)});
  return result;
}

} // namespace cosmo::cli
