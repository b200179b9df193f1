// A leader may die at any step of any command; whoever takes over ends where it would have ended.
//
// Every command is told to a leader in an obliging world (workers, cluster and partner do what they are asked). It is
// run once to its end; then again and again, with the leader dying after its first, second, … saved decision: before
// any of the effects was performed, or after all were performed and before any was answered. A new leader loads what
// was saved. What can be seen at the end must be the same.
#include "tests/domain/master/given_when_then.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

/// What the outside has been told, and does.
struct World {
  sync::ServerMode mode = sync::ServerMode::Default;
  bool source_knows_us = false;
  bool source_is_held = false;
  bool source_is_up = true;
  std::set<ShardRef> at_source;
  std::set<TaskId> running;
  friend bool operator==(World const&, World const&) = default;

  void perform(Effect const& effect) {
    std::visit(overloaded{[&](SendTask const& it) { running.insert(it.task); },
                          [&](RevokeTask const& it) { running.erase(it.task); },
                          [&](SetServerMode const& it) { mode = it.mode; },
                          [&](AnnounceOutgoing const&) { source_knows_us = source_knows_us || source_is_up; },
                          [&](WithdrawOutgoing const&) { leave(); },
                          [&](AnnounceShard const& it) { at_source.insert(it.shard); },
                          [&](WithdrawShard const& it) { at_source.erase(it.shard); },
                          [&](RaiseBarrier const&) { source_is_held = true; },
                          [&](LowerBarrier const&) { source_is_held = false; }, [](auto const&) {}},
               effect);
  }
  void leave() {
    if (!source_is_up) return;
    source_knows_us = false;
    source_is_held = false;
    at_source.clear();
  }
  /// The answer to an effect that was performed; nothing for timers and replies.
  std::optional<Command> answer(Effect const& effect, Scene const& scene) const {
    Fault const away{FaultClass::Retry, "the source is away"};
    auto const from_source = [&](RequestId request) -> Command {
      if (source_is_up) return RemoteDone{request, Done{}};
      return RemoteDone{request, unexpected(away)};
    };
    using Maybe = std::optional<Command>;
    return std::visit(
        overloaded{
            [](SendTask const& it) -> Maybe {
              return TaskSent{it.request, Done{}};
            },
            [](RevokeTask const& it) -> Maybe {
              return TaskSent{it.request, Done{}};
            },
            [](SetServerMode const& it) -> Maybe {
              return ServerModeSet{it.request, Done{}};
            },
            [&](ReadLandscape const& it) -> Maybe {
              return LandscapeRead{it.request, Survey{1, task::Landscape{}, mode == sync::ServerMode::ReadOnly}};
            },
            [](AskSource const& it) -> Maybe {
              return SourceAsked{it.request, SourceFacts{"sync_s.", source_urls(), {}, queue_of_other("token"), 6h}};
            },
            [](AskLineage const& it) -> Maybe {
              return LineageAnswered{it.request, std::vector<ClusterId>{}};
            },
            [](AnnounceOutgoing const& it) -> Maybe {
              return OutgoingAnnounced{it.request, queue_of_other("x")};
            },
            [&](WithdrawOutgoing const& it) -> Maybe { return from_source(it.request); },
            [&](AnnounceShard const& it) -> Maybe { return from_source(it.request); },
            [&](WithdrawShard const& it) -> Maybe { return from_source(it.request); },
            [&](LowerBarrier const& it) -> Maybe { return from_source(it.request); },
            [&](RaiseBarrier const& it) -> Maybe {
              return BarrierAsked{it.request, sync::BarrierState{sync::BarrierId("b"), true, scene.wall}};
            },
            [](RenewRemoteToken const& it) -> Maybe {
              return RemoteTokenRenewed{it.request, std::pair{Token("token"), Duration(6h)}};
            },
            [](auto const&) -> Maybe { return std::nullopt; }},
        effect);
  }
};

/// A leader and its world, which die and live on.
struct Life {
  World world;
  std::unique_ptr<Scene> scene = std::make_unique<Scene>("m1");
  int leaders = 1;
  int decisions = 0;  ///< saved ones since the command
  int dies_after = -1;
  bool dies_performed = false;

