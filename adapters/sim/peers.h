// Calls between simulated processes: worker → own master, master → own workers, master → the other datacenter's
// masters.
//
// The twin of the calling half of adapters/rest: a list of masters is tried one after the other, beginning with the one
// that answered last; one that does not lead, does not listen or does not answer is passed over; after one round the
// machine hears a Retry fault. An answer that is lost on the way does not undo what was called.
#pragma once

#include "adapters/sim/directory.h"
#include "adapters/sim/network.h"
#include "ports/peers.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arangosync::sim {

/// What a master answered, and which one.
struct MasterAnswer {
  master::ReplyBody body;
  master::Identity identity;
  std::vector<Url> endpoints;  ///< of all masters of that datacenter
  std::vector<ClusterId> lineage;
};

/// Calls the leader among some masters.
class MasterCaller {
public:
  MasterCaller(Process& caller, Network& network, Directory const& directory)
      : caller_(caller), network_(network), directory_(directory) {}

  void call(std::vector<Url> endpoints, MakeCall make, std::function<void(Outcome<MasterAnswer>)> done);

private:
  struct Round;
  void try_next(std::shared_ptr<Round> round);

  Process& caller_;
  Network& network_;
  Directory const& directory_;
  Url last_good_;
};

/// How a worker process presents itself.
struct WorkerSelf {
  Url endpoint;
  Token token;  ///< new per process start
  std::string host;
};

class SimOwnMaster final : public ports::OwnMaster {
public:
  SimOwnMaster(Process& self, Network& network, Directory const& directory, ports::Inbox<worker::Command>& inbox,
               std::vector<Url> masters, WorkerSelf presents)
      : inbox_(inbox),
        masters_(std::move(masters)),
        presents_(std::move(presents)),
        caller_(self, network, directory) {}

  void perform(worker::Register const& effect) override;
  void perform(worker::ReportStatus const& effect) override;
  void perform(worker::ReportInventory const& effect) override;
  void perform(worker::AskShardStart const& effect) override;
  void perform(worker::AskShardStop const& effect) override;

private:
  void report(RequestId request, MakeCall make);

  ports::Inbox<worker::Command>& inbox_;
  std::vector<Url> masters_;
  WorkerSelf presents_;
  MasterCaller caller_;
};

class SimOwnWorkers final : public ports::OwnWorkers {
public:
  SimOwnWorkers(Process& self, Network& network, Directory const& directory, ports::Inbox<master::Command>& inbox)
      : self_(self), network_(network), directory_(directory), inbox_(inbox) {}

  void perform(master::SendTask const& effect) override;
  void perform(master::RevokeTask const& effect) override;

private:
  using Confirmed = std::function<bool(WorkerDoor const&)>;
  /// Answered well if the worker hears it, knows no newer leader, and `confirmed` holds afterwards.
  void tell(RequestId request, Url const& worker, Term term, worker::Command command, Confirmed confirmed);

  Process& self_;
  Network& network_;
  Directory const& directory_;
  ports::Inbox<master::Command>& inbox_;
};

class SimRemoteMasters final : public ports::RemoteMasters {
public:
  SimRemoteMasters(Process& self, Network& network, Directory const& directory, ports::Inbox<master::Command>& inbox)
      : inbox_(inbox), caller_(self, network, directory) {}

  void perform(master::AskSource const& effect) override;
  void perform(master::AskLineage const& effect) override;
  void perform(master::AnnounceOutgoing const& effect) override;
  void perform(master::WithdrawOutgoing const& effect) override;
  void perform(master::RaiseBarrier const& effect) override;
  void perform(master::LowerBarrier const& effect) override;
  void perform(master::AnnounceShard const& effect) override;
  void perform(master::WithdrawShard const& effect) override;
  void perform(master::RenewRemoteToken const& effect) override;

private:
  void call_for_done(RequestId request, std::vector<Url> const& endpoints, MakeCall make);

  ports::Inbox<master::Command>& inbox_;
  MasterCaller caller_;
};

}  // namespace arangosync::sim
