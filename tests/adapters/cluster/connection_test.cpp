// First contact, fail-over between Coordinators, server mode, and an end in the middle of calls.
#include "adapters/cluster/control_http.h"
#include "tests/adapters/cluster/stage.h"
#include "tests/adapters/http/raw_socket.h"

#include <future>
#include <map>

namespace arangosync::cluster {
namespace {

Outcome<ClusterFacts> check(Stage& stage, std::vector<http::Endpoint> coordinators, std::string jwt_secret) {
  Connection connection(stage.io, stage.client, stage.clock, stage.telemetry,
                        {std::move(coordinators), {std::move(jwt_secret)}, "test"});
  std::promise<Outcome<ClusterFacts>> answer;
  connection.check([&](Outcome<ClusterFacts> facts) { answer.set_value(std::move(facts)); });
  return answer.get_future().get();
}

TEST(FirstContact, TellsVersionAndMembers) {
  Stage stage;
  auto const facts = check(stage, endpoints(stage.sandbox->coordinators()), secret);
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->version, "3.9.12");
  EXPECT_EQ(facts->db_servers, 2u);
  EXPECT_EQ(facts->agents, 1u);
}

TEST(FirstContact, WithTheWrongSecretIsDeniedAndDoesNotNameIt) {
  Stage stage;
  auto const facts = check(stage, endpoints(stage.sandbox->coordinators()), "wrong");
  ASSERT_FALSE(facts.has_value());
  EXPECT_EQ(facts.error().fault_class, FaultClass::Denied);
  EXPECT_EQ(facts.error().message.find("wrong"), std::string::npos);
}

TEST(FirstContact, WithADbServerSaysThatACoordinatorIsNeeded) {
  Stage stage;
  auto const facts = check(stage, endpoints(stage.sandbox->db_servers()), secret);
  ASSERT_FALSE(facts.has_value());
  EXPECT_NE(facts.error().message.find("PRIMARY"), std::string::npos) << facts.error().message;
}

TEST(FirstContact, GoesOnToTheNextCoordinatorIfOneIsDown) {
  Stage stage;
  auto coordinators = endpoints(stage.sandbox->coordinators());
  auto down = coordinators.front();
  down.port = 1;
  coordinators.insert(coordinators.begin(), down);
  EXPECT_TRUE(check(stage, coordinators, secret).has_value());
  auto const nobody = check(stage, {down}, secret);
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().fault_class, FaultClass::Retry);
}

TEST(Coordinators, ThatHaveAllMovedAreKnownByTheirSilenceAndReplaced) {
  Stage stage;
  http::Endpoint const gone{false, "127.0.0.1", 1};
  Connection connection(stage.io, stage.client, stage.clock, stage.telemetry, {{gone, gone}, {secret}, "test"});
  auto const reached = [&] {
    std::promise<bool> answer;
    connection.check([&](Outcome<ClusterFacts> const& facts) { answer.set_value(facts.has_value()); });
    return answer.get_future().get();
  };
  stage.clock.skipped = 60s;
  EXPECT_FALSE(connection.is_unreachable_for(30s)) << "nobody has called yet";
  EXPECT_FALSE(reached());
  EXPECT_FALSE(connection.is_unreachable_for(30s));
  stage.clock.skipped = 91s;
  EXPECT_TRUE(connection.is_unreachable_for(30s));
  auto const present = endpoints(stage.sandbox->coordinators());
  EXPECT_TRUE(connection.replace_coordinators(present));
  EXPECT_FALSE(connection.replace_coordinators(present));
  EXPECT_FALSE(connection.is_unreachable_for(30s));
  EXPECT_TRUE(reached());
  stage.clock.skipped = 200s;
  EXPECT_FALSE(connection.is_unreachable_for(30s)) << "the last call was answered";
}

/// What a cluster of another kind answers: by path, 404 for the rest.
Fault refusal_of(std::map<std::string, std::string> const& answers) {
  http::Io io(2);
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto server =
      http::Server::start(io, options, [&](http::Request request, http::Peer const&, http::Responder respond) {
        auto const answer = answers.find(request.target);
        respond(answer == answers.end() ? http::Response{404, {}, "{}"} : http::Response{200, {}, answer->second});
      });
  if (!server) throw std::runtime_error(server.error());
  http::Client client(io, http::ClientTls{});
  SteadyClock clock;
  Silence telemetry;
  http::Endpoint const endpoint{false, "127.0.0.1", (*server)->port()};
  Connection connection(io, client, clock, telemetry, {{endpoint}, {}, "test"});
  std::promise<Outcome<ClusterFacts>> answer;
  connection.check([&](Outcome<ClusterFacts> facts) { answer.set_value(std::move(facts)); });
  auto const facts = answer.get_future().get();
  if (facts) throw std::runtime_error("this cluster was accepted");
  return facts.error();
}

