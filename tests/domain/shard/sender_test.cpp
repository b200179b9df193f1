// What the source's half of a shard does, sentence by sentence.
#include "tests/domain/shard/sending.h"

#include <gtest/gtest.h>

namespace arangosync::shard::sender {
namespace {

template <class Body>
std::size_t count(std::vector<DataMessage> const& messages) {
  std::size_t count = 0;
  for (auto const& message : messages) count += std::holds_alternative<Body>(message.body) ? 1u : 0u;
  return count;
}

TEST(Sender, GreetsUntilItIsAsked) {
  Sending story;
  for (int i = 0; i < 3; ++i) story.wake().publish_all().after(limits::hello_retry);
  ASSERT_EQ(count<Hello>(story.published), 3u);
  EXPECT_EQ(story.published[0].epoch, Epoch{});
  story.request(5, position_at(10)).publish_all();
  story.after(limits::heartbeat).wake().publish_all();
  EXPECT_EQ(count<Hello>(story.published), 3u);
}

TEST(Sender, DoesNotHeapUpGreetingsForAReceiverThatIsAway) {
  Sending story;
  for (int i = 0; i < 1200; ++i) {
    story.wake();
    story.publish_all().after(limits::hello_retry);
  }
  EXPECT_LT(count<Hello>(story.published), 60u) << "an hour";
}

TEST(Sender, TailsFromAPositionOfTheSameShardAndLeader) {
  Sending story;
  story.request(5, position_at(10));
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_EQ(tailing(story.state)->position, position_at(10));
}

TEST(Sender, CopiesWhenThePositionIsAbsentOrOfAnotherLeaderOrOfAnotherLifeOfTheShard) {
  for (auto const& position : {std::optional<Position>(), std::optional(position_at(10, "PRMR-2")),
                               std::optional(position_at(10, "PRMR-1", "s0"))}) {
    Sending story;
    story.request(5, position);
    EXPECT_TRUE(wants_turn(story.state));
  }
}

TEST(Sender, WaitsWithItsChoiceUntilTheShardHasALeader) {
  Sending story;
  story.state = initial_state(the_shard, story.now);
  story.request(5, position_at(10));
  EXPECT_TRUE(std::holds_alternative<Deciding>(story.state.phase));
  story.place("PRMR-1");
  EXPECT_NE(tailing(story.state), nullptr);
}

TEST(Sender, SendsACopyInOrderAndThenTailsFromItsTick) {
  Sending story;
  story.request(5, std::nullopt).opened(70).publish_all();
  story.chunk(payload(10, 3), false).publish_all();
  story.chunk(payload(10, 2), true);
  auto const* left = story.event<SnapshotLeft>();
  ASSERT_NE(left, nullptr);
  EXPECT_EQ(left->tick, Tick(70));
  story.publish_all();
  ASSERT_EQ(story.published.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<SnapshotBegin>(story.published[0].body));
  auto const& end = std::get<SnapshotEnd>(story.published[3].body);
  EXPECT_EQ(end.documents, 5u);
  EXPECT_EQ(end.position, position_at(70));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(story.published[i].sequence, Sequence(i + 1));
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_TRUE(tailing(story.state)->syncer.has_value()) << "the reader is to take it over";
}

TEST(Sender, StopsReadingWhenItsWindowIsFullAndGoesOnWhenAcknowledged) {
  Sending story;
  story.request(5, std::nullopt).opened(70).publish_all();
  int chunks = 0;
  while (std::get<Copying>(story.state.phase).reading) {
    story.chunk(payload(limits::snapshot_chunk_bytes, 1), false).publish_all();
    ++chunks;
  }
  EXPECT_EQ(chunks, 8) << "16 MiB of 2 MiB chunks";
  story.when([](auto const& s, auto& m) { return on_acknowledge(s, m, Acknowledge{Epoch(5), Sequence(2)}); });
  EXPECT_TRUE(std::get<Copying>(story.state.phase).reading.has_value());
}

TEST(Sender, AnOldAcknowledgementOpensNothing) {
  Sending story;
  story.request(5, position_at(10));
  story.when([](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(12), {}, true); });
  auto const before = story.state;
  story.when([](auto const& s, auto& m) { return on_acknowledge(s, m, Acknowledge{Epoch(4), Sequence(9)}); });
  EXPECT_EQ(story.state, before);
}

TEST(Sender, ALostSnapshotBreaksTheStreamSoThatTheReceiverAsksAnew) {
  Sending story;
  story.request(5, std::nullopt).opened(70).publish_all();
  RequestId const asked = *std::get<Copying>(story.state.phase).reading;
  story.when([&](auto const& s, auto& m) { return on_chunk(s, m, asked, unexpected(fault(FaultClass::NotFound))); });
  EXPECT_NE(story.event<SnapshotLeft>(), nullptr) << "whatever is left of it is given back";
  story.publish_all();
  EXPECT_EQ(count<Hello>(story.published), 1u);
  EXPECT_TRUE(std::holds_alternative<Greeting>(story.state.phase));
}

TEST(Sender, RepeatsAFailedReadOfTheSameChunkAfterAPause) {
  Sending story;
  story.request(5, std::nullopt).opened(70).publish_all();
  RequestId const asked = *std::get<Copying>(story.state.phase).reading;
  story.when([&](auto const& s, auto& m) { return on_chunk(s, m, asked, unexpected(fault(FaultClass::Retry))); });
  EXPECT_FALSE(std::get<Copying>(story.state.phase).reading.has_value());
  EXPECT_GT(next_wake(story.state, false), story.now);
  story.now = next_wake(story.state, false);
  story.wake();
  EXPECT_TRUE(std::get<Copying>(story.state.phase).reading.has_value());
  EXPECT_EQ(std::get<Copying>(story.state.phase).next_chunk, 0u);
}

TEST(Sender, ANewLeaderBreaksTheStreamAndThePositionOfTheOldOneIsVoid) {
  Sending story;
  story.request(5, position_at(10)).place("PRMR-2");
  EXPECT_TRUE(std::holds_alternative<Greeting>(story.state.phase));
  story.request(6, position_at(10));
  EXPECT_TRUE(wants_turn(story.state));
}

TEST(Sender, LostHistoryMeansACopyInTheSameStream) {
  Sending story;
  story.request(5, position_at(10));
  story.when([](auto const& s, auto& m) { return on_lost(s, m, "gone"); });
  EXPECT_TRUE(wants_turn(story.state));
  EXPECT_EQ(story.state.epoch, Epoch(5));
}

TEST(Sender, MarksAllThatAnswersOneRequestAndNothingElse) {
  Sending story;
  Sending other;
  other.entropy = 99;
  story.request(5, position_at(10)).changes(12).changes(14).publish_all();
  other.request(5, position_at(10)).changes(12).publish_all();
  EXPECT_NE(story.published[0].answer, AnswerId{});
  EXPECT_EQ(story.published[0].answer, story.published[1].answer);
  EXPECT_NE(story.published[0].answer, other.published[0].answer);
  story.request(6, position_at(10)).changes(12).publish_all();
  EXPECT_NE(story.published[0].answer, story.published[2].answer);
}

TEST(Sender, ANewEpochVoidsWhatWasQueuedForTheOldOne) {
  Sending story;
  story.request(5, position_at(10));
  for (int i = 0; i < 3; ++i) {
    story.when([](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(12), {}, true); });
  }
  story.request(6, position_at(10));
  EXPECT_TRUE(story.state.outbox.empty());
  EXPECT_TRUE(story.state.unacknowledged.empty());
  EXPECT_EQ(tailing(story.state)->position, position_at(10));
  auto const before = story.state;
  story.request(6, position_at(10));
  EXPECT_EQ(story.state, before) << "the same request twice equals once";
}

