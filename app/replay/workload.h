// Users of the source cluster: they create, write, truncate and drop, and know nothing of replication.
//
// Works on the model directly: its users have no bad network, an acknowledged write is what counts. They are no
// superusers: a read-only source refuses them, and they try something else later. Everything is drawn from the seed.
#pragma once

#include "adapters/sim/cluster_model.h"
#include "adapters/sim/world.h"
#include "app/replay/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::replay {

class Workload {
public:
  Workload(sim::World& world, sim::ClusterModel& source, Options const& options);

  /// Databases, collections and documents that are there before anything is replicated.
  void prepare();
  /// Writes and changes structure until `until`.
  void run(Instant until);

  /// The source is as it was at an earlier moment: users find what is there.
  void look_around();

  /// One change of structure, now.
  void change_structure();

  std::uint64_t writes() const { return writes_; }

private:
  struct Place {
    std::string database;
    std::string collection;
  };
  bool may_act() const { return world_.now() < until_; }
  void write_later();
  void change_later();
  void write();
  void create_collection(std::string const& database, std::string const& name);
  void create_some_collection();
  void drop_some_collection(bool create_again);
  void change_index();
  void change_properties();
  std::uint32_t copies_max() const;
  void truncate();
  void change_database();
  bool change_extras();
  void change_view(std::string const& database);
  void change_rare_property(Place const& place);
  void change_graph(std::string const& database);

  std::string key();
  std::string body(std::string const& key);
  void write_many(Place const& place);

  sim::World& world_;
  sim::ClusterModel& source_;
  Options const options_;
  Draw draw_;
  Draw extras_;  // of its own, so that all else of a seed is as it would be without
  Instant until_;
  std::vector<std::string> databases_{"_system"};
  std::vector<Place> collections_;
  std::uint64_t names_ = 0;
  std::uint64_t writes_ = 0;
  bool is_writing_ = false;  // the next write, or change, is scheduled
  bool is_changing_ = false;
};

}  // namespace arangosync::replay