  void perform_all() {
    for (Effect const& effect : outstanding(scene->state)) world.perform(effect);
  }
  void tell(Command command) {
    scene->when(std::move(command));
    bool const is_saved = !scene->refusal && std::any_of(scene->events.begin(), scene->events.end(), is_durable);
    if (is_saved && ++decisions == dies_after) take_over();
  }
  void take_over() {
    if (dies_performed) perform_all();
    Persisted const saved = scene->saved;
    auto next = std::make_unique<Scene>("m" + std::to_string(++leaders));
    next->now = scene->now;
    next->wall = scene->wall;
    next->entropy = scene->entropy + 1000;
    scene = std::move(next);
    scene->lead(saved);
  }
  /// One thing that is under way happens. False: nothing is.
  bool step() {
    for (Effect const& effect : outstanding(scene->state)) {
      auto command = world.answer(effect, *scene);
      if (!command) continue;
      world.perform(effect);
      tell(std::move(*command));
      return true;
    }
    if (scene->state.office->sync.abort_at) {
      scene->after(5s);
      tell(TimerFired{TimerName("abort")});
      return true;
    }
    return false;
  }
  void settle() {
    for (int steps = 0; steps < 500; ++steps) {
      auto const& abort_at = scene->state.office->sync.abort_at;
      if (abort_at && *abort_at <= scene->now) tell(TimerFired{TimerName("abort")});
      if (!step()) return;
      // What waits for a retry is retried.
      auto const& waiting = scene->state.office->errands.waiting;
      if (scene->state.office->errands.under_way.empty() && !waiting.empty()) {
        scene->now = std::max(scene->now, waiting.begin()->first);
        tell(TimerFired{TimerName("errands")});
      }
    }
    ADD_FAILURE() << "it never comes to rest";
  }
};

using Story = std::function<void(Life&)>;
using Make = std::function<Command(CallId)>;

/// What can be seen from outside, without the names that chance gives.
auto sight(Life const& life) {
  Persisted const stored = persisted(life.scene->state);
  std::map<ShardRef, sync::Status> incoming;
  std::optional<std::tuple<sync::Status, bool, sync::BarrierWish>> synchronization;
  if (stored.incoming) {
    synchronization = {stored.incoming->status, stored.incoming->announced, stored.incoming->barrier};
    for (auto const& [shard, entry] : stored.incoming->shards) incoming[shard] = entry.status;
  }
  std::map<ClusterId, std::tuple<sync::Status, bool, std::map<ShardRef, sync::Status>>> outgoing;
  for (auto const& [id, target] : stored.outgoing) {
    auto& seen = outgoing[id];
    seen = {target.status, target.barrier.has_value(), {}};
    for (auto const& [shard, entry] : target.shards) std::get<2>(seen)[shard] = entry.status;
  }
  std::set<task::Purpose> purposes;
  std::set<TaskId> ids;
  for (auto const& [id, task] : stored.tasks) {
    purposes.insert(task::purpose_of(task.spec));
    ids.insert(id);
  }
  World world = life.world;
  bool const runs_exactly_these = world.running == ids;
  world.running.clear();
  return std::tuple{synchronization,
                    incoming,
                    outgoing,
                    purposes,
                    runs_exactly_these,
                    world,
                    stored.cluster_id.value().empty(),
                    stored.message_timeout,
                    stored.cancellation_aborted,
                    stored.topics.size(),
                    stored.workers.size()};
}

void begin(Life& life) {
  life.scene->lead();
  life.scene->join("w1");
  life.scene->join("w2");
}
void configured(Life& life) {
  begin(life);
  life.scene->configure();
  life.settle();
}
void running(Life& life) {
  configured(life);
  for (char const* name : {"a", "b"}) life.scene->start_shard(shard_ref(name));
  life.settle();
  life.scene->when(ReportInventory{life.scene->call(), {2, {}, {}}});
  for (char const* name : {"a", "b"}) life.scene->report(std::nullopt, shard_ref(name), sync::Status::Running);
  EXPECT_EQ(status(life.scene->state, Details::Short)->status, sync::Status::Running);
}
void holding(Life& life) {
  running(life);
  life.scene->when(BeginBarrier{life.scene->call()});
  life.settle();
}
void away(Life& life) {
  running(life);
  life.world.source_is_up = false;
}
AcceptOutgoing accept(CallId call) {
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  return {call, target_id, {Url("https://target:8629")}, {ChannelName("sync_t.i"), ChannelName("sync_m1.i")}, queue};
}
StartOutgoingShard start(CallId call, std::string const& name) {
  return {call, target_id, shard_ref(name), {ChannelName("sync_t." + name), ChannelName("sync_m1." + name)}};
}
void sending(Life& life) {
  begin(life);
  life.scene->when(accept(life.scene->call()));
  life.settle();
  life.scene->when(start(life.scene->call(), "a"));
  life.settle();
}
void held(Life& life) {
  sending(life);
  life.scene->when(RaiseOutgoingBarrier{life.scene->call(), target_id});
  life.settle();
}

