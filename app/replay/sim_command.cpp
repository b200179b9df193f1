#include "app/replay/sim_command.h"

#include "app/replay/simulation.h"

#include <chrono>
#include <iomanip>

namespace arangosync::replay {

namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

bool run_one(std::uint64_t seed, SimArguments const& arguments, std::ostream& out) {
  Timed const timed = run_seed(seed, arguments.print_trace ? &out : nullptr);
  Verdict const& verdict = timed.verdict;
  bool is_good = !verdict.failure.has_value();
  bool const is_alone = arguments.seeds == 1;
  if (is_alone || !is_good) out << banner(draw_options(seed)) << '\n';
  if (!is_good)
    out << "seed " << seed << " FAILED " << *verdict.failure << "\n  replay: ./dev sim --seed " << seed << '\n';
  if (arguments.twice && run_seed(seed).verdict.hash != verdict.hash) {
    out << "seed " << seed << " FAILED: two runs differ\n  replay: ./dev sim --seed " << seed << " --trace\n";
    is_good = false;
  }
  if (is_alone) {
    out << std::fixed << std::setprecision(2) << "simulated " << seconds(verdict.simulated) << " s in " << timed.seconds
        << " s (" << std::setprecision(0) << seconds(verdict.simulated) / timed.seconds
        << " simulated seconds per second), " << verdict.writes << " writes, " << verdict.entries
        << " trace entries, converged " << std::setprecision(1) << seconds(verdict.converged_after)
        << " s after healing, trace hash " << std::hex << verdict.hash << std::dec << '\n';
  }
  return is_good;
}

}  // namespace

int run_sim_command(SimArguments const& arguments, std::ostream& out) {
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    if (!run_one(arguments.first_seed + i, arguments, out)) ++failed;
  }
  if (arguments.seeds > 1) out << arguments.seeds - failed << " of " << arguments.seeds << " seeds held\n";
  return failed == 0 ? 0 : 1;
}

}  // namespace arangosync::replay
