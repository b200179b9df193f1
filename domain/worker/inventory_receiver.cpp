#include "domain/worker/inventory_receiver.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
#include "domain/worker/inventory_round.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace arangosync::worker::inventory_receiver {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t starts_max = 16;    // AskShardStart under way
constexpr Duration order_repeat = 1s;     // between two repetitions of orders in doubt
constexpr Duration round_pause_min = 1s;  // after a round with failed steps, doubling up to …
constexpr Duration round_pause_max = 60s;
constexpr Duration held_pause = 100ms;    // before the stop of what is held is asked for again, doubling
constexpr Duration held_round_max = 10s;  // between rounds that leave something out; who has died lets go after 30 s
constexpr std::size_t troubles_told_max = 100;
constexpr std::uint32_t busy_rounds_max = 3;  // rounds in a row with something to do that arouse no suspicion

struct Draft {
  State state;
  shard::Moment& moment;
  Events events;

  void emit(Event event) {
    state = evolve(std::move(state), event);
    events.push_back(std::move(event));
  }
};

Draft begin(State const& state, shard::Moment& moment) { return Draft{state, moment, {}}; }

bool is_hopeless(Fault const& fault) {
  return fault.fault_class == FaultClass::Permanent || fault.fault_class == FaultClass::NotFound;
}

void announce_starts(Draft& draft) {
  State const& state = draft.state;
  auto const moving = in_motion(std::get<Working>(state.phase));
  StartsDue due;
  for (auto const& [database_name, database] : (*state.source)->databases) {
    for (auto const& [name, collection] : database.collections) {
      if (!inventory::is_replicated(collection) || !collection.is_ready) continue;
      CollectionName const on_target = inventory::target_name(name);
      auto const* const copy = inventory::find(state.target->structure, database_name, on_target);
      if (copy == nullptr || !inventory::have_same_shards(collection, *copy)) continue;
      if (moving.contains({database_name, inventory::written_name(name)})) continue;
      for (std::uint32_t index = 0; index < collection.shards.size(); ++index) {
        ShardRef const shard{database_name, name, index};
        if (!state.started.contains(shard)) due.shards.emplace_back(shard, collection.id);
      }
    }
  }
  if (!due.shards.empty()) draft.emit(std::move(due));
}

Instant next_round_at(Draft& draft) {
  Duration pause = round_pause_min;
  std::uint32_t const rounds = std::max({draft.state.failures, draft.state.busy_rounds, draft.state.repeated_rounds});
  for (std::uint32_t i = 0; i < rounds && pause < round_pause_max; ++i) pause *= 2;
  bool const is_held = !std::get<Working>(draft.state.phase).held.empty();
  Duration const longest = is_held ? held_round_max : round_pause_max;
  return draft.moment.at + std::min(pause, longest) + shard::pause_after(1, draft.moment.draw);
}

void end_round(Draft& draft) {
  auto const& round = std::get<Working>(draft.state.phase);
  std::optional<Instant> again_at;
  // A server that reports something else than it was given must not keep us busy for ever.
  bool const is_in_vain = round.steps->empty() ? !round.in_vain->empty() : draft.state.busy_rounds >= busy_rounds_max;
  // What was made beside what is held is seen with own eyes at once, too.
  bool const goes_on = !round.held.empty() && round.applied > 0 && draft.state.busy_rounds < busy_rounds_max;
  if ((!round.failed.empty() && !goes_on) || is_in_vain) {
    again_at = next_round_at(draft);
  } else if (!round.steps->empty()) {
    again_at = draft.moment.at;  // see with own eyes what the steps have made
  }
  if (!draft.state.round_due) announce_starts(draft);
  draft.emit(RoundEnded{again_at, draft.moment.at + limits::structure_look});
}

/// An order about the shard is under way.
bool is_ordered(State const& state, ShardRef const& shard) {
  auto const* round = std::get_if<Working>(&state.phase);
  if (round != nullptr && round->stopping && *round->to_stop.begin() == shard) return true;
  if (state.stopping_again && state.stopping_again->second == shard) return true;
  return std::any_of(state.asking.begin(), state.asking.end(),
                     [&](auto const& asked) { return asked.second == shard; });
}

