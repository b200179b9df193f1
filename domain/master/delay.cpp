#include "domain/master/delay.h"

#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>

namespace arangosync::master {

namespace {

/// While nothing is written a shard is heard from, and reported, this often at least.
constexpr Duration news_take_max = std::chrono::seconds(10);
static_assert(news_take_max > 4 * limits::heartbeat);

}  // namespace

Duration delay_at(WallTime now, sync::ShardReport const& report) {
  if (report.caught_up.is_zero()) return report.delay;
  Duration const since = now - report.caught_up;
  return since > news_take_max ? std::max(report.delay, since) : report.delay;
}

void update_delays(StatusView& view, WallTime now) {
  for (ShardView& shard : view.shards) shard.report.delay = delay_at(now, shard.report);
}

}  // namespace arangosync::master
