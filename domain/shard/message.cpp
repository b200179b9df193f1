#include "domain/shard/message.h"

#include "domain/base/overloaded.h"

namespace arangosync::shard {

namespace {

constexpr std::size_t envelope_bytes = 128;  // ids, position and framing; an estimate, the same on both sides

std::size_t structure_bytes(inventory::Structure const& structure) {
  std::size_t bytes = 0;
  for (auto const& [name, database] : structure.databases) {
    bytes += envelope_bytes + name.value().size() + database.options.size() + database.unfit.size();
    for (auto const& [collection_name, collection] : database.collections) {
      bytes += envelope_bytes + collection_name.value().size() + collection.immutable_properties.size() +
               collection.mutable_properties.size();
      for (inventory::Shard const& shard : collection.shards) bytes += 32 + 48 * shard.servers.size();
      for (inventory::Index const& index : collection.indexes) bytes += 64 + index.definition.size();
    }
  }
  return bytes;
}

std::size_t body_bytes(DataBody const& body) {
  return std::visit(overloaded{
                        [](Hello const&) -> std::size_t { return 0; },
                        [](SnapshotBegin const&) -> std::size_t { return 0; },
                        [](SnapshotDocuments const& b) { return b.documents.changes.size_bytes(); },
                        [](SnapshotEnd const&) -> std::size_t { return 0; },
                        [](CompareBegin const& b) { return b.tree.size_bytes(); },
                        [](CompareChanges const& b) { return b.changes.changes.size_bytes(); },
                        [](PartDone const& b) { return b.detail ? b.detail->size_bytes() : 0; },
                        [](CompareEnd const&) -> std::size_t { return 0; },
                        [](Changes const& b) { return b.changes.changes.size_bytes(); },
                        [](Heartbeat const&) -> std::size_t { return 0; },
                        [](Trouble const& b) { return b.reason.size(); },
                        [](PublishedStructure const& b) { return structure_bytes(b.structure); },
                    },
                    body);
}

}  // namespace

Payload const* payload_of(DataBody const& body) {
  if (auto const* snapshot = std::get_if<SnapshotDocuments>(&body)) return &snapshot->documents;
  if (auto const* difference = std::get_if<CompareChanges>(&body)) return &difference->changes;
  if (auto const* changes = std::get_if<Changes>(&body)) return &changes->changes;
  return nullptr;
}

std::size_t weight_bytes(Message const& message) {
  return std::visit(overloaded{
                        [](DataMessage const& data) { return envelope_bytes + body_bytes(data.body); },
                        [](ControlMessage const& control) {
                          auto const* difference = std::get_if<Difference>(&control);
                          return envelope_bytes + (difference == nullptr ? 0 : difference->ranges.size_bytes());
                        },
                    },
                    message);
}

}  // namespace arangosync::shard
