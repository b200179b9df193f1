#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/worker/effects.h"

#include <utility>

namespace arangosync::worker {

namespace {

using Effects = std::vector<Effect>;

Effects one(Effect effect) {
  Effects effects;
  effects.push_back(std::move(effect));
  return effects;
}

template <class Machine>
Machine const& machine_of(State const& state, TaskId const& task) {
  return std::get<Machine>(state.tasks.find(task)->machine);
}

Effects react_task(State const& after, TaskEvent const& event) {
  return std::visit(overloaded{
                        [&](TaskStarted const& e) { return one(subscription(*after.tasks.find(e.task))); },
                        [&](TaskRedirected const& e) { return one(subscription(*after.tasks.find(e.task))); },
                        [&](TaskStopped const& e) {
                          return Effects{Unsubscribe{read_channel(e.spec)}, DropChannel{written_channel(e.spec)}};
                        },
                        [&](StartHeard const&) { return Effects{}; },
                        [&](StopHeard const&) { return Effects{}; },
                        [&](TaskArmed const& e) {
                          return one(WakeAt{timer_of(e.task), e.at});
                        },
                        [&](TaskWoken const&) { return Effects{}; },
                        [&](ControlHandled const& e) {
                          return one(Commit{e.channel, e.offset});
                        },
                    },
                    event);
}

Effects react_sender(State const& after, SenderEvent const& event) {
  namespace sender = shard::sender;
  auto const& state = machine_of<sender::State>(after, event.task);
  task::Spec const& spec = *after.tasks.find(event.task)->spec;
  return std::visit(overloaded{
                        [&](sender::ReignTold const&) { return Effects{}; },
                        [&](sender::PlaceChanged const&) { return Effects{}; },
                        [&](sender::StreamRequested const&) { return Effects{}; },
                        [&](sender::StreamBroken const&) { return Effects{}; },
                        [&](sender::TailChosen const&) { return Effects{}; },
                        [&](sender::SnapshotChosen const&) { return Effects{}; },
                        [&](sender::SnapshotAsked const& e) {
                          return one(OpenSnapshot{e.request, e.server, state.shard.database, e.shard, e.syncer, true});
                        },
                        [&](sender::SnapshotStarted const&) { return Effects{}; },
                        [&](sender::CopyStarted const&) { return Effects{}; },
                        [&](sender::PartHeard const&) { return Effects{}; },
                        [&](sender::DifferenceAsked const& e) { return one(difference_read(state, e.request)); },
                        [&](sender::DifferenceTaken const&) { return Effects{}; },
                        [&](sender::RemovalsSent const&) { return Effects{}; },
                        [&](sender::ChunkAsked const& e) { return one(snapshot_read(state, e.request)); },
                        [&](sender::ChunkTaken const&) { return Effects{}; },
                        [&](sender::SnapshotLeft const& e) {
                          return one(CloseSnapshot{e.request, e.snapshot, e.syncer, e.tick});
                        },
                        [&](sender::CallFailed const&) { return Effects{}; },
                        [&](sender::MessageQueued const&) { return Effects{}; },
                        [&](sender::PublishAsked const& e) {
                          return one(Publish{e.request, spec.channels.data, state.outbox.front()});
                        },
                        [&](sender::PublishDone const&) { return Effects{}; },
                        [&](sender::PublishFailed const&) { return Effects{}; },
                        [&](sender::HeartbeatSaid const& e) {
                          return one(Publish{std::nullopt, spec.channels.data,
                                             shard::DataMessage{state.epoch, state.sequence, e.body, state.answer}});
                        },
                        [&](sender::Acknowledged const&) { return Effects{}; },
                        [&](sender::ReceiverHeard const&) { return Effects{}; },
                        [&](sender::LackHeard const&) { return Effects{}; },
                        [&](sender::PositionAdvanced const&) { return Effects{}; },
                        [&](sender::TurnGivenBack const&) { return Effects{}; },
                        [&](sender::HelloHastened const&) { return Effects{}; },
                        [&](sender::SyncerTakenOver const&) { return Effects{}; },
                    },
                    event.event);
}

Effects said(ChannelName const& channel, shard::talk::Event const& event) {
  auto const* said = std::get_if<shard::talk::Said>(&event);
  return said == nullptr ? Effects{} : one(Publish{said->request, channel, said->message});
}

Effects react_receiver(State const& after, ReceiverEvent const& event) {
  namespace receiver = shard::receiver;
  auto const& state = machine_of<receiver::State>(after, event.task);
  auto const& channels = after.tasks.find(event.task)->spec->channels;
  auto const commit = [&](Offset offset) { return one(Commit{channels.data, offset}); };
  /// What waited is dropped with the stream it came by.
  auto const dropped = [&] { return state.commit == Offset{} ? Effects{} : commit(state.commit); };
  return std::visit(
      overloaded{
          [&](receiver::PositionAsked const& e) {
            return one(ReadPosition{e.request, state.shard});
          },
          [&](receiver::PositionKnown const&) { return Effects{}; },
          [&](receiver::CallFailed const&) { return Effects{}; },
          [&](receiver::GivenUp const&) { return dropped(); },
          [&](receiver::OriginRefused const&) { return dropped(); },
          [&](receiver::Doubted const&) { return Effects{}; },
          [&](receiver::SetBack const&) { return dropped(); },
          [&](receiver::ComparisonBegun const&) { return Effects{}; },
          [&](receiver::TreeAsked const& e) { return one(tree_compare(state, e.request)); },
          [&](receiver::TreeFailed const&) { return Effects{}; },
          [&](receiver::TreeLookedAt const&) { return Effects{}; },
          [&](receiver::PartMade const&) { return Effects{}; },
          [&](receiver::PartsDue const&) { return Effects{}; },
          [&](receiver::DifferenceFound const&) { return Effects{}; },
          [&](receiver::MessageTaken const&) { return Effects{}; },
          [&](receiver::MessageDropped const&) {
            return state.commit == state.seen ? commit(state.commit) : Effects{};
          },
          [&](receiver::CopyBegun const&) { return Effects{}; },
          [&](receiver::CopyAbandoned const& e) { return one(ForgetCopy{e.copy}); },
          [&](receiver::ApplyAsked const& e) { return one(batch_of(state, e.request, e.deadline)); },
          [&](receiver::SurplusAsked const& e) {
            return one(RemoveSurplus{e.request, state.shard, *state.copy, e.deadline});
          },
          [&](receiver::MessageFinished const&) { return state.unstored ? Effects{} : commit(state.commit); },
          [&](receiver::WorkEnded const&) { return Effects{}; },
          [&](receiver::PositionStored const&) { return commit(state.commit); },
          [&](shard::stream::Event const& e) {
            return std::holds_alternative<shard::stream::Drawn>(e) ? dropped() : Effects{};
          },
          [&](shard::talk::Event const& e) { return said(channels.control, e); },
      },
      event.event);
}

Effects react_inventory_sender(State const& after, InventorySenderEvent const& event) {
  namespace inventory = inventory_sender;
  auto const& state = machine_of<inventory::State>(after, event.task);
  auto const& channel = after.tasks.find(event.task)->spec->channels.data;
  return std::visit(overloaded{
                        [&](inventory::StreamRequested const&) { return Effects{}; },
                        [&](inventory::StructureChanged const&) { return Effects{}; },
                        [&](inventory::Said const& e) {
                          return one(Publish{e.request, channel, e.message});
                        },
                        [&](inventory::Repeated const& e) {
                          return one(Publish{e.request, channel, *state.next});
                        },
                        [&](inventory::Delivered const&) { return Effects{}; },
                        [&](inventory::NotDelivered const&) { return Effects{}; },
                        [&](inventory::ReceiverHeard const&) { return Effects{}; },
                    },
                    event.event);
}

Effects react_inventory_receiver(State const& after, InventoryReceiverEvent const& event) {
  namespace inventory = inventory_receiver;
  auto const& state = machine_of<inventory::State>(after, event.task);
  auto const& channels = after.tasks.find(event.task)->spec->channels;
  WorkerId const worker = after.registration.id.value_or(WorkerId());
  return std::visit(
      overloaded{
          [&](inventory::MessageTaken const& e) {
            return one(Commit{channels.data, e.offset});
          },
          [&](inventory::MessageDropped const& e) {
            return one(Commit{channels.data, e.offset});
          },
          [&](inventory::TargetAsked const& e) { return one(ReadTargetStructure{e.request}); },
          [&](inventory::RoundFailed const&) { return Effects{}; },
          [&](inventory::TargetSetBack const&) { return Effects{}; },
          [&](inventory::RoundPlanned const&) { return Effects{}; },
          [&](inventory::StopAsked const& e) {
            return one(AskShardStop{e.request, e.shard, event.task, worker});
          },
          [&](inventory::Stopped const&) { return Effects{}; },
          [&](inventory::StopHeld const&) { return Effects{}; },
          [&](inventory::StopsAskedAgain const&) { return Effects{}; },
          [&](inventory::HeldLeftOut const&) { return Effects{}; },
          [&](inventory::ForgetAsked const& e) { return one(forgetting(e.request, e.shards, e.deadline)); },
          [&](inventory::Forgotten const&) { return Effects{}; },
          [&](inventory::CallFailed const&) { return Effects{}; },
          [&](inventory::StepAsked const& e) { return one(step_of(state, e.request, e.deadline)); },
          [&](inventory::StepDone const&) { return Effects{}; },
          [&](inventory::StepFailed const&) { return Effects{}; },
          [&](inventory::RoundEnded const&) { return Effects{}; },
          [&](inventory::StartAsked const& e) {
            return one(AskShardStart{e.request, e.shard, event.task, worker});
          },
          [&](inventory::StartConfirmed const&) { return Effects{}; },
          [&](inventory::StartFailed const&) { return Effects{}; },
          [&](inventory::OrderDoubted const&) { return Effects{}; },
          [&](inventory::StopRepeated const& e) {
            return one(AskShardStop{e.request, e.shard, event.task, worker});
          },
          [&](inventory::StopRepeatAnswered const&) { return Effects{}; },
          [&](inventory::TasksInherited const&) { return Effects{}; },
          [&](inventory::StartsDue const&) { return Effects{}; },
          [&](inventory::ReportAsked const& e) {
            return one(ReportInventory{e.request, e.report, event.task, worker, e.term});
          },
          [&](inventory::ReportOvertaken const&) { return Effects{}; },
          [&](inventory::ReportAnswered const&) { return Effects{}; },
          [&](shard::stream::Event const&) { return Effects{}; },
          [&](shard::talk::Event const& e) { return said(channels.control, e); },
      },
      event.event);
}

Effects react_reader(State const& after, ReaderEvent const& event) {
  using namespace log_reader;
  auto const id = event.reader;
  return std::visit(
      overloaded{
          [&](Opened const&) { return Effects{}; },
          [&](MovedBack const&) { return Effects{}; },
          [&](JoinWaited const&) { return Effects{}; },
          [&](Joined const&) { return Effects{}; },
          [&](Left const&) { return Effects{}; },
          [&](Blocked const&) { return Effects{}; },
          [&](Unblocked const&) { return Effects{}; },
          [&](HeldFor const&) { return Effects{}; },
          [&](Released const&) { return Effects{}; },
          [&](ReadAsked const& e) { return one(log_read(id, *after.readers.find(id), e.request, e.with_filter)); },
          [&](ChunkTaken const&) { return Effects{}; },
          [&](ReadFailed const&) { return Effects{}; },
          [&](Beaten const&) { return Effects{}; },
          [&](Closed const& e) {
            return one(ForgetReader{id, e.server, e.syncer});
          },
          [&](Armed const& e) {
            return one(WakeAt{timer_of(id), e.at});
          },
          [&](Woken const&) { return Effects{}; },
      },
      event.event);
}

Effects react_standing(StandingEvent const& event) {
  return std::visit(overloaded{
                        [&](registration::Event const& e) {
                          auto const* asked = std::get_if<registration::Asked>(&e);
                          return asked == nullptr ? Effects{} : one(Register{asked->request});
                        },
                        [&](RegistrationArmed const& e) {
                          return one(WakeAt{TimerName(registration_timer), e.at});
                        },
                        [&](LeaseWaited const&) { return Effects{}; },
                        [&](LeaseWaitEnded const&) { return Effects{}; },
                        [&](RequestAnswered const&) { return Effects{}; },
                    },
                    event);
}

Effects react_structure(StructureEvent const& event) {
  return std::visit(overloaded{
                        [&](StructureAsked const& e) { return one(ReadStructure{e.request}); },
                        [&](StructureSeen const&) { return Effects{}; },
                        [&](StructureMissed const&) { return Effects{}; },
                        [&](StructureArmed const& e) {
                          return one(WakeAt{TimerName(structure_timer), e.at});
                        },
                        [&](StructureWoken const&) { return Effects{}; },
                    },
                    event);
}

Effects react_copies(CopyEvent const& event) {
  return std::visit(overloaded{
                        [&](TurnWaited const&) { return Effects{}; },
                        [&](TurnGiven const&) { return Effects{}; },
                        [&](TurnEnded const&) { return Effects{}; },
                        [&](SnapshotOrphaned const& e) {
                          return one(CloseSnapshot{e.request, e.snapshot, e.syncer, e.tick});
                        },
                        [&](SyncerReleased const& e) {
                          return one(ForgetReader{ReaderId(e.request.value()), e.server, e.syncer});
                        },
                    },
                    event);
}

Effects react_positions(State const& after, PositionEvent const& event) {
  return std::visit(overloaded{
                        [&](PositionDirty const&) { return Effects{}; },
                        [&](FlushAsked const&) { return one(flush_of(*after.positions)); },
                        [&](Flushed const&) { return Effects{}; },
                        [&](FlushFailed const&) { return Effects{}; },
                        [&](FlushArmed const& e) {
                          return one(WakeAt{TimerName(positions_timer), e.at});
                        },
                        [&](FlushWoken const&) { return Effects{}; },
                    },
                    event);
}

Effects react_pulse(State const& after, PulseEvent const& event) {
  return std::visit(
      overloaded{
          [&](pulse::Asked const&) { return one(pulse::beat_of(after.pulse, after.registration.write_until)); },
          [&](pulse::Beaten const&) { return Effects{}; },
          [&](pulse::Missed const&) { return Effects{}; },
          [&](pulse::TrustEnded const&) { return Effects{}; },
          [&](pulse::TargetSetBack const&) { return Effects{}; },
          [&](pulse::Armed const& e) {
            return one(WakeAt{TimerName(pulse_timer), e.at});
          },
          [&](pulse::Woken const&) { return Effects{}; },
      },
      event.event);
}

Effects react_reports(State const& after, ReportEvent const& event) {
  return std::visit(overloaded{
                        [&](ReportAsked const&) { return one(report_of(*after.reports)); },
                        [&](ReportSkipped const&) { return Effects{}; },
                        [&](ReportRefreshed const&) { return Effects{}; },
                        [&](ReportAnswered const&) { return Effects{}; },
                        [&](ReportArmed const& e) {
                          return one(WakeAt{TimerName(reports_timer), e.at});
                        },
                        [&](ReportWoken const&) { return Effects{}; },
                        [&](RouteSeen const&) { return Effects{}; },
                    },
                    event);
}

}  // namespace

std::vector<Effect> react(State const& after, Event const& event) {
  return std::visit(overloaded{
                        [&](TaskEvent const& e) { return react_task(after, e); },
                        [&](SenderEvent const& e) { return react_sender(after, e); },
                        [&](ReceiverEvent const& e) { return react_receiver(after, e); },
                        [&](InventorySenderEvent const& e) { return react_inventory_sender(after, e); },
                        [&](InventoryReceiverEvent const& e) { return react_inventory_receiver(after, e); },
                        [&](ReaderEvent const& e) { return react_reader(after, e); },
                        [&](StandingEvent const& e) { return react_standing(e); },
                        [&](StructureEvent const& e) { return react_structure(e); },
                        [&](CopyEvent const& e) { return react_copies(e); },
                        [&](PositionEvent const& e) { return react_positions(after, e); },
                        [&](PulseEvent const& e) { return react_pulse(after, e); },
                        [&](ReportEvent const& e) { return react_reports(after, e); },
                    },
                    event);
}

}  // namespace arangosync::worker
