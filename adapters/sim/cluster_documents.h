// How the cluster model writes documents: one DocumentWriter per request (spec arangodb-write 1).
// Bodies are cut apart and put together again as text; a value of the user's is never read as a number.
#pragma once

#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_model.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

class SmartEdgeWriter;

class DocumentWriter {
public:
  /// `is_single`: the request has one document by itself, and is one operation in the log.
  DocumentWriter(ClusterModel& model, std::string database, ModelCollection& collection, WriteOptions const& options,
                 bool is_single);
  DocumentWriter(DocumentWriter&&) noexcept;
  ~DocumentWriter();

  // Each does one item and keeps what to log. `item` is valid JSON; `key` empty: taken from the item.
  WriteResult insert(std::string_view item);
  WriteResult replace(std::string_view item, std::string_view key) { return change(item, key, false); }
  WriteResult update(std::string_view item, std::string_view key) { return change(item, key, true); }
  WriteResult remove(std::string_view item, std::string_view key);

  /// Writes the log: one batch per shard. Called once, after the last item.
  void commit();

private:
  struct Found {
    std::size_t shard = 0;
    ModelDocumentPtr document;
  };

  WriteResult change(std::string_view item, std::string_view key, bool is_update);
  WriteResult overwrite(std::size_t shard, ModelDocumentPtr const& before, std::vector<json::Member> const& body);
  WriteResult store(std::size_t shard, std::string const& key, std::vector<json::Member> const& body,
                    ModelDocumentPtr before);
  WriteResult erase(Found const& found);
  std::optional<WriteResult> revision_mismatch(Found const& found, std::string_view expected) const;
  std::optional<Found> find(std::string_view key) const;
  std::string new_key();
  ModelDocuments& writable(std::size_t shard);
  void keep(std::size_t shard, LoggedChange change);
  /// Key of another document with the same values in a unique index, as the error that names it.
  std::optional<WriteResult> unique_conflict(ModelShard const& shard, std::string const& key,
                                             std::vector<json::Member> const& body) const;
  void index_values(ModelShard& shard, ModelDocument const& document, bool is_removal) const;

  ClusterModel& model_;
  std::string database_;
  ModelCollection& collection_;
  WriteOptions const& options_;
  bool is_single_;
  bool allows_user_keys_ = true;
  bool is_sharded_by_key_ = true;
  bool has_unique_indexes_ = false;
  std::map<std::size_t, std::vector<LoggedChange>> changes_;  // by shard
  std::unique_ptr<SmartEdgeWriter> edges_;                    // does all the work, if the collection has no shards
};

bool is_valid_key(std::string_view key);

/// The patch applied to the object, member by member, as text (spec arangodb-write 1.8).
std::string merged(std::string_view object, std::string_view patch, bool keep_null, bool merge_objects);

/// Values of an index's fields in a document as one text that is equal for equal values; nothing if the document is not
/// in the index (sparse).
std::optional<std::string> indexed_values(ModelIndex const& index, std::vector<json::Member> const& document);

/// Fills the unique index from what the shards hold. Fails with 1210 if it cannot be unique.
ModelResult<Done> fill_unique_index(ModelCollection& collection, ModelIndex const& index);

/// Does a key alone tell its shard? Also by a part of it, as in smart graphs (spec arangodb-write 3.8).
bool is_sharded_by_key(ModelCollection const& collection);

/// Shard of a document with these members.
std::size_t shard_index(ModelCollection const& collection, std::vector<json::Member> const& document,
                        std::string_view key);

}  // namespace arangosync::sim
