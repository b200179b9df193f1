// ports::Queue over HTTPS without a broker (spec arangosync-api 5.4, 6; design page 5): messages wait in the sending
// worker's ChannelStore until the other datacenter has pulled and committed them. Made by app/worker, lives in a
// worker. Calls never block; answers and messages come through the inbox.
#pragma once

#include "adapters/direct/channel_store.h"
#include "adapters/http/http.h"
#include "ports/inbox.h"
#include "ports/queue.h"
#include "ports/runtime.h"
#include "ports/telemetry.h"

#include <memory>

namespace arangosync::direct {

struct DirectOptions {
  Duration pull_wait{std::chrono::seconds(20)};         ///< how long a pull without messages is held open
  Duration call_grace{std::chrono::seconds(15)};        ///< more than that, and a pull has failed
  Duration retry_step{std::chrono::milliseconds(250)};  ///< doubled per failure up to …
  Duration retry_most{std::chrono::seconds(2)};
  Duration commit_delay{std::chrono::milliseconds(200)};
  Duration regroup_delay{std::chrono::milliseconds(20)};  ///< changes of a pull's channels are gathered this long
  std::uint32_t answer_bytes_max = 8u << 20;
  std::size_t lookups_max = 16;  ///< at the same time, at each of the other datacenters
};

class DirectQueue final : public ports::Queue {
public:
  DirectQueue(http::Io& io, ChannelStore& store, ports::Inbox<worker::Command>& inbox, ports::Clock& clock,
              ports::EntropySource& entropy, ports::Telemetry& telemetry, DirectOptions options = {});
  ~DirectQueue() override;  ///< nothing is posted after this

  void perform(worker::Subscribe const& effect) override;
  void perform(worker::Unsubscribe const& effect) override;
  void perform(worker::Commit const& effect) override;
  void perform(worker::Publish const& effect) override;
  void perform(worker::DropChannel const& effect) override;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::direct
