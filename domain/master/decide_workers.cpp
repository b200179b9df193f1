// Own workers and their tasks.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/sync/endpoints.h"
#include "domain/task/placement.h"

#include <set>
#include <utility>
#include <vector>

namespace arangosync::master {

namespace {

WorkerRegistered registered(Script const& script, membership::WorkerRecord const& record) {
  Duration const timeout = script.office().message_timeout;
  return WorkerRegistered{record, script.wall() + limits::worker_registration, limits::worker_registration,
                          timeout > Duration{0} ? timeout : limits::message_timeout_default, script.office().term};
}

membership::WorkerRecord new_record(Script& script, RegisterWorker const& command) {
  membership::WorkerRecord record;
  record.id = WorkerId(script.draw().alphanumeric(20));
  record.endpoint = *sync::origin_of(command.endpoint);
  record.token = command.token;
  record.server_id = script.draw().below(INT64_MAX) + 1;
  record.host = command.host;
  return record;
}

/// What a worker has: the cohorts that are at home there or of which it has not let go of all tasks, and its single
/// tasks, not more than one decision can hold.
struct Estate {
  std::set<ServerId> cohorts;
  std::vector<task::Task> singles;
};

Estate estate_of(Office const& office, WorkerId const& worker) {
  constexpr std::size_t singles_max = 100;
  task::State const& tasks = office.tasks;
  Estate estate;
  for (auto const& [server, cohort] : tasks.cohorts) {
    if (cohort.home == worker) estate.cohorts.insert(server);
  }
  std::vector<task::Task> others;
  for (auto const& [id, task] : tasks.tasks) {
    if (task.cancelled || !task.assignment || task.assignment->worker != worker) continue;
    ServerId const* const server = task::cohort_of(tasks, task.spec);
    // What is being stopped comes first: without a worker it would be over at once.
    std::vector<task::Task>& singles = is_cancelled(office, task) ? estate.singles : others;
    if (server != nullptr) {
      estate.cohorts.insert(*server);
    } else if (singles.size() < singles_max) {
      singles.push_back(task);
    }
  }
  std::size_t const room = singles_max - estate.singles.size();
  others.resize(std::min(room, others.size()));
  estate.singles.insert(estate.singles.end(), others.begin(), others.end());
  return estate;
}

/// A new process at the same address: the old one is gone, and nobody has to wait for its registration to end. Nobody
/// but the new one, that is: if what came is the late call of an older life, its tasks still run at that address, and
/// another worker must not have them before the registration would have ended.
void replace(Script& script, membership::WorkerRecord const& old, membership::WorkerRecord const& record) {
  DC_MARK("master.worker.replaced");
  Estate const estate = estate_of(script.office(), old.id);
  script.write(membership::WorkerLeft{old.id, membership::Farewell::Replaced});
  script.write(membership::WorkerJoined{record, script.at() + limits::worker_registration});
  for (ServerId const& server : estate.cohorts) script.write(task::CohortHomed{server, record.id});
  for (task::Task const& task : estate.singles) assign(script, task, record.id);
}

Decision join(Script script, RegisterWorker const& command, membership::Member const* replaced) {
  membership::WorkerRecord const record = new_record(script, command);
  if (replaced != nullptr) {
    membership::WorkerRecord const old = replaced->record;
    replace(script, old, record);
  } else {
    script.write(membership::WorkerJoined{record, script.at() + limits::worker_registration});
  }
  // Those that still wait belong to where their DB-Server's other tasks are put now.
  if (settle_tasks(script)) rearrange(script);
  auto const result = registered(script, record);
  return reply(std::move(script), command.call, result);
}

/// The inventory sender runs: from now on the target gets something.
void begin_outgoing(Script& script, task::Spec const& spec) {
  if (spec.kind != task::Kind::SendInventory) return;
  if (sync::status_of(script.office().sync, spec.target) != sync::Status::Initializing) return;
  script.write(sync::StatusReached{spec.target, sync::Status::InitialSync});
}

/// The worker has let go of it.
void revoked(Script& script, task::Task const& task) {
  if (is_cancelled(script.office(), task)) return remove_task(script, task);
  task::State const& tasks = script.office().tasks;
  auto const moving = tasks.moving.find(task.id);
  bool const has_goal = moving != tasks.moving.end() && tasks.load.count(moving->second) > 0;
  bool const is_single = task::cohort_of(tasks, task.spec) == nullptr;
  if (has_goal && is_single) return assign(script, task, moving->second);
  place(script, task);
}

/// What was sent on its way before its cohort got another home goes there now.
void follow_cohort(Script& script, task::Task const& task) {
  bool const is_moving = script.office().tasks.moving.count(task.id) > 0;
  auto const home = task::away_from_home(script.office().tasks, task);
  if (home && !is_moving) script.write(task::TaskMoveBegun{task.id, *home});
}

}  // namespace

Decision decide(Script script, RegisterWorker const& command) {
  auto const endpoint = sync::origin_of(command.endpoint);
  if (!endpoint) return refuse(RefusalKind::BadRequest, "Invalid endpoint: " + command.endpoint.value());
  if (command.token.value().empty()) return refuse(RefusalKind::BadRequest, "token missing");
  membership::Member const* const known = membership::at_endpoint(script.office().members, *endpoint);
  if (known == nullptr || known->record.token != command.token) return join(std::move(script), command, known);
  script.write(membership::RegistrationRenewed{known->record.id, script.at() + limits::worker_registration});
  auto const result = registered(script, known->record);
  return reply(std::move(script), command.call, result);
}

Decision decide(Script script, UnregisterWorker const& command) {
  if (script.office().members.count(command.worker) == 0) return refuse(RefusalKind::NotFound, "unknown worker");
  script.write(membership::WorkerLeft{command.worker, membership::Farewell::Unregistered});
  settle_tasks(script);
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, TaskCompleted const& command) {
  task::Task const* const found = task::find(script.office().tasks, command.task);
  if (found == nullptr) return refuse(RefusalKind::NotFound, "unknown task");
  task::Task const task = *found;
  if (is_cancelled(script.office(), task)) {
    remove_task(script, task);
  } else if (task::has_worker(script.office().tasks, task)) {
    // Tasks of ours do not end by themselves: another worker, if there is one, has better luck.
    place(script, task, task.assignment->worker);
  }
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, TaskSent const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::Task);
  if (!answer) return stale();
  bool const was_revoking = answer->attempt.want == Want::Undo;
  bool const is_gone_already =
      was_revoking && !command.outcome && command.outcome.error().fault_class == FaultClass::NotFound;
  if (!command.outcome && !is_gone_already) return failed(std::move(script), *answer, command.outcome.error());
  task::Task const task = script.office().tasks.tasks.at(answer->errand.task);
  bool const is_still_wanted = still_holds(script, *answer);
  if (!was_revoking && !answer->attempt.outdated) {
    script.write(task::TaskDelivered{task.id});
    if (!is_cancelled(script.office(), task)) follow_cohort(script, task);
    begin_outgoing(script, task.spec);
  } else if (was_revoking && is_still_wanted) {
    revoked(script, task);
  }
  return answered(std::move(script), *answer);
}

}  // namespace arangosync::master
