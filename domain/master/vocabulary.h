// Everything a master hears (commands) and everything it asks for (effects). Same rules as domain/worker/vocabulary.h.
//
// Calls that come from outside (operator, workers, the other datacenter) carry a CallId chosen by the adapter and are
// answered by a Reply effect, after the decision's events are saved. A master that does not lead refuses them
// (NotLeader); forwarding is the adapter's business. Questions that change nothing (status, lists) are no commands:
// adapters read them from the state through the engine.
#pragma once

#include "domain/access/tokens.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"
#include "domain/election/lease.h"
#include "domain/membership/worker_record.h"
#include "domain/sync/status.h"
#include "domain/sync/sync.h"
#include "domain/task/landscape.h"
#include "domain/task/task.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::master {

using CallId = StrongCounter<struct CallIdTag>;  ///< a call from outside, unique within this process

/// What does not change while the process lives.
struct Identity {
  MasterId id;
  Url internal_endpoint;              ///< --server.endpoint
  std::vector<Url> public_endpoints;  ///< --master.endpoint, or the internal one
  std::string channel_prefix;         ///< [a-z0-9_]+ followed by a dot
  std::string tls_ca_certificate;     ///< CA part of --server.keyfile: lets the other side verify us
  Duration token_lifetime{0};         ///< --mq.direct-token-ttl
  std::string program_version;        ///< "1.2.3+build"
  friend bool operator==(Identity const&, Identity const&) = default;
};

struct WorkerCa {  ///< PEM; the key is a secret
  std::string certificate;
  std::string key;
  friend bool operator==(WorkerCa const&, WorkerCa const&) = default;
};

using TokenEntry = access::TokenEntry;

/// A master as its datacenter's masters know it.
struct MasterRecord {
  Url endpoint;                       ///< --server.endpoint, for the own datacenter
  std::vector<Url> public_endpoints;  ///< --master.endpoint, for the other datacenter and its operators
  friend bool operator==(MasterRecord const&, MasterRecord const&) = default;
};

/// The part of the state that lives in the agency (spec arangosync-agency 2), as read back by a new leader.
struct Persisted {
  std::uint64_t journal_sequence = 0;  ///< number of the last event in the journal
  std::optional<WorkerCa> worker_ca;
  std::map<WorkerId, membership::WorkerRecord> workers;
  std::vector<ChannelName> topics;
  std::map<TaskId, task::Task> tasks;
  std::map<Token, TokenEntry> tokens;
  ClusterId cluster_id;  ///< empty until this datacenter becomes a target
  std::optional<sync::Incoming> incoming;
  std::map<ClusterId, sync::Outgoing> outgoing;
  sync::Life life;
  std::map<ClusterId, sync::Heard> heard;
  bool cancellation_aborted = false;  ///< the last stop could not tell the source
  Duration message_timeout{0};        ///< 0: not set, the default holds
  std::uint64_t plan_seen = 0;        ///< version of the cluster's plan for which all reigns hold; 0: none yet
  bool mode_doubted = false;          ///< a call for read-only may be carried out that nobody wishes any more
  friend bool operator==(Persisted const&, Persisted const&) = default;
};

// ================================================================================================= commands

struct TimerFired {
  TimerName timer;
};

// ---- answers of the agency --------------------------------------------------------------------------------------
struct LeaseRead {
  RequestId request;
  Outcome<std::optional<election::Lease>> outcome;
};
enum class WriteOutcome { Applied, Refused, Unknown };
struct LeaseWritten {
  RequestId request;
  WriteOutcome outcome = WriteOutcome::Unknown;
};
struct MastersRead {  ///< answers AnnounceMaster too: all masters that are alive, by id
  RequestId request;
  Outcome<std::map<MasterId, MasterRecord>> outcome;
};
struct StateLoaded {
  RequestId request;
  Outcome<Persisted> outcome;
};
/// From the engine: a save was refused because the lease is no longer ours, or its outcome stays unknown too long.
struct SaveFailed {
  std::string reason;
};
/// The process is asked to end: give the lease back and lead no more. Done when view.h says is_stopped().
struct Shutdown {};
struct Survey {                              ///< of the own cluster's plan, and of its mode
  std::uint64_t version = 0;                 ///< of the plan
  std::optional<task::Landscape> landscape;  ///< absent: the plan is the known one
  bool is_read_only = false;
  friend bool operator==(Survey const&, Survey const&) = default;
};
struct LandscapeRead {
  RequestId request;
  Outcome<Survey> outcome;
};
struct WorkerCaMade {
  RequestId request;
  Outcome<WorkerCa> outcome;
};

