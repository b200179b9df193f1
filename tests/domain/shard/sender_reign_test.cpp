// In whose reign a position was made, and what a sender believes of it.
#include "tests/domain/shard/sending.h"

#include <gtest/gtest.h>

namespace arangosync::shard::sender {
namespace {

Position of_reign(std::uint64_t reign, Position position) {
  position.reign = reign;
  return position;
}

TEST(Sender, BelievesAPositionOfTheReignThatLastsAndOfNoOther) {
  Sending story;
  story.told("PRMR-1", 9).request(5, of_reign(9, position_at(10)));
  EXPECT_NE(tailing(story.state), nullptr);
  story.request(6, of_reign(8, position_at(10)));
  EXPECT_TRUE(wants_turn(story.state));
  story.request(7, position_at(10));
  EXPECT_NE(tailing(story.state), nullptr) << "what an older version stored says none";
}

TEST(Sender, BelievesAnyReignUntilItKnowsItsOwn) {
  Sending story;
  story.request(5, of_reign(8, position_at(10)));
  EXPECT_NE(tailing(story.state), nullptr);
  EXPECT_EQ(story.after(limits::heartbeat).wake().heartbeat()->position.reign, 0u);
}

TEST(Sender, SaysTheReignWithEveryPosition) {
  Sending story;
  story.told("PRMR-1", 9).request(5, std::nullopt).opened(50, Blob("tree")).part(1, "", true).changes(60).publish_all();
  story.after(limits::heartbeat).beat(LogView{position_at(70), true, WallTime(9s)});
  EXPECT_EQ(std::get<CompareEnd>(story.published.at(2).body).position.reign, 9u);
  EXPECT_EQ(std::get<Changes>(story.published.at(3).body).position.reign, 9u);
  EXPECT_EQ(story.heartbeat()->position.reign, 9u);
  story.published.clear();
  story.request(6, std::nullopt).opened(80).chunk(payload(5), true).publish_all();
  EXPECT_EQ(std::get<SnapshotEnd>(story.published.at(2).body).position.reign, 9u);
}

// Simulation seed 1716: what another leader had taken meanwhile was in the log of neither time of the first one.
TEST(Sender, BelievesNoPositionFromBeforeItSawAnotherServerLeadTheShard) {
  for (std::uint64_t const told : {0, 9}) {
    Sending story;
    if (told != 0) story.told("PRMR-1", told);
    story.request(5, of_reign(told, position_at(10)));
    ASSERT_NE(tailing(story.state), nullptr);
    story.place("PRMR-2").place("PRMR-1").request(6, of_reign(told, position_at(10)));
    EXPECT_TRUE(wants_turn(story.state));
    story.opened(70).chunk(payload(5), true).changes(80);
    Position const since = std::get<Tailing>(story.state.phase).position;
    story.request(8, since);
    EXPECT_NE(tailing(story.state), nullptr) << "but a position of the time since then is good";
    story.place("PRMR-2").request(9, of_reign(since.reign, position_at(90, "PRMR-2")));
    EXPECT_TRUE(wants_turn(story.state));
  }
}

TEST(Sender, GoesOnUnderTheReignThatItsMasterTellsOfALeaderThatItSawFirst) {
  Sending story;
  story.told("PRMR-1", 9).place("PRMR-2").request(5, std::nullopt).opened(70, Blob("tree")).told("PRMR-2", 20);
  EXPECT_TRUE(std::holds_alternative<Comparing>(story.state.phase)) << "a comparison is not begun anew for a name";
  story.part(1, "", true).publish_all();
  EXPECT_EQ(std::get<CompareEnd>(story.published.at(2).body).position.reign, 20u);
}

TEST(Sender, HearsOfAReignThatBeginsBeforeItSeesIt) {
  Sending story;
  story.told("PRMR-1", 9).request(5, of_reign(9, position_at(10))).told("PRMR-2", 20);
  EXPECT_EQ(story.after(limits::heartbeat).wake().heartbeat()->position.reign, 9u) << "that is still what it reads";
  story.place("PRMR-2").request(6, of_reign(20, position_at(90, "PRMR-2")));
  EXPECT_NE(tailing(story.state), nullptr);
}

// The master has seen a leader that was another one for a moment only.
TEST(Sender, BelievesNothingFromBeforeAReignOfItsLeaderThatFollowsAnother) {
  for (bool const hears_of_other : {false, true}) {
    Sending story;
    story.told("PRMR-1", 9).request(5, of_reign(9, position_at(10)));
    if (hears_of_other) story.told("PRMR-2", 20);
    story.told("PRMR-1", 30);
    EXPECT_TRUE(std::holds_alternative<Greeting>(story.state.phase))
        << "what it has sent since then may lack something";
    story.request(6, of_reign(9, position_at(10)));
    EXPECT_TRUE(wants_turn(story.state));
    story.request(7, position_at(10));
    EXPECT_TRUE(wants_turn(story.state));
    story.request(8, of_reign(30, position_at(10)));
    EXPECT_NE(tailing(story.state), nullptr);
  }
}

TEST(Sender, LeavesAReignAloneThatIsToldLateOrThatItSawEnd) {
  Sending story;
  story.told("PRMR-1", 9).told("PRMR-1", 8).request(5, of_reign(9, position_at(10)));
  EXPECT_NE(tailing(story.state), nullptr);
  story.place("PRMR-2").place("PRMR-1").told("PRMR-1", 9).request(6, of_reign(9, position_at(10)));
  EXPECT_TRUE(wants_turn(story.state));
}

}  // namespace
}  // namespace arangosync::shard::sender
