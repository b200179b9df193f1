// What the target's half of a shard does, sentence by sentence.
#include "tests/domain/shard/receiving.h"

#include "domain/base/limits.h"
#include "domain/base/mark.h"

#include <gtest/gtest.h>

namespace arangosync::shard::receiver {
namespace {

TEST(Receiver, AsksFromItsStoredPositionAndRepeatsUntilItHears) {
  ReceivingStory story;
  Epoch const epoch = story.state.stream.epoch;
  EXPECT_NE(epoch, Epoch{});
  story.after(limits::hello_retry).wake();
  auto const again = story.said();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(std::get<Request>(*again).epoch, epoch);
  EXPECT_EQ(std::get<Request>(*again).position, position_at(10));
  story.hear(1, changes(12));
  story.after(10s).wake();
  EXPECT_FALSE(story.said().has_value());
}

TEST(Receiver, AppliesOneBatchAtATimeInOrder) {
  ReceivingStory story;
  story.hear(1, changes(12));
  RequestId const first = std::get<Applying>(*story.state.work).request;
  story.hear(2, changes(14));
  EXPECT_EQ(std::get<Applying>(*story.state.work).request, first);
  EXPECT_EQ(story.state.position, position_at(10)) << "a position never passes what is not applied";
  story.applied();
  EXPECT_EQ(story.state.position, position_at(12));
  EXPECT_NE(std::get<Applying>(*story.state.work).request, first);
}

TEST(Receiver, AppliesWhatWaitsTogetherUpToALimit) {
  ReceivingStory story;
  story.hear(1, changes(12)).hear(2, changes(14)).hear(2, Heartbeat{position_at(15), false, {}}).hear(3, changes(16));
  story.hear(4, Trouble{"slow"}).hear(5, changes(18));
  story.applied();
  EXPECT_EQ(std::get<Applying>(*story.state.work).messages, 3u) << "as far as they are of one kind";
  EXPECT_EQ(story.state.position, position_at(12));
  story.applied(unexpected(fault(FaultClass::Retry)));
  EXPECT_EQ(story.state.position, position_at(12)) << "together or not at all";
  story.now = next_wake(story.state, 60s);
  story.wake().applied();
  EXPECT_EQ(story.state.position, position_at(16));
  ReceivingStory large;
  large.hear(1, changes(12));
  for (std::uint64_t i = 2; i < 6; ++i) {
    large.hear(i, Changes{payload(limits::apply_bytes_max / 2, 1), position_at(10 + 2 * i), {}, false});
  }
  large.applied();
  EXPECT_EQ(std::get<Applying>(*large.state.work).messages, 2u);
}

TEST(Receiver, AsksATargetThatIsTooSlowForHalfAsMuchAfterEveryFailure) {
  ReceivingStory story;
  story.hear(1, changes(12));
  for (std::uint64_t i = 2; i < 34; ++i) {
    story.hear(i, Changes{payload(limits::apply_bytes_max / 32, 1), position_at(10 + 2 * i), {}, false});
  }
  story.applied();
  for (std::uint32_t const messages : {32u, 16u, 8u, 4u, 2u, 1u, 1u}) {
    EXPECT_EQ(std::get<Applying>(*story.state.work).messages, messages);
    story.applied(unexpected(fault(FaultClass::Retry)));
    story.now = next_wake(story.state, 60s);
    story.wake();
  }
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(std::get<Applying>(*story.state.work).messages, 1u) << "as long as more waits than it can do at once";
    story.applied();
  }
  for (std::uint64_t i = 34; i < 38; ++i) story.hear(i, changes(10 + 2 * i));
  story.applied();
  EXPECT_EQ(std::get<Applying>(*story.state.work).messages, 3u) << "it has kept up";
}

TEST(Receiver, AcknowledgesOnlyWhatIsAppliedAndStored) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied();
  EXPECT_FALSE(story.said().has_value());
  story.stored();
  auto const said = story.said();
  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(std::get<Acknowledge>(*said).applied, Sequence(1));
  EXPECT_EQ(story.state.commit, Offset(101));
}

