// A leader may die at any step of any command; whoever takes over ends where it would have ended.
//
// Every command is told to a leader in an obliging world (workers, cluster and partner do what they are asked). It is
// run once to its end; then again and again, with the leader dying after its first, second, … saved decision: before
// any of the effects was performed, or after all were performed and before any was answered. A new leader loads what
// was saved. What can be seen at the end must be the same.
#include "tests/domain/master/story/given_when_then.h"

#include "domain/base/overloaded.h"

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
  std::string source_token = "x";  ///< what it gives whom it accepts
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
            [&](AnnounceOutgoing const& it) -> Maybe {
              return OutgoingAnnounced{it.request, queue_of_other(source_token)};
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
/// The scene as it is before the command: whose token it is about, which worker.
using Make = std::function<Command(CallId, Scene const&)>;

/// What tokens there are, without their names: whose, how often cloned, and whether half of their time is left. Asked
/// twice, one more may be there.
auto sight_of_tokens(Persisted const& stored, WallTime now) {
  std::set<std::tuple<std::string, int, bool>> seen;
  for (auto const& [token, entry] : stored.tokens) {
    int generation = 0;
    for (auto parent = entry.parent; parent; parent = stored.tokens.at(*parent).parent) ++generation;
    std::string holder = "unknown";
    if (entry.holder) holder = entry.holder->target ? "target " + entry.holder->target->value() : "source";
    seen.emplace(holder, generation, entry.expires_at - now > 3h);
  }
  return seen;
}

/// What can be seen from outside, without the names that chance gives.
auto sight(Life const& life) {
  Persisted const stored = persisted(life.scene->state);
  std::map<ShardRef, sync::Status> incoming;
  std::optional<std::tuple<sync::Status, bool, sync::BarrierWish, std::vector<Url>, std::string>> synchronization;
  if (stored.incoming) {
    sync::Incoming const& of = *stored.incoming;
    synchronization = {of.status, of.announced, of.barrier, of.source, of.remote_queue.client_token};
    for (auto const& [shard, entry] : stored.incoming->shards) incoming[shard] = entry.status;
  }
  using Sending = std::map<ShardRef, std::tuple<sync::Status, ChannelName, ChannelName>>;
  std::map<ClusterId, std::tuple<sync::Status, bool, std::string, Sending>> outgoing;
  for (auto const& [id, target] : stored.outgoing) {
    Sending shards;
    for (auto const& [shard, entry] : target.shards) {
      shards[shard] = {entry.status, entry.channels.data, entry.channels.control};
    }
    outgoing[id] = {target.status, target.barrier.has_value(), target.remote_queue.client_token, std::move(shards)};
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
                    sight_of_tokens(stored, life.scene->wall),
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
void given_a_token(Life& life) {
  running(life);
  life.world.source_token = "handed over";
}
void stopping(Life& life) {
  away(life);
  life.scene->when(StopSync{life.scene->call(), false, 5s, std::nullopt, std::nullopt});
  EXPECT_EQ(status(life.scene->state, Details::Short)->status, sync::Status::Cancelling);
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

void token_issued(Life& life) {
  begin(life);
  life.scene->when(IssueToken{life.scene->call(), target_id});
}
void token_grown_old(Life& life) {
  token_issued(life);
  life.scene->when(CloneToken{life.scene->call(), life.scene->replied<TokenIssued>()->token});
  life.scene->lead_on(4h);
}
Token first_token(Scene const& scene) {
  for (auto const& [token, entry] : scene.saved.tokens) {
    if (!entry.parent) return token;
  }
  return Token();
}

struct Case {
  std::string name;
  Story before;
  Make command;
};

auto stop(bool force, std::optional<sync::ServerMode> mode) {
  return [=](CallId call, Scene const&) -> Command { return StopSync{call, force, 5s, mode, mode}; };
}
sync::ServerMode const read_only = sync::ServerMode::ReadOnly;

std::vector<Case> cases_of_a_target() {
  return {
      {"configure", begin,
       [](CallId c, auto&) -> Command {
         return ConfigureSync{c, source_urls(), credentials()};
       }},
      {"start a shard", configured,
       [](CallId c, auto&) -> Command {
         return StartShard{c, shard_ref("a")};
       }},
      {"stop a shard", running,
       [](CallId c, auto&) -> Command {
         return StopShard{c, shard_ref("a")};
       }},
      {"reset a shard", running,
       [](CallId c, auto&) -> Command {
         return ResetShard{c, shard_ref("a")};
       }},
      {"begin a barrier", running, [](CallId c, auto&) -> Command { return BeginBarrier{c}; }},
      {"end a barrier", holding, [](CallId c, auto&) -> Command { return EndBarrier{c}; }},
      {"stop", running, stop(false, std::nullopt)},
      {"stop and stay read-only", running, stop(false, read_only)},
      {"stop before anything runs", configured, stop(false, std::nullopt)},
      {"stop behind a barrier", holding, stop(false, std::nullopt)},
      {"abort", away, stop(true, std::nullopt)},
      {"abort and stay read-only", away, stop(true, read_only)},
      {"configure again", running,
       [](CallId c, auto&) -> Command {
         return ConfigureSync{
             c, {source_urls().front(), Url("https://source3:8629")}, {"certificate", "key", "", "another CA"}};
       }},
      {"abort what is being stopped", stopping, stop(true, std::nullopt)},
      {"abort what is being stopped, stay read-only", stopping, stop(true, read_only)},
      {"be given a token by the source", given_a_token,
       [](CallId c, Scene const& scene) -> Command {
         return ReplaceRemoteToken{c, scene.saved.cluster_id, Token("handed over"), 6h};
       }},
      {"set the message timeout", begin,
       [](CallId c, auto&) -> Command {
         return SetMessageTimeout{c, 3h};
       }},
      {"lose a worker", running,
       [](CallId c, auto&) -> Command {
         return RegisterWorker{c, Url("https://w1:8729"), Token("new"), "host"};
       }},
      {"a worker says that it ends", running,
       [](CallId c, Scene const& scene) -> Command {
         return UnregisterWorker{c, scene.saved.workers.begin()->first};
       }},
  };
}

std::vector<Case> cases_of_a_source() {
  return {
      {"accept a target", begin, [](CallId c, auto&) -> Command { return accept(c); }},
      {"send a shard through new channels", sending,
       [](CallId c, auto&) -> Command {
         return StartOutgoingShard{c, target_id, shard_ref("a"), {ChannelName("sync_t.n"), ChannelName("sync_m1.n")}};
       }},
      {"be given a token by a target", sending,
       [](CallId c, auto&) -> Command {
         return ReplaceRemoteToken{c, target_id, Token("handed over"), 6h};
       }},
      {"issue a token", begin,
       [](CallId c, auto&) -> Command {
         return IssueToken{c, target_id};
       }},
      {"renew a token", token_grown_old,
       [](CallId c, Scene const& scene) -> Command {
         return RenewToken{c, first_token(scene)};
       }},
      {"clone a token", token_issued,
       [](CallId c, Scene const& scene) -> Command {
         return CloneToken{c, first_token(scene)};
       }},
      {"send a shard", sending, [](CallId c, auto&) -> Command { return start(c, "b"); }},
      {"send no shard", sending,
       [](CallId c, auto&) -> Command {
         return StopOutgoingShard{c, target_id, shard_ref("a")};
       }},
      {"raise a barrier", sending,
       [](CallId c, auto&) -> Command {
         return RaiseOutgoingBarrier{c, target_id};
       }},
      {"lower a barrier", held,
       [](CallId c, auto&) -> Command {
         return LowerOutgoingBarrier{c, target_id};
       }},
      {"let a target go", sending,
       [](CallId c, auto&) -> Command {
         return RemoveOutgoing{c, target_id, std::nullopt};
       }},
      {"let a target go, stay read-only", sending,
       [=](CallId c, auto&) -> Command {
         return RemoveOutgoing{c, target_id, read_only};
       }},
      {"let a target go behind a barrier", held,
       [](CallId c, auto&) -> Command {
         return RemoveOutgoing{c, target_id, std::nullopt};
       }},
  };
}

void expect_the_same_end(Case const& it) {
  Life undisturbed;
  it.before(undisturbed);
  undisturbed.decisions = 0;
  Scene& scene = *undisturbed.scene;
  undisturbed.tell(it.command(scene.call(), scene));
  undisturbed.settle();
  auto const expected = sight(undisturbed);
  EXPECT_TRUE(std::get<5>(expected)) << it.name << ": the workers run exactly what the master knows";
  EXPECT_GT(undisturbed.decisions, 0) << it.name;
  for (int step = 1; step <= undisturbed.decisions; ++step) {
    for (bool const performed : {false, true}) {
      Life life;
      it.before(life);
      life.decisions = 0;
      life.dies_after = step;
      life.dies_performed = performed;
      Command const command = it.command(life.scene->call(), *life.scene);
      Command const again = it.command(CallId(1000), *life.scene);
      life.tell(command);
      // Whoever has no answer asks again.
      if (step == 1) life.tell(again);
      life.settle();
      EXPECT_EQ(life.leaders, 2);
      EXPECT_EQ(sight(life), expected) << it.name << ", died after saved decision " << step
                                       << (performed ? ", all effects performed" : ", no effect performed");
    }
  }
}

TEST(TakeOver, AtEveryStepOfEveryCommandOfATargetEndsWhereTheFirstLeaderWouldHave) {
  for (Case const& it : cases_of_a_target()) expect_the_same_end(it);
}

TEST(TakeOver, AtEveryStepOfEveryCommandOfASourceEndsWhereTheFirstLeaderWouldHave) {
  for (Case const& it : cases_of_a_source()) expect_the_same_end(it);
}

}  // namespace
}  // namespace arangosync::master
