// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "commands.hpp"
#include "management.hpp"
#include "state_file.hpp"
#include <cosmo/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <ostream>

namespace cosmo::cli {

namespace {

/// Whether a process is this program, of whatever SDK. Its number may belong to
/// another one by now.
bool is_cosmo(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/cmdline",
                     std::ios::binary};
  for (std::string word; std::getline(file, word, '\0');)
    if (std::filesystem::path{word}.filename() == "cosmo")
      return true;
  return false;
}

void confirm(const bus_options& options, const console& con) {
  con.out() << "Stopped namespace '" << options.name_space << "' at "
            << options.url << '\n';
}

/// Ends the process that has registered the namespace, if there still is one.
exit_code stop_process(const bus_options& options, const console& con) {
  const state_file file{con};
  const auto known = file.entries(options.url);
  const auto entry = known.find(options.name_space);
  if (entry == known.end())
    return con.fail("namespace '" + options.name_space + "' is not known at "
                    + options.url);
  // Not above 1: that would be several processes, or none of ours.
  const auto pid = entry->value("pid", json{});
  if (!pid.is_number_integer() || pid.get<int64_t>() <= 1
      || pid.get<int64_t>() > std::numeric_limits<pid_t>::max())
    return con.fail("there is no process of namespace '" + options.name_space
                    + "' on record");
  const auto process = pid.get<pid_t>();
  const auto is_there = is_cosmo(process);
  if (is_there && kill(process, SIGTERM) != 0 && errno != ESRCH)
    return con.fail("cannot end process " + std::to_string(process) + ": "
                    + std::strerror(errno));
  if (auto why = file.remove(options.url, options.name_space))
    return con.fail(message_of(why));
  if (is_there)
    confirm(options, con);
  else
    con.out() << "Process " << process << " of namespace '"
              << options.name_space << "' has gone already\n";
  return exit_code::success;
}

exit_code stop(const bus_options& options, const console& con) {
  if (is_broker(options.url))
    return stop_process(options, con);
  const auto client = connect(options.url);
  if (!client)
    return con.fail(message_of(client.error()));
  const auto answer
    = manage(**client, {{"op", "mgmt_stop"}, {"namespace", options.name_space}},
             "mgmt_stop_ack");
  if (!answer)
    return con.fail(message_of(answer.error()));
  confirm({(*client)->url(), options.name_space}, con);
  return exit_code::success;
}

} // namespace

void add_synapse_stop(command_line& line, CLI::App& group) {
  auto options = std::make_shared<bus_options>();
  auto& command = *group.add_subcommand("stop", "Stop a namespace");
  add_url_option(command, options->url)->required();
  add_name_space_option(command, options->name_space)->required();
  line.on(command,
          [options](const console& con) { return stop(*options, con); });
}

} // namespace cosmo::cli
