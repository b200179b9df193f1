// What all servers of a sandbox share, behind one lock.
#pragma once

#include "adapters/sim/agency_model.h"
#include "adapters/sim/cluster_model.h"
#include "app/sandbox/dialect.h"
#include "app/sandbox/faults.h"
#include "app/sandbox/sandbox.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace arangosync::sandbox {

/// An open query result: what was found when the query ran.
struct Cursor {
  std::vector<sim::ModelDocumentPtr> documents;
  std::string attribute;  ///< "RETURN d.<attribute>"; empty: whole documents
  std::size_t next = 0;
  std::size_t batch_size = 1000;
  bool with_count = false;
};

struct Shared {
  explicit Shared(Options options_in);

  Options options;
  Dialect dialect;

  Faults faults;
  std::atomic<Duration> clock_offset{Duration{0}};  ///< to the true time
  WallTime now() const;

  std::mutex lock;
  std::vector<std::string> secrets;  ///< all are accepted, the first signs; none: no authentication
  sim::ClusterModel model;
  sim::AgencyModel agency;
  std::uint64_t published_plan = 0;  ///< plan version that the agency shows
  std::map<std::string, Cursor> cursors;
  std::string agent_endpoint;
  /// What Coordinators know of users: documents of _users by user, as they were when they were read last. Documents
  /// that are written directly are not noticed (spec arangodb-write 7.4).
  std::map<std::string, sim::ModelDocumentPtr, std::less<>> users;
  /// Mounts of the Foxx services that each Coordinator has installed, by server and database (spec arangodb-write 8.3).
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>> services;

  /// All servers run another version now; what there is stays as it is.
  void upgrade(std::string version);
  /// All Coordinators read the users again.
  void reload_users();
  /// Brings /arango in the agency up to date with the model.
  void publish();
  /// Also if the model has not changed.
  void publish_anew();
};

}  // namespace arangosync::sandbox