TEST(Receiver, DropsWhatItHasSeenAndWhatIsOfAnotherEpoch) {
  ReceivingStory story;
  story.hear(1, changes(12)).hear(1, changes(12));
  EXPECT_NE(story.event<MessageDropped>(), nullptr);
  EXPECT_EQ(story.state.queue.size(), 1u);
  ReceivingStory other;
  other.hear(1, changes(99), Epoch(3));
  EXPECT_NE(other.event<MessageDropped>(), nullptr);
  EXPECT_TRUE(other.state.queue.empty());
}

TEST(Receiver, AGapMeansANewEpochFromThePositionThatIsApplied) {
  ReceivingStory story;
  Epoch const before = story.state.stream.epoch;
  story.hear(1, changes(12)).applied().hear(3, changes(16));
  story.after(limits::hello_retry).wake();
  EXPECT_NE(story.state.stream.epoch, before);
  auto const said = story.said();
  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(std::get<Request>(*said).position, position_at(12));
}

// Simulation seed 834: the end of one sender's comparison was taken for that of another's, and a change was lost.
TEST(Receiver, NeverMixesTheAnswersOfTwoSendersToOneRequest) {
  ReceivingStory story;
  Epoch const epoch = story.state.stream.epoch;
  auto const hear = [&](std::uint64_t answer, std::uint64_t sequence, DataBody body) {
    DataMessage const message{epoch, Sequence(sequence), std::move(body), AnswerId(answer)};
    story.when([&](auto const& s, auto& m) { return on_message(s, m, Offset(++story.arrived), message); });
  };
  hear(5, 1, changes(12));
  story.applied();
  hear(7, 1, changes(30));
  hear(7, 2, changes(40));
  EXPECT_EQ(story.state.position, position_at(12));
  EXPECT_FALSE(story.state.work);
  EXPECT_TRUE(story.state.stream.renew_at) << "it is asked anew";
}

TEST(Receiver, AGreetingMidwayMeansANewEpochButNotMoreThanOneEveryFewSeconds) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied();
  Epoch const before = story.state.stream.epoch;
  for (int i = 0; i < 10; ++i) story.hear(0, Hello{}, Epoch{});
  EXPECT_EQ(story.state.stream.epoch, before);
  story.after(limits::hello_retry).wake();
  EXPECT_NE(story.state.stream.epoch, before);
}

TEST(Receiver, SilenceMeansANewEpoch) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  story.said();
  Epoch const before = story.state.stream.epoch;
  story.after(59s).wake();
  EXPECT_EQ(story.state.stream.epoch, before);
  story.after(2s).wake();
  EXPECT_NE(story.state.stream.epoch, before);
}

TEST(Receiver, SaysItsLastAcknowledgementAgainInCaseItWasLost) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  ASSERT_TRUE(story.said().has_value());
  story.after(31s).wake();
  auto const again = story.said();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(std::get<Acknowledge>(*again).applied, Sequence(1));
}

TEST(Receiver, ACopyForgetsThePositionBeforeItsFirstDocument) {
  ReceivingStory story;
  story.hear(1, SnapshotBegin{"7000"}).hear(2, SnapshotDocuments{payload(10, 2)});
  EXPECT_TRUE(std::holds_alternative<Forgetting>(*story.state.work));
  EXPECT_FALSE(story.state.unstored->position.has_value());
  story.stored();
  EXPECT_NE(story.event<ApplyAsked>(), nullptr);
}