// ---- calls of workers ---------------------------------------------------------------------------------------------
struct RegisterWorker {  ///< PUT /_api/worker; also the renewal
  CallId call;
  Url endpoint;
  Token token;
  std::string host;
};
struct UnregisterWorker {  ///< DELETE /_api/worker/{id}; a worker that stops in an orderly way says so
  CallId call;
  WorkerId worker;
};
/// Of a worker that is not the task's any more it is not believed. Refused as late if it was made for a leader of an
/// earlier term, or if that worker has said something newer since (docs/decisions/0033).
struct ReportStatus {
  CallId call;
  std::vector<sync::StatusEntry> entries;
  WorkerId worker = {};   ///< the registration that saw it; empty, as an original's worker: whoever says so
  Term term = {};         ///< of the leader it was made for; 0: it does not say
  RequestId number = {};  ///< of the report, growing within that registration; 0: it does not say
};
struct ReportInventory {
  CallId call;
  sync::InventoryReport report;
  TaskId task = {};       ///< of the inventory's receiver; empty as above
  WorkerId worker = {};   ///< the registration under which it runs there
  Term term = {};         ///< as above
  RequestId number = {};  ///< as above
};
/// From the inventory receiver (target); idempotent. Refused as late if another one is the inventory's receiver by now.
struct StartShard {
  CallId call;
  ShardRef shard;
  TaskId task = {};      ///< whose order it is; empty, as an original's worker: whoever says so
  WorkerId worker = {};  ///< the registration under which it runs there
};
struct StopShard {
  CallId call;
  ShardRef shard;
  TaskId task = {};  ///< as above
  WorkerId worker = {};
};
struct TaskCompleted {
  CallId call;
  TaskId task;
  bool error = false;
};

// ---- calls of operators -------------------------------------------------------------------------------------------
struct ConfigureSync {
  CallId call;
  std::vector<Url> source;
  sync::Authentication authentication;
};
struct StopSync {
  CallId call;
  bool force = false;
  Duration force_timeout{0};
  std::optional<sync::ServerMode> source_mode;  ///< final modes, absent: default
  std::optional<sync::ServerMode> target_mode;
};
/// PUT …/shard/{i}/reset: new tasks and channels on both sides.
struct ResetShard {
  CallId call;
  ShardRef shard;
};
struct BeginBarrier {  ///< POST /_api/sync/barrier; idempotent; begun already: whoever asks waits behind it
  CallId call;
};
struct AwaitBarrier {  ///< GET /_api/sync/barrier: whoever asks waits behind it, if there is one
  CallId call;
};
struct EndBarrier {
  CallId call;
};
struct SetMessageTimeout {
  CallId call;
  Duration timeout{0};
};

// ---- calls of the other datacenter --------------------------------------------------------------------------------
struct IssueToken {  ///< GET /_api/mq/config
  CallId call;
  std::optional<ClusterId> target;  ///< who asks, if it says so
};
struct CloneToken {
  CallId call;
  Token parent;
};
struct RenewToken {
  CallId call;
  Token token;
};
struct ReplaceRemoteToken {  ///< PUT /_api/mq/config: the other side hands us a new token
  CallId call;
  ClusterId id;
  Token token;
  Duration lifetime{0};
};
/// Orders of a target say which they are (sync/order.h); those of an original's master do not.
struct AcceptOutgoing {  ///< POST /_api/sync/outgoing (source side); idempotent
  CallId call;
  ClusterId id;
  std::vector<Url> target;
  task::Channels inventory;
  task::QueueConfig queue;
  std::optional<sync::Order> order;
};
struct RemoveOutgoing {  ///< DELETE /_api/sync/outgoing/{id}
  CallId call;
  ClusterId id;
  std::optional<sync::ServerMode> mode;
  std::optional<sync::Order> order;
};
struct RaiseOutgoingBarrier {  ///< POST /_api/sync/outgoing/{id}/barrier; also the renewal
  CallId call;
  ClusterId id;
  std::optional<sync::Order> order;
};
struct LowerOutgoingBarrier {
  CallId call;
  ClusterId id;
  std::optional<sync::Order> order;
};
struct StartOutgoingShard {
  CallId call;
  ClusterId id;
  ShardRef shard;
  task::Channels channels;
  std::optional<sync::Order> order;
};
struct StopOutgoingShard {
  CallId call;
  ClusterId id;
  ShardRef shard;
  std::optional<sync::Order> order;
};

