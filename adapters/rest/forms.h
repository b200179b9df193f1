// The JSON bodies of the REST API as values, both directions (spec arangosync-api 3 to 5). One place for client and
// server: adapters/rest servers, own_master_http, own_workers_http, remote_masters_http, sync_client.
//
// Reading is forgiving as the spec demands (unknown members ignored, lists may be missing or null) and never throws;
// the error is one line without values. Writing keeps the original's omitempty rules. Durations are nanoseconds, times
// RFC 3339.
#pragma once

#include "domain/base/result.h"
#include "domain/master/view.h"
#include "domain/master/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::rest {

template <class T>
using Read = Expected<T, std::string>;

// ---- 1.2, 3: everywhere
// --------------------------------------------------------------------------------------------------
std::string error_json(std::string_view message);           ///< {"Error":"…"}
std::string error_text(std::string_view body, int status);  ///< the message, or "status N"

struct Version {
  std::string version;
  std::string build;
};
std::string to_json(Version const& version);
Read<Version> read_version(std::string_view json);

std::string role_json(std::string_view role);

// ---- 4: operators
// --------------------------------------------------------------------------------------------------------
std::string to_json(master::StatusView const& status);
Read<master::StatusView> read_status(std::string_view json);

struct ConfigureRequest {
  std::vector<Url> source;
  sync::Authentication authentication;
};
std::string to_json(ConfigureRequest const& request);
Read<ConfigureRequest> read_configure(std::string_view json);  ///< checks what must be there (texts of 1.2)

struct StopRequest {
  Duration wait_timeout{0};
  bool force = false;
  Duration force_timeout{0};
  std::optional<sync::ServerMode> target_mode;
  std::optional<sync::ServerMode> source_mode;
};
std::string to_json(StopRequest const& request);
Read<StopRequest> read_stop(std::string_view json);  ///< an empty body is a plain stop
std::string to_json(master::SyncStopping const& report);
Read<master::SyncStopping> read_stopping(std::string_view json);

/// GET /_api/sync/barrier; the last key of the original has no tag: "SourceServerReadonly".
std::string to_json(master::BarrierView const& barrier);
Read<master::BarrierView> read_barrier(std::string_view json);

/// GET /_api/sync/events (ours): the journal of recent events.
struct EventLine {
  std::uint64_t sequence = 0;
  std::uint64_t term = 0;
  WallTime time;
  std::string event;
  std::string details;
  friend bool operator==(EventLine const&, EventLine const&) = default;
};
std::string to_json(std::vector<EventLine> const& events);
Read<std::vector<EventLine>> read_events(std::string_view json);

std::string message_timeout_json(Duration timeout);
Read<Duration> read_message_timeout(std::string_view json);

std::string to_json(std::vector<master::MasterView> const& masters);
Read<std::vector<master::MasterView>> read_masters(std::string_view json);
std::string endpoints_json(std::vector<Url> const& endpoints);
Read<std::vector<Url>> read_endpoints(std::string_view json);

// ---- 5.1: worker → master
// -------------------------------------------------------------------------------------------------
struct RegistrationRequest {
  Url endpoint;
  Token token;
  std::string host;
};
std::string to_json(RegistrationRequest const& request);
Read<RegistrationRequest> read_registration_request(std::string_view json);
std::string to_json(master::WorkerRegistered const& registered);
Read<master::WorkerRegistered> read_registered(std::string_view json);
/// One registration of GET /_api/worker; `expires_at` on the wall clock. The token is left out: it is a secret.
struct WorkerEntry {
  membership::WorkerRecord record;
  WallTime expires_at;
};
std::string to_json(WorkerEntry const& worker);
std::string to_json(std::vector<WorkerEntry> const& workers);
Read<std::vector<WorkerEntry>> read_workers(std::string_view json);

std::string configure_worker_json(Url const& endpoint);
Read<Url> read_configure_worker(std::string_view json);
/// What the operator of the target allows there (spec api 5.1).
struct TargetRules {
  std::uint32_t min_replication_factor = 1;
  std::uint32_t max_replication_factor = 2'147'483'647;
  bool exclude_root_user = false;
  friend bool operator==(TargetRules const&, TargetRules const&) = default;
};
struct WorkerConfiguration {
  std::vector<Url> cluster_endpoints;
  TargetRules rules;
  std::string cluster_jwt_secret;  ///< secret; empty: no authentication
  std::string certificate_pem;
  std::string key_pem;  ///< secret
  task::QueueConfig queue;
};
std::string to_json(WorkerConfiguration const& configuration);
Read<WorkerConfiguration> read_worker_configuration(std::string_view json);

