// `arangosync sandbox load`: the documents and collections of an arangodump folder go into a running cluster, over the
// public API, so that anybody can try the replicator on a copy of their own data.
//
// Called by app/cli. Made for the sandbox, works with any Coordinator of an empty cluster. Documents keep their keys
// and their bytes, not their revisions. Loading twice gives the same.
#pragma once

#include "adapters/http/http.h"
#include "domain/base/result.h"

#include <cstdint>
#include <ostream>
#include <string>

namespace arangosync::sandbox {

struct LoadWish {
  std::string folder;
  http::Endpoint coordinator;
  http::ClientTls tls;
  std::string user;
  std::string password;      ///< secret
  std::string database;      ///< instead of the one that the dump names; only for a dump of one database
  std::uint32_t shards = 0;  ///< of every collection; 0: as dumped, 3 if the dump does not say
};

struct LoadReport {
  std::uint64_t collections = 0;
  std::uint64_t documents = 0;
  std::uint64_t refused = 0;          ///< documents, told in `progress` by their collection
  std::uint64_t indexes_refused = 0;  ///< told in `progress`, with the reason
};

/// A line per collection goes to `progress`. The error is one line.
Expected<LoadReport, std::string> load_dumps(LoadWish const& wish, std::ostream& progress);

}  // namespace arangosync::sandbox
