// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "columns.hpp"
#include "commands.hpp"
#include "text_table.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>
#include <cosmo/signal_builder.hpp>
#include <cosmo/subject.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <vector>

namespace cosmo::cli {

namespace {

struct list_options {
  bus_options bus;
  std::string capability;
  double timeout = 1.5;
  bool is_json = false;
};

std::string text_at(const json& payload, const char* key) {
  const auto i = payload.find(key);
  return i != payload.end() && i->is_string() ? i->get<std::string>() : "";
}

/// What a REGISTER says, as the list shows it. @source synapse-and-cli.md 9.7
json record_of(const signal& sig) {
  const auto& payload = sig.payload();
  auto role = text_at(payload, "role");
  if (role.empty())
    role = payload.contains("engram") && truthy(payload["engram"]) ? "engram"
                                                                   : "neuron";
  const auto& who = *sig.directed();
  std::vector<std::string> capabilities = who.capabilities;
  if (const auto i = payload.find("capabilities");
      i != payload.end() && i->is_array()) {
    capabilities.clear();
    for (const auto& one : *i)
      if (one.is_string())
        capabilities.push_back(one.get<std::string>());
  }
  std::ranges::sort(capabilities);
  const auto version = text_at(payload, "version");
  return {{"id", *who.id},
          {"kind", who.has_type() ? *who.type : role},
          {"role", role},
          {"capabilities", capabilities},
          {"version", version.empty() ? json(nullptr) : json(version)}};
}

bool has(const json& record, const std::string& capability) {
  const auto& all = record["capabilities"];
  return capability.empty()
         || std::find(all.begin(), all.end(), capability) != all.end();
}

std::string joined(const json& texts) {
  std::string result;
  for (const auto& text : texts)
    result.append(result.empty() ? "" : ",").append(text.get<std::string>());
  return result;
}

void print_table(const std::vector<json>& records, const console& con) {
  std::vector<std::vector<std::string>> rows{
    {"ID", "ROLE", "KIND", "CAPABILITIES", "VERSION"}};
  for (const auto& record : records)
    rows.push_back({printable(record["id"].get<std::string>()),
                    printable(record["role"].get<std::string>()),
                    printable(record["kind"].get<std::string>()),
                    printable(joined(record["capabilities"])),
                    record["version"].is_null()
                      ? "-"
                      : printable(record["version"].get<std::string>())});
  print_table(rows, con);
}

exit_code print(const std::vector<json>& records, const list_options& options,
                const console& con) {
  if (options.is_json)
    con.out() << json(records).dump(2, ' ', false,
                                    json::error_handler_t::replace)
              << '\n';
  else if (records.empty())
    con.out() << "Nobody has answered in namespace '" << options.bus.name_space
              << "' within " << options.timeout << " s\n";
  else
    print_table(records, con);
  return exit_code::success;
}

exit_code list(const list_options& options, const console& con) {
  const auto& name_space = options.bus.name_space;
  const auto bus
    = listen(options.bus.url,
             signal_subject(name_space, signal_type::REGISTER).str(), con);
  if (!bus)
    return con.fail(message_of(bus.error()));
  const auto& feed = bus->feed;
  const auto outside = world::real();
  payload::discover question;
  if (!options.capability.empty())
    question.capabilities = {options.capability};
  const auto frame = encode(signal_builder{outside}.make(question));
  if (!frame)
    return con.fail(message_of(frame.error()));
  if (const auto why = bus->client->publish(
        signal_subject(name_space, signal_type::DISCOVER).str(), *frame))
    return con.fail(message_of(why));
  const auto end = std::chrono::steady_clock::now()
                   + std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::duration<double>{options.timeout});
  // Sorted by id; who says more than once is heard last.
  std::map<std::string, json> known;
  while (const auto next = feed->take_until(end)) {
    const auto sig = decode(next->frame, outside);
    if (sig && sig->directed() && sig->directed()->has_id())
      known.insert_or_assign(*sig->directed()->id, record_of(*sig));
  }
  if (feed->interrupted())
    return interrupted(con);
  if (const auto why = feed->fault())
    return con.fail(*why);
  std::vector<json> records;
  for (auto& [id, record] : known)
    if (has(record, options.capability))
      records.push_back(std::move(record));
  return print(records, options, con);
}

} // namespace

void add_registry(command_line& line) {
  auto& group
    = line.add_command("registry", "Who is on a bus", observe_commands);
  group.require_subcommand(1);
  auto options = std::make_shared<list_options>();
  auto& command = *group.add_subcommand("list", "Ask who is there");
  add_bus_options(command, options->bus);
  command
    .add_option("--capability", options->capability,
                "Only those who can do this")
    ->type_name("CAP");
  add_timeout_option(command, options->timeout, "How long to listen");
  command.add_flag("--json", options->is_json, "Print a JSON array");
  line.on(command,
          [options](const console& con) { return list(*options, con); });
}

} // namespace cosmo::cli
