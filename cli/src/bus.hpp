// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console.hpp"
#include "frame_feed.hpp"
#include <cosmo/dendrite.hpp>
#include <cosmo/net/bus_url.hpp>
#include <cosmo/net/wire_client.hpp>
#include <cosmo/runtime.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

/// What the commands that go to a bus have in common.
namespace cosmo::cli {

/// Which bus a command is for.
struct bus_options {
  std::string url;
  std::string name_space;
};

/// Adds `--url`, which must be given, and `--namespace`.
void add_bus_options(CLI::App& command, bus_options& options,
                     std::string name_space = "dev");

/// Adds `--namespace`, `-n`. @param preset what it is if not given.
void add_name_space_option(CLI::App& command, std::string& name_space,
                           std::string preset);

/// What is wrong with a namespace, empty if nothing.
std::string wrong_name_space(const std::string& text);

/// Why this cannot be the URL of a bus that the program can reach; empty if it
/// can.
std::string unreachable(const caf::expected<net::bus_url>& url);

/// `cosmonapse.<name_space>.>`
std::string everything_in(const std::string& name_space);

/// A connection for commands that look at frames. The feed fails with it.
caf::expected<std::shared_ptr<net::wire_client>>
connect(const std::string& url, const std::shared_ptr<frame_feed>& feed = {});

/// A Dendrite for commands that speak Signals, and what it lives in.
struct participant {
  std::unique_ptr<runtime> rt;
  synapse bus;
  dendrite self;
};

/// An orchestrator that has started, and does not beat.
caf::expected<participant> join(const bus_options& options,
                                std::string dendrite_id);

} // namespace cosmo::cli
