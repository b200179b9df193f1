#include "app/worker/worker_log.h"

#include "domain/base/overloaded.h"

#include <string>

namespace arangosync::app {

namespace {

using ports::LogLevel;

std::string describe(TaskId const& id, task::Spec const& spec) {
  std::string text = std::string(task::to_string(spec.kind)) + " " + id.value();
  if (spec.shard) text += " (" + to_string(*spec.shard) + ")";
  return text;
}

}  // namespace

void WorkerLog::fault(std::string_view what, Fault const& fault) {
  telemetry_.count("arangosync_worker_cluster_failures", {});
  // What is retried by itself would flood the log of a datacenter whose cluster is down.
  LogLevel const level = fault.fault_class == FaultClass::Retry || fault.fault_class == FaultClass::Refresh
                             ? LogLevel::Debug
                             : LogLevel::Warn;
  say(level, "worker.cluster", std::string(what) + ": " + fault.message);
}

void WorkerLog::on_command(Envelope<worker::Command> const& command, worker::State const&) {
  auto failed = [this](std::string_view what, auto const& outcome) {
    if (!outcome) fault(what, outcome.error());
  };
  if (auto const* structure = std::get_if<worker::StructureRead>(&command.body))
    failed("read structure", structure->outcome);
  if (auto const* opened = std::get_if<worker::SnapshotOpened>(&command.body)) failed("open snapshot", opened->outcome);
  if (auto const* chunk = std::get_if<worker::SnapshotRead>(&command.body)) failed("read snapshot", chunk->outcome);
  if (auto const* log = std::get_if<worker::LogRead>(&command.body)) failed("read log", log->outcome);
  if (auto const* target = std::get_if<worker::TargetStructureRead>(&command.body))
    failed("read target structure", target->outcome);
  if (auto const* step = std::get_if<worker::StepApplied>(&command.body)) failed("change structure", step->outcome);
  if (auto const* position = std::get_if<worker::PositionRead>(&command.body))
    failed("read position", position->outcome);
  if (auto const* stored = std::get_if<worker::PositionsStored>(&command.body))
    failed("store positions", stored->outcome);
  if (auto const* beat = std::get_if<worker::BeatAnswered>(&command.body)) failed("count up pulse", beat->outcome);
  if (auto const* surplus = std::get_if<worker::SurplusRemoved>(&command.body))
    failed("remove surplus", surplus->outcome);
  if (auto const* answer = std::get_if<worker::BatchApplied>(&command.body)) applied(*answer);
  if (auto const* unreadable = std::get_if<worker::MessageUnreadable>(&command.body)) {
    say(LogLevel::Warn, "mq.direct.remote", "message on " + unreadable->channel.value() + ": " + unreadable->reason);
  }
}

void WorkerLog::applied(worker::BatchApplied const& answer) {
  auto const handed = applying_bytes_.extract(answer.request);
  if (!answer.outcome) return fault("apply batch", answer.outcome.error());
  telemetry_.count("arangosync_worker_documents_applied", {}, answer.outcome->upserted);
  telemetry_.count("arangosync_worker_documents_removed", {}, answer.outcome->removed);
  if (!handed.empty()) telemetry_.count("arangosync_worker_bytes_applied", {}, handed.mapped());
}

void WorkerLog::on_effect(worker::Effect const& effect) {
  if (auto const* batch = std::get_if<worker::ApplyBatch>(&effect)) {
    std::size_t& bytes = applying_bytes_[batch->request];
    for (shard::Payload const& payload : batch->changes) bytes += payload.changes.size_bytes();
  }
}

void WorkerLog::task(worker::TaskEvent const& event) {
  if (auto const* started = std::get_if<worker::TaskStarted>(&event)) {
    telemetry_.gauge("arangosync_worker_tasks", {{"type", std::string(task::to_string(started->spec.kind))}},
                     ++tasks_[started->spec.kind]);
    say(LogLevel::Info, "worker.tasks", "task " + describe(started->task, started->spec) + " started");
  } else if (auto const* stopped = std::get_if<worker::TaskStopped>(&event)) {
    telemetry_.gauge("arangosync_worker_tasks", {{"type", std::string(task::to_string(stopped->spec.kind))}},
                     --tasks_[stopped->spec.kind]);
    say(LogLevel::Info, "worker.tasks", "task " + describe(stopped->task, stopped->spec) + " stopped");
  }
}

void WorkerLog::on_event(worker::Event const& event, worker::State const& after) {
  EventLog::on_event(event, after);
  if (auto const* of_task = std::get_if<worker::TaskEvent>(&event)) task(*of_task);
  auto const* of_pulse = std::get_if<worker::PulseEvent>(&event);
  if (of_pulse != nullptr && std::holds_alternative<worker::pulse::TargetSetBack>(of_pulse->event)) {
    telemetry_.count("arangosync_worker_target_set_back", {});
    say(LogLevel::Warn, "worker.cluster",
        "the target is as it was at an earlier moment (restored from a backup?): all positions are read again");
  }
  auto const* of_sender = std::get_if<worker::SenderEvent>(&event);
  if (of_sender == nullptr) return;
  // Not when it is published: that is tried again while the queue is full.
  if (auto const* queued = std::get_if<shard::sender::MessageQueued>(&of_sender->event)) {
    shard::Payload const* const payload = shard::payload_of(queued->body);
    if (payload != nullptr) telemetry_.count("arangosync_worker_documents_sent", {}, payload->count);
  }
  auto const* copy = std::get_if<shard::sender::SnapshotChosen>(&of_sender->event);
  if (copy != nullptr && copy->again) {
    telemetry_.count("arangosync_worker_compare_rounds", {});
  } else if (copy != nullptr) {
    telemetry_.count("arangosync_worker_resynchronizations", {{"reason", copy->reason}});
    say(LogLevel::Info, "worker.tasks",
        "task " + of_sender->task.value() + " needs a snapshot of its shard: " + copy->reason);
  } else if (auto const* broken = std::get_if<shard::sender::StreamBroken>(&of_sender->event)) {
    say(LogLevel::Info, "worker.tasks", "task " + of_sender->task.value() + " starts over: " + broken->reason);
  }
}

}  // namespace arangosync::app