TEST(Sender, SaysThatItLivesWhenThereIsNothingToSend) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  LogView const log{position_at(40), true, WallTime(9s)};
  story.after(limits::heartbeat).beat(log);
  EXPECT_EQ(story.heartbeat(), (Heartbeat{position_at(40), true, WallTime(9s)}));
  EXPECT_EQ(tailing(story.state)->position, position_at(40)) << "what a new reader has to go on from";
  EXPECT_TRUE(story.state.unacknowledged.empty()) << "it is not waited for";
  story.beat(log);
  EXPECT_FALSE(story.heartbeat()) << "it has just been said";
  story.after(limits::heartbeat).changes(42);
  story.after(limits::heartbeat).beat(log);
  EXPECT_FALSE(story.heartbeat()) << "the queue does not have yet what comes before it";
}

TEST(Sender, SaysItByItselfWhileNoReaderServesIt) {
  Sending story;
  story.request(5, position_at(10));
  EXPECT_EQ(next_wake(story.state, true), never) << "its reader beats for it";
  EXPECT_EQ(next_wake(story.state, false), story.now + limits::heartbeat);
  story.after(limits::heartbeat).wake(true);
  EXPECT_FALSE(story.heartbeat());
  story.wake();
  ASSERT_TRUE(story.heartbeat());
  EXPECT_FALSE(story.heartbeat()->log_end) << "nobody has looked";
}

