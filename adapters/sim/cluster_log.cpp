#include "adapters/sim/cluster_log.h"

#include "adapters/sim/cluster_json.h"

#include <algorithm>

namespace arangosync::sim {
namespace {

/// Sequence numbers of a document's operation: the document itself, its primary and its secondary index entries.
std::uint64_t operations(ServerLog::Place const& place) { return 2 + place.index_writes; }

/// An insert writes the document first and its index entries after it; a removal the other way round, which is why the
/// tick of a last removal equals that of 2201 (spec arangodb-read 6.5.3).
std::uint64_t document_offset(ServerLog::Place const& place, bool is_removal) {
  return is_removal ? operations(place) - 1 : 0;
}

std::string head(std::uint64_t tick, int type, std::string const& database) {
  std::string line = "{\"tick\":\"" + std::to_string(tick) + "\",\"type\":" + std::to_string(type) + ",\"db\":";
  json::append_quoted(line, database);
  return line;
}

}  // namespace

void ServerLog::append(Batch batch) {
  batch.bytes = 128 + batch.data.size();
  for (auto const& change : batch.changes) batch.bytes += 64 + change.document->text.size();
  bytes_ += batch.bytes;
  last_ = batch.last;
  batches_.push_back(std::move(batch));
}

void ServerLog::append_single(Place const& place, LoggedChange change) {
  Batch batch;
  batch.first = last_ + 1;
  batch.last = last_ + operations(place);
  batch.place = place;
  batch.changes.push_back(std::move(change));
  append(std::move(batch));
}

void ServerLog::append_run(Place const& place, std::uint64_t tid, std::vector<LoggedChange> changes) {
  Batch batch;
  batch.first = last_ + 1;
  batch.last = last_ + operations(place) * changes.size();
  batch.tid = tid;
  batch.place = place;
  batch.changes = std::move(changes);
  append(std::move(batch));
}

void ServerLog::append_structure(Place const& place, int type, std::string data) {
  Batch batch;
  batch.first = last_ + 1;
  batch.last = last_ + 1;
  batch.type = type;
  batch.place = place;
  batch.data = std::move(data);
  append(std::move(batch));
}

void ServerLog::append_hidden(std::uint64_t operations) {
  Batch batch;
  batch.first = last_ + 1;
  batch.last = last_ + operations;
  append(std::move(batch));
}

/// One pass over the log for one request.
class ServerLog::Reader {
public:
  Reader(ServerLog const& log, TailRequest const& request, IsHere const& is_here)
      : log_(log), request_(request), is_here_(is_here) {}

  TailAnswer read() {
    answer_.last_tick = log_.last_;
    bool is_split = request_.last_scanned > 0 && request_.last_scanned < request_.from;
    std::uint64_t since = is_split ? request_.last_scanned : request_.from;
    // The batch that contains `since`, or else the one that follows it.
    auto batch = std::partition_point(log_.batches_.begin(), log_.batches_.end(),
                                      [&](Batch const& each) { return each.last < since; });
    if (batch == log_.batches_.end()) {
      answer_.from_present = request_.from == log_.last_;
      return std::move(answer_);
    }
    answer_.from_present = batch->first <= request_.from;
    for (; batch != log_.batches_.end(); ++batch) {
      if (batch->first > request_.to) break;
      answer_.last_scanned = batch->first;
      if (batch->first < since) continue;
      deliver(*batch);
      if (is_full()) break;
      bool is_last = std::next(batch) == log_.batches_.end();
      if (is_last) answer_.last_scanned = batch->last;
    }
    answer_.check_more = answer_.last_included > 0 && answer_.last_included < answer_.last_tick;
    return std::move(answer_);
  }

private:
  bool is_full() const { return answer_.lines.size() >= request_.chunk_bytes; }
  static bool is_hidden(Batch const& batch) { return batch.type == 0 && batch.changes.empty(); }

  bool wants_database(Batch const& batch) const { return request_.global || batch.place.database == request_.database; }
  bool wants_shard(Batch const& batch) const {
    return request_.global || request_.shard.empty() || request_.shard == batch.place.shard;
  }

  void emit(std::uint64_t sequence, std::string line) {
    if (sequence <= request_.from) return;
    answer_.lines += line;
    answer_.lines += '\n';
    answer_.last_included = sequence;
  }

