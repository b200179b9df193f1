// From one worker's Publish to another's inbox, over real TLS through a master: no message is lost, none comes out of
// order or twice, whatever requests fail, answers get lost, workers restart or tasks move.
#include <gtest/gtest.h>

#include "tests/adapters/direct/slow_line.h"
#include "tests/adapters/direct/support.h"

namespace arangosync::direct {
namespace {

class DirectQueueTest : public ::testing::Test {
protected:
  DirectQueueTest() { restart_sender("w1"); }

  void restart_sender(std::string const& name) {
    auto& worker = senders[name];
    worker.reset();
    worker = std::make_unique<SendingWorker>(io, certificates.tls());
    master.worker_listens(name, worker->server->port());
  }
  DirectOptions quick() const {
    DirectOptions options;
    options.retry_step = 5ms;
    options.retry_most = 50ms;
    options.commit_delay = 20ms;
    options.regroup_delay = 2ms;
    options.pull_wait = 2s;
    return options;
  }
  void restart_receiver() {
    receiver.reset();
    inbox = std::make_unique<TestInbox>();
    receiver = std::make_unique<DirectQueue>(io, idle_store, *inbox, clock, entropy, telemetry, quick());
  }
  task::QueueConfig remote() const {
    task::QueueConfig config;
    config.endpoints = {master.url()};
    config.client_token = "sesame";
    config.ca_certificate = certificates.ca.certificate_pem;
    return config;
  }
  void subscribe(ChannelName const& channel) { receiver->perform(worker::Subscribe{channel, remote(), std::nullopt}); }
  void publish(std::string const& sender, ChannelName const& channel, std::uint64_t number, std::size_t bytes = 0) {
    senders.at(sender)->queue.perform(worker::Publish{RequestId(number), channel, numbered(number, bytes)});
  }
  std::optional<worker::MessageArrived> arrival(ChannelName const& channel) {
    return inbox->next<worker::MessageArrived>([&](worker::MessageArrived const& m) { return m.channel == channel; });
  }
  void commit(worker::MessageArrived const& message) {
    receiver->perform(worker::Commit{message.channel, message.offset});
  }
  /// The next messages of the channel are numbered like this, in this order.
  void expect_next(ChannelName const& channel, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) {
      auto const message = arrival(channel);
      ASSERT_TRUE(message.has_value()) << channel.value() << " stops before message " << number;
      ASSERT_EQ(number_of(message->message), number) << channel.value();
      commit(*message);
    }
  }

  Certificates certificates;
  http::Io io{2};
  clock::OsClock clock;
  clock::OsEntropy entropy;
  QuietTelemetry telemetry;
  ProxyMaster master{io, certificates.tls(), certificates.ca.certificate_pem};
  std::map<std::string, std::unique_ptr<SendingWorker>> senders;
  ChannelStore idle_store{io, entropy};
  std::unique_ptr<TestInbox> inbox = std::make_unique<TestInbox>();
  std::unique_ptr<DirectQueue> receiver =
      std::make_unique<DirectQueue>(io, idle_store, *inbox, clock, entropy, telemetry, quick());
  ChannelName const orders{"sync_a.orders"};
};

TEST_F(DirectQueueTest, CarriesMessagesInOrderAndAnswersThePublisher) {
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 50; ++number) publish("w1", orders, number);
  expect_next(orders, 1, 50);
  for (int count = 0; count < 50; ++count) {
    auto const published = senders["w1"]->inbox.next<worker::Published>();
    ASSERT_TRUE(published.has_value());
    EXPECT_TRUE(published->outcome.has_value());
  }
}

TEST_F(DirectQueueTest, ForgetsAtTheSenderWhatTheReceiverHasCommitted) {
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 20; ++number) publish("w1", orders, number, 1000);
  expect_next(orders, 1, 20);
  EXPECT_TRUE(eventually([&] { return senders["w1"]->store.bytes_held() == 0; }));
}