TEST(Sender, StopsItsHeartbeatsWhenItHearsNothingUntilItDoes) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  LogView const log{position_at(40), true, WallTime(9s)};
  std::uint32_t said = 0;
  for (int i = 0; i < 500; ++i) said += story.after(limits::heartbeat).beat(log).heartbeat() ? 1u : 0u;
  EXPECT_EQ(said, limits::heartbeats_unheard_max) << "not for ever into a queue that nobody reads";
  EXPECT_EQ(next_wake(story.state, false), never);
  story.acknowledge(0).after(limits::heartbeat).beat(log);
  EXPECT_TRUE(story.heartbeat());
}

TEST(Sender, PublishesOneMessageAfterTheOtherAndRepeatsTheOneThatTheQueueDidNotTake) {
  Sending story;
  story.request(5, position_at(10));
  story.when([](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(12), {}, true); });
  RequestId const first = *story.state.publishing;
  story.when([](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(14), {}, true); });
  EXPECT_EQ(story.state.publishing, first);
  story.when([&](auto const& s, auto& m) { return on_published(s, m, first, unexpected(fault(FaultClass::Retry))); });
  EXPECT_EQ(story.state.outbox.size(), 2u);
  story.now = next_wake(story.state, false);
  story.wake().publish_all();
  ASSERT_EQ(story.published.size(), 2u);
  EXPECT_EQ(story.published[0].sequence, Sequence(1));
}

TEST(Sender, ComparesIfTheSnapshotHasATreeAndThenTailsFromItsTick) {
  Sending story;
  story.request(5, position_at(10, "PRMR-2")).opened(70, Blob("tree")).publish_all();
  ASSERT_EQ(story.published.size(), 1u);
  EXPECT_EQ(std::get<CompareBegin>(story.published[0].body), (CompareBegin{"7000", Blob("tree")}));
  story.part(1, "some", false);
  story.difference({payload(10, 2), revision::RevisionId(44), std::nullopt});
  EXPECT_EQ(std::get<Comparing>(story.state.phase).from, revision::RevisionId(44)) << "it reads on";
  story.difference({payload(10, 1), std::nullopt, Blob("finer")}).publish_all();
  EXPECT_EQ(std::get<PartDone>(story.published.back().body), (PartDone{1, Blob("finer")}));
  story.part(2, "more", true).difference({{}, std::nullopt, std::nullopt});
  ASSERT_NE(story.event<SnapshotLeft>(), nullptr);
  story.publish_all();
  EXPECT_EQ(count<CompareChanges>(story.published), 2u);
  EXPECT_EQ(std::get<CompareEnd>(story.published.back().body).position, position_at(70));
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_TRUE(tailing(story.state)->syncer.has_value());
}

