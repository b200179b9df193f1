// How the target's half of a shard compares, sentence by sentence.
#include "tests/domain/shard/receiving.h"

#include "domain/base/limits.h"

#include <gtest/gtest.h>

namespace arangosync::shard::receiver {
namespace {

CompareBegin const begin{"7000", Blob("tree")};

TEST(Receiver, NumbersPartsFromTheMessageThatBeganTheComparison) {
  ReceivingStory story;
  story.hear(1, begin).looked({"", Blob(), false, std::nullopt}).hear(2, PartDone{1, std::nullopt});
  story.hear(3, CompareEnd{position_at(70)}).stored().hear(4, begin).looked({"", Blob(), false, std::nullopt});
  EXPECT_EQ(story.state.comparison.value().parts.back().number, 4u) << "no part of the first has this number";
}

TEST(Receiver, AComparisonThatFindsNothingKeepsThePositionUntilItsEndGivesANewOne) {
  ReceivingStory story;
  story.hear(1, begin);
  EXPECT_EQ(story.state.position, position_at(10));
  story.looked({"", Blob(), false, std::nullopt});
  auto const said = story.difference();
  EXPECT_TRUE(said.last);
  EXPECT_EQ(said.ranges.size_bytes(), 0u);
  EXPECT_EQ(story.state.position, position_at(10)) << "what is in place is in place";
  story.hear(2, PartDone{1, std::nullopt}).hear(3, CompareEnd{position_at(70)});
  EXPECT_NE(story.event<CopyAbandoned>(), nullptr) << "the adapter may forget the target's tree";
  EXPECT_EQ(story.state.position, position_at(70));
  EXPECT_FALSE(story.state.comparison.has_value());
}

TEST(Receiver, ForgetsThePositionBeforeAnythingThatDiffersIsApplied) {
  ReceivingStory story;
  story.hear(1, begin).looked({"", Blob("some"), false, std::nullopt});
  EXPECT_FALSE(story.state.position.has_value());
  EXPECT_TRUE(std::holds_alternative<Forgetting>(*story.state.work));
  story.hear(2, CompareChanges{payload(10, 2)});
  EXPECT_TRUE(std::holds_alternative<Forgetting>(*story.state.work));
  story.stored();
  story.said();
  EXPECT_TRUE(std::holds_alternative<Applying>(*story.state.work));
  story.applied().hear(3, PartDone{1, std::nullopt}).hear(4, CompareEnd{position_at(70)});
  EXPECT_EQ(story.state.position, position_at(70));
  EXPECT_EQ(report(story.state).status, sync::Status::InitialSync) << "until the log's end is seen";
}

TEST(Receiver, WaitsUntilThePositionIsForgottenAlsoWhenAnOlderOneWasStillBeingStored) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied();
  Unstored const older = story.state.unstored.value();
  story.hear(2, begin).looked({"", Blob("some"), false, std::nullopt}).hear(3, CompareChanges{payload(10, 2)});
  story.when([&](auto const& s, auto& m) { return on_stored(s, m, older); });
  EXPECT_EQ(story.event<ApplyAsked>(), nullptr) << "the target still says that everything is applied up to 12";
  story.stored();
  EXPECT_NE(story.event<ApplyAsked>(), nullptr);
}

TEST(Receiver, MakesPartsAheadOfTheirAnswersButNotWithoutLimit) {
  ReceivingStory story;
  story.hear(1, begin);
  std::uint32_t parts = 0;
  while (story.state.comparison->request) {
    story.looked({"", Blob("some"), false, revision::RevisionId(++parts)});
  }
  EXPECT_EQ(parts, limits::comparison_parts_max);
  story.stored();
  for (std::uint32_t i = 1; i <= parts; ++i) EXPECT_EQ(story.difference().part, i);
  story.hear(2, PartDone{1, std::nullopt});
  EXPECT_TRUE(story.state.comparison->request.has_value());
}

TEST(Receiver, WantsACopyIfTheTreeCannotBeReadAtAll) {
  ReceivingStory story(std::nullopt);
  story.hear(1, begin);
  RequestId const asked = story.state.comparison.value().request.value();
  Fault const nonsense = fault(FaultClass::Permanent, "no outline");
  story.when([&](auto const& s, auto& m) { return on_tree_compared(s, m, asked, unexpected(Fault(nonsense))); });
  EXPECT_EQ(story.next_said<CopyWanted>().reason, "no outline");
}

TEST(Receiver, ReadsTheTreeAgainAfterAPause) {
  ReceivingStory story;
  story.hear(1, begin);
  RequestId const asked = story.state.comparison.value().request.value();
  story.when(
      [&](auto const& s, auto& m) { return on_tree_compared(s, m, asked, unexpected(fault(FaultClass::Retry))); });
  EXPECT_FALSE(story.state.comparison->request.has_value());
  story.now = next_wake(story.state, 60s);
  story.wake();
  EXPECT_TRUE(story.state.comparison->request.has_value());
  EXPECT_EQ(story.state.position, position_at(10));
}

TEST(Receiver, ComparesTheFinerTreeItAskedForBeforeItIsDone) {
  ReceivingStory story;
  story.hear(1, begin).looked({"", Blob("vague"), true, std::nullopt}).stored();
  EXPECT_FALSE(story.difference().last);
  story.hear(2, PartDone{1, Blob("finer")});
  EXPECT_EQ(story.state.comparison->trees.front(), Blob("finer"));
  story.looked({"", Blob("exact"), false, std::nullopt});
  EXPECT_TRUE(story.difference().last);
}

TEST(Receiver, AComparisonMayNotEndBeforeItsLastPart) {
  ReceivingStory story;
  story.hear(1, begin).looked({"", Blob("some"), false, std::nullopt}).stored();
  story.hear(2, CompareEnd{position_at(70)});
  EXPECT_FALSE(story.state.position.has_value());
  EXPECT_TRUE(story.state.stream.renew_at.has_value());
}

TEST(Receiver, SaysAPartAgainInCaseItWasLost) {
  ReceivingStory story;
  story.hear(1, begin).looked({"", Blob("some"), false, std::nullopt}).stored();
  EXPECT_EQ(story.difference().part, 1u);
  for (int i = 0; i < 3; ++i) story.said();
  story.after(31s).wake();
  std::optional<Difference> again;
  while (auto const said = story.said()) {
    if (auto const* part = std::get_if<Difference>(&*said)) again = *part;
  }
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->part, 1u);
}

