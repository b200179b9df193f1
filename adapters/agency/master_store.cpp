#include "adapters/agency/master_store.h"

#include "adapters/agency/layout.h"
#include "adapters/agency/plan_answer.h"
#include "domain/base/check.h"
#include "domain/base/limits.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace arangosync::agency {

namespace {

using ports::AgencyCondition;
using ports::AgencyDelete;
using ports::AgencyOld;
using ports::AgencyOldEmpty;
using ports::AgencyOperation;
using ports::AgencyOutcome;
using ports::AgencySet;
using ports::AgencyTransaction;

constexpr int attempts_max = 4;

/// A lease of term 0 is how we see an original's `leader`: there is no lease of ours yet.
bool is_foreign(election::Lease const& lease) { return lease.term == Term(0); }

AgencyTransaction lease_transaction(master::WriteLease const& effect) {
  AgencyTransaction transaction;
  auto const& expected = effect.expected;
  if (!expected || is_foreign(*expected)) {
    transaction.conditions.push_back({layout::key("leaderLease"), AgencyOldEmpty{true}});
  } else {
    transaction.conditions.push_back({layout::key("leaderLease"), AgencyOld{layout::lease_json(*expected)}});
  }
  if (expected && is_foreign(*expected)) {
    std::string const leader = layout::text_json(expected->holder.value());
    transaction.conditions.push_back({layout::key("leader"), AgencyOld{leader}});
  }
  transaction.operations.push_back({layout::key("leaderLease"), AgencySet{layout::lease_json(effect.next)}});
  bool const is_renewal = expected && expected->holder == effect.next.holder && expected->term == effect.next.term;
  // `leaderTerm` stands still while the leader stays, so that renewals and saves never refuse each other.
  if (!is_renewal) {
    std::string const fence = layout::term_json(effect.next.holder, effect.next.term);
    transaction.operations.push_back({layout::key("leaderTerm"), AgencySet{fence}});
  }
  if (effect.next.holder.value().empty()) {
    transaction.operations.push_back({layout::key("leader"), AgencyDelete{}});
  } else {
    std::string const leader = layout::text_json(effect.next.holder.value());
    transaction.operations.push_back({layout::key("leader"), AgencySet{leader}});
  }
  return transaction;
}

}  // namespace

struct AgencyMasterStore::Impl : std::enable_shared_from_this<AgencyMasterStore::Impl> {
  Impl(ports::Agency& used_agency, ports::Inbox<master::Command>& used_inbox, ports::Clock& used_clock,
       master::Identity of_master)
      : agency(used_agency), inbox(used_inbox), clock(used_clock), identity(std::move(of_master)) {}

  /// A beat of another master, and since when it has been the same on our clock.
  struct Seen {
    std::uint64_t beat = 0;
    Instant since;
  };
  /// One save until its outcome is known.
  struct Save {
    AgencyTransaction transaction;
    layout::Fence before;  ///< what it is conditional on
    std::uint64_t last = 0;
    int attempts = 0;
    std::function<void(master::WriteOutcome)> answer;
  };

  std::string next_client_id();
  void announce(RequestId request);
  void write_announcement(RequestId request, std::map<MasterId, layout::MasterEntry> const& known);
  std::map<MasterId, layout::MasterEntry> bury_dead(std::map<MasterId, layout::MasterEntry> known);
  void try_save(std::shared_ptr<Save> const& save);
  void resolve_save(std::shared_ptr<Save> const& save);
  void write_lease(master::WriteLease const& effect);
  void read_landscape(RequestId request, Look const& look);

  ports::Agency& agency;
  ports::Inbox<master::Command>& inbox;
  ports::Clock& clock;
  master::Identity const identity;
  std::mutex mutex;  // guards what follows
  std::uint64_t writes = 0;
  std::uint64_t beat = 0;
  std::map<MasterId, Seen> seen;
};

std::string AgencyMasterStore::Impl::next_client_id() {
  std::lock_guard const lock(mutex);
  return identity.id.value() + "-" + std::to_string(++writes);
}

// ------------------------------------------------------------------------------------------------------------ lease

void AgencyMasterStore::Impl::write_lease(master::WriteLease const& effect) {
  AgencyTransaction transaction = lease_transaction(effect);
  transaction.client_id = next_client_id();
  auto const self = shared_from_this();
  agency.write(std::move(transaction), [self, effect](AgencyOutcome outcome) {
    auto const tell = [self, request = effect.request](master::WriteOutcome told) {
      self->inbox.post(master::LeaseWritten{request, told});
    };
    if (outcome == AgencyOutcome::Applied) return tell(master::WriteOutcome::Applied);
    if (outcome == AgencyOutcome::Refused) return tell(master::WriteOutcome::Refused);
    self->agency.read(layout::lease_paths(), [tell, next = effect.next](Outcome<std::string> const& answer) {
      if (!answer) return tell(master::WriteOutcome::Unknown);
      auto const lease = layout::read_lease(*answer);
      bool const is_there = lease && *lease && **lease == next;
      tell(is_there ? master::WriteOutcome::Applied : master::WriteOutcome::Unknown);
    });
  });
}