TEST(Sender, ComparesInRoundsWhereTheLogCannotBeRead) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  auto const closed_at = [](std::uint64_t tick) { return LogView{position_at(tick), false, WallTime(6000s), true}; };
  story.after(limits::heartbeat).beat(closed_at(10));
  ASSERT_TRUE(wants_turn(story.state));
  EXPECT_EQ(report(story.state).status, sync::Status::Running) << "no first copy is under way";
  story.opened(70, Blob("tree")).publish_all();
  story.part(1, "some", true).difference({payload(10, 2), std::nullopt, std::nullopt}).publish_all();
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_EQ(story.state.rounds->pause, round_pause_min) << "something was found: look again soon";

  story.after(round_pause_min).beat(closed_at(70));
  ASSERT_TRUE(wants_turn(story.state));
  story.opened(90, Blob("tree")).publish_all();
  story.part(std::get<Comparing>(story.state.phase).parts_heard + 1, "", true).publish_all();
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_EQ(story.state.rounds->pause, round_pause_min * 2) << "nothing was found";
  auto const known = story.after(limits::heartbeat).beat(closed_at(90)).heartbeat();
  ASSERT_TRUE(known);
  EXPECT_TRUE(known->log_end);
  EXPECT_EQ(known->source_time, story.moment().wall) << "as new as the snapshot that was compared";
  EXPECT_EQ(known->position, position_at(90));
}

TEST(Sender, LooksForATreeAgainBeforeARoundCopiesTheShard) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  story.after(limits::heartbeat).beat(LogView{position_at(10), false, WallTime(6000s), true});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(wants_turn(story.state)) << i;
    story.opened_without_tree(20, true);
  }
  EXPECT_EQ(report(story.state).status, sync::Status::Running);
  EXPECT_NE(std::get_if<Comparing>(&story.opened(20, Blob("tree")).state.phase), nullptr);
}

TEST(Sender, ClaimsOfARoundNothingBeyondTheLastLookAtWhoLeadsTheShard) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  LogView const view{position_at(70), false, WallTime(9s), true};
  for (int round = 0; round < 2; ++round) {
    story.after(round_pause_min).beat(view).opened(70, Blob("tree")).publish_all();
    story.part(std::get<Comparing>(story.state.phase).parts_heard + 1, "", true).publish_all();
  }
  auto const known = story.after(limits::heartbeat).beat(view).heartbeat();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->source_time, WallTime(9s));
}

// Simulation seeds 960, 1125: a document that was changed vanished until the part came in which its newer revision was.
TEST(Sender, RemovesWhatIsTooMuchAfterAllThatTheTargetLacks) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  story.part(1, "some", false).difference({payload(10), revision::RevisionId(44), std::nullopt, payload(7)});
  story.difference({{}, std::nullopt, std::nullopt, payload(8)});
  story.part(2, "more", true).difference({payload(11), std::nullopt, std::nullopt, payload(9)}).publish_all();
  std::vector<std::size_t> sizes;
  for (auto const& message : story.published) {
    auto const* changes = std::get_if<CompareChanges>(&message.body);
    if (changes != nullptr) sizes.push_back(changes->changes.changes.size_bytes());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 11, 7, 8, 9}));
  EXPECT_TRUE(std::holds_alternative<CompareEnd>(story.published.back().body));
  EXPECT_EQ(story.state.documents, 5u);
}

TEST(Sender, KeepsOnlySoManyRemovals) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  std::uint32_t number = 0;
  while (count<CompareChanges>(story.published) == 0) {
    ASSERT_LT(++number, 100u);
    story.part(number, "some", false).difference({{}, std::nullopt, std::nullopt, payload(1u << 20)}).publish_all();
  }
  EXPECT_EQ(number, 8u);
  EXPECT_EQ(std::get<Comparing>(story.state.phase).removals_bytes, 0u);
}

TEST(Sender, ComparesNothingWhileNothingIsLogged) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  story.after(limits::heartbeat).beat(LogView{position_at(10), true, WallTime(9s), true});
  ASSERT_NE(tailing(story.state), nullptr);
  ASSERT_TRUE(story.heartbeat());
  EXPECT_TRUE(story.heartbeat()->log_end);
}

