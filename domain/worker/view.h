// What others may see of a worker: for REST, metrics and tests. Read through the engine, on its strand.
#pragma once

#include "domain/worker/worker.h"

#include <optional>
#include <string>
#include <vector>

namespace arangosync::worker {

struct TaskView {
  TaskId id;
  task::Kind kind = task::Kind::SendInventory;
  std::optional<ShardRef> shard;
  std::optional<ClusterId> target;
  std::optional<sync::ShardReport> report;  ///< shard tasks
  std::string message;                      ///< inventory tasks: what could not be done, and why
};
struct ReaderView {
  ReaderId id;
  ServerId server;
  bool only = false;
  std::size_t shards = 0;
  Tick position;
  Tick newest;         ///< of the server, when last read
  bool waits = false;  ///< a full window holds it up
  std::string trouble;
};
struct View {
  std::optional<WorkerId> id;
  bool registered = false;  ///< it may write at this instant
  std::vector<TaskView> tasks;
  std::vector<ReaderView> readers;
  std::size_t copies = 0;          ///< shards being copied
  std::size_t copies_waiting = 0;  ///< shards that wait for their turn
  std::size_t positions_unstored = 0;
};
View view(State const& state, Instant at);

/// It may write at this instant.
bool is_registered(State const& state, Instant at);

/// It is registered as this one, whom an order names; empty: whoever is asked.
bool is_meant(State const& state, WorkerId const& worker);

/// The task was started and has not been stopped. A task keeps its id when it is given anew, so what a former
/// registration still runs does not count; `worker`: as above.
bool has_task(State const& state, TaskId const& task, WorkerId const& worker);

/// A newer leader than that of this term was heard: its orders are not carried out.
bool is_deposed(State const& state, Term term);

/// The task does not run, and no request made for it waits for an answer. Whoever stops a task to give it to another
/// worker waits for this: a write under way, of documents or of the position, must not land behind the new owner's.
bool has_let_go(State const& state, TaskId const& task);

}  // namespace arangosync::worker
