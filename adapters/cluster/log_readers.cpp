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
constexpr Duration log_call = std::chrono::seconds(120);
// A restarted server removes what nobody has asked for after 60 s (spec 6.7).
constexpr Duration renewal = std::chrono::seconds(20);

std::string tail_target(worker::ReadLog const& effect, LogFilter const& filter) {
  auto const chunk_bytes = std::clamp(effect.chunk_bytes, chunk_bytes_min, chunk_bytes_max);
  auto const position = "from=" + std::to_string(effect.from.value()) +
                        "&lastScanned=" + std::to_string(effect.last_scanned.value()) +
                        "&chunkSize=" + std::to_string(chunk_bytes) + "&" + identity_of(effect.syncer);
  if (effect.only && filter.size() == 1) {
    auto const& [database, shard] = filter.begin()->first;
    return in_database(DatabaseName(database),
                       "/_api/wal/tail?collection=" + http::percent_encode(shard) + "&" + position);
  }
  return "/_api/wal/tail?global=true&" + position;
}

/// Of the shards asked for, the one that held up the last round first.
std::vector<std::string> databases_of(LogFilter const& filter, std::string const& first) {
  std::vector<std::string> databases;
  for (auto const& [names, skip_until] : filter) {
    if (databases.empty() || databases.back() != names.first) databases.push_back(names.first);
  }
  auto const found = std::find(databases.begin(), databases.end(), first);
  if (found != databases.end()) std::rotate(databases.begin(), found, found + 1);
  return databases;
}

worker::LogChunk chunk_at(LogPosition position, Tick newest) {
  worker::LogChunk chunk;
  chunk.from = position.from;
  chunk.last_scanned = position.last_scanned;
  chunk.newest = newest;
  return chunk;
}

/// A log of which only its end is told.
worker::LogChunk closed_log(worker::ReadLog const& effect, Tick newest) {
  auto chunk = chunk_at({effect.from, effect.last_scanned}, newest);
  chunk.closed = true;
  chunk.at_end = newest == effect.from;
  chunk.at_boundary = true;
  chunk.lost = newest < effect.from;
  return chunk;
}

}  // namespace

LogReaders::Reader LogReaders::remember(worker::ReadLog const& effect) {
  std::lock_guard lock(mutex_);
  auto const found = readers_.find(effect.reader);
  if (found == readers_.end() && !effect.filter) return {};
  auto& reader = readers_[effect.reader];
  if (effect.filter) {
    reader.filter = std::make_shared<LogFilter const>(make_filter(*effect.filter));
    reader.followed.reset();
    reader.quiet_at.reset();
  }
  return reader;
}

void LogReaders::update(worker::ReaderId id, std::function<void(Reader&)> const& change) {
  std::lock_guard lock(mutex_);
  if (auto const found = readers_.find(id); found != readers_.end()) change(found->second);
}

bool LogReaders::is_stuck(worker::ReaderId id, LogPosition position, Tick newest) {
  auto const now = connection_.clock().now();
  auto const at_end = std::max(position.from, position.last_scanned) >= newest;
  bool result = false;
  update(id, [&](Reader& reader) {
    if (at_end || reader.stuck_at != position) {
      reader.stuck_at = at_end ? std::nullopt : std::optional(position);
      reader.stuck_newest = newest;
      reader.stuck_since = now;
      reader.stuck_answers = 0;
    } else if (newest > reader.stuck_newest) {
      ++reader.stuck_answers;
      result = reader.stuck_answers >= stuck_answers_min && now - reader.stuck_since >= stuck_after;
    }
  });
  return result;
}

void LogReaders::warn_of_unknown(ServerId const& server, std::set<int> const& types) {
  for (auto const type : types) {
    std::lock_guard lock(mutex_);
    if (!unknown_types_.insert(type).second) continue;
    connection_.telemetry().log(ports::LogLevel::Warn, "cluster",
                                "DB-Server " + server.value() + " logs markers of unknown type " +
                                    std::to_string(type) + ", which are ignored");
  }
}

// ---- directly ----

http::Task<Outcome<bool>> LogReaders::is_history_lost(worker::ReadLog effect, int status, LogHeaders headers) {
  LogPosition const asked{effect.from, effect.last_scanned};
  auto const judgement = judge_history(asked, status, headers);
  if (judgement != History::AskRange) co_return judgement == History::Lost;
  auto range = co_await read_wal_range(scope_, connection_, effect.server);
  if (!range) co_return unexpected(range.error());
  co_return is_lost(asked, range->oldest, range->newest);
}

