#include "tests/domain/master/story/random_story.h"

namespace arangosync::master {

void RandomStory::step() {
  if (!is_leading(scene.state)) return resume();
  if (draw_.below(3) == 0) return answer_something();
  if (draw_.below(6) == 0) return fire_something();
  call_something();
}

void RandomStory::heal() {
  for (int rounds = 0; rounds < 5000; ++rounds) {
    if (!is_leading(scene.state)) {
      resume();
      continue;
    }
    Errands const& errands = scene.state.office->errands;
    if (!errands.under_way.empty()) {
      answer(outstanding_errand(0), true);
    } else if (!errands.waiting.empty()) {
      scene.now = std::max(scene.now, errands.waiting.begin()->first);
      scene.keep_workers().fire("errands");
    } else if (scene.wakes("housekeeping")) {
      scene.fire("housekeeping");
    } else {
      return;
    }
  }
  ADD_FAILURE() << "errands never end";
}

task::Channels RandomStory::channels(std::string const& name) {
  return {ChannelName("sync_t." + name), ChannelName("sync_m1." + name)};
}

void RandomStory::resume() {
  scene.fire("lease");
  if (auto const read = scene.asked<ReadLease>()) {
    scene.when(LeaseRead{read->request, std::optional<election::Lease>()});
  }
  if (auto const write = scene.asked<WriteLease>()) scene.when(LeaseWritten{write->request, WriteOutcome::Applied});
  if (auto const load = scene.asked<LoadState>()) scene.when(StateLoaded{load->request, scene.saved});
  if (auto const make = scene.asked<MakeWorkerCa>()) scene.when(WorkerCaMade{make->request, WorkerCa{"ca", "key"}});
}

RequestId RandomStory::outstanding_errand(std::size_t index) const {
  auto entry = scene.state.office->errands.under_way.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(index));
  return entry->first;
}

void RandomStory::answer_something() {
  std::size_t const count = scene.state.office->errands.under_way.size();
  if (count == 0) return;
  answer(outstanding_errand(draw_.below(count)), !chance(4));
}

template <class Answer, class Value>
void RandomStory::tell(RequestId request, std::optional<Fault> const& trouble, Value value) {
  if (trouble) {
    scene.when(Answer{request, unexpected(*trouble)});
  } else {
    scene.when(Answer{request, std::move(value)});
  }
}

void RandomStory::answer(RequestId request, bool is_good) {
  std::optional<Fault> trouble;
  FaultClass const other = chance(4) ? FaultClass::Refresh : FaultClass::Retry;
  Fault const fault{chance(3) ? FaultClass::NotFound : other, "trouble"};
  if (!is_good) trouble = fault;
  Errand const errand = scene.state.office->errands.under_way.at(request);
  bool const is_undone = scene.state.office->errands.open.at(errand).want == Want::Undo;
  switch (errand.kind) {
    case ErrandKind::Task:
      return tell<TaskSent>(request, trouble, Done{});
    case ErrandKind::ServerMode:
      return tell<ServerModeSet>(request, trouble, Done{});
    case ErrandKind::Shard:
      return tell<RemoteDone>(request, trouble, Done{});
    case ErrandKind::Outgoing:
      if (is_undone) return tell<RemoteDone>(request, trouble, Done{});
      return tell<OutgoingAnnounced>(request, trouble, queue_of_other("x"));
    case ErrandKind::AskSource:
      return tell<SourceAsked>(request, trouble,
                               SourceFacts{"sync_s.", source_urls(), lineage(), queue_of_other("token"), 6h});
    case ErrandKind::RenewToken:
      return tell<RemoteTokenRenewed>(request, trouble, std::pair{Token("token"), Duration(6h)});
    case ErrandKind::Barrier:
      if (is_undone) return tell<RemoteDone>(request, trouble, Done{});
      return tell<BarrierAsked>(request, trouble, sync::BarrierState{sync::BarrierId("b"), chance(2), scene.wall});
    case ErrandKind::Lineage:
      return tell<LineageAnswered>(request, trouble, lineage());
    case ErrandKind::Survey:
      return tell<LandscapeRead>(request, trouble, survey());
    case ErrandKind::LoadState:
      return tell<StateLoaded>(request, std::nullopt, scene.saved);
    case ErrandKind::MakeWorkerCa:
      return tell<WorkerCaMade>(request, std::nullopt, WorkerCa{"ca", "key"});
  }
}

std::vector<ClusterId> RandomStory::lineage() {
  if (chance(30)) return {ClusterId("source"), cluster_id(scene.state)};
  if (chance(30)) return {any_target()};
  return {ClusterId("source")};
}

Survey RandomStory::survey() {
  Survey taken{draw_.below(20) + 1, std::nullopt};
  taken.is_read_only = taken.version % 2 == 0;
  if (chance(3)) return taken;
  taken.landscape.emplace();
  for (std::uint32_t index = 0; index < 4; ++index) {
    if (!chance(4)) {
      taken.landscape->leaders[shard_ref("c", index)] = ServerId("PRMR-" + std::to_string(draw_.below(3)));
    }
  }
  if (chance(2)) taken.landscape->hosts[ServerId("PRMR-1")] = {"w1"};
  return taken;
}