TEST(Receiver, WantsACopyIfItHasNeitherTreeNorPosition) {
  ReceivingStory story(std::nullopt);
  story.hear(1, begin).looked({"no tree", Blob(), false, std::nullopt});
  EXPECT_EQ(story.next_said<CopyWanted>().reason, "no tree");
  story.hear(2, SnapshotBegin{"7000"});
  EXPECT_NE(story.event<CopyBegun>(), nullptr);
}

TEST(Receiver, FollowsTheLogIfItCannotCompareAndItsPositionIsGoodWithout) {
  ReceivingStory story;
  story.hear(1, begin).looked({"no tree", Blob(), false, std::nullopt});
  EXPECT_EQ(story.next_said<CopyWanted>().reason, "no tree");
  story.hear(2, changes(12)).applied();
  EXPECT_FALSE(story.state.comparison.has_value());
  EXPECT_EQ(story.state.position, position_at(12));
  ReceivingStory other(std::nullopt);
  other.hear(1, begin).looked({"no tree", Blob(), false, std::nullopt}).hear(2, changes(12));
  EXPECT_FALSE(other.state.position.has_value()) << "nothing to follow it from";
  EXPECT_TRUE(other.state.stream.renew_at.has_value());
}

TEST(Receiver, DoesNotFollowTheLogIfItCannotCompareBecauseNextToNothingIsThere) {
  ReceivingStory story;
  story.hear(1, begin).looked({"it holds 3 of 4000 documents", Blob("all"), false, std::nullopt});
  EXPECT_FALSE(story.state.position.has_value());
  EXPECT_FALSE(story.state.unstored.value().position.has_value()) << "and what is stored of it goes, too";
  story.stored().after(limits::hello_retry).wake();
  EXPECT_FALSE(story.next_said<Request>().position.has_value());
}

TEST(Receiver, RefusesACopyAndAComparisonOfAnotherCollectionThanItsOwn) {
  for (DataBody const& body : {DataBody(SnapshotBegin{"7001"}), DataBody(CompareBegin{"7001", Blob("tree")})}) {
    ReceivingStory story;
    story.hear(1, body);
    EXPECT_EQ(story.event<CopyBegun>(), nullptr);
    EXPECT_EQ(story.event<ComparisonBegun>(), nullptr);
    EXPECT_FALSE(report(story.state).message.empty());
    story.now = next_wake(story.state, 60s);
    story.wake();
    EXPECT_NE(story.event<PositionAsked>(), nullptr) << "the inventory may have replaced the collection by then";
  }
}

// Every simulation seed: nothing was ever copied into `_users` and `_graphs`.
TEST(Receiver, ACollectionThatServersMakeThemselvesNeedsNoOrigin) {
  ReceivingStory story(std::nullopt);
  story.state.shard = ShardRef{DatabaseName("_system"), CollectionName("_users"), 0};
  story.state.origin.clear();
  story.hear(1, SnapshotBegin{"94"});
  EXPECT_NE(story.event<CopyBegun>(), nullptr);
}

}  // namespace
}  // namespace arangosync::shard::receiver
