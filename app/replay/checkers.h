// The promises of the design (section 7) about daemons, each as a check that throws Violation with a sentence; those
// about documents are in true_copy.h.
//
//   one leader's writes per term · journal entries saved once         saved()
//   a target is entered and let go by its newest order only           obeyed()
//   a task runs on one worker at a time · a shard has one writer      task_started(), applied()
//   tokens die with their parents · memory stays under its limit ·
//   in_sync is never claimed falsely · a source is read-only only as
//   long as somebody waits for it, and little longer                  look(), claimed_in_sync()
//   what only sends is never written to                               applied()
//   status never says that a target has more than it has              look()
#pragma once

#include "app/replay/host.h"
#include "app/replay/site.h"
#include "app/replay/true_copy.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::replay {

class Checkers final : public Witness {
public:
  /// `clocks_agree`: nobody has set a clock wrong; until then what is said in calendar time can be checked.
  /// `large_bytes`: of the largest documents.
  Checkers(sim::World& world, std::function<bool()> clocks_agree, std::size_t large_bytes)
      : world_(world), clocks_agree_(std::move(clocks_agree)), large_bytes_(large_bytes) {}

  /// To be called once for each datacenter and for each pair of source and target, before anything runs.
  void watch(Site& site);
  void watch(Site& target, TrueCopy& copy);

  // ---- while it happens
  void saved(sim::Datacenter datacenter, std::string const& master, Term term, std::uint64_t first_sequence,
             std::uint64_t events) override;
  void obeyed(sim::Datacenter datacenter, std::string const& master, std::uint64_t sequence,
              std::vector<Obeyed> const& orders) override;
  void task_started(sim::Datacenter datacenter, sim::Process const& by, bool may_write, TaskId const& task,
                    task::Spec const& spec) override;
  /// A shard is written by one worker at a time: one that another has followed must have been told to start again.
  void applied(sim::Datacenter datacenter, std::string const& worker, ShardRef const& shard);

  /// Operators see that all of the copy is in sync, and rely on it.
  void claimed_in_sync(sim::ClusterModel const& source, Site& target, TrueCopy const& copy) const;

  /// Somebody waits behind a barrier of a target of this source. May be empty: nobody ever does.
  std::function<bool(Site const&)> is_awaited;

  // ---- every few seconds
  void look();
  /// At all documents and positions, too.
  void sweep();

private:
  struct Save {
    std::uint64_t last_sequence = 0;
    Term term;
  };
  struct Watched {
    Site* site = nullptr;
    TrueCopy* copy = nullptr;  // null: nothing is replicated to it
    std::map<Term, std::string> leaders;
    std::map<std::uint64_t, Save> saves;                               // by first journal entry
    std::map<ClusterId, std::map<std::uint64_t, sync::Order>> obeyed;  // by target and journal sequence
    std::map<std::pair<std::string, ShardRef>, Instant> started;       // by worker process
    std::map<ShardRef, std::map<std::string, Instant>> last_applied;   // by worker process
    Instant may_wait_since;        // source: it was writable, or had to be read-only
    std::size_t leaders_then = 0;  // of all datacenters, up to the last look
  };
  Watched& watched(sim::Datacenter datacenter) { return watched_.at(datacenter); }

  void check_tokens(MasterHost& leader) const;
  void check_memory(Site& site) const;
  void check_in_sync(MasterHost& leader, TrueCopy const& copy) const;
  void check_delays(MasterHost& leader, TrueCopy& copy) const;
  void check_read_only(Watched& watched);

  sim::World& world_;
  std::function<bool()> clocks_agree_;
  std::size_t large_bytes_;
  std::map<sim::Datacenter, Watched> watched_;
};

}  // namespace arangosync::replay
