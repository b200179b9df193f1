#include "domain/task/placement.h"

#include "domain/base/check.h"

#include <algorithm>
#include <set>
#include <utility>

namespace arangosync::task {

namespace {

constexpr int passes_max = 8;

/// What moves as one: a cohort, or a task of no cohort.
struct Unit {
  std::optional<ServerId> cohort;
  TaskId task;  ///< of a single one
  std::uint32_t size = 1;
  WorkerId at;  ///< where it is, and is meant to be; empty: nowhere
};

bool share_a_host(HostNames const& a, HostNames const& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](std::string const& name) { return std::find(b.begin(), b.end(), name) != b.end(); });
}

/// The workers on the host of a DB-Server; all of them if there is none.
std::vector<WorkerId> candidates(State const& state, ServerId const* server) {
  std::vector<WorkerId> local;
  std::vector<WorkerId> all;
  auto const host = server == nullptr ? state.landscape.hosts.end() : state.landscape.hosts.find(*server);
  for (auto const& [worker, names] : state.hosts) {
    all.push_back(worker);
    bool const is_local = host != state.landscape.hosts.end() && share_a_host(host->second, names);
    if (is_local) local.push_back(worker);
  }
  return local.empty() ? all : local;
}

ServerId const* leader_of(State const& state, Spec const& spec) {
  if (!spec.shard) return nullptr;
  auto const leader = state.landscape.leaders.find(*spec.shard);
  return leader == state.landscape.leaders.end() ? nullptr : &leader->second;
}

/// The first worker with the smallest share; one that is excluded only if there is no other.
class Best {
public:
  void consider(WorkerId const& worker, std::int64_t share, bool is_excluded) {
    bool const is_better = worker_ == nullptr || std::pair(is_excluded, share) < std::pair(is_excluded_, share_);
    if (!is_better) return;
    worker_ = &worker;
    share_ = share;
    is_excluded_ = is_excluded;
  }
  WorkerId const* worker() const { return worker_; }

private:
  WorkerId const* worker_ = nullptr;
  std::int64_t share_ = 0;
  bool is_excluded_ = false;
};

std::optional<WorkerId> smallest(std::map<WorkerId, std::uint32_t> const& share, std::vector<WorkerId> const& among) {
  std::optional<WorkerId> best;
  for (WorkerId const& worker : among) {
    if (!best || share.at(worker) < share.at(*best)) best = worker;
  }
  return best;
}

/// Where a cohort without a home has most of its tasks already: nearest to nothing having to move.
WorkerId majority(State const& state, Cohort const& cohort) {
  std::map<WorkerId, std::uint32_t> count;
  for (TaskId const& id : cohort.tasks) {
    Task const& task = state.tasks.at(id);
    if (has_worker(state, task)) ++count[task.assignment->worker];
  }
  WorkerId best;
  std::uint32_t most = 0;
  for (auto const& [worker, tasks] : count) {
    if (tasks > most) best = worker;
    most = std::max(most, tasks);
  }
  return best;
}

bool is_movable(State const& state, TaskId const& id) {
  return state.delivered.count(id) > 0 && state.moving.count(id) == 0 && !state.tasks.at(id).cancelled;
}

/// A new arrangement being worked out.
class Arrangement {
public:
  explicit Arrangement(State const& state) : state_(state) {
    for (auto const& [worker, tasks] : state.load) share_[worker] = 0;
  }

  void take_cohorts();
  void take_singles();
  void place_the_homeless();
  void even_out();
  Rearrangement result(std::size_t moves_max, std::function<bool(Task const&)> const& may_move) &&;

private:
  /// Units that may live on the same workers.
  struct Neighbourhood {
    std::vector<WorkerId> workers;
    std::map<WorkerId, std::multimap<std::uint32_t, std::size_t>> movable;  ///< by size
  };

  std::size_t neighbourhood_of(ServerId const* server);
  void settle(std::size_t unit, WorkerId const& worker);
  void add(Unit unit, ServerId const* server, bool is_movable);
  bool even_out(Neighbourhood& among);
  bool move_one(Neighbourhood& among, WorkerId const& from, WorkerId const& to);

  State const& state_;
  std::map<WorkerId, std::uint32_t> share_;
  std::vector<Unit> units_;
  std::vector<std::pair<std::size_t, std::size_t>> homeless_;  ///< unit, neighbourhood
  std::map<std::optional<ServerId>, std::size_t> of_server_;
  std::map<std::vector<WorkerId>, std::size_t> of_workers_;
  std::vector<Neighbourhood> neighbourhoods_;
  std::set<std::size_t> moved_;  ///< units that are not where they were
  std::uint64_t steps_ = 0;
};

