#include "domain/shard/stream.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"

#include <chrono>

namespace arangosync::shard::stream {

namespace {

using namespace std::chrono_literals;

constexpr Duration ask_pause_max = 30s;      // an absent sender is not to find a heap of requests
constexpr Duration ask_pause_least = 500ms;  // however often a sender greets

}  // namespace

Role role_of(DataBody const& body) {
  if (std::holds_alternative<Hello>(body)) return Role::Hello;
  return std::holds_alternative<Heartbeat>(body) ? Role::Heartbeat : Role::Numbered;
}

Verdict judge(State const& state, DataMessage const& message) {
  Role const role = role_of(message.body);
  if (role == Role::Hello) return state.heard ? Verdict::Renew : Verdict::AskNow;
  if (message.epoch != state.epoch) {
    // Once our epoch runs, an in-order channel brings no other one: the sender follows a request that is not ours.
    if (!state.heard) return Verdict::Drop;
    DC_MARK("shard.stream.foreign_epoch");
    return Verdict::Renew;
  }
  if (state.heard && message.answer != state.answer) {
    DC_MARK("shard.stream.second_answer");
    return Verdict::Renew;
  }
  if (role == Role::Heartbeat && message.sequence == state.received) return Verdict::Take;
  if (message.sequence <= state.received) return Verdict::Drop;
  if (role == Role::Numbered && message.sequence == state.received.next()) return Verdict::Take;
  DC_MARK("shard.stream.gap");
  return Verdict::Renew;
}

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Drawn const& e) {
                   state = State{};
                   state.epoch = e.epoch;
                   state.drawn_at = e.at;
                   state.heard_at = e.at;
                 },
                 [&](Heard const& e) {
                   state.heard = true;
                   state.answer = e.answer;
                   if (e.role == Role::Numbered) state.received = state.received.next();
                   state.heard_at = e.at;
                   state.ask_at = never;
                 },
                 [&](Broken const& e) {
                   if (!state.renew_at) state.renew_at = e.renew_at;
                 },
                 [&](Asked const& e) {
                   ++state.asks;
                   state.asked_at = e.at;
                   if (!state.heard) state.ask_at = e.again_at;
                 },
                 [&](AskSooner const& e) { state.ask_at = sooner(state.ask_at, e.at); },
             },
             event);
  return state;
}

Drawn draw(Moment& moment) { return Drawn{Epoch(moment.draw.next() | 1U), moment.at}; }

Broken broken(State const& state, Moment const& moment) {
  // A new epoch at most once per hello_retry: a sender and a receiver that disagree must not chase each other.
  Instant const earliest = state.epoch == Epoch{} ? moment.at : state.drawn_at + limits::hello_retry;
  return Broken{std::max(moment.at, earliest)};
}

Asked asked(State const& state, Moment const& moment) {
  Duration pause = limits::hello_retry;
  for (std::uint32_t i = 0; i < state.asks && pause < ask_pause_max; ++i) pause *= 2;
  return Asked{moment.at, moment.at + std::min(pause, ask_pause_max)};
}

AskSooner ask_sooner(State const& state, Moment const& moment) {
  if (state.asks == 0) return AskSooner{moment.at};
  return AskSooner{std::max(moment.at, state.asked_at + ask_pause_least)};
}

Instant next_wake(State const& state, Duration message_timeout, bool quiet) {
  if (state.renew_at) return *state.renew_at;
  if (!state.heard) return state.ask_at;
  return quiet && message_timeout > Duration{0} ? state.heard_at + message_timeout : never;
}

bool is_silent(State const& state, Moment const& moment, bool quiet) {
  if (!quiet || !state.heard || moment.message_timeout <= Duration{0}) return false;
  return moment.at - state.heard_at >= moment.message_timeout;
}

}  // namespace arangosync::shard::stream

namespace arangosync::shard::talk {

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Said const& e) {
                   state.publishing = e.request;
                   state.saying = e.message;
                   state.said_at = e.at;
                   if (std::holds_alternative<Request>(e.message)) state.request_due = false;
                 },
                 [&](Delivered const& e) {
                   auto const* said = std::get_if<Acknowledge>(&*state.saying);
                   if (said != nullptr && e.is_of_stream) state.said = said->applied;
                   state.publishing.reset();
                   state.saying.reset();
                   state.failures = 0;
                 },
                 [&](NotDelivered const& e) {
                   // A newer message may take its place; a request stays due.
                   if (std::holds_alternative<Request>(*state.saying)) state.request_due = true;
                   state.publishing.reset();
                   state.saying.reset();
                   ++state.failures;
                   state.retry_at = e.retry_at;
                 },
             },
             event);
  return state;
}

bool is_of(State const& state, Epoch epoch) {
  auto const* said = state.saying ? std::get_if<Acknowledge>(&*state.saying) : nullptr;
  return said == nullptr || said->epoch == epoch;
}

Instant repeat_at(State const& state, stream::State const& stream, bool quiet) {
  if (!quiet || !stream.heard || state.publishing || stream.renew_at) return never;
  return state.said_at + limits::acknowledge_repeat;
}

}  // namespace arangosync::shard::talk
