// One round through the databases of a DB-Server's log by `logger-follow` (spec arangodb-read 6.9): what is asked next,
// and up to where all of them have been read afterwards. Pure; the coroutine around it is log_readers.cpp.
//
// logger-follow shows one database and gives whole write batches. A position F means: every batch that starts at or
// before F is dealt with. That is so for all databases alike, because the numbers are the server's; a round therefore
// ends at the least position that its databases reached, and each database is read only up to where those before it
// got (`to`). Should one of them get less far (its answer was full), the lines of the others beyond are left out: they
// come again.
#pragma once

#include "adapters/cluster/log_answer.h"

#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

class FollowRound {
public:
  struct Part {
    std::string database;
    std::string body;
  };

  FollowRound(Tick from, std::vector<std::string> databases) : from_(from), databases_(std::move(databases)) {}

  std::size_t databases() const { return databases_.size(); }
  bool is_over() const { return parts_.size() == databases_.size(); }
  /// The database to be asked now; the round is not over.
  std::string const& database() const { return databases_[parts_.size()]; }
  Tick from() const { return from_; }
  std::optional<Tick> to() const;
  /// The answer of database().
  void take(LogHeaders const& headers, std::string body);

  // ---- once it is over ----
  Tick position() const { return position_.value_or(from_); }
  bool at_end() const { return at_end_; }  ///< nothing more was logged for any of them when the round began
  Tick newest() const { return newest_; }
  /// Lines with a later tick come again.
  std::optional<Tick> cut() const { return cut_; }
  std::vector<Part> take_parts() { return std::move(parts_); }
  /// Which one to ask first the next time: it held the others up.
  std::string const& slowest() const { return slowest_; }

private:
  Tick from_;
  std::vector<std::string> databases_;
  std::vector<Part> parts_;
  std::optional<Tick> position_;
  std::optional<Tick> cut_;
  Tick newest_;
  bool at_end_ = true;
  std::string slowest_;
};

/// Where to ask from for a position of whatever route. A pair of wal/tail may lie inside a transaction, which
/// logger-follow would skip: then the transaction is read again (spec 1.5.2).
Tick follow_from(LogPosition position);

/// As judge_history, for a request from `start`, which may be before the position.
History judge_followed(LogPosition asked, Tick start, int status, LogHeaders const& headers);
/// The answer to AskRange.
bool is_followed_lost(LogPosition asked, Tick start, Tick oldest, Tick newest);

/// Does the answer say that there is no logger-follow (any more)? (spec 1.5.3)
bool is_follow_unknown(http::Response const& response);

}  // namespace arangosync::cluster
