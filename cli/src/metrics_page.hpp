// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_server.hpp>
#include <cosmo/net/wire_server.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cosmo::cli {

/// The counts of a bus, as Prometheus reads them.
std::string metrics_text(const net::wire_server_stats& stats);

/// Serves them at `http://127.0.0.1:<port>/metrics`; null without a port.
caf::expected<std::shared_ptr<net::http_server>>
serve_metrics(std::optional<uint16_t> port,
              std::shared_ptr<net::wire_server> bus);

} // namespace cosmo::cli