// Simulation seed 280: a part that was said again was taken for an answer to the next tree, in which something
// differed.
TEST(Sender, DoesNotTakeALatePartOfAnEarlierComparisonForOneOfTheNext) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  story.part(1, "", true).publish_all();
  story.when([](auto const& s, auto& m) { return on_lost(s, m, "trimmed"); });
  story.opened(80, Blob("another tree")).publish_all();
  story.part(1, "", true);
  EXPECT_TRUE(std::holds_alternative<Comparing>(story.state.phase)) << "it was told so of the first tree";
  auto const begin = static_cast<std::uint32_t>(story.published.back().sequence.value());
  EXPECT_TRUE(std::holds_alternative<CompareBegin>(story.published.back().body));
  story.part(begin, "", true).publish_all();
  ASSERT_NE(tailing(story.state), nullptr);
  EXPECT_EQ(tailing(story.state)->position, position_at(80));
}

// Simulation seed 1711: the queue lost its content when the window was full, and both sides waited for the other.
TEST(Sender, BeginsAnewWhenAFullWindowIsLost) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  story.fill_window();
  auto const sent = story.published.size();
  story.request(5, position_at(10)).after(30s).request(5, position_at(10));
  EXPECT_EQ(story.state.epoch, Epoch(5)) << "a receiver that was cut off repeats itself, too";
  story.after(30s).request(5, position_at(10)).publish_all();
  EXPECT_EQ(story.state.epoch, Epoch{});
  EXPECT_TRUE(std::holds_alternative<Hello>(story.published.back().body));
  EXPECT_EQ(story.published.size(), sent + 1);
  story.request(5, position_at(10)).changes(12).publish_all();
  EXPECT_EQ(story.published.back().sequence, Sequence(1));
}

TEST(Sender, GoesOnWhenTheReceiverOnlyWasCutOff) {
  Sending story;
  story.request(5, position_at(10)).publish_all();
  story.fill_window().acknowledge(0).acknowledge(1).after(60s).acknowledge(1);
  EXPECT_EQ(story.state.epoch, Epoch(5)) << "it has got something since it lacked all";
}

TEST(Sender, ReadsNothingForAPartInWhichNothingDiffers) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  story.part(1, "", true).publish_all();
  EXPECT_EQ(count<CompareEnd>(story.published), 1u);
  EXPECT_EQ(tailing(story.state)->position, position_at(70));
}

TEST(Sender, TakesEachPartOnceAndNoneBeforeItsTurn) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  story.part(2, "late", false);
  EXPECT_TRUE(std::get<Comparing>(story.state.phase).parts.empty());
  story.part(1, "some", false);
  auto const before = story.state;
  story.part(1, "some", false);
  EXPECT_EQ(story.state, before);
}

TEST(Sender, CopiesOutOfTheSameSnapshotWhenTheTargetCannotCompare) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  story.when([](auto const& s, auto& m) { return on_copy_wanted(s, m, CopyWanted{Epoch(5), "no tree"}); });
  EXPECT_EQ(std::get<Copying>(story.state.phase).position, position_at(70));
  story.publish_all();
  EXPECT_TRUE(std::holds_alternative<SnapshotBegin>(story.published.back().body));
}

TEST(Sender, ComparesAGoodPositionInDoubtAndWithoutATreeFollowsTheLogAllTheSame) {
  Sending story;
  story.request(5, position_at(10), true).opened(70, Blob("tree"));
  EXPECT_TRUE(std::holds_alternative<Comparing>(story.state.phase));
  EXPECT_EQ(report(story.state).status, sync::Status::Running) << "as far as anybody knows all is well";
  Sending other;
  other.request(5, position_at(10), true).opened(70);
  EXPECT_NE(other.event<SnapshotLeft>(), nullptr);
  ASSERT_NE(tailing(other.state), nullptr);
  EXPECT_EQ(tailing(other.state)->position, position_at(10)) << "not the snapshot's: nothing of it was sent";
}

TEST(Sender, FollowsTheLogFromAGoodPositionThatTheTargetCannotCheck) {
  Sending story;
  story.request(5, position_at(10), true).opened(70, Blob("tree"));
  story.when([](auto const& s, auto& m) { return on_copy_wanted(s, m, CopyWanted{Epoch(5), "no tree"}); });
  EXPECT_NE(story.event<SnapshotLeft>(), nullptr);
  EXPECT_EQ(tailing(story.state)->position, position_at(10));
}

