#include "tests/domain/worker/toy_world.h"

#include <algorithm>
#include <sstream>

namespace arangosync::worker::toy {

shard::Payload payload_of(std::vector<std::string> const& lines) {
  std::string text;
  for (std::string const& line : lines) text += line + "\n";
  return shard::Payload{Blob(text), static_cast<std::uint32_t>(lines.size())};
}

std::set<std::string> apply(Documents& documents, shard::Payload const& payload) {
  std::set<std::string> written;
  std::istringstream lines{std::string(payload.changes.bytes())};
  std::string kind;
  while (lines >> kind) {
    std::string key;
    std::string value;
    if (kind == "U") {
      lines >> key >> value;
      documents[key] = value;
      written.insert(key);
    } else if (kind == "R") {
      lines >> key;
      documents.erase(key);
    } else if (kind == "V") {  // by revision, which is the value here
      lines >> key >> value;
      auto const found = documents.find(key);
      if (found != documents.end() && found->second == value) documents.erase(found);
    } else {
      documents.clear();
    }
  }
  return written;
}

namespace {

std::uint64_t half_of(std::string const& key) { return fnv1a_64(key) % 2; }

std::string sum_of(Documents const& documents, std::uint64_t half) {
  std::uint64_t sum = 0;
  for (auto const& [key, value] : documents) {
    if (half_of(key) == half) sum ^= fnv1a_64(key + " " + value);
  }
  return std::to_string(sum);
}

/// "- " before a key that is not there.
std::string held(Documents const& documents, std::string const& key) {
  auto const found = documents.find(key);
  return found == documents.end() ? "-" : found->second;
}

Comparison compare_coarse(std::istringstream& tree, Documents const& target) {
  std::string asked;
  for (std::uint64_t half = 0; half < 2; ++half) {
    std::string sum;
    tree >> sum;
    if (sum != sum_of(target, half)) asked += " " + std::to_string(half);
  }
  Comparison comparison;
  if (asked.empty()) return comparison;
  comparison.ranges = Blob("D" + asked);
  comparison.wants_detail = true;
  return comparison;
}

}  // namespace

std::string coarse_tree(Documents const& documents) { return "C " + sum_of(documents, 0) + " " + sum_of(documents, 1); }

Comparison compare(CompareTree const& effect, Documents const& target) {
  std::istringstream tree{std::string(effect.tree.bytes())};
  std::string kind;
  tree >> kind;
  if (kind == "C") return compare_coarse(tree, target);
  std::string halves;
  tree >> halves;
  Documents source;
  std::string key;
  std::string value;
  while (tree >> key >> value) source[key] = value;
  // Keys in the order of their hashes, so that `from` can stand for one.
  std::map<std::uint64_t, std::string> differing;
  auto const look_at = [&](std::string const& name) {
    bool const is_asked = halves.find(static_cast<char>('0' + half_of(name))) != std::string::npos;
    if (is_asked && held(source, name) != held(target, name)) differing[fnv1a_64(name)] = name;
  };
  for (auto const& [name, text] : source) look_at(name);
  for (auto const& [name, text] : target) look_at(name);
  Comparison comparison;
  std::string ranges;
  std::size_t count = 0;
  for (auto at = differing.lower_bound(effect.from.value()); at != differing.end(); ++at) {
    if (++count > 3) {
      comparison.next = revision::RevisionId(at->first);
      break;
    }
    ranges += " " + at->second + " " + held(target, at->second);
  }
  if (!ranges.empty()) comparison.ranges = Blob("K" + ranges);
  return comparison;
}

DifferenceChunk answer(ReadDifference const& effect, Documents const& source) {
  std::istringstream part{std::string(effect.part.bytes())};
  std::string kind;
  part >> kind;
  DifferenceChunk chunk;
  if (kind == "D") {
    std::string halves;
    std::string half;
    while (part >> half) halves += half;
    std::string tree = "T " + halves;
    for (auto const& [key, value] : source) {
      if (halves.find(static_cast<char>('0' + half_of(key))) != std::string::npos) tree += " " + key + " " + value;
    }
    chunk.detail = Blob(tree);
    return chunk;
  }
  std::vector<std::string> lines;
  std::vector<std::string> removals;
  std::string key;
  std::string value;
  for (std::uint64_t number = 0; part >> key >> value; ++number) {
    if (number < effect.from.value()) continue;
    if (lines.size() + removals.size() == 2) {
      chunk.next = revision::RevisionId(number);
      break;
    }
    std::string const ours = held(source, key);
    if (ours == "-") {
      removals.push_back("V " + key + " " + value);
    } else {
      lines.push_back("U " + key + " " + ours);
    }
  }
  chunk.changes = payload_of(lines);
  chunk.removals = payload_of(removals);
  return chunk;
}

Source::Source(std::size_t shards) {
  servers_[ServerId("PRMR-1")].instance = "1";
  servers_[ServerId("PRMR-2")].instance = "2";
  for (std::size_t i = 0; i < shards; ++i) {
    ServerId const leader(i % 2 == 0 ? "PRMR-1" : "PRMR-2");
    shards_.push_back(Shard{ShardName("s" + std::to_string(shard_number_++)), leader, {}});
  }
}

void Source::log(Shard const& shard, std::string const& line) {
  // Followers write what they are told into their own logs, so a log has all changes of a shard, whoever led it.
  for (auto& [id, server] : servers_) {
    server.tick = Tick(server.tick.value() + 2);
    server.log.push_back(Entry{server.tick, shard.name, line});
  }
}

void Source::write(std::uint32_t index, std::string const& key, std::string const& value) {
  shards_[index].documents[key] = value;
  log(shards_[index], "U " + key + " " + value);
}
void Source::remove(std::uint32_t index, std::string const& key) {
  shards_[index].documents.erase(key);
  log(shards_[index], "R " + key);
}
void Source::truncate(std::uint32_t index) {
  shards_[index].documents.clear();
  log(shards_[index], "T");
}
void Source::move_leader(std::uint32_t index) {
  Shard& shard = shards_[index];
  shard.leader = ServerId(shard.leader.value() == "PRMR-1" ? "PRMR-2" : "PRMR-1");
}
void Source::recreate() {
  ++collection_id_;
  for (Shard& shard : shards_) {
    shard.name = ShardName("s" + std::to_string(shard_number_++));
    shard.documents.clear();
  }
}
void Source::forget_history() {
  for (auto& [id, server] : servers_) {
    server.oldest = server.tick;
    server.log.clear();
  }
}

void Source::back_up() {
  kept_shards_ = shards_;
  kept_servers_ = servers_;
}
void Source::restore() {
  shards_ = kept_shards_;
  snapshots_.clear();
  for (auto& [id, server] : servers_) {
    std::uint64_t const boot = server.boot;
    server = kept_servers_.at(id);
    server.boot = boot == 0 ? 0 : boot + 1;
  }
}
void Source::tell_no_boots() {
  for (auto& [id, server] : servers_) server.boot = 0;
}

inventory::Structure Source::structure() const {
  inventory::Structure structure;
  structure.databases[DatabaseName("_system")].name = DatabaseName("_system");
  inventory::Database& database = structure.databases[DatabaseName("d")];
  database.name = DatabaseName("d");
  inventory::Collection collection;
  collection.id = std::to_string(collection_id_);
  collection.name = CollectionName("c");
  collection.immutable_properties = "{\"numberOfShards\":" + std::to_string(shards_.size()) + "}";
  collection.mutable_properties = "{\"waitForSync\":false}";
  for (Shard const& shard : shards_) collection.shards.push_back({shard.name, {shard.leader}});
  database.collections[collection.name] = collection;
  return structure;
}

Outcome<Snapshot> Source::open(OpenSnapshot const& effect) {
  auto const shard =
      std::find_if(shards_.begin(), shards_.end(), [&](Shard const& s) { return s.name == effect.shard; });
  if (shard == shards_.end() || shard->leader != effect.server)
    return unexpected(Fault{FaultClass::NotFound, "no shard"});
  SnapshotId const id{effect.server, effect.database, std::to_string(++snapshots_made_)};
  snapshots_[id] = shard->documents;
  Server const& server = servers_[effect.server];
  Snapshot snapshot{id, server.tick, server.instance, server.boot, std::nullopt};
  snapshot.route = log_is_closed_ ? "compare" : "direct";
  if (effect.tree && has_trees_) snapshot.tree = Blob(coarse_tree(shard->documents));
  return snapshot;
}

Outcome<SnapshotChunk> Source::read(ReadSnapshot const& effect) const {
  auto const found = snapshots_.find(effect.snapshot);
  if (found == snapshots_.end()) return unexpected(Fault{FaultClass::NotFound, "no snapshot"});
  constexpr std::size_t chunk_documents = 3;
  std::vector<std::string> lines;
  for (auto const& [key, value] : found->second) lines.push_back("U " + key + " " + value);
  std::size_t const first = std::min<std::size_t>(effect.chunk * chunk_documents, lines.size());
  std::size_t const last = std::min(first + chunk_documents, lines.size());
  using Difference = std::vector<std::string>::difference_type;
  std::vector<std::string> const part(lines.begin() + static_cast<Difference>(first),
                                      lines.begin() + static_cast<Difference>(last));
  return SnapshotChunk{payload_of(part), last == lines.size()};
}

Outcome<DifferenceChunk> Source::read(ReadDifference const& effect) const {
  auto const found = snapshots_.find(effect.snapshot);
  if (found == snapshots_.end()) return unexpected(Fault{FaultClass::NotFound, "no snapshot"});
  return answer(effect, found->second);
}

Outcome<LogChunk> Source::read(ReadLog const& effect, WallTime at) {
  if (effect.filter) filters_[effect.reader] = *effect.filter;
  DC_ASSERT(!effect.only || filters_[effect.reader].size() == 1);
  Server const& server = servers_[effect.server];
  LogChunk chunk;
  chunk.from = effect.from;
  chunk.last_scanned = effect.last_scanned;
  chunk.newest = server.tick;
  chunk.instance = server.instance;
  chunk.at_boundary = true;
  chunk.at_end = true;
  chunk.read_at = at;
  chunk.boot = server.boot;
  chunk.closed = log_is_closed_;
  chunk.route = log_is_closed_ ? "compare" : "direct";
  chunk.lost = (effect.from < server.oldest || effect.from > server.tick) && !chunk.closed;
  if (chunk.lost || chunk.closed) return chunk;
  std::map<ShardName, std::vector<std::string>> lines;
  std::size_t taken = 0;
  for (Entry const& entry : server.log) {
    if (entry.tick <= effect.from) continue;
    if (++taken > 5) {
      chunk.at_end = false;
      break;
    }
    chunk.from = entry.tick;
    chunk.last_scanned = entry.tick;
    for (ShardFilter const& filter : filters_[effect.reader]) {
      if (filter.shard == entry.shard && entry.tick > filter.skip_until) lines[entry.shard].push_back(entry.line);
    }
  }
  for (auto const& [shard, of_shard] : lines) chunk.slices.push_back({DatabaseName("d"), shard, payload_of(of_shard)});
  return chunk;
}

}  // namespace arangosync::worker::toy
