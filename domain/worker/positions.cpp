// The positions of all shards that this worker receives, stored together: a position follows the data it covers, and
// the queue is committed and the sender acknowledged only after it. They are stored only while the target is known to
// be as we left it (pulse.h), under the stamp of that beat.
#include "domain/base/limits.h"
#include "domain/worker/desk.h"

#include <algorithm>

namespace arangosync::worker {

namespace {

constexpr std::size_t entries_max = 1000;

void arm(Desk& desk, Instant at) {
  at = not_at_once(desk, at);
  auto const& armed = desk.state.positions->armed;
  if (!armed || at < *armed) desk.emit(PositionEvent{FlushArmed{at}});
}

}  // namespace

void settle_position(Desk& desk, TaskId const& task) {
  if (!desk.receiver(task)->unstored) return;
  for (FlushEntry const& entry : desk.state.positions->under_way) {
    if (entry.task == task && entry.unstored == *desk.receiver(task)->unstored) return;
  }
  if (!desk.state.positions->dirty.contains(task)) desk.emit(PositionEvent{PositionDirty{task}});
  flush_positions(desk);
}

void flush_positions(Desk& desk) {
  Positions const& positions = *desk.state.positions;
  if (positions.request || positions.dirty.empty() || !desk.moment.may_write()) return;
  if (desk.moment.at < positions.flush_not_before) return arm(desk, positions.flush_not_before);
  pulse::State const& pulse = desk.state.pulse;
  if (!pulse::is_fresh(pulse, desk.moment.at)) return beat(desk);  // it comes back here
  // What lands later would stand, with a good stamp, in a backup that was brought back meanwhile.
  Instant const deadline = std::min(desk.moment.write_until, pulse::gap_from(pulse));
  FlushAsked flush{desk.moment.next_request(), {}, Stamp{pulse.id, pulse.beat}, deadline, desk.moment.at};
  positions.dirty.for_each_behind(positions.served, [&](TaskId const& task, bool) {
    if (flush.entries.size() >= entries_max) return;
    auto const& receiver = *desk.receiver(task);
    if (!receiver.unstored) return;
    ChannelName const& stream = desk.state.tasks.find(task)->spec->channels.data;
    flush.entries.push_back(FlushEntry{task, receiver.shard, *receiver.unstored, stream});
  });
  if (!flush.entries.empty()) desk.emit(PositionEvent{std::move(flush)});
}

void on_positions_stored(Desk& desk, PositionsStored const& command) {
  Positions const& positions = *desk.state.positions;
  if (positions.request != command.request) return;
  if (!command.outcome) {
    Instant const retry_at = desk.moment.at + shard::pause_after(positions.failures + 1, desk.moment.draw);
    desk.emit(PositionEvent{FlushFailed{retry_at}});
    arm(desk, retry_at);
    return;
  }
  std::vector<FlushEntry> const stored = positions.under_way;
  desk.emit(PositionEvent{Flushed{}});
  for (FlushEntry const& entry : stored) {
    auto const* receiver = desk.receiver(entry.task);
    if (receiver != nullptr) desk.tell(entry.task, shard::receiver::on_stored(*receiver, desk.moment, entry.unstored));
  }
  flush_positions(desk);
}

void on_positions_timer(Desk& desk) {
  if (!desk.state.positions->armed) return;
  desk.emit(PositionEvent{FlushWoken{}});
  flush_positions(desk);
}

}  // namespace arangosync::worker
