// Revision ids against values recorded on real servers and computed by ArangoDB's own code.
#include "domain/revision/revision_id.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <string>

namespace arangosync::revision {
namespace {

TEST(RevisionId, ReadsAndWritesAsServersDo) {
  std::ifstream rows(tests::data_folder() + "/revision/revision-ids.txt");
  ASSERT_TRUE(rows.is_open());
  std::string heading;
  std::getline(rows, heading);
  std::uint64_t number = 0;
  std::string text;
  int count = 0;
  for (; rows >> number >> text; ++count) {
    EXPECT_EQ(to_text(RevisionId(number)), text);
    EXPECT_EQ(from_base64(text), RevisionId(number)) << text;
  }
  EXPECT_EQ(count, 45);
}

TEST(RevisionId, KnowsItsTime) {
  EXPECT_EQ(milliseconds_of(*from_text("_bpq8a-----")), 1609459200000u);  // 2021-01-01T00:00Z
}

TEST(RevisionId, OldDocumentsHaveDecimalRevisions) { EXPECT_EQ(from_text("123456"), RevisionId(123456)); }

TEST(RevisionId, OfTwoTheNewerIsTheGreaterNumber) {
  EXPECT_TRUE(is_newer("_bpq8a----_", "_bpq8a-----"));
  EXPECT_FALSE(is_newer("_bpq8a-----", "_bpq8a-----"));
  EXPECT_TRUE(is_newer("_bpq8a-----", "123456")) << "an old document's";
  EXPECT_FALSE(is_newer("", "123456")) << "who knows";
}

TEST(RevisionId, IsNotReadFromOtherTexts) {
  for (std::string const text : {"", "a b", "ü", "_gjDBRr6----", "zzzzzzzzzzz", "12x", "99999999999999999999"}) {
    EXPECT_FALSE(from_text(text).has_value()) << text;
  }
}

RC_GTEST_PROP(RevisionId, ComesBackFromItsText, (std::uint64_t number)) {
  RC_ASSERT(from_base64(to_text(RevisionId(number))) == RevisionId(number));
}

}  // namespace
}  // namespace arangosync::revision
