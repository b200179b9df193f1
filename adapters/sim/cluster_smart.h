// Smart edge collections of the cluster model (spec arangodb-write 3.7): the collection itself has no shards; its edges
// lie in hidden ones that are made, emptied and dropped with it. An edge within one value of the smart attribute lies
// in `_local_…`, every other one twice, in `_from_…` and `_to_…`, under one key and one revision.
//
// How a real Coordinator gives the two their revision is not known for sure; here they share it.
#pragma once

#include "adapters/sim/cluster_documents.h"

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

/// It has no shards of its own.
bool is_smart_edge(ModelCollection const& collection);
/// A hidden one: nobody but the server may make, write or drop it.
bool is_smart_child(std::string_view name);

struct SmartChild {
  std::string name;
  std::string shard_key;
};
/// Those that a smart edge collection has; without edges between two values of the attribute only the first.
std::vector<SmartChild> children_of(ModelCollection const& whole);

/// Does the edge of that key lie within one value of the attribute? Keys are "<from's value>:<rest>:<to's value>".
bool is_local_edge(std::string_view key);

/// The name a document's _id shows.
std::string visible_name(ModelCollection const& collection);

/// One request's work on a smart edge collection.
class SmartEdgeWriter {
public:
  /// `whole` was made by the model, so its children are there.
  SmartEdgeWriter(ClusterModel& model, std::string const& database, std::vector<ModelCollection*> children,
                  WriteOptions const& options, bool is_single);

  WriteResult insert(std::string_view item);
  WriteResult change(std::string_view item, std::string_view key, bool is_update);
  WriteResult remove(std::string_view item, std::string_view key);
  void commit();

private:
  /// The second copy of an edge that was just stored.
  WriteResult copied(WriteResult result);

  ClusterModel& model_;
  WriteOptions copy_options_;
  std::vector<DocumentWriter> writers_;  ///< local, from, to
};

}  // namespace arangosync::sim