TEST(Sender, ComparesWithinTheEpochWhenItsServerWasRestartedAndWithoutATreeFollowsTheLogOn) {
  auto const restarted = [](auto const& s, auto& m) { return on_restarted(s, m); };
  Position before = position_at(10);
  before.boot = 3;
  Sending story;
  story.request(5, before).when(restarted).opened(70, Blob("tree"));
  EXPECT_TRUE(std::holds_alternative<Comparing>(story.state.phase));
  EXPECT_EQ(story.state.epoch, Epoch(5));
  EXPECT_EQ(report(story.state).status, sync::Status::Running);
  Sending other;
  other.request(5, before).when(restarted).when([](auto const& s, auto& m) { return on_turn(s, m); });
  RequestId const asked = *std::get<Opening>(other.state.phase).request;
  SnapshotId const id{ServerId("PRMR-1"), DatabaseName("d"), "900"};
  Opened const without_tree{id, Tick(70), "77", std::nullopt, 4};
  other.when([&](auto const& s, auto& m) { return on_snapshot_opened(s, m, asked, without_tree); });
  ASSERT_NE(tailing(other.state), nullptr);
  Position after = position_at(10);
  after.boot = 4;
  EXPECT_EQ(tailing(other.state)->position, after) << "else it would be doubted again and again";
}

std::size_t looks_for_a_tree(Sending& story) {
  SnapshotId const id{ServerId("PRMR-1"), DatabaseName("d"), "900"};
  Opened const without_tree{id, Tick(70), "77", std::nullopt, 4, true};
  std::size_t looks = 0;
  for (; wants_turn(story.state); ++looks) {
    story.when([](auto const& s, auto& m) { return on_turn(s, m); });
    RequestId const asked = *std::get<Opening>(story.state.phase).request;
    story.when([&](auto const& s, auto& m) { return on_snapshot_opened(s, m, asked, without_tree); });
    EXPECT_NE(story.event<SnapshotLeft>(), nullptr) << "none is held meanwhile";
  }
  EXPECT_NE(tailing(story.state), nullptr);
  return looks;
}

TEST(Sender, LooksAgainForATreeThatWasNotAtHandAfterARestartOfItsServerButNotForEver) {
  Position before = position_at(10);
  before.boot = 3;
  Sending story;
  story.request(5, before).when([](auto const& s, auto& m) { return on_restarted(s, m); });
  EXPECT_EQ(looks_for_a_tree(story), 6u);
}

// The check that the receiver has due is not made without one, and not put off.
TEST(Sender, LooksAgainForATreeThatWasNotAtHandForACheck) {
  Sending story;
  story.request(5, position_at(10), true);
  EXPECT_EQ(looks_for_a_tree(story), 2u);
}

TEST(Sender, ASnapshotThatIsLostWhileComparingBreaksTheStream) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).part(1, "some", false);
  RequestId const asked = *std::get<Comparing>(story.state.phase).reading;
  story.when(
      [&](auto const& s, auto& m) { return on_difference_read(s, m, asked, unexpected(fault(FaultClass::NotFound))); });
  EXPECT_NE(story.event<SnapshotLeft>(), nullptr);
  EXPECT_TRUE(std::holds_alternative<Greeting>(story.state.phase));
}

TEST(Sender, ShowsThatItLivesWhateverItWaitsFor) {
  Sending waiting;
  waiting.request(5, std::nullopt).after(30s).wake().publish_all();
  ASSERT_EQ(count<Trouble>(waiting.published), 1u);
  EXPECT_NE(std::get<Trouble>(waiting.published[0].body).reason.find("its turn"), std::string::npos);
  EXPECT_EQ(waiting.published[0].sequence, Sequence(1)) << "part of the stream: a lost message is noticed by it";
  Sending comparing;
  comparing.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  comparing.now = next_wake(comparing.state, false);
  comparing.wake().publish_all();
  EXPECT_EQ(comparing.published.back().sequence, Sequence(2));
}

