// The worker's registration with its master, and what hangs on it: its tasks, the right to write to the target, and
// whose orders count.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/worker/desk.h"

#include <algorithm>

namespace arangosync::worker {

namespace {

void arm(Desk& desk, Instant at) {
  at = not_at_once(desk, at);
  auto const& armed = desk.state.registration_armed;
  if (!armed || at < *armed) desk.emit(StandingEvent{RegistrationArmed{at}});
}

void forget_all_tasks(Desk& desk) {
  // Nobody is to be given the turn of one that stops, only to be stopped in its turn.
  std::vector<TaskId> waiting;
  desk.state.turns_waited.for_each([&](TaskId const& task, LinePlace const&) { waiting.push_back(task); });
  for (TaskId const& task : waiting) desk.emit(CopyEvent{TurnEnded{task}});
  std::vector<TaskId> tasks;
  desk.state.tasks.for_each([&](TaskId const& task, Task const&) { tasks.push_back(task); });
  for (TaskId const& task : tasks) stop_task(desk, task);
}

/// Wakes those that could not write while the lease was over.
void resume_writing(Desk& desk) {
  if (!desk.moment.may_write()) return;
  std::vector<TaskId> waiting;
  desk.state.lease_waits.for_each([&](TaskId const& task, bool) { waiting.push_back(task); });
  for (TaskId const& task : waiting) {
    desk.emit(StandingEvent{LeaseWaitEnded{task}});
    wake_task(desk, task);
  }
  beat(desk);
  flush_positions(desk);
}

void answer_missed(Desk& desk) {
  Instant const retry_at = desk.moment.at + shard::pause_after(desk.state.registration.failures + 1, desk.moment.draw);
  desk.emit(StandingEvent{registration::Event{registration::Failed{retry_at}}});
  arm(desk, retry_at);
}

/// One that has just come knows nothing, and believes no report that was made for another (docs/decisions/0033).
void follow_leader(Desk& desk) {
  desk.moment.term = desk.state.registration.term;
  report_all_again(desk);
}

}  // namespace

bool heed(Desk& desk, Term term) {
  auto const& standing = desk.state.registration;
  if (registration::is_deposed(standing, term)) {
    DC_MARK("worker.order.of_deposed_leader");
    return false;
  }
  // Before there is a registration there is none to compare under.
  if (!standing.id || term <= standing.term) return true;
  desk.emit(StandingEvent{registration::Event{registration::TermHeard{term}}});
  follow_leader(desk);
  return true;
}

void on_registration_timer(Desk& desk) {
  if (!desk.state.registration_armed) return;
  // Armed anew below, so that a second firing of this wake-up does nothing.
  desk.emit(StandingEvent{RegistrationArmed{desk.moment.at + limits::worker_renewal}});
  if (!desk.state.registration.request) {
    desk.emit(StandingEvent{registration::Event{registration::Asked{desk.moment.next_request(), desk.moment.at}}});
  }
}

void on_registered(Desk& desk, Registered const& command) {
  auto const& standing = desk.state.registration;
  if (standing.request != command.request) return;
  if (!command.outcome) return answer_missed(desk);
  Registration const& registration = *command.outcome;
  auto const answer = registration::weigh(standing, registration.id, registration.term, desk.moment.at);
  if (answer == registration::Answer::Outdated) return answer_missed(desk);
  Term const term = registration::newest_term(standing, answer, registration.term);
  bool const is_newer = standing.term != term;
  if (standing.id && answer == registration::Answer::Beginning) {
    DC_MARK("worker.registration.new_id");
    forget_all_tasks(desk);
  }
  // Counted from before the request was sent, so that the master's own clock runs out later than ours.
  Instant const write_until = standing.sent_at + registration.expires_after + -limits::worker_stop_margin;
  Instant const renew_at = standing.sent_at + limits::worker_renewal;
  desk.emit(StandingEvent{registration::Event{
      registration::Held{registration.id, write_until, registration.message_timeout, renew_at, term}}});
  desk.moment.write_until = write_until;
  desk.moment.message_timeout = registration.message_timeout;
  if (is_newer) follow_leader(desk);
  arm(desk, renew_at);
  resume_writing(desk);
}

}  // namespace arangosync::worker
