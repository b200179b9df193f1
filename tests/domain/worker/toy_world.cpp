#include "tests/domain/worker/toy_world.h"

namespace arangosync::worker::toy {

World::World(std::uint64_t seed, std::size_t shards, Faults drawn)
    : source(shards), faults(drawn), draw_(Entropy{seed}) {
  target_structure.structure.databases[DatabaseName("_system")].name = DatabaseName("_system");
  for (Node& node : nodes_) node.state = initial_state(Config{Url("https://worker"), 2});
  for (std::size_t node = 0; node < 2; ++node) {
    for (Effect const& effect : on_start(nodes_[node].state)) perform(node, effect);
  }
}

void World::later(std::size_t node, Command command, Duration after) {
  agenda_.emplace(now_ + after, Due{node, nodes_[node].life, std::move(command)});
}

void World::run_for(Duration duration) {
  Instant const until = now_ + duration;
  while (!agenda_.empty() && agenda_.begin()->first <= until) {
    auto first = agenda_.begin();
    now_ = std::max(now_, first->first);
    Due due = std::move(first->second);
    agenda_.erase(first);
    step(std::move(due));
  }
  now_ = until;
}

void World::run_until(std::function<bool()> const& is_so, Duration at_most) {
  Instant const until = now_ + at_most;
  while (!is_so() && now_ < until) run_for(std::chrono::milliseconds(10));
}

void World::step(Due due) {
  Node& node = nodes_[due.node];
  if (due.life != node.life) return;
  if (auto const* fired = std::get_if<TimerFired>(&due.command)) {
    auto const timer = timers_.find({due.node, fired->timer});
    if (timer == timers_.end() || timer->second != now_) return;  // replaced by another wake-up
    timers_.erase(timer);
  }
  Envelope<Command> const envelope{now_, WallTime(1'700'000'000s + now_.since_start()), Entropy{draw_.next()},
                                   due.command};
  auto const decision = decide(node.state, envelope);
  DC_ASSERT(decision.has_value());
  DC_ASSERT(decide(node.state, envelope) == decision);  // the same command in the same state is decided the same way
  std::vector<Effect> effects;
  for (Event const& event : *decision) {
    node.state = evolve(std::move(node.state), event);
    for (Effect& effect : react(node.state, event)) effects.push_back(std::move(effect));
    events[due.node].push_back(event);
    if (auto const* e = std::get_if<ReceiverEvent>(&event)) {
      if (std::holds_alternative<shard::receiver::CopyBegun>(e->event)) ++copies_begun;
      if (std::holds_alternative<shard::receiver::ComparisonBegun>(e->event)) ++comparisons_begun;
    }
  }
  check_invariants(node.state);
  if (chance(faults.lost_effects)) effects = outstanding(node.state);
  for (Effect const& effect : effects) perform(due.node, effect);
}

void World::perform(std::size_t node, Effect const& effect) {
  if (auto const* e = std::get_if<Register>(&effect)) {
    if (register_fails) return answer(node, Registered{e->request, unexpected(Fault{FaultClass::Retry, "no master"})});
    return answer(
        node, Registered{e->request, maybe<Registration>(Registration{WorkerId(worker_id[node]), 30s, 60s, 1, term})});
  }
  if (auto const* e = std::get_if<WakeAt>(&effect)) {
    Instant const at = std::max(e->at, now_);
    timers_[{node, e->timer}] = at;
    agenda_.emplace(at, Due{node, nodes_[node].life, TimerFired{e->timer}});
    return;
  }
  if (auto const* e = std::get_if<ReportStatus>(&effect)) {
    reports[node].insert(reports[node].end(), e->entries.begin(), e->entries.end());
    term_told = e->term;
    return answer(node, Reported{e->request, maybe<Done>(Done{})});
  }
  perform_source(node, effect);
  perform_target(node, effect);
  perform_positions(node, effect);
  perform_queue(node, effect);
}

void World::perform_source(std::size_t node, Effect const& effect) {
  if (auto const* e = std::get_if<ReadStructure>(&effect)) {
    answer(node, StructureRead{e->request, maybe<inventory::Structure>(source.structure())});
  } else if (auto const* open = std::get_if<OpenSnapshot>(&effect)) {
    answer(node, SnapshotOpened{open->request, maybe(source.open(*open))});
  } else if (auto const* read = std::get_if<ReadSnapshot>(&effect)) {
    answer(node, SnapshotRead{read->request, maybe(source.read(*read))});
  } else if (auto const* difference = std::get_if<ReadDifference>(&effect)) {
    auto const chunk = source.read(*difference);
    if (chunk) documents_compared += chunk->changes.count + chunk->removals.count;
    answer(node, DifferenceRead{difference->request, maybe(chunk)});
  } else if (auto const* close = std::get_if<CloseSnapshot>(&effect)) {
    source.close(close->snapshot);
    answer(node, SnapshotClosed{close->request, Done{}});
  } else if (auto const* log = std::get_if<ReadLog>(&effect)) {
    ++log_reads;
    answer(node, LogRead{log->request, maybe(source.read(*log, WallTime(1'700'000'000s + now_.since_start())))});
  }
}

void World::start(std::size_t node, TaskId const& task, task::Spec const& spec) {
  tasks_[node][task] = spec;
  later(node, StartTask{task, spec, {}}, latency());
}

void World::start_inventory() {
  task::Channels const channels{ChannelName("b.inventory"), ChannelName("a.inventory")};
  start(0, TaskId("send-inventory"), task::Spec{task::Kind::SendInventory, true, channels, ClusterId("b"), {}});
  start(1, TaskId("receive-inventory"), task::Spec{task::Kind::ReceiveInventory, true, channels, {}, {}});
}

void World::restart(std::size_t node) {
  ++nodes_[node].life;
  nodes_[node].state = initial_state(Config{Url("https://worker"), 2});
  events[node].clear();
  worker_id[node] += "x";
  for (auto& [name, channel] : channels_) {
    if (channel.subscriber == node) channel.subscriber.reset();
  }
  // What its adapters remember, and what it had published, is in its memory and dies with it.
  if (node == 0) source.forget_readers();
  if (node == 1) copies_.clear();
  for (auto const& [task, spec] : tasks_[node]) {
    bool const sends = spec.kind == task::Kind::SendInventory || spec.kind == task::Kind::SendShard;
    channels_[sends ? spec.channels.data : spec.channels.control].messages.clear();
  }
  for (Effect const& effect : on_start(nodes_[node].state)) perform(node, effect);
  for (auto const& [task, spec] : tasks_[node]) later(node, StartTask{task, spec, {}}, 100ms);
}

void World::back_up_target() { backup_ = Backup{target, positions, pulses}; }

void World::restore_target() {
  target = backup_.target;
  positions = backup_.positions;
  pulses = backup_.pulses;
}

void World::apply_step(inventory::Step const& step) {
  auto& databases = target_structure.structure.databases;
  auto& origins = target_structure.origins;
  std::visit(overloaded{
                 [&](inventory::CreateDatabase const& s) { databases[s.database].name = s.database; },
                 [&](inventory::DropDatabase const& s) { databases.erase(s.database); },
                 [&](inventory::CreateCollection const& s) {
                   databases[s.database].collections[s.collection.name] = s.collection;
                 },
                 [&](inventory::DropCollection const& s) {
                   databases[s.database].collections.erase(s.collection);
                   origins.erase({s.database, s.collection});
                   target.clear();
                 },
                 [&](inventory::ChangeCollection const& s) {
                   databases[s.database].collections[s.collection].mutable_properties = s.mutable_properties;
                 },
                 [&](inventory::CreateIndex const&) {},
                 [&](inventory::DropIndex const&) {},
                 [&](inventory::RecordOrigin const& s) {
                   origins[{s.database, s.collection}] = s.source_id;
                 },
                 // The toy source tells of no analyzers and views.
                 [](inventory::CreateAnalyzer const&) { DC_ASSERT(false); },
                 [](inventory::DropAnalyzer const&) { DC_ASSERT(false); },
                 [](inventory::CreateView const&) { DC_ASSERT(false); },
                 [](inventory::ChangeView const&) { DC_ASSERT(false); },
                 [](inventory::DropView const&) { DC_ASSERT(false); },
             },
             step);
}

void World::perform_positions(std::size_t node, Effect const& effect) {
  auto const ok = [&] { return maybe<Done>(Done{}); };
  if (auto const* position = std::get_if<ReadPosition>(&effect)) {
    auto const origin = target_structure.origins.find({position->shard.database, position->shard.collection});
    Kept const& kept = positions[position->shard];
    bool const is_good = kept.position && pulses[kept.stamp.pulse] >= kept.stamp.beat;
    TargetShard const found{is_good ? kept.position : std::nullopt,
                            origin == target_structure.origins.end() ? std::string() : origin->second};
    answer(node, PositionRead{position->request, maybe<TargetShard>(TargetShard(found))});
  } else if (auto const* store = std::get_if<StorePositions>(&effect)) {
    DC_ASSERT(now_ < store->deadline);
    if (stores_fail) return answer(node, PositionsStored{store->request, unexpected(Fault{FaultClass::Retry, "503"})});
    for (StoredPosition const& stored : store->positions) {
      positions[stored.shard] = Kept{stored.position, store->stamp};
    }
    answer(node, PositionsStored{store->request, ok()});
  } else if (auto const* beat = std::get_if<Beat>(&effect)) {
    DC_ASSERT(now_ < beat->deadline);
    if (stores_fail) return answer(node, BeatAnswered{beat->request, unexpected(Fault{FaultClass::Retry, "503"})});
    std::uint64_t& seen = pulses[beat->stamp.pulse];
    bool const is_as_left = seen == beat->stamp.beat || seen + 1 == beat->stamp.beat;
    if (is_as_left) seen = beat->stamp.beat;
    answer(node, BeatAnswered{beat->request, maybe<PulseFound>(is_as_left ? PulseFound::AsLeft : PulseFound::SetBack)});
  }
}

void World::perform_target(std::size_t node, Effect const& effect) {
  auto const ok = [&] { return maybe<Done>(Done{}); };
  if (auto const* structure = std::get_if<ReadTargetStructure>(&effect)) {
    answer(node, TargetStructureRead{structure->request, maybe<TargetStructure>(TargetStructure(target_structure))});
  } else if (auto const* step = std::get_if<ApplyStep>(&effect)) {
    DC_ASSERT(now_ < step->deadline);
    apply_step(step->step);
    answer(node, StepApplied{step->request, ok()});
  } else if (auto const* total = std::get_if<ReportInventory>(&effect)) {
    total_told = total->report.total_shards;
    equal_at_told = total->report.equal_at;
    inventories.push_back(*total);
    answer(node, Reported{total->request, ok()});
  } else if (auto const* begin = std::get_if<AskShardStart>(&effect)) {
    std::string const name = std::to_string(begin->shard.index);
    task::Channels const channels{ChannelName("b." + name), ChannelName("a." + name)};
    start(0, TaskId("send-" + name), task::Spec{task::Kind::SendShard, false, channels, ClusterId("b"), begin->shard});
    start(1, TaskId("receive-" + name), task::Spec{task::Kind::ReceiveShard, false, channels, {}, begin->shard});
    answer(node, Reported{begin->request, ok()});
  } else if (auto const* end = std::get_if<AskShardStop>(&effect)) {
    std::string const name = std::to_string(end->shard.index);
    tasks_[0].erase(TaskId("send-" + name));
    tasks_[1].erase(TaskId("receive-" + name));
    later(0, StopTask{TaskId("send-" + name)}, 0ms);
    later(1, StopTask{TaskId("receive-" + name)}, 0ms);
    answer(node, Reported{end->request, ok()});
  } else if (auto const* tree = std::get_if<CompareTree>(&effect)) {
    Documents const& documents = target[tree->shard];
    Comparison comparison;
    if (!target_has_trees) comparison.copy_instead = "no tree";
    if (target_has_trees && documents.empty()) {
      comparison.copy_instead = "nothing there";
      comparison.ranges = tree->tree;
    }
    if (comparison.copy_instead.empty()) comparison = compare(*tree, documents);
    answer(node, TreeCompared{tree->request, maybe<Comparison>(comparison)});
  } else if (auto const* batch = std::get_if<ApplyBatch>(&effect)) {
    DC_ASSERT(now_ < batch->deadline);
    if (!apply_error.empty()) {
      answer(node, BatchApplied{batch->request, unexpected(Fault{FaultClass::Permanent, apply_error})});
      return;
    }
    ++applied;
    if (batch->of_log) ++applied_of_log;
    std::uint32_t changes = 0;
    for (shard::Payload const& payload : batch->changes) {
      auto const written = apply(target[batch->shard], payload);
      if (batch->copy) copies_[*batch->copy].insert(written.begin(), written.end());
      changes += payload.count;
    }
    answer(node, BatchApplied{batch->request, maybe<ApplyReport>(ApplyReport{changes, 0})});
  } else if (auto const* surplus = std::get_if<RemoveSurplus>(&effect)) {
    DC_ASSERT(now_ < surplus->deadline);
    std::set<std::string> const& brought = copies_[surplus->copy];
    std::uint64_t const removed =
        std::erase_if(target[surplus->shard], [&](auto const& d) { return !brought.contains(d.first); });
    answer(node, SurplusRemoved{surplus->request, maybe<std::uint64_t>(removed)});
  } else if (auto const* forget = std::get_if<ForgetCopy>(&effect)) {
    copies_.erase(forget->copy);
  }
}

void World::deliver(ChannelName const& name, Channel& channel, Offset offset, shard::Message const& message) {
  if (chance(faults.lost_messages)) return;
  std::size_t const times = chance(faults.doubled_messages) ? 2 : 1;
  for (std::size_t i = 0; i < times; ++i) {
    // In the order of the channel, each a little later than the one before.
    channel.busy_until = std::max(channel.busy_until + 1us, now_ + latency());
    later(*channel.subscriber, MessageArrived{name, offset, message}, channel.busy_until - now_);
  }
}

void World::perform_queue(std::size_t node, Effect const& effect) {
  if (auto const* subscribe = std::get_if<Subscribe>(&effect)) {
    Channel& channel = channels_[subscribe->channel];
    if (channel.subscriber == node) return;
    channel.subscriber = node;
    for (auto const& [offset, message] : channel.messages) deliver(subscribe->channel, channel, offset, message);
  } else if (auto const* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
    channels_[unsubscribe->channel].subscriber.reset();
  } else if (auto const* commit = std::get_if<Commit>(&effect)) {
    auto& messages = channels_[commit->channel].messages;
    while (!messages.empty() && messages.front().first <= commit->offset) messages.pop_front();
  } else if (auto const* publish = std::get_if<Publish>(&effect)) {
    auto const outcome = maybe<Done>(Done{});
    if (outcome) {
      Channel& channel = channels_[publish->channel];
      channel.last = channel.last.next();
      channel.messages.emplace_back(channel.last, publish->message);
      if (channel.subscriber) deliver(publish->channel, channel, channel.last, publish->message);
    }
    if (publish->request) answer(node, Published{*publish->request, outcome});
  } else if (auto const* drop = std::get_if<DropChannel>(&effect)) {
    channels_[drop->channel].messages.clear();
  }
}

std::string World::standing() const {
  std::string text;
  for (Node const& node : nodes_) {
    node.state.tasks.for_each([&](TaskId const& id, Task const& task) {
      text += id.value();
      if (auto const* sender = std::get_if<shard::sender::State>(&task.machine)) {
        text += ": phase " + std::to_string(sender->phase.index()) + " epoch " + std::to_string(sender->epoch.value()) +
                " " + sender->trouble;
      } else if (auto const* receiver = std::get_if<shard::receiver::State>(&task.machine)) {
        text += ": phase " + std::to_string(receiver->phase.index()) + " epoch " +
                std::to_string(receiver->stream.epoch.value()) + " heard " + std::to_string(receiver->stream.heard) +
                " asks " + std::to_string(receiver->stream.asks) + " received " +
                std::to_string(receiver->stream.received.value()) + " queue " + std::to_string(receiver->queue.size()) +
                (receiver->queue.empty() ? "" : " of " + std::to_string(receiver->queue.front().body.index())) +
                " work " + (receiver->work ? std::to_string(receiver->work->index()) : "none") +
                (receiver->comparison ? " compares" : "") + (receiver->copy ? " copies" : "") + " origin " +
                receiver->origin + " " + receiver->message;
        if (receiver->comparison) {
          auto const& c = *receiver->comparison;
          text += " trees " + std::to_string(c.trees.size()) + " parts " + std::to_string(c.parts.size()) + " made " +
                  std::to_string(c.parts_made) + " said " + std::to_string(c.said) + (c.request ? " asked" : "");
        }
      }
      text += "\n";
    });
  }
  return text;
}

bool World::is_equal() const { return difference().empty(); }

std::string World::difference() const {
  std::string text;
  for (std::uint32_t index = 0; index < source.shards(); ++index) {
    auto const found = target.find(ShardRef{DatabaseName("d"), CollectionName("c"), index});
    Documents const nothing;
    Documents const& copy = found == target.end() ? nothing : found->second;
    for (auto const& [key, value] : source.documents(index)) {
      auto const there = copy.find(key);
      if (there == copy.end())
        text += " missing " + key;
      else if (there->second != value)
        text += " old " + key;
    }
    for (auto const& [key, value] : copy) {
      if (!source.documents(index).contains(key)) text += " surplus " + key;
    }
  }
  return text;
}

void write_some(World& world, std::size_t count) {
  Draw& draw = world.draw();
  for (std::size_t i = 0; i < count; ++i) {
    auto const index = static_cast<std::uint32_t>(draw.below(world.source.shards()));
    std::uint64_t const dice = draw.below(100);
    if (dice < 75) {
      world.source.write(index, "k" + std::to_string(draw.below(40)), "v" + std::to_string(draw.below(1'000'000)));
    } else if (dice < 98) {
      world.source.remove(index, "k" + std::to_string(draw.below(40)));
    } else {
      world.source.truncate(index);
    }
  }
}

}  // namespace arangosync::worker::toy