TEST_F(DirectQueueTest, LosesAndReordersNothingWhenRequestsFailAndAnswersGetLost) {
  master.fail(100, 200);
  std::vector<ChannelName> channels;
  for (int index = 0; index < 8; ++index) channels.emplace_back("sync_a.c" + std::to_string(index));
  for (auto const& channel : channels) {
    master.publish_at(channel, "w1");
    subscribe(channel);
  }
  constexpr std::uint64_t last = 60;
  for (std::uint64_t number = 1; number <= last; ++number) {
    for (auto const& channel : channels) publish("w1", channel, number, number * 100);
  }
  for (auto const& channel : channels) expect_next(channel, 1, last);
  EXPECT_FALSE(inbox->size() > 0) << "something came twice";
}

TEST_F(DirectQueueTest, HoldsOneLongPollHoweverManyChannels) {
  std::vector<ChannelName> channels;
  for (int index = 0; index < 40; ++index) channels.emplace_back("sync_a.c" + std::to_string(index));
  for (auto const& channel : channels) {
    master.publish_at(channel, "w1");
    publish("w1", channel, 1);
    subscribe(channel);
  }
  for (auto const& channel : channels) expect_next(channel, 1, 1);
  EXPECT_TRUE(eventually([&] { return senders["w1"]->store.pulls_waiting() == 1; }));
  int const before = master.pulls();
  publish("w1", channels[7], 2);
  expect_next(channels[7], 2, 2);
  EXPECT_LE(master.pulls() - before, 3) << "one message costs an answer, the next pull, perhaps a commit";
}

TEST_F(DirectQueueTest, ARestartedReceiverHearsAgainWhatItHadNotCommitted) {
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 10; ++number) publish("w1", orders, number, 100);
  expect_next(orders, 1, 4);
  for (int count = 5; count <= 10; ++count) ASSERT_TRUE(arrival(orders).has_value());
  ASSERT_TRUE(eventually([&] { return senders["w1"]->store.peek(orders, 1u << 20)->size() == 6; }));
  restart_receiver();
  subscribe(orders);
  expect_next(orders, 5, 10);
}

TEST_F(DirectQueueTest, GoesOnWithARestartedSenderFromItsFirstMessage) {
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 5; ++number) publish("w1", orders, number);
  expect_next(orders, 1, 5);
  restart_sender("w1");
  for (std::uint64_t number = 1; number <= 3; ++number) publish("w1", orders, number);
  Offset last(5);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    auto const message = arrival(orders);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(number_of(message->message), number);
    EXPECT_GT(message->offset, last) << "offsets never go back while a subscription lives";
    last = message->offset;
    // A late commit of the old life must not remove messages of the new one.
    receiver->perform(worker::Commit{orders, Offset(5)});
  }
  EXPECT_EQ(senders["w1"]->store.peek(orders, 1u << 20)->size(), 3u);
}

TEST_F(DirectQueueTest, FollowsATaskThatMovesToAnotherWorker) {
  restart_sender("w2");
  master.publish_at(orders, "w1");
  subscribe(orders);
  publish("w1", orders, 1);
  expect_next(orders, 1, 1);
  senders["w1"]->queue.perform(worker::DropChannel{orders});
  master.publish_at(orders, "w2");
  publish("w2", orders, 1);
  publish("w2", orders, 2);
  expect_next(orders, 1, 2);
}

TEST_F(DirectQueueTest, FindsAChannelThatIsPublishedLater) {
  subscribe(orders);
  ASSERT_TRUE(eventually([&] { return master.lookups() >= 3; })) << "it keeps looking";
  master.publish_at(orders, "w1");
  publish("w1", orders, 1);
  expect_next(orders, 1, 1);
}

