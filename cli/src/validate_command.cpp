// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "commands.hpp"
#include "frame_report.hpp"
#include "line_reader.hpp"
#include <cosmo/limits.hpp>
#include <cosmo/validate.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace cosmo::cli {

namespace {

struct validate_options {
  std::string file;
  bool is_live = false;
  std::string url{"cosmo://127.0.0.1:7070"};
  std::string name_space;
  bool is_strict = false;
  bool shows_warnings = false;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\v\f") == line.npos;
}

validation judge(const line_reader::line& line) {
  if (!line.is_cut)
    return validate_frame(line.text);
  validation result;
  result.errors.push_back("longer than "
                          + std::to_string(limits::frame_bytes_max) + " bytes");
  return result;
}

/// Judges what comes over a bus, as it comes: not even what is no Signal is
/// left out.
exit_code validate_live(const validate_options& options, const console& con) {
  const auto bus = listen(options.url, everything_in(options.name_space), con);
  if (!bus)
    return con.fail(message_of(bus.error()));
  const auto& feed = bus->feed;
  frame_report report{con, options.shows_warnings};
  size_t number = 0;
  while (con.out()) {
    const auto next = feed->take();
    if (!next)
      break;
    report.add(++number, validate_frame(next->frame));
    con.out().flush();
    if (options.is_strict && report.errors() > 0)
      break;
  }
  const auto is_cut_short = options.is_strict && report.errors() > 0;
  feed->interrupt();
  if (is_cut_short)
    return exit_code::failure;
  report.print_totals();
  if (const auto why = feed->fault())
    return con.fail(*why);
  return report.errors() > 0 ? exit_code::failure : exit_code::success;
}

exit_code validate_file(const validate_options& options, const console& con) {
  const auto path = con.resolve(options.file);
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  // A folder can be opened, but not read.
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored))
    return con.refuse(options.file + " is a folder");
  if (!file)
    return con.refuse("cannot read " + options.file + ": "
                      + std::strerror(errno));
  line_reader lines{file, limits::frame_bytes_max};
  frame_report report{con, options.shows_warnings};
  size_t number = 0;
  while (con.out()) {
    const auto line = lines.next();
    if (!line)
      break;
    ++number;
    if (is_blank(line->text))
      continue;
    report.add(number, judge(*line));
    if (options.is_strict && report.errors() > 0)
      return exit_code::failure;
  }
  if (file.bad())
    return con.fail("cannot read " + options.file + " beyond line "
                    + std::to_string(number));
  report.print_totals();
  return report.errors() > 0 ? exit_code::failure : exit_code::success;
}

exit_code validate(const validate_options& options, const console& con) {
  if (options.file.empty() != options.is_live)
    return con.refuse("give either FILE or --live");
  return options.is_live ? validate_live(options, con)
                         : validate_file(options, con);
}

} // namespace

void add_validate(command_line& line) {
  auto options = std::make_shared<validate_options>();
  auto& command = line.add_command(
    "validate", "Check Signal envelopes, of a file or a bus", observe_commands);
  command.add_option("FILE", options->file, "File of JSON lines")
    ->type_name(std::string{path_value});
  command.add_flag("--live", options->is_live, "Check what a bus carries");
  add_url_option(command, options->url)->description("Bus, for --live");
  // No short form: that is for commands whose default is dev.
  options->name_space = "default";
  command
    .add_option("--namespace", options->name_space, "Namespace, for --live")
    ->type_name("NS")
    ->check(&wrong_name_space);
  command.add_flag("--strict", options->is_strict,
                   "Stop at the first bad line");
  command.add_flag("--warnings", options->shows_warnings,
                   "Print what works but should not be sent");
  line.on(command,
          [options](const console& con) { return validate(*options, con); });
}

} // namespace cosmo::cli
