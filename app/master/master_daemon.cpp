#include "app/master/master_daemon.h"

#include "adapters/agency/http_agency.h"
#include "adapters/agency/master_store.h"
#include "adapters/clock/os_clock.h"
#include "adapters/cluster/control_http.h"
#include "adapters/cluster/fitness.h"
#include "adapters/rest/callers.h"
#include "adapters/rest/master_server.h"
#include "adapters/rest/own_workers_http.h"
#include "adapters/rest/remote_masters_http.h"
#include "adapters/telemetry/telemetry.h"
#include "adapters/x509/certificate.h"
#include "adapters/x509/secret_files.h"
#include "app/engine/machines.h"
#include "app/engine/measuring.h"
#include "app/engine/perform.h"
#include "app/engine/runner.h"
#include "app/engine/signals.h"
#include "app/master/master_gauges.h"
#include "app/master/master_log.h"
#include "app/master/server_ca.h"
#include "app/master/user_check.h"
#include "app/trace/process_trace.h"
#include "domain/master/view.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace arangosync::app {

namespace {

using engine::MasterMachine;
using engine::SaveOutcome;
using ports::LogLevel;

constexpr Duration farewell_patience = std::chrono::seconds(5);
constexpr Duration certificate_warning = std::chrono::hours(24 * 30);

master::Identity make_identity(MasterOptions const& options, Entropy entropy) {
  Draw draw(entropy);
  master::Identity identity;
  identity.id = MasterId(draw.hex(32));
  identity.internal_endpoint = Url(http::to_url(options.server_endpoint));
  for (auto const& endpoint : options.master_endpoints) identity.public_endpoints.emplace_back(http::to_url(endpoint));
  if (identity.public_endpoints.empty()) identity.public_endpoints = {identity.internal_endpoint};
  identity.channel_prefix = "sync_" + identity.id.value().substr(0, 8) + ".";
  identity.tls_ca_certificate = server_ca(options.certificate_pem);
  identity.token_lifetime = options.direct_token_ttl;
  identity.program_version = options.program_version + "+" + options.program_build;
  return identity;
}

SaveOutcome outcome_of(master::WriteOutcome outcome) {
  switch (outcome) {
    case master::WriteOutcome::Applied:
      return SaveOutcome::Applied;
    case master::WriteOutcome::Refused:
      return SaveOutcome::Refused;
    case master::WriteOutcome::Unknown:
      break;
  }
  return SaveOutcome::Unknown;
}

/// ports::CertificateMaker: a new authority (spec agency 2.4). Done at once: one P-521 key takes a few milliseconds,
/// once in the life of a datacenter.
class WorkerCaMaker final : public ports::CertificateMaker {
public:
  explicit WorkerCaMaker(ports::Inbox<master::Command>& inbox) : inbox_(inbox) {}

  void perform(master::MakeWorkerCa const& effect) override {
    x509::CaRequest wish;
    wish.curve = "P521";
    wish.valid_for = 40 * x509::year;
    wish.not_before = WallTime(std::chrono::system_clock::now().time_since_epoch()) + -x509::clock_margin;
    auto made = x509::create_ca(wish);
    master::WorkerCaMade answer{effect.request, unexpected(Fault{})};
    if (made) {
      answer.outcome = master::WorkerCa{made->certificate_pem, made->key_pem};
    } else {
      answer.outcome = unexpected(Fault{FaultClass::Permanent, "worker CA: " + made.error()});
    }
    inbox_.post(std::move(answer));
  }

private:
  ports::Inbox<master::Command>& inbox_;
};

/// What our cluster is, read by requests and written by the answers of the agency.
class OwnKind {
public:
  cluster::Kind get() const {
    std::lock_guard lock(mutex_);
    return kind_;
  }
  void set(cluster::Kind kind) {
    std::lock_guard lock(mutex_);
    kind_ = std::move(kind);
  }

private:
  mutable std::mutex mutex_;
  cluster::Kind kind_;
};

/// Everything a master is made of, in the order in which it can be built; destroyed the other way round.
class MasterProcess {
public:
  MasterProcess(MasterOptions const& options, telemetry::ProcessTelemetry& telemetry)
      : options_(options), telemetry_(telemetry), identity_(make_identity(options, entropy_.draw())) {}

