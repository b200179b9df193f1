// The simulated cluster as a source: structure, snapshots and log of the model, reached over the simulated network.
//
// The twin of the reading half of adapters/cluster on the direct route, or on the one without a log. State that the
// real adapter keeps in the worker process (each reader's filter and open transaction run) is kept here likewise and
// dies with the process.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "domain/revision/part.h"
#include "ports/inbox.h"
#include "ports/source_cluster.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::sim {

class SimSourceCluster final : public ports::SourceCluster {
public:
  SimSourceCluster(Process& self, Network& network, SimCluster& cluster, ports::Inbox<worker::Command>& inbox)
      : self_(self), network_(network), cluster_(cluster), inbox_(inbox) {}

  void perform(worker::ReadStructure const& effect) override;
  void perform(worker::OpenSnapshot const& effect) override;
  void perform(worker::ReadSnapshot const& effect) override;
  void perform(worker::ReadDifference const& effect) override;
  void perform(worker::CloseSnapshot const& effect) override;
  void perform(worker::ReadLog const& effect) override;
  void perform(worker::ForgetReader const& effect) override;

private:
  struct Reader {
    std::vector<worker::ShardFilter> filter;
    Tick from;            // the position after the last chunk …
    bool in_run = false;  // … and whether it lies inside a transaction
  };
  /// Runs `ask` at the server and hands `told` its answer, or a Retry fault.
  template <class Answer>
  void call(NodeId server, std::function<Outcome<Answer>()> ask, std::function<void(Outcome<Answer>)> told);
  std::optional<Blob> tree_of(worker::OpenSnapshot const& effect, std::string const& snapshot);
  Outcome<worker::DifferenceChunk> difference(worker::ReadDifference const& effect);
  Outcome<shard::Payload> payload_of(worker::ReadDifference const& effect,
                                     std::vector<revision::PieceChange> const& changes);
  NodeId const* find(ServerId const& server) const;
  worker::LogChunk chunk(worker::ReadLog const& effect, TailAnswer const& answer, Reader& reader) const;
  void look_at_log(worker::ReadLog const& effect, NodeId node);

  Process& self_;
  Network& network_;
  SimCluster& cluster_;
  ports::Inbox<worker::Command>& inbox_;
  std::map<worker::ReaderId, Reader> readers_;
};

}  // namespace arangosync::sim