TEST_F(DirectQueueTest, ADatacenterThatDoesNotAnswerHoldsUpNoOtherOne) {
  ProxyMaster silent(io, certificates.tls(), certificates.ca.certificate_pem);
  silent.is_silent = true;
  auto config = remote();
  config.endpoints = {silent.url()};
  for (int index = 0; index < 40; ++index) {  // more than are looked up at a time, and first by name
    receiver->perform(worker::Subscribe{ChannelName("sync_0.c" + std::to_string(index)), config, std::nullopt});
  }
  master.publish_at(orders, "w1");
  subscribe(orders);
  publish("w1", orders, 1);
  expect_next(orders, 1, 1);
  receiver.reset();  // before the other master goes
}

TEST_F(DirectQueueTest, ChannelsThatNobodyPublishesHoldUpNoOtherOnes) {
  master.unknown_after = 20ms;
  for (int index = 0; index < 200; ++index) subscribe(ChannelName("sync_0.c" + std::to_string(index)));
  ASSERT_TRUE(eventually([&] { return master.lookups() > 400; })) << "there is always one to be looked up again";
  master.publish_at(orders, "w1");
  subscribe(orders);
  publish("w1", orders, 1);
  expect_next(orders, 1, 1);
}

TEST_F(DirectQueueTest, FailsOverToAnotherMaster) {
  ProxyMaster other(io, certificates.tls(), certificates.ca.certificate_pem);
  other.worker_listens("w1", senders["w1"]->server->port());
  for (ProxyMaster* const one : {&master, &other}) one->publish_at(orders, "w1");
  auto config = remote();
  config.endpoints = {Url("https://127.0.0.1:1"), master.url(), other.url()};
  receiver->perform(worker::Subscribe{orders, config, std::nullopt});
  publish("w1", orders, 1);
  expect_next(orders, 1, 1);
  master.is_down = true;
  publish("w1", orders, 2);
  expect_next(orders, 2, 2);
  receiver.reset();  // before the other master goes
}

TEST_F(DirectQueueTest, StopsPrefetchingAtItsWindowAndGoesOnAfterACommit) {
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 6; ++number) {
    senders["w1"]->queue.perform(worker::Publish{RequestId(number), orders, noisy(number, std::size_t{3} << 20)});
  }
  std::vector<worker::MessageArrived> arrived;
  for (int count = 0; count < 3; ++count) {
    auto message = arrival(orders);
    ASSERT_TRUE(message.has_value());
    arrived.push_back(std::move(*message));
  }
  ASSERT_TRUE(eventually([&] { return senders["w1"]->store.pulls_waiting() == 1; }));
  EXPECT_EQ(inbox->size(), 0u) << "9 MiB are unread, the window is 8";
  commit(arrived[1]);
  expect_next(orders, 4, 6);
}

TEST_F(DirectQueueTest, ServesAllChannelsInTurnHoweverMuchWaitsInTheFirstOnes) {
  std::vector<ChannelName> channels;
  for (char const name : std::string("abcdef")) channels.emplace_back(std::string("sync_a.") + name);
  for (ChannelName const& channel : channels) {
    master.publish_at(channel, "w1");
    for (std::uint64_t number = 1; number <= 3; ++number) publish("w1", channel, number, 1000);
  }
  DirectOptions options = quick();
  options.answer_bytes_max = 1;  // one message an answer
  options.regroup_delay = 100ms;
  receiver.reset();
  inbox = std::make_unique<TestInbox>();
  receiver = std::make_unique<DirectQueue>(io, idle_store, *inbox, clock, entropy, telemetry, options);
  for (ChannelName const& channel : channels) subscribe(channel);
  std::map<ChannelName, int> heard;
  for (std::size_t count = 0; count < channels.size(); ++count) {
    auto const message = inbox->next<worker::MessageArrived>();
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(++heard[message->channel], 1) << "before another was heard at all: " << message->channel.value();
  }
}

