// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <thread>

namespace cosmo::net {

/// Runs what `context` has to do on a thread of its own, which takes no
/// signals: those are for the program's own threads. Handlers may throw; that
/// is logged and the thread goes on. It ends when the context is stopped or
/// has nothing left to do.
/// @param name as debuggers show it, 15 characters at most.
/// @param owner what `context` is part of; kept while the thread runs.
caf::expected<std::thread> start_io_thread(boost::asio::io_context& context,
                                           const char* name,
                                           std::shared_ptr<void> owner);

} // namespace cosmo::net
