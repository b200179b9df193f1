// Client commands against a scripted master: a plain HTTP server on a free port that answers what the test wants.
#include "app/cli/client.h"

#include "adapters/http/http.h"
#include "adapters/rest/forms.h"
#include "app/cli/connection.h"
#include "app/cli/stop_sync.h"
#include "tests/app/cli/temporary_folder.h"

#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"

#include <gtest/gtest.h>

#include <mutex>
#include <sstream>

using namespace arangosync;
using namespace arangosync::cli;
using namespace std::chrono_literals;

namespace {

/// Answers each request through `script`; remembers what was asked.
class ScriptedMaster {
public:
  using Script = std::function<http::Response(http::Request const&)>;

  explicit ScriptedMaster(Script script) : script_(std::move(script)) {
    http::Server::Options options;
    options.address = "127.0.0.1";
    auto server =
        http::Server::start(io_, options, [this](http::Request request, http::Peer const&, http::Responder respond) {
          http::Response response;
          {
            std::lock_guard const lock(mutex_);
            asked_.push_back(request);
            response = script_(request);
          }
          respond(std::move(response));
        });
    EXPECT_TRUE(server) << server.error();
    server_ = *std::move(server);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  std::vector<http::Request> asked() {
    std::lock_guard const lock(mutex_);
    return asked_;
  }

private:
  std::mutex mutex_;
  Script script_;
  std::vector<http::Request> asked_;
  http::Io io_{1};
  std::unique_ptr<http::Server> server_;
};

http::Response answer(std::string body, int status = 200) { return {status, {}, std::move(body)}; }

master::StatusView status_with(sync::Status overall, sync::Status of_shard, Duration delay) {
  master::StatusView view;
  view.source = {Url("https://a:8629")};
  view.status = overall;
  master::ShardView shard;
  shard.shard = {DatabaseName("d"), CollectionName("c"), 0};
  shard.report.status = of_shard;
  shard.report.delay = delay;
  view.shards = {shard};
  view.shards_count = 1;
  view.total_shards_count = 1;
  return view;
}

struct Ran {
  std::optional<ExitCode> code;  ///< of success
  Problem problem;
  std::string out;
};

template <class C>
Ran ran(std::vector<std::string> const& words) {
  auto const parsed = parse(words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  std::ostringstream out;
  auto const result = run(std::get<C>(*parsed), out);
  if (!result) return {std::nullopt, result.error(), out.str()};
  return {*result, {}, out.str()};
}

}  // namespace

TEST(GetCommand, PrintsWhatTheMasterSaysAndSendsCredentials) {
  ScriptedMaster master([](http::Request const&) { return answer(R"({"version":"1.2.3","build":"abc"})"); });
  auto const result =
      ran<Get>({"get", "version", "--master.endpoint=" + master.url(), "--auth.user=root", "--auth.password="});
  EXPECT_EQ(result.code, ExitCode::Success) << result.problem.message;
  EXPECT_NE(result.out.find("Server: Version 1.2.3, Build abc\n"), std::string::npos);
  auto const asked = master.asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].target, "/_api/version");
  EXPECT_EQ(http::header(asked[0].headers, "Authorization"), "Basic cm9vdDo=");
  EXPECT_EQ(http::header(asked[0].headers, "X-Allow-Forward-To-Leader"), "true");
}