TEST(Receiver, RemovesSurplusAtTheEndOfACopyAndOnlyThenHasAPosition) {
  ReceivingStory story(std::nullopt);
  story.hear(1, SnapshotBegin{"7000"}).stored();
  story.hear(2, SnapshotDocuments{payload(10, 2)}).applied();
  EXPECT_EQ(report(story.state).status, sync::Status::InitialSync);
  story.hear(3, SnapshotEnd{position_at(70), 2});
  auto const* asked = story.event<SurplusAsked>();
  ASSERT_NE(asked, nullptr);
  EXPECT_FALSE(story.state.position.has_value());
  RequestId const request = asked->request;
  story.when([&](auto const& s, auto& m) { return on_surplus_removed(s, m, request, std::uint64_t{0}); });
  EXPECT_EQ(story.state.position, position_at(70));
}

TEST(Receiver, ACopyWhoseCountIsWrongIsNotTaken) {
  ReceivingStory story(std::nullopt);
  story.hear(1, SnapshotBegin{"7000"}).stored();
  story.hear(2, SnapshotDocuments{payload(10, 2)}).applied().hear(3, SnapshotEnd{position_at(70), 3});
  EXPECT_EQ(story.event<SurplusAsked>(), nullptr) << "or documents that only got lost on the way would be removed";
  story.after(limits::hello_retry).wake();
  EXPECT_NE(story.event<CopyAbandoned>(), nullptr);
}

TEST(Receiver, DoesNotWriteWithoutALease) {
  ReceivingStory story;
  story.write_until = story.now;
  story.hear(1, changes(12));
  EXPECT_FALSE(story.state.work.has_value());
  EXPECT_TRUE(waits_for_lease(story.state, story.now));
  story.write_until = story.now + 10s;
  story.wake();
  EXPECT_EQ(story.event<ApplyAsked>()->deadline, story.write_until);
}

TEST(Receiver, AsksForNoWakeUpWhileItWaitsForItsLease) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied(unexpected(fault(FaultClass::Retry)));
  Instant const retry_at = next_wake(story.state, 60s);
  EXPECT_LE(retry_at, story.now + limits::retry_max);
  story.write_until = story.now;
  story.now = retry_at;
  story.wake();
  ASSERT_TRUE(waits_for_lease(story.state, story.now));
  EXPECT_LE(next_wake(story.state, 60s, false), story.now);
  EXPECT_GT(next_wake(story.state, 60s, true), story.now) << "whoever gives it the lease wakes it";
}

TEST(Receiver, RepeatsAFailedBatchAfterAPause) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied(unexpected(fault(FaultClass::Retry)));
  EXPECT_FALSE(story.state.work.has_value());
  story.now = next_wake(story.state, 60s);
  story.wake().applied();
  EXPECT_EQ(story.state.position, position_at(12));
}

TEST(Receiver, APermanentErrorFailsTheShardAndIsTriedAgainLater) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied(unexpected(fault(FaultClass::Permanent, "too large")));
  EXPECT_EQ(report(story.state).status, sync::Status::Failed);
  EXPECT_EQ(report(story.state).message, "too large");
  story.hear(2, changes(14), Epoch(1));
  EXPECT_NE(story.event<MessageDropped>(), nullptr);
  story.after(limits::failed_retry).wake();
  auto const said = story.said();
  ASSERT_TRUE(said.has_value());
  EXPECT_EQ(std::get<Request>(*said).position, position_at(10));
}

TEST(Receiver, WaitsForABatchOfAnOldEpochBeforeItAppliesOfTheNewOne) {
  ReceivingStory story;
  story.hear(1, changes(12)).hear(3, changes(16));
  RequestId const old = std::get<Applying>(*story.state.work).request;
  story.after(limits::hello_retry).wake();
  story.said();
  story.hear(1, changes(12));
  EXPECT_EQ(std::get<Applying>(*story.state.work).request, old);
  story.applied();
  EXPECT_EQ(story.state.position, position_at(10)) << "the old answer moves nothing";
  EXPECT_NE(std::get<Applying>(*story.state.work).request, old);
}

TEST(Receiver, AHeartbeatMovesThePositionOnly) {
  ReceivingStory story;
  story.hear(0, Heartbeat{position_at(44), true, WallTime(4998s)});
  EXPECT_EQ(story.state.position, position_at(44));
  EXPECT_FALSE(story.state.work.has_value());
  EXPECT_EQ(report(story.state).delay, Duration(2s));
}

