#include "app/sandbox/faults.h"

namespace arangosync::sandbox {

void Faults::set(Trouble trouble) {
  std::lock_guard guard(mutex_);
  trouble_ = std::move(trouble);
}

Trouble Faults::current() const {
  std::lock_guard guard(mutex_);
  return trouble_;
}

std::uint64_t Faults::struck() const {
  std::lock_guard guard(mutex_);
  return struck_;
}

unsigned Faults::draw() {  // splitmix64
  std::uint64_t mixed = random_ += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return static_cast<unsigned>((mixed ^ (mixed >> 31)) % 100);
}

Fate Faults::fate_of(Role role, std::string_view target) {
  std::lock_guard guard(mutex_);
  Fate fate;
  bool is_meant = trouble_.roles.empty() || trouble_.roles.contains(role);
  if (!is_meant || target.starts_with("/_sandbox/")) return fate;
  if (!trouble_.path.empty() && target.find(trouble_.path) == std::string_view::npos) return fate;
  fate.delay = trouble_.delay;
  fate.status = trouble_.status;
  fate.number = trouble_.number;
  if (draw() < trouble_.error_percent) {
    fate.kind = Fate::Kind::Fail;
  } else if (draw() < trouble_.drop_percent) {
    fate.kind = draw() < 50 ? Fate::Kind::DropBefore : Fate::Kind::DropAfter;
  }
  if (fate.kind != Fate::Kind::Perform) ++struck_;
  return fate;
}

}  // namespace arangosync::sandbox
