// Laws of the worker over random commands, most of which make no sense: it never breaks, and its events are its state.
#include "tests/domain/worker/toy_world.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;

TaskId draw_task(Draw& draw) { return TaskId("t" + std::to_string(draw.below(6))); }
ChannelName draw_channel(Draw& draw) {
  return ChannelName((draw.below(2) == 0 ? "data" : "control") + std::to_string(draw.below(6)));
}

/// 0: the leader does not say.
Term draw_term(Draw& draw) { return Term(draw.below(4)); }

StartTask draw_start(Draw& draw) {
  TaskId const task = draw_task(draw);
  std::uint64_t const number = task.value().back() - '0';
  task::Spec spec;
  spec.kind = static_cast<task::Kind>(number % 4);
  spec.channels = {ChannelName("data" + std::to_string(number)), ChannelName("control" + std::to_string(number))};
  spec.target = ClusterId("b");
  spec.shard = ShardRef{DatabaseName("d"), CollectionName("c"), static_cast<std::uint32_t>(number)};
  Reign const reign{ServerId("PRMR-" + std::to_string(1 + draw.below(2))), draw.below(4)};
  return StartTask{task, spec, {}, {}, {}, draw_term(draw), reign};
}

shard::Position draw_position(Draw& draw) {
  Tick const tick(draw.below(100));
  return shard::Position{ShardName("s" + std::to_string(draw.below(6))),
                         ServerId("PRMR-1"),
                         "7",
                         tick,
                         tick,
                         {},
                         draw.below(2),
                         draw.below(4)};
}

shard::Message draw_message(Draw& draw, State const& state, ChannelName const& channel) {
  Epoch epoch(draw.below(3));
  Sequence sequence(draw.below(4));
  if (TaskId const* const task = state.channels.find(channel); task != nullptr && draw.below(3) > 0) {
    if (auto const* receiver = std::get_if<shard::receiver::State>(&state.tasks.find(*task)->machine)) {
      epoch = receiver->stream.epoch;
      sequence = receiver->stream.received.next();
    }
  }
  shard::Payload const payload = toy::payload_of({"U a b"});
  switch (draw.below(15)) {
    case 0:
      return shard::ControlMessage{shard::Request{epoch, draw_position(draw), draw.below(2) == 0}};
    case 1:
      return shard::ControlMessage{shard::Request{epoch, std::nullopt, false}};
    case 2:
      return shard::ControlMessage{shard::Acknowledge{epoch, sequence}};
    case 3:
      return shard::DataMessage{Epoch{}, Sequence{}, shard::Hello{}};
    case 4:
      return shard::DataMessage{epoch, sequence, shard::SnapshotBegin{std::to_string(draw.below(2))}};
    case 5:
      return shard::DataMessage{epoch, sequence, shard::SnapshotDocuments{payload}};
    case 6:
      return shard::DataMessage{epoch, sequence, shard::SnapshotEnd{draw_position(draw), 1}};
    case 7:
      return shard::DataMessage{epoch, sequence, shard::Changes{payload, draw_position(draw), {}}};
    case 8:
      return shard::DataMessage{epoch, sequence, shard::CompareBegin{std::to_string(draw.below(2)), Blob("tree")}};
    case 9:
      return shard::DataMessage{epoch, sequence, shard::CompareChanges{payload}};
    case 10:
      return shard::DataMessage{epoch, sequence,
                                shard::PartDone{static_cast<std::uint32_t>(draw.below(3)),
                                                draw.below(2) == 0 ? std::optional(Blob("tree")) : std::nullopt}};
    case 11:
      return shard::DataMessage{epoch, sequence, shard::CompareEnd{draw_position(draw)}};
    case 12:
      return shard::ControlMessage{
          shard::Difference{epoch, static_cast<std::uint32_t>(draw.below(3)), Blob("ranges"), draw.below(2) == 0}};
    case 13:
      return shard::ControlMessage{shard::CopyWanted{epoch, "drawn"}};
    default:
      return shard::DataMessage{epoch, sequence, shard::Heartbeat{draw_position(draw), true, {}}};
  }
}

template <class T>
Outcome<T> drawn(Draw& draw, T value) {
  if (draw.below(4) == 0) return unexpected(Fault{static_cast<FaultClass>(draw.below(5)), "drawn"});
  return value;
}