std::string const version_39 = R"({"server":"arango","license":"community","version":"3.9.12"})";
std::string const coordinator = R"({"error":false,"code":200,"role":"COORDINATOR","mode":"default"})";

TEST(FirstContact, RefusesWhatIsNoArangoDb) {
  auto const fault = refusal_of({{"/_api/version", R"({"name":"something else"})"}});
  EXPECT_EQ(fault.fault_class, FaultClass::Permanent);
  EXPECT_NE(fault.message.find("no ArangoDB server"), std::string::npos) << fault.message;
}

TEST(FirstContact, RefusesAnOldVersionBeforeAnythingElseIsAsked) {
  auto const fault = refusal_of({{"/_api/version", R"({"server":"arango","version":"3.2.18"})"}});
  EXPECT_EQ(fault.fault_class, FaultClass::Permanent);
  EXPECT_NE(fault.message.find("3.2.18"), std::string::npos) << fault.message;
}

TEST(FirstContact, RefusesASingleServer) {
  auto const fault = refusal_of({{"/_api/version", version_39}, {"/_admin/server/role", R"({"role":"SINGLE"})"}});
  EXPECT_EQ(fault.fault_class, FaultClass::Permanent);
  EXPECT_NE(fault.message.find("only a cluster"), std::string::npos) << fault.message;
}

TEST(FirstContact, RefusesAnotherStorageEngineThoughHealthDoesNotTellIt) {
  std::string const health = R"({"Health":{"PRMR-1":{"Role":"DBServer","Endpoint":"tcp://127.0.0.1:8530"}}})";
  auto const fault = refusal_of({{"/_api/version", R"({"server":"arango","version":"3.3.25"})"},
                                 {"/_admin/server/role", coordinator},
                                 {"/_admin/cluster/health", health},
                                 {"/_api/engine", R"({"name":"mmfiles"})"}});
  EXPECT_EQ(fault.fault_class, FaultClass::Permanent);
  EXPECT_NE(fault.message.find("mmfiles"), std::string::npos) << fault.message;
}

class Orders final : public ports::Inbox<master::Command> {
public:
  void post(master::Command command) override { answer.set_value(std::get<master::ServerModeSet>(command)); }
  std::promise<master::ServerModeSet> answer;
};

TEST(ServerMode, IsSetThroughACoordinator) {
  Stage stage;
  Orders orders;
  ControlHttp control(stage.io, stage.client, stage.connection, orders);
  control.perform(master::SetServerMode{RequestId(3), sync::ServerMode::ReadOnly});
  auto const answer = orders.answer.get_future().get();
  EXPECT_EQ(answer.request, RequestId(3));
  ASSERT_TRUE(answer.outcome.has_value()) << answer.outcome.error().message;
  stage.sandbox->with_model([](sim::ClusterModel& model) { EXPECT_TRUE(model.is_read_only()); });
  // We are superusers: the mode does not stop us.
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    ASSERT_TRUE(model.create_collection("_system", R"({"name":"orders"})").has_value());
  });
  EXPECT_TRUE(
      stage.apply(in_system("orders"), payload({{codec::ChangeKind::Upsert, "a", "", R"({"_key":"a"})"}})).has_value());
}

class HandClock final : public ports::Clock {
public:
  Instant now() override { return at; }
  WallTime wall_now() override { return {}; }
  Instant at = Instant(1h);
};

TEST(AQueue, ThatIsLongMakesWritesWaitForAWhile) {
  Stage stage;
  HandClock clock;
  Connection connection(stage.io, stage.client, clock, stage.telemetry,
                        {endpoints(stage.sandbox->coordinators()), {secret}, "test"});
  EXPECT_EQ(connection.breather(), 0s);
  for (auto const* text : {"", "0.000000", "0.4", "-1", "nan", "much"}) {
    connection.queue_told(text);
    EXPECT_EQ(connection.breather(), 0s) << text;
  }
  connection.queue_told("2.5");
  EXPECT_EQ(connection.breather(), 2500ms);
  connection.queue_told("100");
  EXPECT_EQ(connection.breather(), 5s);
  clock.at = clock.at + 11s;
  EXPECT_EQ(connection.breather(), 0s) << "nobody has said anything for a while";
}

/// Takes a request, and ends without a word.
void take_and_die(http::RawSocket& socket, int /*connection*/) { socket.read_until("\r\n\r\n"); }

