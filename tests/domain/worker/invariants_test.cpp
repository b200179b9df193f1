// The machines of a worker notice a state that no history leads to.
#include "domain/base/check.h"
#include "domain/worker/inventory_sender.h"
#include "domain/worker/registration.h"
#include "domain/worker/worker.h"

#include <gtest/gtest.h>

#include <chrono>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;

struct Noticed {};

class Invariants : public testing::Test {
protected:
  Invariants() : before_(set_check_handler([](char const*, char const*, int) { throw Noticed(); })) {}
  ~Invariants() override { set_check_handler(before_); }

private:
  CheckHandler before_;
};

/// A stream was asked for, and a heartbeat is under way.
inventory_sender::State speaking() {
  auto state = inventory_sender::evolve(inventory_sender::initial_state(Instant(1s)),
                                        inventory_sender::Event(inventory_sender::StreamRequested{Epoch(3)}));
  shard::DataMessage const message{Epoch(3), Sequence(), shard::Heartbeat{{}, false, WallTime(5s)}};
  return inventory_sender::evolve(state, inventory_sender::Event(inventory_sender::Said{RequestId(7), message}));
}

TEST_F(Invariants, OfTheInventorySenderHoldForWhatItDoes) {
  EXPECT_NO_THROW(check_invariants(inventory_sender::initial_state(Instant(1s))));
  auto state = speaking();
  EXPECT_NO_THROW(check_invariants(state));
  state = inventory_sender::evolve(state, inventory_sender::Event(inventory_sender::NotDelivered{Instant(2s)}));
  EXPECT_NO_THROW(check_invariants(state));
  state = inventory_sender::evolve(state, inventory_sender::Event(inventory_sender::StreamRequested{Epoch(4)}));
  EXPECT_NO_THROW(check_invariants(state));
}

TEST_F(Invariants, OfTheInventorySenderNoticeWhatCannotBe) {
  auto broken = speaking();
  broken.to_repeat = true;
  EXPECT_THROW(check_invariants(broken), Noticed) << "under way and to be repeated";
  broken = speaking();
  broken.epoch = Epoch(4);
  EXPECT_THROW(check_invariants(broken), Noticed) << "a message of another stream";
  broken = speaking();
  broken.sequence = Sequence(9);
  EXPECT_THROW(check_invariants(broken), Noticed) << "not the last message";
  broken = inventory_sender::initial_state(Instant(1s));
  broken.failures = 1;
  EXPECT_THROW(check_invariants(broken), Noticed) << "nothing failed";
}

TEST_F(Invariants, OfTheRegistrationNoticeARightToWriteWithoutAName) {
  registration::State state;
  EXPECT_NO_THROW(check_invariants(state));
  state.term = Term(1);
  EXPECT_THROW(check_invariants(state), Noticed) << "nobody led";
  state.term = Term();
  state.asked_before_term = true;
  EXPECT_THROW(check_invariants(state), Noticed) << "nothing was asked";
  state.asked_before_term = false;
  state.write_until = Instant(30s);
  EXPECT_THROW(check_invariants(state), Noticed);
  state.id = WorkerId("w");
  EXPECT_NO_THROW(check_invariants(state));
  state.sent_at = Instant(5s);
  EXPECT_THROW(check_invariants(state), Noticed) << "the next renewal is before the last one";
}

TEST_F(Invariants, OfTheWorkerIncludeThoseOfItsRegistration) {
  State state = initial_state(Config{Url("https://w"), 2});
  EXPECT_NO_THROW(check_invariants(state));
  state.registration.message_timeout = 1s;
  EXPECT_THROW(check_invariants(state), Noticed);
}

}  // namespace
}  // namespace arangosync::worker
