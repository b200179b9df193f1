#include "adapters/codec/structure.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace arangosync::codec {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;

flatbuffers::Offset<wire::Index> put(Builder& builder, inventory::Index const& index) {
  auto const id = builder.CreateString(index.id);
  auto const name = builder.CreateString(index.name);
  auto const type = builder.CreateString(index.type);
  auto const definition = builder.CreateString(index.definition);
  return wire::CreateIndex(builder, id, name, type, definition);
}

flatbuffers::Offset<wire::Shard> put(Builder& builder, inventory::Shard const& shard) {
  std::vector<flatbuffers::Offset<flatbuffers::String>> servers;
  for (auto const& server : shard.servers) servers.push_back(builder.CreateString(server.value()));
  auto const name = builder.CreateString(shard.name.value());
  auto const list = builder.CreateVector(servers);
  return wire::CreateShard(builder, name, list);
}

flatbuffers::Offset<wire::Collection> put(Builder& builder, inventory::Collection const& collection) {
  std::vector<flatbuffers::Offset<wire::Shard>> shards;
  for (auto const& shard : collection.shards) shards.push_back(put(builder, shard));
  std::vector<flatbuffers::Offset<wire::Index>> indexes;
  for (auto const& index : collection.indexes) indexes.push_back(put(builder, index));
  auto const id = builder.CreateString(collection.id);
  auto const name = builder.CreateString(collection.name.value());
  auto const like = builder.CreateString(collection.distribute_shards_like);
  auto const immutable = builder.CreateString(collection.immutable_properties);
  auto const changing = builder.CreateString(collection.mutable_properties);
  auto const shard_list = builder.CreateVector(shards);
  auto const index_list = builder.CreateVector(indexes);
  return wire::CreateCollection(builder, id, name, collection.type, collection.is_system, collection.is_ready, like,
                                immutable, changing, shard_list, index_list);
}

flatbuffers::Offset<wire::Analyzer> put(Builder& builder, inventory::AnalyzerName const& called,
                                        inventory::Analyzer const& analyzer) {
  auto const name = builder.CreateString(called.value());
  auto const type = builder.CreateString(analyzer.type);
  auto const definition = builder.CreateString(analyzer.definition);
  return wire::CreateAnalyzer(builder, name, type, definition);
}

flatbuffers::Offset<wire::View> put(Builder& builder, inventory::ViewName const& called, inventory::View const& view) {
  std::vector<flatbuffers::Offset<wire::ViewLink>> links;
  for (auto const& [collection, link] : view.links) {
    auto const to = builder.CreateString(collection.value());
    auto const definition = builder.CreateString(link);
    links.push_back(wire::CreateViewLink(builder, to, definition));
  }
  std::vector<flatbuffers::Offset<wire::ViewedIndex>> indexes;
  for (auto const& [collection, index] : view.indexes) {
    auto const of = builder.CreateString(collection.value());
    auto const index_name = builder.CreateString(index);
    indexes.push_back(wire::CreateViewedIndex(builder, of, index_name));
  }
  auto const name = builder.CreateString(called.value());
  auto const type = builder.CreateString(view.type);
  auto const immutable = builder.CreateString(view.immutable_properties);
  auto const changing = builder.CreateString(view.mutable_properties);
  auto const link_list = builder.CreateVector(links);
  auto const index_list = builder.CreateVector(indexes);
  return wire::CreateView(builder, name, type, immutable, changing, link_list, index_list);
}

/// A list of named things; null where nothing is told of them.
template <class Wire, class Name, class Thing>
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<Wire>>> put_named(
    Builder& builder, std::optional<std::map<Name, Thing>> const& things) {
  if (!things) return 0;
  std::vector<flatbuffers::Offset<Wire>> list;
  for (auto const& [name, thing] : *things) list.push_back(put(builder, name, thing));
  return builder.CreateVector(list);
}

flatbuffers::Offset<wire::Database> put(Builder& builder, inventory::Database const& database) {
  std::vector<flatbuffers::Offset<wire::Collection>> collections;
  for (auto const& [name, collection] : database.collections) collections.push_back(put(builder, collection));
  auto const analyzers = put_named<wire::Analyzer>(builder, database.analyzers);
  auto const views = put_named<wire::View>(builder, database.views);
  auto const name = builder.CreateString(database.name.value());
  auto const id = builder.CreateString(database.id);
  auto const options = builder.CreateString(database.options);
  auto const list = builder.CreateVector(collections);
  auto const unfit = database.unfit.empty() ? 0 : builder.CreateString(database.unfit);
  return wire::CreateDatabase(builder, name, id, options, list, analyzers, views, unfit);
}