// What the first one had passed on to its DB-Servers could come after what is written next, and nobody knew of it.
TEST(AWrite, ThatADyingCoordinatorMayHavePassedOnIsNotMadeByTheNextOneUnheard) {
  Stage stage;
  stage.create("c");
  http::RawServer const dying(take_and_die);
  auto coordinators = endpoints(stage.sandbox->coordinators());
  coordinators.insert(coordinators.begin(), http::Endpoint{false, "127.0.0.1", dying.port()});
  Connection connection(stage.io, stage.client, stage.clock, stage.telemetry, {coordinators, {secret}, "test"});
  TargetClusterHttp target(stage.io, stage.client, connection, stage.answers);
  auto const apply = [&] {
    auto const request = stage.next();
    target.perform(
        worker::ApplyBatch{request,
                           in_system("c"),
                           {payload({{codec::ChangeKind::Upsert, "k", "_a", R"({"_key":"k","_rev":"_a"})"}})},
                           {},
                           stage.soon()});
    return stage.answers.wait<worker::BatchApplied>(request);
  };
  auto const first = apply();
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().fault_class, FaultClass::Retry) << first.error().message;
  EXPECT_TRUE(stage.documents("c").empty());
  EXPECT_TRUE(apply().has_value()) << "by the next one";
  EXPECT_EQ(stage.documents("c").size(), 1u);
}

class Secrets : public testing::Test {
protected:
  SteadyClock clock_;
};

TEST_F(Secrets, AreTriedInTurnsWhenTheClusterRefusesThem) {
  Credentials credentials(clock_, {"first", "second"}, "test");
  auto const first = credentials.authorization();
  EXPECT_EQ(credentials.authorization(), first);
  EXPECT_TRUE(credentials.refused(first, 1));
  auto const second = credentials.authorization();
  EXPECT_NE(second, first);
  EXPECT_EQ(credentials.secret(), "second");
  // Many calls were refused with the first one; only one of them moves on.
  EXPECT_TRUE(credentials.refused(first, 2));
  EXPECT_EQ(credentials.authorization(), second);
  EXPECT_FALSE(credentials.refused(second, 3));
  EXPECT_EQ(credentials.secret(), "first");
}

TEST_F(Secrets, ThatAreNewComeFirstAndTheOneInUseStays) {
  Credentials credentials(clock_, {"old"}, "test");
  EXPECT_FALSE(credentials.replace({"old"}));
  EXPECT_FALSE(credentials.replace({""}));
  EXPECT_TRUE(credentials.replace({"new"}));
  EXPECT_EQ(credentials.secret(), "new");
  EXPECT_TRUE(credentials.refused(credentials.authorization(), 1));
  EXPECT_EQ(credentials.secret(), "old");
  EXPECT_FALSE(credentials.replace({"new"}));
  EXPECT_EQ(credentials.secret(), "old");
}

TEST_F(Secrets, AreNotInventedWhereThereIsNoAuthentication) {
  Credentials credentials(clock_, {}, "test");
  EXPECT_FALSE(credentials.replace({"secret"}));
  EXPECT_EQ(credentials.authorization(), "");
  EXPECT_FALSE(credentials.refused("", 1));
}

TEST_F(Secrets, OfAFolderWorkThoughTheClusterTakesOnlyOneOfThem) {
  Stage stage;
  std::atomic<int> refusals = 0;
  Connection connection(
      stage.io, stage.client, stage.clock, stage.telemetry,
      {endpoints(stage.sandbox->coordinators()), {"not yet", secret, "not any more"}, "test", [&] { ++refusals; }});
  auto answer = std::make_shared<std::promise<Outcome<ClusterFacts>>>();
  connection.check([answer](Outcome<ClusterFacts> facts) { answer->set_value(std::move(facts)); });
  auto const facts = answer->get_future().get();
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(connection.secret(), secret);
  EXPECT_EQ(refusals, 0);
}

TEST(AnAdapter, EndsAtOnceThoughAServerNeverAnswers) {
  http::Io io(2);
  std::promise<void> asked;
  std::vector<http::Responder> held;
  std::mutex mutex;
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto server = http::Server::start(io, options, [&](http::Request, http::Peer const&, http::Responder respond) {
    std::lock_guard lock(mutex);
    if (held.empty()) asked.set_value();
    held.push_back(std::move(respond));
  });
  ASSERT_TRUE(server.has_value()) << server.error();
  http::Client client(io, http::ClientTls{});
  SteadyClock clock;
  Silence telemetry;
  Answers answers;
  http::Endpoint const endpoint{false, "127.0.0.1", (*server)->port()};
  Connection connection(io, client, clock, telemetry, {{endpoint}, {}, "test"});
  auto const before = std::chrono::steady_clock::now();
  {
    SourceClusterHttp source(io, client, connection, answers);
    source.perform(worker::ReadStructure{RequestId(1)});
    asked.get_future().get();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
  std::lock_guard lock(mutex);
  held.clear();
  EXPECT_TRUE(answers.empty());
}

}  // namespace
}  // namespace arangosync::cluster
