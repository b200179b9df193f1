// Which ArangoDB clusters can be synchronized, and one clear line for those that cannot (spec
// arangosync-metrics-and-ops 6, arangodb-read 9.1, 9.2, 9.6).
//
// Called at first contact (calls.cpp). Pure: answers go in as texts. Where a server does not say, it is not refused.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace arangosync::cluster {

/// Older ones have neither the RocksDB log per DB-Server nor its inventory.
inline constexpr int oldest_major = 3;
inline constexpr int oldest_minor = 3;

/// `version` as `/_api/version` tells it, "3.9.12" or "3.10.0-devel": only its two first numbers count.
std::optional<std::string> unfit_version(std::string_view version);
/// `role` as `/_admin/server/role` tells it.
std::optional<std::string> unfit_role(std::string_view role);
/// Storage engines of the servers, as far as they name them.
std::optional<std::string> unfit_engine(std::set<std::string> const& engines);

/// What two clusters are compared by (spec arangodb-write 12, arangosync-metrics-and-ops 6.1).
struct Kind {
  std::string version;                 ///< of its oldest server; empty: not known
  std::optional<bool> extended_names;  ///< may databases have names of nearly any characters? Before 3.9 nobody tells
};
/// `Current/ServersRegistered` of the agency, wherever it stands in the answer (spec arangodb-read 3.2).
Kind kind_of(std::string_view agency_text);
/// Why a cluster of that kind cannot be the source of ours. A target that allows more than its source is fit: who
/// upgrades the target first, as the rule demands, has such a pair.
std::optional<std::string> unfit_source(Kind const& source, Kind const& own);

}  // namespace arangosync::cluster
