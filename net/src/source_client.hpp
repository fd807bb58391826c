// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cosmo/error.hpp>
#include <cosmo/net/http_client.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace cosmo::net {

/// The client of a source: the one it was given, or the one it shares with
/// all sources that trust the same certificates.
/// @returns ec::bad_config if `ca_file` cannot be read, or has no say because
///          a client was given.
caf::expected<std::shared_ptr<http_client>>
find_client(std::string_view source, std::shared_ptr<http_client> given,
            const std::string& ca_file);

} // namespace cosmo::net
