// A master's server over real TLS in front of a state that a test has put together, and an engine that answers every
// call as told and remembers what it was asked.
#pragma once

#include "adapters/clock/os_clock.h"
#include "adapters/rest/master_server.h"
#include "adapters/x509/authorization.h"
#include "adapters/x509/certificate.h"
#include "adapters/x509/jwt.h"

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace arangosync::rest {

using namespace std::chrono_literals;

inline std::string const master_secret = "the masters' secret";
inline std::string const good_token(64, 'a');
inline std::string const dead_token(64, 'd');

inline bool eventually(std::function<bool()> const& condition) {
  auto const limit = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

class QuietTelemetry final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view) override {}
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
};

/// Outlives every event loop, as a process's telemetry does.
inline QuietTelemetry& telemetry() {
  static QuietTelemetry quiet;
  return quiet;
}

struct Certificates {
  Certificates() {
    x509::LeafRequest wanted;
    wanted.hosts = {"127.0.0.1"};
    ca = *x509::create_ca({});
    server = *x509::create_leaf(ca, wanted);
    client_ca = *x509::create_ca({});
    x509::LeafRequest client_wanted;
    client_wanted.purpose = x509::Purpose::ClientAuth;
    client_wanted.emails = {"admin@example.org"};
    client = *x509::create_leaf(client_ca, client_wanted);
    worker_ca = *x509::create_ca({});
    worker = *x509::create_leaf(worker_ca, wanted);
  }
  static Certificates const& shared() {
    static Certificates const one;
    return one;
  }
  http::ServerTls master_tls() const { return {server.certificate_pem, server.key_pem, client_ca.certificate_pem}; }
  http::ServerTls worker_tls() const { return {worker.certificate_pem, worker.key_pem, {}}; }

  x509::Identity ca, server, client_ca, client, worker_ca, worker;
};

inline master::Identity identity(std::string const& id, Url endpoint) {
  master::Identity self;
  self.id = MasterId(id);
  self.internal_endpoint = endpoint;
  self.public_endpoints = {endpoint};
  self.channel_prefix = "sync_a_m1.";
  self.tls_ca_certificate = Certificates::shared().ca.certificate_pem;
  self.token_lifetime = 6h;
  return self;
}

/// A leader with one token, no workers and no tasks yet.
inline master::State leading(master::Identity self) {
  master::State state = master::initial_state(std::move(self));
  master::Office& office = state.office.emplace();
  office.loaded = true;
  auto const& ca = Certificates::shared().worker_ca;
  office.worker_ca = master::WorkerCa{ca.certificate_pem, ca.key_pem};
  clock::OsClock clock;
  state.election.phase = election::Holding{{}, clock.now() + 1h, std::nullopt};
  office.tokens[Token(good_token)] = {clock.wall_now() + 1h, std::nullopt};
  office.tokens[Token(dead_token)] = {clock.wall_now() + -1h, std::nullopt};
  return state;
}

inline master::State following(master::Identity self, std::optional<Url> leader) {
  master::State state = master::initial_state(std::move(self));
  if (!leader) return state;
  MasterId const other("leader");
  state.masters[other] = {*leader, {*leader}};
  election::Watching watching;
  watching.looked = true;
  watching.seen = election::Lease{other, Term(3), 1};
  state.election.phase = watching;
  return state;
}

inline membership::WorkerRecord add_worker(master::State& state, std::string const& id, Url endpoint) {
  membership::WorkerRecord const record{WorkerId(id), endpoint, Token("worker's token"), 77, "host"};
  clock::OsClock clock;
  state.office->members[record.id] = {record, clock.now() + 30s};
  task::worker_joined(state.office->tasks, record.id, {});
  return record;
}

inline task::Task add_sender(master::State& state, std::string const& id, ChannelName const& data,
                             WorkerId const& worker) {
  task::Task task;
  task.id = TaskId(id);
  task.spec.kind = task::Kind::SendShard;
  task.spec.channels = {data, ChannelName("sync_b.control")};
  task.spec.target = ClusterId("target");
  task.spec.shard = ShardRef{DatabaseName("shop"), CollectionName("orders"), 2};
  task.assignment = task::Assignment{worker, WallTime(Duration(1)), 1};
  task::apply(state.office->tasks, task::TaskCreated{task});
  return task;
}

