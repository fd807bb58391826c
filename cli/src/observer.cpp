// SPDX-License-Identifier: Apache-2.0
#include "observer.hpp"

#include "bus.hpp"
#include "columns.hpp"
#include "command_line.hpp"
#include "open_browser.hpp"
#include "signal_line.hpp"
#include <cosmo/codec.hpp>
#include <cosmo/json.hpp>
#include <cosmo/net/bus_url.hpp>
#include <cosmo/net/observation.hpp>
#include <cosmo/net/prism_server.hpp>
#include <cosmo/signal_type.hpp>

#include <ostream>
#include <utility>

namespace cosmo::cli {

namespace {

constexpr size_t rule_columns = 60;

constexpr size_t payload_columns = 80;

std::string upper_case(std::string text) {
  for (auto& c : text)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// What is shown of all that comes.
class filter {
public:
  explicit filter(const observation_options& options) : options_(options) {
    for (const auto& name : options.types)
      if (const auto type = parse_signal_type(upper_case(name)))
        types_.insert(*type);
  }

  bool passes(const signal& sig) const {
    return (types_.empty() || types_.contains(sig.type()))
           && (options_.trace.empty() || sig.trace_id() == options_.trace)
           && (options_.neuron.empty() || sig.directed_id() == options_.neuron);
  }

  /// As the header shows it.
  std::string text() const {
    std::string result;
    auto add = [&result](std::string_view name, const std::string& value) {
      result.append(result.empty() ? "" : ", ").append(name).append("=");
      result += value;
    };
    for (const auto& name : options_.types)
      add("type", upper_case(name));
    if (!options_.trace.empty())
      add("trace", options_.trace);
    if (!options_.neuron.empty())
      add("neuron", options_.neuron);
    return result.empty() ? "none" : result;
  }

private:
  const observation_options& options_;
  signal_type_set types_;
};

/// At most 80 characters.
std::string short_payload(const signal& sig) {
  auto text = printable(
    sig.payload().dump(-1, ' ', false, json::error_handler_t::replace));
  if (slice(text, payload_columns, payload_columns + 1).empty())
    return text;
  return std::string{slice(text, 0, payload_columns - 3)} + "\u2026";
}

void print(const signal& sig, const observation_options& options,
           const console& con) {
  if (options.is_json) {
    if (const auto frame = encode(sig))
      con.out() << *frame << '\n';
    return;
  }
  con.out() << observer_line(sig, con) << '\n';
  if (options.shows_payload)
    con.out() << "      " << short_payload(sig) << '\n';
}

void print_header(std::string_view command, const observation_options& options,
                  const filter& only, const console& con) {
  con.out() << con.paint("1", "cosmo " + std::string{command}) << '\n'
            << "  synapse:    " << options.url << '\n'
            << "  namespace:  " << options.name_space << '\n'
            << "  filters:    " << only.text() << '\n'
            << "  observing; Ctrl-C ends\n"
            << con.rule(rule_columns) << '\n'
            << std::flush;
}

} // namespace

void add_observation_options(CLI::App& command, observation_options& options) {
  add_url_option(command, options.url);
  add_name_space_option(command, options.name_space)
    ->description("Namespace (default: the URL's path, else dev)");
  command
    .add_option("--synapse", options.synapse,
                "Bus and namespace in one; older than --url")
    ->type_name("URL[/NS]");
  command.add_option("--port", options.port, "Where the browser finds Prism")
    ->type_name("PORT");
  command
    .add_option("--type", options.types, "Show this type; may be repeated")
    ->type_name(std::string{type_value})
    ->take_all()
    ->check([](const std::string& text) {
      return parse_signal_type(upper_case(text))
               ? std::string{}
               : "'" + text + "' is no type of Signal";
    });
  command.add_option("--trace", options.trace, "Show this trace")
    ->type_name("ID");
  command.add_option("--neuron", options.neuron, "Show this directed.id")
    ->type_name("ID");
  command.add_flag("--json", options.is_json, "Print Signals as they are");
  command.add_flag("--payload", options.shows_payload,
                   "Print the beginning of each payload");
  command.add_flag("!--no-discover", options.asks_who_is_there,
                   "Do not ask who is there: publish nothing at all");
  command.add_flag("--reconnect", options.reconnects,
                   "Wait for a bus that is lost, in the terminal");
  command.add_flag("!--no-open", options.opens_browser,
                   "Do not open a browser");
}

std::string settle(observation_options& options, bool needs_url) {
  if (!options.synapse.empty() && !options.url.empty())
    return "--synapse and --url say the same; give one of them";
  if (options.url.empty())
    options.url = options.synapse;
  std::string path;
  if (options.url.empty()) {
    if (needs_url)
      return "--url is required";
  } else if (const auto url = net::parse_bus_url(options.url)) {
    path = url->path;
    if (!path.empty())
      // The base of it is scheme and authority.
      options.url.erase(options.url.find('/', options.url.find("://") + 3));
  }
  if (options.name_space.empty())
    options.name_space = path.empty() ? "dev" : path;
  return wrong_name_space(options.name_space);
}

exit_code observe_in_terminal(const observation_options& options,
                              std::string_view command, const console& con) {
  const filter only{options};
  const auto feed = std::make_shared<frame_feed>();
  const auto watching = con.on_interrupt([feed] { feed->interrupt(); });
  net::observer_events events;
  events.on_frame = [feed](std::string_view subject, std::string_view frame) {
    feed->put(subject, frame);
  };
  events.on_lost = [feed, &con, &options](const caf::error& why) {
    if (options.reconnects)
      con.warn(std::string{bus_lost} + message_of(why));
    else
      feed->fail(message_of(why));
  };
  events.on_back = [&con] { con.warn(bus_back); };
  const auto observation
    = net::observe_bus({.asks_who_is_there = options.asks_who_is_there,
                        .reconnect = options.reconnects})(
      options.url, options.name_space, std::move(events));
  if (!observation)
    return con.fail(message_of(observation.error()));
  if (!options.is_json)
    print_header(command, options, only, con);
  const auto outside = world::real();
  uint64_t count = 0;
  while (const auto next = feed->take()) {
    const auto sig = decode(next->frame, outside);
    if (sig && only.passes(*sig)) {
      print(*sig, options, con);
      ++count;
    }
    if (options.is_json || feed->empty())
      con.out().flush();
    // Whoever has read us has gone.
    if (!con.out())
      break;
  }
  feed->interrupt();
  if (!options.is_json)
    con.out() << con.rule(rule_columns) << '\n' << count << " Signals\n";
  if (const auto why = feed->fault())
    return con.fail(*why);
  return exit_code::success;
}

exit_code observe_in_browser(const observation_options& options,
                             const console& con) {
  const auto feed = std::make_shared<frame_feed>();
  const auto watching = con.on_interrupt([feed] { feed->interrupt(); });
  const auto server = net::prism_server::open(
    {.port = options.port,
     .url = options.url,
     .name_space = options.name_space},
    net::observe_bus({.asks_who_is_there = options.asks_who_is_there}));
  if (!server)
    return con.fail(message_of(server.error()));
  const auto url = (*server)->url();
  con.out() << con.paint("1", "cosmo prism") << '\n'
            << "  synapse:    "
            << (options.url.empty() ? "to be entered in the browser"
                                    : options.url)
            << '\n'
            << "  prism:      " << url << '\n'
            << "  Ctrl-C ends\n"
            << std::flush;
  if (options.opens_browser)
    open_browser(url);
  (void)feed->take();
  (*server)->stop();
  con.out() << "Prism stopped\n";
  return exit_code::success;
}

} // namespace cosmo::cli
