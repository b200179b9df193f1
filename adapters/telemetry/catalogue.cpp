#include "adapters/telemetry/catalogue.h"

#include <algorithm>

namespace arangosync::telemetry {

namespace {

constexpr auto counter = MetricKind::Counter;
constexpr auto gauge = MetricKind::Gauge;

}  // namespace

std::vector<MetricInfo> const& catalogue() {
  static std::vector<MetricInfo> const sorted = [] {
    std::vector<MetricInfo> all{
        {"arangosync_build_info", gauge, "Always 1; the labels name version and build"},
        {"arangosync_certificate_expiry_timestamp_seconds", gauge, "When this process's TLS certificate ends"},
        {"arangosync_http_requests", counter, "Number of requests answered, by class of status"},
        {"arangosync_log_failures", counter, "Number of log lines that could not be written"},
        {"arangosync_master_agency_failures", counter, "Number of looks at the agency or the plan that failed"},
        {"arangosync_master_agency_transactions", counter, "Number of saves to the agency, by result"},
        {"arangosync_master_incoming_shards", gauge, "Number of incoming shards, by status"},
        {"arangosync_master_is_leader", gauge, "1 if this master leads its datacenter, else 0"},
        {"arangosync_master_leadership_changes", counter, "Number of times this master took over or lost the lead"},
        {"arangosync_master_outgoing_shards", gauge, "Number of outgoing shards, by status"},
        {"arangosync_master_tasks", gauge, "Number of tasks, by type"},
        {"arangosync_master_tasks_unassigned", gauge, "Number of tasks that no worker has"},
        {"arangosync_master_total_shards", gauge, "Number of shards that the source has to send"},
        {"arangosync_master_worker_registrations", counter, "Total number of registrations"},
        {"arangosync_master_worker_storage", counter, "Number of times worker info is stored, loaded"},
        {"arangosync_master_workers", gauge, "Number of workers that are registered"},
        {"arangosync_metrics_series_dropped", counter,
         "Number of samples refused because a metric had too many labels"},
        {"arangosync_queue_bytes_received", counter, "Bytes of queue messages received from the other datacenter"},
        {"arangosync_queue_bytes_sent", counter, "Bytes of queue messages handed to the other datacenter"},
        {"arangosync_queue_messages_received", counter, "Number of queue messages received from the other datacenter"},
        {"arangosync_queue_messages_sent", counter, "Number of queue messages handed to the other datacenter"},
        {"arangosync_worker_bytes_applied", counter, "Bytes of changes written to the own cluster, as encoded"},
        {"arangosync_worker_cluster_failures", counter, "Number of requests to the own cluster that failed"},
        {"arangosync_worker_compare_rounds", counter, "Number of comparisons in place of a log that cannot be read"},
        {"arangosync_worker_copies", gauge, "Number of shards this worker copies or compares for a target now"},
        {"arangosync_worker_copies_waiting", gauge,
         "Number of shards that wait for their turn to be copied or compared"},
        {"arangosync_worker_delay_seconds", gauge, "How far the worst shard this worker receives is behind"},
        {"arangosync_worker_documents_applied", counter, "Number of documents written to the own cluster"},
        {"arangosync_worker_documents_removed", counter, "Number of documents removed from the own cluster"},
        {"arangosync_worker_documents_sent", counter, "Number of changes of documents queued for the other datacenter"},
        {"arangosync_worker_read_route", gauge, "1 for the route by which a DB-Server of the source is read, else 0"},
        {"arangosync_worker_resynchronizations", counter, "Number of times a shard was copied or compared, by reason"},
        {"arangosync_worker_tasks", gauge, "Number of tasks this worker has, by type"},
        {"arangosync_worker_target_set_back", counter, "Number of times the own cluster was found as it was earlier"},
        {"process_cpu_seconds_total", counter, "Total user and system CPU time spent in seconds."},
        {"process_max_fds", gauge, "Maximum number of open file descriptors."},
        {"process_open_fds", gauge, "Number of open file descriptors."},
        {"process_resident_memory_bytes", gauge, "Resident memory size in bytes."},
        {"process_start_time_seconds", gauge, "Start time of the process since unix epoch in seconds."},
        {"process_threads", gauge, "Number of threads of the process."},
        {"process_virtual_memory_bytes", gauge, "Virtual memory size in bytes."},
    };
    std::sort(all.begin(), all.end(), [](MetricInfo const& a, MetricInfo const& b) { return a.name < b.name; });
    return all;
  }();
  return sorted;
}

MetricInfo const* find_metric(std::string_view name) {
  auto const& all = catalogue();
  auto const at = std::lower_bound(all.begin(), all.end(), name,
                                   [](MetricInfo const& a, std::string_view b) { return a.name < b; });
  return at != all.end() && at->name == name ? &*at : nullptr;
}

}  // namespace arangosync::telemetry