TEST_F(DirectQueueTest, TellsOfAMessageItCannotRead) {
  master.publish_at(orders, "w1");
  ASSERT_TRUE(senders["w1"]->store.publish(orders, "no message at all").has_value());
  publish("w1", orders, 2);
  subscribe(orders);
  auto const unreadable = inbox->next<worker::MessageUnreadable>();
  ASSERT_TRUE(unreadable.has_value());
  EXPECT_EQ(unreadable->offset, Offset(1));
  EXPECT_FALSE(unreadable->reason.empty());
  expect_next(orders, 2, 2);
}

TEST_F(DirectQueueTest, AnUnsubscribedChannelIsSilent) {
  ChannelName const stock("sync_a.stock");
  for (auto const& channel : {orders, stock}) {
    master.publish_at(channel, "w1");
    subscribe(channel);
    publish("w1", channel, 1);
    expect_next(channel, 1, 1);
  }
  receiver->perform(worker::Unsubscribe{orders});
  publish("w1", orders, 2);
  publish("w1", stock, 2);
  expect_next(stock, 2, 2);
  EXPECT_EQ(inbox->size(), 0u);
}

// The long poll of the last channel still waits at the sender when the first one of the next group comes.
TEST_F(DirectQueueTest, ANewGroupOfChannelsIsNotTakenForTheFormerOneThatWasAhead) {
  ChannelName const stock("sync_a.stock");
  master.publish_at(orders, "w1");
  subscribe(orders);
  for (std::uint64_t number = 1; number <= 10; ++number) {
    publish("w1", orders, number);
    expect_next(orders, number, number);
  }
  EXPECT_TRUE(eventually([&] { return senders["w1"]->store.pulls_waiting() == 1; }));
  receiver->perform(worker::Unsubscribe{orders});
  int const before = master.pulls();
  master.publish_at(stock, "w1");
  publish("w1", stock, 1);
  subscribe(stock);
  expect_next(stock, 1, 1);
  EXPECT_LE(master.pulls() - before, 4) << "none of them is taken for a late one, and answered with nothing";
}

// What a slow line is still carrying must not be asked for, and carried, again.
TEST_F(DirectQueueTest, AsksForNothingWhileAnAnswerComesIn) {
  constexpr std::size_t message_bytes = std::size_t{2} << 20;
  SlowLine line(master.port(), message_bytes / 4);
  auto config = remote();
  config.endpoints = {Url("https://127.0.0.1:" + std::to_string(line.port()))};
  ChannelName const stock("sync_a.stock");
  for (auto const& channel : {orders, stock}) master.publish_at(channel, "w1");
  senders["w1"]->queue.perform(worker::Publish{RequestId(1), orders, noisy(1, message_bytes)});
  receiver->perform(worker::Subscribe{orders, config, std::nullopt});
  ASSERT_TRUE(eventually([&] { return line.is_held(); }));
  int const before = master.pulls();
  publish("w1", stock, 1);
  receiver->perform(worker::Subscribe{stock, config, std::nullopt});
  ASSERT_TRUE(eventually([&] { return master.lookups() == 2; }));
  EXPECT_FALSE(within(300ms, [&] { return master.pulls() > before; }));
  line.release();
  expect_next(orders, 1, 1);
  expect_next(stock, 1, 1);
  EXPECT_LT(line.bytes_down(), message_bytes * 3 / 2) << "it came once";
}

TEST_F(DirectQueueTest, RefusesAMasterWithAnotherCertificate) {
  Certificates strangers;
  ProxyMaster impostor(io, strangers.tls(), certificates.ca.certificate_pem);
  impostor.publish_at(orders, "w1");
  auto config = remote();
  config.endpoints = {impostor.url(), master.url()};
  master.publish_at(orders, "w1");
  publish("w1", orders, 1);
  receiver->perform(worker::Subscribe{orders, config, std::nullopt});
  expect_next(orders, 1, 1);
  EXPECT_EQ(impostor.lookups(), 0);
  receiver.reset();
}

}  // namespace
}  // namespace arangosync::direct
