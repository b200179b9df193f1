// Which port performs which effect; the same table in daemons and in simulation.
#pragma once

#include "domain/master/vocabulary.h"
#include "domain/worker/vocabulary.h"
#include "ports/master_store.h"
#include "ports/peers.h"
#include "ports/queue.h"
#include "ports/runtime.h"
#include "ports/source_cluster.h"
#include "ports/target_cluster.h"

namespace arangosync::engine {

struct WorkerPorts {
  ports::SourceCluster& source;
  ports::TargetCluster& target;
  ports::Queue& queue;
  ports::OwnMaster& master;
  ports::Timer& timer;
};

struct MasterPorts {
  ports::MasterStore& store;
  ports::OwnWorkers& workers;
  ports::RemoteMasters& remote;
  ports::Callers& callers;
  ports::ClusterControl& cluster;
  ports::CertificateMaker& certificates;
  ports::Timer& timer;
};

void perform(WorkerPorts& ports, worker::Effect const& effect);
void perform(MasterPorts& ports, master::Effect const& effect);

}  // namespace arangosync::engine
