#include "tests/explore/small_world.h"

#include "domain/base/limits.h"
#include "domain/master/view.h"
#include "tests/explore/explorer.h"

#include <algorithm>

namespace arangosync::explore {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t masters_count = 2;
constexpr WallTime epoch{std::chrono::hours(24 * 365 * 50)};
constexpr Duration first_trouble_within = 20s;
constexpr Duration more_trouble_within = 40s;
constexpr Duration pause_max = 60s;
constexpr Duration tick = 5s;

Url endpoint_of(std::string const& who, std::size_t index) {
  return Url("https://" + who + std::to_string(index) + ":8629");
}

master::Identity identity_of(std::size_t index, std::uint64_t starts) {
  master::Identity identity;
  identity.id = MasterId("master" + std::to_string(index) + "-" + std::to_string(starts));
  identity.internal_endpoint = endpoint_of("master", index);
  identity.public_endpoints = {identity.internal_endpoint};
  identity.channel_prefix = "small.";
  identity.token_lifetime = token_lifetime;
  identity.program_version = "small";
  return identity;
}

Token token_of(std::size_t index, std::uint64_t starts) {
  return Token("worker" + std::to_string(index) + "-" + std::to_string(starts));
}

/// The next full tick: a wake-up may come late. So the processes' phases stay few, and states meet again.
Instant tick_after(Instant now, Instant due) {
  Duration const rest = due.since_start() % tick;
  Instant const full = rest == Duration{0} ? due : due + (tick + -rest);
  return std::max(now, full);
}

Fault no_answer() { return Fault{FaultClass::Retry, "no answer"}; }

}  // namespace

std::string SmallWorld::Step::text() const {
  static std::map<Act, std::string> const names{{Act::Serve, "serves the next request of"},
                                                {Act::Hear, "hears:"},
                                                {Act::Ask, "registers:"},
                                                {Act::Learn, "learns of its registration:"},
                                                {Act::MasterWakes, "wakes:"},
                                                {Act::WorkerWakes, "wakes:"},
                                                {Act::Resume, "goes on:"},
                                                {Act::LoseRequest, "a request is lost of"},
                                                {Act::LoseAnswer, "an answer is lost to"},
                                                {Act::LoseAsk, "a registration is lost of"},
                                                {Act::LoseLearn, "its answer is lost to"},
                                                {Act::Crash, "crashes and starts again:"},
                                                {Act::Pause, "is paused:"}};
  bool const is_master = node < masters_count;
  return names.at(act) + (is_master ? " master " : " worker ") +
         std::to_string(is_master ? node : node - masters_count);
}

// ---- nodes --------------------------------------------------------------------------------------------------------

MasterNode& SmallWorld::master(std::size_t index) {
  auto& node = masters_[index];
  if (node.use_count() > 1) node = std::make_shared<MasterNode>(*node);
  return *node;
}

WorkerNode& SmallWorld::worker(std::size_t index) {
  auto& node = workers_[index];
  if (node.use_count() > 1) node = std::make_shared<WorkerNode>(*node);
  return *node;
}

Agency& SmallWorld::agency() {
  if (agency_.use_count() > 1) agency_ = std::make_shared<Agency>(*agency_);
  return *agency_;
}

void SmallWorld::start_master(std::size_t index) {
  std::uint64_t const starts = masters_[index] ? masters_[index]->starts + 1 : 0;
  masters_[index] = std::make_shared<MasterNode>();
  auto& node = *masters_[index];
  node.starts = starts;
  node.state = master::initial_state(identity_of(index, starts));
  perform(node, master::on_start(node.state));
}

void SmallWorld::start_worker(std::size_t index) {
  std::uint64_t const starts = workers_[index] ? workers_[index]->starts + 1 : 0;
  workers_[index] = std::make_shared<WorkerNode>();
  workers_[index]->starts = starts;
  workers_[index]->wake_at = now_;
}

// ---- a master, in the engine's order ------------------------------------------------------------------------------

void SmallWorld::tell(std::size_t index, master::Command command) {
  auto& node = master(index);
  node.waiting.push_back(std::move(command));
  if (!node.saving) drain(index);
}

