// The document requests of the cluster model: many items or one, by the same writer.
#include "adapters/sim/cluster_documents.h"
#include "adapters/sim/cluster_model.h"

namespace arangosync::sim {
namespace {

using Many = ModelResult<std::vector<WriteResult>>;
using Items = std::vector<std::string_view>;

template <class Each>
std::vector<WriteResult> run(DocumentWriter& writer, Items const& items, Each each) {
  std::vector<WriteResult> results;
  results.reserve(items.size());
  for (auto item : items) results.push_back(each(item));
  writer.commit();
  return results;
}

}  // namespace

Many ClusterModel::insert(std::string const& database, std::string_view collection, Items const& items,
                          WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, false);
  return run(writer, items, [&](auto item) { return writer.insert(item); });
}

Many ClusterModel::replace(std::string const& database, std::string_view collection, Items const& items,
                           WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, false);
  return run(writer, items, [&](auto item) { return writer.replace(item, ""); });
}

Many ClusterModel::update(std::string const& database, std::string_view collection, Items const& items,
                          WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, false);
  return run(writer, items, [&](auto item) { return writer.update(item, ""); });
}

Many ClusterModel::remove(std::string const& database, std::string_view collection, Items const& items,
                          WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, false);
  return run(writer, items, [&](auto item) { return writer.remove(item, ""); });
}

ModelResult<WriteResult> ClusterModel::insert_one(std::string const& database, std::string_view collection,
                                                  std::string_view body, WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, true);
  WriteResult result = writer.insert(body);
  writer.commit();
  return result;
}

ModelResult<WriteResult> ClusterModel::replace_one(std::string const& database, std::string_view collection,
                                                   std::string_view key, std::string_view body,
                                                   WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, true);
  WriteResult result = writer.replace(body, key);
  writer.commit();
  return result;
}

ModelResult<WriteResult> ClusterModel::update_one(std::string const& database, std::string_view collection,
                                                  std::string_view key, std::string_view body,
                                                  WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, true);
  WriteResult result = writer.update(body, key);
  writer.commit();
  return result;
}

ModelResult<WriteResult> ClusterModel::remove_one(std::string const& database, std::string_view collection,
                                                  std::string_view key, WriteOptions const& options) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(options.caller); !allowed) return unexpected(allowed.error());
  DocumentWriter writer(*this, database, *located->collection, options, true);
  WriteResult result = writer.remove("", key);
  writer.commit();
  return result;
}

}  // namespace arangosync::sim
