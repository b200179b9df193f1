#include "adapters/cluster/snapshots.h"

#include "adapters/cluster/difference_reader.h"
#include "adapters/cluster/dump_answer.h"
#include "adapters/cluster/error_class.h"
#include "adapters/codec/comparison.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

// Short, because a Coordinator may open a second one of which nobody knows (spec 1.5.1).
constexpr Duration time_to_live = std::chrono::seconds(120);
// An unused snapshot pins old data on the server; whoever wants it after this long makes a new one.
constexpr Duration unused_max = std::chrono::hours(2);
constexpr std::size_t chunk_bytes_max = 64u << 20;
constexpr int tree_tries = 5;
constexpr Duration tree_pause = std::chrono::milliseconds(200);
constexpr char const* ttl_body = R"({"ttl":120})";

std::string batch_path(worker::SnapshotId const& id) {
  return in_database(id.database, "/_api/replication/batch/" + http::percent_encode(id.id));
}

std::string name_of(worker::SnapshotId const& id) { return "snapshot " + id.id + " on DB-Server " + id.server.value(); }

}  // namespace

http::Task<Reply> Snapshots::call(ServerId server, Call call) {
  auto const route = co_await routes_.choose(server);
  if (!route) co_return unexpected(route.error());
  co_return co_await routes_.call(*route, server, call);
}

http::Task<Outcome<worker::Snapshot>> Snapshots::open_once(ReadRoute route, worker::OpenSnapshot effect) {
  Call call;
  call.what = "open snapshot of shard " + effect.shard.value() + " on DB-Server " + effect.server.value();
  call.method = "POST";
  call.target = in_database(effect.database, "/_api/replication/batch?" + identity_of(effect.syncer) + "%20" +
                                                 http::percent_encode(effect.shard.value()));
  call.body = ttl_body;
  auto instance = co_await instances_.ask(route, effect.server);
  if (!instance) co_return unexpected(instance.error());
  auto reply = co_await routes_.call(route, effect.server, call);
  if (!reply) {
    instances_.forget(effect.server);
    co_return unexpected(reply.error());
  }
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const batch = parse_batch(reply->body);
  if (!batch) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  worker::Snapshot snapshot;
  snapshot.id = worker::SnapshotId{effect.server, effect.database, batch->id};
  snapshot.tick = batch->tick;
  snapshot.instance = instance->id;
  snapshot.boot = instance->boot;
  snapshot.route = to_text(route);
  {
    std::lock_guard lock(mutex_);
    open_[snapshot.id].used_at = connection_.clock().now();
  }
  co_return snapshot;
}

http::Task<Outcome<TreeAnswer>> Snapshots::take_tree(ReadRoute route, worker::SnapshotId id, ShardName shard) {
  ShardPlace const place{id.database, shard, id.server, route != ReadRoute::Direct};
  auto answer = co_await read_tree(scope_, connection_, place, id.id, std::nullopt);
  if (!answer || !answer->tree) co_return answer;
  ShardContents contents{std::make_shared<revision::Tree const>(*answer->tree), nullptr};
  remember(id, std::move(contents));
  co_return answer;
}

http::Task<Outcome<TreeAnswer>> Snapshots::make_tree(ReadRoute route, worker::SnapshotId id, ShardName shard,
                                                     TreeAnswer none) {
  ShardPlace const place{id.database, shard, id.server, route != ReadRoute::Direct};
  auto listed = co_await list_by_keys(scope_, connection_, place, id.id, room_, revision::tree_initial_min);
  if (!listed && listed.error().fault_class != FaultClass::Permanent) co_return unexpected(listed.error());
  none.reason += ", and " + (listed ? listed->reason : listed.error().message);
  if (!listed || !listed->list) {
    connection_.telemetry().log(ports::LogLevel::Info, "cluster.compare", to_string(place) + ": " + none.reason);
    co_return none;
  }
  TreeAnswer answer{listed->list->list.tree(), "", false};
  ShardContents contents{{listed->list, &listed->list->list.tree()}, listed->list};
  remember(id, std::move(contents));
  co_return answer;
}

void Snapshots::remember(worker::SnapshotId const& id, ShardContents contents) {
  std::lock_guard lock(mutex_);
  if (auto const found = open_.find(id); found != open_.end()) found->second.contents = std::move(contents);
}