Envelope<master::Command> SmallWorld::envelope(MasterNode const& node, master::Command const& command) const {
  // The same draws in the same situation, or no two states would ever be equal; but no id is drawn twice.
  std::uint64_t entropy = node.starts * 2 + (node.state.identity.id.value() < "master1" ? 0 : 1);
  if (std::holds_alternative<master::RegisterWorker>(command)) entropy = 1000 + draws_;
  if (std::holds_alternative<master::StartShard>(command)) entropy = 2000 + draws_;
  // A token is durable once it is issued, so the journal is longer when the next one is.
  std::uint64_t const journal = node.state.office ? node.state.office->journal_sequence : 0;
  return {now_, epoch + now_.since_start(), Entropy{entropy}, command, Token("fresh" + std::to_string(journal))};
}

void SmallWorld::drain(std::size_t index) {
  auto& node = master(index);
  std::vector<master::Event> durable;
  while (!node.waiting.empty()) {
    master::Command const command = std::move(node.waiting.front());
    node.waiting.pop_front();
    decide(node, command, durable);
  }
  master::check_invariants(node.state);
  if (durable.empty()) return perform(node, std::exchange(node.held, {}));
  node.saving = true;
  node.requests.push_back(Save{master::term_of(node.state), master::first_sequence(node.state, durable.size()),
                               master::persisted(node.state)});
}

void SmallWorld::decide(MasterNode& node, master::Command const& command, std::vector<master::Event>& durable) {
  auto const hold = [&node](std::vector<master::Effect> const& effects) {
    node.held.insert(node.held.end(), effects.begin(), effects.end());
  };
  auto decision = master::decide(node.state, envelope(node, command));
  if (!decision) return hold(master::on_refusal(command, decision.error()));
  for (auto const& event : *decision) {
    node.state = master::evolve(std::move(node.state), event);
    hold(master::react(node.state, event));
    if (master::is_durable(event)) durable.push_back(event);
  }
}

void SmallWorld::perform(MasterNode& node, std::vector<master::Effect> const& effects) {
  for (auto const& effect : effects) {
    if (auto const* timer = std::get_if<master::WakeAt>(&effect)) {
      node.timers[timer->timer] = timer->at;
    } else if (auto const* answer = std::get_if<master::Reply>(&effect)) {
      reply(node, *answer);
    } else {
      node.requests.push_back(effect);
    }
  }
}

void SmallWorld::reply(MasterNode& node, master::Reply const& reply) {
  auto const call = node.calls.find(reply.call);
  if (call == node.calls.end()) return;
  auto& asker = worker(call->second);
  node.calls.erase(call);
  auto const* registered = std::get_if<master::WorkerRegistered>(&reply.body);
  if (registered != nullptr) {
    asker.answer = *registered;
  } else {
    asker.answer = no_answer();
  }
}

void SmallWorld::hear(std::size_t index, MasterAnswer const& answer) {
  if (auto const* saved = std::get_if<Saved>(&answer)) return save_ended(index, saved->applied);
  tell(index, std::get<master::Command>(answer));
}

void SmallWorld::save_ended(std::size_t index, bool applied) {
  auto& node = master(index);
  node.saving = false;
  auto const held = std::exchange(node.held, {});
  if (applied) {
    perform(node, held);
  } else {
    node.calls.clear();
    node.waiting.push_front(master::SaveFailed{"not applied"});
  }
  drain(index);
}

// ---- workers ------------------------------------------------------------------------------------------------------

void SmallWorld::worker_asks(std::size_t index) {
  auto& node = worker(index);
  node.asking = false;
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i]->paused_at || !master::is_leading(masters_[i]->state)) continue;
    auto& leader = master(i);
    master::CallId const call(++leader.last_call);
    leader.calls[call] = index;
    auto const endpoint = endpoint_of("worker", index);
    auto const* known = membership::at_endpoint(leader.state.office->members, endpoint);
    bool const is_new = known == nullptr || known->record.token != token_of(index, node.starts);
    if (is_new) ++draws_;
    return tell(i, master::RegisterWorker{call, endpoint, token_of(index, node.starts), "host"});
  }
  node.answer = no_answer();
}

