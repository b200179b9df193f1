// A whole simulated run: two datacenters, users, trouble; then healing, and the proof that the target is a copy.
//
// Called by tests/simulation and by `arangosync sim`. Phase one: workload and faults, the promises checked all the
// while. Phase two: everything is healed, users stop, and within a bounded simulated time both sides must say `running`
// and the target must equal the source. The outcome is a value; nothing is thrown.
#pragma once

#include "app/replay/checkers.h"
#include "app/replay/nemesis.h"
#include "app/replay/options.h"
#include "app/replay/site.h"
#include "app/replay/trace.h"
#include "app/replay/workload.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace arangosync::replay {

struct Verdict {
  std::optional<std::string> failure;  ///< what was broken, and when
  std::uint64_t hash = 0;
  std::uint64_t entries = 0;  ///< of the trace
  std::uint64_t writes = 0;   ///< of the users
  Duration simulated{0};
  Duration converged_after{0};  ///< healing
};

class Simulation {
public:
  /// `trace`: where the trace is printed, null for nowhere.
  explicit Simulation(Options const& options, std::ostream* trace = nullptr);
  ~Simulation();

  /// The run that the options describe.
  Verdict run();

  // ---- for scenarios: the same in steps; a broken promise throws Violation
  // --------------------------------------------
  void start();      ///< prepares the source, starts all daemons
  void configure();  ///< an operator asks the target to receive, until it does
  void pass(Duration time);
  bool pass_until(std::function<bool()> const& condition, Duration at_most);
  bool is_converged() { return !why_not_converged().has_value(); }
  std::optional<std::string> why_not_converged();

  sim::World& world() { return world_; }
  sim::Network& network() { return network_; }
  Site& source() { return *source_; }
  Site& target() { return *target_; }
  Workload& workload() { return *workload_; }
  Nemesis& nemesis() { return *nemesis_; }
  Checkers& checkers() { return *checkers_; }
  Trace& trace() { return trace_; }

private:
  void ask_to_configure();
  void check_later();
  void run_phases(Verdict& verdict);

  Options const options_;
  sim::World world_;
  Trace trace_;
  sim::Network network_;
  sim::Directory directory_;
  sim::SimCluster source_cluster_;
  sim::SimCluster target_cluster_;
  History history_;
  std::unique_ptr<Checkers> checkers_;
  std::unique_ptr<Site> source_;
  std::unique_ptr<Site> target_;
  std::unique_ptr<Workload> workload_;
  std::unique_ptr<Nemesis> nemesis_;
  std::unique_ptr<sim::Process> operator_;
  std::unique_ptr<sim::MasterCaller> operator_calls_;
};

/// A run of one seed, and the time it took one core: other load on the machine does not count.
struct Timed {
  Verdict verdict;
  double seconds = 0;
};
Timed run_seed(std::uint64_t seed, std::ostream* trace = nullptr, Recordings* recordings = nullptr);

}  // namespace arangosync::replay