inventory::Structure draw_structure(Draw& draw) {
  inventory::Structure structure = toy::Source(1 + draw.below(6)).structure();
  for (auto& [name, collection] : structure.databases[DatabaseName("d")].collections) {
    collection.is_ready = draw.below(4) > 0;
    collection.id = std::to_string(draw.below(2));
  }
  return structure;
}

LogChunk draw_chunk(Draw& draw) {
  Tick const from(draw.below(100));
  LogChunk chunk{{},
                 from,
                 from,
                 Tick(100),
                 draw.below(8) == 0 ? "8" : "7",
                 draw.below(8) == 0 ? 2U : 1U,
                 draw.below(8) == 0,
                 draw.below(2) == 0,
                 draw.below(2) == 0,
                 WallTime(5s),
                 draw.below(4) == 0};
  if (chunk.closed) return chunk;  // who cannot read a log has nothing to tell of it
  chunk.slices.push_back(
      {DatabaseName("d"), ShardName("s" + std::to_string(100 + draw.below(6))), toy::payload_of({"R a"})});
  return chunk;
}

/// An answer that the world might give to an effect; an effect without one is answered by something unexpected.
struct Answers {
  Draw& draw;

  Outcome<Done> done() { return drawn(draw, Done{}); }

  Command operator()(Register const& e) {
    return Registered{e.request, drawn(draw, Registration{WorkerId("w"), 30s, 60s, 1, draw_term(draw)})};
  }
  Command operator()(ReportStatus const& e) { return Reported{e.request, done()}; }
  Command operator()(ReportInventory const& e) { return Reported{e.request, done()}; }
  Command operator()(AskShardStart const& e) { return Reported{e.request, done()}; }
  Command operator()(AskShardStop const& e) { return Reported{e.request, done()}; }
  Command operator()(WakeAt const& e) { return TimerFired{e.timer}; }
  Command operator()(ReadStructure const& e) { return StructureRead{e.request, drawn(draw, draw_structure(draw))}; }
  Command operator()(OpenSnapshot const& e) {
    Snapshot const snapshot{{e.server, e.database, "9"},
                            Tick(draw.below(100)),
                            "7",
                            draw.below(8) == 0 ? 2U : 1U,
                            draw.below(2) == 0 ? std::optional(Blob("tree")) : std::nullopt,
                            draw.below(2) == 0};
    return SnapshotOpened{e.request, drawn(draw, snapshot)};
  }
  Command operator()(ReadSnapshot const& e) {
    SnapshotChunk const chunk{toy::payload_of({"U a b"}), draw.below(2) == 0};
    return SnapshotRead{e.request, drawn(draw, chunk)};
  }
  Command operator()(ReadDifference const& e) {
    DifferenceChunk chunk{toy::payload_of({"U a b"}), std::nullopt, std::nullopt, {}};
    if (draw.below(3) == 0) chunk.removals = toy::payload_of({"V c d"});
    if (draw.below(3) == 0) chunk.next = revision::RevisionId(draw.below(9));
    if (draw.below(3) == 0) chunk.detail = Blob("tree");
    return DifferenceRead{e.request, drawn(draw, chunk)};
  }
  Command operator()(CloseSnapshot const& e) { return SnapshotClosed{e.request, done()}; }
  Command operator()(ReadLog const& e) { return LogRead{e.request, drawn(draw, draw_chunk(draw))}; }
  Command operator()(ForgetReader const&) { return StopTask{draw_task(draw)}; }
  Command operator()(ReadTargetStructure const& e) {
    return TargetStructureRead{e.request, drawn(draw, TargetStructure{draw_structure(draw), {}})};
  }
  Command operator()(ApplyStep const& e) { return StepApplied{e.request, done()}; }
  Command operator()(ReadPosition const& e) {
    std::optional<shard::Position> position;
    if (draw.below(2) == 0) position = draw_position(draw);
    return PositionRead{e.request, drawn(draw, TargetShard{position, std::to_string(draw.below(2))})};
  }
  Command operator()(StorePositions const& e) { return PositionsStored{e.request, done()}; }
  Command operator()(Beat const& e) {
    return BeatAnswered{e.request, drawn(draw, draw.below(8) == 0 ? PulseFound::SetBack : PulseFound::AsLeft)};
  }
  Command operator()(CompareTree const& e) {
    Comparison comparison{draw.below(6) == 0 ? "drawn" : "", Blob(draw.below(2) == 0 ? "ranges" : ""),
                          draw.below(2) == 0, std::nullopt};
    if (draw.below(3) == 0) comparison.next = revision::RevisionId(draw.below(9));
    return TreeCompared{e.request, drawn(draw, comparison)};
  }
  Command operator()(ApplyBatch const& e) { return BatchApplied{e.request, drawn(draw, ApplyReport{1, 1})}; }
  Command operator()(RemoveSurplus const& e) { return SurplusRemoved{e.request, drawn(draw, std::uint64_t{3})}; }
  Command operator()(ForgetCopy const&) { return StopTask{draw_task(draw)}; }
  Command operator()(Subscribe const& e) { return MessageUnreadable{e.channel, Offset(1), "drawn"}; }
  Command operator()(Unsubscribe const& e) { return MessageUnreadable{e.channel, Offset(1), "drawn"}; }
  Command operator()(Commit const& e) { return MessageUnreadable{e.channel, e.offset, "drawn"}; }
  Command operator()(Publish const& e) {
    if (!e.request) return TimerFired{TimerName("reader/1")};
    return Published{*e.request, done()};
  }
  Command operator()(DropChannel const& e) { return MessageUnreadable{e.channel, Offset(1), "drawn"}; }
};

