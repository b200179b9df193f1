// A worker as the master knows it (spec arangosync-agency 2.5, arangosync-api 5.1).
#pragma once

#include "domain/base/ids.h"

#include <cstdint>
#include <string>

namespace arangosync::membership {

struct WorkerRecord {
  WorkerId id;
  Url endpoint;
  Token token;  ///< 20 characters chosen by the worker process: a new one at the same endpoint is a new process; secret
  std::uint64_t server_id = 0;  ///< positive int64
  std::string host;
  friend bool operator==(WorkerRecord const&, WorkerRecord const&) = default;
};

}  // namespace arangosync::membership
