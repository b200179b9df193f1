#include "adapters/cluster/log_answer.h"

#include "adapters/cluster/json_value.h"
#include "adapters/cluster/lines.h"
#include "adapters/codec/changes.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

namespace marker {
constexpr int truncate = 2004;
constexpr int start = 2200;
constexpr int commit = 2201;
constexpr int abort = 2202;
constexpr int document = 2300;
constexpr int removal = 2302;
}  // namespace marker

std::optional<Tick> tick_header(http::Response const& response, std::string_view name) {
  auto const number = parse_unsigned(http::header(response.headers, name));
  if (!number) return std::nullopt;
  return Tick(*number);
}

bool is_known(int type) {
  static constexpr int known[] = {1100, 1101, 2000, 2001, 2002, 2003, 2004, 2100, 2101,
                                  2102, 2110, 2111, 2112, 2200, 2201, 2202, 2300, 2302};
  return std::find(std::begin(known), std::end(known), type) != std::end(known);
}

/// Is a transaction still open after this line? A run is contiguous; a line that is not part of it ends it
/// (spec 6.5.3).
bool opens_run(Marker const& line) {
  if (line.type == marker::commit || line.type == marker::abort) return false;
  if (line.type == marker::start) return true;
  return !line.tid.empty() && line.tid != "0";
}

using Names = std::pair<std::string_view, std::string_view>;  // of the filter, which lives longer
using Builders = std::map<Names, codec::ChangesBuilder>;

void deliver(Marker const& line, LogFilter const& filter, Builders& builders) {
  if (line.type != marker::document && line.type != marker::removal && line.type != marker::truncate) return;
  auto const shard = filter.find(Names(line.database, line.shard));
  if (shard == filter.end() || Tick(line.tick) <= shard->second) return;
  codec::Change change;
  change.key = line.key;
  change.revision = line.revision;
  if (line.type == marker::document) {
    change.document = line.document;
  } else {
    change.kind = line.type == marker::removal ? codec::ChangeKind::Remove : codec::ChangeKind::Truncate;
  }
  builders[Names(shard->first)].add(change);
}

}  // namespace

std::optional<LogHeaders> parse_log_headers(http::Response const& response) {
  auto const included = tick_header(response, "x-arango-replication-lastincluded");
  auto const scanned = tick_header(response, "x-arango-replication-lastscanned");
  auto const newest = tick_header(response, "x-arango-replication-lasttick");
  auto const present = http::header(response.headers, "x-arango-replication-frompresent");
  if (!included || !scanned || !newest || present.empty()) return std::nullopt;
  return LogHeaders{*included, *scanned, *newest, present == "true"};
}

LogPosition advance(LogPosition asked, LogHeaders const& headers) {
  LogPosition next{asked.from, headers.last_scanned};
  if (headers.last_included > asked.from) {
    next.from = headers.last_included;
  } else if (headers.last_included == Tick(0) && headers.last_scanned > asked.from) {
    next.from = Tick(headers.last_scanned.value() - 1);
  }
  return next;
}

History judge_history(LogPosition asked, int status, LogHeaders const& headers) {
  if (asked.from == Tick(0)) return History::Complete;       // the flag has no meaning then
  if (headers.last_tick < asked.from) return History::Lost;  // the server is younger than our position
  if (headers.from_present) return History::Complete;
  if (status != 204) return History::Lost;
  return headers.last_tick == asked.from ? History::Complete : History::AskRange;
}

bool is_lost(LogPosition asked, Tick oldest, Tick newest) {
  if (oldest == Tick(0)) return asked.from != newest;  // nothing is retained at all
  return oldest > asked.from;
}

LogFilter make_filter(std::vector<worker::ShardFilter> const& filter) {
  LogFilter result;
  for (auto const& entry : filter) {
    result[{entry.database.value(), entry.shard.value()}] = entry.skip_until;
  }
  return result;
}

namespace {

/// `each` looks at a line before it counts; false leaves it out.
template <class Each>
Expected<LogLines, std::string> read_lines(std::string body, LogFilter const& filter, bool inside_run, Each each) {
  LogLines result;
  result.inside_run = inside_run;
  Builders builders;
  Lines lines(std::move(body));
  Marker line;
  while (true) {
    auto const next = lines.next(line);
    if (next == Lines::Next::End) break;
    if (next == Lines::Next::Broken) {
      return unexpected("line " + std::to_string(lines.line_number()) + " is not understood");
    }
    if (!each(line)) continue;
    result.inside_run = opens_run(line);
    if (!is_known(line.type)) result.unknown_types.insert(line.type);
    deliver(line, filter, builders);
  }
  for (auto& [shard, builder] : builders) {
    result.slices.push_back(
        {DatabaseName(std::string(shard.first)), ShardName(std::string(shard.second)), builder.finish()});
  }
  return result;
}

}  // namespace

Expected<LogLines, std::string> read_log_lines(std::string body, LogFilter const& filter, bool inside_run) {
  return read_lines(std::move(body), filter, inside_run, [](Marker const&) { return true; });
}

Expected<LogLines, std::string> read_followed_lines(std::string body, LogFilter const& filter,
                                                    std::string_view database, std::optional<Tick> cut) {
  return read_lines(std::move(body), filter, false, [&](Marker& line) {
    line.database = database;
    return !cut || Tick(line.tick) <= *cut;
  });
}

}  // namespace arangosync::cluster