void SmallWorld::worker_learns(std::size_t index, std::variant<master::WorkerRegistered, Fault> const& answer) {
  namespace registration = worker::registration;
  auto& node = worker(index);
  auto const* registered = std::get_if<master::WorkerRegistered>(&answer);
  auto const meaning = registered == nullptr
                           ? registration::Answer::Outdated
                           : registration::weigh(node.registration, registered->worker.id, registered->term, now_);
  if (meaning == registration::Answer::Outdated) {
    node.registration = registration::evolve(node.registration, registration::Failed{now_ + limits::retry_max});
    node.wake_at = node.registration.renew_at;
    return;
  }
  // As domain/worker does: another id is another life, and the lease counts from before the question was sent.
  if (node.registration.id && meaning == registration::Answer::Beginning) node.tasks.clear();
  Instant const sent_at = node.registration.sent_at;
  registration::Held held;
  held.id = registered->worker.id;
  held.write_until = sent_at + registered->expires_after + -limits::worker_stop_margin;
  held.message_timeout = registered->message_timeout;
  held.renew_at = sent_at + limits::worker_renewal;
  held.term = registration::newest_term(node.registration, meaning, registered->term);
  node.registration = registration::evolve(node.registration, held);
  node.wake_at = std::max(held.renew_at, now_);
  registration::check_invariants(node.registration);
}

Outcome<Done> SmallWorld::worker_takes(membership::WorkerRecord const& record, TaskId const& task, Term term,
                                       bool is_revoked) {
  namespace registration = worker::registration;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (endpoint_of("worker", i) != record.endpoint) continue;
    if (workers_[i]->paused_at) return unexpected(no_answer());
    // A task is taken only for the registration that the master means.
    if (workers_[i]->registration.id != record.id) return unexpected(Fault{FaultClass::NotFound, "another worker"});
    auto& node = worker(i);
    if (registration::is_deposed(node.registration, term)) {
      return unexpected(Fault{FaultClass::Refresh, "a newer leader"});
    }
    if (term > node.registration.term) {
      node.registration = registration::evolve(node.registration, registration::TermHeard{term});
    }
    if (is_revoked) {
      node.tasks.erase(task);
    } else {
      node.tasks.insert(task);
    }
    return Done{};
  }
  return unexpected(no_answer());
}

bool SmallWorld::runs(std::size_t index, TaskId const& task) const {
  auto const& node = *workers_[index];
  bool const has_lease = now_ < node.registration.write_until || mistakes_.workers_ignore_lease;
  return has_lease && node.tasks.count(task) > 0;
}

// ---- what can happen next -----------------------------------------------------------------------------------------

std::vector<SmallWorld::Step> SmallWorld::deliveries() const {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i]->paused_at) continue;
    if (!masters_[i]->answers.empty()) {
      steps.push_back({Act::Hear, i});
    } else if (!masters_[i]->requests.empty()) {
      steps.push_back({Act::Serve, i});
    }
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i]->paused_at) continue;
    if (workers_[i]->asking) steps.push_back({Act::Ask, masters_count + i});
    if (workers_[i]->answer) steps.push_back({Act::Learn, masters_count + i});
  }
  return steps;
}

std::optional<SmallWorld::Wake> SmallWorld::next_wake() const {
  std::optional<Wake> next;
  auto const consider = [&](Step const& step, Instant at) {
    if (!next || at < next->at) next = Wake{step, at};
  };
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i]->paused_at) continue;
    for (auto const& [name, at] : masters_[i]->timers) consider({Act::MasterWakes, i}, at);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto const& node = *workers_[i];
    if (!node.paused_at && node.wake_at) consider({Act::WorkerWakes, masters_count + i}, *node.wake_at);
  }
  return next;
}

bool SmallWorld::is_between_ticks() const {
  if (!deliveries().empty()) return false;
  auto const wake = next_wake();
  return !wake || tick_after(now_, wake->at) > now_;
}

std::vector<SmallWorld::Step> SmallWorld::resumptions() const {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    if (masters_[i]->paused_at) steps.push_back({Act::Resume, i});
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i]->paused_at) steps.push_back({Act::Resume, masters_count + i});
  }
  return steps;
}

