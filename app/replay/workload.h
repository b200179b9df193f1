// Users of the source cluster: they create, write, truncate and drop, and know nothing of replication.
//
// Works on the model directly (its users have no bad network: an acknowledged write is what counts) and tells the
// History of every change. Everything is drawn from the seed.
#pragma once

#include "adapters/sim/cluster_model.h"
#include "adapters/sim/world.h"
#include "app/replay/history.h"
#include "app/replay/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::replay {

class Workload {
public:
  Workload(sim::World& world, sim::ClusterModel& source, History& history, Options const& options);

  /// Databases, collections and documents that are there before anything is replicated.
  void prepare();
  /// Writes and changes structure until `until`.
  void run(Instant until);

  std::uint64_t writes() const { return writes_; }

private:
  struct Place {
    std::string database;
    std::string collection;
  };
  void write_later();
  void change_later();
  void write();
  void change_structure();
  void create_collection(std::string const& database, std::string const& name);
  void create_some_collection();
  void drop_some_collection(bool create_again);
  void change_index();
  void truncate();
  void change_database();

  std::string key();
  std::string body(std::string const& key);
  void write_many(Place const& place);
  void record(Place const& place, sim::ModelResult<std::vector<sim::WriteResult>> const& results);
  void record_one(Place const& place, sim::ModelResult<sim::WriteResult> const& result);
  void record(Place const& place, sim::WriteResult const& result);

  sim::World& world_;
  sim::ClusterModel& source_;
  History& history_;
  Options const options_;
  Draw draw_;
  Instant until_;
  std::vector<std::string> databases_{"_system"};
  std::vector<Place> collections_;
  std::uint64_t names_ = 0;
  std::uint64_t writes_ = 0;
};

}  // namespace arangosync::replay