bool is_to_stop(State const& state, ShardRef const& shard) {
  auto const* round = std::get_if<Working>(&state.phase);
  return round != nullptr && (round->to_stop.contains(shard) || round->held.contains(shard));
}

/// When the stop of a shard that is held is asked for again; never: they were all asked for often enough, in whatever
/// rounds.
Instant held_due(State const& state, Working const& round) {
  Instant due = shard::never;
  for (ShardRef const& shard : round.held) {
    Held const& held = state.held.at(shard);
    if (held.times < times_held_max) due = shard::sooner(due, held.ask_at);
  }
  return due;
}

bool waits_for_held(State const& state, Working const& round) {
  return round.to_stop.empty() && round.left_out.empty() && held_due(state, round) != shard::never;
}

/// What the master says of a shard that is held under the step.
std::string const* what_holds(Working const& round, inventory::Step const& step) {
  auto const ground = ground_of(step);
  if (!ground) return nullptr;
  auto const found =
      round.left_out.lower_bound(Written{ground->database, ground->collection.value_or(CollectionName{})});
  if (found == round.left_out.end() || found->first.first != ground->database) return nullptr;
  return found->first.second == ground->collection.value_or(found->first.second) ? &found->second : nullptr;
}

/// What keeps the step from being done in this round.
std::optional<std::string> obstacle(Working const& round, inventory::Step const& step) {
  if (std::string const* const message = what_holds(round, step)) {
    DC_MARK("worker.inventory.step_left_out");
    return "waits until no worker receives the former shards any more: " + *message;
  }
  for (std::size_t const failed : round.failed) {
    inventory::Step const& earlier = (*round.steps)[failed];
    if (inventory::depends_on(step, earlier)) return "waits for: " + inventory::to_string(earlier);
  }
  return std::nullopt;
}

/// What comes before the first step; true if another thing may follow at once.
bool settle_held(Draft& draft, Working const& round) {
  if (!waits_for_held(draft.state, round)) {
    draft.emit(HeldLeftOut{});
    return true;
  }
  if (draft.moment.at < held_due(draft.state, round)) return false;
  draft.emit(StopsAskedAgain{draft.moment.at});
  return true;
}

/// Does the next thing of the round; true if another thing may follow at once.
bool advance_round(Draft& draft) {
  State const& state = draft.state;
  auto const* round = std::get_if<Working>(&state.phase);
  if (round == nullptr || round->stopping || round->forgetting || round->applying) return false;
  if (draft.moment.at < state.retry_at) return false;
  if (state.round_due) {
    DC_MARK("worker.inventory.round_overtaken");
    end_round(draft);
    return true;
  }
  if (!round->to_stop.empty()) {
    ShardRef const shard = *round->to_stop.begin();
    if (!is_ordered(state, shard)) draft.emit(StopAsked{draft.moment.next_request(), shard});
    return false;
  }
  if (!round->held.empty() && round->left_out.empty()) return settle_held(draft, *round);
  if (round->to_forget.empty() && round->next == round->steps->size()) {
    end_round(draft);
    return true;
  }
  if (!round->to_forget.empty()) {
    if (draft.moment.may_write()) {
      draft.emit(ForgetAsked{draft.moment.next_request(), round->to_forget, draft.moment.write_until});
    }
    return false;
  }
  inventory::Step const& step = (*round->steps)[round->next];
  if (auto const why = obstacle(*round, step)) {
    draft.emit(StepFailed{inventory::to_string(step), *why, draft.moment.wall});
    return true;
  }
  if (draft.moment.may_write()) draft.emit(StepAsked{draft.moment.next_request(), draft.moment.write_until});
  return false;
}

/// A drop that was asked for long ago may have been carried out late, by name, and so may a human's.
Instant next_round_of(State const& state) { return state.round_due ? state.round_not_before : state.look_at; }

void start_round(Draft& draft) {
  State const& state = draft.state;
  bool const rests = std::holds_alternative<Resting>(state.phase);
  if (!rests || !state.source->has_value() || draft.moment.at < next_round_of(state)) return;
  draft.emit(TargetAsked{draft.moment.next_request()});
}

