// The producing side's memory of the direct queue (spec arangosync-api 6): what this worker published and the other
// datacenter has not committed yet. Filled by DirectQueue (Publish, DropChannel); read by the routes of direct/routes.h
// for long polls. One per worker process; a restart loses it, which costs a new epoch per shard and never data.
//
// Offsets count from 1 per channel and life of a channel (`instance`). Memory is bounded: a full channel, or a full
// store, refuses with Retry; small messages (heartbeats, acknowledgements) have a reserve of their own, so that the
// control channels of one direction never starve behind the data of the other, and no datacenter that does not read
// takes the room of the others, nor do channels that are stuck stop those beside them. Thread-safe; callbacks run on Io
// threads, never on the caller's stack.
#pragma once

#include "adapters/direct/frames.h"
#include "adapters/http/http.h"
#include "domain/base/limits.h"
#include "ports/runtime.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::direct {

struct StoreLimits {
  std::size_t channel_bytes = 2 * limits::window_bytes;
  std::size_t total_bytes = std::size_t{512} << 20;
  std::size_t reserve_bytes = std::size_t{32} << 20;  ///< on top of the total, for small messages
  std::size_t small_message_bytes = 4096;
  Duration gather{std::chrono::milliseconds(2)};  ///< a waiting pull is answered this long after the first new message
  Duration unknown_wait{std::chrono::seconds(1)};  ///< … and no later than this if it asks for a channel we do not know
};

/// What a pull delivers; keeps the messages alive that its views point into.
struct PullAnswer {
  std::vector<Delivered> channels;  ///< only those with messages, and the unknown ones
  std::vector<std::shared_ptr<std::string const>> messages;
};

class ChannelStore {
public:
  ChannelStore(http::Io& io, ports::EntropySource& entropy, StoreLimits store_limits = {});
  ~ChannelStore();  ///< answers the waiting pulls with nothing
  ChannelStore(ChannelStore const&) = delete;
  ChannelStore& operator=(ChannelStore const&) = delete;

  /// Appends an encoded message; Retry: full. A message larger than the limit is taken when the channel is empty.
  Outcome<Offset> publish(ChannelName const& channel, std::string message);
  bool is_full(ChannelName const& channel) const;
  void drop(ChannelName const& channel);

  /// Forgets messages up to and including `offset`. False: no such channel.
  bool commit(ChannelName const& channel, Offset offset);

  /// Commits, then delivers at once if there is anything to deliver, else when there is, at the latest after the wait.
  void pull(PullRequest request, std::function<void(PullAnswer)> answer);

  /// For the per-channel REST calls: messages after the last commit, up to about `bytes_max`; nothing: no such channel.
  using Messages = std::vector<std::pair<Offset, std::shared_ptr<std::string const>>>;
  std::optional<Messages> peek(ChannelName const& channel, std::size_t bytes_max) const;

  std::size_t bytes_held() const;
  std::size_t pulls_waiting() const;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // timers under way hold it weakly
};

}  // namespace arangosync::direct
