#include "app/worker/worker_daemon.h"

#include "adapters/clock/os_clock.h"
#include "adapters/cluster/connection.h"
#include "adapters/cluster/source_cluster_http.h"
#include "adapters/cluster/target_cluster_http.h"
#include "adapters/direct/direct_queue.h"
#include "adapters/rest/own_master_http.h"
#include "adapters/rest/worker_server.h"
#include "adapters/telemetry/telemetry.h"
#include "adapters/x509/certificate.h"
#include "app/engine/machines.h"
#include "app/engine/measuring.h"
#include "app/engine/perform.h"
#include "app/engine/runner.h"
#include "app/engine/signals.h"
#include "app/trace/process_trace.h"
#include "app/worker/worker_gauges.h"
#include "app/worker/worker_log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <optional>

namespace arangosync::app {

namespace {

using engine::WorkerMachine;
using ports::LogLevel;

constexpr Duration coordinators_patience = std::chrono::seconds(30);

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

std::vector<http::Endpoint> coordinators_of(rest::WorkerConfiguration const& configuration) {
  std::vector<http::Endpoint> coordinators;
  for (Url const& url : configuration.cluster_endpoints) {
    if (auto endpoint = http::parse_endpoint(url.value(), 8529)) coordinators.push_back(*endpoint);
  }
  return coordinators;
}

/// Everything a worker is made of before it knows its cluster.
class WorkerProcess {
public:
  WorkerProcess(WorkerOptions const& options, telemetry::ProcessTelemetry& telemetry)
      : options_(options), telemetry_(telemetry), token_(Draw(entropy_.draw()).alphanumeric(20)) {}

  /// Asks the masters for the configuration until one gives it. Nothing: told to stop meanwhile.
  Expected<std::optional<rest::WorkerConfiguration>, std::string> ask_master(engine::Signals& signals);
  Expected<int, std::string> run(engine::Signals& signals, rest::WorkerConfiguration const& configuration);

private:
  Expected<Done, std::string> listen(rest::WorkerConfiguration const& configuration);
  int watch(engine::Signals& signals, WallTime certificate_expiry);
  void use_secret(std::string secret);
  /// The cluster refuses the one we have: the master, who reads it from disk, is asked for the present one.
  void ask_for_secret();
  /// None answers: all may have moved, and the master was told so at its start.
  void ask_for_coordinators();
  void say_farewell();

