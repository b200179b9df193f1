// The master's durable memory in the cluster's agency; which keys hold what is in layout.h.
//
// Built by app/master (over HttpAgency) and by the simulation (over the simulated agency), used by the engine. Every
// save is one conditional transaction: it applies only while `leaderTerm` names this master and term and the journal
// ends where the save begins, so a leader that was replaced cannot write and nothing is written twice. An unknown
// outcome is resolved by reading back. Thread-safe; answers go to the inbox (or, for save(), to the callback) on the
// agency's threads, never on the caller's stack. Whether another master is alive is judged by this process's own clock:
// a beat that has not moved for the lease's expiry is dead.
#pragma once

#include "adapters/agency/layout.h"
#include "ports/agency.h"
#include "ports/inbox.h"
#include "ports/master_store.h"
#include "ports/runtime.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace arangosync::agency {

class AgencyMasterStore final : public ports::MasterStore {
public:
  /// All but `identity` must outlive every answer; the object itself may go earlier.
  AgencyMasterStore(ports::Agency& agency, ports::Inbox<master::Command>& inbox, ports::Clock& clock,
                    master::Identity identity);
  ~AgencyMasterStore() override;

  void perform(master::ReadLease const& effect) override;
  void perform(master::WriteLease const& effect) override;
  void perform(master::AnnounceMaster const& effect) override;
  void perform(master::LoadState const& effect) override;
  void perform(master::ReadLandscape const& effect) override;
  void save(Term term, std::uint64_t first_sequence, std::vector<master::Event> const& events,
            master::State const& after, std::function<void(master::WriteOutcome)> answer) override;

  /// The recent events, for operators; any master may ask.
  void read_journal(std::function<void(Outcome<std::vector<layout::JournalEntry>>)> answer);

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // kept alive by answers under way
};

}  // namespace arangosync::agency
