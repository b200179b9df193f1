#include "app/replay/simulation.h"

#include "domain/base/check.h"
#include "domain/master/view.h"

#include <chrono>
#include <ctime>
#include <sstream>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

constexpr Duration check_every = 5s;

/// A broken assertion ends the run as a broken promise does, instead of the process.
[[noreturn]] void throw_violation(char const* expression, char const* file, int line) {
  throw Violation(std::string("assertion failed: ") + expression + " at " + file + ":" + std::to_string(line));
}

class ThrowingChecks {
public:
  ThrowingChecks() : before_(set_check_handler(throw_violation)) {}
  ~ThrowingChecks() { set_check_handler(before_); }
  ThrowingChecks(ThrowingChecks const&) = delete;
  ThrowingChecks& operator=(ThrowingChecks const&) = delete;

private:
  CheckHandler before_;
};

std::string at(Instant instant) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(instant.since_start()).count()) + " ms";
}

}  // namespace

Simulation::Simulation(Options const& options, std::ostream* trace)
    : options_(options),
      world_(options.seed),
      trace_(world_, trace),
      network_(world_),
      source_cluster_(world_, network_, sim::Datacenter::Source, options.source_servers),
      target_cluster_(world_, network_, sim::Datacenter::Target, options.target_servers) {
  checkers_ = std::make_unique<Checkers>(world_, source_cluster_, target_cluster_, history_);
  source_ = std::make_unique<Site>(world_, network_, directory_, source_cluster_, sim::Datacenter::Source, trace_,
                                   *checkers_, options_);
  target_ = std::make_unique<Site>(world_, network_, directory_, target_cluster_, sim::Datacenter::Target, trace_,
                                   *checkers_, options_);
  workload_ = std::make_unique<Workload>(world_, *source_cluster_.model, history_, options_);
  nemesis_ = std::make_unique<Nemesis>(world_, network_, *source_, *target_, trace_, options_);
  operator_ =
      std::make_unique<sim::Process>(world_, network_.add_node(sim::Datacenter::Target, "operator"), "operator");
  operator_calls_ = std::make_unique<sim::MasterCaller>(*operator_, network_, directory_);
}

Simulation::~Simulation() = default;

void Simulation::start() {
  workload_->prepare();
  source_->start_all();
  target_->start_all();
  check_later();
}

void Simulation::check_later() {
  world_.after(check_every, [this] {
    checkers_->check_target();
    check_later();
  });
}

void Simulation::configure() { ask_to_configure(); }

void Simulation::ask_to_configure() {
  MasterHost const* const leader = target_->leader();
  if (leader != nullptr) {
    auto const view = master::status(leader->state(), master::Details::Short);
    if (!view || view->status != sync::Status::Inactive) return;
  }
  auto make = [sources = source_->master_endpoints()](master::CallId call) {
    sync::Authentication authentication;
    authentication.ca_certificate = "certificate";
    authentication.client_certificate = "certificate";
    authentication.client_key = "key";
    return master::Command{master::ConfigureSync{call, sources, authentication}};
  };
  // Whatever the answer is, or if there is none: look again after a while.
  operator_calls_->call(target_->master_endpoints(), make, [this](Outcome<sim::MasterAnswer> const&) {
    world_.after(3s, [this] { ask_to_configure(); });
  });
}

void Simulation::pass(Duration time) {
  Instant const until = world_.now() + time;
  while (world_.step(until)) {
  }
}

bool Simulation::pass_until(std::function<bool()> const& condition, Duration at_most) {
  Instant const until = world_.now() + at_most;
  while (!condition()) {
    if (world_.now() >= until) return false;
    pass(500ms);
  }
  return true;
}

std::optional<std::string> Simulation::why_not_converged() {
  MasterHost const* const target = target_->leader();
  MasterHost const* const source = source_->leader();
  if (target == nullptr) return "nobody leads at the target";
  if (source == nullptr) return "nobody leads at the source";
  auto const incoming_status = master::status(target->state(), master::Details::Full);
  auto const outgoing_status = master::status(source->state(), master::Details::Full);
  if (!incoming_status) return "nobody leads at the target";
  if (!outgoing_status) return "nobody leads at the source";
  master::StatusView const& incoming = *incoming_status;
  if (incoming.status != sync::Status::Running) {
    std::string shards;
    for (auto const& shard : incoming.shards) {
      if (shard.report.status == sync::Status::Running) continue;
      shards +=
          " " + to_string(shard.shard) + "=" + std::string(to_string(shard.report.status)) + " " + shard.report.message;
    }
    return "the target says " + std::string(to_string(incoming.status)) + " " + incoming.message + shards;
  }
  auto const& outgoing = outgoing_status->outgoing;
  if (outgoing.size() != 1) return "the source knows of " + std::to_string(outgoing.size()) + " targets";
  if (outgoing.front().status != sync::Status::Running) {
    return "the source says " + std::string(to_string(outgoing.front().status)) + " " + outgoing.front().message;
  }
  return checkers_->difference();
}

void Simulation::run_phases(Verdict& verdict) {
  start();
  Instant const end = world_.now() + options_.trouble;
  workload_->run(end);
  nemesis_->run(end);
  world_.after(5s, [this] { configure(); });
  pass(options_.trouble);
  nemesis_->heal();
  configure();
  Instant const healed = world_.now();
  if (!pass_until([this] { return is_converged(); }, options_.convergence_max)) {
    throw Violation("not converged: " + why_not_converged().value_or("just now"));
  }
  verdict.converged_after = world_.now() - healed;
  checkers_->check_target();
  // Nothing moves any more; that has to last.
  pass(20s);
  if (auto const why = why_not_converged()) throw Violation("converged, and then not: " + *why);
}

Verdict Simulation::run() {
  ThrowingChecks const checks;
  Verdict verdict;
  try {
    run_phases(verdict);
  } catch (std::exception const& broken) {
    verdict.failure = "at " + at(world_.now()) + ": " + broken.what();
    trace_.note("checker", "violation", *verdict.failure);
  }
  verdict.hash = trace_.hash();
  verdict.entries = trace_.entries();
  verdict.writes = workload_->writes();
  verdict.simulated = world_.now().since_start();
  return verdict;
}

Timed run_seed(std::uint64_t seed, std::ostream* trace, Recordings* recordings) {
  std::clock_t const began = std::clock();
  Timed timed;
  Simulation simulation(draw_options(seed), trace);
  if (recordings != nullptr) simulation.trace().record(*recordings);
  timed.verdict = simulation.run();
  timed.seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  return timed;
}

}  // namespace arangosync::replay
