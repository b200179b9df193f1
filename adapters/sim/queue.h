// The direct queue in the simulation: channels live in the memory of the publishing process and are pulled from
// outside.
//
// The twin of adapters/direct. A subscriber finds the publisher through the other datacenter's leading master, on every
// pull, as the master proxies it. Messages are handed over in channel order; they stay at the publisher until
// committed, so a subscriber that starts anew gets the uncommitted ones again; a publisher that dies takes them along,
// and its successor counts from 1 again (which the subscribing machine does not see: its offsets only grow while the
// subscription lives).
#pragma once

#include "adapters/sim/directory.h"
#include "adapters/sim/network.h"
#include "ports/queue.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace arangosync::sim {

class SimQueue final : public ports::Queue {
public:
  SimQueue(Process& self, Network& network, Directory const& directory, ports::Inbox<worker::Command>& inbox)
      : self_(self), network_(network), directory_(directory), inbox_(inbox) {}

  void perform(worker::Subscribe const& effect) override;
  void perform(worker::Unsubscribe const& effect) override;
  void perform(worker::Commit const& effect) override;
  void perform(worker::Publish const& effect) override;
  void perform(worker::DropChannel const& effect) override;

  using Batch = std::vector<std::pair<Offset, shard::Message>>;
  struct Pull {
    ChannelName channel;
    std::uint64_t instance = 0;  ///< the channel's life the subscriber knows; 0: none
    Offset after;                ///< wants what comes behind this
    Offset committed;            ///< may be forgotten
  };
  struct Pulled {
    std::uint64_t instance = 0;  ///< 0: nobody publishes on this channel
    Batch messages;
  };
  /// The publisher's half, called when a pull arrives at this process: waits a while if there is nothing.
  void serve(Pull pull, std::function<void(Pulled)> answer);

  /// The topics were deleted: what is published from now on is in channels of a new life.
  void lose_channels() { published_.clear(); }

  /// Bytes held for subscribers, for the checker of memory bounds.
  std::size_t bytes_held() const;

private:
  struct Channel {
    std::uint64_t instance = 0;
    Offset last;
    std::deque<std::pair<Offset, shard::Message>> messages;
    std::size_t bytes = 0;
    std::deque<std::pair<std::uint64_t, std::pair<Offset, std::function<void(Pulled)>>>> waiting;
  };
  struct Subscription {
    task::QueueConfig remote;
    std::uint64_t number = 0;  // tells answers to an earlier subscription of the same name
    std::uint64_t instance = 0;
    std::uint64_t base = 0;  // added to the publisher's offsets, so that the machine's only grow
    Offset received;
    Offset committed;
    bool pulling = false;
    std::size_t next_master = 0;
  };

  void pull(ChannelName const& channel);
  /// The remote master's part of a pull: gets the messages from the worker that publishes them.
  void fetch(Url const& proxy, std::optional<Url> const& sender, Pull const& wanted,
             std::function<void(std::optional<Pulled>)> answer);
  void pull_later(ChannelName const& channel, std::uint64_t number);
  void pulled(ChannelName const& channel, Pulled answer);
  static Pulled take(Channel const& channel, Offset after);

  Process& self_;
  Network& network_;
  Directory const& directory_;
  ports::Inbox<worker::Command>& inbox_;
  std::map<ChannelName, Channel> published_;
  std::map<ChannelName, Subscription> subscriptions_;
  std::uint64_t subscriptions_made_ = 0;
  std::uint64_t pulls_waited_ = 0;
};

}  // namespace arangosync::sim
