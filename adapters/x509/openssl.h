// Inside of adapters/x509: owners of OpenSSL's objects, and its last error in one line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace arangosync::x509 {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using Store = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;

/// Reads from the text, which must outlive it.
Bio bio_of(std::string_view text);
Bio empty_bio();
std::string text_of(Bio const& bio);

/// All CERTIFICATE blocks; stops with an empty result at a broken one and says why in `problem`.
std::vector<Certificate> certificates_of(std::string_view pem, std::string& problem);
/// The first private key (PKCS#1, PKCS#8, SEC1); null if there is none or it is broken or encrypted.
Key key_of(std::string_view pem);

/// Takes all errors off OpenSSL's queue and gives the first one's reason.
std::string last_error();

}  // namespace arangosync::x509
