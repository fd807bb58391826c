// SPDX-License-Identifier: Apache-2.0
#include "bus.hpp"
#include "columns.hpp"
#include "commands.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/dispatch.hpp>
#include <cosmo/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <sstream>
#include <vector>

namespace cosmo::cli {

namespace {

struct dispatch_settings {
  bus_options bus;
  std::string neuron;
  std::string capabilities;
  std::string input = "{}";
  bool is_offer = false;
  int64_t deadline_ms = 250;
  std::string select = "first_bid";
  bool waits = true;
  double timeout = 30.0;
  std::string scope = "terminal";
  bool is_json = false;
};

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream parts{text};
  for (std::string part; std::getline(parts, part, ',');) {
    const auto first = part.find_first_not_of(" \t");
    if (first == part.npos)
      continue;
    const auto last = part.find_last_not_of(" \t");
    result.push_back(part.substr(first, last - first + 1));
  }
  return result;
}

std::string id_or_unknown(const signal& sig) {
  const auto id = sig.directed_id();
  return id.empty() ? "?" : printable(id);
}

/// What a reader wants of a reply.
const json& body_of(const signal& reply) {
  const auto& payload = reply.payload();
  for (const auto* key : {"result", "output"})
    if (const auto i = payload.find(key); i != payload.end())
      return *i;
  return payload;
}

exit_code print_reply(const signal& reply, bool is_json, const console& con) {
  if (is_json) {
    const auto frame = encode(reply);
    if (!frame)
      return con.fail(message_of(frame.error()));
    con.out() << *frame << '\n';
  } else {
    con.out() << to_string(reply.type())
              << "  trace=" << printable(reply.trace_id())
              << "  from=" << id_or_unknown(reply) << '\n'
              << body_of(reply).dump(2, ' ', false,
                                     json::error_handler_t::replace)
              << '\n';
  }
  return reply.type() == signal_type::ERROR ? exit_code::failure
                                            : exit_code::success;
}

std::chrono::nanoseconds seconds_of(double seconds) {
  return std::chrono::round<std::chrono::nanoseconds>(
    std::chrono::duration<double>{seconds});
}

/// Published, and waited for if that is wanted.
class mission {
public:
  mission(const dispatch_settings& settings, json input, const console& con)
    : settings_(settings), input_(std::move(input)), con_(con) {
    // nop
  }

  exit_code run() {
    // A bus that does not answer costs no more time than one that does.
    const auto patience = std::clamp(settings_.timeout, 1.0, 5.0);
    auto us = join(settings_.bus, "cosmo-cli", con_,
                   std::chrono::round<std::chrono::milliseconds>(
                     std::chrono::duration<double>{patience}));
    if (!us)
      return con_.fail(message_of(us.error()));
    const auto watching = con_.on_interrupt([this, self = us->self] {
      is_interrupted_ = true;
      // Whoever waits for anything hears of it.
      (void)self.stop();
    });
    return settings_.is_offer ? offer(us->self) : dispatch(*us);
  }

private:
  scope scope_of() const {
    return settings_.scope == "all" ? scope::all : scope::terminal;
  }

  exit_code failed(const caf::error& why) const {
    if (is_interrupted_)
      return interrupted(con_);
    if (why != ec::timeout) {
      con_.fail(message_of(why));
      return exit_code::failure;
    }
    con_.fail("no answer: " + message_of(why)
              + "; who is there? cosmo registry " + "list --url "
              + settings_.bus.url + " -n " + settings_.bus.name_space);
    return exit_code::usage;
  }

  exit_code wait(const pathway& at) const {
    // One that was opened after the end would never close.
    if (is_interrupted_)
      return interrupted(con_);
    const auto reply = at.wait(seconds_of(settings_.timeout));
    return reply ? print_reply(*reply, settings_.is_json, con_)
                 : failed(reply.error());
  }

  exit_code offer(const dendrite& self) const {
    const auto select = parse_bid_selection(settings_.select);
    const auto at = self.dispatch_offer(
      {.input = input_,
       .capabilities = list_of(settings_.capabilities),
       .deadline = std::chrono::milliseconds{settings_.deadline_ms},
       .select = *select,
       .scope = scope_of()});
    if (!at)
      return failed(at.error());
    if (settings_.waits)
      return wait(*at);
    con_.out() << "offer awarded  trace=" << at->trace_id() << '\n';
    return exit_code::success;
  }

  exit_code dispatch(const participant& us) const {
    const auto& self = us.self;
    const dispatch_options options{.neuron = settings_.neuron,
                                   .input = input_,
                                   .capabilities
                                   = list_of(settings_.capabilities),
                                   .scope = scope_of()};
    if (settings_.waits) {
      const auto at = self.dispatch(options);
      return at ? wait(*at) : failed(at.error());
    }
    caf::expected<signal> task{caf::error{}};
    // It must be on its way before we go.
    if (const auto why = us.say([&] {
          task = self.dispatch_task(options);
          return task ? caf::error{} : task.error();
        }))
      return failed(why);
    con_.out() << "dispatched  trace=" << task->trace_id()
               << "  id=" << task->id() << '\n';
    return exit_code::success;
  }

  const dispatch_settings& settings_;
  json input_;
  const console& con_;
  std::atomic<bool> is_interrupted_ = false;
};

exit_code dispatch(const dispatch_settings& settings, const console& con) {
  if (settings.neuron.empty() && list_of(settings.capabilities).empty()
      && !settings.is_offer)
    return con.refuse("dispatch needs --neuron, --capabilities or --offer");
  auto input = parse_json(settings.input);
  if (!input || !input->is_object())
    return con.refuse(
      "--input is no JSON object"
      + (input ? std::string{} : ": " + message_of(input.error())));
  return mission{settings, std::move(*input), con}.run();
}

} // namespace

void add_dispatch(command_line& line) {
  auto settings = std::make_shared<dispatch_settings>();
  auto& command = line.add_command("dispatch", "Send a TASK, print the reply",
                                   run_commands);
  add_bus_options(command, settings->bus);
  command.add_option("--neuron", settings->neuron, "Who is to do it")
    ->type_name("ID");
  command
    .add_option("--capabilities", settings->capabilities,
                "What somebody must be able to do, as chat,greet")
    ->type_name("A,B");
  command.add_option("--input", settings->input, "Input, a JSON object")
    ->type_name("JSON");
  command.add_flag("--offer", settings->is_offer, "Let Axons bid for it");
  within(command.add_option("--deadline-ms", settings->deadline_ms,
                            "How long bids are collected"),
         1, 1e9)
    ->type_name("MS");
  one_of(command.add_option("--select", settings->select, "Who gets it"),
         {"first_bid", "lowest_cost", "highest_confidence"});
  command.add_flag("--wait,!--no-wait", settings->waits,
                   "Wait for the reply (default), or do not");
  add_timeout_option(command, settings->timeout, "How long to wait");
  one_of(command.add_option("--scope", settings->scope, "What ends the wait"),
         {"all", "terminal"});
  command.add_flag("--json", settings->is_json, "Print the Signal as it is");
  line.on(command,
          [settings](const console& con) { return dispatch(*settings, con); });
}

} // namespace cosmo::cli