void ask_starts(Draft& draft) {
  State const& state = draft.state;
  while (!state.to_start.empty() && state.asking.size() < starts_max && draft.moment.at >= state.start_not_before) {
    auto const [shard, source_id] = state.to_start.first();
    if (is_ordered(state, shard) || is_to_stop(state, shard)) return;
    draft.emit(StartAsked{draft.moment.next_request(), shard, source_id});
  }
}

/// Nothing else is about to be said of it.
bool may_be_said_again(State const& state, ShardRef const& shard) {
  return !is_to_stop(state, shard) && !state.to_start.contains(shard) && !is_ordered(state, shard);
}

void repeat_order(Draft& draft) {
  State const& state = draft.state;
  if (state.doubtful.empty() || state.stopping_again || draft.moment.at < state.say_again_at) return;
  auto next = state.doubtful.upper_bound(state.said_again);
  if (next == state.doubtful.end()) next = state.doubtful.begin();
  ShardRef const shard = *next;
  draft.emit(OrderDoubted{shard, draft.moment.at + order_repeat});
  if (!may_be_said_again(state, shard)) return;
  if (Started const* const started = state.started.find(shard)) {
    DC_MARK("worker.inventory.start_again");
    draft.emit(StartAsked{draft.moment.next_request(), shard, std::string(started->source_id)});
  } else if (std::holds_alternative<Resting>(state.phase) && !state.round_due) {
    // Only now it is sure that the shard is not to be started.
    DC_MARK("worker.inventory.stop_again");
    draft.emit(StopRepeated{draft.moment.next_request(), shard});
  }
}

sync::InventoryReport report_of(State const& state, bool knows_target) {
  sync::InventoryReport report{state.total, {}, state.is_equal && knows_target ? state.as_of : WallTime{}};
  for (auto const& [what, trouble] : state.troubles) {
    if (report.troubles.size() == troubles_told_max) break;
    report.troubles.push_back({what, trouble.message, trouble.since});
  }
  return report;
}

Instant report_due(State const& state, bool knows_target) {
  if (!state.source->has_value() || state.reporting) return shard::never;
  return state.reported == report_of(state, knows_target) ? state.report_repeat_at : state.report_retry_at;
}

void report_inventory(Draft& draft) {
  bool const knows_target = draft.moment.knows_target;
  if (draft.moment.at < report_due(draft.state, knows_target)) return;
  draft.emit(ReportAsked{draft.moment.next_request(), report_of(draft.state, knows_target), draft.moment.term});
}

void speak(Draft& draft) {
  State const& state = draft.state;
  if (state.stream.epoch == Epoch{} || state.talk.publishing || draft.moment.at < state.talk.retry_at) return;
  bool const repeats = !state.stream.heard && draft.moment.at >= state.stream.ask_at;
  if (state.talk.request_due || repeats) {
    shard::Request const request{state.stream.epoch, std::nullopt};
    draft.emit(shard::talk::Event{shard::talk::Said{draft.moment.next_request(), request, draft.moment.at}});
    draft.emit(shard::stream::Event{shard::stream::asked(state.stream, draft.moment)});
  } else if (state.stream.received > state.talk.said ||
             draft.moment.at >= shard::talk::repeat_at(state.talk, state.stream, true)) {
    shard::Acknowledge const acknowledge{state.stream.epoch, state.stream.received};
    draft.emit(shard::talk::Event{shard::talk::Said{draft.moment.next_request(), acknowledge, draft.moment.at}});
  }
}

void break_stream(Draft& draft) {
  if (draft.state.stream.renew_at) return;
  draft.emit(shard::stream::Event{shard::stream::broken(draft.state.stream, draft.moment)});
}

Events finish(Draft& draft) {
  if (draft.state.stream.renew_at && draft.moment.at >= *draft.state.stream.renew_at) {
    draft.emit(shard::stream::Event{shard::stream::draw(draft.moment)});
  }
  while (advance_round(draft)) {
  }
  start_round(draft);
  ask_starts(draft);
  repeat_order(draft);
  report_inventory(draft);
  speak(draft);
  return std::move(draft.events);
}

