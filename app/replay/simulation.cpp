#include "app/replay/simulation.h"

#include "app/replay/violation.h"
#include "domain/master/view.h"
#include "domain/sync/barrier.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

constexpr Duration look_every = 5s;
constexpr std::uint64_t looks_per_sweep = 12;
// Once all is well it has to stay so.
constexpr Duration calm = 20s;
constexpr char const* asks_for_barrier = " still asks for a barrier";
constexpr Duration disturbance_max = 10s;  // a look every 5 s, and a call (docs/decisions/0029); a report every second

[[noreturn]] void throw_violation(char const* expression, char const* file, int line) {
  throw Violation(std::string("assertion failed: ") + expression + " at " + file + ":" + std::to_string(line));
}

std::string at(Instant instant) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(instant.since_start()).count()) + " ms";
}

std::uint64_t number(std::string const& text) {
  std::uint64_t value = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) throw std::invalid_argument("no number: " + text);
  return value;
}

}  // namespace

ThrowingChecks::ThrowingChecks() : before_(set_check_handler(throw_violation)) {}
ThrowingChecks::~ThrowingChecks() { set_check_handler(before_); }

// ---- the world ----------------------------------------------------------------------------------------------------

Simulation::Simulation(Options const& options, std::ostream* trace, Recordings* recordings)
    : options_(options),
      world_(options.seed),
      trace_(world_, trace),
      network_(world_),
      checkers_(
          world_, [this] { return !nemesis_.has_set_clocks_wrong(); }, options.large_bytes),
      nemesis_(world_, network_, sites_, trace_, history_) {
  if (recordings != nullptr) trace_.record(*recordings);
  checkers_.is_awaited = [this](Site const& source) {
    return std::any_of(replications_.begin(), replications_.end(), [&](auto const& each) {
      return each->from == &source && operators_.at(each->to->datacenter())->is_stopping();
    });
  };
  build_site(sim::Datacenter::A);
  build_site(sim::Datacenter::B);
  if (options_.datacenters > 2) build_site(sim::Datacenter::C);
  replicate(*sites_[0], *sites_[1]);
  if (options_.datacenters > 2) replicate(*sites_[options_.chain > 0 ? 1 : 0], *sites_[2]);
  history_.record(*clusters_.front()->model);
  workload_ = std::make_unique<Workload>(world_, *clusters_.front()->model, options_);
  workload_->prepare();
  for (auto const& site : sites_) site->start_all();
  check_later();
}

Simulation::~Simulation() = default;

void Simulation::build_site(sim::Datacenter datacenter) {
  bool const is_source = datacenter == sim::Datacenter::A;
  clusters_.push_back(std::make_unique<sim::SimCluster>(
      world_, network_, datacenter, is_source ? options_.source_servers : options_.target_servers,
      (is_source ? options_.source_trees : options_.target_trees) > 0));
  clusters_.back()->log_is_closed = is_source && options_.source_log == 0;
  sites_.push_back(
      std::make_unique<Site>(world_, network_, directory_, *clusters_.back(), datacenter, trace_, checkers_, options_));
  checkers_.watch(*sites_.back());
  operators_[datacenter] = std::make_unique<Operators>(world_, network_, directory_, *sites_.back());
}

void Simulation::replicate(Site& from, Site& to) {
  auto made = std::make_unique<Replication>();
  made->from = &from;
  made->to = &to;
  bool const is_first_hand = from.datacenter() == sim::Datacenter::A;
  made->copy = std::make_unique<TrueCopy>(from.cluster(), to.cluster(), history_, is_first_hand);
  // While nobody leads, as the last leader left it.
  made->copy->follows = [&to, followed = std::map<ShardRef, ChannelName>()](ShardRef const& shard,
                                                                            ChannelName const& channel) mutable {
    MasterHost* const leader = to.leader();
    if (leader != nullptr && leader->state().office && leader->state().office->loaded) {
      sync::ShardEntry const* const entry = sync::find(leader->state().office->sync, std::nullopt, shard);
      bool const is_followed = entry != nullptr && entry->status != sync::Status::Cancelling;
      followed[shard] = is_followed ? entry->channels.data : ChannelName();
    }
    auto const known = followed.find(shard);
    return known != followed.end() && known->second == channel;
  };
  checkers_.watch(to, *made->copy);
  to.cluster().model->watch([copy = made->copy.get()](auto const&... change) { copy->written(change...); });
  operators_.at(to.datacenter())->on_in_sync = [this, &from, &to, copy = made->copy.get()] {
    checkers_.claimed_in_sync(*from.cluster().model, to, *copy);
  };
  replications_.push_back(std::move(made));
}

