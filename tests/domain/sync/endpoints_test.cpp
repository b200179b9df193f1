// Addresses of masters, and the names of states.
#include "domain/sync/endpoints.h"

#include "domain/sync/status.h"

#include <gtest/gtest.h>

namespace arangosync::sync {
namespace {

TEST(Endpoints, AreComparedByOrigin) {
  EXPECT_EQ(origin_of(Url("https://Host:8629/path?q#f")), Url("https://host:8629"));
  EXPECT_EQ(origin_of(Url("https://[::1]:8629")), Url("https://[::1]:8629"));
  EXPECT_EQ(origin_of(Url("https://host")), Url("https://host"));
}

TEST(Endpoints, ThatAreNoneAreRecognised) {
  for (char const* text :
       {"", "host:8629", "http://host:8629", "https://", "https://:8629", "https://host:", "https://host:0",
        "https://host:99999", "https://host:12x", "https://a b:1", "https://user@host:1", "https://[::1:8629"}) {
    EXPECT_FALSE(origin_of(Url(text))) << text;
  }
}

TEST(Endpoints, AreMergedInOrderAndOnce) {
  std::vector<Url> const known{Url("https://a:1"), Url("https://b:1")};
  std::vector<Url> const more{Url("https://b:1"), Url("https://c:1")};
  EXPECT_EQ(joined(merged(known, more)), "https://a:1, https://b:1, https://c:1");
  EXPECT_TRUE(intersect(known, more));
  EXPECT_FALSE(intersect(known, {Url("https://c:1")}));
  EXPECT_EQ(origins_of({Url("https://a:1/x"), Url("https://A:1"), Url("nonsense")}).size(), 1u);
}

TEST(Status, IsWrittenAndReadAsInTheApi) {
  for (auto const status : {Status::Inactive, Status::Initializing, Status::InitialSync, Status::Running,
                            Status::Cancelling, Status::Failed}) {
    EXPECT_EQ(parse_status(to_string(status)), status);
  }
  EXPECT_EQ(parse_status(""), Status::Inactive);
  EXPECT_FALSE(parse_status("odd"));
  EXPECT_EQ(to_string(Status::InitialSync), "initial-sync");
}

}  // namespace
}  // namespace arangosync::sync