TEST(Sender, AFullQueueFillsItsWindowUntilItTakesAgain) {
  Sending story;
  story.request(5, position_at(10));
  story.when([](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(12), {}, true); });
  RequestId const first = *story.state.publishing;
  EXPECT_FALSE(window_is_full(story.state));
  story.when([&](auto const& s, auto& m) { return on_published(s, m, first, unexpected(fault(FaultClass::Retry))); });
  EXPECT_TRUE(window_is_full(story.state)) << "nothing more is read for it";
  Sending other = story;
  other.request(6, position_at(10));
  EXPECT_FALSE(window_is_full(other.state)) << "the new stream has not been refused anything";
  story.now = next_wake(story.state, false);
  story.wake().publish_all();
  EXPECT_FALSE(window_is_full(story.state));
}

TEST(Sender, DoesNotHoldASnapshotForAReceiverThatIsSilent) {
  Sending story;
  story.request(5, std::nullopt).opened(70, Blob("tree")).publish_all();
  Duration const patience = limits::write_request_max + limits::snapshot_idle_max;
  story.after(patience - 1s).wake().publish_all();
  EXPECT_TRUE(holds_turn(story.state)) << "the longest write is no silence";
  story.now = next_wake(story.state, false);
  story.wake();
  EXPECT_NE(story.event<SnapshotLeft>(), nullptr);
  EXPECT_FALSE(holds_turn(story.state));
}

TEST(Sender, GivesItsTurnBackWhenNoSnapshotCanBeOpenedAgainAndAgain) {
  Sending story;
  story.request(5, std::nullopt);
  story.when([](auto const& s, auto& m) { return on_turn(s, m); });
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(holds_turn(story.state)) << i;
    story.now = std::max(story.now, story.state.retry_at);
    if (i > 0) story.wake();
    RequestId const asked = std::get<Opening>(story.state.phase).request.value();
    Fault const away{FaultClass::Retry, "PRMR-1 does not answer"};
    story.when([&](auto const& s, auto& m) { return on_snapshot_opened(s, m, asked, unexpected(away)); });
  }
  EXPECT_TRUE(wants_turn(story.state)) << "others come first";
  EXPECT_GT(story.state.retry_at, story.now);
  EXPECT_EQ(report(story.state).message, "PRMR-1 does not answer");
  story.now = story.state.retry_at;
  EXPECT_TRUE(holds_turn(story.opened(10).state)) << "in its next turn";
}

TEST(Sender, GivesASnapshotUpThatCannotBeReadAgainAndAgain) {
  Sending story;
  story.request(5, std::nullopt).opened(70).publish_all();
  Fault const away{FaultClass::Retry, "PRMR-1 does not answer"};
  int reads = 0;
  while (holds_turn(story.state) && reads < 100) {
    RequestId const asked = std::get<Copying>(story.state.phase).reading.value();
    story.when([&](auto const& s, auto& m) { return on_chunk(s, m, asked, unexpected(away)); });
    ++reads;
    if (!holds_turn(story.state)) break;
    story.publish_all();
    story.now = std::max(story.now, story.state.retry_at);
    story.acknowledge(0).wake().publish_all();
  }
  EXPECT_EQ(reads, 20);
  EXPECT_NE(story.event<SnapshotLeft>(), nullptr);
}

TEST(Sender, GreetsAtOnceWhoeverFollowsAnEarlierStream) {
  Sending story;
  for (int i = 0; i < 12; ++i) story.after(100s).wake().publish_all();
  std::size_t const greetings = count<Hello>(story.published);
  Acknowledge const of_before{Epoch(4), Sequence(7)};
  auto const heard = [&](auto const& s, auto& m) { return on_acknowledge(s, m, of_before); };
  story.after(limits::hello_retry).when(heard).publish_all();
  EXPECT_EQ(count<Hello>(story.published), greetings + 1);
  for (int i = 0; i < 20; ++i) story.after(10ms).when(heard).publish_all();
  EXPECT_EQ(count<Hello>(story.published), greetings + 1) << "they were all sent before";
}

}  // namespace
}  // namespace arangosync::shard::sender
