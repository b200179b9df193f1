// What answers the masters of the small world: the agency, the workers, and a source that always says yes.
#include "domain/base/overloaded.h"
#include "tests/explore/explorer.h"
#include "tests/explore/small_world.h"

namespace arangosync::explore {

namespace {

constexpr std::uint64_t plan_version = 1;  ///< of the own cluster; it never changes

task::QueueConfig queue_of_source() {
  return task::QueueConfig{{Url("https://source:8629")}, "", "", "token-of-source", "ca"};
}

Fault no_answer() { return Fault{FaultClass::Retry, "no answer"}; }

}  // namespace

MasterAnswer SmallWorld::serve(std::size_t index, MasterRequest const& request) {
  if (auto const* save = std::get_if<Save>(&request)) return serve_save(index, *save);
  return serve_effect(std::get<master::Effect>(request));
}

MasterAnswer SmallWorld::serve_save(std::size_t index, Save const& save) {
  bool const is_fenced = !agency_->lease || agency_->lease->term != save.term ||
                         agency_->persisted.journal_sequence + 1 != save.first_sequence;
  if (is_fenced && !mistakes_.agency_without_fence) return Saved{false};
  agency().persisted = save.after;
  agency().savers[save.term].insert(index);
  while (agency_->savers.size() > 2) agency().savers.erase(agency_->savers.begin());
  return Saved{true};
}

MasterAnswer SmallWorld::serve_effect(master::Effect const& effect) {
  using master::Command;
  auto const unexpected_effect = [](auto const&) -> MasterAnswer { throw Broken("an effect that nobody expected"); };
  return std::visit(
      overloaded{
          [&](master::ReadLease const& e) -> MasterAnswer {
            return Command(master::LeaseRead{e.request, agency_->lease});
          },
          [&](master::WriteLease const& e) -> MasterAnswer {
            bool const is_as_expected = agency_->lease == e.expected;
            if (is_as_expected) agency().lease = e.next;
            auto const outcome = is_as_expected ? master::WriteOutcome::Applied : master::WriteOutcome::Refused;
            return Command(master::LeaseWritten{e.request, outcome});
          },
          [&](master::AnnounceMaster const& e) -> MasterAnswer {
            std::map<MasterId, master::MasterRecord> found;
            for (auto const& node : masters_) {
              auto const& identity = node->state.identity;
              found[identity.id] = master::MasterRecord{identity.internal_endpoint, identity.public_endpoints};
            }
            return Command(master::MastersRead{e.request, found});
          },
          [&](master::LoadState const& e) -> MasterAnswer {
            return Command(master::StateLoaded{e.request, agency_->persisted});
          },
          [&](master::ReadLandscape const& e) -> MasterAnswer {
            bool const is_known = e.known_version == plan_version;
            master::Survey survey{plan_version, is_known ? std::nullopt : std::optional(task::Landscape{}),
                                  agency_->is_read_only};
            return Command(master::LandscapeRead{e.request, std::move(survey)});
          },
          [](master::AskLineage const& e) -> MasterAnswer {
            return Command(master::LineageAnswered{e.request, std::vector{ClusterId("source")}});
          },
          [](master::MakeWorkerCa const& e) -> MasterAnswer {
            return Command(master::WorkerCaMade{e.request, master::WorkerCa{"certificate", "key"}});
          },
          [&](master::SendTask const& e) -> MasterAnswer {
            return Command(master::TaskSent{e.request, worker_takes(e.worker, e.task, e.term, false)});
          },
          [&](master::RevokeTask const& e) -> MasterAnswer {
            return Command(master::TaskSent{e.request, worker_takes(e.worker, e.task, e.term, true)});
          },
          [&](master::SetServerMode const& e) -> MasterAnswer {
            agency().is_read_only = e.mode == sync::ServerMode::ReadOnly;
            return Command(master::ServerModeSet{e.request, Done{}});
          },
          [](master::AskSource const& e) -> MasterAnswer {
            master::SourceFacts facts{
                "source.", {Url("https://source:8629")}, {ClusterId("source")}, queue_of_source(), token_lifetime};
            return Command(master::SourceAsked{e.request, std::move(facts)});
          },
          [](master::AnnounceOutgoing const& e) -> MasterAnswer {
            return Command(master::OutgoingAnnounced{e.request, queue_of_source()});
          },
          [](master::AnnounceShard const& e) -> MasterAnswer {
            return Command(master::RemoteDone{e.request, Done{}});
          },
          // It lives anew with every look: so a save is due now and then though nothing has happened.
          [](master::RenewRemoteToken const& e) -> MasterAnswer {
            return Command(master::RemoteTokenRenewed{e.request, std::pair(Token("token-of-source"), token_lifetime)});
          },
          unexpected_effect,
      },
      effect);
}

MasterAnswer SmallWorld::unanswered(MasterRequest const& request) {
  using master::Command;
  auto const* effect = std::get_if<master::Effect>(&request);
  if (effect == nullptr) return Saved{false};
  return std::visit(overloaded{
                        [](master::ReadLease const& e) {
                          return Command(master::LeaseRead{e.request, unexpected(no_answer())});
                        },
                        [](master::WriteLease const& e) {
                          return Command(master::LeaseWritten{e.request, master::WriteOutcome::Unknown});
                        },
                        [](master::AnnounceMaster const& e) {
                          return Command(master::MastersRead{e.request, unexpected(no_answer())});
                        },
                        [](master::LoadState const& e) {
                          return Command(master::StateLoaded{e.request, unexpected(no_answer())});
                        },
                        [](master::ReadLandscape const& e) {
                          return Command(master::LandscapeRead{e.request, unexpected(no_answer())});
                        },
                        [](master::AskLineage const& e) {
                          return Command(master::LineageAnswered{e.request, unexpected(no_answer())});
                        },
                        [](master::MakeWorkerCa const& e) {
                          return Command(master::WorkerCaMade{e.request, unexpected(no_answer())});
                        },
                        [](master::SendTask const& e) {
                          return Command(master::TaskSent{e.request, unexpected(no_answer())});
                        },
                        [](master::RevokeTask const& e) {
                          return Command(master::TaskSent{e.request, unexpected(no_answer())});
                        },
                        [](master::SetServerMode const& e) {
                          return Command(master::ServerModeSet{e.request, unexpected(no_answer())});
                        },
                        [](master::AskSource const& e) {
                          return Command(master::SourceAsked{e.request, unexpected(no_answer())});
                        },
                        [](master::AnnounceOutgoing const& e) {
                          return Command(master::OutgoingAnnounced{e.request, unexpected(no_answer())});
                        },
                        [](master::AnnounceShard const& e) {
                          return Command(master::RemoteDone{e.request, unexpected(no_answer())});
                        },
                        [](master::RenewRemoteToken const& e) {
                          return Command(master::RemoteTokenRenewed{e.request, unexpected(no_answer())});
                        },
                        [](auto const&) -> Command { throw Broken("an effect that nobody expected"); },
                    },
                    *effect);
}

}  // namespace arangosync::explore
