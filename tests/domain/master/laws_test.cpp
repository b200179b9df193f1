// Laws that hold for every life of a master, whatever it hears and in whatever order. Scene checks the invariants
// (among them: open errands are exactly those that are wanted) after every command.
#include "tests/domain/master/story/random_story.h"

#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
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

/// Who may be running what, and where, by what workers were told and answered. It believes the worst: what was sent has
/// arrived, and a process runs it until its registration would have ended, even if another one says that it is there
/// now (that may be a late call of an older life) and until that one has shown it by an answer. Only of sending is the
/// other one believed at once: two that send have channels and epochs of their own, and do no harm.
class Owners {
public:
  /// After every command.
  void look(Scene const& scene) {
    for (Effect const& effect : scene.effects) {
      if (auto const* send = std::get_if<SendTask>(&effect)) {
        runs_[task::purpose_of(send->spec)][{send->worker.id, send->task}] = send->worker.endpoint;
        asked_.insert_or_assign(send->request, send->worker);
      }
      if (auto const* revoke = std::get_if<RevokeTask>(&effect)) {
        revocations_.insert_or_assign(revoke->request, revoke->task);
        asked_.insert_or_assign(revoke->request, revoke->worker);
      }
    }
    if (auto const* sent = std::get_if<TaskSent>(&scene.told)) hear(*sent);
    if (auto const registered = scene.replied<WorkerRegistered>()) {
      membership::WorkerRecord const& worker = registered->worker;
      for (auto const& [id, life] : lives_until_) {
        if (life.first == worker.endpoint && id != worker.id) replaced_.insert(id);
      }
      lives_until_[worker.id] = {worker.endpoint, scene.now + limits::worker_registration};
    }
    if (auto const* leaving = std::get_if<UnregisterWorker>(&scene.told)) end(leaving->worker);
    std::erase_if(lives_until_, [&](auto const& life) { return life.second.second <= scene.now; });
    for (auto& [purpose, owners] : runs_) {
      bool const sends = purpose.target.has_value();
      std::erase_if(owners, [&](auto const& owner) {
        WorkerId const& worker = owner.first.first;
        return !lives_until_.contains(worker) || (sends && replaced_.contains(worker));
      });
    }
  }
  /// At how many places the same thing may run now, at most.
  std::size_t of_one_thing() const {
    std::size_t most = 0;
    for (auto const& [purpose, owners] : runs_) {
      std::set<Url> places;
      for (auto const& [owner, endpoint] : owners) places.insert(endpoint);
      most = std::max(most, places.size());
    }
    return most;
  }
  std::size_t moves() const { return moves_; }

private:
  /// Who speaks under this name is the process at its address, and ends.
  void end(WorkerId const& worker) {
    auto const speaker = lives_until_.find(worker);
    if (speaker == lives_until_.end()) return;
    Url const endpoint = speaker->second.first;
    std::erase_if(lives_until_, [&](auto const& life) { return life.second.first == endpoint; });
  }
  void hear(TaskSent const& sent) {
    auto const asked = asked_.find(sent.request);
    if (asked == asked_.end()) return;
    bool const is_gone = !sent.outcome && sent.outcome.error().fault_class == FaultClass::NotFound;
    if (!sent.outcome && !is_gone) return;
    auto const& [id, endpoint] = std::pair(asked->second.id, asked->second.endpoint);
    std::erase_if(lives_until_, [&](auto const& life) { return life.second.first == endpoint && life.first != id; });
    auto const revoked = revocations_.find(sent.request);
    if (revoked == revocations_.end()) return;
    for (auto& [purpose, owners] : runs_) moves_ += owners.erase({id, revoked->second});
  }