  void deliver(Batch const& batch) {
    if (!wants_database(batch) || is_hidden(batch)) return;
    if (batch.type != 0) {
      if (wants_shard(batch)) structure(batch);
      return;
    }
    bool wants_documents = wants_shard(batch) && is_here_(batch.place.database, batch.place.shard);
    if (batch.tid == 0) {
      if (wants_documents) change(batch, 0);
      return;
    }
    std::string tid = ",\"tid\":\"" + std::to_string(batch.tid) + "\"}";
    emit(batch.first, head(batch.first, 2200, batch.place.database) + tid);
    for (std::size_t i = 0; wants_documents && i < batch.changes.size(); ++i) {
      // Within a run the server stops only if the client sent lastScanned, and after one more entry.
      bool may_stop = request_.last_scanned > 0 && i > 0 && sequence_of(batch, i) > request_.from;
      if (may_stop && is_full()) return;
      change(batch, i);
    }
    emit(batch.last, head(batch.last, 2201, batch.place.database) + tid);
  }

  static std::uint64_t sequence_of(Batch const& batch, std::size_t index) {
    return batch.first + operations(batch.place) * index +
           document_offset(batch.place, batch.changes[index].is_removal);
  }

  void change(Batch const& batch, std::size_t index) {
    LoggedChange const& change = batch.changes[index];
    std::uint64_t sequence = sequence_of(batch, index);
    if (sequence <= request_.from) return;
    std::string line = head(sequence, change.is_removal ? 2302 : 2300, batch.place.database);
    line += ",\"tid\":\"" + std::to_string(batch.tid) + "\",\"cuid\":";
    json::append_quoted(line, batch.place.cuid);
    line += ",\"data\":";
    if (change.is_removal) {
      line += "{\"_key\":";
      json::append_quoted(line, change.document->key);
      line += ",\"_rev\":";
      json::append_quoted(line, change.document->revision);
      line += '}';
    } else {
      line += change.document->text;
    }
    emit(sequence, line + '}');
  }

  void structure(Batch const& batch) {
    std::string line = head(batch.last, batch.type, batch.place.database);
    if (!batch.place.cuid.empty()) {
      line += ",\"cuid\":";
      json::append_quoted(line, batch.place.cuid);
    }
    if (!batch.data.empty()) line += ",\"data\":" + batch.data;
    emit(batch.last, line + '}');
  }

  ServerLog const& log_;
  TailRequest const& request_;
  IsHere const& is_here_;
  TailAnswer answer_;
};

TailAnswer ServerLog::tail(TailRequest const& request, IsHere const& is_here) const {
  return Reader(*this, request, is_here).read();
}

void ServerLog::track(std::string const& database, LogClient const& client, std::uint64_t tick, WallTime now,
                      Duration lifetime) {
  if (!client.is_known()) return;
  auto& entry = clients_[database][client.id()];
  bool is_new = entry.expires.is_zero();
  entry.client = client;
  if (is_new || tick > 0) entry.tick = tick;
  entry.seen = now;
  entry.expires = now + lifetime;
}

void ServerLog::prolong(std::string const& database, LogClient const& client, WallTime now, Duration lifetime) {
  auto of_database = clients_.find(database);
  if (of_database == clients_.end() || !client.is_known()) return;
  auto entry = of_database->second.find(client.id());
  if (entry != of_database->second.end()) entry->second.expires = now + lifetime;
}

void ServerLog::forget(std::string const& database, LogClient const& client) {
  auto of_database = clients_.find(database);
  if (of_database != clients_.end()) of_database->second.erase(client.id());
}

std::vector<RegisteredClient> ServerLog::clients(std::string const& database, WallTime now) const {
  std::vector<RegisteredClient> living;
  auto of_database = clients_.find(database);
  if (of_database == clients_.end()) return living;
  for (auto const& [id, entry] : of_database->second) {
    if (entry.expires > now) living.push_back(entry);
  }
  return living;
}

void ServerLog::trim(WallTime now) {
  std::uint64_t needed = last_;
  for (auto& [database, entries] : clients_) {
    std::erase_if(entries, [&](auto const& entry) { return entry.second.expires <= now; });
    for (auto const& [id, entry] : entries) needed = std::min(needed, entry.tick);
  }
  // The batch that contains the position stays, so that the position is seen to be present.
  while (batches_.size() > 1 && batches_.front().last < needed) {
    bytes_ -= batches_.front().bytes;
    batches_.pop_front();
  }
}

void ServerLog::trim_to(std::uint64_t tick) {
  while (!batches_.empty() && batches_.front().last <= tick) {
    bytes_ -= batches_.front().bytes;
    batches_.pop_front();
  }
}

}  // namespace arangosync::sim
