#include "adapters/sim/directory.h"

#include "domain/base/check.h"

#include <utility>

namespace arangosync::sim {

master::CallId SimCallers::expect(std::function<void(master::ReplyBody)> answer) {
  last_ = last_.next();
  waiting_.emplace(last_, std::move(answer));
  return last_;
}

void SimCallers::perform(master::Reply const& effect) {
  auto const found = waiting_.find(effect.call);
  if (found == waiting_.end()) return;  // answered before; the first answer counts
  auto answer = std::move(found->second);
  waiting_.erase(found);
  answer(effect.body);
}

NodeId Directory::node(Url const& endpoint) const {
  auto const found = nodes_.find(endpoint);
  DC_ASSERT(found != nodes_.end());
  return found->second;
}

void Directory::close(Url const& endpoint) {
  masters_.erase(endpoint);
  workers_.erase(endpoint);
}

MasterDoor const* Directory::master(Url const& endpoint) const {
  auto const found = masters_.find(endpoint);
  return found == masters_.end() ? nullptr : &found->second;
}

WorkerDoor const* Directory::worker(Url const& endpoint) const {
  auto const found = workers_.find(endpoint);
  return found == workers_.end() ? nullptr : &found->second;
}

}  // namespace arangosync::sim