TEST(GetCommand, PassesTheAnswerOnAsJson) {
  auto const body = rest::to_json(status_with(sync::Status::Running, sync::Status::Running, 1ms));
  ScriptedMaster master([&](http::Request const&) { return answer(body); });
  auto const result = ran<Get>({"get", "status", "--output=json", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.out, body + "\n");
}

TEST(GetCommand, PrintsStatusAsText) {
  auto const body = rest::to_json(status_with(sync::Status::InitialSync, sync::Status::InitialSync, 0ms));
  ScriptedMaster master([&](http::Request const&) { return answer(body); });
  auto const result = ran<Get>({"get", "status", "-v", "--master.endpoint=" + master.url()});
  EXPECT_NE(result.out.find("Incoming synchronization: initial-sync"), std::string::npos)
      << result.out << result.problem.message;
}

TEST(ClientCommands, TellApartUnreachableAndNotAuthorized) {
  ScriptedMaster master([](http::Request const&) { return answer(R"({"Error":"unauthorized"})", 401); });
  auto const denied =
      ran<Get>({"get", "tasks", "--master.endpoint=" + master.url(), "--auth.user=root", "--auth.password=geheim"});
  EXPECT_EQ(denied.problem.code, ExitCode::NotAuthorized);
  EXPECT_NE(denied.problem.message.find("--auth.password"), std::string::npos) << denied.problem.message;
  EXPECT_EQ(denied.problem.message.find("geheim"), std::string::npos) << denied.problem.message;

  auto const unreachable = ran<Get>({"get", "tasks", "--master.endpoint=http://127.0.0.1:1"});
  EXPECT_EQ(unreachable.problem.code, ExitCode::Unreachable);
  EXPECT_NE(unreachable.problem.message.find("127.0.0.1:1"), std::string::npos) << unreachable.problem.message;
  EXPECT_EQ(unreachable.problem.message.find('\n'), std::string::npos);
}

TEST(ClientCommands, NameTheFileThatIsWrong) {
  TemporaryFolder folder;
  auto const bad = folder.write("bad.pem", "no pem");
  std::string const master = "--master.endpoint=https://127.0.0.1:1";
  struct Case {
    std::string flag;
    std::string expected;
  };
  for (auto const& one :
       std::vector<Case>{{"--master.cacert=" + bad, "--master.cacert: " + bad},
                         {"--master.cacert=" + folder.file("none"), "Failed to read " + folder.file("none")},
                         {"--auth.keyfile=" + bad, "--auth.keyfile: " + bad},
                         {"--auth.jwt-secret=" + folder.file("none"), "Failed to read " + folder.file("none")},
                         {"--auth.jwt-secret=" + folder.write("empty", " \n"), "is empty"}}) {
    auto const result = ran<Get>({"get", "status", master, one.flag});
    EXPECT_EQ(result.problem.code, ExitCode::Failure);
    EXPECT_NE(result.problem.message.find(one.expected), std::string::npos) << result.problem.message;
  }
}

TEST(ConfigureCommand, SendsWhatTheFilesHold) {
  TemporaryFolder folder;
  auto const ca = x509::create_ca({});
  ASSERT_TRUE(ca);
  x509::LeafRequest wish;
  wish.purpose = x509::Purpose::ClientAuth;
  auto const client = x509::create_leaf(*ca, wish);
  ASSERT_TRUE(client);
  wish.purpose = x509::Purpose::TlsServer;
  auto const server = x509::create_leaf(*ca, wish);
  ASSERT_TRUE(server);
  auto const ca_file = folder.write("ca.crt", ca->certificate_pem);
  auto const keyfile = folder.write("client.keyfile", x509::to_keyfile(*client));
  auto const wrong = folder.write("server.keyfile", x509::to_keyfile(*server));

  ScriptedMaster master([](http::Request const&) { return answer(""); });
  std::vector<std::string> const words{"configure",
                                       "sync",
                                       "--master.endpoint=" + master.url(),
                                       "--master.keyfile=" + keyfile,
                                       "--source.endpoint=https://a1,https://a2:1/x",
                                       "--source.cacert=" + ca_file};
  auto const result = ran<ConfigureSync>(words);
  EXPECT_EQ(result.code, ExitCode::Success) << result.problem.message;
  EXPECT_EQ(result.out, "Synchronization activated.\n");
  ASSERT_EQ(master.asked().size(), 1u);
  EXPECT_EQ(master.asked()[0].method, "POST");
  auto const sent = rest::read_configure(master.asked()[0].body);
  ASSERT_TRUE(sent) << sent.error();
  EXPECT_EQ(sent->source, (std::vector{Url("https://a1:8629"), Url("https://a2:1")}));
  EXPECT_EQ(sent->authentication.client_key, client->key_pem);

  auto with_server_keyfile = words;
  with_server_keyfile[3] = "--master.keyfile=" + wrong;
  auto const refused = ran<ConfigureSync>(with_server_keyfile);
  EXPECT_NE(refused.problem.message.find("is for servers, not for clients"), std::string::npos)
      << refused.problem.message;
  EXPECT_EQ(master.asked().size(), 1u);
}

master::StatusView held(master::StatusView view, bool in_sync) {
  view.shards[0].in_sync = in_sync;
  view.barrier = master::BarrierView{in_sync ? 1u : 0u, in_sync ? 0u : 1u, true};
  return view;
}

TEST(StopCommand, HoldsTheSourceUntilAllIsInSyncThenWaitsUntilStopped) {
  int looks = 0;
  bool stopped = false;
  bool is_held = false;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.target == "/_api/sync/barrier") {
      EXPECT_EQ(request.method, "POST");
      is_held = true;
      return answer("");
    }
    if (request.method == "DELETE") {
      EXPECT_TRUE(is_held);
      stopped = true;
      looks = 0;
      return answer(R"({"cancelling":true})");
    }
    ++looks;
    if (stopped)
      return answer(rest::to_json(looks < 3 ? status_with(sync::Status::Cancelling, sync::Status::Cancelling, 0ms)
                                            : master::StatusView{}));
    if (looks == 2) return answer("busy", 503);
    auto const running = status_with(sync::Status::Running, sync::Status::Running, 10ms);
    return answer(rest::to_json(is_held ? held(running, looks > 5) : running));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=30s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.code, ExitCode::Success) << result.problem.message;
  EXPECT_NE(result.out.find("all shards and the structure are in sync"), std::string::npos) << result.out;
  EXPECT_TRUE(result.out.ends_with("Synchronization stopped.\n")) << result.out;
}