struct Case {
  std::string name;
  Story before;
  Make command;
};

std::vector<Case> cases() {
  auto const stop = [](bool force, std::optional<sync::ServerMode> mode) {
    return [=](CallId call) -> Command { return StopSync{call, force, 5s, mode, mode}; };
  };
  sync::ServerMode const read_only = sync::ServerMode::ReadOnly;
  return {
      {"configure", begin,
       [](CallId c) -> Command {
         return ConfigureSync{c, source_urls(), credentials()};
       }},
      {"start a shard", configured,
       [](CallId c) -> Command {
         return StartShard{c, shard_ref("a")};
       }},
      {"stop a shard", running,
       [](CallId c) -> Command {
         return StopShard{c, shard_ref("a")};
       }},
      {"reset a shard", running,
       [](CallId c) -> Command {
         return ResetShard{c, shard_ref("a")};
       }},
      {"begin a barrier", running, [](CallId c) -> Command { return BeginBarrier{c}; }},
      {"end a barrier", holding, [](CallId c) -> Command { return EndBarrier{c}; }},
      {"stop", running, stop(false, std::nullopt)},
      {"stop and stay read-only", running, stop(false, read_only)},
      {"stop before anything runs", configured, stop(false, std::nullopt)},
      {"stop behind a barrier", holding, stop(false, std::nullopt)},
      {"abort", away, stop(true, std::nullopt)},
      {"abort and stay read-only", away, stop(true, read_only)},
      {"set the message timeout", begin,
       [](CallId c) -> Command {
         return SetMessageTimeout{c, 3h};
       }},
      {"accept a target", begin, [](CallId c) -> Command { return accept(c); }},
      {"send a shard", sending, [](CallId c) -> Command { return start(c, "b"); }},
      {"send no shard", sending,
       [](CallId c) -> Command {
         return StopOutgoingShard{c, target_id, shard_ref("a")};
       }},
      {"raise a barrier", sending,
       [](CallId c) -> Command {
         return RaiseOutgoingBarrier{c, target_id};
       }},
      {"lower a barrier", held,
       [](CallId c) -> Command {
         return LowerOutgoingBarrier{c, target_id};
       }},
      {"let a target go", sending,
       [](CallId c) -> Command {
         return RemoveOutgoing{c, target_id, std::nullopt};
       }},
      {"let a target go, stay read-only", sending,
       [=](CallId c) -> Command {
         return RemoveOutgoing{c, target_id, read_only};
       }},
      {"let a target go behind a barrier", held,
       [](CallId c) -> Command {
         return RemoveOutgoing{c, target_id, std::nullopt};
       }},
      {"lose a worker", running,
       [](CallId c) -> Command {
         return RegisterWorker{c, Url("https://w1:8729"), Token("new"), "host"};
       }},
  };
}

TEST(TakeOver, AtEveryStepOfEveryCommandEndsWhereTheFirstLeaderWouldHave) {
  for (Case const& it : cases()) {
    Life undisturbed;
    it.before(undisturbed);
    undisturbed.decisions = 0;
    undisturbed.tell(it.command(undisturbed.scene->call()));
    undisturbed.settle();
    auto const expected = sight(undisturbed);
    EXPECT_TRUE(std::get<4>(expected)) << it.name << ": the workers run exactly what the master knows";
    EXPECT_GT(undisturbed.decisions, 0) << it.name;
    for (int step = 1; step <= undisturbed.decisions; ++step) {
      for (bool const performed : {false, true}) {
        Life life;
        it.before(life);
        life.decisions = 0;
        life.dies_after = step;
        life.dies_performed = performed;
        CallId const call = life.scene->call();
        life.tell(it.command(call));
        // Whoever has no answer asks again.
        if (step == 1) life.tell(it.command(CallId(1000)));
        life.settle();
        EXPECT_EQ(life.leaders, 2);
        EXPECT_EQ(sight(life), expected) << it.name << ", died after saved decision " << step
                                         << (performed ? ", all effects performed" : ", no effect performed");
      }
    }
  }
}

}  // namespace
}  // namespace arangosync::master