struct Life {
  State first = initial_state(Config{Url("https://w"), 2});
  State state = first;
  std::vector<Event> events;
  std::vector<Effect> effects;
  Instant now{100s};

  void step(Draw& draw, Command const& command) {
    auto const decision = decide(state, Envelope<Command>{now, WallTime(1s), Entropy{draw.next()}, command});
    for (Event const& event : *decision) {
      state = evolve(std::move(state), event);
      for (Effect& effect : react(state, event)) effects.push_back(std::move(effect));
      events.push_back(event);
    }
    check_invariants(state);
  }
  Command draw_command(Draw& draw) {
    std::uint64_t const dice = draw.below(20);
    if (dice < 1) return draw_start(draw);
    if (dice < 2 && draw.below(3) == 0) return StopTask{draw_task(draw), {}, draw_term(draw)};
    if (dice < 7) {
      ChannelName const channel = draw_channel(draw);
      return MessageArrived{channel, Offset(draw.below(50)), draw_message(draw, state, channel)};
    }
    if (effects.empty() || dice == 7) return TimerFired{TimerName(registration_timer_name)};
    auto const at = effects.begin() + static_cast<std::ptrdiff_t>(draw.below(effects.size()));
    Command const command = std::visit(Answers{draw}, *at);
    if (draw.below(10) > 0) effects.erase(at);
    return command;
  }
  static constexpr char const* registration_timer_name = "registration";
};

RC_GTEST_PROP(Worker, KeepsItsInvariantsAndIsItsEventsWhateverItHears, (std::uint64_t seed)) {
  Draw draw(Entropy{seed});
  Life life;
  for (int i = 0; i < 8; ++i) life.step(draw, draw_start(draw));
  for (int i = 0; i < 300; ++i) {
    life.now = life.now + std::chrono::milliseconds(draw.below(800));
    life.step(draw, life.draw_command(draw));
  }
  State replayed = life.first;
  for (Event const& event : life.events) replayed = evolve(std::move(replayed), event);
  RC_ASSERT(replayed == life.state);
}

RC_GTEST_PROP(Worker, DoesNothingForALeaderThatAnotherHasFollowedUnderOneRegistration, (std::uint64_t seed)) {
  Draw draw(Entropy{seed});
  Life life;
  Term newest;
  for (int i = 0; i < 300; ++i) {
    life.now = life.now + std::chrono::milliseconds(draw.below(800));
    bool const may_begin_anew = life.now >= life.state.registration.write_until;
    Command const command = life.draw_command(draw);
    State const before = life.state;
    life.step(draw, command);
    auto const* start = std::get_if<StartTask>(&command);
    auto const* stop = std::get_if<StopTask>(&command);
    Term const term = start != nullptr ? start->term : stop != nullptr ? stop->term : Term();
    if (term != Term() && term < newest) RC_ASSERT(before == life.state);
    if (before.registration.id && (start != nullptr || stop != nullptr)) newest = std::max(newest, term);
    bool const is_answer = std::holds_alternative<Registered>(command);
    if (is_answer) RC_ASSERT(may_begin_anew || life.state.registration.term >= newest);
    if (is_answer) newest = life.state.registration.term;
    RC_ASSERT(life.state.registration.term == newest);
  }
}