std::size_t Arrangement::neighbourhood_of(ServerId const* server) {
  std::optional<ServerId> const key = server == nullptr ? std::nullopt : std::optional(*server);
  auto const known = of_server_.find(key);
  if (known != of_server_.end()) return known->second;
  std::vector<WorkerId> workers = candidates(state_, server);
  auto const [entry, is_new] = of_workers_.try_emplace(workers, neighbourhoods_.size());
  if (is_new) neighbourhoods_.push_back(Neighbourhood{std::move(workers), {}});
  of_server_[key] = entry->second;
  return entry->second;
}

void Arrangement::settle(std::size_t unit, WorkerId const& worker) {
  units_[unit].at = worker;
  share_.at(worker) += units_[unit].size;
}

void Arrangement::add(Unit unit, ServerId const* server, bool is_movable) {
  ++steps_;
  std::size_t const index = units_.size();
  std::size_t const home = neighbourhood_of(server);
  Neighbourhood& among = neighbourhoods_[home];
  bool const fits = std::binary_search(among.workers.begin(), among.workers.end(), unit.at);
  WorkerId const at = unit.at;
  units_.push_back(std::move(unit));
  bool const stays = !at.value().empty() && (fits || !is_movable);
  if (!stays) {
    homeless_.emplace_back(index, home);
    return;
  }
  settle(index, at);
  if (is_movable) among.movable[at].emplace(units_[index].size, index);
}

void Arrangement::take_cohorts() {
  for (auto const& [server, cohort] : state_.cohorts) {
    if (cohort.tasks.empty()) continue;
    WorkerId const at = cohort.home ? *cohort.home : majority(state_, cohort);
    add(Unit{server, {}, static_cast<std::uint32_t>(cohort.tasks.size()), at}, &server, true);
  }
}

void Arrangement::take_singles() {
  for (auto const& [id, task] : state_.tasks) {
    if (!has_worker(state_, task) || cohort_of(state_, task.spec) != nullptr) continue;
    auto const moving = state_.moving.find(id);
    bool const is_on_the_way = moving != state_.moving.end() && state_.load.count(moving->second) > 0;
    WorkerId const at = is_on_the_way ? moving->second : task.assignment->worker;
    bool const can_move = is_movable(state_, id) && !is_inventory(task.spec.kind);
    add(Unit{std::nullopt, id, 1, at}, leader_of(state_, task.spec), can_move);
  }
}

void Arrangement::place_the_homeless() {
  // Large ones first: the small ones fill the gaps.
  std::stable_sort(homeless_.begin(), homeless_.end(),
                   [&](auto const& a, auto const& b) { return units_[a.first].size > units_[b.first].size; });
  for (auto const& [unit, home] : homeless_) {
    ++steps_;
    auto const worker = smallest(share_, neighbourhoods_[home].workers);
    if (!worker) return;
    moved_.insert(unit);
    settle(unit, *worker);
    neighbourhoods_[home].movable[*worker].emplace(units_[unit].size, unit);
  }
}

/// Moves the unit that evens the two out best, if any does.
bool Arrangement::move_one(Neighbourhood& among, WorkerId const& from, WorkerId const& to) {
  ++steps_;
  std::uint32_t const gap = share_.at(from) - share_.at(to);
  auto& here = among.movable[from];
  // The best is half the gap; a whole gap or more would only change places.
  auto best = here.upper_bound((gap + 1) / 2);
  if (best != here.begin()) --best;
  if (best == here.end() || best->first >= gap) return false;
  std::size_t const unit = best->second;
  here.erase(best);
  share_.at(from) -= units_[unit].size;
  settle(unit, to);
  among.movable[to].emplace(units_[unit].size, unit);
  moved_.insert(unit);
  return true;
}

bool Arrangement::even_out(Neighbourhood& among) {
  std::set<std::pair<std::uint32_t, WorkerId>> order;  // of shares, without those who can give nothing away
  for (WorkerId const& worker : among.workers) order.insert({share_.at(worker), worker});
  bool has_changed = false;
  while (order.size() > 1) {
    auto const [high, fullest] = *order.rbegin();
    auto const [low, emptiest] = *order.begin();
    if (high <= low + 1) break;
    order.erase(std::prev(order.end()));
    if (!move_one(among, fullest, emptiest)) continue;
    has_changed = true;
    order.erase(order.begin());
    order.insert({share_.at(fullest), fullest});
    order.insert({share_.at(emptiest), emptiest});
  }
  return has_changed;
}

void Arrangement::even_out() {
  // What one neighbourhood moves changes the shares of another that has workers in common with it.
  bool has_changed = true;
  for (int pass = 0; has_changed && pass < passes_max; ++pass) {
    has_changed = false;
    for (Neighbourhood& among : neighbourhoods_) has_changed = even_out(among) || has_changed;
  }
}