TEST(Receiver, AHeartbeatIsNotAcknowledgedButCommitted) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  story.said();
  Offset const before = story.state.commit;
  story.hear(1, Heartbeat{position_at(44), true, WallTime(4998s)});
  EXPECT_FALSE(story.said());
  EXPECT_GT(story.state.commit, before);
  EXPECT_EQ(story.state.confirmed, Sequence(1));
  story.after(limits::acknowledge_repeat).wake();
  EXPECT_EQ(std::get<Acknowledge>(story.said().value()).applied, Sequence(1)) << "so that the sender goes on";
}

TEST(Receiver, AHeartbeatShowsWhatWasLostBeforeItAndIsLeftAloneWhenItIsLate) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied();
  story.hear(0, Heartbeat{position_at(11), true, {}});
  EXPECT_EQ(story.state.position, position_at(12)) << "it was said before what is applied";
  EXPECT_FALSE(story.state.stream.renew_at);
  story.hear(2, Heartbeat{position_at(44), true, {}});
  EXPECT_EQ(story.state.position, position_at(12));
  EXPECT_TRUE(story.state.stream.renew_at) << "the second message has not come";
}

TEST(Receiver, StoresTheNewestOfSeveralHeartbeats) {
  ReceivingStory story;
  story.hear(0, Heartbeat{position_at(44), true, {}});
  Unstored const older = story.state.unstored.value();
  story.hear(0, Heartbeat{position_at(46), true, {}});
  story.when([&](auto const& s, auto& m) { return on_stored(s, m, older); });
  ASSERT_TRUE(story.state.unstored) << "they have one number, that of the message before them";
  EXPECT_EQ(story.state.unstored->position, position_at(46));
}

TEST(Receiver, RunsOnlyOnceItHasSeenTheEndOfTheLog) {
  ReceivingStory story;
  story.hear(1, Changes{payload(10), position_at(12), WallTime(4999s), false}).applied();
  EXPECT_EQ(report(story.state).status, sync::Status::InitialSync);
  story.hear(2, changes(14)).applied().stored();
  EXPECT_EQ(report(story.state).status, sync::Status::Running);
  EXPECT_EQ(report(story.state).delay, Duration(1s));
}

TEST(Receiver, ItsDelayIsSinceTheEndOfTheLogWasLastSeen) {
  ReceivingStory story;
  story.hear(0, Heartbeat{position_at(44), true, WallTime(4998s)});
  story.hear(0, Heartbeat{position_at(45), false, WallTime(5000s)});
  EXPECT_EQ(report(story.state).delay, Duration(2s))
      << "whoever reads a log that is far from its end is not up to date";
}

TEST(Receiver, ShowsTheSendersTrouble) {
  ReceivingStory story;
  story.hear(1, Trouble{"the DB-Server is gone"});
  EXPECT_EQ(report(story.state).message, "the DB-Server is gone");
}

TEST(Receiver, AHeartbeatInACopyIsNotTakenForAPosition) {
  ReceivingStory story(std::nullopt);
  story.hear(1, SnapshotBegin{"7000"});
  story.hear(2, SnapshotDocuments{payload(10, 2)}).hear(2, Heartbeat{position_at(44), true, {}}).stored();
  EXPECT_EQ(std::get<Applying>(*story.state.work).messages, 1u);
  story.applied();
  EXPECT_FALSE(story.state.position.has_value());
  EXPECT_TRUE(story.state.stream.renew_at.has_value()) << "such a stream is not to be believed";
}

