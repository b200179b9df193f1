// The reading half of the direct queue: finds where each channel is published, holds one long poll per (remote
// datacenter, remote worker), hands messages to the worker's inbox in channel order, and tells what is dealt with.
// Called by DirectQueue.
//
//   subscribed ──lookup at a remote master──▶ bound to a pull ──unknown there, or worker gone──▶ looked up again
//   (back-off)
//
// All state is under one mutex; callbacks of the HTTP client take it for moments. Decoding happens outside of it.
#pragma once

#include "adapters/direct/direct_queue.h"

#include <memory>

namespace arangosync::direct {

class Subscriber {
public:
  Subscriber(http::Io& io, ports::Inbox<worker::Command>& inbox, ports::Clock& clock, ports::EntropySource& entropy,
             ports::Telemetry& telemetry, DirectOptions options);
  ~Subscriber();

  void subscribe(worker::Subscribe const& effect);
  void unsubscribe(ChannelName const& channel);
  void commit(ChannelName const& channel, Offset offset);

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // calls and timers under way hold it weakly
};

}  // namespace arangosync::direct
