// The small world that tests/explore exhausts: one datacenter with two real master machines (domain/master, with the
// engine's order "save, then speak"), an agency, and two workers that hold the real registration (domain/worker) and
// run what they are sent. It receives two shards from another datacenter, which is not shown and always says yes.
//
// What can go wrong is drawn from a small budget: a master or worker crashes and is started again, is paused while the
// others go on, or an answer is lost after its request was served, or before. The first trouble begins within the first
// two renewals of the lease (later ones look the same), each further one within 40 s of the one before.
//
// What keeps the world small: time passes in ticks of five seconds, and only when nothing is left to be delivered;
// whoever has nothing to send or to hear is paused, or crashes, between ticks; a pause ends between ticks, and after at
// most a minute, when everything that could run out has. Two states count as the same if they differ only by how late
// it is, by the numbers of requests, by how often the lease was renewed, or by how long the journal has become:
// fingerprint() is relative in all of these.
#pragma once

#include "domain/master/master.h"
#include "domain/worker/registration.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::explore {

/// Of the tokens of both datacenters.
inline constexpr Duration token_lifetime = std::chrono::hours(6);

/// Deliberate mistakes, so that the explorer can be seen to find them.
struct Mistakes {
  bool agency_without_fence = false;  ///< a save is taken whatever term it names
  bool workers_ignore_lease = false;  ///< a worker goes on after its registration is over
};

// ---- the agency -----------------------------------------------------------------------------------------------------
struct Agency {
  std::optional<election::Lease> lease;
  master::Persisted persisted;
  bool is_read_only = false;                     ///< the cluster
  std::map<Term, std::set<std::size_t>> savers;  ///< which masters have saved in a term; only the last two terms
};

struct Save {
  Term term;
  std::uint64_t first_sequence = 0;
  master::Persisted after;
};
struct Saved {
  bool applied = false;
};

// ---- a master -------------------------------------------------------------------------------------------------------
using MasterRequest = std::variant<master::Effect, Save>;
using MasterAnswer = std::variant<master::Command, Saved>;

struct MasterNode {
  master::State state;
  std::map<TimerName, Instant> timers;
  std::deque<MasterRequest> requests;  ///< on their way out
  std::deque<MasterAnswer> answers;    ///< on their way in
  bool saving = false;
  std::vector<master::Effect> held;             ///< until the save is through
  std::deque<master::Command> waiting;          ///< meanwhile
  std::map<master::CallId, std::size_t> calls;  ///< of workers, to be answered
  std::uint64_t last_call = 0;
  std::uint64_t starts = 0;
  std::optional<Instant> paused_at;
};

// ---- a worker -------------------------------------------------------------------------------------------------------
struct WorkerNode {
  worker::registration::State registration;
  std::uint64_t starts = 0;  ///< also makes its token: a new process is a new worker
  std::optional<Instant> wake_at;
  bool asking = false;  ///< a registration is on its way to a master
  std::optional<std::variant<master::WorkerRegistered, Fault>> answer;
  std::set<TaskId> tasks;
  std::optional<Instant> paused_at;
};

class SmallWorld {
public:
  enum class Act {
    Serve,  ///< a master's next request reaches whom it is for
    Hear,   ///< a master's next answer arrives
    Ask,    ///< a worker's registration reaches the leader
    Learn,  ///< and its answer the worker
    MasterWakes,
    WorkerWakes,
    Resume,
    // ---- from the budget
    LoseRequest,
    LoseAnswer,
    LoseAsk,
    LoseLearn,
    Crash,
    Pause,
  };
  struct Step {
    Act act = Act::Serve;
    std::size_t node = 0;  ///< 0, 1: masters; 2, 3: workers
    std::string text() const;
  };

  /// A leader is elected, both workers are registered, and the tasks of two shards run.
  static SmallWorld begin(std::size_t trouble, Mistakes mistakes = {});

  std::uint64_t fingerprint() const;
  std::vector<Step> steps() const;
  SmallWorld after(Step const& step) const;
  std::optional<Step> fair_step() const;

  bool may_go_wrong() const { return trouble_ > 0 && now_ < trouble_until_; }

  // ---- what predicates ask
  /// Masters that act as leaders and whose own deadline has not passed.
  std::size_t leaders() const;
  bool leads(std::size_t master) const;
  /// No term has two masters that saved in it.
  bool terms_are_fenced() const;
  /// What the leader of the agency's term believes to be saved is what is there.
  bool leader_knows_the_agency() const;
  /// No task runs on two workers.
  bool tasks_run_once() const;
  /// One master leads, and every task runs on a worker that it knows.
  bool is_calm() const;
  /// Calm, nothing is on its way, and nothing can go wrong any more: like the world that was begun.
  bool is_over() const;

private:
  /// For writing: a copy of its own, as states have most nodes in common.
  MasterNode& master(std::size_t index);
  WorkerNode& worker(std::size_t index);
  Agency& agency();

  std::vector<Step> deliveries() const;
  struct Wake {
    Step step;
    Instant at;
  };
  std::optional<Wake> next_wake() const;
  bool is_between_ticks() const;
  std::vector<Step> resumptions() const;
  std::vector<Step> troubles() const;
  void take(Step const& step);
  void wake(Step const& step);
  void settle_questions();

  void start_master(std::size_t index);
  void start_worker(std::size_t index);
  void tell(std::size_t index, master::Command command);
  void drain(std::size_t index);
  void decide(MasterNode& node, master::Command const& command, std::vector<master::Event>& durable);
  void perform(MasterNode& node, std::vector<master::Effect> const& effects);
  void reply(MasterNode& node, master::Reply const& reply);
  MasterAnswer serve(std::size_t index, MasterRequest const& request);
  MasterAnswer serve_effect(master::Effect const& effect);
  MasterAnswer serve_save(std::size_t index, Save const& save);
  static MasterAnswer unanswered(MasterRequest const& request);
  void hear(std::size_t index, MasterAnswer const& answer);
  void save_ended(std::size_t index, bool applied);

  void worker_asks(std::size_t index);
  void worker_learns(std::size_t index, std::variant<master::WorkerRegistered, Fault> const& answer);
  Outcome<Done> worker_takes(membership::WorkerRecord const& record, TaskId const& task, Term term, bool is_revoked);
  bool runs(std::size_t worker, TaskId const& task) const;
  Envelope<master::Command> envelope(MasterNode const& node, master::Command const& command) const;

  Instant now_{std::chrono::seconds(1000)};
  std::uint64_t draws_ = 0;  ///< of ids; no two of them are the same
  std::shared_ptr<Agency> agency_ = std::make_shared<Agency>();
  std::array<std::shared_ptr<MasterNode>, 2> masters_;
  std::array<std::shared_ptr<WorkerNode>, 2> workers_;
  std::size_t trouble_ = 0;
  Instant trouble_until_;
  Mistakes mistakes_;
};

}  // namespace arangosync::explore
