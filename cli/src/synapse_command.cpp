// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "columns.hpp"
#include "commands.hpp"
#include "signal_line.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>

#include <algorithm>
#include <memory>
#include <ostream>
#include <vector>

namespace cosmo::cli {

namespace {

struct view_options {
  std::string url;
  std::optional<std::string> name_space;
  bool is_json = false;
};

/// A member of an answer, as text.
std::string shown(const json& answer, const char* key) {
  auto i = answer.find(key);
  if (i == answer.end())
    return "-";
  return i->is_string() ? i->get<std::string>() : i->dump();
}

json without_op(json answer) {
  answer.erase("op");
  return answer;
}

/// Whether the server has answered with this; says what else it was.
bool is_answer(const json& answer, const char* op, const console& con) {
  if (answer.value("op", "") == op)
    return true;
  con.fail("unexpected answer: " + answer.dump());
  return false;
}

void print_table(const json& name_spaces, const console& con) {
  const char* keys[] = {"namespace", "transport", "signal_count", "started_at"};
  const char* titles[] = {"NAMESPACE", "TRANSPORT", "SIGNALS", "STARTED"};
  size_t widths[4];
  for (size_t i = 0; i < 4; ++i) {
    widths[i] = std::string_view{titles[i]}.size();
    for (const auto& entry : name_spaces)
      widths[i] = std::max(widths[i], shown(entry, keys[i]).size());
  }
  std::string head = " ";
  for (size_t i = 0; i < 4; ++i)
    head += ' ' + padded(titles[i], widths[i]) + ' ';
  con.out() << con.paint("1", head) << '\n';
  for (const auto& entry : name_spaces) {
    con.out() << ' ';
    for (size_t i = 0; i < 4; ++i)
      con.out() << ' ' << padded(printable(shown(entry, keys[i])), widths[i])
                << ' ';
    con.out() << '\n';
  }
}

exit_code list(const view_options& options, net::wire_client& client,
               const console& con) {
  const auto answer = client.manage({{"op", "mgmt_list"}});
  if (!answer)
    return con.fail(message_of(answer.error()));
  if (!is_answer(*answer, "mgmt_ns_list", con))
    return exit_code::failure;
  const auto& all = answer->value("namespaces", json::array());
  if (options.is_json)
    con.out() << json{{"url", client.url()}, {"namespaces", all}}.dump(2)
              << '\n';
  else if (all.empty())
    con.out() << "No namespaces are registered at " << client.url() << '\n';
  else
    print_table(all, con);
  return exit_code::success;
}

void print_info(const json& info, const console& con) {
  con.out() << "  Namespace:  " << printable(shown(info, "namespace")) << '\n'
            << "  Transport:  " << printable(shown(info, "transport")) << '\n'
            << "  Signals:    " << shown(info, "signal_count") << '\n'
            << "  Clients:    " << shown(info, "client_count") << '\n'
            << "  Started:    " << printable(shown(info, "started_at")) << '\n'
            << con.rule() << '\n'
            << std::flush;
}

/// Streams until Ctrl-C or the end of the bus, which is no failure.
exit_code stream(const view_options& options, const console& con) {
  const auto feed = std::make_shared<frame_feed>();
  const auto watching = con.on_interrupt([feed] { feed->interrupt(); });
  const auto client = connect(options.url, feed);
  if (!client)
    return con.fail(message_of(client.error()));
  const auto subscribed = (*client)->subscribe(
    everything_in(*options.name_space), std::nullopt,
    [feed](std::string_view subject, std::string_view frame) {
      feed->put(subject, frame);
    });
  if (!subscribed)
    return con.fail(message_of(subscribed.error()));
  const auto outside = world::real();
  uint64_t count = 0;
  while (const auto next = feed->take()) {
    if (const auto sig = decode(next->frame, outside)) {
      con.out() << bus_line(*sig, next->subject, con) << '\n';
      ++count;
    }
    if (feed->empty())
      con.out().flush();
    if (!con.out())
      break;
  }
  feed->interrupt();
  con.out() << con.rule() << '\n' << count << " Signals\n";
  return exit_code::success;
}

exit_code view(const view_options& options, const console& con) {
  const auto client = connect(options.url);
  if (!client)
    return con.fail(message_of(client.error())
                    + "; is there a bus? cosmo synapse start memory");
  if (!options.name_space)
    return list(options, **client, con);
  const auto answer = (*client)->manage(
    {{"op", "mgmt_info"}, {"namespace", *options.name_space}});
  if (!answer)
    return con.fail(message_of(answer.error()));
  if (!is_answer(*answer, "mgmt_ns_info", con))
    return exit_code::failure;
  if (options.is_json) {
    con.out() << without_op(*answer).dump(2) << '\n';
    return exit_code::success;
  }
  print_info(*answer, con);
  return stream(options, con);
}

exit_code stop(const bus_options& options, const console& con) {
  const auto client = connect(options.url);
  if (!client)
    return con.fail(message_of(client.error()));
  const auto answer = (*client)->manage(
    {{"op", "mgmt_stop"}, {"namespace", options.name_space}});
  if (!answer)
    return con.fail(message_of(answer.error()));
  if (!is_answer(*answer, "mgmt_stop_ack", con))
    return exit_code::failure;
  con.out() << "Stopped namespace '" << options.name_space << "' at "
            << (*client)->url() << '\n';
  return exit_code::success;
}

void add_view(command_line& line, CLI::App& group) {
  auto options = std::make_shared<view_options>();
  auto& command
    = *group.add_subcommand("view", "Show the namespaces of a bus, or one");
  command.add_option("--url", options->url, "Bus, as cosmo://127.0.0.1:7070")
    ->required()
    ->type_name("URL");
  command
    .add_option("--namespace,-n", options->name_space,
                "Namespace to show and to follow")
    ->type_name("NS");
  command.add_flag("--json", options->is_json, "Print JSON, and do not follow");
  line.on(command,
          [options](const console& con) { return view(*options, con); });
}

void add_stop(command_line& line, CLI::App& group) {
  auto options = std::make_shared<bus_options>();
  auto& command = *group.add_subcommand("stop", "Stop a namespace");
  command.add_option("--url", options->url, "Bus, as cosmo://127.0.0.1:7070")
    ->required()
    ->type_name("URL");
  command.add_option("--namespace,-n", options->name_space, "Namespace")
    ->required()
    ->type_name("NS");
  line.on(command,
          [options](const console& con) { return stop(*options, con); });
}

} // namespace

void add_synapse(command_line& line) {
  auto& group
    = line.add_command("synapse", "Run, inspect and stop a bus", run_commands);
  group.require_subcommand(1);
  add_synapse_start(line, group);
  add_view(line, group);
  add_stop(line, group);
}

} // namespace cosmo::cli