  /// Listens; the version endpoint answers from now on.
  Expected<Done, std::string> listen();
  /// Waits until the cluster is found to be one we may use. False: told to stop meanwhile.
  Expected<bool, CannotRun> reach_cluster(engine::Signals& signals);
  void run(engine::Signals& signals);

private:
  void build_adapters();
  rest::MasterServerSeams seams();
  void read_secrets_again();
  void look_at_own_kind();
  void look_at_certificate();
  void say_farewell();

  MasterOptions const& options_;
  telemetry::ProcessTelemetry& telemetry_;
  clock::OsClock clock_;
  clock::OsEntropy entropy_;
  master::Identity const identity_;
  std::optional<engine::MasterPorts> ports_;
  MasterLog log_{telemetry_};
  std::unique_ptr<trace::ProcessTrace<MasterMachine>> trace_ = trace::ProcessTrace<MasterMachine>::open(
      options_.trace, "master-" + std::to_string(options_.port),
      {options_.program_version + "+" + options_.program_build, "master", http::to_url(options_.server_endpoint)},
      telemetry_);
  http::Io io_{2};
  http::Client cluster_client_{io_, http::ClientTls{}};
  OwnKind kind_;
  Instant look_at_kind_at_;
  Instant look_at_certificate_at_;
  std::string secret_problem_;           // why the secrets could not be read the last time
  std::atomic<bool> is_running_{false};  // the engine takes questions
  engine::Runner<MasterMachine> runner_{
      master::initial_state(identity_),
      {[this](master::Effect const& effect) { engine::perform(*ports_, effect); },
       [this](std::vector<master::Event> const& events, master::State const& after) {
         store_->save(master::term_of(after), master::first_sequence(after, events.size()), events, after,
                      [this](master::WriteOutcome outcome) {
                        log_.saved(outcome);
                        runner_.saved(outcome_of(outcome), master::SaveFailed{"the agency did not take the save"});
                      });
       }},
      clock_,
      entropy_,
      trace::observers(trace_, log_)};
  engine::Measuring<MasterMachine> gauges_{runner_, [this](master::State const& state) { measure(telemetry_, state); }};
  cluster::Connection connection_{io_,
                                  cluster_client_,
                                  clock_,
                                  telemetry_,
                                  {options_.cluster_endpoints, options_.cluster_jwt_secrets, "arangosync-master"}};
  UserCheck user_check_{io_, cluster_client_, connection_, !options_.cluster_jwt_secrets.empty()};
  std::unique_ptr<agency::HttpAgency> agency_;
  std::unique_ptr<agency::AgencyMasterStore> store_;
  std::unique_ptr<rest::OwnWorkersHttp> workers_;
  std::unique_ptr<rest::RemoteMastersHttp> remote_;
  std::unique_ptr<cluster::ControlHttp> control_;
  WorkerCaMaker certificates_{runner_};
  rest::Callers callers_{io_};
  std::unique_ptr<rest::MasterServer> server_;
};

rest::MasterServerSeams MasterProcess::seams() {
  rest::MasterServerSeams seams;
  seams.master.offer = [this](master::Command command) { return runner_.offer(std::move(command)); };
  seams.master.query = [this](std::function<void(master::State const&)> query) { runner_.query(std::move(query)); };
  seams.master.is_running = [this] { return is_running_.load(); };
  seams.cluster = [this] {
    rest::ClusterFacts facts;
    for (auto const& endpoint : options_.cluster_endpoints) facts.endpoints.emplace_back(http::to_url(endpoint));
    facts.jwt_secret = connection_.secret();
    auto kind = kind_.get();
    facts.traits = {std::move(kind.version), kind.extended_names};
    facts.rules = {options_.min_replication_factor, options_.max_replication_factor, options_.exclude_root_user};
    return facts;
  };
  seams.check_user = [this](x509::BasicCredentials credentials, std::function<void(rest::Verdict)> answer) {
    user_check_.check(std::move(credentials), std::move(answer));
  };
  seams.events = [this](std::function<void(Outcome<std::vector<rest::EventLine>>)> answer) {
    if (!is_running_) return answer(unexpected(Fault{FaultClass::Retry, "the master is starting"}));
    store_->read_journal([answer](Outcome<std::vector<agency::layout::JournalEntry>> const& entries) {
      if (!entries) return answer(unexpected(entries.error()));
      std::vector<rest::EventLine> lines;
      for (auto const& entry : *entries) {
        lines.push_back({entry.sequence, entry.term.value(), entry.time, entry.event, entry.details});
      }
      answer(std::move(lines));
    });
  };
  seams.metrics_text = [this] { return telemetry_.prometheus(); };
  seams.metrics_json = [this] { return telemetry_.json(); };
  return seams;
}

Expected<Done, std::string> MasterProcess::listen() {
  rest::MasterServerOptions server;
  server.listen.port = options_.port;
  server.listen.tls = http::ServerTls{options_.certificate_pem, options_.key_pem, options_.client_ca_pem};
  server.identity = identity_;
  server.jwt_secret = options_.master_jwt_secret;
  server.monitoring_token = options_.monitoring_token;
  server.version = {options_.program_version, options_.program_build};
  server.leader_tls.ca_pem = identity_.tls_ca_certificate;
  auto started = rest::MasterServer::start(io_, std::move(server), seams(), callers_, clock_, telemetry_);
  if (!started) return unexpected(started.error());
  server_ = std::move(*started);
  if (identity_.tls_ca_certificate.empty()) {
    telemetry_.log(
        LogLevel::Warn, "server",
        "--server.keyfile holds no CA certificate behind the server's own: what this datacenter's other masters and "
        "its source send here is NOT protected against a stranger in between; append the CA to the keyfile");
  }
  telemetry_.log(LogLevel::Info, "server", "listening on port " + std::to_string(server_->port()));
  return Done{};
}

Expected<bool, CannotRun> MasterProcess::reach_cluster(engine::Signals& signals) {
  bool warned = false;
  while (true) {
    auto promise = std::make_shared<std::promise<Outcome<cluster::ClusterFacts>>>();  // shared with the answer to come
    auto future = promise->get_future();
    connection_.check([promise](Outcome<cluster::ClusterFacts> outcome) { promise->set_value(std::move(outcome)); });
    while (future.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
      if (signals.wait(std::chrono::milliseconds(50))) return false;
    }
    Outcome<cluster::ClusterFacts> outcome = future.get();
    if (outcome) {
      telemetry_.log(LogLevel::Info, "cluster",
                     "ArangoDB " + outcome->version + " with " + std::to_string(outcome->db_servers) + " DB-Servers");
      return true;
    }
    if (outcome.error().fault_class == FaultClass::Denied) {
      return unexpected(CannotRun(outcome.error().message + "; give the cluster's own secret in --cluster.jwt-secret"));
    }
    if (outcome.error().fault_class != FaultClass::Retry) return unexpected(CannotRun(outcome.error().message, true));
    if (!warned) telemetry_.log(LogLevel::Warn, "cluster", "waiting for the cluster: " + outcome.error().message);
    warned = true;
    if (signals.wait(std::chrono::seconds(1))) return false;
  }
}

void MasterProcess::build_adapters() {
  agency::HttpAgency::Options agency;
  agency.endpoints = [this](std::function<void(std::vector<http::Endpoint>)> answer) {
    connection_.agents(std::move(answer));
  };
  agency.authorization = [this] { return connection_.authorization(); };
  agency.refused = [this](std::string const& authorization, std::size_t times) {
    return connection_.refused(authorization, times);
  };
  agency_ = std::make_unique<agency::HttpAgency>(io_, cluster_client_, clock_, std::move(agency));
  store_ = std::make_unique<agency::AgencyMasterStore>(*agency_, runner_, clock_, identity_);
  workers_ = std::make_unique<rest::OwnWorkersHttp>(io_, runner_, options_.master_jwt_secret);
  auto const unfit = [this](rest::ClusterTraits const& source) {
    return cluster::unfit_source({source.version, source.extended_names}, kind_.get());
  };
  remote_ = std::make_unique<rest::RemoteMastersHttp>(io_, runner_, unfit);
  look_at_own_kind();
  control_ = std::make_unique<cluster::ControlHttp>(io_, cluster_client_, connection_, runner_);
  ports_.emplace(engine::MasterPorts{*store_, *workers_, *remote_, callers_, *control_, certificates_, runner_});
}

void MasterProcess::run(engine::Signals& signals) {
  build_adapters();
  runner_.start();
  is_running_ = true;
  while (!signals.wait(std::chrono::seconds(1))) {
    read_secrets_again();
    gauges_.go_on(clock_.now());
    if (clock_.now() >= look_at_kind_at_) look_at_own_kind();
    if (clock_.now() >= look_at_certificate_at_) look_at_certificate();
  }
  say_farewell();
  server_.reset();
  runner_.stop();
}

void MasterProcess::read_secrets_again() {
  if (options_.cluster_jwt_secret_file.empty()) return;
  auto secrets = x509::read_secrets(options_.cluster_jwt_secret_file);
  std::string const problem = secrets ? "" : secrets.error();
  if (!problem.empty() && problem != secret_problem_) {
    telemetry_.log(LogLevel::Warn, "cluster", problem + "; going on with the secret in use");
  }
  secret_problem_ = problem;
  if (secrets && connection_.replace_secrets(std::move(*secrets))) {
    telemetry_.log(LogLevel::Info, "cluster", "the cluster's secret was read again, as it has changed");
  }
}

void MasterProcess::look_at_own_kind() {
  // A cluster is upgraded under a running master.
  Duration const pause = kind_.get().version.empty() ? std::chrono::seconds(1) : std::chrono::seconds(15);
  look_at_kind_at_ = clock_.now() + pause;
  agency_->read({"/arango/Current/ServersRegistered"}, [this](Outcome<std::string> const& answer) {
    if (answer) kind_.set(cluster::kind_of(*answer));
  });
}

void MasterProcess::look_at_certificate() {
  look_at_certificate_at_ = clock_.now() + std::chrono::hours(24);
  auto const facts = x509::read_certificate(options_.certificate_pem);
  if (!facts) return;  // it serves, so it can be read
  telemetry_.gauge("arangosync_certificate_expiry_timestamp_seconds", {},
                   std::chrono::duration<double>(facts->earliest_expiry.since_epoch()).count());
  Duration const left = facts->earliest_expiry - clock_.wall_now();
  if (left > certificate_warning) return;
  auto const days = std::chrono::floor<std::chrono::days>(std::max(left, Duration{0})).count();
  telemetry_.log(LogLevel::Warn, "server",
                 "the certificate in --server.keyfile ends in " + std::to_string(days) +
                     " days; then nobody who verifies it reaches this master: make a new one and restart");
}

void MasterProcess::say_farewell() {
  telemetry_.log(LogLevel::Info, "master", "stopping");
  runner_.post(master::Shutdown{});
  auto const deadline = std::chrono::steady_clock::now() + farewell_patience;
  while (std::chrono::steady_clock::now() < deadline) {
    auto promise = std::make_shared<std::promise<bool>>();  // shared with the query, which may run late or never
    auto future = promise->get_future();
    runner_.query([promise](master::State const& state) { promise->set_value(master::is_stopped(state)); });
    if (future.wait_until(deadline) == std::future_status::ready && future.get()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the answer waited for needs the processor, too
  }
  telemetry_.log(LogLevel::Warn, "master",
                 "the lease could not be given back in time; another master takes over when it ends");
}

}  // namespace

Expected<int, CannotRun> run_master(MasterOptions const& options) {
  engine::Signals signals;
  auto telemetry = telemetry::ProcessTelemetry::open(options.log);
  if (!telemetry) return unexpected(CannotRun(telemetry.error()));
  signals.reopen_log = [&log = **telemetry] {
    if (auto reopened = log.reopen(); !reopened) log.log(LogLevel::Error, "log", reopened.error());
  };
  (*telemetry)
      ->gauge("arangosync_build_info", {{"build", options.program_build}, {"version", options.program_version}}, 1);
  (*telemetry)->log(LogLevel::Info, "master", "arangosync master " + options.program_version + " starts");
  MasterProcess process(options, **telemetry);
  if (auto listening = process.listen(); !listening) return unexpected(CannotRun(listening.error()));
  auto reached = process.reach_cluster(signals);
  if (!reached) return unexpected(reached.error());
  if (*reached) process.run(signals);
  (*telemetry)->log(LogLevel::Info, "master", "stopped");
  return 0;
}

}  // namespace arangosync::app
