#include "adapters/cluster/copies.h"

#include "domain/base/check.h"

#include <utility>

namespace arangosync::cluster {

void Copies::brought(worker::CopyId id, std::vector<std::string> keys) {
  std::lock_guard lock(mutex_);
  auto& copy = copies_[id];
  if (copy.life != Life::Open) return;
  for (auto const& key : keys) copy.keys.insert(key);
}

void Copies::forget(worker::CopyId id) {
  std::lock_guard lock(mutex_);
  auto& copy = copies_[id];
  copy.keys = {};
  if (!copy.busy) copy.removal.reset();
  if (copy.life != Life::Open) return;
  copy.life = Life::Abandoned;
  note_ended(id);
}

void Copies::note_ended(worker::CopyId id) {
  ended_.push_back(id);
  if (ended_.size() <= ended_max) return;
  worker::CopyId const oldest = ended_.front();
  ended_.pop_front();
  // One whose removal is still under way is looked at again when its place comes round.
  if (copies_.at(oldest).busy) {
    ended_.push_back(oldest);
  } else {
    copies_.erase(oldest);
  }
}

std::size_t Copies::size() const {
  std::lock_guard lock(mutex_);
  return copies_.size();
}

bool Copies::is_alive(worker::CopyId id) const {
  std::lock_guard lock(mutex_);
  auto const found = copies_.find(id);
  return found != copies_.end() && found->second.life == Life::Open;
}

Copies::Begin Copies::begin_removal(worker::CopyId id, Removal*& removal) {
  std::lock_guard lock(mutex_);
  auto& copy = copies_[id];
  if (copy.life == Life::Over) return Begin::Over;
  if (copy.life == Life::Abandoned) return Begin::Abandoned;
  if (copy.busy) return Begin::Busy;
  copy.busy = true;
  if (!copy.removal) copy.removal = std::make_unique<Removal>();
  removal = copy.removal.get();
  return Begin::Go;
}

void Copies::leave(worker::CopyId id) {
  std::lock_guard lock(mutex_);
  auto& copy = copies_[id];
  DC_ASSERT(copy.busy);
  copy.busy = false;
  if (copy.life != Life::Open) copy.removal.reset();
}

void Copies::finish(worker::CopyId id) {
  std::lock_guard lock(mutex_);
  auto& copy = copies_[id];
  copy.busy = false;
  copy.keys = {};
  copy.removal.reset();
  if (copy.life != Life::Open) return;
  copy.life = Life::Over;
  note_ended(id);
}

std::vector<std::string> Copies::surplus(worker::CopyId id, std::vector<std::string> keys) const {
  std::lock_guard lock(mutex_);
  auto const found = copies_.find(id);
  if (found == copies_.end() || found->second.life != Life::Open) return {};
  auto const& brought_keys = found->second.keys;
  std::erase_if(keys, [&](std::string const& key) { return brought_keys.contains(key); });
  return keys;
}

}  // namespace arangosync::cluster
