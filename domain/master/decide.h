// The parts of decide(), one file per kind of caller, and what they share. Used inside this room only.
#pragma once

#include "domain/master/flow.h"
#include "domain/master/master.h"
#include "domain/master/script.h"

#include <optional>
#include <string>

namespace arangosync::master {

Decision refuse(RefusalKind kind, std::string message);
/// For answers nobody waits for any more.
Decision stale();

// ---- decide_process.cpp: election, registry of masters, timers, shutdown
Decision decide(Script script, TimerFired const& command);
Decision decide(Script script, LeaseRead const& command);
Decision decide(Script script, LeaseWritten const& command);
Decision decide(Script script, MastersRead const& command);
Decision decide(Script script, SaveFailed const& command);
Decision decide(Script script, Shutdown const& command);
// ---- decide_office.cpp: the office itself and its timers
Decision decide(Script script, StateLoaded const& command);
Decision decide(Script script, WorkerCaMade const& command);
Decision decide(Script script, LandscapeRead const& command);
Decision decide(Script script, SetMessageTimeout const& command);
Decision decide_office_timer(Script script, TimerName const& timer);
// ---- decide_workers.cpp: own workers and their tasks
Decision decide(Script script, RegisterWorker const& command);
Decision decide(Script script, UnregisterWorker const& command);
Decision decide(Script script, TaskCompleted const& command);
Decision decide(Script script, TaskSent const& command);
// ---- decide_shards.cpp: shards and their status, on either side
Decision decide(Script script, ReportStatus const& command);
Decision decide(Script script, ReportInventory const& command);
Decision decide(Script script, StartShard const& command);
Decision decide(Script script, StopShard const& command);
Decision decide(Script script, StartOutgoingShard const& command);
Decision decide(Script script, StopOutgoingShard const& command);
Decision decide(Script script, ResetShard const& command);
// ---- decide_barrier.cpp: a source held read-only for its target, seen from both
Decision decide(Script script, BeginBarrier const& command);
Decision decide(Script script, AwaitBarrier const& command);
Decision decide(Script script, EndBarrier const& command);
Decision decide(Script script, BarrierAsked const& command);
Decision decide(Script script, RaiseOutgoingBarrier const& command);
Decision decide(Script script, LowerOutgoingBarrier const& command);
Decision watch_barriers(Script script);
// ---- decide_target.cpp: this datacenter receives
Decision decide(Script script, ConfigureSync const& command);
Decision decide(Script script, StopSync const& command);
Decision decide(Script script, SourceAsked const& command);
Decision decide(Script script, LineageAnswered const& command);
Decision decide(Script script, OutgoingAnnounced const& command);
Decision decide(Script script, RemoteDone const& command);
// ---- decide_mode.cpp: the own cluster's mode
Decision decide(Script script, ServerModeSet const& command);
/// A barrier that is raised now could be broken without anybody knowing at once.
std::optional<std::string> why_not_to_be_held(Script const& script);
/// What a survey has shown; it counts when it was asked after whatever was said about the mode had its answer. True:
/// the mode is as it has to be.
bool look_at_mode(Script& script, Attempt const& survey, bool is_read_only);
// ---- decide_source.cpp: this datacenter sends
Decision decide(Script script, AcceptOutgoing const& command);
Decision decide(Script script, RemoveOutgoing const& command);
// ---- decide_tokens.cpp: tokens given and received
Decision decide(Script script, IssueToken const& command);
Decision decide(Script script, CloneToken const& command);
Decision decide(Script script, RenewToken const& command);
Decision decide(Script script, ReplaceRemoteToken const& command);
Decision decide(Script script, RemoteTokenRenewed const& command);

}  // namespace arangosync::master
