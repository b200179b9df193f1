#include "adapters/cluster/log_readers.h"

#include "adapters/cluster/error_class.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr std::size_t chunk_bytes_min = 16384;
constexpr std::size_t chunk_bytes_max = 128u << 20;
constexpr Duration stuck_after = std::chrono::seconds(30);
constexpr std::uint32_t stuck_answers_min = 5;  // time alone may be an outage between two of them

std::string tail_target(worker::ReadLog const& effect, LogFilter const& filter) {
  auto const chunk_bytes = std::clamp(effect.chunk_bytes, chunk_bytes_min, chunk_bytes_max);
  auto const position = "from=" + std::to_string(effect.from.value()) +
                        "&lastScanned=" + std::to_string(effect.last_scanned.value()) +
                        "&chunkSize=" + std::to_string(chunk_bytes) +
                        "&syncerId=" + std::to_string(effect.syncer.value()) + "&clientInfo=arangosync";
  if (effect.only && filter.size() == 1) {
    auto const& [database, shard] = filter.begin()->first;
    return in_database(DatabaseName(database),
                       "/_api/wal/tail?collection=" + http::percent_encode(shard) + "&" + position);
  }
  return "/_api/wal/tail?global=true&" + position;
}

}  // namespace

LogReaders::Known LogReaders::remember(worker::ReadLog const& effect) {
  std::lock_guard lock(mutex_);
  auto const found = readers_.find(effect.reader);
  if (found == readers_.end() && !effect.filter) return {};
  auto& reader = readers_[effect.reader];
  if (effect.filter) reader.filter = std::make_shared<LogFilter const>(make_filter(*effect.filter));
  return Known{reader.filter, reader.inside_run};
}

http::Task<Outcome<bool>> LogReaders::is_history_lost(worker::ReadLog effect, int status, LogHeaders headers) {
  LogPosition const asked{effect.from, effect.last_scanned};
  auto const judgement = judge_history(asked, status, headers);
  if (judgement != History::AskRange) co_return judgement == History::Lost;
  auto range = co_await read_wal_range(scope_, connection_, effect.server);
  if (!range) co_return unexpected(range.error());
  co_return is_lost(asked, range->oldest, range->newest);
}

bool LogReaders::is_stuck(worker::ReaderId id, LogPosition position, Tick newest) {
  auto const now = connection_.clock().now();
  auto const at_end = std::max(position.from, position.last_scanned) >= newest;
  std::lock_guard lock(mutex_);
  auto const found = readers_.find(id);
  if (found == readers_.end()) return false;
  auto& reader = found->second;
  if (at_end || reader.stuck_at != position) {
    reader.stuck_at = at_end ? std::nullopt : std::optional(position);
    reader.stuck_since = now;
    reader.stuck_answers = 0;
    return false;
  }
  ++reader.stuck_answers;
  return reader.stuck_answers >= stuck_answers_min && now - reader.stuck_since >= stuck_after;
}

void LogReaders::ended_inside_run(worker::ReaderId id, bool inside_run) {
  std::lock_guard lock(mutex_);
  if (auto const found = readers_.find(id); found != readers_.end()) found->second.inside_run = inside_run;
}

Outcome<worker::LogChunk> LogReaders::make_chunk(worker::ReadLog const& effect, LogHeaders const& headers,
                                                 Known const& known, std::string body) {
  LogPosition const asked{effect.from, effect.last_scanned};
  auto const position = advance(asked, headers);
  auto lines = read_log_lines(std::move(body), *known.filter, known.inside_run);
  if (!lines) {
    return unexpected(
        Fault{FaultClass::Retry, "read log of DB-Server " + effect.server.value() + ": " + lines.error()});
  }
  for (auto const type : lines->unknown_types) {
    std::lock_guard lock(mutex_);
    if (!unknown_types_.insert(type).second) continue;
    connection_.telemetry().log(ports::LogLevel::Warn, "cluster",
                                "DB-Server " + effect.server.value() + " logs markers of unknown type " +
                                    std::to_string(type) + ", which are ignored");
  }
  worker::LogChunk chunk;
  chunk.slices = std::move(lines->slices);
  chunk.from = position.from;
  chunk.last_scanned = position.last_scanned;
  chunk.newest = headers.last_tick;
  chunk.at_end = std::max(position.from, position.last_scanned) >= headers.last_tick;
  // At the end of the log nothing can be missing, even if the line that ends the last run was filtered out.
  chunk.at_boundary = chunk.at_end || !lines->inside_run;
  chunk.lost = is_stuck(effect.reader, position, headers.last_tick);
  if (chunk.lost) chunk.slices.clear();
  ended_inside_run(effect.reader, !chunk.at_boundary);
  return chunk;
}

http::Task<Outcome<worker::LogChunk>> LogReaders::read(worker::ReadLog effect) {
  auto const known = remember(effect);
  Call call;
  call.what = "read log of DB-Server " + effect.server.value();
  if (!known.filter) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": reader without filter"});
  call.target = tail_target(effect, *known.filter);
  auto instance = co_await instances_.ask(effect.server);
  if (!instance) co_return unexpected(instance.error());
  auto const read_at = connection_.clock().wall_now();  // before the call: what is written later may be missing
  auto reply = co_await call_db_server(scope_, connection_, effect.server, call);
  if (!reply) {
    instances_.forget(effect.server);
    co_return unexpected(reply.error());
  }
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const headers = parse_log_headers(*reply);
  if (!headers) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": headers of the position are missing"});
  auto lost = co_await is_history_lost(effect, reply->status, *headers);
  if (!lost) co_return unexpected(lost.error());
  Outcome<worker::LogChunk> chunk = worker::LogChunk{};
  if (*lost) {
    chunk->from = effect.from;
    chunk->last_scanned = effect.last_scanned;
    chunk->newest = headers->last_tick;
    chunk->lost = true;
  } else {
    chunk = make_chunk(effect, *headers, known, std::move(reply->body));
  }
  if (chunk) {
    chunk->instance = *instance;
    chunk->read_at = read_at;
  }
  co_return chunk;
}

http::Task<Done> LogReaders::forget(worker::ForgetReader effect) {
  {
    std::lock_guard lock(mutex_);
    readers_.erase(effect.reader);
  }
  Call call;
  call.what = "unregister a log reader at DB-Server " + effect.server.value();
  call.method = "DELETE";
  call.target = "/_api/wal/tail?syncerId=" + std::to_string(effect.syncer.value());
  // Older servers do not know the call; the registration then ends by itself.
  auto reply = co_await call_db_server(scope_, connection_, effect.server, call);
  co_return Done{};
}

}  // namespace arangosync::cluster