void RandomStory::fire_something() {
  static constexpr char const* names[] = {"errands", "workers",      "tokens",   "abort",   "survey",
                                          "lease",   "housekeeping", "announce", "barrier", "lineage"};
  if (chance(8)) return lose_the_lease();
  scene.after(std::chrono::milliseconds(draw_.below(4000)));
  scene.fire(names[draw_.below(std::size(names))]);
  if (auto const write = scene.asked<WriteLease>()) scene.when(LeaseWritten{write->request, WriteOutcome::Applied});
  if (chance(3)) scene.wall = scene.wall + 1h;
}

void RandomStory::call_something() {
  switch (draw_.below(18)) {
    case 0:
      scene.join("w" + std::to_string(draw_.below(3)), chance(4) ? "new" : "token");
      return;
    case 1:
      unregister();
      return;
    case 2:
      scene.configure();
      return;
    case 3:
      if (chance(3)) stop();
      return;
    case 4:
    case 5:
      scene.start_shard(any_shard());
      return;
    case 6:
      scene.when(StopShard{scene.call(), any_shard()});
      return;
    case 7:
      accept();
      return;
    case 8:
      if (chance(2)) remove();
      return;
    case 9:
    case 10:
      start_outgoing();
      return;
    case 11:
      scene.when(StopOutgoingShard{scene.call(), any_target(), any_shard(), any_order()});
      return;
    case 12:
      report();
      return;
    case 13:
      scene.when(ReportInventory{scene.call(), {draw_.below(5), {}, chance(2) ? scene.wall : WallTime{}}});
      return;
    case 14:
      target_barrier();
      return;
    case 15:
      source_barrier();
      return;
    case 16:
      if (chance(3)) scene.when(ResetShard{scene.call(), any_shard()});
      return;
    default:
      tokens();
      return;
  }
}

void RandomStory::unregister() {
  auto const& members = scene.state.office->members;
  if (!members.empty()) scene.when(UnregisterWorker{scene.call(), members.begin()->first});
}

void RandomStory::stop() {
  std::optional<sync::ServerMode> mode;
  if (chance(2)) mode = sync::ServerMode::ReadOnly;
  scene.when(StopSync{scene.call(), chance(2), 5s, mode, std::nullopt});
}

std::optional<sync::Order> RandomStory::any_order() {
  if (chance(6)) return std::nullopt;
  if (chance(30)) ++life_;
  ++number_;
  std::uint64_t const number = chance(8) ? number_ / 2 : number_;
  return sync::Order{sync::Life(life_), Term(1), RequestId(number)};
}

void RandomStory::accept() {
  ClusterId const id = chance(10) ? ClusterId("source") : any_target();
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "t", "CA"};
  std::string const inventory = chance(8) ? "-anew" : "-inventory";
  scene.when(AcceptOutgoing{scene.call(), id, queue.endpoints, channels(id.value() + inventory), queue, any_order()});
}

void RandomStory::remove() {
  std::optional<sync::ServerMode> mode;
  if (chance(2)) mode = sync::ServerMode::Default;
  scene.when(RemoveOutgoing{scene.call(), any_target(), mode, any_order()});
}

void RandomStory::start_outgoing() {
  ClusterId const id = any_target();
  ShardRef const shard = any_shard();
  std::string const suffix = chance(8) ? "-anew" : "";
  scene.when(StartOutgoingShard{scene.call(), id, shard, channels(id.value() + std::to_string(shard.index) + suffix),
                                any_order()});
}

void RandomStory::report() {
  static constexpr sync::Status statuses[] = {sync::Status::Initializing, sync::Status::InitialSync,
                                              sync::Status::Running, sync::Status::Running, sync::Status::Failed};
  sync::Partner const partner = chance(2) ? sync::Partner() : sync::Partner(any_target());
  WallTime const caught_up = scene.wall + 1min * (static_cast<int>(draw_.below(3)) - 1);
  scene.report(partner, any_shard(), statuses[draw_.below(std::size(statuses))], caught_up);
}

void RandomStory::target_barrier() {
  if (chance(3)) {
    scene.when(EndBarrier{scene.call()});
  } else if (chance(3)) {
    scene.when(AwaitBarrier{scene.call()});
  } else {
    scene.when(BeginBarrier{scene.call()});
  }
}

void RandomStory::source_barrier() {
  if (chance(3)) {
    scene.when(LowerOutgoingBarrier{scene.call(), any_target()});
  } else {
    scene.when(RaiseOutgoingBarrier{scene.call(), any_target()});
  }
  if (chance(8)) let_barriers_end();
}

void RandomStory::let_barriers_end() {
  for (int rounds = 0; rounds < 12 && is_leading(scene.state); ++rounds) {
    scene.after(9s).fire("lease");
    if (auto const write = scene.asked<WriteLease>()) scene.when(LeaseWritten{write->request, WriteOutcome::Applied});
    if (is_leading(scene.state)) scene.keep_workers();
  }
  scene.fire("barrier");
}

void RandomStory::tokens() {
  auto const& known = scene.state.office->tokens;
  if (known.empty() || chance(2)) {
    scene.when(IssueToken{scene.call(), chance(2) ? std::optional(any_target()) : std::nullopt});
  } else if (chance(2)) {
    scene.when(CloneToken{scene.call(), known.begin()->first});
  } else {
    scene.when(ReplaceRemoteToken{scene.call(), any_target(), Token("replaced"), 6h});
  }
}

}  // namespace arangosync::master