void AgencyMasterStore::perform(master::ReadLease const& effect) {
  impl_->agency.read(layout::lease_paths(),
                     [self = impl_, request = effect.request](Outcome<std::string> const& answer) {
                       if (!answer) {
                         self->inbox.post(master::LeaseRead{request, unexpected(answer.error())});
                       } else {
                         self->inbox.post(master::LeaseRead{request, layout::read_lease(*answer)});
                       }
                     });
}

void AgencyMasterStore::perform(master::WriteLease const& effect) { impl_->write_lease(effect); }

// ---------------------------------------------------------------------------------------------------------- masters

/// Forgets masters whose beat has stood still for the lease's expiry, here and in the agency.
std::map<MasterId, layout::MasterEntry> AgencyMasterStore::Impl::bury_dead(
    std::map<MasterId, layout::MasterEntry> known) {
  std::vector<std::pair<MasterId, layout::MasterEntry>> dead;
  {
    std::lock_guard const lock(mutex);
    Instant const now = clock.now();
    for (auto entry = known.begin(); entry != known.end();) {
      auto const [was, is_new] = seen.try_emplace(entry->first, Seen{entry->second.beat, now});
      if (!is_new && was->second.beat != entry->second.beat) was->second = Seen{entry->second.beat, now};
      bool const is_dead = entry->first != identity.id && now - was->second.since >= limits::lease_expiry;
      if (is_dead) dead.emplace_back(entry->first, entry->second);
      entry = is_dead ? known.erase(entry) : std::next(entry);
    }
    for (auto const& [id, entry] : dead) seen.erase(id);
  }
  for (auto const& [id, entry] : dead) {
    std::string const name = layout::segment(id.value());
    AgencyTransaction transaction;
    transaction.operations = {{layout::key("masters/" + name), AgencyDelete{}},
                              {layout::key("masterBeats/" + name), AgencyDelete{}}};
    std::string const as_seen = layout::beat_json(entry.beat, entry.record.public_endpoints);
    // One that comes back to life in this moment keeps its place. An original's master has no beat at all.
    if (entry.beat > 0) {
      transaction.conditions.push_back({layout::key("masterBeats/" + name), AgencyOld{as_seen}});
    } else {
      transaction.conditions.push_back({layout::key("masterBeats/" + name), AgencyOldEmpty{true}});
    }
    transaction.client_id = next_client_id();
    agency.write(std::move(transaction), [](AgencyOutcome) {});
  }
  return known;
}

void AgencyMasterStore::Impl::write_announcement(RequestId request,
                                                 std::map<MasterId, layout::MasterEntry> const& known) {
  std::map<MasterId, master::MasterRecord> alive;
  for (auto const& [id, entry] : bury_dead(known)) alive[id] = entry.record;
  alive[identity.id] = master::MasterRecord{identity.internal_endpoint, identity.public_endpoints};
  std::uint64_t own_beat = 0;
  {
    std::lock_guard const lock(mutex);
    own_beat = ++beat;
  }
  std::string const name = layout::segment(identity.id.value());
  AgencyTransaction transaction;
  transaction.operations = {
      {layout::key("masters/" + name), AgencySet{layout::text_json(identity.internal_endpoint.value())}},
      {layout::key("masterBeats/" + name), AgencySet{layout::beat_json(own_beat, identity.public_endpoints)}}};
  transaction.client_id = next_client_id();
  agency.write(std::move(transaction), [self = shared_from_this(), request, alive](AgencyOutcome outcome) {
    if (outcome == AgencyOutcome::Applied) {
      self->inbox.post(master::MastersRead{request, alive});
    } else {
      Fault const fault{FaultClass::Retry, "the agency did not take the announcement of this master"};
      self->inbox.post(master::MastersRead{request, unexpected(fault)});
    }
  });
}

void AgencyMasterStore::Impl::announce(RequestId request) {
  agency.read(layout::masters_paths(), [self = shared_from_this(), request](Outcome<std::string> const& answer) {
    if (!answer) {
      self->inbox.post(master::MastersRead{request, unexpected(answer.error())});
      return;
    }
    auto const known = layout::read_masters(*answer);
    if (!known) {
      self->inbox.post(master::MastersRead{request, unexpected(known.error())});
      return;
    }
    self->write_announcement(request, *known);
  });
}

void AgencyMasterStore::perform(master::AnnounceMaster const& effect) { impl_->announce(effect.request); }

// ------------------------------------------------------------------------------------------------------------ state

void AgencyMasterStore::perform(master::LoadState const& effect) {
  impl_->agency.read(layout::state_paths(),
                     [self = impl_, request = effect.request](Outcome<std::string> const& answer) {
                       if (!answer) {
                         self->inbox.post(master::StateLoaded{request, unexpected(answer.error())});
                       } else {
                         self->inbox.post(master::StateLoaded{request, layout::read_state(*answer)});
                       }
                     });
}

// -------------------------------------------------------------------------------------------------------- landscape

