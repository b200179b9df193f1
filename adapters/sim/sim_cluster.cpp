#include "adapters/sim/sim_cluster.h"

#include "adapters/sim/cluster_render.h"
#include "domain/base/check.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace arangosync::sim {

namespace {

using Members = std::map<std::string, std::string>;  // JSON text by name: sorted, so the object below is canonical

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (char const c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

std::string object(Members const& members) {
  std::string json = "{";
  for (auto const& [name, value] : members) {
    if (json.size() > 1) json += ',';
    json += quoted(name) + ':' + value;
  }
  return json + '}';
}

/// Members of two objects as one object's text; they have no member in common.
std::string joined(std::string_view a, std::string_view b) {
  auto const inner = [](std::string_view json) { return json.size() < 2 ? json : json.substr(1, json.size() - 2); };
  std::string json = "{" + std::string(inner(a));
  if (!inner(a).empty() && !inner(b).empty()) json += ',';
  return json + std::string(inner(b)) + "}";
}

Members chosen(std::map<std::string, std::string> const& attributes, std::initializer_list<std::string_view> names) {
  Members members;
  for (auto const& [name, value] : attributes) {
    if (std::find(names.begin(), names.end(), name) != names.end()) members.emplace(name, value);
  }
  return members;
}

inventory::Index structure_of(ModelIndex const& index) {
  Members members(index.attributes.begin(), index.attributes.end());
  std::string fields = "[";
  for (auto const& field : index.fields) {
    if (fields.size() > 1) fields += ',';
    fields += quoted(field);
  }
  members["fields"] = fields + "]";
  members["unique"] = index.is_unique ? "true" : "false";
  members["sparse"] = index.is_sparse ? "true" : "false";
  return inventory::Index{index.id, index.name, index.type, object(members)};
}

inventory::View structure_of(ModelView const& view) {
  inventory::View shown;
  shown.type = view.type;
  shown.mutable_properties = object(view.properties);
  shown.immutable_properties = "{}";
  for (auto const& [collection, link] : view.links) shown.links.emplace(CollectionName(collection), link);
  for (auto const& [collection, index] : view.indexes) shown.indexes.insert({CollectionName(collection), index});
  return shown;
}

}  // namespace

SimCluster::SimCluster(World& world, Network& network, Datacenter datacenter, unsigned db_servers,
                       bool has_revision_trees, std::uint64_t truncate_marker_from)
    : revision_trees(has_revision_trees) {
  std::string const prefix = name_of(datacenter);
  ClusterModel::Options options;
  options.db_servers = db_servers;
  options.now = [&world] { return world.wall_now(); };
  options.seed = world.draw().next();
  options.truncate_marker_from = truncate_marker_from;
  options.revision_trees = revision_trees;
  options.all_system_collections = false;
  options.system_collections = {"_graphs", "_jobs"};
  options.cluster_id = "00000000-0000-4000-8000-00000000000" + prefix;
  model = std::make_unique<ClusterModel>(std::move(options));
  coordinator = network.add_node(datacenter, prefix + "/coordinator");
  AgencyModel::Options agency_options;
  agency_options.now = [&world] { return world.now(); };
  agency = std::make_unique<AgencyModel>(std::move(agency_options));
  agency_node = network.add_node(datacenter, prefix + "/agency");
  for (auto const& server : model->db_servers()) {
    servers[ServerId(server.id)] = network.add_node(datacenter, prefix + "/" + server.short_name);
  }
}

shard::Position const* SimCluster::position_of(ShardRef const& shard) const {
  auto const kept = positions.find(shard);
  if (kept == positions.end()) return nullptr;
  auto const pulse = pulses.find(kept->second.stamp.pulse);
  bool const is_good = pulse != pulses.end() && pulse->second >= kept->second.stamp.beat;
  return is_good ? &kept->second.position : nullptr;
}

void SimCluster::take_backup() { kept_ = Kept{model->backup(), origins, positions, pulses}; }

bool SimCluster::restore_backup() {
  if (!kept_) return false;
  model->restore(*kept_->model);
  origins = kept_->origins;
  positions = kept_->positions;
  pulses = kept_->pulses;
  return true;
}

inventory::Collection structure_of(ModelCollection const& collection) {
  inventory::Collection shown;
  shown.id = collection.id;
  shown.name = CollectionName(collection.name);
  shown.type = collection.type;
  shown.is_system = collection.is_system;
  shown.distribute_shards_like = collection.distribute_shards_like;
  shown.immutable_properties = object(
      chosen(collection.attributes, {"numberOfShards", "shardKeys", "shardingStrategy", "keyOptions", "isSmart"}));
  shown.mutable_properties =
      object(chosen(collection.attributes,
                    {"waitForSync", "schema", "computedValues", "cacheEnabled", "replicationFactor", "writeConcern"}));
  for (auto const& shard : collection.shards) {
    inventory::Shard placed{ShardName(shard.name), {}};
    for (auto const& server : shard.servers) placed.servers.emplace_back(server);
    shown.shards.push_back(std::move(placed));
  }
  for (auto const& index : collection.indexes) {
    if (index.type == "primary" || index.type == "edge") continue;
    shown.indexes.push_back(structure_of(index));
  }
  return shown;
}

inventory::Structure structure_of(ClusterModel const& model) {
  inventory::Structure structure;
  for (auto const& [name, database] : model.databases()) {
    inventory::Database shown;
    shown.name = DatabaseName(name);
    shown.id = database.id;
    shown.options = object(chosen(database.options, {"sharding", "replicationFactor", "writeConcern"}));
    for (auto const& [collection_name, collection] : database.collections) {
      shown.collections.emplace(CollectionName(collection_name), structure_of(*collection));
    }
    auto& views = shown.views.emplace();
    for (auto const& [view_name, view] : database.views) {
      views.emplace(inventory::ViewName(view_name), structure_of(view));
    }
    structure.databases.emplace(shown.name, std::move(shown));
  }
  return structure;
}

inventory::Structure const& structure_of(SimCluster& cluster) {
  auto& known = cluster.known_structure;
  if (known.plan_version != cluster.model->plan_version()) {
    known.structure = structure_of(*cluster.model);
    known.plan_version = cluster.model->plan_version();
  }
  return known.structure;
}

std::string creating_body(inventory::Collection const& collection) {
  Members members;
  members["name"] = quoted(collection.name.value());
  members["type"] = std::to_string(collection.type);
  members["isSystem"] = collection.is_system ? "true" : "false";
  if (!collection.distribute_shards_like.empty()) {
    members["distributeShardsLike"] = quoted(collection.distribute_shards_like);
  }
  return joined(object(members), joined(collection.immutable_properties, collection.mutable_properties));
}

std::string creating_body(inventory::Index const& index) {
  Members members;
  members["type"] = quoted(index.type);
  members["name"] = quoted(index.name);
  return joined(object(members), index.definition);
}

std::optional<revision::Tree> tree_of_documents(std::vector<ModelDocumentPtr> const& documents) {
  revision::Tree tree;
  for (auto const& document : documents) {
    if (!tree.insert(revision::RevisionId(document->revision_number))) return std::nullopt;
  }
  return tree;
}

Fault fault_of(ModelError const& error) {
  std::string message = error.message + " (" + std::to_string(error.number) + ")";
  switch (error.number) {
    case 1203:  // collection or view not found
    case 1228:  // database not found
    case 1202:  // document not found
    case 1212:  // index not found
      return Fault{FaultClass::NotFound, std::move(message)};
    case 1004:  // read-only
    case 1495:
    case 1496:  // not the leader
      return Fault{FaultClass::Retry, std::move(message)};
    default:
      break;
  }
  if (error.status == 404) return Fault{FaultClass::NotFound, std::move(message)};
  if (error.status == 401 || error.status == 403) return Fault{FaultClass::Denied, std::move(message)};
  if (error.status == 429 || error.status >= 500) return Fault{FaultClass::Retry, std::move(message)};
  return Fault{FaultClass::Permanent, std::move(message)};
}

void SimCluster::show_plan() {
  if (model->plan_version() == shown_plan_version_) return;
  shown_plan_version_ = model->plan_version();
  agency->put("/arango", agency_json(*model, "3.9.12", utc_text(model->now())));
}

}  // namespace arangosync::sim
