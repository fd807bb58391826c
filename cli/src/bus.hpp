// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include "frame_feed.hpp"
#include "presence.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/runtime.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// What the commands that go to a bus have in common.
namespace cosmo::cli {

/// Which bus a command is for.
struct bus_options {
  std::string url;
  std::string name_space;
};

/// Adds `--url`. @returns it, for it is not required yet.
CLI::Option* add_url_option(CLI::App& command, std::string& url);

/// Adds `--namespace`, `-n`. What it is without the option is what
/// `name_space` holds.
CLI::Option* add_name_space_option(CLI::App& command, std::string& name_space);

/// Adds both: a URL that must be given, and a namespace that is `dev` if it is
/// not.
void add_bus_options(CLI::App& command, bus_options& options);

/// Adds `--timeout`. How long it is without the option is what `seconds` holds.
void add_timeout_option(CLI::App& command, double& seconds,
                        const std::string& description);

/// What is wrong with a namespace, empty if nothing.
std::string wrong_name_space(const std::string& text);

/// Whether this is the URL of a bus that others run: nats:// or kafka://.
bool is_broker(const std::string& url);

/// Why this cannot be the URL of a bus that the program can reach; empty if it
/// can.
std::string unreachable(const std::string& url);

/// A bus that this build knows, and cannot reach.
std::string without_transport(const std::string& scheme);

/// `cosmonapse.<name_space>.>`
std::string everything_in(const std::string& name_space);

/// Ends a command that Ctrl-C has kept from its work.
exit_code interrupted(const console& con);

/// What is said of a bus that is lost, before the reason, and of one that is
/// back.
inline constexpr std::string_view bus_lost = "waiting for the bus: ";
inline constexpr std::string_view bus_back
  = "the bus is back; what it carried meanwhile is lost";

/// A connection for commands that look at lines and frames. The feed, if there
/// is one, fails with it.
caf::expected<std::shared_ptr<net::wire_client>>
connect(const std::string& url, const std::shared_ptr<frame_feed>& feed = {});

/// What a bus carries, until it is lost or Ctrl-C comes.
struct listener {
  std::shared_ptr<frame_feed> feed;
  std::shared_ptr<void> watching;
  std::shared_ptr<net::wire_client> client;
};

/// The feed gets what matches the pattern; the bus waits for whoever takes it
/// from there, as long as it likes.
caf::expected<listener> listen(const std::string& url,
                               const std::string& pattern, const console& con);

/// A Dendrite for commands that speak Signals, and what it lives in. When the
/// bus is lost the console says so, and says when it is back.
struct participant {
  std::unique_ptr<runtime> rt;
  synapse bus;
  dendrite self;
  std::shared_ptr<presence> bus_presence;

  /// Has `what` said when the bus is there, and returns when the bus has it.
  /// Waits 10 s for it to be there.
  /// @returns also ec::timeout and ec::not_connected.
  caf::error say(const std::function<caf::error()>& what) const;
};

/// An orchestrator that has started, and does not beat.
/// @param patience is for the answers of the bus.
caf::expected<participant>
join(const bus_options& options, std::string dendrite_id, const console& con,
     std::chrono::milliseconds patience = std::chrono::seconds{5});

} // namespace cosmo::cli
