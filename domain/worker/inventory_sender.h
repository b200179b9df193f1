// The source's half of the inventory: tells the other side the structure, when it asks and whenever it changes.
#pragma once

#include "domain/base/result.h"
#include "domain/shard/message.h"
#include "domain/shard/moment.h"
#include "domain/worker/persistent_map.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

namespace arangosync::worker::inventory_sender {

struct State {
  Instant since;                    ///< its task began: what was read before may be as old as it likes
  Epoch epoch;                      ///< 0: nobody has asked yet
  shard::AnswerId answer;           ///< ours to that epoch
  Shared<shard::DataMessage> next;  ///< what is under way, or failed and to be repeated
  Sequence sequence;                ///< of the last message made
  std::uint32_t unheard = 0;        ///< heartbeats said since the receiver was last heard of
  std::optional<RequestId> publishing;
  bool to_repeat = false;
  std::uint32_t failures = 0;
  std::uint32_t hellos = 0;
  bool structure_due = false;  ///< the receiver lacks the newest structure
  Instant say_at;              ///< next hello or heartbeat, or repetition
  friend bool operator==(State const&, State const&) = default;
};

struct StreamRequested {
  Epoch epoch;
  shard::AnswerId answer{};
  friend bool operator==(StreamRequested const&, StreamRequested const&) = default;
};
struct StructureChanged {
  friend bool operator==(StructureChanged const&, StructureChanged const&) = default;
};
struct Said {  ///< → Publish
  RequestId request;
  shard::DataMessage message;
  friend bool operator==(Said const&, Said const&) = default;
};
struct Repeated {  ///< → Publish, the same message again
  RequestId request;
  friend bool operator==(Repeated const&, Repeated const&) = default;
};
struct Delivered {
  Instant say_at;
  friend bool operator==(Delivered const&, Delivered const&) = default;
};
struct NotDelivered {
  Instant retry_at;
  friend bool operator==(NotDelivered const&, NotDelivered const&) = default;
};
struct ReceiverHeard {
  friend bool operator==(ReceiverHeard const&, ReceiverHeard const&) = default;
};
using Event = std::variant<StreamRequested, StructureChanged, Said, Repeated, Delivered, NotDelivered, ReceiverHeard>;

State initial_state(Instant at);
State evolve(State state, Event const& event);

using Events = std::vector<Event>;
/// `structure`: the newest known, or null: none was read since the task began.
Events on_control(State const& state, shard::Moment& moment, shard::ControlMessage const& message,
                  inventory::Structure const* structure, WallTime read_at);
Events on_structure(State const& state, shard::Moment& moment, inventory::Structure const& structure, WallTime read_at);
Events on_published(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome,
                    inventory::Structure const* structure, WallTime read_at);
Events on_wake(State const& state, shard::Moment& moment, inventory::Structure const* structure, WallTime read_at);
Instant next_wake(State const& state);
void check_invariants(State const& state);

}  // namespace arangosync::worker::inventory_sender
