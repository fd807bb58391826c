// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include "frame_feed.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/runtime.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

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

/// A connection for commands that look at lines and frames. The feed, if there
/// is one, fails with it.
caf::expected<std::shared_ptr<net::wire_client>>
connect(const std::string& url, const std::shared_ptr<frame_feed>& feed = {});

/// As above. The feed gets what matches the pattern; the bus waits for whoever
/// takes it from there, as long as it likes.
caf::expected<std::shared_ptr<net::wire_client>>
listen(const std::string& url, const std::string& pattern,
       const std::shared_ptr<frame_feed>& feed);

/// A Dendrite for commands that speak Signals, and what it lives in.
struct participant {
  std::unique_ptr<runtime> rt;
  synapse bus;
  dendrite self;

  /// Returns when the bus has all that was said.
  /// @returns also ec::timeout, after 10 s.
  caf::error flush() const;

  /// Calls `fn`, on another thread, when the bus is lost; here if it is
  /// already.
  void on_lost(std::function<void(const caf::error&)> fn) const;
};

/// An orchestrator that has started, and does not beat.
caf::expected<participant> join(const bus_options& options,
                                std::string dendrite_id);

} // namespace cosmo::cli