  std::map<task::Purpose, std::map<std::pair<WorkerId, TaskId>, Url>> runs_;
  std::map<RequestId, membership::WorkerRecord> asked_;
  std::map<RequestId, TaskId> revocations_;
  std::map<WorkerId, std::pair<Url, Instant>> lives_until_;
  std::set<WorkerId> replaced_;
  std::size_t moves_ = 0;
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
                          [&](EndBarrier const&) { since_.reset(); }, [&](StopSync const&) { *this = Held(); },
                          [](auto const&) {}},
               scene.told);
    for (Event const& event : scene.events) {
      auto const* member = std::get_if<membership::Event>(&event);
      auto const* left = member != nullptr ? std::get_if<membership::WorkerLeft>(member) : nullptr;
      if (left != nullptr) lose(left->worker);
      auto const* about = std::get_if<sync::ShardEvent>(&event);
      auto const* cancelled = about != nullptr ? std::get_if<sync::ShardCancelled>(about) : nullptr;
      if (cancelled != nullptr && !cancelled->partner) caught_up_.erase(cancelled->shard);
    }
    for (Effect const& effect : scene.effects) {
      auto const* send = std::get_if<SendTask>(&effect);
      bool const is_receiver = send != nullptr && send->spec.kind == task::Kind::ReceiveShard;
      if (is_receiver) receiver_[*send->spec.shard] = send->worker.id;
    }
  }
  std::size_t in_sync() const {
    if (!since_) return 0;
    return static_cast<std::size_t>(std::count_if(caught_up_.begin(), caught_up_.end(), [&](auto const& shard) {
      return shard.second >= *since_ + sync::pace::clocks_agree;
    }));
  }
  bool has_structure() const { return since_ && equal_at_ >= *since_ + sync::pace::clocks_agree; }

private:
  /// What it has reported nobody can confirm.
  void lose(WorkerId const& worker) {
    std::erase_if(caught_up_, [&](auto const& shard) {
      auto const receiver = receiver_.find(shard.first);
      return receiver != receiver_.end() && receiver->second == worker;
    });
  }
  void heard(BarrierAsked const& asked) {
    if (!asked.outcome) return;
    since_.reset();
    if (asked.outcome->is_held) since_ = asked.outcome->held_at;
  }
  void heard(ReportStatus const& report) {
    for (sync::StatusEntry const& entry : report.entries) {
      if (entry.remote) continue;
      caught_up_.erase(entry.shard);
      bool const counts = entry.report.status == sync::Status::Running && !entry.report.unconfirmed;
      if (counts) caught_up_[entry.shard] = entry.report.caught_up;
    }
  }

  std::optional<WallTime> since_;
  std::map<ShardRef, WallTime> caught_up_;
  std::map<ShardRef, WorkerId> receiver_;
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
    default: {
      sync::StatusEntry entry{std::nullopt, shard_ref("c", static_cast<std::uint32_t>(draw.below(4))), {}};
      entry.report.status = sync::Status::Running;
      entry.report.caught_up = at;
      entry.report.unconfirmed = draw.below(6) == 0;
      scene.when(ReportStatus{scene.call(), {entry}});
      return;
    }
  }
}

/// Calls `look` after every step of such a life.
void live_behind_a_barrier(std::uint64_t seed, std::function<void(BarrierView const&, Held const&)> const& look) {
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
    look(barrier(story.scene.state), held);
  }
}

RC_GTEST_PROP(MasterLaws, ABarrierIsReachedOnlyWhenAllWasReportedEqualSinceItIsHeld, (std::uint64_t seed)) {
  live_behind_a_barrier(seed, [](BarrierView const& view, Held const& held) {
    RC_ASSERT(view.in_sync <= held.in_sync());
    if (view.source_read_only && view.not_in_sync == 0) RC_ASSERT(held.has_structure());
  });
}

TEST(MasterLaws, LivesBehindABarrierReachItsEnd) {
  int reached = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    live_behind_a_barrier(seed, [&](BarrierView const& view, Held const&) {
      if (view.source_read_only && view.not_in_sync == 0) ++reached;
    });
  }
  EXPECT_GT(reached, 0);
}

TEST(MasterLaws, TasksMoveBetweenLivingWorkersInRandomLives) {
  std::size_t moves = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStory story(seed);
    Owners owners;
    story.scene.observer = [&] { owners.look(story.scene); };
    for (int i = 0; i < steps; ++i) story.step();
    moves += owners.moves();
  }
  EXPECT_GT(moves, 0U);
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