void Simulation::check_later() {
  world_.after(look_every, [this] {
    ++looks_ % looks_per_sweep == 0 ? checkers_.sweep() : checkers_.look();
    check_later();
  });
}

namespace {

std::set<std::string> shards_of(sim::ClusterModel const& cluster) {
  std::set<std::string> names;
  for (auto const& [name, database] : cluster.databases()) {
    for (auto const& [collection_name, collection] : database.collections) {
      for (auto const& shard : collection->shards) names.insert(shard.name);
    }
  }
  return names;
}

}  // namespace

// ---- commands -----------------------------------------------------------------------------------------------------

void Simulation::perform(std::string_view command) {
  trace_.note("script", "command", std::string(command));
  auto const words = words_of(command);
  bool const is_restore = words.size() == 2 && words.front() == "restore";
  std::set<std::string> const had = is_restore ? shards_of(*site(words[1]).cluster().model) : std::set<std::string>();
  if (!perform_own(words) && !nemesis_.perform(words)) {
    throw std::invalid_argument("no such command: " + std::string(command));
  }
  if (is_restore) restored(site(words[1]), had);
}

/// Who knows what was there learns that it is as it was at an earlier moment. `had`: its shards a moment ago.
void Simulation::restored(Site& where, std::set<std::string> const& had) {
  if (!where.cluster().has_backup()) return;
  bool const is_first = where.datacenter() == sim::Datacenter::A;
  if (is_first) history_.restored(*where.cluster().model);
  for (auto const& replication : replications_) {
    if (replication->to == &where) replication->copy->set_back();
    if (replication->from == &where) replication->copy->source_set_back(had);
  }
  if (is_first) workload_->look_around();
}

bool Simulation::perform_own(std::vector<std::string> const& words) {
  std::string const verb = words.empty() ? std::string() : words.front();
  std::string const argument = words.size() == 2 ? words.back() : std::string();
  if (perform_of_operators(words)) return true;
  if (verb == "write" && words.size() == 2) {
    workload_->run(now() + parse_duration(argument));
  } else if (verb == "change" && words.size() == 1) {
    workload_->change_structure();
  } else if (verb == "links" && argument == "bad") {
    network_.set_faults(options_.inside, options_.between);
  } else if (verb == "links" && argument == "good") {
    network_.set_faults({}, {});
  } else if (verb == "advance" && words.size() == 2) {
    pass_until(now() + parse_duration(argument));
  } else if (verb == "heal" && words.size() == 1) {
    nemesis_.heal();
  } else if (verb == "check" && words.size() == 1) {
    checkers_.sweep();
  } else if (verb == "settle" && words.size() == 1) {
    settle();
  } else {
    return false;
  }
  return true;
}

bool Simulation::perform_of_operators(std::vector<std::string> const& words) {
  std::string const verb = words.empty() ? std::string() : words.front();
  if (verb == "configure" && words.size() == 1) {
    configure();
  } else if (verb == "stop" && (words.size() == 2 || words.size() == 3)) {
    std::string const how = words.size() == 3 ? words.back() : std::string();
    if (how != "" && how != "now" && how != "force") return false;
    operators(words[1]).stop(how.empty()      ? Operators::Stop::InSync
                             : how == "force" ? Operators::Stop::Force
                                              : Operators::Stop::Now);
  } else if (verb == "leave" && words.size() == 2) {
    operators(words[1]).lose_tool();
  } else if (verb == "circle" && words.size() == 3) {
    expect_failures();
    operators(words[1]).ask_to_receive(site(words[2]));
  } else if (verb == "itself" && words.size() == 3) {
    expect_failures();
    operators(words[1]).ask_to_receive_from_itself(number(words[2]));
  } else if (verb == "clone-token" && words.size() == 3) {
    operators(words[1]).clone_token(number(words[2]));
  } else if (verb == "reset" && words.size() == 3) {
    operators(words[1]).reset_shard(number(words[2]));
  } else if (verb == "message-timeout" && words.size() == 3) {
    operators(words[1]).set_message_timeout(parse_duration(words[2]));
  } else {
    return false;
  }
  return true;
}