RC_GTEST_PROP(Worker, DecidesTheSameTwiceAndLeavesTheStateAlone, (std::uint64_t seed)) {
  Draw draw(Entropy{seed});
  Life life;
  for (int i = 0; i < 100; ++i) {
    life.now = life.now + std::chrono::milliseconds(draw.below(800));
    Command const command = life.draw_command(draw);
    State const before = life.state;
    Envelope<Command> const envelope{life.now, WallTime(1s), Entropy{seed}, command};
    auto const first = decide(life.state, envelope);
    auto const second = decide(life.state, envelope);
    RC_ASSERT(*first == *second);
    RC_ASSERT(before == life.state);
    life.step(draw, command);
  }
}

RC_GTEST_PROP(Worker, AnAnswerTwiceEqualsOnce, (std::uint64_t seed)) {
  Draw draw(Entropy{seed});
  Life life;
  for (int i = 0; i < 8; ++i) life.step(draw, draw_start(draw));
  for (int i = 0; i < 150; ++i) {
    life.now = life.now + std::chrono::milliseconds(draw.below(800));
    Command const command = life.draw_command(draw);
    life.step(draw, command);
    bool const is_answer = std::visit(
        [](auto const& c) {
          return requires { c.request; };
        },
        command);
    bool const is_start_or_stop =
        std::holds_alternative<StartTask>(command) || std::holds_alternative<StopTask>(command);
    if (!is_answer && !is_start_or_stop) continue;
    State const once = life.state;
    life.step(draw, command);
    RC_ASSERT(life.state == once);
  }
}

/// The question that an effect asks, if it asks one.
std::optional<RequestId> question_of(Effect const& effect) {
  return std::visit(
      [](auto const& e) -> std::optional<RequestId> {
        if constexpr (requires { e.request; }) return e.request;
        return std::nullopt;
      },
      effect);
}

/// Some machine has taken the answer: more is noted than that it came, by which route, that it was time to store
/// positions or to beat for that, and that a task waits for leave to write.
bool is_heard(Effect const& question, std::vector<Event> const& events) {
  bool const is_about_positions = std::holds_alternative<StorePositions>(question);
  bool const is_beat = std::holds_alternative<Beat>(question);
  return std::any_of(events.begin(), events.end(), [&](Event const& event) {
    auto const* standing = std::get_if<StandingEvent>(&event);
    auto const* report = std::get_if<ReportEvent>(&event);
    bool const is_lease = standing != nullptr && (std::holds_alternative<LeaseWaited>(*standing) ||
                                                  std::holds_alternative<LeaseWaitEnded>(*standing));
    if (standing != nullptr) return !is_lease && !std::holds_alternative<RequestAnswered>(*standing);
    if (report != nullptr) return !std::holds_alternative<RouteSeen>(*report);
    if (std::holds_alternative<PulseEvent>(event)) return is_beat;
    return is_about_positions || !std::holds_alternative<PositionEvent>(event);
  });
}

/// Written for a stream that is over: that it ended is waited for, but it must not be said again.
bool is_stale_work(State const& state, RequestId request) {
  bool found = false;
  state.tasks.for_each([&](TaskId const&, Task const& task) {
    auto const* receiver = std::get_if<shard::receiver::State>(&task.machine);
    if (receiver == nullptr || !receiver->work) return;
    auto const* applying = std::get_if<shard::receiver::Applying>(&*receiver->work);
    if (applying != nullptr && applying->request == request) found = applying->stale;
    auto const* removing = std::get_if<shard::receiver::RemovingSurplus>(&*receiver->work);
    if (removing != nullptr && removing->request == request) found = removing->stale;
  });
  return found;
}