std::vector<SmallWorld::Step> SmallWorld::troubles() const {
  std::vector<Step> steps;
  if (!may_go_wrong()) return steps;
  bool const is_between = is_between_ticks();
  auto const add_stops = [&](std::size_t node, bool is_busy) {
    if (!is_busy && !is_between) return;
    steps.push_back({Act::Crash, node});
    steps.push_back({Act::Pause, node});
  };
  for (std::size_t i = 0; i < masters_.size(); ++i) {
    auto const& node = *masters_[i];
    if (node.paused_at) continue;
    if (!node.requests.empty()) steps.push_back({Act::LoseRequest, i});
    if (!node.requests.empty()) steps.push_back({Act::LoseAnswer, i});
    add_stops(i, !node.requests.empty() || !node.answers.empty());
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto const& node = *workers_[i];
    if (node.paused_at) continue;
    if (node.asking) steps.push_back({Act::LoseAsk, masters_count + i});
    if (node.answer) steps.push_back({Act::LoseLearn, masters_count + i});
    add_stops(masters_count + i, node.asking || node.answer);
  }
  return steps;
}

std::vector<SmallWorld::Step> SmallWorld::steps() const {
  std::vector<Step> steps = deliveries();
  if (steps.empty()) {
    bool const is_between = is_between_ticks();
    auto const is_long = [&](auto const& node) { return node->paused_at && now_ - *node->paused_at >= pause_max; };
    bool const must_resume = std::any_of(masters_.begin(), masters_.end(), is_long) ||
                             std::any_of(workers_.begin(), workers_.end(), is_long);
    if (auto const wake = next_wake(); wake && !(is_between && must_resume)) steps.push_back(wake->step);
    if (is_between) {
      auto const more = resumptions();
      steps.insert(steps.end(), more.begin(), more.end());
    }
  }
  auto const more = troubles();
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

std::optional<SmallWorld::Step> SmallWorld::fair_step() const {
  auto const paused = resumptions();
  if (!paused.empty()) return paused.front();
  auto const next = deliveries();
  if (!next.empty()) return next.front();
  auto const wake = next_wake();
  return wake ? std::optional(wake->step) : std::nullopt;
}

// ---- happening ----------------------------------------------------------------------------------------------------

SmallWorld SmallWorld::after(Step const& step) const {
  SmallWorld next = *this;
  next.take(step);
  next.settle_questions();
  return next;
}

void SmallWorld::wake(Step const& step) {
  if (step.act == Act::WorkerWakes) {
    auto& node = worker(step.node - masters_count);
    now_ = tick_after(now_, *node.wake_at);
    node.wake_at = now_ + limits::worker_renewal;
    if (node.registration.request) return;
    node.registration =
        worker::registration::evolve(node.registration, worker::registration::Asked{RequestId(1), now_});
    node.asking = true;
    return;
  }
  auto& node = master(step.node);
  auto const earlier = [](auto const& a, auto const& b) { return a.second < b.second; };
  auto const first = std::min_element(node.timers.begin(), node.timers.end(), earlier);
  auto const [timer, at] = *first;
  node.timers.erase(first);
  now_ = tick_after(now_, at);
  tell(step.node, master::TimerFired{timer});
}

void SmallWorld::take(Step const& step) {
  bool const is_trouble = step.act >= Act::LoseRequest;
  if (is_trouble) {
    --trouble_;
    trouble_until_ = now_ + more_trouble_within;
  }
  bool const is_master = step.node < masters_count;
  std::size_t const index = is_master ? step.node : step.node - masters_count;
  auto const take_front = [](auto& queue) {
    auto front = std::move(queue.front());
    queue.pop_front();
    return front;
  };
  switch (step.act) {
    case Act::Serve: {
      auto const answer = serve(index, take_front(master(index).requests));
      return master(index).answers.push_back(answer);
    }
    case Act::LoseAnswer: {
      auto const request = take_front(master(index).requests);
      serve(index, request);
      return master(index).answers.push_back(unanswered(request));
    }
    case Act::LoseRequest:
      return master(index).answers.push_back(unanswered(take_front(master(index).requests)));
    case Act::Hear:
      return hear(index, take_front(master(index).answers));
    case Act::Ask:
      return worker_asks(index);
    case Act::LoseAsk:
      worker(index).asking = false;
      return;
    case Act::Learn:
      return worker_learns(index, *std::exchange(worker(index).answer, std::nullopt));
    case Act::LoseLearn:
      worker(index).answer = no_answer();
      return;
    case Act::MasterWakes:
    case Act::WorkerWakes:
      return wake(step);
    case Act::Resume:
    case Act::Pause: {
      auto& paused_at = is_master ? master(index).paused_at : worker(index).paused_at;
      paused_at = step.act == Act::Pause ? std::optional(now_) : std::nullopt;
      return;
    }
    case Act::Crash:
      return is_master ? start_master(index) : start_worker(index);
  }
}

/// Whoever waits for an answer that will not come is told so, as a time-out would.
void SmallWorld::settle_questions() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto const& node = *workers_[i];
    if (!node.registration.request || node.asking || node.answer) continue;
    bool const is_open = std::any_of(masters_.begin(), masters_.end(), [&](auto const& each) {
      return std::any_of(each->calls.begin(), each->calls.end(), [&](auto const& call) { return call.second == i; });
    });
    if (!is_open) worker(i).answer = no_answer();
  }
}

