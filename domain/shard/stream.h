// How a receiver keeps a stream: epochs, sequences, when to ask again. Used by the shard receiver and the inventory
// receiver.
//
// A stream is one epoch, drawn by the receiver and asked for on the control channel until its first message comes, and
// one sender's answer to it. The receiver takes exactly the next sequence; anything that cannot belong to an unbroken
// stream makes it draw a new epoch, at most once per hello_retry. Pure; never looks at a message's content beyond its
// kind.
#pragma once

#include "domain/base/result.h"
#include "domain/shard/message.h"
#include "domain/shard/moment.h"

#include <optional>
#include <variant>

namespace arangosync::shard::stream {

struct State {
  Epoch epoch;  ///< 0: none drawn yet
  Instant drawn_at;
  bool heard = false;  ///< a message of this epoch arrived
  AnswerId answer;     ///< its sender's, once heard
  Sequence received;   ///< last one taken
  Instant heard_at;
  Instant ask_at = never;  ///< when the request is (re)peated
  std::uint32_t asks = 0;  ///< of this epoch
  Instant asked_at;
  std::optional<Instant> renew_at;  ///< the stream is broken: draw a new epoch then
  friend bool operator==(State const&, State const&) = default;
};

/// What a message is to its stream.
enum class Role {
  Hello,
  Heartbeat,  ///< carries the sequence of the message before it
  Numbered,
};
Role role_of(DataBody const& body);

enum class Verdict {
  Take,    ///< exactly the next one, or a heartbeat behind the last one taken
  Drop,    ///< seen already, or of another epoch
  AskNow,  ///< the sender greets and has not heard of our epoch
  Renew,   ///< the stream is broken
};
Verdict judge(State const& state, DataMessage const& message);

struct Drawn {  ///< a new epoch; whatever was under way in the old one is void
  Epoch epoch;
  Instant at;
  friend bool operator==(Drawn const&, Drawn const&) = default;
};
struct Heard {  ///< a message was taken
  Instant at;
  Role role = Role::Numbered;
  AnswerId answer{};
  friend bool operator==(Heard const&, Heard const&) = default;
};
struct Broken {  ///< a new epoch is due at `renew_at`
  Instant renew_at;
  friend bool operator==(Broken const&, Broken const&) = default;
};
struct Asked {  ///< the request was handed to the queue; repeated at `again_at` unless heard
  Instant at;
  Instant again_at;
  friend bool operator==(Asked const&, Asked const&) = default;
};
struct AskSooner {
  Instant at;
  friend bool operator==(AskSooner const&, AskSooner const&) = default;
};
using Event = std::variant<Drawn, Heard, Broken, Asked, AskSooner>;

State evolve(State state, Event const& event);

Drawn draw(Moment& moment);
Broken broken(State const& state, Moment const& moment);
Asked asked(State const& state, Moment const& moment);
AskSooner ask_sooner(State const& state, Moment const& moment);
/// When anything has to happen by itself. `quiet`: nothing of the stream is waiting to be worked on.
Instant next_wake(State const& state, Duration message_timeout, bool quiet);
bool is_silent(State const& state, Moment const& moment, bool quiet);

}  // namespace arangosync::shard::stream

namespace arangosync::shard::talk {

/// What a receiver has to say on its control channel; one message under way at a time, a newer one replaces an older.
struct State {
  std::optional<RequestId> publishing;
  std::optional<ControlMessage> saying;  ///< under way
  bool request_due = false;
  Sequence said;  ///< last acknowledged sequence of this epoch
  Instant said_at;
  std::uint32_t failures = 0;
  Instant retry_at;  ///< not before
  friend bool operator==(State const&, State const&) = default;
};
struct Said {
  RequestId request;
  ControlMessage message;
  Instant at;
  friend bool operator==(Said const&, Said const&) = default;
};
struct Delivered {
  bool is_of_stream = true;  ///< of the one that is heard now; what was said in an earlier one means nothing in it
  friend bool operator==(Delivered const&, Delivered const&) = default;
};
struct NotDelivered {
  Instant retry_at;
  friend bool operator==(NotDelivered const&, NotDelivered const&) = default;
};
using Event = std::variant<Said, Delivered, NotDelivered>;

State evolve(State state, Event const& event);

/// When the last acknowledgement is said again: if it was lost, the sender's window may stay full, and neither side
/// would ever speak; and a sender that hears nothing says no heartbeats. Only while nothing is under way (`quiet`).
Instant repeat_at(State const& state, stream::State const& stream, bool quiet);
/// What is under way speaks of that epoch; a request speaks for itself.
bool is_of(State const& state, Epoch epoch);

}  // namespace arangosync::shard::talk
