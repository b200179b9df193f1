#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {

Identity identity_of(std::string const& name) {
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

std::vector<Url> source_urls() { return {Url("https://source1:8629"), Url("https://source2:8629")}; }

sync::Authentication credentials() { return {"certificate", "key", "", "CA of source"}; }

task::QueueConfig queue_of_other(std::string const& token) { return {source_urls(), "", "", token, "CA of source"}; }

ShardRef shard_ref(std::string const& collection, std::uint32_t index) {
  return ShardRef{DatabaseName("db"), CollectionName(collection), index};
}

Scene::Scene(std::string const& name) : state(initial_state(identity_of(name))) { effects = on_start(state); }

Scene& Scene::when(Command command) {
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

Scene& Scene::lead_on(Duration pause) {
  Instant const end = now + pause;
  while (end - now > 10s) {
    after(10s).fire("lease");
    when(LeaseWritten{asked<WriteLease>()->request, WriteOutcome::Applied});
  }
  return after(end - now);
}

bool Scene::wakes(std::string const& timer) const {
  for (WakeAt const& wake : all<WakeAt>()) {
    if (wake.timer == TimerName(timer)) return true;
  }
  return false;
}

Scene& Scene::lead(Persisted const& stored) {
  when(LeaseRead{*state.election.reading, found_lease});
  auto const write = asked<WriteLease>();
  EXPECT_TRUE(write.has_value());
  when(LeaseWritten{write->request, WriteOutcome::Applied});
  when(StateLoaded{asked<LoadState>()->request, stored});
  if (auto const make = asked<MakeWorkerCa>()) when(WorkerCaMade{make->request, WorkerCa{"ca", "key"}});
  EXPECT_TRUE(is_leading(state));
  return *this;
}

WorkerId Scene::join(std::string const& name, std::string const& token) {
  when(RegisterWorker{call(), Url("https://" + name + ":8729"), Token(token), "host"});
  auto const body = replied<WorkerRegistered>();
  EXPECT_TRUE(body.has_value());
  return body ? body->worker.id : WorkerId();
}

Scene& Scene::keep_workers() {
  std::vector<membership::WorkerRecord> records;
  for (auto const& [id, member] : state.office->members) records.push_back(member.record);
  for (auto const& record : records) when(RegisterWorker{call(), record.endpoint, record.token, record.host});
  return *this;
}

Scene& Scene::workers_obey() {
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

Scene& Scene::source_answers(std::string const& token) {
  SourceFacts const facts{"sync_source.", source_urls(), {ClusterId("source")}, queue_of_other(token), 6h};
  return when(SourceAsked{under_way<AskSource>().at(0).request, facts});
}

Scene& Scene::source_accepts() {
  return when(OutgoingAnnounced{under_way<AnnounceOutgoing>().at(0).request, queue_of_other("acceptance-token")});
}

Scene& Scene::receive() {
  lead();
  join("w1");
  join("w2");
  configure().source_answers().mode_is_set().source_accepts().workers_obey();
  EXPECT_EQ(status(state, Details::Short)->status, sync::Status::InitialSync);
  return *this;
}

Scene& Scene::source_obeys() {
  for (auto const& announce : under_way<AnnounceShard>()) when(RemoteDone{announce.request, Done{}});
  for (auto const& withdraw : under_way<WithdrawShard>()) when(RemoteDone{withdraw.request, Done{}});
  return *this;
}

Scene& Scene::report(sync::Partner const& partner, ShardRef const& shard, sync::Status shard_status,
                     WallTime caught_up) {
  sync::StatusEntry entry{partner, shard, {}};
  entry.report.status = shard_status;
  entry.report.caught_up = caught_up;
  return when(ReportStatus{call(), {entry}});
}

void running_pair(Scene& scene) {
  scene.receive().start_shard(shard_ref("a")).start_shard(shard_ref("b")).workers_obey().source_obeys();
  scene.when(ReportInventory{scene.call(), {2, {}, {}}});
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Running);
  scene.report(std::nullopt, shard_ref("b"), sync::Status::Running);
}

}  // namespace arangosync::master