/// Copies texts out of the tables. Our writer stores each text once, so together they cannot be longer than the
/// message; hostile bytes that point to one long text from everywhere are stopped before they fill the memory.
class Reader {
public:
  explicit Reader(std::size_t budget) : budget_(budget) {}
  bool is_over_budget() const { return over_; }

  std::string text(flatbuffers::String const* value) {
    if (value == nullptr || over_) return {};
    over_ = value->size() > budget_;
    if (over_) return {};
    budget_ -= value->size();
    return value->str();
  }

  inventory::Collection collection(wire::Collection const& from) {
    inventory::Collection collection;
    collection.id = text(from.id());
    collection.name = CollectionName(text(from.name()));
    collection.type = from.type();
    collection.is_system = from.is_system();
    collection.is_ready = from.is_ready();
    collection.distribute_shards_like = text(from.distribute_shards_like());
    collection.immutable_properties = text(from.immutable_properties());
    collection.mutable_properties = text(from.mutable_properties());
    if (from.shards() != nullptr) {
      for (wire::Shard const* entry : *from.shards()) collection.shards.push_back(shard(*entry));
    }
    if (from.indexes() != nullptr) {
      for (wire::Index const* entry : *from.indexes()) {
        inventory::Index index;
        index.id = text(entry->id());
        index.name = text(entry->name());
        index.type = text(entry->type());
        index.definition = text(entry->definition());
        collection.indexes.push_back(std::move(index));
      }
    }
    return collection;
  }

  inventory::Analyzer analyzer(wire::Analyzer const& from) { return {text(from.type()), text(from.definition())}; }

  inventory::View view(wire::View const& from) {
    inventory::View view{text(from.type()), text(from.immutable_properties()), text(from.mutable_properties()), {}, {}};
    if (from.links() != nullptr) {
      for (wire::ViewLink const* entry : *from.links()) {
        CollectionName collection(text(entry->collection()));
        view.links.insert_or_assign(std::move(collection), text(entry->definition()));
      }
    }
    if (from.indexes() != nullptr) {
      for (wire::ViewedIndex const* entry : *from.indexes()) {
        CollectionName collection(text(entry->collection()));
        view.indexes.insert({std::move(collection), text(entry->index())});
      }
    }
    return view;
  }

  std::optional<inventory::Database> database(wire::Database const& from);

private:
  inventory::Shard shard(wire::Shard const& from) {
    inventory::Shard shard{ShardName(text(from.name())), {}};
    if (from.servers() != nullptr) {
      for (auto const* server : *from.servers()) shard.servers.emplace_back(text(server));
    }
    return shard;
  }

  std::size_t budget_;
  bool over_ = false;
};

/// Absent: two collections have one name. What has no order (analyzers, views) may be told twice: the last one counts.
std::optional<inventory::Database> Reader::database(wire::Database const& from) {
  inventory::Database database;
  database.name = DatabaseName(text(from.name()));
  database.id = text(from.id());
  database.options = text(from.options());
  database.unfit = text(from.unfit());
  if (from.collections() != nullptr) {
    for (wire::Collection const* entry : *from.collections()) {
      inventory::Collection read = collection(*entry);
      if (over_) return database;
      CollectionName const name = read.name;
      if (!database.collections.emplace(name, std::move(read)).second) return std::nullopt;
    }
  }
  if (from.analyzers() != nullptr) {
    auto& analyzers = database.analyzers.emplace();
    for (wire::Analyzer const* entry : *from.analyzers()) {
      inventory::AnalyzerName name(text(entry->name()));
      analyzers.insert_or_assign(std::move(name), analyzer(*entry));
    }
  }
  if (from.views() != nullptr) {
    auto& views = database.views.emplace();
    for (wire::View const* entry : *from.views()) {
      inventory::ViewName name(text(entry->name()));
      views.insert_or_assign(std::move(name), view(*entry));
    }
  }
  return database;
}

}  // namespace

flatbuffers::Offset<WireDatabases> put(Builder& builder, inventory::Structure const& structure) {
  std::vector<flatbuffers::Offset<wire::Database>> databases;
  for (auto const& [name, database] : structure.databases) databases.push_back(put(builder, database));
  return builder.CreateVector(databases);
}

Expected<inventory::Structure, std::string> get(WireDatabases const* databases, std::size_t message_bytes) {
  inventory::Structure structure;
  if (databases == nullptr) return structure;
  Reader reader(message_bytes);
  for (wire::Database const* from : *databases) {
    auto database = reader.database(*from);
    if (reader.is_over_budget()) return unexpected(std::string("texts overlap"));
    if (!database) return unexpected(std::string("two collections have one name"));
    DatabaseName const name = database->name;
    if (!structure.databases.emplace(name, std::move(*database)).second) {
      return unexpected(std::string("two databases have one name"));
    }
  }
  return structure;
}

}  // namespace arangosync::codec
