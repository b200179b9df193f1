// What a batch comes down to, against a naive model that applies everything in order.
#include "domain/batch/batch.h"
#include "domain/batch/key_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>

namespace arangosync::batch {
namespace {

struct Drawn {
  Kind kind;
  std::string key;
};

std::vector<Drawn> draw_batch() {
  auto const kinds = rc::gen::weightedElement<Kind>({{10, Kind::Upsert}, {6, Kind::Remove}, {1, Kind::Truncate}});
  auto const size = *rc::gen::inRange(0, 40);
  std::vector<Drawn> batch;
  for (int i = 0; i < size; ++i) {
    Kind const kind = *kinds;
    batch.push_back({kind, kind == Kind::Truncate ? "" : "k" + std::to_string(*rc::gen::inRange(0, 8))});
  }
  return batch;
}

std::vector<Change> changes_of(std::vector<Drawn> const& batch) {
  std::vector<Change> changes;
  for (Drawn const& drawn : batch) changes.push_back({drawn.kind, drawn.key});
  return changes;
}

RC_GTEST_PROP(LastChangePerKey, ComesToTheSameAsEverythingInOrder, ()) {
  auto const batch = draw_batch();
  std::map<std::string, std::size_t> in_order{{"k0", 1000}, {"k3", 1001}, {"other", 1002}};
  auto at_once = in_order;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].kind == Kind::Truncate) in_order.clear();
    if (batch[i].kind == Kind::Remove) in_order.erase(batch[i].key);
    if (batch[i].kind == Kind::Upsert) in_order[batch[i].key] = i;
  }
  Selection const selection = last_change_per_key(changes_of(batch));
  if (selection.truncate) at_once.clear();
  for (auto const index : selection.removals) at_once.erase(batch[index].key);
  for (auto const index : selection.upserts) at_once[batch[index].key] = index;
  RC_ASSERT(at_once == in_order);
}

RC_GTEST_PROP(LastChangePerKey, TouchesNoKeyTwice, ()) {
  auto const batch = draw_batch();
  Selection const selection = last_change_per_key(changes_of(batch));
  std::set<std::string> seen;
  for (auto const index : selection.removals) RC_ASSERT(seen.insert(batch[index].key).second);
  for (auto const index : selection.upserts) RC_ASSERT(seen.insert(batch[index].key).second);
}

TEST(LastChangePerKey, ATruncationVoidsWhatWasBeforeIt) {
  Selection const selection = last_change_per_key({{Kind::Upsert, "a"}, {Kind::Truncate, ""}, {Kind::Upsert, "b"}});
  EXPECT_TRUE(selection.truncate);
  EXPECT_EQ(selection.upserts, (std::vector<std::uint32_t>{2}));
}

RC_GTEST_PROP(Cut, CoversEverythingOnceWithinTheLimits, ()) {
  auto const sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 50));
  auto const count_max = *rc::gen::inRange<std::size_t>(1, 6);
  auto const bytes_max = *rc::gen::inRange<std::size_t>(1, 60);
  std::size_t at = 0;
  for (Piece const& piece : cut(sizes, count_max, bytes_max)) {
    RC_ASSERT(piece.begin == at);
    RC_ASSERT(piece.end > piece.begin);
    RC_ASSERT(piece.end - piece.begin <= count_max);
    std::size_t bytes = 0;
    for (std::size_t i = piece.begin; i < piece.end; ++i) bytes += sizes[i];
    RC_ASSERT(bytes <= bytes_max || piece.end - piece.begin == 1);
    at = piece.end;
  }
  RC_ASSERT(at == sizes.size());
}

TEST(Cut, AnElementThatIsTooLargeIsAPieceOfItsOwn) {
  EXPECT_EQ(cut({1, 100, 1}, 10, 50), (std::vector<Piece>{{0, 1}, {1, 2}, {2, 3}}));
}

RC_GTEST_PROP(KeySet, IsASet, ()) {
  auto const numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 400));
  KeySet set;
  std::set<std::string> model;
  for (int const number : numbers) {
    set.insert("key/" + std::to_string(number));
    model.insert("key/" + std::to_string(number));
  }
  RC_ASSERT(set.size() == model.size());
  for (int number = 0; number < 400; ++number) {
    std::string const key = "key/" + std::to_string(number);
    RC_ASSERT(set.contains(key) == model.contains(key));
  }
}

TEST(KeySet, HoldsAMillionKeysInAboutSixteenBytesEach) {
  KeySet set;
  std::string const prefix(60, 'x');
  for (int i = 0; i < 1'000'000; ++i) set.insert(prefix + std::to_string(i));
  EXPECT_EQ(set.size(), 1'000'000u);
  EXPECT_LE(set.memory_bytes(), 17'000'000u);
  EXPECT_TRUE(set.contains(prefix + "999999"));
  EXPECT_FALSE(set.contains(prefix + "1000000"));
}

TEST(KeyHash, DiffersForKeysThatDifferInOneByteOrInLength) {
  std::set<KeyHash> seen;
  for (int i = 0; i < 256; ++i) EXPECT_TRUE(seen.insert(hash_of(std::string(1, static_cast<char>(i)))).second);
  for (std::size_t length = 2; length < 254; ++length)
    EXPECT_TRUE(seen.insert(hash_of(std::string(length, '\0'))).second);
}

}  // namespace
}  // namespace arangosync::batch
