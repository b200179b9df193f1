// Sentences for the master: a world of one machine whose every effect is kept, answered by the test.
//
//   Scene scene; scene.lead();
//   scene.when(ConfigureSync{…}); EXPECT_TRUE(scene.asked<AskSource>());
//
// After every command the invariants are checked, and that the durable events alone lead to the same durable state.
#pragma once

#include "domain/base/overloaded.h"
#include "domain/master/master.h"
#include "domain/master/view.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::master {

using namespace std::chrono_literals;

inline Identity identity_of(std::string const& name) {
  Identity identity;
  identity.id = MasterId(name);
  identity.internal_endpoint = Url("https://" + name + ":8629");
  identity.public_endpoints = {Url("https://" + name + ".example:8629")};
  identity.channel_prefix = "sync_" + name + ".";
  identity.tls_ca_certificate = "CA of " + name;
  identity.token_lifetime = 6h;
  identity.program_version = "1.0.0+test";
  return identity;
}

inline std::vector<Url> source_urls() { return {Url("https://source1:8629"), Url("https://source2:8629")}; }

inline sync::Authentication credentials() { return {"certificate", "key", "", "CA of source"}; }

inline task::QueueConfig queue_of_other(std::string const& token) {
  return {source_urls(), "", "", token, "CA of source"};
}

inline ShardRef shard_ref(std::string const& collection, std::uint32_t index = 0) {
  return ShardRef{DatabaseName("db"), CollectionName(collection), index};
}

class Scene {
public:
  explicit Scene(std::string const& name = "m1") : state(initial_state(identity_of(name))) {
    effects = on_start(state);
  }

  State state;
  std::vector<Effect> effects;     ///< of the last command
  std::vector<Event> events;       ///< of the last command
  std::optional<Refusal> refusal;  ///< of the last command
  std::vector<Event> history;      ///< of all commands
  Persisted saved;                 ///< what the agency would hold: survives a loss of the lease
  Command told;                    ///< the last command
  std::function<void()> observer;  ///< called after every command that was not refused
  Instant now{1000h};
  WallTime wall{std::chrono::nanoseconds(1'700'000'000'000'000'000)};
  std::uint64_t entropy = 1;
  std::optional<election::Lease> found_lease;  ///< by lead()

  Scene& when(Command command) {
    effects.clear();
    events.clear();
    refusal.reset();
    Token const fresh_token(Draw(Entropy{~entropy}).hex(64));
    told = command;
    Envelope<Command> const envelope{now, wall, Entropy{entropy++ * 7919}, std::move(command), fresh_token};
    auto decision = decide(state, envelope);
    EXPECT_TRUE(decide(state, envelope) == decision) << "the same command in the same state is decided otherwise";
    if (!decision) {
      refusal = decision.error();
      effects = on_refusal(envelope.body, *refusal);
      return *this;
    }
    events = *decision;
    history.insert(history.end(), events.begin(), events.end());
    for (Event const& event : events) {
      Persisted const before = persisted(state);
      state = evolve(std::move(state), event);
      std::vector<Effect> const more = react(state, event);
      effects.insert(effects.end(), more.begin(), more.end());
      if (!is_durable(event) && before.journal_sequence > 0 && state.office) {
        EXPECT_EQ(before, persisted(state)) << "an event that is not saved has changed what is saved";
      }
    }
    check_invariants(state);
    if (state.office && state.office->loaded) saved = persisted(state);
    if (observer) observer();
    return *this;
  }

  Scene& after(Duration pause) {
    now = now + pause;
    wall = wall + pause;
    return *this;
  }
  /// Time goes by for a leader that keeps its lease.
  Scene& lead_on(Duration pause) {
    Instant const end = now + pause;
    while (end - now > 10s) {
      after(10s).fire("lease");
      when(LeaseWritten{asked<WriteLease>()->request, WriteOutcome::Applied});
    }
    return after(end - now);
  }
  Scene& fire(std::string const& timer) { return when(TimerFired{TimerName(timer)}); }

