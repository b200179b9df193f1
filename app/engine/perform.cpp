#include "app/engine/perform.h"

#include "domain/base/overloaded.h"

namespace arangosync::engine {

void perform(WorkerPorts& ports, worker::Effect const& effect) {
  std::visit(overloaded{
                 [&](worker::Register const& e) { ports.master.perform(e); },
                 [&](worker::ReportStatus const& e) { ports.master.perform(e); },
                 [&](worker::ReportInventory const& e) { ports.master.perform(e); },
                 [&](worker::AskShardStart const& e) { ports.master.perform(e); },
                 [&](worker::AskShardStop const& e) { ports.master.perform(e); },
                 [&](worker::WakeAt const& e) { ports.timer.wake_at(e.timer, e.at); },
                 [&](worker::ReadStructure const& e) { ports.source.perform(e); },
                 [&](worker::OpenSnapshot const& e) { ports.source.perform(e); },
                 [&](worker::ReadSnapshot const& e) { ports.source.perform(e); },
                 [&](worker::ReadDifference const& e) { ports.source.perform(e); },
                 [&](worker::CloseSnapshot const& e) { ports.source.perform(e); },
                 [&](worker::ReadLog const& e) { ports.source.perform(e); },
                 [&](worker::ForgetReader const& e) { ports.source.perform(e); },
                 [&](worker::ReadTargetStructure const& e) { ports.target.perform(e); },
                 [&](worker::ApplyStep const& e) { ports.target.perform(e); },
                 [&](worker::ReadPosition const& e) { ports.target.perform(e); },
                 [&](worker::StorePositions const& e) { ports.target.perform(e); },
                 [&](worker::Beat const& e) { ports.target.perform(e); },
                 [&](worker::CompareTree const& e) { ports.target.perform(e); },
                 [&](worker::ApplyBatch const& e) { ports.target.perform(e); },
                 [&](worker::RemoveSurplus const& e) { ports.target.perform(e); },
                 [&](worker::ForgetCopy const& e) { ports.target.perform(e); },
                 [&](worker::Subscribe const& e) { ports.queue.perform(e); },
                 [&](worker::Unsubscribe const& e) { ports.queue.perform(e); },
                 [&](worker::Commit const& e) { ports.queue.perform(e); },
                 [&](worker::Publish const& e) { ports.queue.perform(e); },
                 [&](worker::DropChannel const& e) { ports.queue.perform(e); },
             },
             effect);
}

void perform(MasterPorts& ports, master::Effect const& effect) {
  std::visit(overloaded{
                 [&](master::ReadLease const& e) { ports.store.perform(e); },
                 [&](master::WriteLease const& e) { ports.store.perform(e); },
                 [&](master::AnnounceMaster const& e) { ports.store.perform(e); },
                 [&](master::LoadState const& e) { ports.store.perform(e); },
                 [&](master::ReadLandscape const& e) { ports.store.perform(e); },
                 [&](master::MakeWorkerCa const& e) { ports.certificates.perform(e); },
                 [&](master::WakeAt const& e) { ports.timer.wake_at(e.timer, e.at); },
                 [&](master::SendTask const& e) { ports.workers.perform(e); },
                 [&](master::RevokeTask const& e) { ports.workers.perform(e); },
                 [&](master::SetServerMode const& e) { ports.cluster.perform(e); },
                 [&](master::AskSource const& e) { ports.remote.perform(e); },
                 [&](master::AskLineage const& e) { ports.remote.perform(e); },
                 [&](master::AnnounceOutgoing const& e) { ports.remote.perform(e); },
                 [&](master::WithdrawOutgoing const& e) { ports.remote.perform(e); },
                 [&](master::RaiseBarrier const& e) { ports.remote.perform(e); },
                 [&](master::LowerBarrier const& e) { ports.remote.perform(e); },
                 [&](master::AnnounceShard const& e) { ports.remote.perform(e); },
                 [&](master::WithdrawShard const& e) { ports.remote.perform(e); },
                 [&](master::RenewRemoteToken const& e) { ports.remote.perform(e); },
                 [&](master::Reply const& e) { ports.callers.perform(e); },
             },
             effect);
}

}  // namespace arangosync::engine
