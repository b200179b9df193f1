#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/worker/inventory_receiver.h"

#include <algorithm>
#include <utility>

namespace arangosync::worker::inventory_receiver {

namespace {

constexpr std::size_t doubtful_max = 256;

std::uint64_t count_shards(inventory::Structure const& structure) {
  std::uint64_t total = 0;
  for (auto const& [name, database] : structure.databases) {
    for (auto const& [collection_name, collection] : database.collections) {
      if (inventory::is_replicated(collection)) total += collection.shards.size();
    }
  }
  return total;
}

Working& working(State& state) { return std::get<Working>(state.phase); }

void take(State& state, MessageTaken const& e) {
  if (e.as_of) state.as_of = *e.as_of;
  if (!e.structure) return;
  state.is_equal = false;
  state.source = Shared<std::optional<inventory::Structure>>(e.structure);
  state.total = count_shards(*e.structure);
  state.round_due = true;
  state.round_not_before = Instant{};
  state.busy_rounds = 0;
  state.to_start.clear();
}

void note(State& state, std::string const& what, std::string const& why, WallTime at) {
  auto const [found, is_new] = state.troubles.try_emplace(what, Trouble{why, at, true});
  if (is_new) return;
  found->second.message = why;
  found->second.is_current = true;
}

void begin_round(State& state, RoundPlanned const& e) {
  state.target = Shared<TargetStructure>(e.target);
  Working round;
  round.steps = Shared<std::vector<inventory::Step>>(e.steps);
  round.in_vain = Shared<std::vector<inventory::Step>>(e.in_vain);
  round.to_stop = std::set<ShardRef>(e.to_stop.begin(), e.to_stop.end());
  round.to_forget = e.to_forget;
  state.phase = std::move(round);
  state.retry_at = Instant{};
  state.round_due = false;  // the plan is of the newest structure, whatever has come while the target was read
  if (!e.steps.empty()) state.is_equal = false;
  for (auto& [what, trouble] : state.troubles) trouble.is_current = false;
  for (auto const& step : e.in_vain) {
    note(state, inventory::to_string(step), "was done, but the target reports something else", e.at);
  }
  for (auto const& [what, why] : e.differing) note(state, what, why, e.at);
}

/// What counts as done when the next plan is made; steps in vain stay so as long as they are planned. A step that
/// failed may have happened all the same: what it undoes is not done then.
std::vector<inventory::Step> done_in(Working const& round) {
  std::vector<inventory::Step> done = *round.in_vain;
  for (std::size_t i = 0; i < round.next; ++i) {
    bool const failed = std::find(round.failed.begin(), round.failed.end(), i) != round.failed.end();
    inventory::Step const& step = (*round.steps)[i];
    if (failed) {
      std::erase_if(done, [&](inventory::Step const& earlier) { return inventory::undoes(step, earlier); });
    } else {
      done.push_back(step);
    }
  }
  return done;
}

bool repeats(Working const& round, std::vector<inventory::Step> const& done) {
  auto const was_done = [&](inventory::Step const& step) {
    return std::find(done.begin(), done.end(), step) != done.end();
  };
  return !round.in_vain->empty() || std::any_of(round.steps->begin(), round.steps->end(), was_done);
}

void end_round(State& state, RoundEnded const& e) {
  bool const failed = !working(state).failed.empty() || !working(state).held.empty();
  state.failures = failed ? state.failures + 1 : 0;
  // An overtaken round has not seen everything.
  bool const is_complete = working(state).next == working(state).steps->size();
  if (is_complete) std::erase_if(state.troubles, [](auto const& trouble) { return !trouble.second.is_current; });
  if (is_complete) state.stopped.clear();
  if (is_complete) std::erase_if(state.held, [&](auto const& it) { return !working(state).held.contains(it.first); });
  // What was done in vain is equal, the target only reports it otherwise.
  state.is_equal = working(state).steps->empty() && !state.round_due;
  bool const was_idle = working(state).steps->empty() && working(state).in_vain->empty();
  state.busy_rounds = was_idle ? 0 : state.busy_rounds + 1;
  state.repeated_rounds = repeats(working(state), *state.done) ? state.repeated_rounds + 1 : 0;
  state.look_at = e.look_at;
  state.done = Shared<std::vector<inventory::Step>>(done_in(working(state)));
  state.phase = Resting{};
  if (e.again_at && !state.round_due) {
    state.round_due = true;
    state.round_not_before = *e.again_at;
  }
}

void fail_call(State& state, CallFailed const& e) {
  Working& round = working(state);
  round.stopping.reset();
  round.forgetting.reset();
  state.retry_at = e.retry_at;
  ++state.failures;
}

void finish_step(State& state, bool done) {
  Working& round = working(state);
  if (done) {
    ++round.applied;
  } else {
    round.failed.push_back(round.next);
  }
  round.applying.reset();
  ++round.next;
}

void evolve_stop(State& state, StopAsked const& e) {
  working(state).stopping = e.request;
  state.doubtful.insert(e.shard);
}

void finish_stop(State& state, Stopped const& e) {
  working(state).stopping.reset();
  working(state).to_stop.erase(e.shard);
  state.stopped.insert(e.shard);
  state.started.erase(e.shard);
  state.inherited.erase(e.shard);
  state.to_start.erase(e.shard);
  state.failures = 0;
  // What waited for it is news.
  if (state.held.erase(e.shard) > 0) state.busy_rounds = 0;
}

/// It may run: like one that somebody else has left behind.
void hold_stop(State& state, StopHeld const& e) {
  Working& round = working(state);
  round.stopping.reset();
  round.to_stop.erase(e.shard);
  state.started.erase(e.shard);
  state.to_start.erase(e.shard);
  state.inherited.insert(e.shard);
  if (!e.ask_at) return;
  round.held.insert(e.shard);
  Held& held = state.held[e.shard];
  held = Held{held.times + 1, *e.ask_at, e.message};
}

void ask_stops_again(State& state, StopsAskedAgain const& e) {
  Working& round = working(state);
  std::erase_if(round.held, [&](ShardRef const& shard) {
    Held const& held = state.held.at(shard);
    bool const is_due = held.times < times_held_max && held.ask_at <= e.at;
    if (is_due) round.to_stop.insert(shard);
    return is_due;
  });
}

/// Of what is written positions may yet be stored.
void leave_out(State& state) {
  Working& round = working(state);
  for (ShardRef const& shard : round.held) {
    Written const its{shard.database, inventory::written_name(shard.collection)};
    round.left_out.emplace(its, state.held.at(shard).message);
  }
  std::erase_if(round.to_forget, [&](ShardRef const& shard) { return round.held.contains(shard); });
}

void end_repetition(State& state) {
  // Shards that are gone for good must not be heaped up.
  if (state.doubtful.size() > doubtful_max) state.doubtful.erase(state.stopping_again->second);
  state.stopping_again.reset();
}

void evolve_start(State& state, StartAsked const& e) {
  state.to_start.erase(e.shard);
  state.stopped.erase(e.shard);
  state.held.erase(e.shard);
  state.inherited.erase(e.shard);
  state.asking.emplace(e.request, e.shard);
  state.started.set(e.shard, Started{e.source_id, false});
}

void fail_start(State& state, StartFailed const& e) {
  auto const asked = state.asking.find(e.answered);
  DC_ASSERT(asked != state.asking.end());
  ShardRef const& shard = asked->second;
  if (Started const* const started = state.started.find(shard)) {
    // The source may have another collection under the name by now, or none: then it is not to be said again.
    auto const* collection = inventory::find(**state.source, shard.database, shard.collection);
    if (collection != nullptr && collection->id == started->source_id) state.to_start.set(shard, started->source_id);
    state.started.erase(shard);
    state.inherited.insert(shard);  // it may run all the same: like one that somebody else has left behind
  }
  state.asking.erase(asked);
  state.start_not_before = e.retry_at;
}

void confirm_start(State& state, StartConfirmed const& e) {
  auto const asked = state.asking.find(e.answered);
  DC_ASSERT(asked != state.asking.end());
  if (Started* const started = state.started.edit(asked->second)) started->confirmed = true;
  state.asking.erase(asked);
}

void inherit(State& state, TasksInherited const& e) {
  state.inherited = std::set<ShardRef>(e.shards.begin(), e.shards.end());
}

void set_back(State& state) {
  if (std::holds_alternative<ReadingTarget>(state.phase)) state.phase = Resting{};
  state.is_equal = false;
  state.stopped.clear();
  state.round_due = true;
  state.round_not_before = Instant{};
  state.busy_rounds = 0;
  state.repeated_rounds = 0;  // what was done may be due again
}

void ask_report(State& state, ReportAsked const& e) {
  state.reporting = e.request;
  state.report_under_way = e.report;
  state.report_term = e.term;
  state.report_is_overtaken = false;
}

void overtake_report(State& state) {
  state.reported.reset();
  state.report_is_overtaken = true;
  state.report_retry_at = Instant{};
}

void answer_report(State& state, ReportAnswered const& e) {
  state.reporting.reset();
  state.reported.reset();
  if (e.done && !state.report_is_overtaken) state.reported = state.report_under_way;
  state.report_retry_at = e.retry_at;
  state.report_repeat_at = e.retry_at + limits::total_repeat;
}

void evolve_drawn(State& state) {
  state.talk.request_due = true;
  state.talk.said = Sequence{};
}

}  // namespace

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](MessageTaken const& e) { take(state, e); },
                 [&](MessageDropped const&) {},
                 [&](TargetAsked const& e) {
                   state.phase = ReadingTarget{e.request};
                   state.round_due = false;
                 },
                 [&](TargetSetBack const&) { set_back(state); },
                 [&](RoundFailed const& e) {
                   state.phase = Resting{};
                   state.stopped.clear();  // it was long ago, and an older order may have come since
                   ++state.failures;
                   state.round_due = true;
                   state.round_not_before = e.retry_at;
                   note(state, "read the target's structure", e.message, e.at);
                 },
                 [&](RoundPlanned const& e) { begin_round(state, e); },
                 [&](StopAsked const& e) { evolve_stop(state, e); },
                 [&](Stopped const& e) { finish_stop(state, e); },
                 [&](StopHeld const& e) { hold_stop(state, e); },
                 [&](StopsAskedAgain const& e) { ask_stops_again(state, e); },
                 [&](HeldLeftOut const&) { leave_out(state); },
                 [&](ForgetAsked const& e) { working(state).forgetting = e.request; },
                 [&](Forgotten const&) {
                   working(state).forgetting.reset();
                   working(state).to_forget.clear();
                   state.failures = 0;
                 },
                 [&](CallFailed const& e) { fail_call(state, e); },
                 [&](StepAsked const& e) { working(state).applying = e.request; },
                 [&](StepDone const&) { finish_step(state, true); },
                 [&](StepFailed const& e) {
                   note(state, e.step, e.message, e.at);
                   finish_step(state, false);
                 },
                 [&](RoundEnded const& e) { end_round(state, e); },
                 [&](StartAsked const& e) { evolve_start(state, e); },
                 [&](StartConfirmed const& e) { confirm_start(state, e); },
                 [&](StartFailed const& e) { fail_start(state, e); },
                 [&](OrderDoubted const& e) {
                   state.said_again = e.shard;
                   state.say_again_at = e.next_at;
                 },
                 [&](StopRepeated const& e) { state.stopping_again = std::pair(e.request, e.shard); },
                 [&](StopRepeatAnswered const&) { end_repetition(state); },
                 [&](TasksInherited const& e) { inherit(state, e); },
                 [&](StartsDue const& e) {
                   for (auto const& [shard, source_id] : e.shards) state.to_start.set(shard, source_id);
                 },
                 [&](ReportAsked const& e) { ask_report(state, e); },
                 [&](ReportOvertaken const&) { overtake_report(state); },
                 [&](ReportAnswered const& e) { answer_report(state, e); },
                 [&](shard::stream::Event const& e) {
                   state.stream = shard::stream::evolve(std::move(state.stream), e);
                   if (std::holds_alternative<shard::stream::Drawn>(e)) evolve_drawn(state);
                 },
                 [&](shard::talk::Event const& e) { state.talk = shard::talk::evolve(std::move(state.talk), e); },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  if (auto const* round = std::get_if<Working>(&state.phase)) {
    int const under_way =
        int{round->stopping.has_value()} + int{round->forgetting.has_value()} + int{round->applying.has_value()};
    DC_ASSERT(under_way <= 1);
    DC_ASSERT(round->next <= round->steps->size());
    // The ground is never pulled from under a shard that still runs.
    if (round->applying) DC_ASSERT(round->to_stop.empty());
    if (round->applying) DC_ASSERT(round->to_forget.empty());
    if (round->applying) DC_ASSERT(round->held.empty() == round->left_out.empty());
    for (ShardRef const& shard : round->held) DC_ASSERT(state.held.contains(shard));
  }
  // Of two orders about one shard that are under way together nobody knows which is carried out last.
  for (auto const& [request, shard] : state.asking) {
    auto const* round = std::get_if<Working>(&state.phase);
    DC_ASSERT(round == nullptr || !round->stopping || *round->to_stop.begin() != shard);
    DC_ASSERT(!state.stopping_again || state.stopping_again->second != shard);
  }
  DC_ASSERT(!state.talk.publishing || state.talk.saying);
}

}  // namespace arangosync::worker::inventory_receiver
