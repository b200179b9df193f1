// Trouble: does to processes, links and clusters what a line of a script says. Knows nothing of time or chance; when
// and where is written in the script.
//
//   kill WHO [N]         at once, or after N more effects: between saving and sending
//   start WHO            a daemon, or all of a datacenter that are down
//   pause|resume WHO     kill -STOP and -CONT
//   date WHO D           its calendar clock is set wrong by D
//   drift WHO PPM        its calendar clock goes so many millionths too fast, or (-PPM) too slow
//   lose-queue WHO       the channels it publishes on are deleted
//   cut|mute PLACE PLACE one way; mute: nobody notices before his deadline (half-open)
//   join PLACE PLACE     ends either
//   clog NODE NODE D     what is sent within D arrives after it
//   linger D             what the dead have sent arrives for so long after their death
//   agency A silent N    N of 1000 writes happen without an answer
//   agency A down|up     no majority
//   agency A elects D    a change of leader: nothing is answered for D, and what is written may be lost or not
//   fail-over A N [lossy] another copy leads the N-th shard that has one; what was written in the second before is lost
//   reboot A N           the N-th DB-Server: snapshots and log clients are gone
//   trim A N             the N-th DB-Server forgets its log
//   target B refuse N    N of 1000 requests are answered with 503
//   target B poison N    N of 1000 batches are unacceptable
//   target B slow D      answers come that late
//   drop B N             somebody there drops the N-th collection
//   backup B, restore B  the cluster with its documents, not its agency
//
// WHO: A/worker1, B/master2, A/leader; to be killed also A/masters, A/workers. NODE: a daemon, A/coordinator, A/agency,
// A/DBServer0001. PLACE: NODE, or A for all there.
#pragma once

#include "app/replay/history.h"
#include "app/replay/site.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::replay {

/// The words of a command, split at spaces.
std::vector<std::string> words_of(std::string_view command);

class Nemesis {
public:
  Nemesis(sim::World& world, sim::Network& network, std::vector<std::unique_ptr<Site>>& sites, Trace& trace,
          History& history)
      : world_(world), network_(network), sites_(sites), trace_(trace), history_(history) {}

  /// False if it is no command of these; std::invalid_argument if its words make no sense. What cannot be done now (a
  /// dead process cannot be paused) is not done.
  bool perform(std::vector<std::string> const& words);
  /// Everything works again: links, agencies, clusters, paused and dead daemons.
  void heal();

  /// Has any calendar clock ever been set wrong?
  bool has_set_clocks_wrong() const { return has_set_clocks_wrong_; }

  /// The datacenter that a letter, or a node in it, names. std::invalid_argument if there is none.
  Site& site(std::string_view name);

private:
  bool of_process(std::vector<std::string> const& words);
  bool of_clock(std::vector<std::string> const& words);
  bool of_link(std::vector<std::string> const& words);
  bool of_cluster(std::vector<std::string> const& words);
  void on_target(sim::SimCluster& cluster, std::string const& how, std::string const& much);
  void on_agency(sim::SimCluster& cluster, std::vector<std::string> const& words);
  void kill(std::string const& who, std::uint32_t effects);
  /// The name as it is, or those that "A/masters" and "A/workers" stand for.
  std::vector<std::string> daemons(std::string const& who);
  void fail_over(sim::SimCluster& cluster, std::uint64_t nth);
  bool failed_over_within(sim::SimCluster const& cluster, std::string const& shard, Duration time) const;
  void drop_collection(sim::ClusterModel& model, std::uint64_t nth);
  /// Of A: what is written in the next second is lost with the leader.
  void fail_over_with_loss(std::uint64_t nth);

  std::vector<sim::NodeId> nodes(std::string const& place);
  /// Calls strike(host) if the daemon is up.
  template <class Strike>
  void with_daemon(std::string const& who, Strike strike);

  sim::World& world_;
  sim::Network& network_;
  std::vector<std::unique_ptr<Site>>& sites_;
  Trace& trace_;
  History& history_;
  bool has_set_clocks_wrong_ = false;
  std::map<std::pair<sim::SimCluster const*, std::string>, Instant> failed_over_;  // by shard
};

}  // namespace arangosync::replay
