// The simulated network between and inside the datacenters, with everything that can go wrong on it.
//
// call() is one request with its answer, as an HTTPS call is: the request may be lost, late, overtaken by others or
// served twice; its answer may be lost although it was served; the caller hears exactly once, at the latest when its
// own deadline has passed. A request that arrives after its caller has given up is served all the same, as a broken
// connection may still bring what it was given: only what is asked of a target is not, as nothing but the check a
// quarter of an hour later (design 5, "late writers") finds a write that has outlived its deadline.
#pragma once

#include "adapters/sim/process.h"
#include "adapters/sim/world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::sim {

/// What may happen to one message on one kind of link. Chances in 1/1000.
struct LinkFaults {
  std::uint32_t loss = 0;
  std::uint32_t duplication = 0;
  std::uint32_t slow = 0;                               ///< … of messages take up to slow_max
  Duration delay_min = std::chrono::microseconds(200);  ///< a calm link
  Duration delay_max = std::chrono::microseconds(600);
  Duration slow_max{0};
};

enum class Datacenter : std::uint8_t { A, B, C };
inline char const* name_of(Datacenter datacenter) {
  return datacenter == Datacenter::A ? "A" : datacenter == Datacenter::B ? "B" : "C";
}

class Network {
public:
  explicit Network(World& world) : world_(world) {}

  NodeId add_node(Datacenter datacenter, std::string name);
  /// Nothing if there is no such node.
  std::optional<NodeId> find(std::string_view name) const;
  std::vector<NodeId> nodes_of(Datacenter datacenter) const;
  std::string const& name(NodeId node) const;
  Datacenter datacenter(NodeId node) const;

  void set_faults(LinkFaults inside, LinkFaults between);
  /// One-way: nothing gets from `from` to `to`, what is under way included.
  void cut(NodeId from, NodeId to) { cuts_.insert({from, to}); }
  void join(NodeId from, NodeId to);
  void cut_both(NodeId a, NodeId b);
  /// Half-open: as a cut, and nobody notices before his own deadline.
  void mute(NodeId from, NodeId to);
  /// What is sent before `until` arrives after it.
  void clog(NodeId from, NodeId to, Instant until) { clogs_[{from, to}] = until; }
  /// All links from one datacenter to the other.
  void cut_datacenters(Datacenter from, Datacenter to);
  void heal_cuts();
  /// No cut, no clog, no loss, no duplication, short delays.
  void heal();

  /// What a process had handed to its kernel still reaches the other side for so long after it was killed.
  void set_linger(Duration linger) { linger_ = linger; }

  /// One message; `deliver` runs zero, one or two times, later.
  void send(NodeId from, NodeId to, std::function<void()> deliver);

  /// What becomes of a request that arrives after its caller has given up.
  enum class Late : std::uint8_t { Served, Dropped };

  /// One request. `serve` gets a function to answer with, now or later, any number of times (the first one counts).
  /// `done` runs once, inside the caller; without an answer nothing is known about the request.
  template <class Answer, Late late = Late::Served>
  void call(Process& caller, NodeId to, Duration timeout, std::function<void(std::function<void(Answer)>)> serve,
            std::function<void(std::optional<Answer>)> done) {
    struct Pending {
      std::function<void(std::optional<Answer>)> done;
      bool over = false;
    };
    auto pending = std::make_shared<Pending>(Pending{std::move(done), false});
    auto finish = [pending, &caller](std::optional<Answer> answer) {
      if (pending->over) return;
      pending->over = true;
      caller.enter([pending, answer = std::move(answer)]() mutable { pending->done(std::move(answer)); });
    };
    NodeId const from = caller.node();
    world_.after(timeout, [finish] { finish(std::nullopt); });
    if (loses(from, to)) {
      // Half of the broken connections are noticed at once, the others only by the deadline.
      if (!is_mute(from, to) && world_.chance(500)) world_.after(delay(from, to), [finish] { finish(std::nullopt); });
      return;
    }
    send_surely(from, to, [this, &caller, pending, finish, from, to, serve = std::move(serve)] {
      if ((late == Late::Dropped && pending->over) || !still_sent(caller)) return;
      serve([this, finish, from, to](Answer answer) {
        if (loses(to, from)) return;
        world_.after(delay(to, from), [this, finish, from, to, answer = std::move(answer)]() mutable {
          if (!is_cut(to, from)) finish(std::move(answer));
        });
      });
    });
  }

private:
  bool is_cut(NodeId from, NodeId to) const { return !cuts_.empty() && cuts_.count({from, to}) > 0; }
  bool is_mute(NodeId from, NodeId to) const { return !mutes_.empty() && mutes_.count({from, to}) > 0; }
  LinkFaults const& faults(NodeId from, NodeId to) const;
  bool loses(NodeId from, NodeId to);
  Duration delay(NodeId from, NodeId to);
  void send_surely(NodeId from, NodeId to, std::function<void()> deliver);
  bool still_sent(Process const& caller) const;

  struct Node {
    Datacenter datacenter;
    std::string name;
  };
  World& world_;
  std::vector<Node> nodes_;
  LinkFaults inside_;
  LinkFaults between_;
  std::set<std::pair<NodeId, NodeId>> cuts_;
  std::set<std::pair<NodeId, NodeId>> mutes_;  // a subset of the cuts
  std::map<std::pair<NodeId, NodeId>, Instant> clogs_;
  Duration linger_ = std::chrono::milliseconds(300);
};

}  // namespace arangosync::sim
