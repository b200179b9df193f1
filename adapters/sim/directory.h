// Who listens where in the simulation: the doors of the processes that live now, by endpoint.
//
// Filled and emptied by the composition as processes start and die (app/replay); used by the simulated peers and queues
// to find the process behind an endpoint at the moment a request arrives there. A door is the server half of
// adapters/rest and adapters/direct: it turns a request into a command with a CallId and waits for the Reply effect.
#pragma once

#include "adapters/sim/process.h"
#include "domain/master/vocabulary.h"
#include "domain/worker/vocabulary.h"
#include "ports/inbox.h"
#include "ports/peers.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace arangosync::sim {

class SimQueue;

using MakeCall = std::function<master::Command(master::CallId)>;

/// The calls that a master has not answered yet. Those of a dead or paused process are never answered.
class SimCallers final : public ports::Callers {
public:
  master::CallId expect(std::function<void(master::ReplyBody)> answer);
  void perform(master::Reply const& effect) override;

private:
  std::map<master::CallId, std::function<void(master::ReplyBody)>> waiting_;
  master::CallId last_;
};

struct MasterDoor {
  Process* process = nullptr;
  ports::Inbox<master::Command>* inbox = nullptr;
  SimCallers* callers = nullptr;
  master::Identity identity;
  /// Endpoints of all masters of this datacenter that the leader knows.
  std::function<std::vector<Url>()> endpoints;
  /// Where the leader listens, as far as this master knows.
  std::function<std::vector<ClusterId>()> lineage;
  std::function<std::optional<Url>()> leader;
  /// The worker whose task sends on this channel, if this master leads and the token is good; asked when nothing is
  /// unsaved.
  std::function<void(ChannelName, Token, std::function<void(std::optional<Url>)>)> find_sender;
};

struct WorkerDoor {
  Process* process = nullptr;
  ports::Inbox<worker::Command>* inbox = nullptr;
  SimQueue* queue = nullptr;
  std::function<bool(TaskId const&, WorkerId const&)> has_task;
  std::function<bool(TaskId const&)> has_let_go;
  /// It has heard of a newer leader than that of this term.
  std::function<bool(Term)> is_deposed;
};

class Directory {
public:
  /// The machine an endpoint names; it stays the same while processes come and go.
  void place(Url endpoint, NodeId node) { nodes_[endpoint] = node; }
  NodeId node(Url const& endpoint) const;
  bool knows(Url const& endpoint) const { return nodes_.count(endpoint) > 0; }

  void open(Url const& endpoint, MasterDoor door) { masters_[endpoint] = std::move(door); }
  void open(Url const& endpoint, WorkerDoor door) { workers_[endpoint] = std::move(door); }
  void close(Url const& endpoint);

  /// Null while nobody listens there.
  MasterDoor const* master(Url const& endpoint) const;
  WorkerDoor const* worker(Url const& endpoint) const;

private:
  std::map<Url, NodeId> nodes_;
  std::map<Url, MasterDoor> masters_;
  std::map<Url, WorkerDoor> workers_;
};

}  // namespace arangosync::sim
