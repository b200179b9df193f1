// The writing half of the direct queue: encodes messages on Io threads, in order per channel, into the ChannelStore.
// Called by DirectQueue. The engine's strand never pays for compression.
#pragma once

#include "adapters/direct/channel_store.h"
#include "domain/worker/vocabulary.h"
#include "ports/inbox.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace arangosync::direct {

class Publisher : public std::enable_shared_from_this<Publisher> {
public:
  Publisher(http::Io& io, ChannelStore& store, ports::Inbox<worker::Command>& inbox)
      : io_(io), store_(store), inbox_(inbox) {}

  void publish(worker::Publish effect);
  void drop(ChannelName const& channel);
  void stop();  ///< nothing reaches store or inbox after this

private:
  struct Line {
    std::deque<worker::Publish> waiting;
    bool is_running = false;
    std::uint64_t life = 0;  ///< counts drops: what was being encoded meanwhile is not published
  };

  void start(ChannelName const& channel, Line& line);
  void run(ChannelName const& channel);
  void answer(worker::Publish const& effect, Outcome<Done> outcome);

  http::Io& io_;
  ChannelStore& store_;
  ports::Inbox<worker::Command>& inbox_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::map<ChannelName, Line> lines_;
};

}  // namespace arangosync::direct
