#include "app/master/master_gauges.h"

#include "domain/master/view.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace arangosync::app {

namespace {

using sync::Status;
using task::Kind;

constexpr std::array statuses{Status::Inactive, Status::Initializing, Status::InitialSync,
                              Status::Running,  Status::Cancelling,   Status::Failed};
constexpr std::array kinds{Kind::SendInventory, Kind::ReceiveInventory, Kind::SendShard, Kind::ReceiveShard};

/// How many there are of each value; those that are not there any more are told as 0.
template <class Value, std::size_t n>
class Tally {
public:
  explicit Tally(std::array<Value, n> const& values) : values_(values) {}

  void add(Value value) {
    for (std::size_t i = 0; i < n; ++i) counts_[i] += values_[i] == value ? 1 : 0;
  }
  void tell(ports::Telemetry& telemetry, std::string_view metric, char const* label) const {
    for (std::size_t i = 0; i < n; ++i) {
      telemetry.gauge(metric, {{label, std::string(to_string(values_[i]))}}, counts_[i]);
    }
  }

private:
  std::array<Value, n> const& values_;
  std::array<double, n> counts_{};
};

void measure_tasks(ports::Telemetry& telemetry, master::State const& state) {
  Tally of_kind(kinds);
  double unassigned = 0;
  for (master::TaskView const& view : master::tasks(state)) {
    of_kind.add(view.task.spec.kind);
    if (!task::has_worker(state.office->tasks, view.task)) ++unassigned;
  }
  of_kind.tell(telemetry, "arangosync_master_tasks", "type");
  telemetry.gauge("arangosync_master_tasks_unassigned", {}, unassigned);
}

}  // namespace

void measure(ports::Telemetry& telemetry, master::State const& state) {
  telemetry.gauge("arangosync_master_workers", {}, static_cast<double>(master::workers(state).size()));
  measure_tasks(telemetry, state);
  master::StatusView const seen = master::status(state, master::Details::Full).value_or(master::StatusView{});
  Tally incoming(statuses);
  Tally outgoing(statuses);
  bool const has_failed = seen.status == Status::Failed;  // as a whole: what its shards said last is over
  for (master::ShardView const& shard : seen.shards) incoming.add(has_failed ? Status::Failed : shard.report.status);
  for (master::OutgoingView const& target : seen.outgoing) {
    for (master::ShardView const& shard : target.shards) outgoing.add(shard.report.status);
  }
  incoming.tell(telemetry, "arangosync_master_incoming_shards", "status");
  outgoing.tell(telemetry, "arangosync_master_outgoing_shards", "status");
  telemetry.gauge("arangosync_master_total_shards", {}, static_cast<double>(seen.total_shards_count));
}

}  // namespace arangosync::app
