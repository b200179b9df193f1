// The simulated direct queue keeps the promises of ports/queue.h: order, redelivery until committed, bounded memory;
// and forgets with its publisher.
#include "adapters/sim/queue.h"

#include "domain/base/limits.h"

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

using namespace std::chrono_literals;

struct Heard final : ports::Inbox<worker::Command> {
  void post(worker::Command command) override { commands.push_back(std::move(command)); }
  std::vector<worker::Command> commands;
};

/// A worker process with nothing in it but its queue.
struct Peer {
  Peer(World& world, Network& network, Directory& directory, NodeId node, std::string const& name)
      : process(world, node, name), queue(process, network, directory, inbox) {}

  std::vector<std::uint64_t> offsets() const {
    std::vector<std::uint64_t> all;
    for (auto const& command : inbox.commands) {
      if (auto const* arrived = std::get_if<worker::MessageArrived>(&command)) all.push_back(arrived->offset.value());
    }
    return all;
  }

  Process process;
  Heard inbox;
  SimQueue queue;
};

struct SimulatedQueue : testing::Test {
  World world{5};
  Network network{world};
  Directory directory;
  Url const master_url{"https://master"};
  Url const sender_url{"https://sender"};
  NodeId master_node = network.add_node(Datacenter::A, "master");
  NodeId sender_node = network.add_node(Datacenter::A, "sender");
  NodeId receiver_node = network.add_node(Datacenter::B, "receiver");
  Process master{world, master_node, "master"};
  std::unique_ptr<Peer> sender;
  std::vector<std::unique_ptr<Peer>> dead;
  std::unique_ptr<Peer> receiver;
  ChannelName const channel{"dc.abc"};

  void SetUp() override {
    directory.place(master_url, master_node);
    directory.place(sender_url, sender_node);
    MasterDoor door;
    door.process = &master;
    door.leader = [] { return std::optional<Url>(); };
    door.find_sender = [this](ChannelName, Token, std::function<void(std::optional<Url>)> answer) {
      answer(sender_url);
    };
    directory.open(master_url, door);
    start_sender();
    start_receiver();
  }
  void start_sender() {
    if (sender) {
      sender->process.kill();
      dead.push_back(std::move(sender));
    }
    sender = std::make_unique<Peer>(world, network, directory, sender_node, "sender");
    directory.open(sender_url, WorkerDoor{&sender->process, &sender->inbox, &sender->queue, {}, {}});
  }
  void start_receiver() {
    if (receiver) {
      receiver->process.kill();
      dead.push_back(std::move(receiver));
    }
    receiver = std::make_unique<Peer>(world, network, directory, receiver_node, "receiver");
    task::QueueConfig remote;
    remote.endpoints = {master_url};
    receiver->queue.perform(worker::Subscribe{channel, remote, std::nullopt});
  }
  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      sender->queue.perform(
          worker::Publish{RequestId(1), channel, shard::DataMessage{Epoch(1), Sequence(1), shard::Hello{}}});
    }
  }
  void run(Duration duration = 20s) {
    Instant const until = world.now() + duration;
    while (world.step(until)) {
    }
  }
  /// The offsets without immediate repetitions: a broken connection may bring an uncommitted stretch again.
  static bool in_order(std::vector<std::uint64_t> const& offsets) {
    for (std::size_t i = 1; i < offsets.size(); ++i) {
      if (offsets[i] > offsets[i - 1] + 1) return false;
    }
    return true;
  }
};

TEST_F(SimulatedQueue, HandsMessagesOverInOrder) {
  publish(10);
  run();
  EXPECT_EQ(receiver->offsets().back(), 10U);
  EXPECT_TRUE(in_order(receiver->offsets()));
}

TEST_F(SimulatedQueue, DeliversAgainToANewSubscriberWhatWasNotCommitted) {
  publish(10);
  run();
  receiver->queue.perform(worker::Commit{channel, Offset(4)});
  publish(1);
  run();
  start_receiver();
  run();
  EXPECT_EQ(receiver->offsets().front(), 5U);
  EXPECT_EQ(receiver->offsets().back(), 11U);
}

TEST_F(SimulatedQueue, HoldsBackBeyondThePrefetchWindowUntilACommit) {
  publish(200);
  run();
  std::uint64_t const before = receiver->offsets().back();
  EXPECT_GE(before, limits::window_messages);
  EXPECT_LT(before, 200U);
  while (receiver->offsets().back() < 200U) {
    std::uint64_t const last = receiver->offsets().back();
    receiver->queue.perform(worker::Commit{channel, Offset(last)});
    run(1s);
    ASSERT_GT(receiver->offsets().back(), last);
  }
  EXPECT_TRUE(in_order(receiver->offsets()));
}

TEST_F(SimulatedQueue, ForgetsEverythingWithItsPublisherAndStillGivesGrowingOffsets) {
  publish(5);
  run();
  start_sender();
  publish(2);
  run();
  EXPECT_EQ(receiver->offsets().back(), 7U);
  receiver->queue.perform(worker::Commit{channel, Offset(5)});  // late, of the life that is over
  start_receiver();
  run();
  EXPECT_EQ(receiver->offsets().size(), 2U);
}

TEST_F(SimulatedQueue, StaysInOrderOnABadNetwork) {
  LinkFaults faults;
  faults.loss = 100;
  faults.duplication = 100;
  faults.delay_max = 1s;
  network.set_faults(faults, faults);
  for (int i = 0; i < 30; ++i) {
    publish(1);
    run(500ms);
  }
  network.heal();
  run();
  EXPECT_EQ(receiver->offsets().back(), 30U);
  EXPECT_TRUE(in_order(receiver->offsets()));
}

TEST_F(SimulatedQueue, RefusesWhatDoesNotFitIntoAChannel) {
  std::string const big(limits::message_bytes_max, 'x');
  shard::DataMessage message{Epoch(1), Sequence(1), shard::SnapshotDocuments{shard::Payload{Blob(big), 1}}};
  bool refused = false;
  for (int i = 0; i < 100; ++i) sender->queue.perform(worker::Publish{RequestId(1), ChannelName("other"), message});
  run();
  for (auto const& command : sender->inbox.commands) {
    auto const* published = std::get_if<worker::Published>(&command);
    if (published != nullptr && !published->outcome) refused = true;
  }
  EXPECT_TRUE(refused);
  EXPECT_LE(sender->queue.bytes_held(), 4 * limits::window_bytes);
}

}  // namespace
}  // namespace arangosync::sim