  /// The last effect of a kind that the last command asked for.
  template <class Kind>
  std::optional<Kind> asked() const {
    std::optional<Kind> found;
    for (Effect const& effect : effects) {
      if (auto const* it = std::get_if<Kind>(&effect)) found = *it;
    }
    return found;
  }
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (Effect const& effect : effects) {
      if (auto const* it = std::get_if<Kind>(&effect)) found.push_back(*it);
    }
    return found;
  }
  /// The body of the reply to the last call, if it is of this kind.
  template <class Body>
  std::optional<Body> replied() const {
    auto const reply = asked<Reply>();
    if (!reply || !std::holds_alternative<Body>(reply->body)) return std::nullopt;
    return std::get<Body>(reply->body);
  }
  /// What is under way of a kind, now.
  template <class Kind>
  std::vector<Kind> under_way() const {
    std::vector<Kind> found;
    for (Effect const& effect : outstanding(state)) {
      if (auto const* it = std::get_if<Kind>(&effect)) found.push_back(*it);
    }
    return found;
  }
  bool wakes(std::string const& timer) const {
    for (WakeAt const& wake : all<WakeAt>()) {
      if (wake.timer == TimerName(timer)) return true;
    }
    return false;
  }
  CallId call() { return CallId(++calls_); }

  // ---- short stories -----------------------------------------------------------------------------------------------
  Scene& lead(Persisted const& stored = Persisted{}) {
    when(LeaseRead{*state.election.reading, found_lease});
    auto const write = asked<WriteLease>();
    EXPECT_TRUE(write.has_value());
    when(LeaseWritten{write->request, WriteOutcome::Applied});
    when(StateLoaded{asked<LoadState>()->request, stored});
    if (auto const make = asked<MakeWorkerCa>()) when(WorkerCaMade{make->request, WorkerCa{"ca", "key"}});
    EXPECT_TRUE(is_leading(state));
    return *this;
  }
  WorkerId join(std::string const& name, std::string const& token = "token") {
    when(RegisterWorker{call(), Url("https://" + name + ":8729"), Token(token), "host"});
    auto const body = replied<WorkerRegistered>();
    EXPECT_TRUE(body.has_value());
    return body ? body->worker.id : WorkerId();
  }
  /// Registrations are renewed, as workers do while time goes by.
  Scene& keep_workers() {
    std::vector<membership::WorkerRecord> records;
    for (auto const& [id, member] : state.office->members) records.push_back(member.record);
    for (auto const& record : records) when(RegisterWorker{call(), record.endpoint, record.token, record.host});
    return *this;
  }
  /// Workers confirm all they are told, until nothing is left to say.
  Scene& workers_obey() {
    for (int rounds = 0; rounds < 100'000; ++rounds) {
      std::optional<RequestId> request;
      for (Effect const& effect : outstanding(state)) {
        if (auto const* send = std::get_if<SendTask>(&effect)) request = send->request;
        if (auto const* revoke = std::get_if<RevokeTask>(&effect)) request = revoke->request;
        if (request) break;
      }
      if (!request) return *this;
      when(TaskSent{*request, Done{}});
    }
    ADD_FAILURE() << "the master never stops talking to its workers";
    return *this;
  }
  Scene& configure() { return when(ConfigureSync{call(), source_urls(), credentials()}); }
  Scene& source_answers(std::string const& token = "source-token") {
    SourceFacts const facts{"sync_source.", source_urls(), {ClusterId("source")}, queue_of_other(token), 6h};
    return when(SourceAsked{under_way<AskSource>().at(0).request, facts});
  }
  Scene& mode_is_set() { return when(ServerModeSet{under_way<SetServerMode>().at(0).request, Done{}}); }
  Scene& source_accepts() {
    return when(OutgoingAnnounced{under_way<AnnounceOutgoing>().at(0).request, queue_of_other("acceptance-token")});
  }
  /// A leader with two workers that receives.
  Scene& receive() {
    lead();
    join("w1");
    join("w2");
    configure().source_answers().mode_is_set().source_accepts().workers_obey();
    EXPECT_EQ(status(state, Details::Short)->status, sync::Status::InitialSync);
    return *this;
  }
  Scene& start_shard(ShardRef const& shard) { return when(StartShard{call(), shard}); }
  Scene& source_obeys() {
    for (auto const& announce : under_way<AnnounceShard>()) when(RemoteDone{announce.request, Done{}});
    for (auto const& withdraw : under_way<WithdrawShard>()) when(RemoteDone{withdraw.request, Done{}});
    return *this;
  }
  Scene& report(sync::Partner const& partner, ShardRef const& shard, sync::Status shard_status,
                WallTime caught_up = WallTime{}) {
    sync::StatusEntry entry{partner, shard, {}};
    entry.report.status = shard_status;
    entry.report.caught_up = caught_up;
    return when(ReportStatus{call(), {entry}});
  }

private:
  std::uint64_t calls_ = 0;
};

/// It receives two shards, which run.
inline void running_pair(Scene& scene) {
  scene.receive().start_shard(shard_ref("a")).start_shard(shard_ref("b")).workers_obey().source_obeys();
  scene.when(ReportInventory{scene.call(), {2, {}, {}}});
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Running);
  scene.report(std::nullopt, shard_ref("b"), sync::Status::Running);
}

}  // namespace arangosync::master
