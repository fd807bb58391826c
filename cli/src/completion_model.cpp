// SPDX-License-Identifier: Apache-2.0
#include "completion_model.hpp"

#include "command_line.hpp"

namespace cosmo::cli {

namespace {

completion_option describe(const CLI::Option& option) {
  completion_option result;
  for (const auto& name : option.get_lnames())
    result.names.push_back("--" + name);
  for (const auto& name : option.get_snames())
    result.names.push_back('-' + name);
  result.description = option.get_description();
  result.takes_value = option.get_items_expected_max() > 0;
  result.choices = choices_of(option);
  result.takes_path = option.get_type_name() == path_value;
  return result;
}

void append(std::vector<completion_command>& out, const CLI::App& app,
            const std::string& above) {
  completion_command command;
  command.path = above + app.get_name();
  command.name = app.get_name();
  command.description = app.get_description();
  for (const auto* option : app.get_options()) {
    auto& list = option->get_positional() ? command.arguments : command.options;
    list.push_back(describe(*option));
  }
  const auto below = app.get_subcommands({});
  for (const auto* sub : below)
    command.below.push_back(sub->get_name());
  const auto prefix = command.path + ' ';
  out.push_back(std::move(command));
  for (const auto* sub : below)
    append(out, *sub, prefix);
}

} // namespace

std::vector<completion_command> completion_model(const CLI::App& root) {
  std::vector<completion_command> result;
  append(result, root, "");
  return result;
}

} // namespace cosmo::cli
