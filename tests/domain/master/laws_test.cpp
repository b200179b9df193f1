// Laws that hold for every life of a master, whatever it hears and in whatever order. Scene checks the invariants
// (among them: open errands are exactly those that are wanted) after every command.
#include "tests/domain/master/random_story.h"

#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/sync/barrier.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace arangosync::master {
namespace {

constexpr int steps = 120;

RC_GTEST_PROP(MasterLaws, EventsAloneLeadToTheSameState, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  State replayed = initial_state(identity_of("m1"));
  for (Event const& event : story.scene.history) replayed = evolve(std::move(replayed), event);
  RC_ASSERT(replayed == story.scene.state);
}

RC_GTEST_PROP(MasterLaws, ANewLeaderStartsWhereTheOldOneWas, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  if (!is_leading(story.scene.state)) return;
  Persisted const stored = persisted(story.scene.state);
  State fresh = initial_state(identity_of("m2"));
  fresh = evolve(std::move(fresh), election::Event(election::Campaigned{
                                       RequestId(3), std::nullopt, {MasterId("m2"), Term(9), 1}, Instant{}}));
  fresh = evolve(std::move(fresh), election::Event(election::Elected{Instant{}}));
  fresh = evolve(std::move(fresh), OfficeEvent(StateTaken{stored, Instant{}}));
  check_invariants(fresh);
  RC_ASSERT(persisted(fresh) == stored);
}

RC_GTEST_PROP(MasterLaws, OnlyDurableEventsAreNeededToKnowWhatIsSaved, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) {
    if (!is_leading(story.scene.state)) {
      story.step();
      continue;
    }
    State const before = story.scene.state;
    Envelope<Command> const envelope{story.scene.now, story.scene.wall, Entropy{static_cast<std::uint64_t>(i)},
                                     StartShard{CallId(1), shard_ref("c", static_cast<std::uint32_t>(i % 4))}, Token{}};
    auto const decision = decide(before, envelope);
    if (decision) {
      State all = before;
      State durable = before;
      for (Event const& event : *decision) {
        all = evolve(std::move(all), event);
        if (is_durable(event)) durable = evolve(std::move(durable), event);
      }
      RC_ASSERT(persisted(all) == persisted(durable));
    }
    story.step();
  }
}

RC_GTEST_PROP(MasterLaws, OutstandingCoversEveryErrandThatIsStillWanted, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  if (!is_leading(story.scene.state)) return;
  Office const& office = *story.scene.state.office;
  std::size_t wanted = 0;
  for (auto const& [request, errand] : office.errands.under_way) {
    if (want(office, errand) == office.errands.open.at(errand).want) ++wanted;
  }
  std::size_t requests = 0;
  bool wakes = false;
  for (Effect const& effect : outstanding(story.scene.state)) {
    if (auto const* wake = std::get_if<WakeAt>(&effect)) {
      wakes = wakes || wake->timer == TimerName("errands");
    } else if (!std::holds_alternative<WriteLease>(effect) && !std::holds_alternative<ReadLease>(effect) &&
               !std::holds_alternative<AnnounceMaster>(effect)) {
      ++requests;
    }
  }
  RC_ASSERT(requests == wanted);
  RC_ASSERT(wakes == !office.errands.waiting.empty());
}

RC_GTEST_PROP(MasterLaws, EverythingComesToRestWhenEverybodyAnswers, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  story.heal();
  Office const& office = *story.scene.state.office;
  RC_ASSERT(office.errands.open.empty());
  bool const is_stopping = office.sync.incoming && office.sync.incoming->status == sync::Status::Cancelling;
  RC_ASSERT(!is_stopping);
  for (auto const& [id, outgoing] : office.sync.outgoing) RC_ASSERT(outgoing.status != sync::Status::Cancelling);
  for (auto const& [id, task] : office.tasks.tasks) {
    RC_ASSERT(!is_cancelled(office, task));
    if (!office.members.empty()) RC_ASSERT(office.tasks.delivered.count(id) > 0);
  }
}

task::Channels channels(std::string const& name) { return {ChannelName("d." + name), ChannelName("c." + name)}; }