// ---- answers of workers, of the own cluster, of the other datacenter ----------------------------------------------
struct TaskSent {  ///< answers SendTask and RevokeTask
  RequestId request;
  Outcome<Done> outcome;
};
struct ServerModeSet {
  RequestId request;
  Outcome<Done> outcome;
};
struct SourceFacts {  ///< prefix, endpoints and cluster id of the source, and a token for its queue, in one answer
  std::string prefix;
  std::vector<Url> endpoints;
  std::vector<ClusterId> lineage;  ///< the source's id and those of all it receives from, as far as it knows
  task::QueueConfig queue;
  Duration token_lifetime{0};
};
struct LineageAnswered {
  RequestId request;
  Outcome<std::vector<ClusterId>> outcome;
};
struct SourceAsked {
  RequestId request;
  Outcome<SourceFacts> outcome;
};
struct OutgoingAnnounced {  ///< the source accepted us as its target
  RequestId request;
  Outcome<task::QueueConfig> outcome;
};
struct BarrierAsked {  ///< answers RaiseBarrier
  RequestId request;
  Outcome<sync::BarrierState> outcome;
};
struct RemoteDone {  ///< answers WithdrawOutgoing, AnnounceShard, WithdrawShard, LowerBarrier
  RequestId request;
  Outcome<Done> outcome;
};
struct RemoteTokenRenewed {
  RequestId request;
  Outcome<std::pair<Token, Duration>> outcome;  ///< may be another token than the one renewed
};

using Command =
    std::variant<TimerFired, LeaseRead, LeaseWritten, MastersRead, StateLoaded, SaveFailed, WorkerCaMade, LandscapeRead,
                 RegisterWorker, UnregisterWorker, ReportStatus, ReportInventory, StartShard, StopShard, TaskCompleted,
                 ConfigureSync, StopSync, ResetShard, BeginBarrier, AwaitBarrier, EndBarrier, SetMessageTimeout,
                 IssueToken, CloneToken, RenewToken, ReplaceRemoteToken, AcceptOutgoing, RemoveOutgoing,
                 RaiseOutgoingBarrier, LowerOutgoingBarrier, StartOutgoingShard, StopOutgoingShard, TaskSent,
                 ServerModeSet, SourceAsked, LineageAnswered, OutgoingAnnounced, BarrierAsked, RemoteDone,
                 RemoteTokenRenewed, Shutdown>;

// ================================================================================================== effects

// ---- agency -------------------------------------------------------------------------------------------------------
struct ReadLease {
  RequestId request;
  friend bool operator==(ReadLease const&, ReadLease const&) = default;
};
struct WriteLease {  ///< compare-and-swap; next.holder empty gives the lease back
  RequestId request;
  std::optional<election::Lease> expected;
  election::Lease next;
  friend bool operator==(WriteLease const&, WriteLease const&) = default;
};
struct AnnounceMaster {  ///< refresh masters/<own id>, drop those silent for longer than the expiry, read the rest
  RequestId request;
  friend bool operator==(AnnounceMaster const&, AnnounceMaster const&) = default;
};
struct LoadState {
  RequestId request;
  Term term;
  friend bool operator==(LoadState const&, LoadState const&) = default;
};
/// Which DB-Server leads which shard, and where it runs, unless the plan still has that version; and the mode.
struct ReadLandscape {
  RequestId request;
  std::uint64_t known_version = 0;
  friend bool operator==(ReadLandscape const&, ReadLandscape const&) = default;
};
struct MakeWorkerCa {
  RequestId request;
  friend bool operator==(MakeWorkerCa const&, MakeWorkerCa const&) = default;
};
struct WakeAt {
  TimerName timer;
  Instant at;
  friend bool operator==(WakeAt const&, WakeAt const&) = default;
};

// ---- own workers --------------------------------------------------------------------------------------------------
/// POST /_api/task at the worker; idempotent there. `request` numbers the order: of two the worker obeys the newer one.
struct SendTask {
  RequestId request;
  membership::WorkerRecord worker;
  TaskId task;
  task::Spec spec;
  task::QueueConfig remote;
  std::string worker_ca;              ///< PEM: who has issued the certificate that the worker must show
  std::vector<ShardRef> shards = {};  ///< to the inventory's receiver: all that have tasks here
  Term term = {};                     ///< of this leadership: a worker that has heard a newer one refuses
  Reign reign = {};                   ///< to a shard's sender: who leads it, since when
  friend bool operator==(SendTask const&, SendTask const&) = default;
};
/// DELETE /_api/task/{id}; an unknown task there counts as done. Numbered as above.
struct RevokeTask {
  RequestId request;
  membership::WorkerRecord worker;
  TaskId task;
  std::string worker_ca;  ///< as above
  Term term = {};         ///< as above
  friend bool operator==(RevokeTask const&, RevokeTask const&) = default;
};

// ---- own cluster --------------------------------------------------------------------------------------------------
struct SetServerMode {
  RequestId request;
  sync::ServerMode mode = sync::ServerMode::Default;
  friend bool operator==(SetServerMode const&, SetServerMode const&) = default;
};