Outcome<worker::LogChunk> LogReaders::make_chunk(worker::ReadLog const& effect, LogHeaders const& headers,
                                                 Reader const& known, std::string body) {
  auto const position = advance(LogPosition{effect.from, effect.last_scanned}, headers);
  auto lines = read_log_lines(std::move(body), *known.filter, known.inside_run);
  if (!lines) {
    return unexpected(
        Fault{FaultClass::Retry, "read log of DB-Server " + effect.server.value() + ": " + lines.error()});
  }
  warn_of_unknown(effect.server, lines->unknown_types);
  auto chunk = chunk_at(position, headers.last_tick);
  chunk.slices = std::move(lines->slices);
  chunk.at_end = std::max(position.from, position.last_scanned) >= headers.last_tick;
  // At the end of the log nothing can be missing, even if the line that ends the last run was filtered out.
  chunk.at_boundary = chunk.at_end || !lines->inside_run;
  chunk.lost = is_stuck(effect.reader, position, headers.last_tick);
  if (chunk.lost) chunk.slices.clear();
  update(effect.reader, [&](Reader& reader) {
    reader.inside_run = !chunk.at_boundary;
    reader.followed.reset();
  });
  return chunk;
}

http::Task<Outcome<worker::LogChunk>> LogReaders::read_directly(worker::ReadLog effect, Reader known) {
  Call call;
  call.what = "read log of DB-Server " + effect.server.value();
  call.target = tail_target(effect, *known.filter);
  auto instance = co_await instances_.ask(ReadRoute::Direct, effect.server);
  if (!instance) co_return unexpected(instance.error());
  auto reply = co_await routes_.call(ReadRoute::Direct, effect.server, call);
  if (!reply) {
    instances_.forget(effect.server);
    co_return unexpected(reply.error());
  }
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const headers = parse_log_headers(*reply);
  if (!headers) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": headers of the position are missing"});
  auto lost = co_await is_history_lost(effect, reply->status, *headers);
  if (!lost) co_return unexpected(lost.error());
  Outcome<worker::LogChunk> chunk = chunk_at({effect.from, effect.last_scanned}, headers->last_tick);
  chunk->lost = *lost;
  if (!*lost) chunk = make_chunk(effect, *headers, known, std::move(reply->body));
  if (chunk) {
    chunk->instance = instance->id;
    chunk->boot = instance->boot;
  }
  co_return chunk;
}

// ---- through a Coordinator ----

http::Task<Outcome<bool>> LogReaders::go_round(worker::ReadLog effect, std::string only, FollowRound& round) {
  LogPosition const asked{effect.from, effect.last_scanned};
  auto const query = "/_api/replication/logger-follow?" + identity_of(effect.syncer) +
                     "&ttl=1800&from=" + std::to_string(round.from().value());
  auto const chunk_bytes =
      std::clamp(effect.chunk_bytes / std::max<std::size_t>(1, round.databases()), chunk_bytes_min, chunk_bytes_max);
  while (!round.is_over()) {
    Call call;
    call.what = "read log of DB-Server " + effect.server.value() + " through a Coordinator";
    call.target = in_database(DatabaseName(round.database()), query + "&chunkSize=" + std::to_string(chunk_bytes));
    if (auto const to = round.to()) call.target += "&to=" + std::to_string(to->value());
    if (!only.empty()) call.target += "&collection=" + http::percent_encode(only);
    call.timeout = log_call;
    auto reply = co_await routes_.call(ReadRoute::Coordinator, effect.server, call);
    if (!reply) co_return unexpected(reply.error());
    auto const headers = parse_log_headers(*reply);
    if (!succeeded(*reply) || !headers) {
      auto fault = fault_of(call.what, *reply);
      if (is_follow_unknown(*reply)) {  // the server was upgraded: another route
        routes_.closed(effect.server);
        fault.fault_class = FaultClass::Retry;
      }
      co_return unexpected(std::move(fault));
    }
    auto judgement = judge_followed(asked, round.from(), reply->status, *headers);
    if (judgement == History::AskRange) {
      auto oldest = co_await read_first_tick(scope_, connection_, effect.server);
      if (!oldest) co_return unexpected(oldest.error());
      bool const lost = is_followed_lost(asked, round.from(), *oldest, headers->last_tick);
      judgement = lost ? History::Lost : History::Complete;
    }
    if (judgement == History::Lost) co_return true;
    round.take(*headers, std::move(reply->body));
  }
  co_return false;
}

Outcome<worker::LogChunk> LogReaders::make_followed(worker::ReadLog const& effect, Reader const& known,
                                                    FollowRound& round, Tick logged) {
  Tick position = round.position();
  // A batch that is not read yet begins after `from`, unless that lies inside a transaction.
  if (effect.last_scanned >= effect.from) position = std::max(position, effect.from);
  auto chunk = chunk_at({position, position}, std::max(logged, round.newest()));
  chunk.at_boundary = true;  // transactions are never split
  for (auto& part : round.take_parts()) {
    auto lines = read_followed_lines(std::move(part.body), *known.filter, part.database, round.cut());
    if (!lines) {
      return unexpected(
          Fault{FaultClass::Retry, "read log of DB-Server " + effect.server.value() + ": " + lines.error()});
    }
    warn_of_unknown(effect.server, lines->unknown_types);
    std::move(lines->slices.begin(), lines->slices.end(), std::back_inserter(chunk.slices));
  }
  // The position is the start of the last batch, so only a log that goes on without it tells that reading stops short.
  bool const stands = known.stuck_at == LogPosition{position, position} && chunk.newest > known.stuck_newest;
  chunk.at_end = round.at_end() && !stands;
  chunk.lost = is_stuck(effect.reader, {position, position}, chunk.newest);
  if (chunk.lost) chunk.slices.clear();
  update(effect.reader, [&](Reader& reader) {
    reader.inside_run = false;
    reader.followed = LogPosition{position, position};
    reader.slowest = round.slowest();
    reader.quiet_at = chunk.at_end ? std::optional(logged) : std::nullopt;
    reader.renew_at = connection_.clock().now() + renewal;
  });
  return chunk;
}

