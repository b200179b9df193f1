// A sender in the middle of its life, for the tests of senders.
#pragma once

#include "tests/domain/shard/story.h"

#include "domain/base/limits.h"

namespace arangosync::shard::sender {

struct Sending : Story<Sending, State, Event> {
  Sending() {
    state = initial_state(the_shard, now);
    place("PRMR-1");
  }
  Sending& place(std::string const& leader, std::string const& shard = "s1") {
    when([&](auto const& s, auto& m) { return on_place(s, m, Place{"7000", ShardName(shard), ServerId(leader)}); });
    return *this;
  }
  Sending& told(std::string const& leader, std::uint64_t number) {
    when([&](auto const& s, auto& m) { return on_reign(s, m, Reign{ServerId(leader), number}); });
    return *this;
  }
  Sending& request(std::uint64_t epoch, std::optional<Position> position, bool doubt = false) {
    when([&](auto const& s, auto& m) { return on_request(s, m, Request{Epoch(epoch), position, doubt}); });
    return *this;
  }
  Sending& wake(bool is_read = false) {
    when([&](auto const& s, auto& m) { return on_wake(s, m, is_read); });
    return *this;
  }
  Sending& beat(LogView const& log) {
    when([&](auto const& s, auto& m) { return on_beat(s, m, log); });
    return *this;
  }
  Sending& changes(std::uint64_t tick) {
    when([&](auto const& s, auto& m) { return on_changes(s, m, payload(5), position_at(tick), {}, true); });
    return *this;
  }
  Sending& acknowledge(std::uint64_t applied) {
    when([&](auto const& s, auto& m) { return on_acknowledge(s, m, Acknowledge{Epoch(5), Sequence(applied)}); });
    return *this;
  }
  std::optional<Heartbeat> heartbeat() const {
    auto const* said = event<HeartbeatSaid>();
    return said == nullptr ? std::nullopt : std::optional(said->body);
  }
  /// Nothing is acknowledged, and the reader reads on.
  Sending& fill_window() {
    for (std::uint64_t tick = 20; !window_is_full(state); ++tick) changes(tick).publish_all();
    return *this;
  }
  /// The queue takes over whatever is in the outbox.
  Sending& publish_all() {
    while (state.publishing) {
      published.push_back(state.outbox.front());
      RequestId const under_way = *state.publishing;
      when([&](auto const& s, auto& m) { return on_published(s, m, under_way, Done{}); });
    }
    return *this;
  }
  Sending& opened(std::uint64_t tick, std::optional<Blob> tree = std::nullopt) {
    when([](auto const& s, auto& m) { return on_turn(s, m); });
    RequestId const asked = *std::get<Opening>(state.phase).request;
    SnapshotId const id{ServerId("PRMR-1"), DatabaseName("d"), "900"};
    when([&](auto const& s, auto& m) { return on_snapshot_opened(s, m, asked, Opened{id, Tick(tick), "77", tree}); });
    return *this;
  }
  /// Of a shard whose tree cannot be had now, or not at all.
  Sending& opened_without_tree(std::uint64_t tick, bool may_come) {
    when([](auto const& s, auto& m) { return on_turn(s, m); });
    RequestId const asked = *std::get<Opening>(state.phase).request;
    Opened opened{SnapshotId{ServerId("PRMR-1"), DatabaseName("d"), "900"}, Tick(tick), "77", std::nullopt};
    opened.tree_may_come = may_come;
    when([&](auto const& s, auto& m) { return on_snapshot_opened(s, m, asked, opened); });
    return *this;
  }
  Sending& chunk(Payload documents, bool last) {
    RequestId const asked = std::get<Copying>(state.phase).reading.value();
    when([&](auto const& s, auto& m) { return on_chunk(s, m, asked, Chunk{documents, last}); });
    return *this;
  }
  Sending& part(std::uint32_t number, std::string const& ranges, bool last) {
    when([&](auto const& s, auto& m) { return on_difference(s, m, Difference{Epoch(5), number, Blob(ranges), last}); });
    return *this;
  }
  Sending& difference(DifferenceChunk const& chunk) {
    RequestId const asked = std::get<Comparing>(state.phase).reading.value();
    when([&](auto const& s, auto& m) { return on_difference_read(s, m, asked, chunk); });
    return *this;
  }
  std::vector<DataMessage> published;
};

}  // namespace arangosync::shard::sender
