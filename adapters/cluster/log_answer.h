// One answer of wal/tail or logger-follow: what its headers say about the position (spec arangodb-read 6.3, 6.4, 6.8),
// and its lines as slices per shard (6.5). Pure functions of the answer; the coroutine around them is log_readers.cpp.
// Untrusted input; never throws.
#pragma once

#include "adapters/http/http.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::cluster {

struct LogPosition {
  Tick from;
  Tick last_scanned;
  friend bool operator==(LogPosition const&, LogPosition const&) = default;
};

struct LogHeaders {
  Tick last_included;
  Tick last_scanned;
  Tick last_tick;
  bool from_present = false;
};
/// Nothing if one of them is missing or no number.
std::optional<LogHeaders> parse_log_headers(http::Response const& response);

/// The position after an answer (spec 6.4).
LogPosition advance(LogPosition asked, LogHeaders const& headers);

/// What an answer says about the history after the asked position (spec 6.8).
enum class History { Complete, Lost, AskRange };
History judge_history(LogPosition asked, int status, LogHeaders const& headers);
/// The answer to AskRange, from the oldest tick on disk and the newest one (spec 6.1, 6.8).
bool is_lost(LogPosition asked, Tick oldest, Tick newest);

/// Shards a reader delivers, by database and shard, with the tick up to which each is skipped.
struct LogShardLess {
  using is_transparent = void;  // so that lines are looked up without copying their names
  template <class A, class B>
  bool operator()(A const& a, B const& b) const {
    std::string_view const database_a = a.first;
    std::string_view const database_b = b.first;
    if (database_a != database_b) return database_a < database_b;
    return std::string_view(a.second) < std::string_view(b.second);
  }
};
using LogFilter = std::map<std::pair<std::string, std::string>, Tick, LogShardLess>;
LogFilter make_filter(std::vector<worker::ShardFilter> const& filter);

struct LogLines {
  std::vector<worker::LogSlice> slices;
  bool inside_run = false;      ///< the last line belongs to a transaction that has not ended
  std::set<int> unknown_types;  ///< markers nobody knows; ignored
};
/// `inside_run`: how the reader's previous chunk ended. Error: which line is broken.
Expected<LogLines, std::string> read_log_lines(std::string body, LogFilter const& filter, bool inside_run);
/// Of logger-follow, whose lines are all of one database; those with a tick after `cut` are left out.
Expected<LogLines, std::string> read_followed_lines(std::string body, LogFilter const& filter,
                                                    std::string_view database, std::optional<Tick> cut);

}  // namespace arangosync::cluster
