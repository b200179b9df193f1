// Endpoints, percent-encoding and request targets as text.
#include "adapters/http/http.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace arangosync::http {
namespace {

TEST(Endpoint, TakesTheSchemesOfArangoDbAndOfTheWeb) {
  EXPECT_EQ(parse_endpoint("https://db1:8629", 1), (Endpoint{true, "db1", 8629}));
  EXPECT_EQ(parse_endpoint("http://db1:8529", 1), (Endpoint{false, "db1", 8529}));
  EXPECT_EQ(parse_endpoint("tcp://10.0.0.1:8529", 1), (Endpoint{false, "10.0.0.1", 8529}));
  EXPECT_EQ(parse_endpoint("SSL://10.0.0.1:8529", 1), (Endpoint{true, "10.0.0.1", 8529}));
}

TEST(Endpoint, DropsPathQueryAndFragmentAndTakesTheDefaultPort) {
  EXPECT_EQ(parse_endpoint("https://db1/_db/x?y#z", 8629), (Endpoint{true, "db1", 8629}));
  EXPECT_EQ(parse_endpoint("https://db1:1?y", 8629), (Endpoint{true, "db1", 1}));
}

TEST(Endpoint, KeepsIpv6AddressesInBracketsOnTheWireOnly) {
  auto const endpoint = parse_endpoint("tcp://[::1]:4001", 1);
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->host, "::1");
  EXPECT_EQ(to_url(*endpoint), "http://[::1]:4001");
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (auto const* text : {"", "db1:8629", "https://", "https://:1", "gopher://db1:1", "https://db1:0",
                           "https://db1:65536", "https://db1:x", "https://db1:", "https://[::1", "https://[db1]:1",
                           "https://[::1]8529", "https://d b:1", "https://a:b:1", "https://db1:+1"}) {
    EXPECT_FALSE(parse_endpoint(text, 8629).has_value()) << text;
  }
  EXPECT_FALSE(parse_endpoint("https://db1", 0).has_value());
}

TEST(Endpoint, NeverRepeatsAPasswordInItsError) {
  auto const endpoint = parse_endpoint("https://root:geheim@db1:8529", 1);
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().find("geheim"), std::string::npos);
}

TEST(Target, SplitsIntoDecodedSegmentsAndQuery) {
  auto const target = parse_target("/_db/m%C3%BCll%2Fx/_api//version/?a=1&b&c=%26+%2B&a=2&#frag");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->segments, (std::vector<std::string>{"_db", "müll/x", "_api", "version"}));
  EXPECT_EQ(target->query_value("a"), "1");
  EXPECT_TRUE(target->has_query("b"));
  EXPECT_EQ(target->query_value("b"), "");
  EXPECT_EQ(target->query_value("c"), "& +");
  EXPECT_FALSE(target->has_query("d"));
  EXPECT_EQ(target->query.size(), 4u);
}

TEST(Target, RefusesBrokenEncodingAndRelativePaths) {
  for (auto const* text : {"", "a/b", "/%", "/%4", "/%zz", "/?a=%", "/?%g0=1", "http://db1/x"}) {
    EXPECT_FALSE(parse_target(text).has_value()) << text;
  }
}

TEST(Header, IsFoundInAnyCase) {
  std::vector<Header> const headers{{"X-Arango-Replication-LastTick", "17"}, {"x-arango-replication-lasttick", "18"}};
  EXPECT_EQ(header(headers, "x-arango-replication-lasttick"), "17");
  EXPECT_EQ(header(headers, "x-arango"), "");
}

RC_GTEST_PROP(PercentEncoding, IsUndoneByDecoding, (std::string const& bytes)) {
  auto const encoded = percent_encode(bytes);
  RC_ASSERT(encoded.find_first_of("/?#&+ \r\n") == std::string::npos);
  RC_ASSERT(percent_decode(encoded) == bytes);
}

RC_GTEST_PROP(Target, FindsWhatWasEncodedIntoIt, (std::string const& segment, std::string const& value)) {
  RC_PRE(!segment.empty());
  auto const target = parse_target("/x/" + percent_encode(segment) + "?v=" + percent_encode(value));
  RC_ASSERT(target.has_value());
  RC_ASSERT(target->segments == (std::vector<std::string>{"x", segment}));
  RC_ASSERT(target->query_value("v") == value);
}

TEST(Endpoint, IsNotRepeatedWhereItMayHoldAPassword) {
  for (std::string const text : {"root:hidden@host:8529", "ftp://root:hidden@host", "https://root:hidden@host"}) {
    auto const endpoint = parse_endpoint(text, 8529);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().find("hidden"), std::string::npos) << endpoint.error();
  }
}

}  // namespace
}  // namespace arangosync::http