// ---- the other datacenter's masters -------------------------------------------------------------------------------
struct Remote {  ///< whom to call and how to prove who we are
  std::vector<Url> endpoints;
  sync::Authentication authentication;
  friend bool operator==(Remote const&, Remote const&) = default;
};
struct AskSource {  ///< GET channels/prefix, endpoints, lineage, mq/config
  RequestId request;
  Remote source;
  ClusterId id;  ///< ours
  friend bool operator==(AskSource const&, AskSource const&) = default;
};
struct AskLineage {  ///< whom the source receives from; fails while the source is none that we may have
  RequestId request;
  Remote source;
  friend bool operator==(AskLineage const&, AskLineage const&) = default;
};
struct RaiseBarrier {
  RequestId request;
  Remote source;
  ClusterId id;
  sync::Order order;
  friend bool operator==(RaiseBarrier const&, RaiseBarrier const&) = default;
};
struct LowerBarrier {
  RequestId request;
  Remote source;
  ClusterId id;
  sync::Order order;
  friend bool operator==(LowerBarrier const&, LowerBarrier const&) = default;
};
struct AnnounceOutgoing {  ///< POST sync/outgoing at the source
  RequestId request;
  Remote source;
  ClusterId id;
  std::vector<Url> target;
  task::Channels inventory;
  task::QueueConfig queue;
  sync::Order order;
  friend bool operator==(AnnounceOutgoing const&, AnnounceOutgoing const&) = default;
};
struct WithdrawOutgoing {
  RequestId request;
  Remote source;
  ClusterId id;
  std::optional<sync::ServerMode> mode;
  sync::Order order;
  friend bool operator==(WithdrawOutgoing const&, WithdrawOutgoing const&) = default;
};
struct AnnounceShard {
  RequestId request;
  Remote source;
  ClusterId id;
  ShardRef shard;
  task::Channels channels;
  sync::Order order;
  friend bool operator==(AnnounceShard const&, AnnounceShard const&) = default;
};
struct WithdrawShard {
  RequestId request;
  Remote source;
  ClusterId id;
  ShardRef shard;
  sync::Order order;
  friend bool operator==(WithdrawShard const&, WithdrawShard const&) = default;
};
struct RenewRemoteToken {
  RequestId request;
  Remote remote;  ///< authentication.client_token is the token to renew
  friend bool operator==(RenewRemoteToken const&, RenewRemoteToken const&) = default;
};

// ---- replies to calls ---------------------------------------------------------------------------------------------
/// Late: an order that a newer one has overtaken (sync/order.h).
enum class RefusalKind { NotLeader, BadRequest, Unauthorized, NotFound, Precondition, Conflict, Late };
/// Why a call was turned down; the text is shown to the caller (statuses: spec api 1.2).
struct Refused {
  RefusalKind kind = RefusalKind::BadRequest;
  std::string message;
  friend bool operator==(Refused const&, Refused const&) = default;
};
struct WorkerRegistered {
  membership::WorkerRecord worker;
  WallTime expires_at;
  Duration expires_after{0};
  Duration message_timeout{0};
  Term term = {};  ///< of this leadership
  friend bool operator==(WorkerRegistered const&, WorkerRegistered const&) = default;
};
struct TokenIssued {
  Token token;
  Duration lifetime{0};
  friend bool operator==(TokenIssued const&, TokenIssued const&) = default;
};
struct OutgoingAccepted {
  task::QueueConfig queue;  ///< our own queue, with a token for the caller
  friend bool operator==(OutgoingAccepted const&, OutgoingAccepted const&) = default;
};
struct SyncStopping {  ///< spec api 4.4
  bool aborted = false;
  bool cancelling = false;
  std::vector<Url> source;
  ClusterId cluster_id;
  std::string message;
  friend bool operator==(SyncStopping const&, SyncStopping const&) = default;
};
using ReplyBody =
    std::variant<Done, Refused, WorkerRegistered, TokenIssued, OutgoingAccepted, SyncStopping, sync::BarrierState>;
struct Reply {
  CallId call;
  ReplyBody body;
  friend bool operator==(Reply const&, Reply const&) = default;
};

using Effect =
    std::variant<ReadLease, WriteLease, AnnounceMaster, LoadState, ReadLandscape, MakeWorkerCa, WakeAt, SendTask,
                 RevokeTask, SetServerMode, AskSource, AskLineage, AnnounceOutgoing, WithdrawOutgoing, RaiseBarrier,
                 LowerBarrier, AnnounceShard, WithdrawShard, RenewRemoteToken, Reply>;

}  // namespace arangosync::master
