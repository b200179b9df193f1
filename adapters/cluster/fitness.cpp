#include "adapters/cluster/fitness.h"

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

std::optional<std::string> unfit_engine(std::set<std::string> const& engines) {
  for (std::string const& engine : engines) {
    if (engine == "rocksdb") continue;
    return "a server uses the storage engine " + engine +
           ": only rocksdb has the log that is read here; convert the cluster by dump and restore";
  }
  return std::nullopt;
}

}  // namespace arangosync::cluster
