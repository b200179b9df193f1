// Readers of the DB-Servers' logs (spec arangodb-read 6.2 to 6.8). Part of SourceClusterHttp, in whose scope everything
// runs. Thread-safe; one read of a reader at a time.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/log_answer.h"
#include "adapters/cluster/wal_range.h"
#include "domain/worker/vocabulary.h"
#include "ports/telemetry.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace arangosync::cluster {

class LogReaders {
public:
  LogReaders(http::Scope& scope, Connection& connection, Instances& instances)
      : scope_(scope), connection_(connection), instances_(instances) {}

  /// Takes over the effect's filter at once, so that a failed read does not lose it.
  http::Task<Outcome<worker::LogChunk>> read(worker::ReadLog effect);
  http::Task<Done> forget(worker::ForgetReader effect);

private:
  struct Reader {
    std::shared_ptr<LogFilter const> filter;
    bool inside_run = false;
    std::optional<LogPosition> stuck_at;  ///< the scan does not move though the log grows (spec 6.8)
    Instant stuck_since;
    std::uint32_t stuck_answers = 0;
  };
  struct Known {
    std::shared_ptr<LogFilter const> filter;
    bool inside_run = false;
  };

  Known remember(worker::ReadLog const& effect);
  http::Task<Outcome<bool>> is_history_lost(worker::ReadLog effect, int status, LogHeaders headers);
  bool is_stuck(worker::ReaderId reader, LogPosition position, Tick newest);
  void ended_inside_run(worker::ReaderId reader, bool inside_run);
  Outcome<worker::LogChunk> make_chunk(worker::ReadLog const& effect, LogHeaders const& headers, Known const& known,
                                       std::string body);

  http::Scope& scope_;
  Connection& connection_;
  Instances& instances_;
  std::mutex mutex_;
  std::map<worker::ReaderId, Reader> readers_;
  std::set<int> unknown_types_;  // logged once each
};

}  // namespace arangosync::cluster
