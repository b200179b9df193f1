#include "app/replay/nemesis.h"

#include <algorithm>
#include <chrono>

namespace arangosync::replay {

using namespace std::chrono_literals;

Nemesis::Nemesis(sim::World& world, sim::Network& network, Site& a, Site& b, Trace& trace, Options const& options)
    : world_(world), network_(network), a_(a), b_(b), trace_(trace), options_(options), draw_(world.fork()) {}

void Nemesis::run(Instant until) {
  until_ = until;
  network_.set_faults(options_.inside, options_.between);
  every(options_.crash_every, &Nemesis::crash);
  every(options_.leader_kill_every, &Nemesis::kill_leader);
  every(options_.pause_every, &Nemesis::pause);
  every(options_.partition_every, &Nemesis::partition);
  every(options_.agency_trouble_every, &Nemesis::agency_trouble);
}

void Nemesis::heal() {
  trace_.note("nemesis", "fault", "heal everything");
  network_.heal();
  for (Site* const site : {&a_, &b_}) {
    site->cluster().agency_silence = 0;
    auto revive = [](auto* host) {
      if (host == nullptr) return;
      host->spare();
      host->process().resume();
    };
    for (std::size_t i = 0; i < site->masters(); ++i) {
      revive(site->master(i));
      site->start_master(i);
    }
    for (std::size_t i = 0; i < site->workers(); ++i) {
      revive(site->worker(i));
      site->start_worker(i);
    }
  }
}

void Nemesis::every(Duration mean, void (Nemesis::*strike)()) {
  if (mean <= Duration{0}) return;
  world_.after(up_to(2 * mean), [this, mean, strike] {
    if (world_.now() >= until_) return;
    (this->*strike)();
    every(mean, strike);
  });
}

Duration Nemesis::up_to(Duration most) {
  return Duration(static_cast<Duration::rep>(draw_.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

void Nemesis::crash() {
  Site& site = some_site();
  std::size_t const index = draw_.below(site.masters() + site.workers());
  bool const is_master = index < site.masters();
  std::size_t const at = is_master ? index : index - site.masters();
  bool const at_once = draw_.below(2) == 0;
  auto const effects = static_cast<std::uint32_t>(draw_.below(6));
  auto strike = [&](auto* host) {
    if (host == nullptr || !host->process().is_alive()) return;
    trace_.note("nemesis", "fault", "kill " + host->process().name() + (at_once ? "" : " between effects"));
    if (!at_once) return host->kill_after(effects);
    is_master ? site.kill_master(at) : site.kill_worker(at);
  };
  is_master ? strike(site.master(at)) : strike(site.worker(at));
  restart_later(site, is_master, at);
}

void Nemesis::restart_later(Site& site, bool is_master, std::size_t index) {
  world_.after(200ms + up_to(options_.restart_after_max),
               [&site, is_master, index] { is_master ? site.start_master(index) : site.start_worker(index); });
}

void Nemesis::kill_leader() {
  Site& site = some_site();
  MasterHost const* const leader = site.leader();
  for (std::size_t i = 0; i < site.masters(); ++i) {
    if (leader == nullptr || site.master(i) != leader) continue;
    trace_.note("nemesis", "fault", "kill the leader " + site.master(i)->process().name());
    site.kill_master(i);
    restart_later(site, true, i);
    return;
  }
}

void Nemesis::pause() {
  Site& site = some_site();
  std::size_t const index = draw_.below(site.masters() + site.workers());
  Duration const length = 100ms + up_to(options_.pause_max);
  auto strike = [&](auto* host) {
    if (host == nullptr || !host->process().is_alive() || host->process().is_paused()) return;
    trace_.note("nemesis", "fault", "pause " + host->process().name());
    host->process().pause();
    world_.after(length, [host] { host->process().resume(); });  // a dead host is kept: nothing happens
  };
  index < site.masters() ? strike(site.master(index)) : strike(site.worker(index - site.masters()));
}

sim::NodeId Nemesis::some_node(Site& site) {
  auto const& servers = site.cluster().servers;
  std::size_t const daemons = site.masters() + site.workers();
  std::size_t at = draw_.below(daemons + servers.size() + 2);
  if (at < site.masters()) return site.master_node(at);
  if (at < daemons) return site.worker_node(at - site.masters());
  at -= daemons;
  if (at == 0) return site.cluster().coordinator;
  if (at == 1) return site.cluster().agency_node;
  return std::next(servers.begin(), static_cast<std::ptrdiff_t>(at - 2))->second;
}

void Nemesis::partition() {
  switch (draw_.below(4)) {
    case 0:
      network_.cut_datacenters(sim::Datacenter::Source, sim::Datacenter::Target);
      network_.cut_datacenters(sim::Datacenter::Target, sim::Datacenter::Source);
      trace_.note("nemesis", "fault", "cut the datacenters from each other");
      break;
    case 1:
      network_.cut_datacenters(sim::Datacenter::Source, sim::Datacenter::Target);
      trace_.note("nemesis", "fault", "cut the source's way to the target");
      break;
    default: {
      sim::NodeId const from = some_node(some_site());
      sim::NodeId const to = some_node(some_site());
      bool const both_ways = draw_.below(2) == 0;
      network_.cut(from, to);
      if (both_ways) network_.cut(to, from);
      trace_.note("nemesis", "fault", "cut " + network_.name(from) + " from " + network_.name(to));
    }
  }
  world_.after(500ms + up_to(options_.partition_max), [this] {
    trace_.note("nemesis", "fault", "heal the cuts");
    network_.heal_cuts();
  });
}

void Nemesis::agency_trouble() {
  Site& site = some_site();
  site.cluster().agency_silence = 200 + static_cast<std::uint32_t>(draw_.below(801));
  trace_.note("nemesis", "fault", "the agency swallows answers");
  world_.after(500ms + up_to(15s), [&site] { site.cluster().agency_silence = 0; });
}

}  // namespace arangosync::replay