RC_GTEST_PROP(MasterLaws, ARepeatedCallChangesNothingMore, (std::uint64_t seed)) {
  RandomStory story(seed);
  for (int i = 0; i < steps; ++i) story.step();
  if (!is_leading(story.scene.state)) return;
  Scene& scene = story.scene;
  std::vector<Command> const calls{
      ConfigureSync{CallId(1), source_urls(), credentials()},
      StartShard{CallId(1), shard_ref("c", 1)},
      StopShard{CallId(1), shard_ref("c", 2)},
      StopOutgoingShard{CallId(1), ClusterId("target-one"), shard_ref("c", 1)},
      RemoveOutgoing{CallId(1), ClusterId("target-two"), std::nullopt},
      ResetShard{CallId(1), shard_ref("c", 3)},
      BeginBarrier{CallId(1)},
      AwaitBarrier{CallId(1)},
      EndBarrier{CallId(1)},
      RaiseOutgoingBarrier{CallId(1), ClusterId("target-one")},
      LowerOutgoingBarrier{CallId(1), ClusterId("target-one")},
      SetMessageTimeout{CallId(1), std::chrono::seconds(90)},
      RegisterWorker{CallId(1), Url("https://again:8629"), Token("again"), "host"},
      AcceptOutgoing{CallId(1), ClusterId("target-one"), source_urls(), channels("i"), {}, {}},
      StartOutgoingShard{CallId(1), ClusterId("target-one"), shard_ref("c", 2), channels("s"), {}},
      ReportInventory{CallId(1), {3, {}, {}}},
      UnregisterWorker{CallId(1), WorkerId("nobody")},
      StopSync{CallId(1), false, {}, {}, {}}};
  for (Command const& call : calls) {
    scene.when(call);
    Persisted const once = persisted(scene.state);
    scene.when(call);
    RC_LOG() << "call " << call.index() << std::endl;
    RC_ASSERT(persisted(scene.state) == once);
  }
}

/// Who may be running what, by what workers were told and answered; it believes the worst.
class Owners {
public:
  /// After every command.
  void look(Scene const& scene) {
    for (Effect const& effect : scene.effects) {
      if (auto const* send = std::get_if<SendTask>(&effect)) {
        runs_[task::purpose_of(send->spec)].emplace(send->worker.id, send->task);
      }
      if (auto const* revoke = std::get_if<RevokeTask>(&effect))
        revocations_.insert_or_assign(revoke->request, *revoke);
    }
    if (auto const* sent = std::get_if<TaskSent>(&scene.told)) end(*sent);
    if (auto const registered = scene.replied<WorkerRegistered>()) note(registered->worker, scene.now);
    if (auto const* leaving = std::get_if<UnregisterWorker>(&scene.told)) lives_until_.erase(leaving->worker);
    for (auto& [purpose, owners] : runs_) {
      std::erase_if(owners, [&](auto const& owner) {
        auto const until = lives_until_.find(owner.first);
        return until == lives_until_.end() || until->second <= scene.now;
      });
    }
  }
  /// How many workers at most run the same thing now.
  std::size_t of_one_thing() const {
    std::size_t most = 0;
    for (auto const& [purpose, owners] : runs_) {
      std::set<WorkerId> workers;
      for (auto const& [worker, task] : owners) workers.insert(worker);
      most = std::max(most, workers.size());
    }
    return most;
  }

private:
  void end(TaskSent const& sent) {
    auto const known = revocations_.find(sent.request);
    if (known == revocations_.end()) return;
    bool const is_gone = sent.outcome || sent.outcome.error().fault_class == FaultClass::NotFound;
    if (!is_gone) return;
    for (auto& [purpose, owners] : runs_) owners.erase({known->second.worker.id, known->second.task});
  }

  /// It runs what it has until its registration ends, or another process is where it was.
  void note(membership::WorkerRecord const& worker, Instant now) {
    for (auto const& [id, endpoint] : endpoints_) {
      if (endpoint == worker.endpoint && id != worker.id) lives_until_.erase(id);
    }
    endpoints_[worker.id] = worker.endpoint;
    lives_until_[worker.id] = now + limits::worker_registration;
  }

  std::map<task::Purpose, std::set<std::pair<WorkerId, TaskId>>> runs_;
  std::map<WorkerId, Url> endpoints_;
  std::map<WorkerId, Instant> lives_until_;
  std::map<RequestId, RevokeTask> revocations_;
};

RC_GTEST_PROP(MasterLaws, NoTwoWorkersAreEverToldToRunTheSame, (std::uint64_t seed)) {
  RandomStory story(seed);
  Owners owners;
  std::size_t most = 0;
  story.scene.observer = [&] {
    owners.look(story.scene);
    most = std::max(most, owners.of_one_thing());
  };
  for (int i = 0; i < 3 * steps; ++i) {
    story.step();
    RC_ASSERT(most <= 1u);
  }
}