http::Task<Outcome<worker::Snapshot>> Snapshots::open(worker::OpenSnapshot effect) {
  auto const chosen = co_await routes_.choose(effect.server);
  if (!chosen) co_return unexpected(chosen.error());
  auto const route = *chosen;
  for (int tried = 1;; ++tried) {
    auto snapshot = co_await open_once(route, effect);
    if (!snapshot) co_return unexpected(snapshot.error());
    auto answer = Outcome<TreeAnswer>(TreeAnswer{});
    if (effect.tree) answer = co_await take_tree(route, snapshot->id, effect.shard);
    // The server's tree has moved on beyond the snapshot: a new one may be lucky (spec 8.3).
    bool const again = answer && answer->may_come && tried < tree_tries;
    if (answer && !again) {
      scope_.start([this, id = snapshot->id, syncer = effect.syncer] { return keep_alive(id, syncer); }, [](Done) {});
      bool const is_missed = effect.tree && !answer->tree;
      if (is_missed) answer = co_await make_tree(route, snapshot->id, effect.shard, *answer);
    }
    if (answer && !again) {
      snapshot->tree_may_come = answer->may_come;
      if (answer->tree) snapshot->tree = codec::print_outline(outline(*answer->tree, revision::outline_nodes_max));
      co_return std::move(*snapshot);
    }
    drop(snapshot->id);
    ShardPlace const place{effect.database, effect.shard, effect.server, route != ReadRoute::Direct};
    co_await close_batch(scope_, connection_, place, snapshot->id.id);
    if (!answer) co_return unexpected(answer.error());
    co_await scope_.pause(tree_pause * tried);
  }
}

http::Task<Outcome<worker::DifferenceChunk>> Snapshots::read_difference(worker::ReadDifference effect) {
  ShardContents contents;
  {
    auto const now = connection_.clock().now();
    std::lock_guard lock(mutex_);
    auto const found = open_.find(effect.snapshot);
    if (found != open_.end()) {
      found->second.used_at = now;
      contents = found->second.contents;
    }
  }
  auto const gone = Fault{FaultClass::NotFound, "compare with " + name_of(effect.snapshot) + ": it is gone"};
  if (!contents.tree) co_return unexpected(gone);
  auto const route = co_await routes_.choose(effect.snapshot.server);
  if (!route) co_return unexpected(route.error());
  ShardPlace const place{effect.snapshot.database, effect.shard, effect.snapshot.server, *route != ReadRoute::Direct};
  auto chunk = co_await cluster::read_difference(scope_, connection_, std::move(contents), place, effect);
  // Newer servers go on answering without the snapshot; only its keeper notices (spec 8.5).
  if (chunk && !is_wanted(effect.snapshot)) co_return unexpected(gone);
  co_return chunk;
}

bool Snapshots::is_wanted(worker::SnapshotId const& id) {
  auto const now = connection_.clock().now();
  std::lock_guard lock(mutex_);
  auto const found = open_.find(id);
  if (found == open_.end()) return false;
  if (now - found->second.used_at < unused_max) return true;
  open_.erase(found);
  return false;
}

void Snapshots::drop(worker::SnapshotId const& id) {
  std::lock_guard lock(mutex_);
  open_.erase(id);
}

http::Task<Done> Snapshots::keep_alive(worker::SnapshotId id, worker::SyncerId syncer) {
  Call call;
  call.what = "keep " + name_of(id) + " alive";
  call.method = "PUT";
  // Servers before 3.5 prolong the registration of whom the query names.
  call.target = batch_path(id) + "?" + identity_of(syncer);
  call.body = ttl_body;
  // One that meets a dead Coordinator must leave time for others before the snapshot is gone.
  call.timeout = time_to_live / 8;
  Duration pause = time_to_live / 3;
  while (true) {
    co_await scope_.pause(pause);
    if (scope_.closed() || !is_wanted(id)) co_return Done{};
    auto reply = co_await this->call(id.server, call);
    bool const is_kept = reply && succeeded(*reply);
    pause = is_kept ? time_to_live / 3 : time_to_live / 40;
    if (reply && reply->status == 404) {
      drop(id);
      co_return Done{};
    }
  }
}

std::optional<Fault> Snapshots::begin_read(worker::ReadSnapshot const& effect, std::uint64_t& counter) {
  auto const what = "read shard " + effect.shard.value() + " from " + name_of(effect.snapshot);
  auto const now = connection_.clock().now();
  std::lock_guard lock(mutex_);
  auto const found = open_.find(effect.snapshot);
  if (found == open_.end()) return Fault{FaultClass::NotFound, what + ": not open"};
  found->second.used_at = now;
  auto& cursor = found->second.cursors[effect.shard];
  if (cursor.busy) return Fault{FaultClass::Retry, what + ": being read already"};
  if (cursor.ended || cursor.next_chunk != effect.chunk) {
    return Fault{FaultClass::NotFound, what + ": chunk " + std::to_string(effect.chunk) + " is not the next one"};
  }
  cursor.busy = true;
  counter = cursor.counter;
  // What is copied is not compared any more: a list must not keep others waiting for hours.
  found->second.contents = {};
  return std::nullopt;
}

