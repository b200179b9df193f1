// What the source's half of the inventory says to a receiver, sentence by sentence.
#include "domain/worker/inventory_sender.h"

#include "domain/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::worker::inventory_sender {
namespace {

using namespace std::chrono_literals;

/// The machine, a clock, and a queue that takes whatever it is given.
struct Telling {
  Instant now{1000s};
  State state = initial_state(now);
  inventory::Structure const structure;
  WallTime read_at{4000s};  ///< the structure was, last
  RequestId last_request;
  int said = 0;
  shard::DataBody last;

  Telling() { hears(shard::Request{Epoch(5), std::nullopt}); }
  shard::Moment moment() const { return {now, WallTime(5000s), Draw(Entropy{3}), last_request, Instant(9000s), 60s}; }
  void take(shard::Moment const& at, Events const& events) {
    last_request = std::max(last_request, at.last_request);
    for (Event const& event : events) {
      state = evolve(std::move(state), event);
      if (auto const* it = std::get_if<Said>(&event)) last = it->message.body;
      said += std::holds_alternative<Said>(event) ? 1 : 0;
    }
    check_invariants(state);
  }
  /// Decides, and the queue takes over what is said.
  template <class Decide>
  Telling& when(Decide decide) {
    shard::Moment at = moment();
    take(at, decide(std::as_const(state), at));
    while (state.publishing) {
      at = moment();
      take(at, on_published(state, at, RequestId(*state.publishing), Done{}, &structure, read_at));
    }
    return *this;
  }
  Telling& hears(shard::ControlMessage const& message) {
    return when([&](auto const& s, auto& m) { return on_control(s, m, message, &structure, read_at); });
  }
  Telling& after(Duration duration) {
    now = now + duration;
    return when([&](auto const& s, auto& m) { return on_wake(s, m, &structure, read_at); });
  }
  Telling& is_left_alone() {
    for (int i = 0; i < 100; ++i) after(limits::heartbeat);
    return *this;
  }
};

TEST(InventorySender, HeapsUpNothingForAReceiverThatIsAway) {
  Telling story;
  story.is_left_alone();
  EXPECT_LT(story.said, 20);
  EXPECT_EQ(next_wake(story.state), shard::never);
}

// Simulation seed 1105: the queue had lost a changed structure and all that was said after it. The receiver, which
// would have noticed by the next message, waited for one, and the sender for an acknowledgement.
TEST(InventorySender, SaysOneMoreToAReceiverThatLivesAndLacksWhatItWasSent) {
  Telling story;
  story.is_left_alone();
  int const before = story.said;
  shard::Acknowledge const lacks{Epoch(5), Sequence{}};
  story.hears(lacks).hears(lacks);
  EXPECT_EQ(story.said, before + 1) << "once and not for every repetition that was under way";
}

// A new receiver asked while the link was cut, and the queue lost the whole answer: the request that it said again and
// again was one known already, and nothing ever came after the answer that would have shown the loss.
TEST(InventorySender, SaysOneMoreToAReceiverThatAsksAgainForWhatItWasSent) {
  Telling story;
  story.is_left_alone();
  int const before = story.said;
  shard::Request const again{Epoch(5), std::nullopt};
  story.hears(again).hears(again);
  EXPECT_EQ(story.said, before + 1) << "once and not for every repetition that was under way";
}

TEST(InventorySender, SaysUpToWhenWhatItHasToldIsTheStructure) {
  Telling story;
  ASSERT_TRUE(std::holds_alternative<shard::PublishedStructure>(story.last));
  story.read_at = WallTime(4002s);
  story.after(limits::heartbeat);
  auto const* heartbeat = std::get_if<shard::Heartbeat>(&story.last);
  ASSERT_NE(heartbeat, nullptr);
  EXPECT_TRUE(heartbeat->log_end);
  EXPECT_EQ(heartbeat->source_time, WallTime(4002s));
}

}  // namespace
}  // namespace arangosync::worker::inventory_sender
