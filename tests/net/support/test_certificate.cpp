// SPDX-License-Identifier: Apache-2.0
#include "test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <stdexcept>
#include <unistd.h>

namespace cosmo::net::test {

namespace {

constexpr long day = 24 * 60 * 60;

template <class T, void (*Free)(T*)>
struct freed_by {
  void operator()(T* ptr) const {
    Free(ptr);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY, EVP_PKEY_free>>;

using x509_ptr = std::unique_ptr<X509, freed_by<X509, X509_free>>;

void require(bool condition) {
  if (!condition)
    throw std::runtime_error{"OpenSSL made no certificate"};
}

void add_extension(X509* x509, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  auto extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  require(extension != nullptr);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

x509_ptr sign(EVP_PKEY* key, const certificate_options& options) {
  x509_ptr result{X509_new()};
  auto x509 = result.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(x509), options.is_expired ? -day : day);
  X509_set_pubkey(x509, key);
  auto name = X509_get_subject_name(x509);
  auto text = reinterpret_cast<const unsigned char*>("cosmo test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x509, NID_subject_alt_name, options.names.c_str());
  require(X509_sign(x509, key, EVP_sha256()) > 0);
  return result;
}

std::string write_file(X509* x509) {
  std::string path{P_tmpdir "/cosmo-test-XXXXXX"};
  auto descriptor = ::mkstemp(path.data());
  require(descriptor >= 0);
  auto file = ::fdopen(descriptor, "w");
  PEM_write_X509(file, x509);
  std::fclose(file);
  return path;
}

} // namespace

test_certificate::test_certificate(const certificate_options& options) {
  key_ptr key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  require(key != nullptr);
  auto x509 = sign(key.get(), options);
  auto context = context_.native_handle();
  require(SSL_CTX_use_certificate(context, x509.get()) == 1);
  require(SSL_CTX_use_PrivateKey(context, key.get()) == 1);
  file_ = write_file(x509.get());
}

test_certificate::~test_certificate() {
  ::unlink(file_.c_str());
}

} // namespace cosmo::net::test
