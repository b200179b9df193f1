#include "adapters/cluster/fitness.h"

#include "adapters/cluster/json_value.h"

#include <charconv>
#include <utility>

namespace arangosync::cluster {
namespace {

/// Major and minor; nothing if the text does not begin with two numbers.
std::optional<std::pair<int, int>> release_of(std::string_view version) {
  char const* const end = version.data() + version.size();
  int major = 0;
  auto const [dot, major_error] = std::from_chars(version.data(), end, major);
  if (major_error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  int minor = 0;
  auto const [rest, minor_error] = std::from_chars(dot + 1, end, minor);
  if (minor_error != std::errc()) return std::nullopt;
  return std::pair(major, minor);
}

}  // namespace

std::optional<std::string> unfit_version(std::string_view version) {
  auto const release = release_of(version);
  if (!release || *release >= std::pair(oldest_major, oldest_minor)) return std::nullopt;
  return "ArangoDB " + std::string(version) + " is too old: the oldest that can be synchronized is " +
         std::to_string(oldest_major) + "." + std::to_string(oldest_minor);
}

std::optional<std::string> unfit_role(std::string_view role) {
  if (role == "COORDINATOR") return std::nullopt;
  std::string const has_role = "has the role " + std::string(role) + ": ";
  if (role == "SINGLE") {
    return has_role + "a single server or an Active Failover pair cannot be synchronized, only a cluster";
  }
  return has_role + "--cluster.endpoint must name a Coordinator";
}

namespace {

boost::json::value const* find_registered(boost::json::value const& value) {
  if (auto const* list = value.if_array()) return list->empty() ? nullptr : find_registered(list->front());
  if (auto const* found = member(value, "ServersRegistered")) return found;
  for (auto const* level : {"arango", "Current"}) {
    if (auto const* inner = member(value, level)) return find_registered(*inner);
  }
  return nullptr;
}

}  // namespace

Kind kind_of(std::string_view agency_text) {
  Kind kind;
  auto const answer = parse_json(agency_text);
  auto const* registered = answer ? find_registered(*answer) : nullptr;
  if (registered == nullptr || !registered->is_object()) return kind;
  for (auto const& [id, server] : registered->get_object()) {
    auto const version = string_of(server, "versionString");
    bool const is_older = version && (kind.version.empty() || release_of(*version) < release_of(kind.version));
    if (is_older) kind.version = *version;
    if (member(server, "extendedNamesDatabases") == nullptr) continue;
    bool const allows = true_of(server, "extendedNamesDatabases");
    kind.extended_names = kind.extended_names.value_or(true) && allows;
  }
  return kind;
}

std::optional<std::string> unfit_source(Kind const& source, Kind const& own) {
  auto const there = release_of(source.version);
  auto const here = release_of(own.version);
  if (there && here && *here < *there) {
    return "the source runs ArangoDB " + source.version + ", this datacenter " + own.version +
           ": a target must not be older than its source; upgrade this datacenter first";
  }
  bool const is_narrower = source.extended_names.value_or(false) && !own.extended_names.value_or(true);
  if (!is_narrower) return std::nullopt;
  return std::string("the source allows extended names and this datacenter does not: start its servers with the ") +
         "source's --database.extended-names";
}

std::optional<std::string> unfit_engine(std::set<std::string> const& engines) {
  for (std::string const& engine : engines) {
    if (engine == "rocksdb") continue;
    return "a server uses the storage engine " + engine +
           ": only rocksdb has the log that is read here; convert the cluster by dump and restore";
  }
  return std::nullopt;
}

}  // namespace arangosync::cluster
