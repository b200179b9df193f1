// What a keyfile gives others to verify its server by.
#include "app/master/server_ca.h"

#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"

#include <gtest/gtest.h>

namespace arangosync::app {
namespace {

TEST(ServerCa, IsTheChainBehindTheLeaf) {
  auto const ca = *x509::create_ca({});
  x509::LeafRequest wanted;
  wanted.hosts = {"127.0.0.1"};
  auto const leaf = *x509::create_leaf(ca, wanted);
  EXPECT_EQ(x509::pem_blocks(server_ca(leaf.certificate_pem)).at(0).text,
            x509::pem_blocks(ca.certificate_pem).at(0).text);
}

TEST(ServerCa, IsTheLeafOnlyIfItHasSignedItself) {
  auto const ca = *x509::create_ca({});
  x509::LeafRequest wanted;
  wanted.hosts = {"127.0.0.1"};
  auto const chain = x509::pem_blocks(x509::create_leaf(ca, wanted)->certificate_pem);
  EXPECT_EQ(server_ca(chain.at(0).text), "") << "nobody can verify a bare leaf";
  EXPECT_EQ(server_ca(ca.certificate_pem), x509::pem_blocks(ca.certificate_pem).at(0).text);
  EXPECT_EQ(server_ca(""), "");
}

}  // namespace
}  // namespace arangosync::app
