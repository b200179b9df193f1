// Outlines and parts come back from their blobs; other bytes do not.
#include "adapters/codec/comparison.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace arangosync::codec {
namespace {

using revision::Part;
using revision::PartRange;
using revision::Range;
using revision::RevisionId;

revision::Tree some_tree() {
  revision::Tree tree(revision::tree_initial_min, 2);
  for (auto const number : *rc::gen::container<std::vector<std::uint64_t>>(
           rc::gen::inRange<std::uint64_t>(std::uint64_t{1} << 60, std::uint64_t{1} << 61))) {
    RC_ASSERT(tree.insert(RevisionId(number)));
  }
  return tree;
}

RC_GTEST_PROP(Comparison, AnOutlineComesBack, ()) {
  auto const tree = some_tree();
  auto const whole = outline(tree, *rc::gen::inRange<std::size_t>(1, 30));
  RC_ASSERT(read_outline(print_outline(whole)) == whole);
  revision::Ranges const covered{{RevisionId(1), RevisionId(std::uint64_t{1} << 60)},
                                 {RevisionId((std::uint64_t{1} << 60) + 5), RevisionId(~std::uint64_t{0})}};
  auto const some = outline(tree, covered, whole.grid.width, 10);
  RC_ASSERT(read_outline(print_outline(some)) == some);
}

Part some_part() {
  Part part{512, {}};
  part.ranges.push_back(PartRange{{RevisionId(10), RevisionId(20)}, false, {RevisionId(10), RevisionId(15)}});
  part.ranges.push_back(PartRange{{RevisionId(30), RevisionId(40)}, true, {}});
  part.ranges.push_back(PartRange{{RevisionId(41), RevisionId(~std::uint64_t{0})}, false, {}});
  return part;
}

TEST(Comparison, APartComesBack) {
  EXPECT_EQ(read_part(print_part(some_part())), some_part());
  EXPECT_EQ(print_part(Part{}).size_bytes(), 0u);
  EXPECT_EQ(read_part(Blob()), Part{});
}

TEST(Comparison, OneIsNotReadAsTheOther) {
  EXPECT_FALSE(read_outline(print_part(some_part())).has_value());
  EXPECT_FALSE(read_part(print_outline(outline(revision::Tree(), 8))).has_value());
  EXPECT_FALSE(read_outline(Blob()).has_value());
  EXPECT_FALSE(read_outline(Blob(std::string("nothing of the kind"))).has_value());
  EXPECT_FALSE(read_part(Blob::described(100, 7)).has_value());
}

TEST(Comparison, NonsenseIsRefused) {
  auto part = some_part();
  part.ranges[1].range.first = RevisionId(20);
  EXPECT_FALSE(read_part(print_part(part)).has_value());
  auto good = outline(revision::Tree(), 8);
  good.nodes[good.grid.last_of(RevisionId(1'000'000))] = revision::Node{1, 5};
  ASSERT_TRUE(read_outline(print_outline(good)).has_value());
  auto bad = good;
  bad.nodes.begin()->second.count = 0;
  EXPECT_FALSE(read_outline(print_outline(bad)).has_value());
  bad = good;
  bad.nodes[RevisionId(1)] = revision::Node{1, 5};  // within a bucket
  EXPECT_FALSE(read_outline(print_outline(bad)).has_value());
  bad = good;
  bad.grid.width = 100;
  EXPECT_FALSE(read_outline(print_outline(bad)).has_value());
  bad = good;
  bad.covered = {{RevisionId(5), RevisionId(9)}, {RevisionId(9), RevisionId(10)}};
  EXPECT_FALSE(read_outline(print_outline(bad)).has_value());
}

TEST(Comparison, CutOffBytesAreRefused) {
  std::string const bytes(print_part(some_part()).bytes());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    // Cut anywhere: refused or, where only padding is lost, read as it was.
    auto const read = read_part(Blob(bytes.substr(0, size)));
    if (read) {
      EXPECT_EQ(*read, some_part()) << size;
    }
  }
}

}  // namespace
}  // namespace arangosync::codec