Outcome<worker::SnapshotChunk> Snapshots::start_over(worker::ReadSnapshot const& effect, std::string why) {
  {
    std::lock_guard lock(mutex_);
    if (auto const found = open_.find(effect.snapshot); found != open_.end()) {
      found->second.cursors[effect.shard].ended = true;
    }
  }
  return unexpected(Fault{FaultClass::NotFound, "read shard " + effect.shard.value() + " from " +
                                                    name_of(effect.snapshot) + ": " + std::move(why)});
}

Outcome<worker::SnapshotChunk> Snapshots::finish_read(worker::ReadSnapshot const& effect, std::uint64_t counter,
                                                      Reply reply) {
  // Without an answer the chunk may be lost or never have been made: the counter of the next answer tells.
  if (!reply) return unexpected(reply.error());
  if (!succeeded(*reply)) {
    auto const why = server_error(*reply);
    // 404: the batch is gone. 400: no such shard here, or a lost call of ours is still under way (spec 5.4).
    if (why.status == 404 || why.status == 400) return start_over(effect, describe(why));
    return unexpected(fault_of("read shard " + effect.shard.value() + " from " + name_of(effect.snapshot), why));
  }
  auto const chunk = check_chunk(counter, *reply);
  if (!chunk) return start_over(effect, "a chunk was lost on the way");
  auto payload = read_dump_lines(std::move(reply->body));
  if (!payload) return start_over(effect, payload.error());
  std::lock_guard lock(mutex_);
  if (auto const found = open_.find(effect.snapshot); found != open_.end()) {
    auto& cursor = found->second.cursors[effect.shard];
    cursor.counter = chunk->counter;
    cursor.next_chunk = effect.chunk + 1;
    cursor.ended = chunk->last;
  }
  return worker::SnapshotChunk{std::move(*payload), chunk->last};
}

http::Task<Outcome<worker::SnapshotChunk>> Snapshots::read(worker::ReadSnapshot effect) {
  std::uint64_t counter = 0;
  if (auto fault = begin_read(effect, counter)) co_return unexpected(std::move(*fault));
  Call call;
  call.what = "read shard " + effect.shard.value() + " from " + name_of(effect.snapshot);
  call.target = dump_target(effect.snapshot.database, effect.shard, effect.snapshot.id,
                            std::min(effect.chunk_bytes, chunk_bytes_max));
  call.timeout = std::chrono::seconds(300);
  auto reply = co_await this->call(effect.snapshot.server, call);
  auto outcome = finish_read(effect, counter, std::move(reply));
  std::lock_guard lock(mutex_);
  if (auto const found = open_.find(effect.snapshot); found != open_.end()) {
    found->second.cursors[effect.shard].busy = false;
  }
  co_return outcome;
}

http::Task<Outcome<Done>> Snapshots::track(ReadRoute route, worker::SnapshotId id, worker::SyncerId syncer, Tick tick) {
  auto const text = std::to_string(tick.value());
  auto const identity = "&" + identity_of(syncer);
  Call call;
  call.what = "keep the log after " + name_of(id);
  call.target =
      "/_api/wal/tail?global=true&from=" + text + "&lastScanned=" + text + "&trackOnly=true&chunkSize=16384" + identity;
  if (route == ReadRoute::Coordinator) {
    call.target = in_database(id.database,
                              "/_api/replication/logger-follow?from=" + text + "&to=" + text + "&ttl=1800" + identity);
  }
  auto reply = co_await routes_.call(route, id.server, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  co_return Done{};
}

http::Task<Outcome<Done>> Snapshots::close(worker::CloseSnapshot effect) {
  drop(effect.snapshot);
  auto const route = co_await routes_.choose(effect.snapshot.server);
  if (!route) co_return unexpected(route.error());
  Call call;
  call.what = "close " + name_of(effect.snapshot);
  call.method = "DELETE";
  call.target = batch_path(effect.snapshot);
  auto reply = co_await routes_.call(*route, effect.snapshot.server, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply) && reply->status != 404) co_return unexpected(fault_of(call.what, *reply));
  if (*route == ReadRoute::Compare) co_return Done{};  // nobody is going to read the log
  // Deleting a batch cuts its reader's registration down to 15 s; one log request makes it last again (spec 5.2).
  auto tracked = co_await track(*route, effect.snapshot, effect.syncer, effect.tick);
  co_return tracked;
}

}  // namespace arangosync::cluster
