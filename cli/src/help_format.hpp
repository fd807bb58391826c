// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace cosmo::cli {

/// CLI11's help, with what an option takes beside its name and everything else
/// in its description.
class help_format : public CLI::Formatter {
public:
  help_format() {
    label("SUBCOMMAND", "COMMAND");
    column_width(28);
  }

  std::string make_description(const CLI::App* app) const override {
    return CLI::Formatter::make_description(app) + '\n';
  }

  std::string make_option_name(const CLI::Option* option,
                               bool is_positional) const override {
    // What a flag sets is in its description.
    return CLI::detail::find_and_replace(
      CLI::Formatter::make_option_name(option, is_positional), "{false}", "");
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_items_expected_max() > 0 ? ' ' + option->get_type_name()
                                                : std::string{};
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    auto result = option->get_description();
    if (option->get_required())
      result += " (required)";
    else if (const auto text = option->get_default_str();
             !text.empty() && text != "[]")
      result += " (default " + text + ')';
    return result;
  }
};

} // namespace cosmo::cli
