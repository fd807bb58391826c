// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"
#include "text_file.hpp"
#include <cosmo/schema.hpp>

#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace cosmo::cli {

namespace {

struct schema_options {
  bool only_types = false;
  std::optional<std::string> output;
};

exit_code print_schema(const schema_options& options, const console& con) {
  auto text = (options.only_types ? type_names() : envelope_schema()).dump(2);
  text += '\n';
  if (!options.output) {
    con.out() << text;
    return exit_code::success;
  }
  if (const auto err = write_text_file(con.resolve(*options.output), text))
    return con.fail(message_of(err));
  con.out() << "wrote " << *options.output << '\n';
  return exit_code::success;
}

} // namespace

void add_schema(command_line& line) {
  auto options = std::make_shared<schema_options>();
  auto& command = line.add_command("schema", "Print the JSON Schema of Signals",
                                   observe_commands);
  command.add_flag("--types", options->only_types,
                   "Print the names of the Signal types instead");
  command.add_option("-o,--output", options->output, "Write it to a file")
    ->type_name(std::string{path_value});
  line.on(command, [options](const console& con) {
    return print_schema(*options, con);
  });
}

} // namespace cosmo::cli