/// One master process: state, engine stand-in, server.
class TestMaster {
public:
  explicit TestMaster(http::Io& io, std::string const& id = "self") : callers(io) {
    MasterServerOptions options;
    options.listen.address = "127.0.0.1";
    options.listen.tls = Certificates::shared().master_tls();
    options.identity = identity(id, Url("https://master.example:8629"));
    options.jwt_secret = master_secret;
    options.monitoring_token = "watcher";
    options.version = {"1.2.3", "abcdef"};
    options.leader_tls.ca_pem = Certificates::shared().ca.certificate_pem;
    options.call_timeout = 300ms;
    options.health_timeout = 100ms;
    MasterServerSeams seams;
    seams.master.offer = [this](master::Command command) {
      if (is_busy) return false;
      take(std::move(command));
      return true;
    };
    seams.master.query = [this, &io](std::function<void(master::State const&)> look) {
      io.post([this, look = std::move(look)] {
        std::lock_guard const lock(mutex);
        if (!answers) return held.push_back(look);
        look(state);
      });
    };
    seams.master.is_running = [this] { return is_running.load(); };
    seams.cluster = [] { return ClusterFacts{{Url("https://coordinator:8529")}, "cluster's secret"}; };
    seams.check_user = [this](x509::BasicCredentials user, std::function<void(Verdict)> answer) {
      bool const is_right = accepts_users && user.user == "root" && user.password == "right";
      answer(!knows_users ? Verdict::Unknown : is_right ? Verdict::Opens : Verdict::Closed);
    };
    seams.metrics_text = [] { return std::string("arangosync_up 1\n"); };
    seams.metrics_json = [] { return std::string(R"({"up":1})"); };
    state = leading(options.identity);
    server = *MasterServer::start(io, options, seams, callers, clock, telemetry());
  }
  ~TestMaster() { server.reset(); }

  Url url() const { return Url("https://127.0.0.1:" + std::to_string(server->port())); }
  http::Endpoint endpoint() const { return {true, "127.0.0.1", server->port()}; }
  template <class F>
  void change(F change) {
    std::lock_guard const lock(mutex);
    change(state);
  }
  /// The last command taken, if it is one of this kind.
  template <class T>
  std::optional<T> last() {
    std::lock_guard const lock(mutex);
    if (commands.empty() || !std::holds_alternative<T>(commands.back())) return std::nullopt;
    return std::get<T>(commands.back());
  }

  clock::OsClock clock;
  std::mutex mutex;
  master::State state;
  std::vector<master::Command> commands;
  std::optional<master::ReplyBody> reply = Done{};  ///< absent: never answers
  std::atomic<bool> accepts_users{true};
  std::atomic<bool> knows_users{true};  ///< false: the cluster cannot be asked
  std::atomic<bool> is_running{true};   ///< the engine
  std::atomic<bool> is_busy{false};     ///< its inbox is full
  std::atomic<bool> answers{true};      ///< false: questions are kept in `held`
  std::vector<std::function<void(master::State const&)>> held;
  Callers callers;
  std::unique_ptr<MasterServer> server;

private:
  void take(master::Command command) {
    std::lock_guard const lock(mutex);
    commands.push_back(command);
    std::visit(
        [this](auto const& body) {
          if constexpr (requires { body.call; }) {
            if (reply) callers.perform({body.call, *reply});
          }
        },
        command);
  }
};

/// How a caller presents himself.
struct Credential {
  std::string authorization;
  bool certificate = false;
};
inline Credential jwt() { return {"bearer " + x509::master_jwt(master_secret)}; }
inline Credential basic(std::string const& password) { return {x509::basic_authorization({"root", password})}; }
inline Credential bearer(std::string const& token) { return {"Bearer " + token}; }

class Clients {
public:
  explicit Clients(http::Io& io)
      : plain_(io, {Certificates::shared().ca.certificate_pem, {}, {}}),
        certified_(io, {Certificates::shared().ca.certificate_pem, Certificates::shared().client.certificate_pem,
                        Certificates::shared().client.key_pem}),
        to_worker_(io, {Certificates::shared().worker_ca.certificate_pem, {}, {}}) {}

  http::Response call(http::Endpoint const& endpoint, std::string const& method, std::string const& target,
                      std::string const& body, Credential const& who, bool may_forward = false) {
    return send(who.certificate ? certified_ : plain_, endpoint, method, target, body, who, may_forward);
  }
  http::Response call_worker(http::Endpoint const& endpoint, std::string const& method, std::string const& target,
                             std::string const& body, Credential const& who) {
    return send(to_worker_, endpoint, method, target, body, who, false);
  }

private:
  static http::Response send(http::Client& client, http::Endpoint const& endpoint, std::string const& method,
                             std::string const& target, std::string const& body, Credential const& who,
                             bool may_forward) {
    http::Request request{method, target, {}, body};
    if (!who.authorization.empty()) request.headers.push_back({"Authorization", who.authorization});
    if (may_forward) request.headers.push_back({"X-Allow-Forward-To-Leader", "true"});
    auto promise = std::make_shared<std::promise<http::Answer>>();
    client.send({endpoint, std::move(request), 20s, true},
                [promise](http::Answer answer) { promise->set_value(std::move(answer)); });
    http::Answer const answer = promise->get_future().get();
    return answer ? *answer : http::Response{0, {}, answer.error().message};
  }

  http::Client plain_;
  http::Client certified_;
  http::Client to_worker_;
};

}  // namespace arangosync::rest
