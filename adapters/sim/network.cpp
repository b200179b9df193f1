#include "adapters/sim/network.h"

#include "domain/base/check.h"

#include <utility>

namespace arangosync::sim {

NodeId Network::add_node(Datacenter datacenter, std::string name) {
  nodes_.push_back(Node{datacenter, std::move(name)});
  return NodeId(static_cast<std::uint32_t>(nodes_.size() - 1));
}

std::string const& Network::name(NodeId node) const {
  DC_ASSERT(node.value() < nodes_.size());
  return nodes_[node.value()].name;
}

Datacenter Network::datacenter(NodeId node) const {
  DC_ASSERT(node.value() < nodes_.size());
  return nodes_[node.value()].datacenter;
}

std::optional<NodeId> Network::find(std::string_view name) const {
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].name == name) return NodeId(i);
  }
  return std::nullopt;
}

std::vector<NodeId> Network::nodes_of(Datacenter datacenter) const {
  std::vector<NodeId> nodes;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].datacenter == datacenter) nodes.emplace_back(i);
  }
  return nodes;
}

void Network::join(NodeId from, NodeId to) {
  cuts_.erase({from, to});
  mutes_.erase({from, to});
}

void Network::mute(NodeId from, NodeId to) {
  cut(from, to);
  mutes_.insert({from, to});
}

void Network::heal_cuts() {
  cuts_.clear();
  mutes_.clear();
}

void Network::set_faults(LinkFaults inside, LinkFaults between) {
  inside_ = inside;
  between_ = between;
}

void Network::cut_both(NodeId a, NodeId b) {
  cut(a, b);
  cut(b, a);
}

void Network::cut_datacenters(Datacenter from, Datacenter to) {
  DC_ASSERT(from != to);
  for (NodeId const a : nodes_of(from)) {
    for (NodeId const b : nodes_of(to)) cut(a, b);
  }
}

void Network::heal() {
  heal_cuts();
  clogs_.clear();
  set_faults(LinkFaults{}, LinkFaults{});
}

void Network::send(NodeId from, NodeId to, std::function<void()> deliver) {
  if (loses(from, to)) return;
  send_surely(from, to, std::move(deliver));
}

LinkFaults const& Network::faults(NodeId from, NodeId to) const {
  return datacenter(from) == datacenter(to) ? inside_ : between_;
}

bool Network::loses(NodeId from, NodeId to) { return is_cut(from, to) || world_.chance(faults(from, to).loss); }

Duration Network::delay(NodeId from, NodeId to) {
  LinkFaults const& link = faults(from, to);
  Duration const usual = link.slow_max > link.delay_max && world_.chance(link.slow)
                             ? world_.between(link.delay_max, link.slow_max)
                             : world_.between(link.delay_min, link.delay_max);
  if (clogs_.empty()) return usual;
  auto const clog = clogs_.find({from, to});
  if (clog == clogs_.end() || clog->second <= world_.now()) return usual;
  return clog->second - world_.now() + usual;
}

void Network::send_surely(NodeId from, NodeId to, std::function<void()> deliver) {
  auto arrive = [this, from, to, deliver = std::move(deliver)] {
    if (!is_cut(from, to)) deliver();
  };
  if (world_.chance(faults(from, to).duplication)) world_.after(delay(from, to), arrive);
  world_.after(delay(from, to), std::move(arrive));
}

bool Network::still_sent(Process const& caller) const {
  if (caller.is_alive()) return true;
  return caller.world().now() - caller.died_at() <= linger_;
}

}  // namespace arangosync::sim
