// What follows from what, across rooms. Used by the parts of decide().
#pragma once

#include "domain/master/script.h"

#include <cstdint>
#include <optional>
#include <string>

namespace arangosync::master {

/// An answer from outside, matched with the errand that waits for it.
struct Answer {
  Errand errand;
  Attempt attempt;
};
std::optional<Answer> answer_of(Script const& script, RequestId request, ErrandKind kind);
/// What was done is still wanted, and as it was said.
bool still_holds(Script const& script, Answer const& answer);
/// Closes a decision that used an answer.
Decision answered(Script script, Answer const& answer);
/// Closes a decision about a failed call: again, after a back-off with jitter.
Decision failed(Script script, Answer const& answer, Fault const& fault);
/// Closes a decision about a call from outside.
Decision reply(Script script, CallId call, ReplyBody body);

/// Gives homeless tasks a worker, removes those that are to be stopped. False: the rest of many comes back by timer,
/// and what is rearranged before it would part those that belong together.
bool settle_tasks(Script& script);
void assign(Script& script, task::Task const& task, WorkerId const& worker);
/// Gives a task that nobody has (any more) to the worker it belongs to, if there is any: not to `except`, if possible.
void place(Script& script, task::Task const& task, std::optional<WorkerId> const& except = std::nullopt);
/// Begins the moves after which every task is where it belongs; the rest of many comes back by timer.
void rearrange(Script& script);
void create_task(Script& script, task::Spec spec);
/// Records that shards have another leader than when their tasks were assigned, or that nobody knows who led them
/// meanwhile; the rest of many comes back by timer. Then the plan, of this version, is one that was seen.
void begin_reigns(Script& script, std::uint64_t version);
/// No worker has the task any more: remove it, and what waited for that.
void remove_task(Script& script, task::Task const& task);

ChannelName draw_channel(Script& script, std::string const& prefix);
void add_incoming_shard(Script& script, ShardRef const& shard);
/// How many shards of one partner are running, are there, and are to be there.
struct Tally {
  std::uint64_t running = 0;
  std::uint64_t shards = 0;
  std::uint64_t total = 0;
};
/// What becomes of a shard that is being stopped, once source and worker have let it go. Looked up before that is
/// written, so that it costs no copy of the state.
struct ShardEnding {
  bool starts_anew = false;
  Tally tally;  ///< with it
};
/// Absent: it is not there, or not being stopped.
std::optional<ShardEnding> ending_of(Office const& office, ShardRef const& shard);
/// Removes its entry, or starts it anew if that was asked for meanwhile.
void finish_incoming_shard(Script& script, ShardRef const& shard, ShardEnding ending);
Tally tally_of(Office const& office, sync::Partner const& partner);
/// Overall `running` is reached when every shard is.
void reach_running(Script& script, sync::Partner const& partner, Tally const& tally);

/// The last of a synchronization: it is gone, and with it what its partner could read here.
void remove_outgoing(Script& script, ClusterId const& id);
void remove_incoming(Script& script);

Token issue_token(Script& script, std::optional<access::Holder> const& holder);
/// All that the partner could read here with: for whom it is over, whether or not it hears of it.
void revoke_tokens(Script& script, access::Holder const& holder);
/// Our own queue as the other datacenter reaches it.
task::QueueConfig own_queue(Script& script, Token const& token);
/// When a token that lives so long is to be renewed, or looked at: at half its life, or sooner.
Instant renewal_of(Script const& script, Duration lifetime);

/// What a late order is told.
Refused overtaken();
/// Keeps an order about a target's synchronization as a whole, if it is the newest.
void hear(Script& script, ClusterId const& target, std::optional<sync::Order> const& order);
/// The orders of this datacenter as a target belong to the next life from now on.
void begin_life(Script& script);

}  // namespace arangosync::master