void Simulation::expect_failures() {
  for (auto const& [datacenter, people] : operators_) people->may_fail = true;
}

Operators& Simulation::operators(std::string const& where) { return *operators_.at(site(where).datacenter()); }

void Simulation::pass_until(Instant until) {
  while (world_.step(until)) {
  }
}

void Simulation::configure() {
  for (auto const& replication : replications_) {
    Operators& people = *operators_.at(replication->to->datacenter());
    if (people.wanted_source() == nullptr) people.want(*replication->from, *sites_.front());
  }
}

void Simulation::settle() {
  nemesis_.heal();
  configure();
  workload_->run(now());
  Instant const healed = now();
  Instant const latest = healed + options_.convergence_max;
  while (auto const why = why_not_converged()) {
    if (now() >= latest) throw Violation("not converged: " + *why);
    pass_until(now() + 500ms);
  }
  converged_after_ = now() - healed;
  checkers_.sweep();
  pass_until(now() + calm);
  stays_converged();
}

/// A call for a mode, a report or an order that has hung since before the healing may land just now (seed 4345); so may
/// one that begins a barrier, which nobody awaits then: it ends after a while (docs/decisions/0011; seed 47771).
void Simulation::stays_converged() {
  Instant const barrier_end = now() + sync::pace::barrier_interest + disturbance_max;
  Instant patience = now() + disturbance_max;
  while (auto const why = why_not_converged()) {
    for (auto const& replication : replications_) {
      if (auto const difference = replication->copy->difference())
        throw Violation("not equal any more: " + *difference);
    }
    if (why->ends_with(asks_for_barrier) && now() < barrier_end) patience = now() + disturbance_max;
    if (now() >= patience) throw Violation("converged, and then not: " + *why);
    pass_until(now() + 500ms);
  }
}

// ---- what is seen -------------------------------------------------------------------------------------------------

std::optional<std::string> Simulation::why_not_converged() {
  for (auto const& replication : replications_) {
    std::string const target = name_of(replication->to->datacenter());
    // What they began before all was healed: the source would be read-only again a moment later.
    if (operators(target).is_busy()) return target + "'s operators wait for an answer";
    if (auto why = why_not_running(*replication)) return why;
    if (auto difference = replication->copy->difference()) return difference;
  }
  if (auto why = why_wrong_mode(); !why.empty()) return why;
  return std::nullopt;
}

std::string Simulation::why_wrong_mode() const {
  for (auto const& replication : replications_) {
    std::string const target = name_of(replication->to->datacenter());
    if (!replication->to->cluster().model->is_read_only()) return target + " receives, and is writable";
  }
  return clusters_.front()->model->is_read_only() ? "A is still read-only" : "";
}

namespace {

std::size_t replicated_shards(inventory::Structure const& structure) {
  std::size_t shards = 0;
  for (auto const& [name, database] : structure.databases) {
    for (auto const& [collection_name, collection] : database.collections) {
      if (inventory::is_replicated(collection)) shards += collection.shards.size();
    }
  }
  return shards;
}

std::string those_that_do_not_run(std::vector<master::ShardView> const& shards) {
  std::string names;
  for (auto const& [shard, report, in_sync] : shards) {
    if (report.status == sync::Status::Running) continue;
    names += " " + to_string(shard) + "=" + std::string(to_string(report.status)) + " " + report.message;
  }
  return names;
}

}  // namespace

