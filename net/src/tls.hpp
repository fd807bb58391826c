// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "url.hpp"
#include <cosmo/error.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>
#include <string>

namespace cosmo::net {

/// What every TLS connection of a client shares: TLS 1.2 or newer, the
/// system's trusted certificates (OpenSSL honours SSL_CERT_FILE and
/// SSL_CERT_DIR) and those of `ca_file`, if any.
/// @returns ec::bad_config if `ca_file` cannot be read.
caf::expected<std::unique_ptr<boost::asio::ssl::context>>
make_tls_context(const std::string& ca_file);

/// Tells OpenSSL whose certificate to accept: the host's, wildcards for whole
/// labels only. SNI is sent for names, not for addresses (RFC 6066).
/// @returns the reason if that was not possible.
std::optional<std::string> expect_peer(SSL* session, const http_origin& origin);

/// Why a handshake failed, in OpenSSL's words; the verdict about the
/// certificate where that was the cause.
std::string handshake_reason(SSL* session,
                             const boost::system::error_code& error);

} // namespace cosmo::net
