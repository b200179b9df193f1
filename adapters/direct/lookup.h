// GET /_api/mq/direct/channel/{channel}/endpoint: where a channel can be read (spec arangosync-api 5.4). Its answer as
// a value and as JSON; made by rest::MasterServer, read by the subscriber. "worker" is our extension: whom a pull has
// to name.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::direct {

struct ChannelPlace {
  std::vector<Url> endpoints;  ///< of masters that pass reads on
  std::string ca_certificate;
  Token token;
  Duration token_lifetime{0};
  WorkerId worker;
  friend bool operator==(ChannelPlace const&, ChannelPlace const&) = default;
};

std::string to_json(ChannelPlace const& place);
Expected<ChannelPlace, std::string> channel_place(std::string_view json);

}  // namespace arangosync::direct