http::Task<Outcome<worker::LogChunk>> LogReaders::follow(worker::ReadLog effect, Reader known, Tick newest) {
  LogPosition const asked{effect.from, effect.last_scanned};
  Outcome<worker::LogChunk> chunk = chunk_at(asked, newest);
  bool const goes_on = known.followed == asked;
  bool const is_quiet = goes_on && known.quiet_at == newest && connection_.clock().now() < known.renew_at;
  chunk->lost = newest < effect.from;  // the server is younger than our position
  chunk->at_end = is_quiet;
  chunk->at_boundary = true;
  if (chunk->lost || is_quiet) co_return chunk;
  FollowRound round(goes_on ? effect.from : follow_from(asked), databases_of(*known.filter, known.slowest));
  auto const only = effect.only && known.filter->size() == 1 ? known.filter->begin()->first.second : std::string();
  auto const lost = co_await go_round(effect, only, round);
  if (!lost) co_return unexpected(lost.error());
  chunk->lost = *lost;
  if (!*lost) chunk = make_followed(effect, known, round, newest);
  co_return chunk;
}

http::Task<Outcome<worker::LogChunk>> LogReaders::read_by_coordinator(worker::ReadLog effect, Reader known,
                                                                      bool is_closed) {
  auto const instance = co_await instances_.ask(ReadRoute::Coordinator, effect.server);
  if (!instance) {
    routes_.failed(effect.server);
    co_return unexpected(instance.error());
  }
  auto const state = co_await read_log_state(scope_, connection_, effect.server);
  if (!state) {
    instances_.forget(effect.server);
    routes_.failed(effect.server);
    co_return unexpected(state.error());
  }
  routes_.saw_version(effect.server, state->version);
  Outcome<worker::LogChunk> chunk = closed_log(effect, state->newest);
  if (!is_closed) chunk = co_await follow(effect, known, state->newest);
  if (chunk) {
    chunk->instance = state->instance;
    chunk->boot = instance->boot;
  }
  co_return chunk;
}

// ---- by whichever route ----

http::Task<Outcome<worker::LogChunk>> LogReaders::read(worker::ReadLog effect) {
  auto const known = remember(effect);
  auto const what = "read log of DB-Server " + effect.server.value();
  if (!known.filter) co_return unexpected(Fault{FaultClass::Permanent, what + ": reader without filter"});
  auto const read_at = connection_.clock().wall_now();  // before the calls: what is written later may be missing
  auto const route = co_await routes_.choose(effect.server);
  if (!route) co_return unexpected(route.error());
  Outcome<worker::LogChunk> chunk = unexpected(Fault{FaultClass::Permanent, what + ": no route"});
  switch (*route) {
    case ReadRoute::Direct:
      chunk = co_await read_directly(effect, known);
      break;
    case ReadRoute::Coordinator:
      chunk = co_await read_by_coordinator(effect, known, false);
      break;
    case ReadRoute::Compare:
      chunk = co_await read_by_coordinator(effect, known, true);
      break;
  }
  if (chunk) {
    chunk->read_at = read_at;
    chunk->route = to_text(*route);
  }
  co_return chunk;
}

http::Task<Done> LogReaders::forget(worker::ForgetReader effect) {
  Reader known;
  {
    std::lock_guard lock(mutex_);
    if (auto const found = readers_.find(effect.reader); found != readers_.end()) known = std::move(found->second);
    readers_.erase(effect.reader);
  }
  auto const route = co_await routes_.choose(effect.server);
  if (!route) co_return Done{};
  Call call;
  call.what = "unregister a log reader at DB-Server " + effect.server.value();
  auto const syncer = identity_of(effect.syncer);
  if (*route == ReadRoute::Direct) {
    call.method = "DELETE";
    call.target = "/_api/wal/tail?" + syncer;
    // Older servers do not know the call; the registration then ends by itself.
    auto reply = co_await routes_.call(*route, effect.server, call);
    co_return Done{};
  }
  if (!known.filter || !known.followed) co_return Done{};  // it ends by itself
  auto const tick = std::to_string(std::max<std::uint64_t>(1, known.followed->from.value()));
  for (auto const& database : databases_of(*known.filter, "")) {
    call.target = in_database(DatabaseName(database),
                              "/_api/replication/logger-follow?from=" + tick + "&to=" + tick + "&ttl=1&" + syncer);
    auto reply = co_await routes_.call(*route, effect.server, call);
  }
  co_return Done{};
}

}  // namespace arangosync::cluster
