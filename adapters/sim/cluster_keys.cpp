// The keys of a shard in a snapshot of the cluster model (spec arangodb-read 8.6).
#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_model.h"
#include "adapters/sim/cluster_snapshot.h"

#include <algorithm>
#include <optional>

namespace arangosync::sim {
namespace {

constexpr Duration use_prolongs = std::chrono::seconds(3600);

/// "<snapshot>-<n>"
struct KeysId {
  std::string snapshot;
  std::uint64_t number = 0;
};
std::optional<KeysId> parse_id(std::string const& id) {
  auto const dash = id.find('-');
  if (dash == std::string::npos) return std::nullopt;
  std::string const number = id.substr(dash + 1);
  bool const is_number = !number.empty() && number.size() < 10 &&
                         std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  return KeysId{id.substr(0, dash), std::stoull(number)};
}

}  // namespace

ModelResult<ClusterModel::KeysOpened> ClusterModel::open_keys(std::string const& server, std::string const& database,
                                                              std::string const& snapshot, std::string const& shard) {
  auto* const open = snapshots_->find(server, database, snapshot, now());
  if (open == nullptr) return unexpected(model_error(1600));
  auto const* const cursor = Snapshots::cursor(*open, shard);
  if (cursor == nullptr) return unexpected(model_error(1203));
  auto list = std::make_shared<std::vector<ModelDocumentPtr>>(cursor->documents);
  std::sort(list->begin(), list->end(), [](auto const& a, auto const& b) { return a->key < b->key; });
  std::uint64_t const number = ++open->last_keys;
  KeysOpened const opened{snapshot + "-" + std::to_string(number), list->size()};
  open->keys.emplace(number, std::move(list));
  note_use(server, database, open->client, open->tick, open->expires);
  return opened;
}

ModelResult<ClusterModel::DocumentsByKey> ClusterModel::documents_by_key(std::string const& server,
                                                                         std::string const& database,
                                                                         std::string const& id) {
  auto const parsed = parse_id(id);
  auto* const open = parsed ? snapshots_->find(server, database, parsed->snapshot, now()) : nullptr;
  if (open == nullptr) return unexpected(model_error(1600));
  auto const found = open->keys.find(parsed->number);
  if (found == open->keys.end()) return unexpected(model_error(1600));
  note_use(server, database, open->client, open->tick, open->expires);
  return found->second;
}

ModelResult<Done> ClusterModel::close_keys(std::string const& server, std::string const& database,
                                           std::string const& id) {
  auto const parsed = parse_id(id);
  auto* const open = parsed ? snapshots_->find(server, database, parsed->snapshot, now()) : nullptr;
  bool const was_open = open != nullptr && open->keys.erase(parsed->number) > 0;
  if (!was_open) return unexpected(model_error(1600));
  return Done{};
}

void ClusterModel::note_use(std::string const& server, std::string const& database, LogClient const& client,
                            std::uint64_t tick, WallTime& expires) {
  expires = std::max(expires, now() + use_prolongs);
  log(server).track(database, client, tick, now(), use_prolongs);
}

}  // namespace arangosync::sim
