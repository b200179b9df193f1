// Views of the cluster model: definitions that lead to collections or to their indexes (spec arangodb-write 5.1).
#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_model.h"

#include <algorithm>
#include <utility>

namespace arangosync::sim {

ModelView const* ClusterModel::find_view(std::string_view database, std::string_view name_or_id) const {
  ModelDatabase const* holder = find_database(database);
  if (holder == nullptr) return nullptr;
  for (auto const& [name, view] : holder->views) {
    if (name == name_or_id || view.id == name_or_id) return &view;
  }
  return nullptr;
}

ModelResult<Done> ClusterModel::check_view(ModelDatabase const& database, ModelView const& view) {
  for (auto const& [collection, link] : view.links) {
    if (collection_of(database, collection) != nullptr) continue;
    auto text = "while validating arangosearch link definition, error: collection '" + collection + "' not found";
    return unexpected(model_error(1203, std::move(text)));
  }
  for (auto const& [collection, index] : view.indexes) {
    ModelCollection const* found = collection_of(database, collection);
    if (found == nullptr) return unexpected(model_error(1203));
    bool has_index = std::any_of(found->indexes.begin(), found->indexes.end(), [&, name = index](auto const& each) {
      return each.type == "inverted" && each.name == name;
    });
    if (!has_index) return unexpected(model_error(1212));
  }
  return Done{};
}

ModelResult<ModelView const*> ClusterModel::create_view(std::string const& database, ModelView view,
                                                        ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  bool is_taken = holder->views.contains(view.name) || holder->collections.contains(view.name);
  if (is_taken) return unexpected(model_error(1207));
  if (auto checked = check_view(*holder, view); !checked) return unexpected(checked.error());
  view.id = std::to_string(next_id());
  std::string name = view.name;
  ++plan_version_;
  return &holder->views.emplace(std::move(name), std::move(view)).first->second;
}

ModelResult<ModelView const*> ClusterModel::change_view(std::string const& database, ModelView view,
                                                        ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  auto found = holder->views.find(view.name);
  if (found == holder->views.end()) return unexpected(model_error(1203));
  if (auto checked = check_view(*holder, view); !checked) return unexpected(checked.error());
  view.id = found->second.id;
  view.type = found->second.type;
  found->second = std::move(view);
  ++plan_version_;
  return &found->second;
}

ModelResult<ModelView const*> ClusterModel::rename_view(std::string const& database, std::string const& view,
                                                        std::string const& name, ModelCaller caller) {
  if (!options_.is_single_server) return unexpected(model_error(1470));
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  if (!holder->views.contains(view)) return unexpected(model_error(1203));
  bool is_taken = holder->views.contains(name) || holder->collections.contains(name);
  if (is_taken) return unexpected(model_error(1207));
  auto node = holder->views.extract(view);
  node.key() = node.mapped().name = name;
  ++plan_version_;
  return &holder->views.insert(std::move(node)).position->second;
}

ModelResult<Done> ClusterModel::drop_view(std::string const& database, std::string const& view, ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return allowed;
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  if (holder->views.erase(view) == 0) return unexpected(model_error(1203));
  ++plan_version_;
  return Done{};
}

void ClusterModel::note_changed_analyzers(std::string const& database) {
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return;
  ++holder->analyzers_revision;
  ++plan_version_;
}

void ClusterModel::note_changed_users() {
  ++user_version_;
  ++plan_version_;
}

}  // namespace arangosync::sim
