// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace cosmo::net::test {

struct certificate_options {
  /// As in a subject alternative name: `DNS:model.example,IP:127.0.0.1`.
  std::string names = "DNS:model.example,IP:127.0.0.1";
  bool is_expired = false;
};

/// A self-signed certificate with its key, made for one test.
class test_certificate {
public:
  explicit test_certificate(const certificate_options& options = {});

  ~test_certificate();

  /// What a server shows.
  boost::asio::ssl::context& server_context() {
    return context_;
  }

  /// The certificate in a file, for clients that shall trust it.
  const std::string& file() const {
    return file_;
  }

private:
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::string file_;
};

} // namespace cosmo::net::test
