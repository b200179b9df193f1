// Whole datacenters in one thread: clusters, daemons, users, trouble, and the checkers that watch them.
//
// Takes commands as scripts and scenarios have them, those of nemesis.h and:
//
//   configure       operators have every target receive, again and again whenever it does not (operators.h)
//   stop B [now|force]      and sometimes stop: behind a barrier, without one, without the source
//   leave B         the tool that stops B behind a barrier is killed: nobody waits for the barrier, or ends it
//   circle A B      somebody asks A to receive from B, which would close a circle
//   itself A N      somebody gives A an address of its own (the N-th master's) for another datacenter's
//   clone-token A N somebody clones the N-th token of those that A's leader has given out, and keeps the clone alive
//   reset B N       the N-th failed shard starts anew; if none has failed, the N-th of all
//   message-timeout B D     silence of that length is taken for a loss from now on
//   write D         users write and change structure for so long · change: one change of structure, now
//   links bad|good  as the world's description says, or calm
//   advance D       time passes
//   heal            everything works again · check: all checkers look at everything
//   settle          heal, stop the users, and demand that all targets become copies within convergence-max, and stay so
//
// A broken promise, a broken assertion of the product included, throws Violation; a command that makes no sense throws
// std::invalid_argument. The same seed and the same commands give the same trace, byte for byte.
#pragma once

#include "app/replay/checkers.h"
#include "app/replay/history.h"
#include "app/replay/nemesis.h"
#include "app/replay/operators.h"
#include "app/replay/options.h"
#include "app/replay/site.h"
#include "app/replay/story.h"
#include "app/replay/trace.h"
#include "app/replay/true_copy.h"
#include "app/replay/workload.h"
#include "domain/base/check.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::replay {

/// A broken assertion becomes a Violation while this lives, instead of ending the process.
class ThrowingChecks {
public:
  ThrowingChecks();
  ~ThrowingChecks();
  ThrowingChecks(ThrowingChecks const&) = delete;
  ThrowingChecks& operator=(ThrowingChecks const&) = delete;

private:
  CheckHandler before_;
};

class Simulation {
public:
  /// The source's first databases and documents are there, all daemons run. `trace`: where it is printed, null for
  /// nowhere. `recordings`: where every daemon leaves its own trace; null: nowhere.
  explicit Simulation(Options const& options, std::ostream* trace = nullptr, Recordings* recordings = nullptr);
  ~Simulation();
  Simulation(Simulation const&) = delete;
  Simulation& operator=(Simulation const&) = delete;

  void perform(std::string_view command);
  void pass_until(Instant until);

  /// What an operator sees of each datacenter, and whether the targets are copies; a line each.
  std::string shown();
  std::optional<std::string> why_not_converged();
  std::string why_wrong_mode() const;  ///< of a cluster; empty: all have the mode they ought to have

  /// "A", "B", "C", or anything there: "A/worker1".
  Site& site(std::string_view name) { return nemesis_.site(name); }
  std::vector<std::unique_ptr<Site>> const& sites() const { return sites_; }
  Instant now() const { return world_.now(); }
  Trace& trace() { return trace_; }
  std::uint64_t writes() const { return workload_->writes(); }
  /// From healing to the first time all was well, of the last settle.
  Duration converged_after() const { return converged_after_; }

private:
  struct Replication {
    Site* from = nullptr;
    Site* to = nullptr;
    std::unique_ptr<TrueCopy> copy;
  };
  void build_site(sim::Datacenter datacenter);
  void replicate(Site& from, Site& to);
  bool perform_own(std::vector<std::string> const& words);
  void restored(Site& where, std::set<std::string> const& had);
  bool perform_of_operators(std::vector<std::string> const& words);
  void configure();
  void expect_failures();
  Operators& operators(std::string const& where);
  void settle();
  void stays_converged();
  void check_later();
  std::optional<std::string> why_not_running(Replication& replication);

  Options const options_;
  sim::World world_;
  Trace trace_;
  sim::Network network_;
  sim::Directory directory_;
  std::vector<std::unique_ptr<sim::SimCluster>> clusters_;
  History history_;
  Checkers checkers_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::map<sim::Datacenter, std::unique_ptr<Operators>> operators_;
  std::vector<std::unique_ptr<Replication>> replications_;
  std::unique_ptr<Workload> workload_;
  Nemesis nemesis_;
  std::uint64_t looks_ = 0;
  Duration converged_after_{0};
};

/// The whole script, then healing: throws Violation.
void play(Simulation& simulation, Story const& story);

/// What became of one run.
struct Verdict {
  std::optional<std::string> failure;  ///< what was broken, and when
  Instant failed_at;
  std::uint64_t hash = 0;
  std::uint64_t entries = 0;  ///< of the trace
  std::uint64_t writes = 0;   ///< of the users
  Duration simulated{0};
  Duration converged_after{0};  ///< healing
};
/// `Comparing::None`: the verdict's hash means nothing, and nobody has waited for it.
enum class Comparing : std::uint8_t { None, ByHash };
Verdict run(Story const& story, std::ostream* trace = nullptr, Recordings* recordings = nullptr,
            Comparing comparing = Comparing::ByHash);

/// A run of one seed, and the time it took one core: other load on the machine does not count.
struct Timed {
  Verdict verdict;
  double seconds = 0;
};
Timed run_seed(std::uint64_t seed, std::ostream* trace = nullptr, Recordings* recordings = nullptr,
               Comparing comparing = Comparing::ByHash);

}  // namespace arangosync::replay
