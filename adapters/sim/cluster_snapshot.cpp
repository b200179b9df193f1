#include "adapters/sim/cluster_snapshot.h"

#include "domain/base/check.h"

#include <algorithm>

namespace arangosync::sim {

std::string dump_lines(DumpChunk const& chunk, bool with_envelope) {
  std::string body;
  for (auto const& document : chunk.documents) {
    if (with_envelope) body += "{\"type\":2300,\"data\":";
    body += document->text;
    body += with_envelope ? "}\n" : "\n";
  }
  return body;
}

Snapshots::Snapshot* Snapshots::find(std::string const& server, std::string const& database, std::string const& id,
                                     WallTime now) {
  auto found = open_.find(id);
  if (found == open_.end()) return nullptr;
  Snapshot& snapshot = found->second;
  if (snapshot.expires <= now) {
    open_.erase(found);
    return nullptr;
  }
  return snapshot.server == server && snapshot.database == database ? &snapshot : nullptr;
}

void Snapshots::remove_all_of(std::string const& server) {
  std::erase_if(open_, [&](auto const& entry) { return entry.second.server == server; });
}

void Snapshots::expire(WallTime now) {
  std::erase_if(open_, [&](auto const& entry) { return entry.second.expires <= now; });
}

std::vector<ModelDocumentPtr> Snapshots::by_revision(ModelDocuments const& documents) {
  std::vector<ModelDocumentPtr> list;
  list.reserve(documents.size());
  for (auto const& [key, document] : documents) list.push_back(document);
  std::stable_sort(list.begin(), list.end(),
                   [](auto const& a, auto const& b) { return a->revision_number < b->revision_number; });
  return list;
}

Snapshots::Snapshot::Cursor* Snapshots::cursor(Snapshot& snapshot, std::string const& shard) {
  auto const known = snapshot.cursors.find(shard);
  if (known != snapshot.cursors.end()) return &known->second;
  auto const held = snapshot.shards.find(shard);
  if (held == snapshot.shards.end()) return nullptr;
  Snapshot::Cursor& cursor = snapshot.cursors[shard];
  cursor.documents = by_revision(*held->second);
  snapshot.shards.erase(held);  // writers need not copy the map any more
  return &cursor;
}

DumpChunk Snapshots::dump(Snapshot& snapshot, std::string const& shard, std::size_t chunk_bytes,
                          std::size_t documents_max) {
  auto* const found = Snapshots::cursor(snapshot, shard);
  DC_ASSERT(found != nullptr);
  Snapshot::Cursor& cursor = *found;
  DumpChunk chunk;
  std::size_t bytes = 0;
  while (cursor.next < cursor.documents.size() && chunk.documents.size() < documents_max) {
    chunk.documents.push_back(cursor.documents[cursor.next++]);
    bytes += chunk.documents.back()->text.size() + 1;
    if (bytes >= chunk_bytes) break;
  }
  chunk.check_more = cursor.next < cursor.documents.size();
  if (chunk.check_more) {
    chunk.counter = ++cursor.counter;
  } else {
    // The last chunk repeats the counter; after it a further call starts over.
    chunk.counter = chunk.documents.empty() ? 0 : cursor.counter;
    cursor.next = 0;
    cursor.counter = 1;
  }
  return chunk;
}

}  // namespace arangosync::sim
