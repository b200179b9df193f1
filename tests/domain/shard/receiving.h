// The target's half of one shard in given / when / then, for the tests of it.
#pragma once

#include "tests/domain/shard/story.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace arangosync::shard::receiver {

struct ReceivingStory : Story<ReceivingStory, State, Event> {
  explicit ReceivingStory(std::optional<Position> stored = position_at(10)) {
    state = initial_state(the_shard);
    when([](auto const& s, auto& m) { return on_start(s, m); });
    RequestId const asked = *std::get<Reading>(state.phase).request;
    when([&](auto const& s, auto& m) { return on_position_read(s, m, asked, TargetShard{stored, "7000"}); });
    said();
  }
  /// The queue takes over what is said; returns it.
  std::optional<ControlMessage> said() {
    auto const message = state.talk.saying;
    if (state.talk.publishing) {
      RequestId const under_way = *state.talk.publishing;
      when([&](auto const& s, auto& m) { return on_published(s, m, under_way, Done{}); });
    }
    return message;
  }
  ReceivingStory& hear(std::uint64_t sequence, DataBody body, std::optional<Epoch> epoch = std::nullopt) {
    DataMessage const message{epoch.value_or(state.stream.epoch), Sequence(sequence), std::move(body)};
    when([&](auto const& s, auto& m) { return on_message(s, m, Offset(100 + ++arrived), message); });
    return *this;
  }
  std::uint64_t arrived = 0;  ///< messages so far
  ReceivingStory& applied(Outcome<std::uint64_t> outcome = std::uint64_t{1}) {
    RequestId const asked = std::get<Applying>(*state.work).request;
    when([&](auto const& s, auto& m) { return on_applied(s, m, asked, outcome); });
    return *this;
  }
  ReceivingStory& stored() {
    Unstored const unstored = state.unstored.value();
    when([&](auto const& s, auto& m) { return on_stored(s, m, unstored); });
    return *this;
  }
  ReceivingStory& looked(Compared const& found) {
    RequestId const asked = state.comparison.value().request.value();
    when([&](auto const& s, auto& m) { return on_tree_compared(s, m, asked, found); });
    return *this;
  }
  /// What is said next of that kind; acknowledgements go out between.
  template <class Message>
  Message next_said() {
    while (auto const message = said()) {
      if (auto const* wanted = std::get_if<Message>(&*message)) return *wanted;
    }
    ADD_FAILURE() << "nothing of the kind was said";
    return {};
  }
  Difference difference() { return next_said<Difference>(); }
  ReceivingStory& wake() {
    when([](auto const& s, auto& m) { return on_wake(s, m); });
    return *this;
  }
};

inline Changes changes(std::uint64_t tick) { return Changes{payload(10), position_at(tick), WallTime(4999s), true}; }

}  // namespace arangosync::shard::receiver
