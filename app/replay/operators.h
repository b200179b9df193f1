// The people who run one datacenter: they have it receive or stop, start shards anew, announce outages, and sometimes
// ask for what must be refused.
//
// They have the means of the command line: calls to the masters over the network, and what the leader's status says.
// Driven by the script's commands (simulation.h). They never touch a cluster or a daemon; that is the nemesis's.
#pragma once

#include "adapters/sim/peers.h"
#include "app/replay/site.h"
#include "domain/master/view.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace arangosync::replay {

class Operators {
public:
  Operators(sim::World& world, sim::Network& network, sim::Directory const& directory, Site& at);
  Operators(Operators const&) = delete;
  Operators& operator=(Operators const&) = delete;

  /// From now on their datacenter is to receive from `source`, and is configured again whenever it does not. One that
  /// has failed they stop first, but not as long as `first`, which is to receive from nobody, does so: were this one
  /// stopped, that one would be no circle any more, and be granted.
  void want(Site& source, Site& first);
  Site* wanted_source() const { return source_; }
  /// Somebody asks once for what would close a circle; if it is granted the others stop it. Nothing is asked for unless
  /// `source` is known to receive from them: before, in a chain whose middle is late, that would be the wrong
  /// direction, which nobody can tell from the right one, and their documents would give way to what the chain's end
  /// has.
  void ask_to_receive(Site& source);

  /// Somebody gives them an address of their own datacenter for another's: that of its n-th master.
  void ask_to_receive_from_itself(std::size_t nth);

  /// `InSync`: only after a barrier has brought everything in sync, and not at all if that takes too long.
  enum class Stop { InSync, Now, Force };
  void stop(Stop how);
  /// A barrier of theirs is to bring everything in sync before they stop.
  bool is_stopping() const { return stop_by_.has_value(); }
  /// That, or something they asked for has no answer yet.
  bool is_busy() const { return stop_by_.has_value() || open_ > 0; }
  /// The tool with which they stop is killed: nobody waits for its barrier any more, and nobody ends it.
  void lose_tool();
  /// Told when a barrier has brought everything in sync, as far as they can see. May be empty.
  std::function<void()> on_in_sync;

  /// Somebody has asked for what is refused; else nothing may give up for good.
  bool may_fail = false;

  /// The n-th shard that has failed; if none has, the n-th of all.
  void reset_shard(std::uint64_t nth);
  void set_message_timeout(Duration timeout);
  /// Somebody's tool clones the n-th token that the leader has given out, and keeps the clone alive from now on.
  void clone_token(std::uint64_t nth);

private:
  void look_later();
  void look();
  void stop_unwanted();
  void configure(std::vector<Url> source);
  void ask_to_stop(bool force);
  void look_at_barrier(std::uint64_t tool);
  void renew_clones();
  template <class Call>
  void ask(Call call);
  template <class Call>
  void ask(Call call, std::function<void(Outcome<sim::MasterAnswer> const&)> done);

  sim::World& world_;
  Site& at_;
  sim::Process people_;
  sim::MasterCaller calls_;
  Site* source_ = nullptr;
  Site* first_ = nullptr;
  bool is_looking_ = false;
  std::uint32_t open_ = 0;                 // calls that have no answer yet
  std::optional<Instant> stop_by_;         // a barrier is to bring everything in sync until then
  std::uint64_t tools_ = 0;                // that waited for one, one after the other
  Instant begun_at_;                       // the tool asked for the barrier last
  std::optional<Instant> unwanted_since_;  // it receives, or has failed to, and is not to
  std::vector<Token> clones_;
};

/// What the leader would tell; nothing if nobody leads, or he is paused.
std::optional<master::StatusView> status_of(Site& site);

}  // namespace arangosync::replay
