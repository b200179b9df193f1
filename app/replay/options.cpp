#include "app/replay/options.h"

#include "domain/base/entropy.h"

#include <chrono>
#include <sstream>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

Duration between(Draw& draw, Duration least, Duration most) {
  return least +
         Duration(static_cast<Duration::rep>(draw.below(static_cast<std::uint64_t>((most - least).count()) + 1)));
}

std::uint32_t number(Draw& draw, std::uint32_t least, std::uint32_t most) {
  return least + static_cast<std::uint32_t>(draw.below(most - least + 1));
}

bool likely(Draw& draw, std::uint32_t percent) { return draw.below(100) < percent; }

sim::LinkFaults draw_link(Draw& draw, Duration base_max) {
  sim::LinkFaults link;
  link.delay_min = 200us;
  link.delay_max = between(draw, 500us, base_max);
  if (likely(draw, 60)) link.loss = number(draw, 1, 60);
  if (likely(draw, 60)) link.duplication = number(draw, 1, 60);
  if (likely(draw, 60)) {
    link.slow = number(draw, 1, 50);
    link.slow_max = between(draw, 200ms, 4s);
  }
  return link;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void print_link(std::ostream& out, char const* name, sim::LinkFaults const& link) {
  out << ' ' << name << "(delay<=" << seconds(link.delay_max) << "s loss=" << link.loss << " twice=" << link.duplication
      << " slow=" << link.slow << "<=" << seconds(link.slow_max) << "s)";
}

}  // namespace

Options draw_options(std::uint64_t seed) {
  Draw draw(Entropy{seed ^ 0x5eedULL});
  Options options;
  options.seed = seed;
  options.masters = number(draw, 1, 3);
  options.workers = number(draw, 1, 3);
  options.source_servers = number(draw, 1, 3);
  options.target_servers = number(draw, 1, 3);
  options.trouble = between(draw, 240s, 420s);
  options.convergence_max = 240s;
  options.inside = draw_link(draw, 2ms);
  options.between = draw_link(draw, 100ms);
  if (likely(draw, 65)) options.crash_every = between(draw, 20s, 120s);
  if (likely(draw, 40)) options.leader_kill_every = between(draw, 60s, 180s);
  if (likely(draw, 40)) options.pause_every = between(draw, 30s, 120s);
  if (likely(draw, 50)) options.partition_every = between(draw, 30s, 120s);
  if (likely(draw, 40)) options.agency_trouble_every = between(draw, 30s, 120s);
  options.restart_after_max = between(draw, 1s, 50s);
  options.partition_max = between(draw, 1s, 60s);
  options.pause_max = between(draw, 1s, 50s);
  options.databases = number(draw, 0, 2);
  options.collections = number(draw, 1, 4);
  options.shards_max = number(draw, 1, 3);
  options.keys = likely(draw, 50) ? number(draw, 2, 10) : number(draw, 20, 80);
  options.write_every = between(draw, 100ms, 1s);
  if (likely(draw, 70)) options.structure_every = between(draw, 15s, 90s);
  options.documents_first = number(draw, 0, 150);
  return options;
}

std::string banner(Options const& options) {
  std::ostringstream out;
  out << "seed " << options.seed << ": masters=" << options.masters << " workers=" << options.workers
      << " db-servers=" << options.source_servers << "->" << options.target_servers
      << " trouble=" << seconds(options.trouble) << "s";
  print_link(out, "inside", options.inside);
  print_link(out, "between", options.between);
  auto every = [&](char const* name, Duration mean) {
    if (mean > Duration{0}) out << ' ' << name << "~" << seconds(mean) << "s";
  };
  every("crash", options.crash_every);
  every("leader-kill", options.leader_kill_every);
  every("pause", options.pause_every);
  every("partition", options.partition_every);
  every("agency-trouble", options.agency_trouble_every);
  every("write", options.write_every);
  every("structure", options.structure_every);
  out << " restart<=" << seconds(options.restart_after_max) << "s partition<=" << seconds(options.partition_max)
      << "s pause<=" << seconds(options.pause_max) << "s databases=" << options.databases
      << " collections=" << options.collections << " shards<=" << options.shards_max << " keys=" << options.keys
      << " first=" << options.documents_first;
  return out.str();
}

}  // namespace arangosync::replay