TEST(Receiver, ChecksOnceWhenNoLateWriteCanLandAnyMore) {
  ReceivingStory story;
  story.write_until = story.now + 10000s;
  story.hear(1, changes(12)).applied().stored();
  story.said();
  EXPECT_GE(story.state.check_at, story.now + limits::write_request_max);
  EXPECT_LT(story.state.check_at, story.now + limits::write_request_max + limits::check_spread_max);
  story.now = Instant(story.state.check_at.since_start() - 1s);
  story.hear(2, changes(14)).applied().stored();
  story.wake().said();
  EXPECT_FALSE(story.state.doubt);
  story.after(1s).wake();
  story.after(limits::hello_retry).wake();
  auto const said = story.said();
  ASSERT_TRUE(said.has_value());
  EXPECT_TRUE(std::get<Request>(*said).doubt);
  EXPECT_EQ(std::get<Request>(*said).position, position_at(14));
  story.hear(1, CompareBegin{"7000", Blob("tree")})
      .looked({"", Blob(), false, std::nullopt})
      .hear(2, PartDone{1, std::nullopt});
  story.hear(3, CompareEnd{position_at(70)});
  EXPECT_FALSE(story.state.doubt);
  EXPECT_EQ(report(story.state).status, sync::Status::Running) << "it never was anything else";
  EXPECT_EQ(story.state.check_at, never);
}

TEST(Receiver, AWriteWhoseOutcomeIsUnknownIsChecked) {
  ReceivingStory story;
  story.hear(1, changes(12));
  story.after(100s).write_until = story.now + 10000s;
  story.state.check_at = shard::never;
  story.applied(unexpected(fault(FaultClass::Retry)));
  EXPECT_EQ(story.state.check_at, story.now + limits::write_request_max);
}

// A target that errs now and then would never be checked.
TEST(Receiver, ACheckIsNotPutOffByWhatFailsLater) {
  ReceivingStory story;
  story.write_until = story.now + 10000s;
  story.state.check_at = shard::never;
  story.hear(1, changes(12)).applied(unexpected(fault(FaultClass::Retry)));
  Instant const first = story.state.check_at;
  story.now = story.state.retry_at;
  story.wake().applied().stored();
  story.after(14min).hear(2, changes(14)).applied(unexpected(fault(FaultClass::Retry)));
  Instant const second = story.now + limits::write_request_max;
  EXPECT_EQ(story.state.check_at, first);
  story.now = story.state.retry_at;
  story.wake().applied().stored();
  story.now = first;
  story.wake();
  EXPECT_TRUE(story.state.doubt);
  EXPECT_EQ(story.state.check_at, second) << "and then what failed since is looked at";
}

// A target that is read again every few minutes would never be checked.
TEST(Receiver, ACheckThatIsDueIsNotPutOffByReadingThePositionAgain) {
  ReceivingStory story;
  story.write_until = story.now + 10000s;
  story.hear(1, changes(12)).applied().stored();
  Instant const first = story.state.check_at;
  story.after(10min).when([](auto const& s, auto& m) { return on_set_back(s, m); });
  RequestId const asked = *std::get<Reading>(story.state.phase).request;
  story.when([&](auto const& s, auto& m) {
    return on_position_read(s, m, asked, TargetShard{position_at(12), "7000"});
  });
  EXPECT_EQ(story.state.check_at, first);
  EXPECT_GE(story.state.recheck_at, story.now + limits::write_request_max);
}

// An idle shard must not cost the target a write every other second.
TEST(Receiver, ThePositionOfAnIdleShardIsStoredNowAndThen) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  for (int beats = 0; beats < 3; ++beats) {
    story.wall = story.wall + 2s;
    story.hear(1, Heartbeat{position_at(20 + static_cast<std::uint64_t>(beats)), true, story.wall});
    EXPECT_FALSE(story.state.unstored.has_value());
    EXPECT_EQ(story.state.position, position_at(20 + static_cast<std::uint64_t>(beats)));
  }
  story.wall = story.wall + limits::idle_position_kept;
  story.hear(1, Heartbeat{position_at(30), true, story.wall});
  EXPECT_TRUE(story.state.unstored.has_value());
  story.stored().hear(1, Heartbeat{position_at(31, "PRMR-2"), true, story.wall});
  EXPECT_TRUE(story.state.unstored.has_value()) << "of another server the older one says nothing";
}

