// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "help_format.hpp"
#include <cosmo/schema.hpp>

#include <algorithm>
#include <charconv>
#include <ostream>
#include <sstream>
#include <utility>

namespace cosmo::cli {

namespace {

// The command that the line has come to, `root` if to none.
const CLI::App& last_named(const CLI::App& root) {
  const auto* result = &root;
  for (auto named = root.get_subcommands(); !named.empty();
       named = result->get_subcommands())
    result = named.front();
  return *result;
}

std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent != nullptr ? full_name(*parent) + ' ' + command.get_name()
                           : command.get_name();
}

// What is wrong with the line, in one sentence.
std::string complaint(const CLI::App& at, const CLI::ParseError& err) {
  const auto unknown = at.remaining();
  for (const auto& word : unknown)
    if (word.starts_with('-'))
      return "No such option '" + word + '\'';
  const auto is_group = !at.get_subcommands({}).empty();
  if (is_group && !unknown.empty())
    return "No such command '" + unknown.front() + "'";
  return err.what();
}

} // namespace

command_line::command_line() : root_(std::string{}, "cosmo") {
  // Commands inherit these.
  root_.option_defaults()->take_last()->always_capture_default();
  root_.formatter(std::make_shared<help_format>());
  // One command per line: further words are its arguments.
  root_.require_subcommand(0, 1);
}

CLI::App& command_line::add_command(std::string name, std::string description,
                                    std::string heading) {
  return *root_.add_subcommand(std::move(name), std::move(description))
            ->group(std::move(heading));
}

void command_line::on(CLI::App& command, action run) {
  command.callback([this, run = std::move(run)] { chosen_ = run; });
}

exit_code command_line::run(std::vector<std::string> args, const console& con) {
  const auto ended = parse(std::move(args), con);
  const auto result = ended ? *ended : chosen_(con);
  con.out().flush();
  if (!con.out() && result == exit_code::success)
    return con.fail("standard output cannot be written");
  return result;
}

std::optional<exit_code> command_line::parse(std::vector<std::string> args,
                                             const console& con) {
  try {
    // CLI11 takes them from the back.
    std::reverse(args.begin(), args.end());
    root_.parse(std::move(args));
    if (chosen_)
      return {};
    con.out() << root_.help();
  } catch (const CLI::CallForHelp&) {
    con.out() << root_.help();
  } catch (const CLI::CallForVersion& version) {
    con.out() << version.what() << '\n';
  } catch (const CLI::ParseError& err) {
    const auto& at = last_named(root_);
    return con.refuse(complaint(at, err) + " (see " + full_name(at)
                      + " --help)");
  }
  return exit_code::success;
}

CLI::Option* one_of(CLI::Option* option,
                    const std::vector<std::string>& texts) {
  std::string known;
  for (const auto& text : texts)
    known += (known.empty() ? "" : "|") + text;
  option->type_name(known);
  return option->check([texts, known](const std::string& given) {
    const auto is_known
      = std::find(texts.begin(), texts.end(), given) != texts.end();
    return is_known ? std::string{} : '\'' + given + "' is none of " + known;
  });
}

CLI::Option* within(CLI::Option* option, double low, double high) {
  return option->check([low, high](const std::string& given) {
    double number = 0;
    const auto* const last = given.data() + given.size();
    const auto [end, error] = std::from_chars(given.data(), last, number);
    if (error == std::errc{} && end == last && number >= low && number <= high)
      return std::string{};
    std::ostringstream why;
    why.precision(15);
    why << '\'' << given << "' is no number from " << low << " to " << high;
    return why.str();
  });
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  const auto known = option.get_type_name();
  if (known == type_value)
    return type_names().get<std::vector<std::string>>();
  if (known.find('|') == known.npos)
    return {};
  return CLI::detail::split(known, '|');
}

} // namespace cosmo::cli
