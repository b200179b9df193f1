// Other sync processes: own master, own workers, the other datacenter's masters. Answers go to the machine's inbox.
// Implemented by adapters/rest (HTTPS, spec arangosync-api 5) and adapters/sim. Calls never block.
#pragma once

#include "domain/master/vocabulary.h"
#include "domain/worker/vocabulary.h"

namespace arangosync::ports {

/// A worker's view of its master.
class OwnMaster {
public:
  virtual ~OwnMaster() = default;
  virtual void perform(worker::Register const& effect) = 0;
  virtual void perform(worker::ReportStatus const& effect) = 0;
  virtual void perform(worker::ReportInventory const& effect) = 0;
  virtual void perform(worker::AskShardStart const& effect) = 0;
  virtual void perform(worker::AskShardStop const& effect) = 0;
};

/// A master's view of its workers.
class OwnWorkers {
public:
  virtual ~OwnWorkers() = default;
  virtual void perform(master::SendTask const& effect) = 0;
  virtual void perform(master::RevokeTask const& effect) = 0;
};

/// A master's view of the other datacenter's masters.
class RemoteMasters {
public:
  virtual ~RemoteMasters() = default;
  virtual void perform(master::AskSource const& effect) = 0;
  virtual void perform(master::AskLineage const& effect) = 0;
  virtual void perform(master::AnnounceOutgoing const& effect) = 0;
  virtual void perform(master::WithdrawOutgoing const& effect) = 0;
  virtual void perform(master::RaiseBarrier const& effect) = 0;
  virtual void perform(master::LowerBarrier const& effect) = 0;
  virtual void perform(master::AnnounceShard const& effect) = 0;
  virtual void perform(master::WithdrawShard const& effect) = 0;
  virtual void perform(master::RenewRemoteToken const& effect) = 0;
};

/// Whoever called this master from outside and waits for its reply.
class Callers {
public:
  virtual ~Callers() = default;
  virtual void perform(master::Reply const& effect) = 0;
};

/// A master's hold on its own cluster.
class ClusterControl {
public:
  virtual ~ClusterControl() = default;
  virtual void perform(master::SetServerMode const& effect) = 0;
};

/// Makes the certificate authority of the workers' certificates.
class CertificateMaker {
public:
  virtual ~CertificateMaker() = default;
  virtual void perform(master::MakeWorkerCa const& effect) = 0;
};

}  // namespace arangosync::ports