/// What a target may know of the barrier that it asked for, by what it was told since it leads.
class Held {
public:
  void look(Scene const& scene) {
    if (!is_leading(scene.state)) {
      *this = Held();
      return;
    }
    std::visit(overloaded{[&](BarrierAsked const& it) { heard(it); }, [&](ReportStatus const& it) { heard(it); },
                          [&](ReportInventory const& it) { equal_at_ = it.report.equal_at; },
                          [&](StopSync const&) { *this = Held(); }, [](auto const&) {}},
               scene.told);
  }
  std::size_t in_sync() const {
    if (!since_) return 0;
    return static_cast<std::size_t>(std::count_if(caught_up_.begin(), caught_up_.end(), [&](auto const& shard) {
      return shard.second >= *since_ + sync::pace::clocks_agree;
    }));
  }
  bool has_structure() const { return since_ && equal_at_ >= *since_ + sync::pace::clocks_agree; }

private:
  void heard(BarrierAsked const& asked) {
    if (!asked.outcome) return;
    since_.reset();
    if (asked.outcome->is_held) since_ = asked.outcome->held_at;
  }
  void heard(ReportStatus const& report) {
    for (sync::StatusEntry const& entry : report.entries) {
      if (entry.remote) continue;
      caught_up_.erase(entry.shard);
      if (entry.report.status == sync::Status::Running) caught_up_[entry.shard] = entry.report.caught_up;
    }
  }

  std::optional<WallTime> since_;
  std::map<ShardRef, WallTime> caught_up_;
  WallTime equal_at_;
};

/// Receives four shards, and waits behind a barrier.
void wait_behind_a_barrier(Scene& scene) {
  scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts();
  for (std::uint32_t index = 0; index < 4; ++index) scene.start_shard(shard_ref("c", index));
  scene.source_obeys().workers_obey();
  scene.when(ReportInventory{scene.call(), {4, {}, {}}});
  for (std::uint32_t index = 0; index < 4; ++index) {
    scene.report(std::nullopt, shard_ref("c", index), sync::Status::Running);
  }
  scene.when(BeginBarrier{scene.call()});
}

/// Source and workers tell the target how far they are.
void tell_of_the_barrier(Scene& scene, Draw& draw) {
  WallTime const at = scene.wall + 1min * static_cast<int>(draw.below(2));
  switch (draw.below(4)) {
    case 0:
      for (auto const& raise : scene.under_way<RaiseBarrier>()) {
        scene.when(
            BarrierAsked{raise.request, sync::BarrierState{sync::BarrierId("b"), draw.below(8) > 0, scene.wall}});
      }
      return;
    case 1:
      scene.when(ReportInventory{scene.call(), {4, {}, at}});
      return;
    case 2:
      scene.after(1s).fire("barrier");
      return;
    default:
      scene.report(std::nullopt, shard_ref("c", static_cast<std::uint32_t>(draw.below(4))), sync::Status::Running, at);
      return;
  }
}

RC_GTEST_PROP(MasterLaws, ABarrierIsReachedOnlyWhenAllWasReportedEqualSinceItIsHeld, (std::uint64_t seed)) {
  RandomStory story(seed);
  Draw draw(Entropy{seed + 1});
  Held held;
  story.scene.observer = [&] { held.look(story.scene); };
  wait_behind_a_barrier(story.scene);
  for (int i = 0; i < steps; ++i) {
    if (draw.below(6) == 0) {
      story.step();
    } else {
      tell_of_the_barrier(story.scene, draw);
    }
    BarrierView const view = barrier(story.scene.state);
    RC_ASSERT(view.in_sync <= held.in_sync());
    if (view.source_read_only && view.not_in_sync == 0) RC_ASSERT(held.has_structure());
  }
}

// Seeds of rapidcheck are small and few; and a random story is only worth something if it gets everywhere.
TEST(MasterLaws, RandomLivesReachTheRarePlaces) {
  for (std::uint64_t seed = 1000; seed < 1150; ++seed) {
    RandomStory story(seed);
    for (int i = 0; i < 2 * steps; ++i) story.step();
    story.heal();
    ASSERT_TRUE(story.scene.state.office->errands.open.empty()) << seed;
  }
  auto const marks = marks_reached();
  for (char const* mark :
       {"master.worker.replaced", "master.shard.restarted", "master.shard.replaced", "master.outgoing.replaced",
        "master.stop.aborted", "master.token.lost", "master.token.replaced", "master.save.failed",
        "master.lease.overdue", "master.shard.reset", "master.barrier.expired", "master.outgoing.circle",
        "master.outgoing.late", "master.withdrawal.late", "master.shard.start_late", "master.shard.stop_late"}) {
    EXPECT_GT(marks.count(mark), 0u) << mark;
  }
}

}  // namespace
}  // namespace arangosync::master
