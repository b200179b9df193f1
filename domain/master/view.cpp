#include "domain/master/view.h"

#include "domain/sync/endpoints.h"

#include <algorithm>
#include <utility>

namespace arangosync::master {

namespace {

TaskView view_of(Office const& office, task::Task const& task) {
  TaskView view{task, false};
  view.task.cancelled = is_cancelled(office, task);
  bool const has_worker = task::has_worker(office.tasks, task);
  view.running = has_worker && office.tasks.delivered.count(task.id) > 0;
  // The assignment of a worker that is gone is only kept for its counter.
  if (!has_worker) view.task.assignment.reset();
  return view;
}

sync::Status status_of(sync::ShardEntry const& entry, sync::ShardReport const* report) {
  bool const is_ours_to_say = entry.status == sync::Status::Cancelling || entry.status == sync::Status::Failed;
  if (report == nullptr || is_ours_to_say) return entry.status;
  if (entry.status == sync::Status::Initializing && report->status == sync::Status::Running) return entry.status;
  return report->status;
}

std::vector<ShardView> shards_of(Office const& office, sync::Partner const& partner) {
  std::vector<ShardView> views;
  // Then its workers have let go, and nobody sees if the target is set back.
  bool const is_ending = sync::status_of(office.sync, partner) == sync::Status::Cancelling;
  for (auto const& [shard, entry] : *sync::shards_of(office.sync, partner)) {
    auto const report = office.sync.reports.find({partner, shard});
    bool const is_known = report != office.sync.reports.end();
    ShardView view{shard, is_known ? report->second : sync::ShardReport{},
                   sync::is_in_sync(office.sync, partner, shard)};
    view.report.status = status_of(entry, is_known ? &report->second : nullptr);
    view.report.unconfirmed |= is_ending;
    if (view.report.status == sync::Status::Cancelling) {
      // Its name may stand for another collection by now, of which the last report said nothing.
      view.report.caught_up = WallTime{};
      view.report.delay = Duration{0};
    }
    views.push_back(std::move(view));
  }
  return views;
}

/// What the operator should know: why the errand that everything waits for does not succeed.
std::string trouble_of(Office const& office) {
  for (ErrandKind const kind : {ErrandKind::AskSource, ErrandKind::ServerMode, ErrandKind::Outgoing,
                                ErrandKind::Barrier, ErrandKind::Lineage}) {
    auto const open = office.errands.open.find(Errand{kind, {}, {}, {}});
    bool const has_failed = open != office.errands.open.end() && !open->second.message.empty();
    if (has_failed) return open->second.message;
  }
  return "";
}

OutgoingView outgoing_view(Office const& office, sync::Outgoing const& outgoing, Details details) {
  OutgoingView view;
  view.id = outgoing.id;
  view.endpoint = outgoing.target;
  view.status = outgoing.status;
  auto const renewal = office.errands.open.find(Errand{ErrandKind::RenewToken, {}, outgoing.id, {}});
  if (renewal != office.errands.open.end()) view.message = renewal->second.message;
  if (details == Details::Full) view.shards = shards_of(office, outgoing.id);
  view.shards_count = outgoing.shards.size();
  view.active_barrier = outgoing.barrier.has_value();
  return view;
}

}  // namespace

std::optional<MasterId> leader_id(State const& state) {
  if (is_leading(state)) return state.identity.id;
  auto const* const watching = std::get_if<election::Watching>(&state.election.phase);
  if (watching == nullptr || !watching->seen || watching->seen->holder.value().empty()) return std::nullopt;
  // Our own name there is a lease that is over: we do not lead.
  if (watching->seen->holder == state.identity.id) return std::nullopt;
  return watching->seen->holder;
}

std::optional<Url> leader_endpoint(State const& state) {
  auto const leader = leader_id(state);
  if (!leader) return std::nullopt;
  if (*leader == state.identity.id) return state.identity.internal_endpoint;
  auto const master = state.masters.find(*leader);
  return master == state.masters.end() ? std::nullopt : std::optional(master->second.endpoint);
}

std::vector<MasterView> masters(State const& state) {
  auto const leader = leader_id(state);
  std::map<MasterId, Url> known{{state.identity.id, state.identity.internal_endpoint}};
  for (auto const& [id, master] : state.masters) known.try_emplace(id, master.endpoint);
  std::vector<MasterView> views;
  for (auto const& [id, endpoint] : known) views.push_back(MasterView{id, endpoint, leader == id});
  return views;
}

std::vector<Url> public_endpoints(State const& state) {
  std::vector<Url> endpoints = state.identity.public_endpoints;
  if (endpoints.empty()) endpoints.push_back(state.identity.internal_endpoint);
  for (auto const& [id, master] : state.masters) {
    if (id != state.identity.id) endpoints = sync::merged(endpoints, master.public_endpoints);
  }
  return endpoints;
}

bool is_stopped(State const& state) {
  return state.stopping && std::holds_alternative<election::Watching>(state.election.phase);
}

std::vector<WorkerView> workers(State const& state) {
  std::vector<WorkerView> views;
  if (!is_leading(state)) return views;
  for (auto const& [id, member] : state.office->members) {
    views.push_back(WorkerView{member.record, member.expires_at, state.office->tasks.load.at(id)});
  }
  return views;
}

std::optional<WorkerView> worker(State const& state, WorkerId const& id) {
  if (!is_leading(state)) return std::nullopt;
  auto const member = state.office->members.find(id);
  if (member == state.office->members.end()) return std::nullopt;
  return WorkerView{member->second.record, member->second.expires_at, state.office->tasks.load.at(id)};
}

std::vector<TaskView> tasks(State const& state) {
  std::vector<TaskView> views;
  if (!is_leading(state)) return views;
  for (auto const& [id, task] : state.office->tasks.tasks) views.push_back(view_of(*state.office, task));
  return views;
}

std::optional<TaskView> task(State const& state, TaskId const& id) {
  if (!is_leading(state)) return std::nullopt;
  task::Task const* const task = task::find(state.office->tasks, id);
  if (task == nullptr) return std::nullopt;
  return view_of(*state.office, *task);
}

std::vector<TaskView> tasks_of_channel(State const& state, ChannelName const& channel) {
  std::vector<TaskView> views;
  if (!is_leading(state)) return views;
  for (task::Task const* const task : task::find(state.office->tasks, channel)) {
    views.push_back(view_of(*state.office, *task));
  }
  return views;
}

std::optional<membership::WorkerRecord> publisher_of(State const& state, ChannelName const& channel) {
  if (!is_leading(state)) return std::nullopt;
  for (task::Task const* const task : task::find(state.office->tasks, channel)) {
    if (task::published_channel(task->spec) != channel || !task::has_worker(state.office->tasks, *task)) continue;
    return state.office->members.at(task->assignment->worker).record;
  }
  return std::nullopt;
}

bool is_channel_relevant(State const& state, ChannelName const& channel) {
  return is_leading(state) && !task::find(state.office->tasks, channel).empty();
}

std::optional<StatusView> status(State const& state, Details details) {
  if (!is_leading(state)) return std::nullopt;
  StatusView view;
  Office const& office = *state.office;
  view.cancellation_aborted = office.sync.cancellation_aborted;
  if (office.sync.incoming) {
    sync::Incoming const& incoming = *office.sync.incoming;
    view.source = incoming.source;
    view.status = incoming.status;
    view.message = incoming.message.empty() ? trouble_of(office) : incoming.message;
    if (details == Details::Full) view.shards = shards_of(office, std::nullopt);
    view.shards_count = incoming.shards.size();
    view.total_shards_count = office.sync.inventory.total_shards;
    view.structure_troubles = office.sync.inventory.troubles;
    if (incoming.barrier != sync::BarrierWish::None) view.barrier = barrier(state);
  }
  for (auto const& [id, outgoing] : office.sync.outgoing) {
    view.outgoing.push_back(outgoing_view(office, outgoing, details));
  }
  return view;
}

BarrierView barrier(State const& state) {
  BarrierView view;
  if (!is_leading(state) || !state.office->sync.incoming) return view;
  sync::State const& sync = state.office->sync;
  view.source_read_only = sync.held.has_value();
  for (auto const& [shard, entry] : sync.incoming->shards) {
    if (sync::is_in_sync(sync, std::nullopt, shard)) ++view.in_sync;
  }
  std::uint64_t const all = std::max<std::uint64_t>(sync.inventory.total_shards, sync.incoming->shards.size());
  view.not_in_sync = all - view.in_sync;
  // What the target does not know of yet, or has still to drop, has no shard that could be counted.
  if (!sync::has_structure(sync)) view.not_in_sync = std::max<std::uint64_t>(view.not_in_sync, 1);
  return view;
}

std::vector<ClusterId> lineage(State const& state) {
  return is_leading(state) ? sync::lineage_of(state.office->sync) : std::vector<ClusterId>{};
}

Duration message_timeout(State const& state) {
  bool const is_set = state.office && state.office->message_timeout > Duration{0};
  return is_set ? state.office->message_timeout : limits::message_timeout_default;
}

std::optional<WorkerCa> worker_ca(State const& state) {
  return is_leading(state) ? state.office->worker_ca : std::nullopt;
}

ClusterId cluster_id(State const& state) { return state.office ? state.office->sync.cluster_id : ClusterId(); }

bool token_valid(State const& state, Token const& token, WallTime now) {
  return is_leading(state) && access::is_valid(state.office->tokens, token, now);
}

bool may_read(State const& state, Token const& token, ChannelName const& channel) {
  if (!is_leading(state)) return false;
  Office const& office = *state.office;
  auto const entry = office.tokens.find(token);
  std::optional<access::Holder> holder = entry == office.tokens.end() ? std::nullopt : entry->second.holder;
  // Given before holders were kept.
  bool const is_the_sources =
      office.sync.incoming && access::descends(office.tokens, token, office.sync.incoming->own_token);
  if (!holder && is_the_sources) holder = access::Holder{std::nullopt};
  if (!holder) return true;
  auto const users = task::find(office.tasks, channel);
  return std::all_of(users.begin(), users.end(),
                     [&](task::Task const* task) { return task->spec.target == holder->target; });
}

}  // namespace arangosync::master