/// A snapshot came that nobody wants any more: it is closed.
bool is_orphaned(std::vector<Event> const& events) {
  return std::any_of(events.begin(), events.end(), [](Event const& event) {
    auto const* copy = std::get_if<CopyEvent>(&event);
    return copy != nullptr && std::holds_alternative<SnapshotOrphaned>(*copy);
  });
}

/// Mostly what gets on: answers to what is open, and messages of the streams that run.
Command lively_command(Draw& draw, Life& life) {
  std::vector<Effect> questions;
  std::vector<Effect> timers;
  for (Effect& effect : outstanding(life.state)) {
    if (question_of(effect)) {
      questions.push_back(std::move(effect));
    } else if (std::holds_alternative<WakeAt>(effect)) {
      timers.push_back(std::move(effect));
    }
  }
  std::uint64_t const dice = draw.below(20);
  if (dice < 10 && !questions.empty()) return std::visit(Answers{draw}, questions[draw.below(questions.size())]);
  if (dice < 14 && !timers.empty()) return std::visit(Answers{draw}, timers[draw.below(timers.size())]);
  if (dice > 18) return life.draw_command(draw);
  std::vector<ChannelName> receiving;
  life.state.tasks.for_each([&](TaskId const&, Task const& task) {
    if (std::holds_alternative<shard::receiver::State>(task.machine)) receiving.push_back(task.spec->channels.data);
  });
  bool const is_any = receiving.empty() || draw.below(4) == 0;
  ChannelName const channel = is_any ? draw_channel(draw) : receiving[draw.below(receiving.size())];
  return MessageArrived{channel, Offset(draw.below(50)), draw_message(draw, life.state, channel)};
}

// What is asked again comes from `outstanding`: it must hold every question whose answer is waited for, and none that
// nobody would listen to.
RC_GTEST_PROP(Worker, HoldsOutstandingExactlyTheQuestionsWhoseAnswersItHears, (std::uint64_t seed)) {
  Draw draw(Entropy{seed});
  Life life;
  std::map<RequestId, Effect> asked;
  for (int i = 0; i < 250; ++i) {
    life.now = life.now + std::chrono::milliseconds(draw.below(300));
    life.effects.clear();
    life.step(draw, i < 12 ? draw_start(draw) : lively_command(draw, life));
    for (Effect const& effect : life.effects) {
      if (auto const question = question_of(effect)) asked.insert_or_assign(*question, effect);
    }
    std::set<RequestId> open;
    for (Effect const& effect : outstanding(life.state)) {
      if (auto const question = question_of(effect)) open.insert(*question);
    }
    for (auto const& [question, effect] : asked) {
      Command const answer = std::visit(Answers{draw}, effect);
      auto const events = decide(life.state, Envelope<Command>{life.now, WallTime(1s), Entropy{seed}, answer});
      bool const is_open = open.count(question) > 0;
      bool const is_followed = is_heard(effect, *events) || std::holds_alternative<CloseSnapshot>(effect);
      bool const is_cleared_up = is_stale_work(life.state, question) || is_orphaned(*events);
      bool const is_as_told = is_open ? is_followed : !is_heard(effect, *events) || is_cleared_up;
      if (!is_as_told) RC_LOG() << "effect " << effect.index() << ", " << events->size() << " events" << std::endl;
      RC_ASSERT(is_as_told);
    }
    for (RequestId const question : open) RC_ASSERT(asked.count(question) > 0);
  }
}

TEST(Worker, RegistersBeforeItDoesAnythingElse) {
  State const state = initial_state(Config{Url("https://w"), 2});
  auto const effects = on_start(state);
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_EQ(std::get<WakeAt>(effects[0]).timer, TimerName("registration"));
}

TEST(Worker, ATaskThatIsStoppedLeavesNothingBehind) {
  Life life;
  Draw draw(Entropy{3});
  for (int i = 0; i < 60; ++i) life.step(draw, draw_start(draw));
  for (int i = 0; i < 6; ++i) life.step(draw, StopTask{TaskId("t" + std::to_string(i))});
  EXPECT_TRUE(life.state.tasks.empty());
  EXPECT_TRUE(life.state.channels.empty());
  EXPECT_TRUE(life.state.readers.empty());
  EXPECT_TRUE(life.state.turns.empty());
  EXPECT_EQ(life.state.source_tasks, 0u);
}

}  // namespace
}  // namespace arangosync::worker
