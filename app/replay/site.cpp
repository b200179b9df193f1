#include "app/replay/site.h"

#include <chrono>
#include <utility>

namespace arangosync::replay {

namespace {

/// "https://a-worker1:8629"
Url endpoint_of(sim::Datacenter datacenter, std::string const& daemon) {
  std::string const letter(1, static_cast<char>('a' + static_cast<int>(datacenter)));
  return Url("https://" + letter + '-' + daemon + ":8629");
}

}  // namespace

Site::Site(sim::World& world, sim::Network& network, sim::Directory& directory, sim::SimCluster& cluster,
           sim::Datacenter datacenter, Trace& trace, Witness& witness, Options const& options)
    : world_(world),
      network_(network),
      directory_(directory),
      cluster_(cluster),
      datacenter_(datacenter),
      trace_(trace),
      witness_(witness),
      token_lifetime_(options.token_lifetime),
      masters_(datacenter == sim::Datacenter::A ? options.source_masters : options.target_masters),
      workers_(datacenter == sim::Datacenter::A ? options.source_workers : options.target_workers) {
  auto place = [&](auto& slot, std::string const& kind, std::size_t index) {
    std::string const daemon = kind + std::to_string(index + 1);
    slot.name = std::string(name_of(datacenter)) + '/' + daemon;
    slot.endpoint = endpoint_of(datacenter, daemon);
    slot.node = network_.add_node(datacenter, slot.name);
    directory_.place(slot.endpoint, slot.node);
  };
  for (std::size_t i = 0; i < masters_.size(); ++i) place(masters_[i], "master", i);
  for (std::size_t i = 0; i < workers_.size(); ++i) place(workers_[i], "worker", i);
}

void Site::start_all() {
  for (std::size_t i = 0; i < masters_.size(); ++i) start_master(i);
  for (std::size_t i = 0; i < workers_.size(); ++i) start_worker(i);
}

void Site::start(sim::NodeId daemon) {
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (master_node(i) == daemon) start_master(i);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (worker_node(i) == daemon) start_worker(i);
  }
}

void Site::kill_master(std::size_t index) {
  auto& slot = masters_[index];
  if (!slot.running) return;
  if (slot.running->process().is_alive()) slot.running->process().kill();
  directory_.close(slot.endpoint);
  slot.dead.push_back(std::move(slot.running));
}

void Site::kill_worker(std::size_t index) {
  auto& slot = workers_[index];
  if (!slot.running) return;
  if (slot.running->process().is_alive()) slot.running->process().kill();
  directory_.close(slot.endpoint);
  slot.dead.push_back(std::move(slot.running));
}

void Site::bury_dead() {
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i].running && !masters_[i].running->process().is_alive()) kill_master(i);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i].running && !workers_[i].running->process().is_alive()) kill_worker(i);
  }
}

void Site::start_master(std::size_t index) {
  auto& slot = masters_[index];
  if (slot.running && slot.running->process().is_alive()) return;
  kill_master(index);
  master::Identity identity;
  identity.id = MasterId(world_.draw().hex(32));
  identity.internal_endpoint = slot.endpoint;
  identity.public_endpoints = {slot.endpoint};
  identity.channel_prefix = "sync_" + std::string(1, static_cast<char>('a' + static_cast<int>(datacenter_))) + ".";
  identity.tls_ca_certificate = "certificate";
  identity.token_lifetime = token_lifetime_;
  identity.program_version = "0.0.0+simulation";
  slot.running =
      std::make_unique<MasterHost>(around(), slot.node, slot.name + "#" + std::to_string(++slot.starts), identity);
  directory_.open(slot.endpoint, slot.running->door());
}

void Site::start_worker(std::size_t index) {
  auto& slot = workers_[index];
  if (slot.running && slot.running->process().is_alive()) return;
  kill_worker(index);
  slot.running = std::make_unique<WorkerHost>(around(), slot.node, slot.name + "#" + std::to_string(++slot.starts),
                                              slot.endpoint, master_endpoints());
  directory_.open(slot.endpoint, slot.running->door());
}

MasterHost* Site::leader() {
  MasterHost* found = nullptr;
  for (auto& slot : masters_) {
    if (!slot.running || !slot.running->process().is_alive()) continue;
    master::State const& state = slot.running->state();
    if (!master::is_leading(state)) continue;
    if (found == nullptr || master::term_of(found->state()) < master::term_of(state)) found = slot.running.get();
  }
  return found;
}

std::vector<Url> Site::master_endpoints() const {
  std::vector<Url> endpoints;
  for (auto const& slot : masters_) endpoints.push_back(slot.endpoint);
  return endpoints;
}

}  // namespace arangosync::replay
