// A decision being written: the events so far, the moment and the chance it may use. Used inside this room only.
//
// Most decisions look only at the state before and stay cheap however large it is. Where one step of a decision builds
// on another, current() applies what was written so far to a copy, once.
#pragma once

#include "domain/base/check.h"
#include "domain/base/entropy.h"
#include "domain/base/envelope.h"
#include "domain/master/master.h"

#include <optional>
#include <utility>
#include <vector>

namespace arangosync::master {

class Script {
public:
  Script(State const& before, Envelope<Command> const& command)
      : before_(&before),
        at_(command.at),
        wall_(command.wall),
        draw_(command.entropy),
        fresh_token_(command.fresh_token) {}

  State const& before() const { return *before_; }
  /// The office before; only for commands that are decided by an office.
  Office const& office() const;
  Instant at() const { return at_; }
  WallTime wall() const { return wall_; }
  Draw& draw() { return draw_; }
  /// The command's fresh token; only once.
  Token take_token() {
    DC_ASSERT(!fresh_token_.value().empty());
    return std::exchange(fresh_token_, Token{});
  }

  template <class RoomEvent>
  void write(RoomEvent event) {
    events_.emplace_back(Event(wrapped(std::move(event))));
    if (current_) current_ = evolve(std::move(*current_), events_.back());
  }
  /// The state after what was written so far. Copies the state at first use.
  State const& current();
  Office const& current_office();
  /// The newest office that is at hand without copying: the current one, if it was asked for, else the one before.
  Office const& known_office() const;
  /// A number for a request made by this decision itself; write the event that carries it before asking again.
  RequestId next_request();

  Decision done() &&;

private:
  void note_doubt();

  // Every event belongs to exactly one room: find the alternative of Event that can hold it.
  template <class RoomEvent, std::size_t I = 0>
  static auto wrapped(RoomEvent event) {
    static_assert(I < std::variant_size_v<Event>, "not an event of the master");
    using Room = std::variant_alternative_t<I, Event>;
    if constexpr (std::is_same_v<Room, RoomEvent>) {
      return event;
    } else if constexpr (holds<RoomEvent>(static_cast<Room const*>(nullptr))) {
      return Room(std::move(event));
    } else {
      return wrapped<RoomEvent, I + 1>(std::move(event));
    }
  }
  template <class RoomEvent, class... Events>
  static constexpr bool holds(std::variant<Events...> const*) {
    return (std::is_same_v<RoomEvent, Events> || ...);
  }

  State const* before_;
  Instant at_;
  WallTime wall_;
  Draw draw_;
  Token fresh_token_;
  std::vector<Event> events_;
  std::optional<State> current_;
};

}  // namespace arangosync::master