/// Up to when the source's structure is what it has told; absent: the message does not say.
std::optional<WallTime> as_of(shard::DataBody const& body) {
  if (auto const* published = std::get_if<shard::PublishedStructure>(&body)) return published->source_time;
  auto const* heartbeat = std::get_if<shard::Heartbeat>(&body);
  return heartbeat != nullptr && heartbeat->log_end ? std::optional(heartbeat->source_time) : std::nullopt;
}

Instant retry_after(Draft& draft, std::uint32_t failures, Fault const& fault) {
  bool const is_slow = fault.fault_class == FaultClass::Denied || is_hopeless(fault);
  return draft.moment.at +
         (is_slow ? shard::slow_pause(draft.moment.draw) : shard::pause_after(failures + 1, draft.moment.draw));
}

}  // namespace

Events on_start(State const& state, shard::Moment& moment, std::vector<ShardRef> const& shards) {
  Draft draft = begin(state, moment);
  if (!shards.empty()) draft.emit(TasksInherited{shards});
  draft.emit(shard::stream::Event{shard::stream::draw(moment)});
  return finish(draft);
}

Events on_message(State const& state, shard::Moment& moment, Offset offset, shard::DataMessage const& message) {
  Draft draft = begin(state, moment);
  switch (shard::stream::judge(state.stream, message)) {
    case shard::stream::Verdict::Take: {
      MessageTaken taken{offset, std::nullopt, as_of(message.body), moment.at};
      auto const* published = std::get_if<shard::PublishedStructure>(&message.body);
      bool const is_news = published != nullptr && *state.source != published->structure;
      if (is_news) taken.structure = published->structure;
      shard::stream::Role const role = shard::stream::role_of(message.body);
      draft.emit(shard::stream::Event{shard::stream::Heard{moment.at, role, message.answer}});
      draft.emit(std::move(taken));
      break;
    }
    case shard::stream::Verdict::Drop:
      draft.emit(MessageDropped{offset});
      break;
    case shard::stream::Verdict::AskNow:
      draft.emit(MessageDropped{offset});
      draft.emit(shard::stream::Event{shard::stream::ask_sooner(state.stream, moment)});
      break;
    case shard::stream::Verdict::Renew:
      draft.emit(MessageDropped{offset});
      break_stream(draft);
      break;
  }
  return finish(draft);
}

Events on_unreadable(State const& state, shard::Moment& moment, Offset offset) {
  Draft draft = begin(state, moment);
  draft.emit(MessageDropped{offset});
  break_stream(draft);
  return finish(draft);
}

Events on_target_read(State const& state, shard::Moment& moment, RequestId request,
                      Outcome<TargetStructure> const& outcome) {
  auto const* reading = std::get_if<ReadingTarget>(&state.phase);
  if (reading == nullptr || reading->request != request) return {};
  Draft draft = begin(state, moment);
  if (!outcome) {
    draft.emit(RoundFailed{retry_after(draft, state.failures, outcome.error()), outcome.error().message, moment.wall});
    return finish(draft);
  }
  draft.emit(plan_round(state, *outcome, moment.wall));
  return finish(draft);
}

Events on_step_applied(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  auto const* round = std::get_if<Working>(&state.phase);
  if (round == nullptr || round->applying != request) return {};
  Draft draft = begin(state, moment);
  std::string step = inventory::to_string((*round->steps)[round->next]);
  if (outcome) {
    draft.emit(StepDone{std::move(step)});
  } else {
    // Which step it was, the adapter says, too, for the log.
    std::string message = outcome.error().message;
    if (message.starts_with(step + ": ")) message.erase(0, step.size() + 2);
    draft.emit(StepFailed{std::move(step), std::move(message), moment.wall});
  }
  return finish(draft);
}

Events on_positions_stored(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  auto const* round = std::get_if<Working>(&state.phase);
  if (round == nullptr || round->forgetting != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(Forgotten{});
  } else {
    draft.emit(CallFailed{retry_after(draft, state.failures, outcome.error()), outcome.error().message});
  }
  return finish(draft);
}

