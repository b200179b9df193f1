#include "app/master/errand_troubles.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace arangosync::app {

namespace {

using master::Errand;
using master::ErrandKind;
using master::Office;
using master::Want;

constexpr std::uint32_t failures_min = 8;

/// The attempt at it, if it fails again and again.
master::Attempt const* failing(Office const& office, Errand const& errand) {
  auto const open = office.errands.open.find(errand);
  bool const fails = open != office.errands.open.end() && open->second.failures >= failures_min;
  return fails ? &open->second : nullptr;
}

std::optional<std::string> about_task(Errand const& errand, bool is_undone, Office const& office) {
  task::Task const* const task = task::find(office.tasks, errand.task);
  if (task == nullptr || !task->assignment) return std::nullopt;
  auto const member = office.members.find(task->assignment->worker);
  if (member == office.members.end()) return std::nullopt;
  membership::WorkerRecord const& record = member->second.record;
  return std::string(is_undone ? "take tasks back from" : "give tasks to") + " the worker " + record.id.value() +
         " at " + record.endpoint.value();
}

/// What an errand is for, as "could not …" goes on; absent where another line tells.
std::optional<std::string> purpose_of(Errand const& errand, Want want, Office const& office) {
  bool const is_undone = want == Want::Undo;
  switch (errand.kind) {
    case ErrandKind::Task:
      return about_task(errand, is_undone, office);
    case ErrandKind::AskSource:
      return "ask the source who it is";
    case ErrandKind::ServerMode:
      return is_undone ? "make the cluster writable" : "make the cluster read-only";
    case ErrandKind::Outgoing:
      return is_undone ? "tell the source that this datacenter is no longer its target"
                       : "tell the source that this datacenter is its target";
    case ErrandKind::Barrier:
      return is_undone ? "tell the source that its barrier is over" : "have the source held read-only";
    case ErrandKind::Lineage:
      return "ask the source whom it receives from";
    case ErrandKind::Shard:
      return is_undone ? "tell the source of shards that end" : "tell the source of shards that begin";
    case ErrandKind::RenewToken:
      return errand.partner ? "renew the queue token of the target " + errand.partner->value()
                            : std::string("renew the queue token of the source");
    case ErrandKind::LoadState:
    case ErrandKind::MakeWorkerCa:
    case ErrandKind::Survey:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ErrandTroubles::Line> ErrandTroubles::look(master::ErrandEvent const& event, Office const& office) {
  if (auto const* one = std::get_if<master::ErrandFailed>(&event)) return failed(*one, office);
  if (auto const* one = std::get_if<master::ErrandAnswered>(&event)) return answered(*one, office);
  return std::nullopt;
}

std::optional<ErrandTroubles::Line> ErrandTroubles::failed(master::ErrandFailed const& event, Office const& office) {
  master::Attempt const* const attempt = failing(office, event.errand);
  if (attempt == nullptr) return std::nullopt;
  auto const purpose = purpose_of(event.errand, attempt->want, office);
  if (!purpose) return std::nullopt;
  // What was dropped since (its synchronization stopped, its worker gone) was never answered; what was begun anew since
  // counts from one again.
  bool const is_first = attempt->failures == failures_min;
  std::erase_if(told_, [&](auto const& told) {
    return failing(office, told.second) == nullptr || (is_first && told.second == event.errand);
  });
  bool const is_news = told_.try_emplace(*purpose, event.errand).second;
  if (!is_news) return std::nullopt;
  return Line{false, event.errand.kind, "could not " + *purpose + ": " + event.message};
}

std::optional<ErrandTroubles::Line> ErrandTroubles::answered(master::ErrandAnswered const& event,
                                                             Office const& office) {
  auto const told =
      std::find_if(told_.begin(), told_.end(), [&](auto const& one) { return one.second == event.errand; });
  if (told == told_.end()) return std::nullopt;
  for (auto const& [errand, attempt] : office.errands.open) {
    bool const is_alike = attempt.failures >= failures_min && purpose_of(errand, attempt.want, office) == told->first;
    if (!is_alike) continue;
    told->second = errand;  // others of the same purpose fail on
    return std::nullopt;
  }
  Line line{true, event.errand.kind, "could " + told->first + " again"};
  told_.erase(told);
  return line;
}

}  // namespace arangosync::app
