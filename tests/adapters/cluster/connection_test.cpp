// First contact, fail-over between Coordinators, server mode, and an end in the middle of calls.
#include "adapters/cluster/control_http.h"
#include "tests/adapters/cluster/stage.h"

#include <future>

namespace arangosync::cluster {
namespace {

Outcome<ClusterFacts> check(Stage& stage, std::vector<http::Endpoint> coordinators, std::string jwt_secret) {
  Connection connection(stage.io, stage.client, stage.clock, stage.telemetry,
                        {std::move(coordinators), std::move(jwt_secret), "test"});
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
  Connection connection(io, client, clock, telemetry, {{endpoint}, "", "test"});
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