SmallWorld SmallWorld::begin(std::size_t trouble, Mistakes mistakes) {
  SmallWorld world;
  for (std::size_t i = 0; i < world.masters_.size(); ++i) world.start_master(i);
  for (std::size_t i = 0; i < world.workers_.size(); ++i) world.start_worker(i);
  auto const go_on_until = [&](auto const& is_reached) {
    for (int count = 0; count < 5000; ++count) {
      if (is_reached()) return;
      world = world.after(*world.fair_step());
    }
    throw Broken("the small world does not come to life");
  };
  auto const leader = [&] { return world.leads(0) ? std::size_t{0} : std::size_t{1}; };
  go_on_until([&] { return world.leads(0) || world.leads(1); });
  sync::Authentication const authentication{"certificate", "key", "", "ca"};
  world.tell(leader(), master::ConfigureSync{master::CallId(100), {Url("https://source:8629")}, authentication});
  go_on_until([&] { return world.is_calm() && world.agency_->persisted.incoming->announced; });
  for (std::uint32_t index = 0; index < 2; ++index) {
    ++world.draws_;
    ShardRef const shard{DatabaseName("shop"), CollectionName("products"), index};
    world.tell(leader(), master::StartShard{master::CallId(101 + index), shard});
    go_on_until([&] { return world.is_calm() && world.agency_->persisted.tasks.size() == 2u + index; });
  }
  auto const settled = world.now_ + 2min;
  go_on_until([&] { return world.now_ >= settled && world.is_between_ticks(); });
  world.trouble_ = trouble;
  world.trouble_until_ = world.now_ + first_trouble_within;
  world.mistakes_ = mistakes;
  return world;
}

// ---- what predicates ask ------------------------------------------------------------------------------------------

bool SmallWorld::leads(std::size_t index) const { return master::is_leading(masters_[index]->state); }

std::size_t SmallWorld::leaders() const {
  std::size_t count = 0;
  for (auto const& node : masters_) {
    auto const* holding = std::get_if<election::Holding>(&node->state.election.phase);
    bool const acts = master::is_leading(node->state) && holding != nullptr && now_ < holding->deadline;
    if (acts) ++count;
  }
  return count;
}

bool SmallWorld::terms_are_fenced() const {
  return std::all_of(agency_->savers.begin(), agency_->savers.end(),
                     [](auto const& term) { return term.second.size() == 1; });
}

bool SmallWorld::leader_knows_the_agency() const {
  return std::all_of(masters_.begin(), masters_.end(), [&](auto const& node) {
    bool const has_office = node->state.office && node->state.office->loaded && !node->saving;
    bool const is_of_now = has_office && agency_->lease && agency_->lease->term == node->state.office->term;
    return !is_of_now || master::persisted(node->state) == agency_->persisted;
  });
}

bool SmallWorld::tasks_run_once() const {
  return std::all_of(agency_->persisted.tasks.begin(), agency_->persisted.tasks.end(),
                     [&](auto const& entry) { return !(runs(0, entry.first) && runs(1, entry.first)); });
}

bool SmallWorld::is_over() const {
  return !may_go_wrong() && is_calm() && deliveries().empty() && resumptions().empty();
}

bool SmallWorld::is_calm() const {
  if (leads(0) == leads(1)) return false;
  auto const& leader = *masters_[leads(0) ? 0 : 1];
  auto const tasks = master::tasks(leader.state);
  return !tasks.empty() && !leader.saving && std::all_of(tasks.begin(), tasks.end(), [&](auto const& view) {
    if (!view.running) return false;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      bool const is_its = workers_[i]->registration.id == view.task.assignment->worker;
      if (is_its) return runs(i, view.task.id);
    }
    return false;
  });
}

}  // namespace arangosync::explore
