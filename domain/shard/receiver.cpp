#include "domain/shard/receiver.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::shard::receiver {

namespace {

constexpr Duration part_repeat = std::chrono::seconds(30);

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

/// Whether anything differs at all is still to be found out.
bool is_looking(State const& state) { return state.work && std::holds_alternative<Comparing>(*state.work); }

void abandon_copy(Draft& draft) {
  // While a call of the copy is under way the adapter still adds to it; it is forgotten when that has ended.
  if (draft.state.copy && !draft.state.work) draft.emit(CopyAbandoned{*draft.state.copy});
}

void abandon_comparison(Draft& draft) {
  if (draft.state.comparison) draft.emit(CopyAbandoned{draft.state.comparison->id});
}

void draw_epoch(Draft& draft) {
  // A copy whose only work is to wait for the store has no call under way.
  bool const forgets = draft.state.work && std::holds_alternative<Forgetting>(*draft.state.work);
  abandon_comparison(draft);
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

/// A copy or comparison of another collection than the target's is a copy of would mix two lives of one name. What the
/// servers make themselves, on both sides, has one life and no origin.
bool is_foreign(Draft& draft, std::string const& collection) {
  bool const is_everybodys = inventory::is_made_by_server(inventory::target_name(draft.state.shard.collection));
  if (is_everybodys || collection == draft.state.origin) return false;
  DC_MARK("shard.receiver.foreign_collection");
  abandon_comparison(draft);
  abandon_copy(draft);
  draft.emit(OriginRefused{"the source's collection is not the one that the target's is a copy of",
                           draft.moment.at + slow_pause(draft.moment.draw)});
  return true;
}

void ask_tree(Draft& draft) {
  State const& state = draft.state;
  if (!draft.is_receiving() || !state.comparison) return;
  ComparisonState const& comparison = *state.comparison;
  if (comparison.request || comparison.trees.empty() || comparison.last_made) return;
  if (draft.moment.at < comparison.retry_at) return;
  if (comparison.parts.size() < limits::comparison_parts_max) draft.emit(TreeAsked{draft.moment.next_request()});
}

bool is_detail_wanted(ComparisonState const& comparison) {
  return std::any_of(comparison.parts.begin(), comparison.parts.end(),
                     [](Part const& part) { return part.wants_detail; });
}

void make_part(Draft& draft, Blob ranges, bool wants_detail) {
  ComparisonState const& comparison = *draft.state.comparison;
  bool const is_last = comparison.trees.empty() && !wants_detail && !is_detail_wanted(comparison);
  std::uint32_t const number = comparison.parts_made + 1;
  Difference difference{draft.state.stream.epoch, number, std::move(ranges), is_last};
  draft.emit(PartMade{Part{number, wants_detail, is_last, std::move(difference)}});
}

/// Every tree is compared to its end and everything that was asked for came: that has to be said once.
void close_comparison(Draft& draft) {
  auto const& comparison = draft.state.comparison;
  if (!comparison || !comparison->trees.empty() || comparison->request) return;
  if (!is_detail_wanted(*comparison) && !comparison->last_made) make_part(draft, Blob(), false);
}

bool begin_comparison(Draft& draft, CompareBegin const& body) {
  if (is_foreign(draft, body.collection)) return false;
  abandon_comparison(draft);
  abandon_copy(draft);
  draft.emit(ComparisonBegun{CopyId(draft.moment.next_request().value()), body.tree});
  ask_tree(draft);
  return false;
}

bool begin_copy(Draft& draft, SnapshotBegin const& body) {
  if (is_foreign(draft, body.collection)) return false;
  abandon_comparison(draft);
  abandon_copy(draft);
  draft.emit(CopyBegun{CopyId(draft.moment.next_request().value())});
  return false;
}

/// The front message needs no call: it is dealt with.
bool finish_front(Draft& draft) {
  draft.emit(MessageFinished{draft.moment.wall, 0});
  return true;
}

/// A target that is too slow for so much at once is asked for half of it after every failure, until it keeps up.
std::size_t batch_bytes(State const& state) { return limits::apply_bytes_max >> state.halvings; }

/// How many messages from the front on are applied together: those of its kind, and heartbeats between them.
std::uint32_t batch_length(State const& state) {
  auto const kind = state.queue.front().body.index();
  bool const tails = std::holds_alternative<Changes>(state.queue.front().body);
  std::uint32_t messages = 0;
  std::size_t bytes = 0;
  for (Received const& received : state.queue) {
    // Only a log may have them: a copy's or a comparison's stream that has one is not to be believed.
    bool const is_between = tails && std::holds_alternative<Heartbeat>(received.body);
    bool const follows = received.body.index() == kind || is_between;
    if (!follows) break;
    if (Payload const* const payload = payload_of(received.body)) bytes += payload->changes.size_bytes();
    if (messages > 0 && bytes > batch_bytes(state)) break;
    ++messages;
  }
  return messages;
}

bool apply_front(Draft& draft, Payload const& payload) {
  if (payload.count == 0) return finish_front(draft);
  if (draft.moment.may_write()) {
    draft.emit(ApplyAsked{draft.moment.next_request(), batch_length(draft.state), draft.moment.write_until});
  }
  return false;
}

bool refuse_front(Draft& draft) {
  violation(draft);
  return false;
}

bool finish_part(Draft& draft, PartDone const& body) {
  auto const& comparison = draft.state.comparison;
  if (!comparison || comparison->parts.empty() || comparison->parts.front().number != body.part) {
    return refuse_front(draft);
  }
  return finish_front(draft);
}

bool end_comparison(Draft& draft) {
  auto const& comparison = draft.state.comparison;
  bool const is_over = comparison && comparison->last_made && comparison->parts.empty();
  if (!is_over) return refuse_front(draft);
  abandon_comparison(draft);
  return finish_front(draft);
}

bool end_copy(Draft& draft, SnapshotEnd const& body) {
  if (!draft.state.copy || body.documents != draft.state.copied) return refuse_front(draft);
  if (draft.moment.may_write()) draft.emit(SurplusAsked{draft.moment.next_request(), draft.moment.write_until});
  return false;
}

/// May the log be followed now? Also when we have said that we cannot compare, and our position is good without.
bool tails(Draft& draft) {
  State const& state = draft.state;
  if (state.copy) return false;
  if (!state.comparison) return true;
  bool const cannot =
      !state.comparison->parts.empty() && std::holds_alternative<CopyWanted>(state.comparison->parts.back().message);
  if (!cannot || !state.position) return false;
  DC_MARK("shard.receiver.unchecked");
  abandon_comparison(draft);
  return true;
}

/// Works on the front of the queue; true if it is dealt with and the next one may be looked at.
bool work_on_front(Draft& draft) {
  State const& state = draft.state;
  bool const copies = state.copy.has_value();
  bool const compares = state.comparison.has_value();
  DataBody const body = state.queue.front().body;  // payloads are shared, not copied
  return std::visit(
      overloaded{
          [&](Hello const&) { return refuse_front(draft); },
          [&](SnapshotBegin const& b) { return begin_copy(draft, b); },
          [&](SnapshotDocuments const& b) { return copies ? apply_front(draft, b.documents) : refuse_front(draft); },
          [&](SnapshotEnd const& b) { return end_copy(draft, b); },
          [&](CompareBegin const& b) { return begin_comparison(draft, b); },
          [&](CompareChanges const& b) { return compares ? apply_front(draft, b.changes) : refuse_front(draft); },
          [&](PartDone const& b) { return finish_part(draft, b); },
          [&](CompareEnd const&) { return end_comparison(draft); },
          [&](Changes const& b) { return tails(draft) ? apply_front(draft, b.changes) : refuse_front(draft); },
          [&](Heartbeat const&) { return tails(draft) ? finish_front(draft) : refuse_front(draft); },
          [&](Trouble const&) { return finish_front(draft); },
          [&](PublishedStructure const&) { return refuse_front(draft); },
      },
      body);
}

void advance(Draft& draft) {
  State const& state = draft.state;
  while (draft.is_receiving() && !state.work && !state.queue.empty() && draft.moment.at >= state.retry_at) {
    if (!work_on_front(draft)) return;
  }
}

Part const* unsaid_part(State const& state) {
  if (!state.comparison) return nullptr;
  for (Part const& part : state.comparison->parts) {
    if (part.number > state.comparison->said) return &part;
  }
  return nullptr;
}

/// When the first part is said again, should its answer not have come.
Instant repeat_part_at(State const& state) {
  if (!state.comparison || state.comparison->parts.empty() || state.work || !state.queue.empty()) return never;
  if (state.comparison->parts.front().number > state.comparison->said) return never;
  return state.comparison->said_at + part_repeat;  // however alive the sender is: it may wait for just this
}

void speak(Draft& draft) {
  State const& state = draft.state;
  if (!draft.is_receiving() || state.talk.publishing || draft.moment.at < state.talk.retry_at) return;
  bool const repeats = !state.stream.heard && draft.moment.at >= state.stream.ask_at;
  if (state.talk.request_due || repeats) {
    Request const request{state.stream.epoch, state.position, state.doubt};
    draft.emit(talk::Event{talk::Said{draft.moment.next_request(), request, draft.moment.at}});
    draft.emit(stream::Event{stream::asked(state.stream, draft.moment)});
  } else if (state.confirmed > state.talk.said ||
             draft.moment.at >= talk::repeat_at(state.talk, state.stream, is_quiet(state))) {
    Acknowledge const acknowledge{state.stream.epoch, state.confirmed};
    draft.emit(talk::Event{talk::Said{draft.moment.next_request(), acknowledge, draft.moment.at}});
  } else if (Part const* const part = unsaid_part(state)) {
    draft.emit(talk::Event{talk::Said{draft.moment.next_request(), part->message, draft.moment.at}});
  }
}

/// Not while a call of the time before is under way, which may yet change what the position speaks of.
bool may_read_position(State const& state) {
  auto const* reading = std::get_if<Reading>(&state.phase);
  return reading != nullptr && !reading->request && !state.work;
}

/// Starts whatever can be started now; every decision ends with it.
Events finish(Draft& draft) {
  if (may_read_position(draft.state) && draft.moment.at >= draft.state.retry_at) {
    draft.emit(PositionAsked{draft.moment.next_request()});
  }
  if (draft.is_receiving() && draft.state.stream.renew_at && draft.moment.at >= *draft.state.stream.renew_at) {
    draw_epoch(draft);
  }
  advance(draft);
  ask_tree(draft);
  if (draft.is_receiving() && !is_looking(draft.state)) close_comparison(draft);
  speak(draft);
  return std::move(draft.events);
}

bool may_have_happened(Fault const& fault) {
  return fault.fault_class == FaultClass::Retry || fault.fault_class == FaultClass::Refresh;
}

void fail_call(Draft& draft, Fault const& fault) {
  bool const is_slow = !may_have_happened(fault);
  Duration const pause =
      is_slow ? slow_pause(draft.moment.draw) : pause_after(draft.state.failures + 1, draft.moment.draw);
  std::optional<Instant> check_at;
  if (!is_slow && draft.is_receiving()) check_at = draft.moment.at + limits::write_request_max;
  draft.emit(CallFailed{draft.moment.at + pause, check_at, fault.message});
}

void give_up(Draft& draft, std::string const& reason) {
  DC_MARK("shard.receiver.failed");
  abandon_comparison(draft);
  abandon_copy(draft);
  draft.emit(GivenUp{reason, draft.moment.at + limits::failed_retry});
}

/// A call about the first `messages` of the queue was answered.
Events on_work_done(Draft& draft, std::uint32_t messages, bool stale, Outcome<std::uint64_t> const& documents) {
  if (stale) {
    WorkEnded ended;
    if (!documents && may_have_happened(documents.error())) {
      DC_MARK("shard.receiver.stale_in_doubt");
      ended.check_at = draft.moment.at + limits::write_request_max;
    }
    draft.emit(ended);
    abandon_copy(draft);
  } else if (documents) {
    draft.emit(MessageFinished{draft.moment.wall, *documents});
    for (std::uint32_t i = 1; i < messages; ++i) draft.emit(MessageFinished{draft.moment.wall, 0});
  } else if (documents.error().fault_class == FaultClass::Permanent) {
    draft.emit(WorkEnded{});
    give_up(draft, documents.error().message);
  } else {
    fail_call(draft, documents.error());
  }
  return finish(draft);
}

void fail_tree(Draft& draft, Fault const& fault) {
  bool const is_slow = fault.fault_class == FaultClass::Denied || fault.fault_class == FaultClass::NotFound;
  std::uint32_t const failures = draft.state.comparison->failures + 1;
  Duration const pause = is_slow ? slow_pause(draft.moment.draw) : pause_after(failures, draft.moment.draw);
  draft.emit(TreeFailed{draft.moment.at + pause, fault.message});
}

/// No tree here: whether our position is good all the same the sender knows. But if the target differs (`differs`, and
/// so much that a copy is cheaper) no position is good any more: it is forgotten, and we ask anew without.
void cannot_compare(Draft& draft, std::string const& reason, bool differs) {
  draft.emit(TreeLookedAt{std::nullopt});
  if (differs && is_looking(draft.state) && draft.state.position) {
    DC_MARK("shard.receiver.position_untrue");
    draft.emit(DifferenceFound{});
    abandon_comparison(draft);
    return break_stream(draft);
  }
  if (is_looking(draft.state)) draft.emit(MessageFinished{draft.moment.wall, 0});
  std::uint32_t const number = draft.state.comparison->parts_made + 1;
  draft.emit(PartMade{Part{number, false, true, CopyWanted{draft.state.stream.epoch, reason}}});
}

void look_at(Draft& draft, Compared const& found) {
  bool const differs = found.ranges.size_bytes() > 0;
  if (is_looking(draft.state)) {
    if (differs || found.next) {
      draft.emit(DifferenceFound{});
    } else {
      draft.emit(MessageFinished{draft.moment.wall, 0});
    }
  }
  draft.emit(TreeLookedAt{found.next});
  if (differs) make_part(draft, found.ranges, found.wants_detail);
}

/// Late writes have landed by now, and the shard has caught up: is the target what it should be?
bool is_check_due(State const& state, Instant at) {
  return at >= state.check_at && state.status == sync::Status::Running && !state.comparison && !state.stream.renew_at;
}

}  // namespace

Events on_start(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  draft.emit(PositionAsked{moment.next_request()});
  return std::move(draft.events);
}

Events on_position_read(State const& state, Moment& moment, RequestId request, Outcome<TargetShard> const& outcome) {
  auto const* reading = std::get_if<Reading>(&state.phase);
  if (reading == nullptr || reading->request != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    // A worker's receivers begin together; they are not to be checked together, too.
    Duration const spread(
        static_cast<Duration::rep>(moment.draw.below(static_cast<std::uint64_t>(limits::check_spread_max.count()))));
    draft.emit(PositionKnown{*outcome, moment.at + limits::write_request_max + spread});
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
  stream::Verdict verdict = stream::judge(state.stream, message);
  // A sender that keeps to its window never gets there.
  if (verdict == stream::Verdict::Take && state.queue.size() >= 4 * limits::window_messages)
    verdict = stream::Verdict::Renew;
  switch (verdict) {
    case stream::Verdict::Take:
      draft.emit(stream::Event{stream::Heard{moment.at, stream::role_of(message.body), message.answer}});
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
  return on_work_done(draft, applying->messages, applying->stale, documents);
}

Events on_tree_compared(State const& state, Moment& moment, RequestId request, Outcome<Compared> const& outcome) {
  if (!state.comparison || state.comparison->request != request) return {};
  Draft draft = begin(state, moment);
  if (!outcome && outcome.error().fault_class == FaultClass::Permanent) {
    cannot_compare(draft, outcome.error().message, false);
  } else if (!outcome) {
    fail_tree(draft, outcome.error());
  } else if (!outcome->copy_instead.empty()) {
    cannot_compare(draft, outcome->copy_instead, outcome->ranges.size_bytes() > 0);
  } else {
    look_at(draft, *outcome);
  }
  return finish(draft);
}

Events on_surplus_removed(State const& state, Moment& moment, RequestId request,
                          Outcome<std::uint64_t> const& documents) {
  auto const* removing = state.work ? std::get_if<RemovingSurplus>(&*state.work) : nullptr;
  if (removing == nullptr || removing->request != request) return {};
  Draft draft = begin(state, moment);
  return on_work_done(draft, 1, removing->stale, documents);
}

Events on_stored(State const& state, Moment& moment, Unstored const& stored) {
  Draft draft = begin(state, moment);
  draft.emit(PositionStored{stored.epoch, stored.sequence, stored.offset, stored.caught_up});
  return finish(draft);
}

Events on_published(State const& state, Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  if (state.talk.publishing != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(talk::Event{talk::Delivered{talk::is_of(state.talk, state.stream.epoch)}});
  } else {
    draft.emit(talk::Event{talk::NotDelivered{moment.at + pause_after(state.talk.failures + 1, moment.draw)}});
  }
  return finish(draft);
}

Events on_set_back(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  abandon_comparison(draft);
  draft.emit(SetBack{});
  abandon_copy(draft);
  return finish(draft);
}

Events on_stop(State const& state) {
  Events events;
  if (state.copy) events.push_back(CopyAbandoned{*state.copy});
  if (state.comparison) events.push_back(CopyAbandoned{state.comparison->id});
  return events;
}

Events on_wake(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  if (auto const* failed = std::get_if<Failed>(&state.phase); failed != nullptr && moment.at >= failed->until)
    draw_epoch(draft);
  if (draft.is_receiving() && stream::is_silent(draft.state.stream, moment, is_quiet(draft.state))) {
    DC_MARK("shard.receiver.silence");
    draft.emit(Doubted{false, moment.at});
    break_stream(draft);
  }
  if (draft.is_receiving() && is_check_due(draft.state, moment.at)) {
    DC_MARK("shard.receiver.check");
    draft.emit(Doubted{true, moment.at});
    break_stream(draft);
  }
  if (draft.is_receiving() && moment.at >= repeat_part_at(draft.state)) draft.emit(PartsDue{});
  return finish(draft);
}

namespace {

Instant next_wake_of(State const& state) {
  ComparisonState const& comparison = *state.comparison;
  Instant wake = repeat_part_at(state);
  bool const may_ask = !comparison.request && !comparison.trees.empty();
  if (may_ask && comparison.parts.size() < limits::comparison_parts_max) wake = sooner(wake, comparison.retry_at);
  if (unsaid_part(state) != nullptr && !state.talk.publishing) wake = sooner(wake, state.talk.retry_at);
  return wake;
}

}  // namespace

Instant next_wake(State const& state, Duration message_timeout, bool waits_for_lease) {
  if (std::holds_alternative<Reading>(state.phase)) return may_read_position(state) ? state.retry_at : never;
  if (auto const* failed = std::get_if<Failed>(&state.phase)) return failed->until;
  Instant wake = stream::next_wake(state.stream, message_timeout, is_quiet(state));
  wake = sooner(wake, talk::repeat_at(state.talk, state.stream, is_quiet(state)));
  bool const is_to_retry = !state.work && !state.queue.empty() && state.failures > 0;
  if (is_to_retry && !waits_for_lease) wake = sooner(wake, state.retry_at);
  bool const has_something_to_say = state.talk.request_due || state.confirmed > state.talk.said;
  if (has_something_to_say && !state.talk.publishing) wake = sooner(wake, state.talk.retry_at);
  bool const may_check = state.status == sync::Status::Running && !state.comparison && !state.stream.renew_at;
  if (may_check) wake = sooner(wake, state.check_at);
  if (state.comparison) wake = sooner(wake, next_wake_of(state));
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
