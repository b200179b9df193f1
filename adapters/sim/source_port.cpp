#include "adapters/sim/source_port.h"

#include "adapters/codec/changes.h"
#include "adapters/codec/comparison.h"
#include "domain/base/check.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <simdjson.h>

namespace arangosync::sim {

namespace {

using namespace std::chrono_literals;

// Small, so that a transaction of a dozen documents is already split over several reads (spec arangodb-read 6.6).
constexpr std::size_t chunk_bytes_max = 1024;
constexpr Duration call_timeout = 10s;
// Small, so that a copy of a few dozen documents already takes several calls.
constexpr std::size_t dump_documents_max = 16;
constexpr std::uint64_t snapshot_ttl_seconds = 120;

LogClient client_of(worker::SyncerId syncer) { return LogClient{std::to_string(syncer.value()), "", "simulation"}; }

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  for (char const c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

/// What of a log line matters here.
struct Marker {
  std::uint64_t tick = 0;
  std::int64_t type = 0;
  bool is_single = false;  // tid "0"
  std::string database;
  std::string shard;
  std::string key;
  std::string revision;
  std::string document;
};

Marker parse(simdjson::ondemand::parser& parser, std::string_view text) {
  Marker marker;
  simdjson::padded_string const padded(text);
  simdjson::ondemand::document line = parser.iterate(padded);
  for (auto field : line.get_object()) {
    std::string_view const name = field.unescaped_key();
    if (name == "tick") {
      marker.tick = number(field.value().get_string());
    } else if (name == "type") {
      marker.type = field.value().get_int64();
    } else if (name == "tid") {
      marker.is_single = std::string_view(field.value().get_string()) == "0";
    } else if (name == "db") {
      marker.database = std::string_view(field.value().get_string());
    } else if (name == "cuid") {
      std::string_view const cuid = field.value().get_string();
      marker.shard = cuid.substr(cuid.find('/') + 1);
    } else if (name == "data" && (marker.type == 2300 || marker.type == 2302)) {
      simdjson::ondemand::object data = field.value().get_object();
      marker.document = std::string_view(data.raw_json());
    }
  }
  if (!marker.document.empty()) {
    simdjson::padded_string const padded_document(marker.document);
    simdjson::ondemand::document document = parser.iterate(padded_document);
    marker.key = std::string_view(document["_key"].get_string());
    marker.revision = std::string_view(document["_rev"].get_string());
  }
  return marker;
}

/// Small, so that even a small shard is outlined coarsely first.
constexpr std::size_t outline_nodes_max = 8;
constexpr std::uint32_t tree_missing = 100;  // in 1000 snapshots

}  // namespace

template <class Answer>
void SimSourceCluster::call(NodeId server, std::function<Outcome<Answer>()> ask,
                            std::function<void(Outcome<Answer>)> told) {
  network_.call<Outcome<Answer>>(
      self_, server, call_timeout, [ask](std::function<void(Outcome<Answer>)> answer) { answer(ask()); },
      [told](std::optional<Outcome<Answer>> answer) {
        if (answer) return told(std::move(*answer));
        told(unexpected(Fault{FaultClass::Retry, "the server does not answer"}));
      });
}

NodeId const* SimSourceCluster::find(ServerId const& server) const {
  auto const found = cluster_.servers.find(server);
  return found == cluster_.servers.end() ? nullptr : &found->second;
}

void SimSourceCluster::perform(worker::ReadStructure const& effect) {
  call<inventory::Structure>(
      cluster_.coordinator, [this] { return structure_of(cluster_); },
      [this, request = effect.request](Outcome<inventory::Structure> outcome) {
        inbox_.post(worker::StructureRead{request, std::move(outcome)});
      });
}

void SimSourceCluster::perform(worker::OpenSnapshot const& effect) {
  auto told = [this, request = effect.request](Outcome<worker::Snapshot> outcome) {
    inbox_.post(worker::SnapshotOpened{request, std::move(outcome)});
  };
  NodeId const* const node = find(effect.server);
  if (node == nullptr) {
    return self_.enter_later([told] { told(unexpected(Fault{FaultClass::NotFound, "no such server"})); });
  }
  auto ask = [this, effect]() -> Outcome<worker::Snapshot> {
    ModelServer const* const server = cluster_.model->find_db_server(effect.server.value());
    auto const opened = cluster_.model->open_snapshot(effect.server.value(), effect.database.value(),
                                                      client_of(effect.syncer), snapshot_ttl_seconds);
    if (!opened) return unexpected(fault_of(opened.error()));
    worker::SnapshotId const id{effect.server, effect.database, opened->id};
    worker::Snapshot snapshot{id, Tick(opened->tick), server->number, server->reboot_id, std::nullopt, false};
    if (effect.tree) snapshot.tree = tree_of(effect, opened->id);
    snapshot.tree_may_come = effect.tree && cluster_.revision_trees && !snapshot.tree;
    return snapshot;
  };
  call<worker::Snapshot>(*node, ask, told);
}

void SimSourceCluster::perform(worker::ReadSnapshot const& effect) {
  auto told = [this, effect](Outcome<DumpChunk> outcome) {
    if (!outcome) return inbox_.post(worker::SnapshotRead{effect.request, unexpected(outcome.error())});
    // The cursor is at the server: a chunk whose answer was lost is gone, the counter tells (spec arangodb-read 5.4).
    bool const is_empty = effect.chunk == 0 && !outcome->check_more && outcome->counter == 0;
    if (!is_empty && outcome->counter != effect.chunk + (outcome->check_more ? 2 : 1)) {
      Fault lost{FaultClass::NotFound, "a chunk of the snapshot was lost"};
      return inbox_.post(worker::SnapshotRead{effect.request, unexpected(std::move(lost))});
    }
    codec::ChangesBuilder builder;
    for (auto const& document : outcome->documents) {
      builder.add(codec::Change{codec::ChangeKind::Upsert, document->key, document->revision, document->text});
    }
    inbox_.post(worker::SnapshotRead{effect.request, worker::SnapshotChunk{builder.finish(), !outcome->check_more}});
  };
  auto ask = [this, effect]() -> Outcome<DumpChunk> {
    auto chunk = cluster_.model->dump(effect.snapshot.server.value(), effect.snapshot.database.value(),
                                      effect.snapshot.id, effect.shard.value(), effect.chunk_bytes, dump_documents_max);
    if (!chunk) return unexpected(fault_of(chunk.error()));
    return std::move(*chunk);
  };
  NodeId const* const node = find(effect.snapshot.server);
  DC_ASSERT(node != nullptr);  // it opened the snapshot
  call<DumpChunk>(*node, ask, told);
}

/// A server does not always have a shard's tree at hand (spec arangodb-read 8.3).
std::optional<Blob> SimSourceCluster::tree_of(worker::OpenSnapshot const& effect, std::string const& snapshot) {
  if (self_.world().chance(tree_missing)) return std::nullopt;
  auto const tree =
      cluster_.model->revision_tree(effect.server.value(), effect.database.value(), snapshot, effect.shard.value());
  if (!tree) return std::nullopt;
  return codec::print_outline(revision::outline(*tree, outline_nodes_max));
}

void SimSourceCluster::perform(worker::ReadDifference const& effect) {
  NodeId const* const node = find(effect.snapshot.server);
  DC_ASSERT(node != nullptr);  // it opened the snapshot
  call<worker::DifferenceChunk>(
      *node, [this, effect] { return difference(effect); },
      [this, request = effect.request](Outcome<worker::DifferenceChunk> outcome) {
        inbox_.post(worker::DifferenceRead{request, std::move(outcome)});
      });
}

Outcome<worker::DifferenceChunk> SimSourceCluster::difference(worker::ReadDifference const& effect) {
  auto const part = codec::read_part(effect.part);
  if (!part) return unexpected(Fault{FaultClass::Permanent, part.error()});
  std::string const& server = effect.snapshot.server.value();
  std::string const& database = effect.snapshot.database.value();
  // Without its snapshot a server would go on with its present data (spec arangodb-read 8.5).
  auto const tick = cluster_.model->snapshot_tick(server, database, effect.snapshot.id);
  if (!tick) return unexpected(Fault{FaultClass::NotFound, tick.error().message});

  std::vector<revision::PieceChange> changes;
  worker::DifferenceChunk chunk;
  revision::RevisionId from = effect.from;
  while (auto const piece = revision::next_piece(*part, from)) {
    auto const lists = cluster_.model->revisions_in(server, database, effect.snapshot.id, effect.shard.value(),
                                                    {piece->range}, revision::RevisionId());
    if (!lists) return unexpected(fault_of(lists.error()));
    DC_ASSERT(!lists->resume);  // no simulated shard is that large
    for (auto const& change : revision::changes_of(*piece, lists->lists.at(0), piece->range.last)) {
      if (changes.size() == dump_documents_max) chunk.next = change.id;
      if (chunk.next) break;
      changes.push_back(change);
    }
    if (chunk.next || piece->range.last.value() == std::numeric_limits<std::uint64_t>::max()) break;
    from = piece->range.last.next();
  }
  auto payload = payload_of(effect, changes);
  if (!payload) return unexpected(payload.error());
  chunk.changes = std::move(*payload);
  codec::ChangesBuilder removals;
  for (auto const& change : changes) {
    if (change.is_removal) removals.add({codec::ChangeKind::RemoveRevision, "", revision::to_text(change.id), ""});
  }
  if (removals.count() > 0) chunk.removals = removals.finish();
  if (!chunk.next && revision::wants_detail(*part)) {
    auto const tree = cluster_.model->revision_tree(server, database, effect.snapshot.id, effect.shard.value());
    if (!tree) return unexpected(fault_of(tree.error()));
    chunk.detail = codec::print_outline(revision::outline(*tree, revision::ranges_for_detail(*part), part->finer_than,
                                                          revision::outline_detail_nodes_max));
  }
  return chunk;
}

Outcome<shard::Payload> SimSourceCluster::payload_of(worker::ReadDifference const& effect,
                                                     std::vector<revision::PieceChange> const& changes) {
  std::vector<revision::RevisionId> wanted;
  for (auto const& change : changes) {
    if (!change.is_removal) wanted.push_back(change.id);
  }
  auto const documents = cluster_.model->documents_of(effect.snapshot.server.value(), effect.snapshot.database.value(),
                                                      effect.snapshot.id, effect.shard.value(), wanted);
  if (!documents) return unexpected(fault_of(documents.error()));
  codec::ChangesBuilder builder;
  for (auto const& document : *documents) {
    builder.add(codec::Change{codec::ChangeKind::Upsert, document->key, document->revision, document->text});
  }
  return builder.count() == 0 ? shard::Payload() : builder.finish();
}

void SimSourceCluster::perform(worker::CloseSnapshot const& effect) {
  auto ask = [this, effect]() -> Outcome<Done> {
    std::string const& server = effect.snapshot.server.value();
    auto const closed = cluster_.model->close_snapshot(server, effect.snapshot.database.value(), effect.snapshot.id);
    cluster_.model->track(server, client_of(effect.syncer), effect.tick.value());
    if (!closed && closed.error().status != 404) return unexpected(fault_of(closed.error()));
    return Done{};
  };
  NodeId const* const node = find(effect.snapshot.server);
  DC_ASSERT(node != nullptr);
  call<Done>(*node, ask, [this, request = effect.request](Outcome<Done> outcome) {
    inbox_.post(worker::SnapshotClosed{request, std::move(outcome)});
  });
}

void SimSourceCluster::perform(worker::ReadLog const& effect) {
  Reader& reader = readers_[effect.reader];
  if (effect.filter) reader.filter = *effect.filter;
  NodeId const* const node = find(effect.server);
  if (node == nullptr) {
    return self_.enter_later([this, request = effect.request] {
      inbox_.post(worker::LogRead{request, unexpected(Fault{FaultClass::NotFound, "no such server"})});
    });
  }
  if (cluster_.log_is_closed) return look_at_log(effect, *node);
  TailRequest request;
  request.from = effect.from.value();
  request.last_scanned = effect.last_scanned.value();
  request.chunk_bytes = std::min(effect.chunk_bytes, chunk_bytes_max);
  request.global = !effect.only;
  request.client = client_of(effect.syncer);
  if (effect.only) {
    DC_ASSERT(reader.filter.size() == 1);
    request.database = reader.filter.front().database.value();
    request.shard = reader.filter.front().shard.value();
  }
  auto ask = [this, server = effect.server.value(), request]() -> Outcome<TailAnswer> {
    auto answer = cluster_.model->tail(server, request);
    if (!answer) return unexpected(fault_of(answer.error()));
    return std::move(*answer);
  };
  // Before the call, as the real adapter: what is written later may be missing.
  call<TailAnswer>(*node, ask, [this, effect, read_at = self_.wall_now()](Outcome<TailAnswer> outcome) {
    if (!outcome) return inbox_.post(worker::LogRead{effect.request, unexpected(outcome.error())});
    worker::LogChunk read = chunk(effect, *outcome, readers_[effect.reader]);
    read.read_at = read_at;
    inbox_.post(worker::LogRead{effect.request, std::move(read)});
  });
}

void SimSourceCluster::look_at_log(worker::ReadLog const& effect, NodeId node) {
  auto ask = [this, server = effect.server.value()]() -> Outcome<std::uint64_t> {
    return cluster_.model->last_tick(server);
  };
  call<std::uint64_t>(node, ask, [this, effect, read_at = self_.wall_now()](Outcome<std::uint64_t> newest) {
    if (!newest) return inbox_.post(worker::LogRead{effect.request, unexpected(newest.error())});
    worker::LogChunk chunk;
    chunk.from = effect.from;
    chunk.last_scanned = effect.last_scanned;
    chunk.newest = Tick(*newest);
    ModelServer const& server = *cluster_.model->find_db_server(effect.server.value());
    chunk.instance = server.number;
    chunk.boot = server.reboot_id;
    chunk.lost = chunk.newest < effect.from;
    chunk.at_end = chunk.newest == effect.from;
    chunk.at_boundary = true;
    chunk.closed = true;
    chunk.read_at = read_at;
    inbox_.post(worker::LogRead{effect.request, std::move(chunk)});
  });
}

worker::LogChunk SimSourceCluster::chunk(worker::ReadLog const& effect, TailAnswer const& answer,
                                         Reader& reader) const {
  worker::LogChunk chunk;
  ModelServer const* const server = cluster_.model->find_db_server(effect.server.value());
  DC_ASSERT(server != nullptr);
  chunk.instance = server->number;
  chunk.boot = server->reboot_id;
  chunk.newest = Tick(answer.last_tick);
  std::uint64_t const asked = effect.from.value();
  bool const behind = answer.last_tick > asked;
  chunk.lost = answer.last_tick < asked || (asked > 0 && !answer.from_present && (behind || !answer.lines.empty()));

  // The rule of spec arangodb-read 6.4.
  std::uint64_t from = asked;
  if (answer.last_included > from) {
    from = answer.last_included;
  } else if (answer.last_included == 0 && answer.last_scanned > from) {
    from = answer.last_scanned - 1;
  }
  chunk.from = Tick(from);
  chunk.last_scanned = Tick(answer.last_scanned);

  bool in_run = reader.from == effect.from && reader.in_run;
  std::map<std::pair<std::string, std::string>, std::pair<worker::ShardFilter const*, codec::ChangesBuilder>> slices;
  for (auto const& filter : reader.filter) {
    slices[{filter.database.value(), filter.shard.value()}].first = &filter;
  }
  simdjson::ondemand::parser parser;
  std::string_view rest = answer.lines;
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    Marker const marker = parse(parser, rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (marker.type == 2200) in_run = true;
    if (marker.type == 2201 || marker.is_single) in_run = false;
    if (marker.type != 2300 && marker.type != 2302 && marker.type != 2004) continue;
    auto const found = slices.find({marker.database, marker.shard});
    if (found == slices.end() || marker.tick <= found->second.first->skip_until.value()) continue;
    codec::ChangeKind const kind = marker.type == 2300   ? codec::ChangeKind::Upsert
                                   : marker.type == 2302 ? codec::ChangeKind::Remove
                                                         : codec::ChangeKind::Truncate;
    std::string_view const document = kind == codec::ChangeKind::Upsert ? marker.document : std::string_view{};
    found->second.second.add(codec::Change{kind, marker.key, marker.revision, document});
  }
  for (auto& [name, slice] : slices) {
    if (slice.second.count() == 0) continue;
    chunk.slices.push_back(worker::LogSlice{DatabaseName(name.first), ShardName(name.second), slice.second.finish()});
  }
  if (!answer.check_more) in_run = false;
  chunk.at_end = std::max(from, answer.last_scanned) >= answer.last_tick;
  chunk.at_boundary = !in_run;
  reader.from = chunk.from;
  reader.in_run = in_run;
  return chunk;
}

void SimSourceCluster::perform(worker::ForgetReader const& effect) {
  readers_.erase(effect.reader);
  NodeId const* const node = find(effect.server);
  if (node == nullptr) return;
  network_.send(self_.node(), *node,
                [this, effect] { cluster_.model->forget(effect.server.value(), client_of(effect.syncer)); });
}

}  // namespace arangosync::sim