Rearrangement Arrangement::result(std::size_t moves_max, std::function<bool(Task const&)> const& may_move) && {
  Rearrangement result;
  std::vector<TaskMoveBegun> moves;
  auto const move = [&](TaskId const& id, WorkerId const& to) {
    bool const is_elsewhere = is_movable(state_, id) && state_.tasks.at(id).assignment->worker != to;
    if (is_elsewhere && (!may_move || may_move(state_.tasks.at(id)))) moves.push_back(TaskMoveBegun{id, to});
  };
  for (std::size_t index = 0; index < units_.size(); ++index) {
    Unit const& unit = units_[index];
    if (unit.at.value().empty()) continue;
    if (!unit.cohort) {
      if (moved_.count(index) > 0) move(unit.task, unit.at);
      continue;
    }
    Cohort const& cohort = state_.cohorts.at(*unit.cohort);
    if (cohort.home != unit.at) result.homes.push_back(CohortHomed{*unit.cohort, unit.at});
    for (TaskId const& id : cohort.tasks) move(id, unit.at);
  }
  result.is_complete = moves.size() <= moves_max;
  if (!result.is_complete) moves.resize(moves_max);
  result.moves = std::move(moves);
  result.steps = steps_;
  return result;
}

}  // namespace

namespace {

/// What a worker is meant to have beside the single tasks that it has: cohorts at home, and what is on its way.
std::map<WorkerId, std::int64_t> beside_singles(State const& state) {
  std::map<WorkerId, std::int64_t> more;
  for (auto const& [server, cohort] : state.cohorts) {
    if (cohort.home) more[*cohort.home] += static_cast<std::int64_t>(cohort.tasks.size());
  }
  for (auto const& [id, to] : state.moving) {
    Task const& task = state.tasks.at(id);
    bool const counts = cohort_of(state, task.spec) == nullptr && state.load.count(to) > 0;
    if (!counts) continue;
    --more[task.assignment->worker];
    ++more[to];
  }
  return more;
}

}  // namespace

std::map<WorkerId, std::uint32_t> shares(State const& state) {
  std::map<WorkerId, std::uint32_t> share = state.singles;
  for (auto const& [worker, more] : beside_singles(state)) {
    share.at(worker) = static_cast<std::uint32_t>(share.at(worker) + more);
  }
  return share;
}

std::optional<Place> place_for(State const& state, Spec const& spec, std::optional<WorkerId> const& except) {
  ServerId const* const cohort = cohort_of(state, spec);
  if (cohort != nullptr) {
    auto const known = state.cohorts.find(*cohort);
    bool const has_home = known != state.cohorts.end() && known->second.home;
    if (has_home) return Place{*known->second.home, std::nullopt};
  }
  ServerId const* const server = leader_of(state, spec);
  auto const host = server == nullptr ? state.landscape.hosts.end() : state.landscape.hosts.find(*server);
  std::map<WorkerId, std::int64_t> const more = beside_singles(state);
  Best local;
  Best any;
  // The three are in the same order: one walk, however many workers there are.
  auto single = state.singles.begin();
  auto extra = more.begin();
  for (auto const& [worker, names] : state.hosts) {
    std::int64_t share = (single++)->second;
    if (extra != more.end() && extra->first == worker) share += (extra++)->second;
    bool const is_excluded = except && worker == *except;
    bool const is_local = host != state.landscape.hosts.end() && share_a_host(host->second, names);
    if (is_local) local.consider(worker, share, is_excluded);
    any.consider(worker, share, is_excluded);
  }
  WorkerId const* const best = local.worker() != nullptr ? local.worker() : any.worker();
  if (best == nullptr) return std::nullopt;
  return Place{*best, cohort == nullptr ? std::nullopt : std::optional(*cohort)};
}

std::optional<WorkerId> away_from_home(State const& state, Task const& task) {
  ServerId const* const server = cohort_of(state, task.spec);
  if (server == nullptr || !has_worker(state, task)) return std::nullopt;
  auto const cohort = state.cohorts.find(*server);
  DC_ASSERT(cohort != state.cohorts.end());
  if (!cohort->second.home || *cohort->second.home == task.assignment->worker) return std::nullopt;
  return cohort->second.home;
}

Rearrangement rearranged(State const& state, std::size_t moves_max, std::function<bool(Task const&)> const& may_move) {
  if (state.load.empty()) return {};
  Arrangement arrangement(state);
  arrangement.take_singles();
  arrangement.take_cohorts();
  arrangement.place_the_homeless();
  arrangement.even_out();
  return std::move(arrangement).result(moves_max, may_move);
}

}  // namespace arangosync::task