  WorkerOptions const& options_;
  telemetry::ProcessTelemetry& telemetry_;
  clock::OsClock clock_;
  clock::OsEntropy entropy_;
  Token const token_;
  std::optional<engine::WorkerPorts> ports_;
  WorkerLog log_{telemetry_};
  std::unique_ptr<trace::ProcessTrace<WorkerMachine>> trace_ = trace::ProcessTrace<WorkerMachine>::open(
      options_.trace, "worker-" + std::to_string(options_.port),
      {options_.program_version + "+" + options_.program_build, "worker", http::to_url(options_.server_endpoint)},
      telemetry_);
  std::atomic<bool> is_asking_for_secret_{false};
  std::atomic<bool> is_asking_for_coordinators_{false};
  http::Io io_{2};
  http::Client master_client_{io_, http::ClientTls{}};
  http::Client cluster_client_{io_, http::ClientTls{}};
  engine::Runner<WorkerMachine> runner_{
      worker::initial_state({Url(http::to_url(options_.server_endpoint)), options_.initial_copies_max}),
      {[this](worker::Effect const& effect) { engine::perform(*ports_, effect); }, {}},
      clock_,
      entropy_,
      trace::observers(trace_, log_)};
  engine::Measuring<WorkerMachine> gauges_{
      runner_, [this](worker::State const& state) { measure(telemetry_, state, clock_.now(), clock_.wall_now()); }};
  direct::ChannelStore store_{io_, entropy_};
  std::unique_ptr<cluster::Connection> connection_;  // outlives what its secrets come from
  rest::OwnMasterHttp master_{io_,
                              master_client_,
                              runner_,
                              {options_.master_endpoints, options_.master_jwt_secret,
                               Url(http::to_url(options_.server_endpoint)), token_, host_name()}};
  std::unique_ptr<cluster::SourceClusterHttp> source_;
  std::unique_ptr<cluster::TargetClusterHttp> target_;
  std::unique_ptr<direct::DirectQueue> queue_;
  std::unique_ptr<rest::WorkerServer> server_;
};

Expected<std::optional<rest::WorkerConfiguration>, std::string> WorkerProcess::ask_master(engine::Signals& signals) {
  bool warned = false;
  while (true) {
    auto promise =
        std::make_shared<std::promise<Outcome<rest::WorkerConfiguration>>>();  // shared with the answer to come
    auto future = promise->get_future();
    master_.configure(
        [promise](Outcome<rest::WorkerConfiguration> outcome) { promise->set_value(std::move(outcome)); });
    while (future.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
      if (signals.wait(std::chrono::milliseconds(50))) return std::nullopt;
    }
    Outcome<rest::WorkerConfiguration> outcome = future.get();
    if (outcome) return std::optional(std::move(*outcome));
    if (outcome.error().fault_class == FaultClass::Denied) {
      return unexpected("the master refuses this worker: " + outcome.error().message +
                        "; give both the same --master.jwt-secret");
    }
    if (!warned)
      telemetry_.log(LogLevel::Warn, "worker.registration", "waiting for a master: " + outcome.error().message);
    warned = true;
    if (signals.wait(std::chrono::seconds(1))) return std::nullopt;
  }
}

Expected<Done, std::string> WorkerProcess::listen(rest::WorkerConfiguration const& configuration) {
  rest::WorkerServerOptions server;
  server.listen.port = options_.port;
  server.listen.tls = http::ServerTls{configuration.certificate_pem, configuration.key_pem, {}};
  server.jwt_secret = options_.master_jwt_secret;
  server.monitoring_token = options_.monitoring_token;
  server.worker_token = token_.value();
  server.version = {options_.program_version, options_.program_build};
  rest::WorkerServerSeams seams;
  seams.worker.offer = [this](worker::Command command) { return runner_.offer(std::move(command)); };
  seams.worker.query = [this](std::function<void(worker::State const&)> query) { runner_.query(std::move(query)); };
  seams.metrics_text = [this] { return telemetry_.prometheus(); };
  seams.metrics_json = [this] { return telemetry_.json(); };
  seams.change_cluster_secret = [this](std::string secret) { use_secret(std::move(secret)); };
  auto started = rest::WorkerServer::start(io_, std::move(server), std::move(seams), store_, clock_, telemetry_);
  if (!started) return unexpected(started.error());
  server_ = std::move(*started);
  telemetry_.log(LogLevel::Info, "server", "listening on port " + std::to_string(server_->port()));
  return Done{};
}

Expected<int, std::string> WorkerProcess::run(engine::Signals& signals,
                                              rest::WorkerConfiguration const& configuration) {
  auto facts = x509::read_certificate(configuration.certificate_pem);
  if (!facts) return unexpected("the certificate from the master: " + facts.error());
  std::vector<http::Endpoint> coordinators = coordinators_of(configuration);
  if (coordinators.empty()) return unexpected(std::string("the master named no usable cluster endpoint"));
  connection_ = std::make_unique<cluster::Connection>(
      io_, cluster_client_, clock_, telemetry_,
      cluster::Connection::Options{
          coordinators, {configuration.cluster_jwt_secret}, "arangosync-worker", [this] { ask_for_secret(); }});
  source_ =
      std::make_unique<cluster::SourceClusterHttp>(io_, cluster_client_, *connection_, runner_, options_.read_route);
  cluster::TargetRules const rules{configuration.rules.min_replication_factor,
                                   configuration.rules.max_replication_factor, configuration.rules.exclude_root_user};
  target_ = std::make_unique<cluster::TargetClusterHttp>(io_, cluster_client_, *connection_, runner_, rules);
  queue_ = std::make_unique<direct::DirectQueue>(io_, store_, runner_, clock_, entropy_, telemetry_);
  ports_.emplace(engine::WorkerPorts{*source_, *target_, *queue_, master_, runner_});
  if (auto listening = listen(configuration); !listening) return unexpected(listening.error());
  telemetry_.gauge("arangosync_certificate_expiry_timestamp_seconds", {},
                   std::chrono::duration<double>(facts->earliest_expiry.since_epoch()).count());
  runner_.start();
  int const code = watch(signals, facts->earliest_expiry);
  say_farewell();
  server_.reset();
  runner_.stop();
  return code;
}

void WorkerProcess::use_secret(std::string secret) {
  std::vector<std::string> secrets;
  secrets.push_back(std::move(secret));
  if (connection_->replace_secrets(std::move(secrets))) {
    telemetry_.log(LogLevel::Info, "cluster.update", "the cluster's secret has changed");
  }
}

void WorkerProcess::ask_for_secret() {
  if (is_asking_for_secret_.exchange(true)) return;
  master_.configure([this](Outcome<rest::WorkerConfiguration> outcome) {
    if (outcome) use_secret(std::move(outcome->cluster_jwt_secret));
    // The master may not know it either yet, and many calls may be refused meanwhile.
    io_.post_after(std::chrono::seconds(1), [this] { is_asking_for_secret_ = false; });
  });
}

void WorkerProcess::ask_for_coordinators() {
  if (is_asking_for_coordinators_.exchange(true)) return;
  master_.configure([this](Outcome<rest::WorkerConfiguration> outcome) {
    std::vector<http::Endpoint> known = outcome ? coordinators_of(*outcome) : std::vector<http::Endpoint>();
    if (!known.empty() && connection_->replace_coordinators(std::move(known))) {
      telemetry_.log(LogLevel::Warn, "cluster", "no Coordinator answers; the master names others, which are asked now");
    }
    io_.post_after(coordinators_patience, [this] { is_asking_for_coordinators_ = false; });
  });
}

int WorkerProcess::watch(engine::Signals& signals, WallTime certificate_expiry) {
  while (!signals.wait(std::chrono::seconds(1))) {
    gauges_.go_on(clock_.now());
    if (connection_->is_unreachable_for(coordinators_patience)) ask_for_coordinators();
    if (clock_.wall_now() >= certificate_expiry) {
      telemetry_.log(LogLevel::Error, "worker.registration",
                     "the certificate from the master has expired; start this worker anew");
      return 1;
    }
  }
  return 0;
}

void WorkerProcess::say_farewell() {
  telemetry_.log(LogLevel::Info, "worker", "stopping");
  auto id = std::make_shared<std::promise<std::optional<WorkerId>>>();  // shared with the query
  auto id_known = id->get_future();
  runner_.query([id](worker::State const& state) { id->set_value(state.registration.id); });
  if (id_known.wait_for(std::chrono::seconds(2)) != std::future_status::ready) return;
  std::optional<WorkerId> const worker = id_known.get();
  // The strand stops first: a task that is given to somebody else must not be worked on here any more.
  runner_.stop();
  target_.reset();
  if (!worker) return;
  auto told = std::make_shared<std::promise<void>>();  // shared with the answer to come
  auto done = told->get_future();
  master_.unregister(*worker, [told](Outcome<Done>) { told->set_value(); });
  done.wait_for(std::chrono::seconds(4));
}

}  // namespace

Expected<int, std::string> run_worker(WorkerOptions const& options) {
  engine::Signals signals;
  auto telemetry = telemetry::ProcessTelemetry::open(options.log);
  if (!telemetry) return unexpected(telemetry.error());
  signals.reopen_log = [&log = **telemetry] {
    if (auto reopened = log.reopen(); !reopened) log.log(LogLevel::Error, "log", reopened.error());
  };
  (*telemetry)
      ->gauge("arangosync_build_info", {{"build", options.program_build}, {"version", options.program_version}}, 1);
  (*telemetry)->log(LogLevel::Info, "worker", "arangosync worker " + options.program_version + " starts");
  int code = 0;
  {
    WorkerProcess process(options, **telemetry);
    auto configuration = process.ask_master(signals);
    if (!configuration) return unexpected(configuration.error());
    if (*configuration) {
      auto ended = process.run(signals, **configuration);
      if (!ended) return unexpected(ended.error());
      code = *ended;
    }
  }
  (*telemetry)->log(LogLevel::Info, "worker", "stopped");
  return code;
}

}  // namespace arangosync::app
