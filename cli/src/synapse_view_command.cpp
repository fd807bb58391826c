// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "columns.hpp"
#include "commands.hpp"
#include "management.hpp"
#include "signal_line.hpp"
#include "state_file.hpp"
#include "text_table.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>

#include <memory>
#include <ostream>
#include <utility>
#include <vector>

namespace cosmo::cli {

namespace {

struct view_options {
  std::string url;
  /// Empty for all.
  std::string name_space;
  bool is_json = false;
};

/// A member of a record, as text.
std::string shown(const json& record, const char* key) {
  const auto i = record.find(key);
  if (i == record.end() || i->is_null())
    return "-";
  return printable(i->is_string() ? i->get<std::string>() : i->dump());
}

exit_code print_list(const std::string& url, const json& name_spaces,
                     bool is_json, const console& con) {
  if (is_json) {
    con.out() << json{{"url", url}, {"namespaces", name_spaces}}.dump(2)
              << '\n';
    return exit_code::success;
  }
  if (name_spaces.empty()) {
    con.out() << "No namespaces are registered at " << url << '\n';
    return exit_code::success;
  }
  std::vector<std::vector<std::string>> rows{
    {"NAMESPACE", "TRANSPORT", "SIGNALS", "STARTED"}};
  for (const auto& one : name_spaces)
    rows.push_back({shown(one, "namespace"), shown(one, "transport"),
                    shown(one, "signal_count"), shown(one, "started_at")});
  print_table(rows, con);
  return exit_code::success;
}

using titled_keys = std::vector<std::pair<const char*, const char*>>;

void print_one(const json& name_space, const titled_keys& members,
               const view_options& options, const console& con) {
  if (options.is_json)
    con.out() << name_space.dump(2) << '\n';
  else
    for (const auto& [title, key] : members)
      con.out() << "  " << padded(std::string{title} + ':', 12)
                << shown(name_space, key) << '\n';
}

/// Streams until Ctrl-C or the end of the bus, which is no failure.
exit_code stream(const view_options& options, const console& con) {
  const auto bus = listen(options.url, everything_in(options.name_space), con);
  if (!bus)
    return con.fail(message_of(bus.error()));
  const auto& feed = bus->feed;
  con.out() << con.rule() << '\n' << std::flush;
  const auto outside = world::real();
  uint64_t count = 0;
  while (con.out()) {
    const auto next = feed->take();
    if (!next)
      break;
    if (const auto sig = decode(next->frame, outside)) {
      con.out() << bus_line(*sig, next->subject, con) << '\n';
      ++count;
    }
    if (feed->empty())
      con.out().flush();
  }
  feed->interrupt();
  con.out() << con.rule() << '\n' << count << " Signals\n";
  return exit_code::success;
}

/// What is known of a broker here: we do not speak its language.
exit_code view_broker(const view_options& options, const console& con) {
  const auto known = state_file{con}.entries(options.url);
  auto all = json::array();
  for (const auto& [name, entry] : known.items()) {
    auto one = entry;
    one["namespace"] = name;
    all.push_back(std::move(one));
  }
  if (options.name_space.empty())
    return print_list(options.url, all, options.is_json, con);
  for (const auto& one : all)
    if (one["namespace"] == options.name_space) {
      print_one(one,
                {{"Namespace", "namespace"},
                 {"Transport", "transport"},
                 {"PID", "pid"},
                 {"Started", "started_at"}},
                options, con);
      return exit_code::success;
    }
  return con.fail("namespace '" + options.name_space + "' is not known at "
                  + options.url);
}

exit_code without_answer(const caf::error& why, const console& con) {
  return con.fail(message_of(why)
                  + "; is there a bus? cosmo synapse start memory");
}

exit_code view(const view_options& options, const console& con) {
  if (is_broker(options.url))
    return view_broker(options, con);
  if (const auto why = unreachable(options.url); !why.empty())
    return con.fail(why);
  const auto client = connect(options.url);
  if (!client)
    return without_answer(client.error(), con);
  const auto is_list = options.name_space.empty();
  const auto answer
    = is_list ? manage(**client, {{"op", "mgmt_list"}}, "mgmt_ns_list")
              : manage(**client,
                       {{"op", "mgmt_info"}, {"namespace", options.name_space}},
                       "mgmt_ns_info");
  if (!answer)
    return answer.error() == ec::timeout ? without_answer(answer.error(), con)
                                         : con.fail(message_of(answer.error()));
  if (is_list)
    return print_list((*client)->url(),
                      answer->value("namespaces", json::array()),
                      options.is_json, con);
  print_one(*answer,
            {{"Namespace", "namespace"},
             {"Transport", "transport"},
             {"Signals", "signal_count"},
             {"Clients", "client_count"},
             {"Started", "started_at"}},
            options, con);
  return options.is_json ? exit_code::success : stream(options, con);
}

} // namespace

void add_synapse_view(command_line& line, CLI::App& group) {
  auto options = std::make_shared<view_options>();
  auto& command
    = *group.add_subcommand("view", "Show the namespaces of a bus, or one");
  add_url_option(command, options->url)->required();
  add_name_space_option(command, options->name_space)
    ->description("Namespace to show and to follow");
  command.add_flag("--json", options->is_json, "Print JSON, and do not follow");
  line.on(command,
          [options](const console& con) { return view(*options, con); });
}

} // namespace cosmo::cli