Events on_reported(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  Draft draft = begin(state, moment);
  auto const* round = std::get_if<Working>(&state.phase);
  if (round != nullptr && round->stopping == request) {
    ShardRef const shard = *round->to_stop.begin();
    if (outcome) {
      draft.emit(Stopped{shard});
    } else if (outcome.error().fault_class == FaultClass::Permanent) {
      auto const known = state.held.find(shard);
      std::uint32_t const times = known == state.held.end() ? 0 : std::min(known->second.times, times_held_max);
      auto const next = has_step_above(*round, shard) ? std::optional(moment.at + held_pause * (1U << times))
                                                      : std::optional<Instant>();
      draft.emit(StopHeld{shard, next, outcome.error().message});
    } else {
      draft.emit(CallFailed{retry_after(draft, state.failures, outcome.error()), outcome.error().message});
    }
  } else if (state.asking.contains(request)) {
    if (outcome) {
      draft.emit(StartConfirmed{request});
    } else {
      draft.emit(StartFailed{request, retry_after(draft, 2, outcome.error())});
    }
  } else if (state.stopping_again && state.stopping_again->first == request) {
    draft.emit(StopRepeatAnswered{});
  } else if (state.reporting == request) {
    draft.emit(ReportAnswered{outcome.has_value(), outcome ? moment.at : retry_after(draft, 4, outcome.error())});
  }
  return finish(draft);
}

Events on_published(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  if (state.talk.publishing != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(shard::talk::Event{shard::talk::Delivered{shard::talk::is_of(state.talk, state.stream.epoch)}});
  } else {
    Duration const pause = shard::pause_after(state.talk.failures + 1, moment.draw);
    draft.emit(shard::talk::Event{shard::talk::NotDelivered{moment.at + pause}});
  }
  return finish(draft);
}

Events on_set_back(State const& state, shard::Moment& moment) {
  Draft draft = begin(state, moment);
  draft.emit(TargetSetBack{});
  return finish(draft);
}

Events on_new_leader(State const& state, shard::Moment& moment) {
  Draft draft = begin(state, moment);
  draft.emit(ReportOvertaken{});
  return finish(draft);
}

Events on_wake(State const& state, shard::Moment& moment) {
  Draft draft = begin(state, moment);
  if (shard::stream::is_silent(state.stream, moment, true)) break_stream(draft);
  return finish(draft);
}

Instant next_wake(State const& state, Duration message_timeout, bool waits_for_lease, bool knows_target) {
  Instant wake = shard::stream::next_wake(state.stream, message_timeout, true);
  wake = shard::sooner(wake, shard::talk::repeat_at(state.talk, state.stream, true));
  if (std::holds_alternative<Resting>(state.phase) && state.source->has_value()) {
    wake = shard::sooner(wake, next_round_of(state));
  }
  if (auto const* round = std::get_if<Working>(&state.phase)) {
    bool const idles = !round->stopping && !round->forgetting && !round->applying;
    bool const waits = !round->to_stop.empty() && is_ordered(state, *round->to_stop.begin());
    Instant const due =
        waits_for_held(state, *round) ? std::max(state.retry_at, held_due(state, *round)) : state.retry_at;
    if (idles && !waits && !waits_for_lease) wake = shard::sooner(wake, due);
  }
  bool const may_start = !state.to_start.empty() && state.asking.size() < starts_max &&
                         !is_ordered(state, state.to_start.first().first) &&
                         !is_to_stop(state, state.to_start.first().first);
  if (may_start) {
    wake = shard::sooner(wake, state.start_not_before);
  }
  if (!state.doubtful.empty() && !state.stopping_again) wake = shard::sooner(wake, state.say_again_at);
  wake = shard::sooner(wake, report_due(state, knows_target));
  bool const has_something_to_say = state.talk.request_due || state.stream.received > state.talk.said;
  if (has_something_to_say && !state.talk.publishing) wake = shard::sooner(wake, state.talk.retry_at);
  return wake;
}

bool waits_for_lease(State const& state, Instant at) {
  auto const* round = std::get_if<Working>(&state.phase);
  if (round == nullptr || at < state.retry_at || waits_for_held(state, *round)) return false;
  return !round->stopping && !round->forgetting && !round->applying;
}

}  // namespace arangosync::worker::inventory_receiver