std::optional<std::string> Simulation::why_not_running(Replication& replication) {
  std::string const target = name_of(replication.to->datacenter());
  std::string const source = name_of(replication.from->datacenter());
  auto const incoming = status_of(*replication.to);
  auto const outgoing = status_of(*replication.from);
  if (!incoming) return "nobody leads in " + target;
  if (!outgoing) return "nobody leads in " + source;
  std::string const waiting = those_that_do_not_run(incoming->shards);
  if (incoming->status != sync::Status::Running || !waiting.empty()) {
    return target + " says " + std::string(to_string(incoming->status)) + " " + incoming->message + waiting;
  }
  // That nobody waits for any more: it is given up after a while, and may hold the source until then.
  if (incoming->barrier) return target + asks_for_barrier;
  std::size_t wanted = 0;
  for (auto const& each : replications_) wanted += each->from == replication.from ? 1 : 0;
  if (outgoing->outgoing.size() != wanted) {
    return source + " knows of " + std::to_string(outgoing->outgoing.size()) + " targets";
  }
  for (auto const& one : outgoing->outgoing) {
    std::string const idle = those_that_do_not_run(one.shards);
    if (one.status == sync::Status::Running && idle.empty()) continue;
    return source + " says " + std::string(to_string(one.status)) + " " + one.message + idle;
  }
  std::size_t const there = replicated_shards(sim::structure_of(replication.from->cluster()));
  if (incoming->shards.size() != there) {
    return target + " receives " + std::to_string(incoming->shards.size()) + " of " + std::to_string(there) + " shards";
  }
  if (wanted == 1 && outgoing->outgoing.front().shards.size() != incoming->shards.size()) {
    return source + " sends other shards than " + target + " receives";
  }
  return std::nullopt;
}

std::string Simulation::shown() {
  std::string text;
  for (auto const& site : sites_) {
    auto const status = status_of(*site);
    text += std::string(name_of(site->datacenter())) + (status ? " is led" : " has no leader");
    if (status) {
      if (status->status != sync::Status::Inactive) text += ", receives: " + std::string(to_string(status->status));
      for (auto const& one : status->outgoing) text += ", sends: " + std::string(to_string(one.status));
    }
    bool const is_target = operators_.at(site->datacenter())->wanted_source() != nullptr;
    if (!is_target && site->cluster().model->is_read_only()) text += ", is read-only";
    text += '\n';
  }
  for (auto const& replication : replications_) {
    text += std::string(name_of(replication->to->datacenter())) +
            (replication->copy->difference() ? " differs from " : " equals ") +
            name_of(replication->from->datacenter()) + '\n';
  }
  return text;
}

// ---- a whole run --------------------------------------------------------------------------------------------------

void play(Simulation& simulation, Story const& story) {
  for (Line const& line : story.script) {
    simulation.pass_until(Instant(line.at));
    simulation.perform(line.command);
  }
  simulation.pass_until(Instant(story.length));
  simulation.perform("settle");
}

Verdict run(Story const& story, std::ostream* trace, Recordings* recordings, Comparing comparing) {
  ThrowingChecks const checks;
  Verdict verdict;
  Simulation simulation(story.options, trace, recordings);
  if (comparing == Comparing::None) simulation.trace().leave_unhashed();
  try {
    play(simulation, story);
  } catch (std::exception const& broken) {
    verdict.failure = "at " + at(simulation.now()) + ": " + broken.what();
    verdict.failed_at = simulation.now();
    simulation.trace().note("checker", "violation", *verdict.failure);
  }
  verdict.hash = simulation.trace().hash();
  verdict.entries = simulation.trace().entries();
  verdict.writes = simulation.writes();
  verdict.simulated = simulation.now().since_start();
  verdict.converged_after = simulation.converged_after();
  return verdict;
}

Timed run_seed(std::uint64_t seed, std::ostream* trace, Recordings* recordings, Comparing comparing) {
  std::clock_t const began = std::clock();
  Timed timed;
  timed.verdict = run(draw_story(seed), trace, recordings, comparing);
  timed.seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  return timed;
}

}  // namespace arangosync::replay
