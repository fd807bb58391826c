// SPDX-License-Identifier: Apache-2.0
#include "tls.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace cosmo::net {

namespace ssl = boost::asio::ssl;

caf::expected<std::unique_ptr<ssl::context>>
make_tls_context(const std::string& ca_file) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  if (context->set_verify_mode(ssl::verify_peer, error)
      || context->set_default_verify_paths(error))
    return make_error(ec::tls_failed, "cannot set up TLS: " + error.message());
  if (!ca_file.empty() && context->load_verify_file(ca_file, error))
    return make_error(ec::bad_config, "cannot read the certificates of '"
                                        + ca_file + "': " + error.message());
  return context;
}

std::optional<std::string> expect_peer(SSL* session,
                                       const http_origin& origin) {
  auto host = origin.host.c_str();
  auto parameters = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  auto accepted
    = origin.is_ip
        ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1
        : SSL_set1_host(session, host) == 1
            && SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                        TLSEXT_NAMETYPE_host_name, const_cast<char*>(host))
                 == 1;
  if (!accepted)
    return "not a host name certificates can be issued for";
  return std::nullopt;
}

std::string handshake_reason(SSL* session,
                             const boost::system::error_code& error) {
  auto verdict = SSL_get_verify_result(session);
  if (verdict != X509_V_OK)
    return X509_verify_cert_error_string(verdict);
  if (error == boost::asio::error::eof || error == ssl::error::stream_truncated)
    return "closed by the server";
  return error.message();
}

} // namespace cosmo::net
