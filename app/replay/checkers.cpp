#include "app/replay/checkers.h"

#include "app/replay/violation.h"
#include "domain/master/delay.h"
#include "domain/worker/view.h"

#include <chrono>
#include <set>
#include <variant>

namespace arangosync::replay {

using namespace std::chrono_literals;

namespace {

// A source for whose barrier nobody waits any more must be writable again by then, whatever goes wrong meanwhile: the
// target gives the barrier up, and if it cannot say so, its source does. What is cut or silent meanwhile costs the
// rest.
constexpr Duration read_only_max = sync::pace::barrier_interest + sync::pace::barrier_lease + 150s;
// What operators are shown as a shard's delay may be better than the truth by so much: heartbeats and reports take
// time.
constexpr Duration delay_is_stale_max = 10s;
// A receiver takes what the sender's window lets through, and a window of an epoch that has just ended.
constexpr std::size_t receiver_bytes_max = 2 * limits::window_bytes + limits::message_bytes_max;

/// Of all that the leader's claim to be in sync rests on, what is of the earliest moment of the source.
WallTime oldest_claim(MasterHost& leader) {
  WallTime oldest = leader.state().office->sync.inventory.equal_at;
  auto const status = master::status(leader.state(), master::Details::Full);
  if (!status) return oldest;
  for (auto const& shard : status->shards) oldest = std::min(oldest, shard.report.caught_up);
  return oldest;
}

}  // namespace

void Checkers::watch(Site& site) {
  Watched& watched = watched_[site.datacenter()];
  watched.site = &site;
  site.cluster().on_apply = [this, datacenter = site.datacenter()](sim::Process const& by, ShardRef const& shard) {
    // What a dead one had sent may land for a while: nobody takes anything over by that.
    if (by.is_alive()) applied(datacenter, by.name(), shard);
  };
}

void Checkers::watch(Site& target, TrueCopy& copy) {
  watched(target.datacenter()).copy = &copy;
  target.cluster().on_position_read = [&copy](sim::Process const& by, ShardRef const& shard) {
    copy.position_read(shard, by.world().now());
  };
  target.cluster().on_position = [&copy](sim::Process const& by, ShardRef const& shard,
                                         shard::Position const& position) {
    if (by.is_alive()) {
      copy.positioned(shard, position);
    } else {
      copy.positioned_late(shard, position, by.died_at());
    }
  };
}

// ---- while it happens ---------------------------------------------------------------------------------------------

void Checkers::saved(sim::Datacenter datacenter, std::string const& master, Term term, std::uint64_t first_sequence,
                     std::uint64_t events) {
  Watched& here = watched(datacenter);
  auto const [known, is_new] = here.leaders.try_emplace(term, master);
  if (known->second != master) {
    throw Violation("two masters saved in term " + std::to_string(term.value()) + ": " + known->second + " and " +
                    master);
  }
  // A master hears of its save later than it happened: minutes later, if it was paused (seed 296). The order of saves
  // is the journal's.
  std::uint64_t const last_sequence = first_sequence + events - 1;
  auto const next = here.saves.upper_bound(last_sequence);
  if (next != here.saves.end() && next->second.term < term) {
    throw Violation("an earlier term saved after " + master + " had saved in term " + std::to_string(term.value()));
  }
  if (next != here.saves.begin()) {
    Save const& before = std::prev(next)->second;
    if (before.last_sequence >= first_sequence) {
      throw Violation(master + " saved journal entry " + std::to_string(first_sequence) + " a second time");
    }
    if (before.term > term) {
      throw Violation(master + " saved in term " + std::to_string(term.value()) + " after a later term had saved");
    }
  }
  here.saves.emplace(first_sequence, Save{last_sequence, term});
}

void Checkers::obeyed(sim::Datacenter datacenter, std::string const& master, std::uint64_t sequence,
                      std::vector<Obeyed> const& orders) {
  for (auto const& [target, order] : orders) {
    // As above: of two it is the journal that tells which came first (seed 54359).
    auto& in_journal = watched(datacenter).obeyed[target];
    auto const [here, is_first] = in_journal.try_emplace(sequence, order);
    bool is_older = here != in_journal.begin() && order < std::prev(here)->second;
    if (!is_first) is_older = is_older || order < std::exchange(here->second, order);
    auto const next = std::next(here);
    if (is_older || (next != in_journal.end() && next->second < order)) {
      throw Violation(master + " obeys an order of " + target.value() + " that is not its newest");
    }
  }
}

void Checkers::task_started(sim::Datacenter datacenter, sim::Process const& by, bool may_write, TaskId const& task,
                            task::Spec const& spec) {
  Watched& here = watched(datacenter);
  if (spec.kind == task::Kind::ReceiveShard && spec.shard) here.started[{by.name(), *spec.shard}] = world_.now();
  // One that wakes from a long sleep finds old orders on its socket; it may not act on them (simulation seed 19).
  for (std::size_t i = 0; may_write && i < here.site->workers(); ++i) {
    WorkerHost* const other = here.site->worker(i);
    if (other == nullptr || !other->process().is_alive() || &other->process() == &by) continue;
    if (!worker::is_registered(other->state(), other->process().now())) continue;
    if (!worker::has_task(other->state(), task, WorkerId())) continue;
    throw Violation(by.name() + " starts task " + task.value() + " (" + std::string(to_string(spec.kind)) +
                    "), which " + other->process().name() + " still runs");
  }
}

void Checkers::applied(sim::Datacenter datacenter, std::string const& worker, ShardRef const& shard) {
  Watched& here = watched(datacenter);
  if (here.copy == nullptr) {
    throw Violation(worker + " writes " + to_string(shard) + " of a datacenter that receives from nobody");
  }
  auto& last = here.last_applied[shard];
  Instant const started = here.started[{worker, shard}];
  for (auto const& [other, at] : last) {
    if (other != worker && at > started) {
      throw Violation(worker + " still writes " + to_string(shard) + ", which " + other + " has taken over");
    }
  }
  last[worker] = world_.now();
}

void Checkers::claimed_in_sync(sim::ClusterModel const& source, Site& target, TrueCopy const& copy) const {
  if (!source.is_read_only()) throw Violation("all is said to be in sync, but the source is writable");
  MasterHost* const leader = target.leader();
  if (copy.is_disturbed(leader != nullptr && clocks_agree_() ? oldest_claim(*leader) : WallTime{})) return;
  if (auto const difference = copy.difference()) throw Violation("all is said to be in sync, but " + *difference);
}

// ---- every few seconds --------------------------------------------------------------------------------------------

void Checkers::look() {
  for (auto& [datacenter, here] : watched_) {
    check_memory(*here.site);
    check_read_only(here);
    MasterHost* const leader = here.site->leader();
    // One that is stopped tells nobody anything, and begins with what it slept through.
    if (leader == nullptr || leader->process().is_paused()) continue;
    check_tokens(*leader);
    if (here.copy == nullptr || !clocks_agree_()) continue;
    check_in_sync(*leader, *here.copy);
    check_delays(*leader, *here.copy);
  }
}

void Checkers::sweep() {
  look();
  for (auto& [datacenter, here] : watched_) {
    if (here.copy != nullptr) here.copy->sweep();
  }
}

void Checkers::check_tokens(MasterHost& leader) const {
  master::State const& state = leader.state();
  WallTime const now = leader.process().wall_now();
  for (auto const& [token, entry] : state.office->tokens) {
    if (!master::token_valid(state, token, now)) continue;
    for (auto at = entry.parent; at; at = state.office->tokens.at(*at).parent) {
      auto const parent = state.office->tokens.find(*at);
      if (parent == state.office->tokens.end() || parent->second.expires_at <= now) {
        throw Violation(leader.process().name() + " lets a token in whose parent is dead");
      }
    }
  }
}

void Checkers::check_memory(Site& site) const {
  for (std::size_t i = 0; i < site.workers(); ++i) {
    WorkerHost* const host = site.worker(i);
    if (host == nullptr || !host->process().is_alive()) continue;
    worker::State const& state = host->state();
    std::string const& name = host->process().name();
    if (host->queue().bytes_held() > 2 * state.tasks.size() * 2 * limits::window_bytes + limits::window_bytes) {
      throw Violation(name + " holds " + std::to_string(host->queue().bytes_held()) + " bytes for its subscribers");
    }
    state.tasks.for_each([&](TaskId const&, worker::Task const& task) {
      auto const* const receiver = std::get_if<shard::receiver::State>(&task.machine);
      if (receiver == nullptr || receiver->queue_bytes <= receiver_bytes_max + large_bytes_) return;
      throw Violation(name + " holds " + std::to_string(receiver->queue_bytes) + " unapplied bytes of " +
                      to_string(receiver->shard));
    });
  }
}

void Checkers::check_in_sync(MasterHost& leader, TrueCopy const& copy) const {
  auto const status = master::status(leader.state(), master::Details::Full);
  if (!status) return;
  for (auto const& shard : status->shards) {
    if (!shard.in_sync || copy.is_disturbed(shard.report.caught_up)) continue;
    if (auto const difference = copy.difference(shard.shard)) {
      throw Violation(leader.process().name() + " claims in_sync, but " + *difference);
    }
  }
}

void Checkers::check_delays(MasterHost& leader, TrueCopy& copy) const {
  auto status = master::status(leader.state(), master::Details::Full);
  if (!status) return;
  WallTime const now = leader.process().wall_now();
  master::update_delays(*status, now);
  for (auto const& [shard, report, in_sync] : status->shards) {
    // While another worker takes the shard over, what the log brings again may be of before.
    bool const is_heard = !leader.state().office->sync.unheard.contains(shard);
    if (report.caught_up.is_zero() || report.unconfirmed || !is_heard) continue;
    copy.claimed(shard, report.caught_up);
    if (report.status == sync::Status::Running) copy.claimed(shard, now + -(report.delay + delay_is_stale_max));
  }
}

void Checkers::check_read_only(Watched& here) {
  if (here.copy != nullptr) return;  // a target is read-only while it is one
  MasterHost* const leader = here.site->leader();
  bool const is_led = leader != nullptr && !leader->process().is_paused();
  // A target's new leader does not know since when nobody has waited, and grants a whole period.
  std::size_t leaders = 0;
  for (auto const& [datacenter, watched] : watched_) leaders += watched.leaders.size();
  bool const is_new = leaders != here.leaders_then;
  here.leaders_then = leaders;
  bool const is_wanted = is_awaited && is_awaited(*here.site);
  if (!is_led || is_new || is_wanted || !here.site->cluster().model->is_read_only()) here.may_wait_since = world_.now();
  if (world_.now() - here.may_wait_since > read_only_max) {
    throw Violation(std::string(name_of(here.site->datacenter())) + " stays read-only, and nobody waits for it");
  }
}

}  // namespace arangosync::replay
