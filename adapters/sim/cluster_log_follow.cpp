// How `logger-follow` reads a server's log: whole batches only, never from within one (spec arangodb-read 6.9).
#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_log.h"

#include <algorithm>

namespace arangosync::sim {

class ServerLog::Follower {
public:
  Follower(ServerLog const& log, FollowRequest const& request, IsHere const& is_here)
      : log_(log), request_(request), is_here_(is_here) {}

  FollowAnswer read() {
    answer_.last_tick = log_.last_;
    if (request_.from > log_.last_) return std::move(answer_);
    answer_.last_scanned = request_.from;
    std::uint64_t since = request_.from == 0 ? 0 : request_.from - 1;
    auto batch = std::partition_point(log_.batches_.begin(), log_.batches_.end(),
                                      [&](Batch const& each) { return each.last < since; });
    bool has_batch = batch != log_.batches_.end();
    answer_.from_present = has_batch ? batch->first <= request_.from : request_.from == log_.last_;
    std::uint64_t read_to = request_.from;
    for (; batch != log_.batches_.end() && batch->first <= request_.to; ++batch) {
      if (batch->first <= request_.from) continue;
      answer_.last_scanned = batch->first;
      read_to = batch->last;
      deliver(*batch);
      if (!answer_.entries.empty() && bytes_ >= request_.chunk_bytes) break;
    }
    if (!answer_.entries.empty()) answer_.last_included = read_to;
    answer_.check_more = read_to < log_.last_;
    return std::move(answer_);
  }

private:
  void emit(Batch const& batch, std::uint64_t tick, int type, std::string data) {
    bytes_ += 64 + data.size();
    LogPlace const& place = batch.place;
    bool is_in_cluster = place.cid.empty() && !place.shard.empty();
    answer_.entries.push_back({tick, batch.tid, type, place.cuid, is_in_cluster ? place.shard.substr(1) : place.cid,
                               is_in_cluster ? place.shard : place.cname, std::move(data)});
  }

  /// Databases have no place in the log of one of them; a dropped shard has only its end.
  bool is_shown(Batch const& batch, bool is_wanted) const {
    if (batch.type == 1100 || batch.type == 1101) return false;
    bool is_end_of_shard = batch.type == 2001;
    return is_end_of_shard || (is_wanted && is_here_(batch.place.database, batch.place.shard));
  }

  void deliver(Batch const& batch) {
    if (batch.place.database != request_.database) return;
    bool is_wanted = request_.shard.empty() || request_.shard == batch.place.shard;
    bool is_shown_here = is_shown(batch, is_wanted);
    if (batch.type != 0) {
      if (is_shown_here) emit(batch, batch.last, batch.type, batch.data);
      return;
    }
    if (batch.changes.empty()) return;
    if (batch.tid != 0) emit(batch, batch.first, 2200, "");
    for (std::size_t i = 0; is_shown_here && i < batch.changes.size(); ++i) change(batch, i);
    if (batch.tid != 0) emit(batch, batch.last, 2201, "");
  }

  void change(Batch const& batch, std::size_t index) {
    LoggedChange const& change = batch.changes[index];
    // As wal/tail numbers them: cluster_log.cpp.
    std::uint64_t operations = 2 + batch.place.index_writes;
    std::uint64_t tick = batch.first + operations * index + (change.is_removal ? operations - 1 : 0);
    std::string removed =
        json::Object().text("_key", change.document->key).text("_rev", change.document->revision).take();
    emit(batch, tick, change.is_removal ? 2302 : 2300, change.is_removal ? removed : change.document->text);
  }

  ServerLog const& log_;
  FollowRequest const& request_;
  IsHere const& is_here_;
  FollowAnswer answer_;
  std::size_t bytes_ = 0;
};

FollowAnswer ServerLog::follow(FollowRequest const& request, IsHere const& is_here) const {
  return Follower(*this, request, is_here).read();
}

}  // namespace arangosync::sim
