#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/worker/effects.h"

#include <utility>

namespace arangosync::worker {

Subscribe subscription(Task const& task) { return Subscribe{read_channel(*task.spec), *task.remote, task.spec->shard}; }

ReadSnapshot snapshot_read(shard::sender::State const& sender, RequestId request) {
  auto const& copying = std::get<shard::sender::Copying>(sender.phase);
  return ReadSnapshot{request, copying.snapshot, copying.position.shard, copying.next_chunk,
                      limits::snapshot_chunk_bytes};
}

ReadDifference difference_read(shard::sender::State const& sender, RequestId request) {
  auto const& comparing = std::get<shard::sender::Comparing>(sender.phase);
  return ReadDifference{
      request,        comparing.snapshot,          comparing.position.shard, comparing.parts.front().ranges,
      comparing.from, limits::snapshot_chunk_bytes};
}

CompareTree tree_compare(shard::receiver::State const& receiver, RequestId request) {
  auto const& comparison = *receiver.comparison;
  return CompareTree{request,         receiver.shard,          comparison.id, comparison.trees.front(),
                     comparison.from, limits::difference_bytes};
}

ApplyBatch batch_of(shard::receiver::State const& receiver, RequestId request, Instant deadline) {
  std::uint32_t const messages = std::get<shard::receiver::Applying>(*receiver.work).messages;
  ApplyBatch batch{request, receiver.shard, {}, std::nullopt, deadline};
  for (std::uint32_t i = 0; i < messages; ++i) {
    shard::DataBody const& body = receiver.queue[i].body;
    if (std::holds_alternative<shard::SnapshotDocuments>(body)) batch.copy = receiver.copy;
    if (std::holds_alternative<shard::Changes>(body)) batch.of_log = true;
    if (auto const* payload = shard::payload_of(body)) batch.changes.push_back(*payload);
  }
  return batch;
}

ApplyStep step_of(inventory_receiver::State const& receiver, RequestId request, Instant deadline) {
  auto const& round = std::get<inventory_receiver::Working>(receiver.phase);
  return ApplyStep{request, (*round.steps)[round.next], deadline};
}

StorePositions forgetting(RequestId request, std::vector<ShardRef> const& shards, Instant deadline) {
  StorePositions store{request, {}, {}, deadline};
  for (ShardRef const& shard : shards) store.positions.push_back(StoredPosition{shard, std::nullopt});
  return store;
}

ReadLog log_read(ReaderId id, log_reader::State const& reader, RequestId request, bool with_filter) {
  ReadLog read{
      request, id,         reader.server, reader.syncer, reader.from, reader.last_scanned, limits::log_chunk_bytes,
      {},      reader.only};
  if (with_filter) read.filter = log_reader::filter_of(reader);
  return read;
}

StorePositions flush_of(Positions const& positions) {
  StorePositions store{*positions.request, {}, positions.stamp, positions.deadline};
  for (FlushEntry const& entry : positions.under_way) {
    StoredPosition stored{entry.shard, entry.unstored.position};
    if (stored.position) stored.position->stream = entry.stream;
    store.positions.push_back(std::move(stored));
  }
  return store;
}

ReportStatus report_of(Reports const& reports) {
  ReportStatus report{*reports.request, {}, reports.worker, reports.term};
  for (auto const& [task, entry] : reports.under_way) report.entries.push_back(entry);
  return report;
}

namespace {

using Effects = std::vector<Effect>;

void add_sender(Effects& effects, task::Spec const& spec, shard::sender::State const& state) {
  if (state.publishing) effects.push_back(Publish{*state.publishing, spec.channels.data, state.outbox.front()});
  if (auto const* opening = std::get_if<shard::sender::Opening>(&state.phase); opening != nullptr && opening->request) {
    effects.push_back(OpenSnapshot{*opening->request, state.place->leader, state.shard.database, state.place->shard,
                                   opening->syncer, true});
  }
  if (auto const* copying = std::get_if<shard::sender::Copying>(&state.phase); copying != nullptr && copying->reading) {
    effects.push_back(snapshot_read(state, *copying->reading));
  }
  auto const* comparing = std::get_if<shard::sender::Comparing>(&state.phase);
  if (comparing != nullptr && comparing->reading) effects.push_back(difference_read(state, *comparing->reading));
}

void add_talk(Effects& effects, ChannelName const& channel, shard::talk::State const& talk) {
  if (talk.publishing) effects.push_back(Publish{*talk.publishing, channel, *talk.saying});
}

void add_receiver(Effects& effects, task::Spec const& spec, shard::receiver::State const& state, Instant write_until) {
  using namespace shard::receiver;
  if (auto const* reading = std::get_if<Reading>(&state.phase); reading != nullptr && reading->request) {
    effects.push_back(ReadPosition{*reading->request, state.shard});
  }
  add_talk(effects, spec.channels.control, state.talk);
  if (state.comparison && state.comparison->request) {
    effects.push_back(tree_compare(state, *state.comparison->request));
  }
  if (!state.work) return;
  std::visit(overloaded{
                 [&](Forgetting const&) {},  // part of the flush
                 [&](Comparing const&) {},   // above
                 [&](Applying const& work) {
                   // A stale batch is gone with its epoch; only its answer is still waited for.
                   if (!work.stale) effects.push_back(batch_of(state, work.request, write_until));
                 },
                 [&](RemovingSurplus const& work) {
                   if (!work.stale)
                     effects.push_back(RemoveSurplus{work.request, state.shard, *state.copy, write_until});
                 },
             },
             *state.work);
}

void add_inventory_receiver(Effects& effects, State const& worker_state, TaskId const& task,
                            inventory_receiver::State const& state) {
  using namespace inventory_receiver;
  Instant const write_until = worker_state.registration.write_until;
  WorkerId const worker = worker_state.registration.id.value_or(WorkerId());
  add_talk(effects, worker_state.tasks.find(task)->spec->channels.control, state.talk);
  if (auto const* reading = std::get_if<ReadingTarget>(&state.phase)) {
    effects.push_back(ReadTargetStructure{reading->request});
  }
  if (auto const* round = std::get_if<Working>(&state.phase)) {
    if (round->stopping) effects.push_back(AskShardStop{*round->stopping, *round->to_stop.begin(), task, worker});
    if (round->forgetting) effects.push_back(forgetting(*round->forgetting, round->to_forget, write_until));
    if (round->applying) effects.push_back(step_of(state, *round->applying, write_until));
  }
  for (auto const& [request, shard] : state.asking) effects.push_back(AskShardStart{request, shard, task, worker});
  if (auto const& again = state.stopping_again) {
    effects.push_back(AskShardStop{again->first, again->second, task, worker});
  }
  if (state.reporting) {
    effects.push_back(ReportInventory{*state.reporting, state.report_under_way, task, worker, state.report_term});
  }
}

void add_task(Effects& effects, State const& state, TaskId const& id, Task const& task) {
  effects.push_back(subscription(task));
  if (task.armed) effects.push_back(WakeAt{timer_of(id), *task.armed});
  Instant const write_until = state.registration.write_until;
  std::visit(
      overloaded{
          [&](inventory_sender::State const& machine) {
            if (machine.publishing) {
              effects.push_back(Publish{*machine.publishing, task.spec->channels.data, *machine.next});
            }
          },
          [&](inventory_receiver::State const& machine) { add_inventory_receiver(effects, state, id, machine); },
          [&](shard::sender::State const& machine) { add_sender(effects, *task.spec, machine); },
          [&](shard::receiver::State const& machine) { add_receiver(effects, *task.spec, machine, write_until); },
      },
      task.machine);
}

void add_timer(Effects& effects, char const* name, std::optional<Instant> const& at) {
  if (at) effects.push_back(WakeAt{TimerName(name), *at});
}

}  // namespace

std::vector<Effect> outstanding(State const& state) {
  Effects effects;
  if (state.registration.request) effects.push_back(Register{*state.registration.request});
  add_timer(effects, registration_timer, state.registration_armed);
  if (state.source->request) effects.push_back(ReadStructure{*state.source->request});
  add_timer(effects, structure_timer, state.source->armed);
  state.tasks.for_each([&](TaskId const& id, Task const& task) { add_task(effects, state, id, task); });
  state.readers.for_each([&](ReaderId id, log_reader::State const& reader) {
    if (reader.reading) effects.push_back(log_read(id, reader, *reader.reading, true));
    if (reader.armed) effects.push_back(WakeAt{timer_of(id), *reader.armed});
  });
  state.routes.for_each([&](RequestId, Route const& route) {
    if (route.closing) effects.push_back(*route.closing);
  });
  if (state.positions->request) effects.push_back(flush_of(*state.positions));
  add_timer(effects, positions_timer, state.positions->armed);
  if (state.pulse.request) effects.push_back(pulse::beat_of(state.pulse, state.registration.write_until));
  add_timer(effects, pulse_timer, state.pulse.armed);
  if (state.reports->request) effects.push_back(report_of(*state.reports));
  add_timer(effects, reports_timer, state.reports->armed);
  return effects;
}

std::vector<Effect> on_start(State const& state) { return outstanding(state); }

std::vector<Effect> on_refusal(Command const&, Refusal const&) { return {}; }

}  // namespace arangosync::worker
