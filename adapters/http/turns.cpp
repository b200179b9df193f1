#include "adapters/http/turns.h"

#include "domain/base/check.h"

#include <algorithm>

namespace arangosync::http {

bool Turns::take(Endpoint const& endpoint) {
  Line& line = lines_[endpoint];
  if (line.turns >= per_endpoint_max_) return false;
  ++line.turns;
  return true;
}

void Turns::wait(Waiting waiting) {
  Line& line = lines_[waiting.call.endpoint];
  line.waiting.push_back(std::move(waiting));
}

std::optional<Turns::Waiting> Turns::end(Endpoint const& endpoint) {
  auto const entry = lines_.find(endpoint);
  DC_ASSERT(entry != lines_.end() && entry->second.turns > 0);
  Line& line = entry->second;
  if (line.waiting.empty()) {
    if (--line.turns == 0) lines_.erase(entry);
    return std::nullopt;
  }
  Waiting next = std::move(line.waiting.front());
  line.waiting.pop_front();
  return next;
}

std::vector<Turns::Waiting> Turns::take_expired(TimePoint now) {
  std::vector<Waiting> expired;
  for (auto& [endpoint, line] : lines_) {
    auto const kept = std::stable_partition(line.waiting.begin(), line.waiting.end(),
                                            [&](Waiting const& waiting) { return waiting.expires > now; });
    std::move(kept, line.waiting.end(), std::back_inserter(expired));
    line.waiting.erase(kept, line.waiting.end());
  }
  return expired;
}

std::vector<Turns::Waiting> Turns::take_all() {
  std::vector<Waiting> all;
  for (auto& [endpoint, line] : lines_) {
    std::move(line.waiting.begin(), line.waiting.end(), std::back_inserter(all));
    line.waiting.clear();
  }
  return all;
}

std::optional<Turns::TimePoint> Turns::next_expiry() const {
  std::optional<TimePoint> first;
  for (auto const& [endpoint, line] : lines_) {
    for (Waiting const& waiting : line.waiting) {
      if (!first || waiting.expires < *first) first = waiting.expires;
    }
  }
  return first;
}

}  // namespace arangosync::http