TEST(StopCommand, LetsTheSourceGoIfItDoesNotComeInSyncInTime) {
  bool is_held = false;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.target == "/_api/sync/barrier") {
      is_held = request.method == "POST";
      return answer("");
    }
    EXPECT_EQ(request.method, "GET");
    return answer(rest::to_json(held(status_with(sync::Status::Running, sync::Status::Running, 10ms), false)));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=1s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.problem.code, ExitCode::Failure);
  EXPECT_FALSE(is_held);
  EXPECT_NE(result.problem.message.find("nothing was stopped"), std::string::npos) << result.problem.message;
  EXPECT_NE(result.problem.message.find("accepts writes again"), std::string::npos) << result.problem.message;
}

// Found by review: the leader saved the wish and died before it answered; the source stayed read-only.
TEST(StopCommand, LetsTheSourceGoIfNobodyAnswersWhetherTheBarrierHasBegun) {
  bool is_held = false;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.target == "/_api/sync/barrier") {
      is_held = request.method == "POST";
      return is_held ? answer("the leader has gone", 503) : answer("");
    }
    EXPECT_EQ(request.method, "GET");
    return answer(rest::to_json(status_with(sync::Status::Running, sync::Status::Running, 10ms)));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=1s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.problem.code, ExitCode::Unreachable);
  EXPECT_FALSE(is_held);
  EXPECT_NE(result.problem.message.find("accepts writes again"), std::string::npos) << result.problem.message;
}

TEST(StopCommand, SaysWhenTheSourceIsWritableIfItCouldNotBeTold) {
  bool is_held = false;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.target == "/_api/sync/barrier" && request.method == "POST") {
      is_held = true;
      return answer("");
    }
    if (request.method == "DELETE") return answer("busy", 503);
    auto const running = status_with(sync::Status::Running, sync::Status::Running, 10ms);
    return answer(rest::to_json(is_held ? held(running, true) : running));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=1s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.problem.code, ExitCode::Unreachable) << "neither the stop nor the end of the barrier was answered";
  EXPECT_NE(result.problem.message.find("does so by itself within 5 minutes."), std::string::npos)
      << result.problem.message;
}