TEST(Receiver, AWriteOfAnEarlierStreamWhoseOutcomeIsUnknownIsCheckedToo) {
  ReceivingStory story;
  story.hear(1, changes(12)).hear(7, changes(99));
  story.after(100s).wake();
  story.write_until = story.now + 10000s;
  story.state.check_at = shard::never;
  story.applied(unexpected(fault(FaultClass::Retry)));
  EXPECT_FALSE(story.state.work.has_value());
  EXPECT_EQ(story.state.failures, 0u) << "the new stream does not wait for it";
  EXPECT_EQ(story.state.check_at, story.now + limits::write_request_max);
}

TEST(Receiver, AnAcknowledgementOfAnEarlierStreamDoesNotCountForTheNext) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  ASSERT_TRUE(story.state.talk.publishing.has_value());
  Epoch const before = story.state.stream.epoch;
  story.hear(7, changes(99)).after(100s).wake();
  ASSERT_NE(story.state.stream.epoch, before);
  story.said();
  EXPECT_EQ(story.state.talk.said, Sequence{});
}

// The sender took an answer to an earlier comparison of the stream for one to this, and follows the log.
TEST(Receiver, BelievesNoLogWhileItComparesAndAsksAnew) {
  ReceivingStory story;
  story.hear(1, CompareBegin{"7000", Blob("tree")}).looked({"", Blob(), false, std::nullopt});
  Epoch const before = story.state.stream.epoch;
  story.hear(2, changes(12));
  EXPECT_FALSE(story.state.work.has_value());
  EXPECT_GT(marks_reached().count("shard.receiver.violation"), 0u);
  story.after(100s).wake();
  EXPECT_NE(story.state.stream.epoch, before);
}

TEST(Receiver, DoubtsItsPositionAfterSilence) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  story.said();
  story.after(61s).wake();
  auto const said = story.said();
  ASSERT_TRUE(said.has_value());
  EXPECT_TRUE(std::get<Request>(*said).doubt);
}

// Simulation seeds 752 and 50341: a shard was said to be complete, and whoever went on from its stored position brought
// the target back behind that for a while.
TEST(Receiver, ClaimsOnlyWhatIsStored) {
  ReceivingStory story;
  auto const claimed = [&] { return report(story.state).caught_up; };
  Changes const later{payload(10), position_at(14), WallTime(5000s), true};
  story.hear(1, changes(12)).applied();
  Unstored const first = story.state.unstored.value();
  EXPECT_TRUE(claimed().is_zero());
  EXPECT_EQ(report(story.state).status, sync::Status::InitialSync);
  story.hear(2, later).applied();
  story.when([&](auto const& s, auto& m) { return on_stored(s, m, first); });
  EXPECT_EQ(claimed(), WallTime(4999s)) << "the second one is not stored yet";
  EXPECT_EQ(report(story.state).status, sync::Status::Running);
  story.stored();
  EXPECT_EQ(claimed(), WallTime(5000s));
  story.hear(2, Heartbeat{position_at(14), true, WallTime(5002s)});
  EXPECT_EQ(claimed(), WallTime(5002s)) << "of which nothing is to be stored";
}

// The source's clock was an hour ahead for a moment.
TEST(Receiver, TakesAClaimBackWhenALaterWordIsOfAnEarlierMoment) {
  ReceivingStory story;
  story.hear(1, Changes{payload(10), position_at(12), WallTime(8600s), true}).applied().stored();
  EXPECT_EQ(report(story.state).caught_up, WallTime(8600s));
  story.hear(2, Changes{payload(10), position_at(14), WallTime(5002s), true}).applied().stored();
  EXPECT_EQ(report(story.state).caught_up, WallTime(5002s));
  story.hear(2, Heartbeat{position_at(14), true, WallTime(5004s)});
  EXPECT_EQ(report(story.state).caught_up, WallTime(5004s));
}

