// Readers of the DB-Servers' logs, by each server's route (read_routes.h): directly (spec arangodb-read 6.2 to 6.8), or
// through a Coordinator (6.9), where one read goes round the reader's databases. Positions of both are the same
// numbers, and a reader may change its route between two reads. Part of SourceClusterHttp, in whose scope everything
// runs. Thread-safe; one read of a reader at a time.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/follow_answer.h"
#include "adapters/cluster/log_answer.h"
#include "adapters/cluster/read_routes.h"
#include "adapters/cluster/wal_range.h"
#include "domain/worker/vocabulary.h"
#include "ports/telemetry.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace arangosync::cluster {

class LogReaders {
public:
  LogReaders(http::Scope& scope, Connection& connection, ReadRoutes& routes, Instances& instances)
      : scope_(scope), connection_(connection), routes_(routes), instances_(instances) {}

  /// Takes over the effect's filter at once, so that a failed read does not lose it.
  http::Task<Outcome<worker::LogChunk>> read(worker::ReadLog effect);
  http::Task<Done> forget(worker::ForgetReader effect);

private:
  struct Reader {
    std::shared_ptr<LogFilter const> filter;
    bool inside_run = false;
    std::optional<LogPosition> stuck_at;  ///< the scan does not move though the log grows (spec 6.8)
    Tick stuck_newest;                    ///< how far the log went when it came there
    Instant stuck_since;
    std::uint32_t stuck_answers = 0;
    // ---- through a Coordinator ----
    std::optional<LogPosition> followed;  ///< the last round ended there, for the shards of the filter as it is
    std::string slowest;                  ///< the database that held the last round up
    std::optional<Tick> quiet_at;         ///< everything up to this end of the log has been read
    Instant renew_at;                     ///< the server forgets who does not ask
  };

  Reader remember(worker::ReadLog const& effect);  ///< as it is now; without a filter if it is not known
  http::Task<Outcome<worker::LogChunk>> read_directly(worker::ReadLog effect, Reader known);
  http::Task<Outcome<bool>> is_history_lost(worker::ReadLog effect, int status, LogHeaders headers);
  Outcome<worker::LogChunk> make_chunk(worker::ReadLog const& effect, LogHeaders const& headers, Reader const& known,
                                       std::string body);
  /// `is_closed`: only whether the log grows can be seen.
  http::Task<Outcome<worker::LogChunk>> read_by_coordinator(worker::ReadLog effect, Reader known, bool is_closed);
  http::Task<Outcome<worker::LogChunk>> follow(worker::ReadLog effect, Reader known, Tick newest);
  http::Task<Outcome<bool>> go_round(worker::ReadLog effect, std::string only,
                                     FollowRound& round);  ///< true: history is lost
  Outcome<worker::LogChunk> make_followed(worker::ReadLog const& effect, Reader const& known, FollowRound& round,
                                          Tick logged);
  bool is_stuck(worker::ReaderId reader, LogPosition position, Tick newest);
  void warn_of_unknown(ServerId const& server, std::set<int> const& types);
  void update(worker::ReaderId reader, std::function<void(Reader&)> const& change);  ///< if it is still there

  http::Scope& scope_;
  Connection& connection_;
  ReadRoutes& routes_;
  Instances& instances_;
  std::mutex mutex_;
  std::map<worker::ReaderId, Reader> readers_;
  std::set<int> unknown_types_;  // logged once each
};

}  // namespace arangosync::cluster