TEST(StopCommand, EndsNoBarrierThatWasRefusedIt) {
  ScriptedMaster master([&](http::Request const& request) {
    if (request.method == "POST")
      return answer(R"({"Error":"a barrier needs a synchronization that is running"})", 412);
    EXPECT_EQ(request.method, "GET");
    return answer(rest::to_json(status_with(sync::Status::Running, sync::Status::Running, 10ms)));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=1s", "--master.endpoint=" + master.url()});
  EXPECT_NE(result.problem.message.find("is running"), std::string::npos) << result.problem.message;
}

TEST(StopCommand, ChangesNothingIfTheSynchronizationIsNotRunning) {
  ScriptedMaster master([&](http::Request const& request) {
    EXPECT_EQ(request.method, "GET");
    return answer(rest::to_json(status_with(sync::Status::InitialSync, sync::Status::InitialSync, 0ms)));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--timeout=1s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.problem.code, ExitCode::Failure);
  EXPECT_NE(result.problem.message.find("nothing was stopped"), std::string::npos) << result.problem.message;
  EXPECT_NE(result.problem.message.find("initial-sync"), std::string::npos) << result.problem.message;
}

TEST(AbortCommand, ForcesTheStopAndSaysWhatIsLeftToDo) {
  bool forced = false;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.method == "DELETE" && !forced) {
      auto const asked = rest::read_stop(request.body);
      EXPECT_TRUE(asked && asked->force);
      EXPECT_EQ(asked->force_timeout, 5s);
      forced = true;
      return answer(R"({"cancelling":true})");
    }
    if (request.method == "DELETE") return answer(R"({"aborted":true,"cluster_id":"ourselves"})");
    if (!forced) return answer(rest::to_json(status_with(sync::Status::Running, sync::Status::Running, 0ms)));
    master::StatusView view;
    view.cancellation_aborted = true;
    return answer(rest::to_json(view));
  });
  auto const result = ran<StopSync>({"abort", "sync", "--timeout=10s", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.code, ExitCode::Success) << result.problem.message;
  EXPECT_NE(result.out.find("abort outgoing sync --target=ourselves"), std::string::npos) << result.out;
}

TEST(AbortOutgoingCommand, RemovesTheOnlyTargetAndAsksWhichOfSeveral) {
  master::StatusView view;
  view.outgoing.resize(1);
  view.outgoing[0].id = ClusterId("one");
  std::string removed;
  ScriptedMaster master([&](http::Request const& request) {
    if (request.method == "GET") return answer(rest::to_json(view));
    removed = request.target;
    return answer("");
  });
  std::string const endpoint = "--master.endpoint=" + master.url();
  EXPECT_EQ(ran<AbortOutgoing>({"abort", "outgoing", "sync", endpoint}).code, ExitCode::Success);
  EXPECT_EQ(removed, "/_api/sync/outgoing/one?server_mode=");
  view.outgoing.push_back(view.outgoing[0]);
  view.outgoing[1].id = ClusterId("two");
  EXPECT_EQ(ran<AbortOutgoing>({"abort", "outgoing", "sync", endpoint}).problem.code, ExitCode::Failure);
  EXPECT_EQ(ran<AbortOutgoing>({"abort", "outgoing", "sync", "--target=two", endpoint}).code, ExitCode::Success);
  EXPECT_EQ(removed, "/_api/sync/outgoing/two?server_mode=");
  EXPECT_EQ(ran<AbortOutgoing>({"abort", "outgoing", "sync", "--target=x", endpoint}).problem.code, ExitCode::Failure);
}

TEST(ResetCommand, NamesTheShard) {
  std::string reset;
  ScriptedMaster master([&](http::Request const& request) {
    reset = request.method + " " + request.target;
    return answer("");
  });
  auto const result = ran<ResetShard>(
      {"reset", "failed", "shard", "--database=d", "--collection=c", "--shard=3", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.code, ExitCode::Success) << result.problem.message;
  EXPECT_EQ(reset, "PUT /_api/sync/database/d/collection/c/shard/3/reset");
}

TEST(StopCommand, DoesNotWaitForAShardThatFailed) {
  ScriptedMaster master([](http::Request const&) {
    return answer(rest::to_json(status_with(sync::Status::Running, sync::Status::Failed, 0ms)));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--master.endpoint=" + master.url()});
  EXPECT_NE(result.problem.message.find("d/c shard 0 has failed"), std::string::npos) << result.problem.message;
}

TEST(StopCommand, SaysWhenTheStopTakesTooLong) {
  ScriptedMaster master([](http::Request const& request) {
    if (request.method == "DELETE") return answer(R"({"cancelling":true})");
    return answer(rest::to_json(status_with(sync::Status::Cancelling, sync::Status::Cancelling, 0ms)));
  });
  auto const result =
      ran<StopSync>({"stop", "sync", "--timeout=1s", "--ensure-in-sync=false", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.problem.code, ExitCode::Failure);
  EXPECT_NE(result.problem.message.find("goes on"), std::string::npos) << result.problem.message;
}

TEST(StopCommand, HasNothingToDoWhenNothingIsActive) {
  ScriptedMaster master([](http::Request const& request) {
    EXPECT_EQ(request.method, "GET");
    return answer(rest::to_json(master::StatusView{}));
  });
  auto const result = ran<StopSync>({"stop", "sync", "--master.endpoint=" + master.url()});
  EXPECT_EQ(result.code, ExitCode::Success);
  EXPECT_NE(result.out.find("nothing to stop"), std::string::npos);
}

TEST(InSync, IsOnlyKnownWhileTheSourceIsReadOnly) {
  auto view = status_with(sync::Status::Running, sync::Status::Running, 10ms);
  EXPECT_EQ(not_in_sync(view), "the source is not read-only yet");
  view.barrier = master::BarrierView{0, 1, true};
  EXPECT_EQ(not_in_sync(view), "d/c shard 0 is running and not known to be in sync");
  view.shards[0].in_sync = true;
  EXPECT_EQ(
      not_in_sync(view),
      "the structure is not known yet to be the source's; if it stays so, arangosync get status -v says what differs");
  view.barrier = master::BarrierView{1, 0, true};
  EXPECT_EQ(not_in_sync(view), std::nullopt);
  view.status = sync::Status::Cancelling;
  EXPECT_EQ(not_in_sync(view), "status is cancelling");
}

TEST(SetCommand, SendsTheTimeoutInNanoseconds) {
  ScriptedMaster master([](http::Request const&) { return answer(""); });
  auto const result = ran<SetMessageTimeout>({"set", "message", "timeout", "--master.endpoint=" + master.url(), "15m"});
  EXPECT_EQ(result.out, "Message timeout set to 15m.\n") << result.problem.message;
  ASSERT_EQ(master.asked().size(), 1u);
  EXPECT_EQ(master.asked()[0].method, "PUT");
  EXPECT_NE(master.asked()[0].body.find("900000000000"), std::string::npos);
}