std::string to_json(task::Task const& task);
std::string to_json(std::vector<task::Task> const& tasks);
Read<std::vector<task::Task>> read_tasks(std::string_view json);

std::string to_json(std::vector<sync::StatusEntry> const& entries);
Read<std::vector<sync::StatusEntry>> read_status_entries(std::string_view json);
std::string to_json(sync::InventoryReport const& report);
Read<sync::InventoryReport> read_inventory_report(std::string_view json);
Read<bool> read_completed(std::string_view json);
std::string is_relevant_json(bool relevant);

// ---- 5.2: master → worker
// -------------------------------------------------------------------------------------------------
struct TaskOrder {
  TaskId id;
  task::Spec spec;
  task::QueueConfig remote;
  WorkerId worker;                    ///< ours, not in the original: whom the master means
  std::vector<ShardRef> shards = {};  ///< ours: those that the inventory's receiver inherits
  Term term = {};                     ///< ours: of the leader that orders it
  Reign reign = {};                   ///< ours: of a shard's sender
  RequestId number = {};              ///< ours: of the order, within that leader
};
std::string to_json(TaskOrder const& order);
Read<TaskOrder> read_task_order(std::string_view json);
/// DELETE /_api/task/{id}: `term` and `number`, ours; an original's order has none, read as 0. Absent: no number.
std::optional<std::uint64_t> parse_number(std::string_view text);

// ---- 5.3, 5.4: between datacenters
// ----------------------------------------------------------------------------------------
std::string prefix_json(std::string_view prefix);
Read<std::string> read_prefix(std::string_view json);

/// What a source tells of its cluster, so that one that does not fit is refused.
struct ClusterTraits {
  std::string version;                 ///< "3.9.12"; empty: not known
  std::optional<bool> extended_names;  ///< absent: not known
  friend bool operator==(ClusterTraits const&, ClusterTraits const&) = default;
};
/// GET /_api/sync/lineage (ours): whom this datacenter receives from, itself first; and what its cluster is.
struct Lineage {
  std::vector<ClusterId> ids;
  ClusterTraits traits;
  friend bool operator==(Lineage const&, Lineage const&) = default;
};
std::string to_json(Lineage const& lineage);
Read<Lineage> read_lineage(std::string_view json);
/// Answer to POST …/outgoing/{id}/barrier (ours; the original's is empty and says nothing).
std::string to_json(sync::BarrierState const& barrier);
Read<sync::BarrierState> read_barrier_state(std::string_view json);

/// GET /_api/mq/config, and the answer to POST /_api/sync/outgoing in "mq-config".
struct QueueAnswer {
  task::QueueConfig queue;
  Duration token_lifetime{0};
};
std::string to_json(QueueAnswer const& answer);
Read<QueueAnswer> read_queue(std::string_view json);

struct TokenReplacement {  ///< PUT /_api/mq/config
  ClusterId id;
  Token token;
  Duration lifetime{0};
};
std::string to_json(TokenReplacement const& replacement);
Read<TokenReplacement> read_token_replacement(std::string_view json);

std::string to_json(master::TokenIssued const& token);  ///< also the request of renew and clone, with lifetime 0
Read<master::TokenIssued> read_token(std::string_view json);

struct OutgoingRequest {
  ClusterId id;
  std::vector<Url> target;
  task::Channels inventory;
  task::QueueConfig queue;
};
std::string to_json(OutgoingRequest const& request);
Read<OutgoingRequest> read_outgoing(std::string_view json);
std::string outgoing_accepted_json(task::QueueConfig const& queue);
Read<task::QueueConfig> read_outgoing_accepted(std::string_view json);

std::string channels_json(task::Channels const& channels);
Read<task::Channels> read_channels(std::string_view json);

std::string_view to_string(sync::ServerMode mode);  ///< "default", "readonly"
std::optional<sync::ServerMode> parse_server_mode(std::string_view text);
/// "life.term.number", as a query says it.
std::string order_text(sync::Order const& order);
std::optional<sync::Order> parse_order(std::string_view text);

}  // namespace arangosync::rest
