#include "app/worker/worker_gauges.h"

#include "domain/master/delay.h"
#include "domain/worker/view.h"

#include <algorithm>
#include <chrono>

namespace arangosync::app {

void measure(ports::Telemetry& telemetry, worker::State const& state, Instant at, WallTime wall) {
  worker::View const seen = worker::view(state, at);
  Duration delay{0};
  for (worker::TaskView const& task : seen.tasks) {
    if (task.kind != task::Kind::ReceiveShard || !task.report) continue;
    delay = std::max(delay, master::delay_at(wall, *task.report));
  }
  telemetry.gauge("arangosync_worker_delay_seconds", {}, std::chrono::duration<double>(delay).count());
  telemetry.gauge("arangosync_worker_copies", {}, static_cast<double>(seen.copies));
  telemetry.gauge("arangosync_worker_copies_waiting", {}, static_cast<double>(seen.copies_waiting));
}

}  // namespace arangosync::app
