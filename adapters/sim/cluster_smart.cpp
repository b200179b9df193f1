#include "adapters/sim/cluster_smart.h"

#include <algorithm>
#include <array>
#include <utility>

namespace arangosync::sim {
namespace {

constexpr std::array child_prefixes = {"_local_", "_from_", "_to_"};

bool is_set(ModelCollection const& collection, char const* attribute) {
  auto const found = collection.attributes.find(attribute);
  return found != collection.attributes.end() && found->second == "true";
}

/// "towns/C1:t7" → "C1".
std::string value_of(std::string_view vertex) {
  std::string id = json::text_of(vertex);
  auto const slash = id.find('/');
  auto const colon = id.find(':', slash == std::string::npos ? 0 : slash);
  if (slash == std::string::npos || colon == std::string::npos) return "";
  return id.substr(slash + 1, colon - slash - 1);
}

std::string key_of(std::string_view item) {
  std::string text = json::text_of(json::is_string(item) ? item : json::find(item, "_key"));
  if (text.empty() && json::is_object(item)) text = json::text_of(json::find(item, "_id"));
  return text.substr(text.find('/') == std::string::npos ? 0 : text.find('/') + 1);
}

WriteResult refused(int number) {
  WriteResult result;
  result.error = number;
  result.message = model_error(number).message;
  return result;
}

}  // namespace

bool is_smart_child(std::string_view name) {
  return std::any_of(child_prefixes.begin(), child_prefixes.end(),
                     [&](char const* prefix) { return name.starts_with(prefix); });
}

bool is_smart_edge(ModelCollection const& collection) {
  return collection.type == 3 && is_set(collection, "isSmart") && !is_smart_child(collection.name);
}

std::vector<SmartChild> children_of(ModelCollection const& whole) {
  std::vector<SmartChild> children{{"_local_" + whole.name, "_key:"}};
  if (is_set(whole, "isDisjoint")) return children;
  children.push_back({"_from_" + whole.name, "_key:"});
  children.push_back({"_to_" + whole.name, ":_key"});
  return children;
}

bool is_local_edge(std::string_view key) { return key.substr(0, key.find(':')) == key.substr(key.rfind(':') + 1); }

std::string visible_name(ModelCollection const& collection) {
  for (std::string_view const prefix : child_prefixes) {
    if (collection.name.starts_with(prefix)) return collection.name.substr(prefix.size());
  }
  return collection.name;
}

SmartEdgeWriter::SmartEdgeWriter(ClusterModel& model, std::string const& database,
                                 std::vector<ModelCollection*> children, WriteOptions const& options, bool is_single)
    : model_(model) {
  copy_options_.caller = options.caller;
  copy_options_.is_restore = true;
  copy_options_.overwrite = Overwrite::Replace;
  writers_.reserve(children.size());
  for (std::size_t i = 0; i < children.size(); ++i) {
    writers_.emplace_back(model, database, *children[i], i == 2 ? copy_options_ : options, is_single);
  }
}

WriteResult SmartEdgeWriter::copied(WriteResult result) {
  if (result.error == 0 && result.now != nullptr) writers_.at(2).insert(result.now->text);
  return result;
}

WriteResult SmartEdgeWriter::insert(std::string_view item) {
  if (!json::is_object(item)) return refused(1227);
  std::string const from = value_of(json::find(item, "_from"));
  std::string const to = value_of(json::find(item, "_to"));
  std::string key = key_of(item);
  if (key.empty()) key = from + ":" + std::to_string(model_.next_id()) + ":" + to;
  bool const is_right = key.starts_with(from + ":") && key.ends_with(":" + to) && !from.empty() && !to.empty();
  if (!is_right) return refused(4003);
  if (from != to && writers_.size() < 3) return refused(4003);
  json::Object keyed;
  keyed.text("_key", key);
  for (auto const& member : json::members(item)) {
    if (member.name != "_key") keyed.raw(member.name, member.value);
  }
  std::string const body = keyed.take();
  return from == to ? writers_[0].insert(body) : copied(writers_[1].insert(body));
}

WriteResult SmartEdgeWriter::change(std::string_view item, std::string_view key, bool is_update) {
  std::string const named = key.empty() ? key_of(item) : std::string(key);
  if (named.empty()) return refused(1221);
  bool const is_local = is_local_edge(named);
  if (!is_local && writers_.size() < 3) return refused(1202);
  DocumentWriter& writer = writers_[is_local ? 0 : 1];
  WriteResult result = is_update ? writer.update(item, named) : writer.replace(item, named);
  return is_local ? result : copied(std::move(result));
}

WriteResult SmartEdgeWriter::remove(std::string_view item, std::string_view key) {
  std::string const named = key.empty() ? key_of(item) : std::string(key);
  if (named.empty()) return refused(1202);
  bool const is_local = is_local_edge(named);
  if (!is_local && writers_.size() < 3) return refused(1202);
  WriteResult result = writers_[is_local ? 0 : 1].remove(item, named);
  if (!is_local && result.error == 0) writers_[2].remove("", named);
  return result;
}

void SmartEdgeWriter::commit() {
  for (auto& writer : writers_) writer.commit();
}

// ---- what the model offers ----

ModelDatabase const* ClusterModel::holder_of(ModelCollection const& collection) const {
  for (auto const& [name, database] : databases_) {
    auto const found = database.collections.find(collection.name);
    if (found != database.collections.end() && found->second.get() == &collection) return &database;
  }
  return nullptr;
}

std::vector<ModelShard const*> ClusterModel::shards_of(ModelCollection const& collection) const {
  std::vector<ModelShard const*> shards;
  auto const add = [&](ModelCollection const& some) {
    for (auto const& shard : some.shards) shards.push_back(&shard);
  };
  add(collection);
  if (!is_smart_edge(collection)) return shards;
  ModelDatabase const* holder = holder_of(collection);
  for (char const* prefix : {"_local_", "_from_"}) {
    auto const* child = holder == nullptr ? nullptr : collection_of(*holder, prefix + collection.name);
    if (child != nullptr) add(*child);
  }
  return shards;
}

ModelResult<Done> ClusterModel::create_children(std::string const& database, ModelCollection const& whole) {
  for (auto const& child : children_of(whole)) {
    json::Object body;
    body.text("name", child.name).number("type", 3).flag("isSystem", true).flag("isSmartChild", true);
    body.raw("shardKeys", json::array_of_texts({child.shard_key}));
    for (auto const& [name, value] : whole.attributes) {
      if (name != "isSmartChild") body.raw(name, value);
    }
    if (!whole.distribute_shards_like.empty()) body.text("distributeShardsLike", whole.distribute_shards_like);
    auto made = create_collection(database, body.take());
    if (!made) return unexpected(made.error());
  }
  return Done{};
}

std::vector<ModelCollection*> ClusterModel::children_in(ModelDatabase const& database, ModelCollection const& whole) {
  std::vector<ModelCollection*> children;
  if (!is_smart_edge(whole)) return children;
  for (auto const& child : children_of(whole)) {
    if (auto* found = collection_of(database, child.name)) children.push_back(found);
  }
  return children;
}

}  // namespace arangosync::sim
