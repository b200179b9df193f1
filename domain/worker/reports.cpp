// What the worker tells its master about its shards: once a second, only what changed in a way that matters.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace arangosync::worker {

namespace {

using namespace std::chrono_literals;

constexpr Duration report_pause = 1s;
constexpr Duration last_message_age_max = 5s;
constexpr Duration no_news = limits::structure_poll + 1s;  // of delay
constexpr std::size_t entries_max = 500;
constexpr std::uint32_t rounds_until_all = 30;  // the leader of the masters keeps reports in its memory only

bool is_about_the_same(Duration before, Duration now) {
  // Within a tenth; one of the time between two looks at the source is no news at all.
  if (now < no_news && before < no_news) return true;
  Duration const tenth = before / 10;
  return now >= before - tenth && now <= before + tenth;
}

bool is_worth_reporting(sync::ShardReport const& before, sync::ShardReport const& now) {
  sync::ShardReport same = now;
  same.delay = before.delay;
  same.last_message = before.last_message;
  same.caught_up = before.caught_up;
  same.last_data_change = before.last_data_change;
  same.documents = before.documents;
  same.bytes = before.bytes;
  if (same != before || !is_about_the_same(before.delay, now.delay)) return true;
  if (now.caught_up.is_zero() != before.caught_up.is_zero()) return true;  // what is claimed begins or is taken back
  return now.last_message - before.last_message >= last_message_age_max;
}

/// A target that nobody has looked at for a while may have been set back meanwhile. What it had at that look, if there
/// was one, is told, so that its delay goes on growing, but nobody may count on it: a leader that has just come would,
/// though the target may be as it was long before (docs/decisions/0033, seed 88873).
sync::ShardReport of_known_target(Desk const& desk, sync::ShardReport report) {
  pulse::State const& pulse = desk.state.pulse;
  if (report.caught_up.is_zero() || desk.moment.knows_target) return report;
  DC_MARK("worker.report.of_unknown_target");
  bool const was_looked_at = pulse.beat > 0;
  report.unconfirmed = true;
  report.caught_up = was_looked_at ? std::min(report.caught_up, pulse.beaten_wall) : WallTime{};
  return report;
}

std::optional<sync::ShardReport> report_of(Desk const& desk, Task const& task) {
  return std::visit(overloaded{
                        [](inventory_sender::State const&) { return std::optional<sync::ShardReport>(); },
                        [](inventory_receiver::State const&) { return std::optional<sync::ShardReport>(); },
                        [&](shard::sender::State const& machine) {
                          sync::ShardReport report = shard::sender::report(machine);
                          auto const* reader = task.reader ? desk.state.readers.find(*task.reader) : nullptr;
                          if (report.message.empty() && reader != nullptr) report.message = reader->trouble;
                          bool const is_closed = reader != nullptr && reader->closed;
                          if (report.message.empty() && is_closed)
                            report.message = "its log cannot be read: compared in rounds";
                          auto const* route =
                              machine.place ? desk.state.reports->read_by.find(machine.place->leader) : nullptr;
                          if (route != nullptr) report.route = *route;
                          return std::optional(report);
                        },
                        [&](shard::receiver::State const& machine) {
                          return std::optional(of_known_target(desk, shard::receiver::report(machine)));
                        },
                    },
                    task.machine);
}

}  // namespace

void arm_reports(Desk& desk) {
  if (desk.state.reports->armed) return;
  desk.emit(ReportEvent{ReportArmed{desk.moment.at + report_pause}});
}

void report_all_again(Desk& desk) {
  if (desk.state.tasks.empty()) return;
  desk.emit(ReportEvent{ReportRefreshed{}});
  std::vector<TaskId> inventories;
  desk.state.tasks.for_each([&](TaskId const& id, Task const& task) {
    if (task.spec->kind == task::Kind::ReceiveInventory) inventories.push_back(id);
  });
  for (TaskId const& task : inventories) {
    auto const& inventory = *desk.machine<inventory_receiver::State>(task);
    desk.tell(task, inventory_receiver::on_new_leader(inventory, desk.moment));
  }
}

void on_reports_timer(Desk& desk) {
  if (!desk.state.reports->armed) return;
  desk.emit(ReportEvent{ReportWoken{}});
  if (desk.state.reports->rounds % rounds_until_all == 0) desk.emit(ReportEvent{ReportRefreshed{}});
  if (desk.state.tasks.empty()) return;
  arm_reports(desk);
  if (desk.state.reports->request) return;
  ReportAsked asked;
  ReportSkipped skipped;
  desk.state.reports->touched.for_each_behind(desk.state.reports->served, [&](TaskId const& id, bool) {
    Task const* const task = desk.state.tasks.find(id);
    if (task == nullptr || asked.entries.size() >= entries_max) return;
    auto const report = report_of(desk, *task);
    if (!report) return;
    sync::ShardReport const* const before = desk.state.reports->reported.find(id);
    if (before != nullptr && *before == *report) {
      skipped.tasks.push_back(id);
    } else if (before == nullptr || is_worth_reporting(*before, *report)) {
      bool const is_outgoing = task->spec->kind == task::Kind::SendShard;
      auto remote = is_outgoing ? std::optional(task->spec->target.value_or(ClusterId{})) : std::nullopt;
      asked.entries.emplace_back(id, sync::StatusEntry{std::move(remote), *task->spec->shard, *report, id});
    }
  });
  if (!skipped.tasks.empty()) desk.emit(ReportEvent{std::move(skipped)});
  if (asked.entries.empty()) return;
  asked.request = desk.moment.next_request();
  asked.worker = desk.state.registration.id.value_or(WorkerId{});
  asked.term = desk.state.registration.term;
  desk.emit(ReportEvent{std::move(asked)});
}

void see_route(Desk& desk, ServerId const& server, std::string const& route) {
  if (route.empty()) return;
  auto const* const before = desk.state.reports->read_by.find(server);
  if (before == nullptr || *before != route) desk.emit(ReportEvent{RouteSeen{server, route}});
}

void on_status_reported(Desk& desk, Reported const& command) {
  if (desk.state.reports->request != command.request) return;
  desk.emit(ReportEvent{ReportAnswered{command.outcome.has_value()}});
}

}  // namespace arangosync::worker
