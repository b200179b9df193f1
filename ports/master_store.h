// The master's durable memory: lease, registry of masters, state and journal. Layout: spec arangosync-agency 2.
// Implemented by adapters/agency/master_store over ports/agency.h, in daemons and in simulation alike.
#pragma once

#include "domain/master/master.h"
#include "domain/master/vocabulary.h"

#include <functional>
#include <vector>

namespace arangosync::ports {

class MasterStore {
public:
  virtual ~MasterStore() = default;
  virtual void perform(master::ReadLease const& effect) = 0;
  virtual void perform(master::WriteLease const& effect) = 0;
  virtual void perform(master::AnnounceMaster const& effect) = 0;
  virtual void perform(master::LoadState const& effect) = 0;
  virtual void perform(master::ReadLandscape const& effect) = 0;

  /// Saves durable events and the state they lead to in one fenced transaction: it applies only while the lease in the
  /// agency has `term` and the journal ends at `first_sequence` - 1. An unknown outcome is resolved by reading back;
  /// only if the agency cannot be asked the answer is Unknown. `after` is only read during the call.
  virtual void save(Term term, std::uint64_t first_sequence, std::vector<master::Event> const& events,
                    master::State const& after, std::function<void(master::WriteOutcome)> answer) = 0;
};

}  // namespace arangosync::ports
