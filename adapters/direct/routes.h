// What a worker serves of the direct queue (spec arangosync-api 5.2, 5.4) and the tokens that open single channels.
// Called by rest::WorkerServer after it has authenticated the caller; answers 404 for what is not there, 400 for what
// it cannot read. Thread-safe. `telemetry` outlives the store: a waiting pull is counted when it is answered.
//
//   POST /_api/mq/direct/pull                          direct/frames.h, long poll
//   GET  /_api/mq/direct/channel/{channel}/messages    {"messages":[{"offset":1,"message":"<base64>"}]}
//   POST /_api/mq/direct/channel/{channel}/commit      {"offset":1}
//   POST /_api/mq/direct/channel/{channel}/token       {"token":"…","token-ttl":ns}
#pragma once

#include "adapters/direct/channel_store.h"
#include "adapters/http/http.h"
#include "ports/runtime.h"
#include "ports/telemetry.h"

#include <map>
#include <mutex>
#include <string_view>

namespace arangosync::direct {

class Routes {
public:
  Routes(ChannelStore& store, ports::Clock& clock, ports::Telemetry& telemetry)
      : store_(store), clock_(clock), telemetry_(telemetry) {}

  /// `target` begins with _api/mq/direct.
  void serve(http::Request const& request, http::Target const& target, http::Responder respond);

  /// Was this token given for this channel, and does it live?
  bool opens(ChannelName const& channel, std::string_view token);

private:
  struct Key {
    std::string token;  // secret
    Instant expires_at;
  };

  void pull(http::Request const& request, http::Responder respond);
  http::Response messages(ChannelName const& channel);
  http::Response commit(ChannelName const& channel, std::string_view body);
  http::Response take_token(ChannelName const& channel, std::string_view body);

  ChannelStore& store_;
  ports::Clock& clock_;
  ports::Telemetry& telemetry_;
  std::mutex mutex_;
  std::map<ChannelName, std::vector<Key>> keys_;
};

}  // namespace arangosync::direct