void AgencyMasterStore::Impl::read_landscape(RequestId request, Look const& look) {
  agency.read(landscape_paths(), [self = shared_from_this(), request, look](Outcome<std::string> const& answer) {
    if (!answer) return self->inbox.post(master::LandscapeRead{request, unexpected(answer.error())});
    auto landscape = agency::read_landscape(*answer);
    if (!landscape) return self->inbox.post(master::LandscapeRead{request, unexpected(landscape.error())});
    self->inbox.post(
        master::LandscapeRead{request, master::Survey{look.version, std::move(*landscape), look.is_read_only}});
  });
}

void AgencyMasterStore::perform(master::ReadLandscape const& effect) {
  impl_->agency.read(look_paths(), [self = impl_, effect](Outcome<std::string> const& answer) {
    auto const tell = [&](Fault const& fault) {
      self->inbox.post(master::LandscapeRead{effect.request, unexpected(fault)});
    };
    if (!answer) return tell(answer.error());
    auto const look = read_look(*answer);
    if (!look) return tell(look.error());
    // Read before the rest: a plan that moves on in between is read again at the next look.
    if (look->version != effect.known_version) return self->read_landscape(effect.request, *look);
    master::Survey survey{look->version, std::nullopt, look->is_read_only};
    self->inbox.post(master::LandscapeRead{effect.request, std::move(survey)});
  });
}

void AgencyMasterStore::read_journal(std::function<void(Outcome<std::vector<layout::JournalEntry>>)> answer) {
  impl_->agency.read(layout::journal_paths(), [answer = std::move(answer)](Outcome<std::string> const& text) {
    if (!text) return answer(unexpected(text.error()));
    answer(layout::read_journal(*text));
  });
}

void AgencyMasterStore::Impl::try_save(std::shared_ptr<Save> const& save) {
  ++save->attempts;
  AgencyTransaction transaction = save->transaction;
  transaction.client_id = next_client_id();
  agency.write(std::move(transaction), [self = shared_from_this(), save](AgencyOutcome outcome) {
    if (outcome == AgencyOutcome::Applied) return save->answer(master::WriteOutcome::Applied);
    // A refusal too needs a look: an earlier attempt of unknown outcome may have arrived in the meantime.
    self->resolve_save(save);
  });
}

void AgencyMasterStore::Impl::resolve_save(std::shared_ptr<Save> const& save) {
  agency.read(layout::fence_paths(), [self = shared_from_this(), save](Outcome<std::string> const& answer) {
    bool const is_last_attempt = save->attempts >= attempts_max;
    if (!answer) {
      if (is_last_attempt) return save->answer(master::WriteOutcome::Unknown);
      ++save->attempts;
      return self->resolve_save(save);
    }
    auto const fence = layout::read_fence(*answer);
    if (!fence) return save->answer(master::WriteOutcome::Unknown);
    bool const is_ours = fence->id == save->before.id && fence->term == save->before.term;
    if (!is_ours) return save->answer(master::WriteOutcome::Refused);
    // In our term nobody else writes: where the journal ends tells whether ours is in it.
    if (fence->sequence == save->last) return save->answer(master::WriteOutcome::Applied);
    if (fence->sequence != save->before.sequence) return save->answer(master::WriteOutcome::Refused);
    if (is_last_attempt) return save->answer(master::WriteOutcome::Unknown);
    self->try_save(save);
  });
}

void AgencyMasterStore::save(Term term, std::uint64_t first_sequence, std::vector<master::Event> const& events,
                             master::State const& after, std::function<void(master::WriteOutcome)> answer) {
  DC_ASSERT(!events.empty());
  DC_ASSERT(first_sequence > 0);
  auto save = std::make_shared<Impl::Save>();
  save->before = layout::Fence{impl_->identity.id, term, first_sequence - 1};
  save->last = first_sequence + events.size() - 1;
  save->answer = std::move(answer);
  layout::Parts parts;
  for (master::Event const& event : events) parts.merge(layout::touched(event));
  save->transaction.operations = layout::render(parts, after);
  for (AgencyOperation& operation : layout::journal(events, first_sequence, term, impl_->clock.wall_now())) {
    save->transaction.operations.push_back(std::move(operation));
  }
  std::string const fence = layout::term_json(impl_->identity.id, term);
  save->transaction.conditions.push_back({layout::key("leaderTerm"), AgencyOld{fence}});
  if (save->before.sequence == 0) {
    save->transaction.conditions.push_back({layout::key("journal/sequence"), AgencyOldEmpty{true}});
  } else {
    std::string const sequence = layout::number_json(save->before.sequence);
    save->transaction.conditions.push_back({layout::key("journal/sequence"), AgencyOld{sequence}});
  }
  impl_->try_save(save);
}

AgencyMasterStore::AgencyMasterStore(ports::Agency& agency, ports::Inbox<master::Command>& inbox, ports::Clock& clock,
                                     master::Identity identity)
    : impl_(std::make_shared<Impl>(agency, inbox, clock, std::move(identity))) {}

AgencyMasterStore::~AgencyMasterStore() = default;

}  // namespace arangosync::agency
