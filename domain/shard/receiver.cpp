#include "domain/shard/receiver.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"

#include <utility>

namespace arangosync::shard::receiver {

namespace {

/// A decision in the making: the state as it will be, and the events that lead there.
struct Draft {
  State state;
  Moment& moment;
  Events events;

  void emit(Event event) {
    state = evolve(std::move(state), event);
    events.push_back(std::move(event));
  }
  bool is_receiving() const { return std::holds_alternative<Receiving>(state.phase); }
};

Draft begin(State const& state, Moment& moment) { return Draft{state, moment, {}}; }

bool is_quiet(State const& state) { return state.queue.empty() && !state.work && !state.unstored; }

void abandon_copy(Draft& draft) {
  // While a call of the copy is under way the adapter still adds to it; it is forgotten when that has ended.
  if (draft.state.copy && !draft.state.work) draft.emit(CopyAbandoned{*draft.state.copy});
}

void draw_epoch(Draft& draft) {
  // A copy whose only work is to wait for the store has no call under way.
  bool const forgets = draft.state.work && std::holds_alternative<Forgetting>(*draft.state.work);
  if (!forgets) abandon_copy(draft);
  draft.emit(stream::Event{stream::draw(draft.moment)});
  if (forgets) abandon_copy(draft);
}

void break_stream(Draft& draft) {
  if (!draft.state.stream.renew_at) draft.emit(stream::Event{stream::broken(draft.state.stream, draft.moment)});
}

void violation(Draft& draft) {
  DC_MARK("shard.receiver.violation");
  break_stream(draft);
}

/// Works on the front of the queue; true if it is dealt with and the next one may be looked at.
bool work_on_front(Draft& draft) {
  State const& state = draft.state;
  auto const finish_at_once = [&] {
    draft.emit(MessageFinished{draft.moment.wall, 0});
    return true;
  };
  auto const apply = [&](Payload const& payload) {
    if (payload.count == 0) return finish_at_once();
    if (!draft.moment.may_write()) return false;
    draft.emit(ApplyAsked{draft.moment.next_request(), draft.moment.write_until});
    return false;
  };
  auto const refuse = [&] {
    violation(draft);
    return false;
  };
  bool const copies = state.copy.has_value();
  DataBody const body = state.queue.front().body;  // payloads are shared, not copied
  return std::visit(overloaded{
                        [&](Hello const&) { return refuse(); },
                        [&](SnapshotBegin const&) {
                          abandon_copy(draft);
                          draft.emit(CopyBegun{CopyId(draft.moment.next_request().value())});
                          return false;
                        },
                        [&](SnapshotDocuments const& b) { return copies ? apply(b.documents) : refuse(); },
                        [&](SnapshotEnd const& b) {
                          if (!copies || b.documents != draft.state.copied) return refuse();
                          if (!draft.moment.may_write()) return false;
                          draft.emit(SurplusAsked{draft.moment.next_request(), draft.moment.write_until});
                          return false;
                        },
                        [&](Changes const& b) { return copies ? refuse() : apply(b.changes); },
                        [&](Heartbeat const&) { return copies ? refuse() : finish_at_once(); },
                        [&](Trouble const&) { return finish_at_once(); },
                        [&](PublishedStructure const&) { return refuse(); },
                    },
                    body);
}

void advance(Draft& draft) {
  State const& state = draft.state;
  while (draft.is_receiving() && !state.work && !state.queue.empty() && draft.moment.at >= state.retry_at) {
    if (!work_on_front(draft)) return;
  }
}

void speak(Draft& draft) {
  State const& state = draft.state;
  if (!draft.is_receiving() || state.talk.publishing || draft.moment.at < state.talk.retry_at) return;
  bool const repeats = !state.stream.heard && draft.moment.at >= state.stream.ask_at;
  if (state.talk.request_due || repeats) {
    Request const request{state.stream.epoch, state.position};
    draft.emit(talk::Event{talk::Said{draft.moment.next_request(), request, draft.moment.at}});
    draft.emit(stream::Event{stream::asked(state.stream, draft.moment)});
  } else if (state.confirmed > state.talk.said ||
             draft.moment.at >= talk::repeat_at(state.talk, state.stream, is_quiet(state))) {
    Acknowledge const acknowledge{state.stream.epoch, state.confirmed};
    draft.emit(talk::Event{talk::Said{draft.moment.next_request(), acknowledge, draft.moment.at}});
  }
}

/// Starts whatever can be started now; every decision ends with it.
Events finish(Draft& draft) {
  if (draft.is_receiving() && draft.state.stream.renew_at && draft.moment.at >= *draft.state.stream.renew_at) {
    draw_epoch(draft);
  }
  advance(draft);
  speak(draft);
  return std::move(draft.events);
}

void fail_call(Draft& draft, Fault const& fault) {
  bool const is_slow = fault.fault_class != FaultClass::Retry && fault.fault_class != FaultClass::Refresh;
  Duration const pause =
      is_slow ? slow_pause(draft.moment.draw) : pause_after(draft.state.failures + 1, draft.moment.draw);
  draft.emit(CallFailed{draft.moment.at + pause, fault.message});
}

/// A call about the front of the queue was answered.
Events on_work_done(Draft& draft, bool stale, Outcome<std::uint64_t> const& documents) {
  if (stale) {
    draft.emit(WorkEnded{});
    abandon_copy(draft);
  } else if (documents) {
    draft.emit(MessageFinished{draft.moment.wall, *documents});
  } else if (documents.error().fault_class == FaultClass::Permanent) {
    DC_MARK("shard.receiver.failed");
    draft.emit(WorkEnded{});
    abandon_copy(draft);
    draft.emit(GivenUp{documents.error().message, draft.moment.at + limits::failed_retry});
  } else {
    fail_call(draft, documents.error());
  }
  return finish(draft);
}

}  // namespace

Events on_start(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  draft.emit(PositionAsked{moment.next_request()});
  return std::move(draft.events);
}

Events on_position_read(State const& state, Moment& moment, RequestId request,
                        Outcome<std::optional<Position>> const& outcome) {
  auto const* reading = std::get_if<Reading>(&state.phase);
  if (reading == nullptr || reading->request != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(PositionKnown{*outcome});
    draw_epoch(draft);
  } else {
    fail_call(draft, outcome.error());
  }
  return finish(draft);
}

Events on_message(State const& state, Moment& moment, Offset offset, DataMessage const& message) {
  Draft draft = begin(state, moment);
  if (!draft.is_receiving()) {
    draft.emit(MessageDropped{offset});
    return finish(draft);
  }
  bool const is_hello = std::holds_alternative<Hello>(message.body);
  stream::Verdict verdict = stream::judge(state.stream, message.epoch, message.sequence, is_hello);
  // A sender that keeps to its window never gets there.
  if (verdict == stream::Verdict::Take && state.queue.size() >= 4 * limits::window_messages)
    verdict = stream::Verdict::Renew;
  switch (verdict) {
    case stream::Verdict::Take:
      draft.emit(stream::Event{stream::Heard{moment.at}});
      draft.emit(MessageTaken{offset, message.body, moment.at, moment.wall});
      break;
    case stream::Verdict::Drop:
      draft.emit(MessageDropped{offset});
      break;
    case stream::Verdict::AskNow:
      draft.emit(MessageDropped{offset});
      draft.emit(stream::Event{stream::ask_sooner(state.stream, moment)});
      break;
    case stream::Verdict::Renew:
      draft.emit(MessageDropped{offset});
      break_stream(draft);
      break;
  }
  return finish(draft);
}

Events on_unreadable(State const& state, Moment& moment, Offset offset) {
  Draft draft = begin(state, moment);
  draft.emit(MessageDropped{offset});
  if (draft.is_receiving()) break_stream(draft);
  return finish(draft);
}

Events on_applied(State const& state, Moment& moment, RequestId request, Outcome<std::uint64_t> const& documents) {
  auto const* applying = state.work ? std::get_if<Applying>(&*state.work) : nullptr;
  if (applying == nullptr || applying->request != request) return {};
  Draft draft = begin(state, moment);
  return on_work_done(draft, applying->stale, documents);
}

Events on_surplus_removed(State const& state, Moment& moment, RequestId request,
                          Outcome<std::uint64_t> const& documents) {
  auto const* removing = state.work ? std::get_if<RemovingSurplus>(&*state.work) : nullptr;
  if (removing == nullptr || removing->request != request) return {};
  Draft draft = begin(state, moment);
  return on_work_done(draft, removing->stale, documents);
}

Events on_stored(State const& state, Moment& moment, Unstored const& stored) {
  Draft draft = begin(state, moment);
  draft.emit(PositionStored{stored.epoch, stored.sequence, stored.offset});
  return finish(draft);
}

Events on_published(State const& state, Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  if (state.talk.publishing != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(talk::Event{talk::Delivered{}});
  } else {
    draft.emit(talk::Event{talk::NotDelivered{moment.at + pause_after(state.talk.failures + 1, moment.draw)}});
  }
  return finish(draft);
}

Events on_stop(State const& state) {
  if (!state.copy) return {};
  return {CopyAbandoned{*state.copy}};
}

Events on_wake(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  if (auto const* reading = std::get_if<Reading>(&state.phase); reading != nullptr) {
    if (!reading->request && moment.at >= state.retry_at) draft.emit(PositionAsked{moment.next_request()});
  }
  if (auto const* failed = std::get_if<Failed>(&state.phase); failed != nullptr && moment.at >= failed->until)
    draw_epoch(draft);
  if (draft.is_receiving() && stream::is_silent(draft.state.stream, moment, is_quiet(draft.state))) {
    DC_MARK("shard.receiver.silence");
    break_stream(draft);
  }
  return finish(draft);
}

Instant next_wake(State const& state, Duration message_timeout) {
  if (auto const* reading = std::get_if<Reading>(&state.phase)) return reading->request ? never : state.retry_at;
  if (auto const* failed = std::get_if<Failed>(&state.phase)) return failed->until;
  Instant wake = stream::next_wake(state.stream, message_timeout, is_quiet(state));
  wake = sooner(wake, talk::repeat_at(state.talk, state.stream, is_quiet(state)));
  if (!state.work && !state.queue.empty() && state.failures > 0) wake = sooner(wake, state.retry_at);
  bool const has_something_to_say = state.talk.request_due || state.confirmed > state.talk.said;
  if (has_something_to_say && !state.talk.publishing) wake = sooner(wake, state.talk.retry_at);
  return wake;
}

bool waits_for_lease(State const& state, Instant at) {
  return std::holds_alternative<Receiving>(state.phase) && !state.work && !state.queue.empty() && at >= state.retry_at;
}

sync::ShardReport report(State const& state) {
  sync::ShardReport report;
  report.status = state.status;
  report.message = state.message;
  report.delay = state.delay;
  report.last_message = state.last_message;
  report.caught_up = state.caught_up.value_or(WallTime{});
  report.last_data_change = state.last_data_change;
  report.last_shard_master_change = state.last_leader_change;
  report.shard_master_known = state.position.has_value();
  report.documents = state.documents;
  report.bytes = state.bytes;
  return report;
}

}  // namespace arangosync::shard::receiver