TEST(Receiver, ClaimsNothingOfAPositionThatIsForgotten) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied();
  Unstored const first = story.state.unstored.value();
  story.hear(2, SnapshotBegin{"7000"});
  story.when([&](auto const& s, auto& m) { return on_stored(s, m, first); });
  EXPECT_TRUE(report(story.state).caught_up.is_zero());
}

TEST(Receiver, BelievesNothingItRemembersOfATargetThatWasSetBack) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored().hear(2, changes(14)).applied().hear(3, changes(16));
  story.said();
  auto const set_back = [](auto const& s, auto& m) { return on_set_back(s, m); };
  story.when(set_back);
  EXPECT_EQ(story.event<PositionAsked>(), nullptr) << "what is being applied may yet change what it speaks of";
  EXPECT_FALSE(story.state.unstored.has_value()) << "what was applied is not to be stored";
  EXPECT_EQ(report(story.state).status, sync::Status::InitialSync);
  EXPECT_TRUE(report(story.state).caught_up.is_zero());
  story.applied();
  ASSERT_NE(story.event<PositionAsked>(), nullptr);
  RequestId const first = story.event<PositionAsked>()->request;
  story.when(set_back);
  ASSERT_NE(story.event<PositionAsked>(), nullptr) << "that may have been read before the target was set back";
  RequestId const second = story.event<PositionAsked>()->request;
  TargetShard const found{position_at(11), "7000"};
  story.when([&](auto const& s, auto& m) { return on_position_read(s, m, first, found); });
  EXPECT_TRUE(story.events.empty());
  story.when([&](auto const& s, auto& m) { return on_position_read(s, m, second, found); });
  EXPECT_EQ(story.next_said<Request>().position, position_at(11));
  EXPECT_FALSE(story.state.unstored || story.state.work);
}

// A queue that lets a window be fetched and no more brings nothing until something of it is dealt with.
TEST(Receiver, HasDealtWithAllThatCameWhenItsTargetWasSetBack) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored().hear(2, changes(14)).applied().hear(1, changes(12));
  EXPECT_EQ(story.state.commit, Offset(101)) << "what is applied is not stored yet";
  story.when([](auto const& s, auto& m) { return on_set_back(s, m); });
  EXPECT_EQ(story.state.commit, Offset(103)) << "and never will be";
}

TEST(Receiver, HasDealtWithWhatItDroppedOnceNothingIsBeforeIt) {
  ReceivingStory story;
  story.hear(1, changes(12)).hear(7, changes(99), Epoch(3)).applied();
  EXPECT_EQ(story.state.commit, Offset(0));
  story.stored();
  EXPECT_EQ(story.state.commit, Offset(102));
}

TEST(Receiver, GivesUpACopyToATargetThatWasSetBackOnceItsLastBatchIsAnswered) {
  ReceivingStory story(std::nullopt);
  story.hear(1, SnapshotBegin{"7000"}).stored().hear(2, SnapshotDocuments{payload(10)});
  story.when([](auto const& s, auto& m) { return on_set_back(s, m); });
  EXPECT_EQ(story.event<CopyAbandoned>(), nullptr) << "the adapter still adds to it";
  story.applied();
  EXPECT_NE(story.event<CopyAbandoned>(), nullptr);
  EXPECT_NE(story.event<PositionAsked>(), nullptr);
}

TEST(Receiver, ADoubtOutlivesWhatTheOldStreamStillBrings) {
  ReceivingStory story;
  story.hear(1, changes(12)).applied().stored();
  story.said();
  story.write_until = story.now + 10000s;
  story.state.check_at = story.now;
  story.state.stream.drawn_at = story.now;
  story.wake().hear(2, changes(14)).applied();
  EXPECT_TRUE(story.state.doubt);
}

}  // namespace
}  // namespace arangosync::shard::receiver
