#include "adapters/sim/own_cluster.h"

#include <chrono>
#include <optional>
#include <utility>

namespace arangosync::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration agency_timeout = 4s;
constexpr Duration coordinator_timeout = 8s;

bool is_leaderless(SimCluster const& cluster, Process const& asking) {
  return cluster.agency_is_down || asking.world().now() < cluster.agency_elects_until;
}

}  // namespace

void SimAgency::read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) {
  network_.call<std::string>(
      self_, cluster_.agency_node, agency_timeout,
      [this, paths = std::move(paths)](std::function<void(std::string)> told) {
        if (is_leaderless(cluster_, self_)) return;
        cluster_.show_plan();
        told(cluster_.agency->read_paths(paths));
      },
      [answer = std::move(answer)](std::optional<std::string> text) {
        if (text) return answer(std::move(*text));
        answer(unexpected(Fault{FaultClass::Retry, "no agent answers"}));
      });
}

void SimAgency::write(ports::AgencyTransaction transaction, std::function<void(ports::AgencyOutcome)> answer) {
  std::string const client_id = transaction.client_id;
  auto serve = [this, transaction = std::move(transaction)](std::function<void(std::uint64_t)> told) {
    bool const is_electing = is_leaderless(cluster_, self_);
    if (cluster_.agency_is_down || (is_electing && self_.world().chance(500))) return;
    // An agent that has applied a client's transaction answers a repetition from its log.
    std::uint64_t index = transaction.client_id.empty() ? 0 : cluster_.agency->inquire_one(transaction.client_id);
    if (index == 0) index = cluster_.agency->write(transaction);
    if (!is_electing && !self_.world().chance(cluster_.agency_silence)) told(index);
  };
  network_.call<std::uint64_t>(self_, cluster_.agency_node, agency_timeout, serve,
                               [this, client_id, answer = std::move(answer)](std::optional<std::uint64_t> index) {
                                 if (!index) return inquire(client_id, answer);
                                 answer(*index > 0 ? ports::AgencyOutcome::Applied : ports::AgencyOutcome::Refused);
                               });
}

void SimAgency::inquire(std::string const& client_id, std::function<void(ports::AgencyOutcome)> answer) {
  if (client_id.empty()) return answer(ports::AgencyOutcome::Unknown);
  network_.call<std::uint64_t>(
      self_, cluster_.agency_node, agency_timeout,
      [this, client_id](std::function<void(std::uint64_t)> told) {
        if (!is_leaderless(cluster_, self_)) told(cluster_.agency->inquire_one(client_id));
      },
      [answer = std::move(answer)](std::optional<std::uint64_t> index) {
        bool const is_applied = index.value_or(0) > 0;
        answer(is_applied ? ports::AgencyOutcome::Applied : ports::AgencyOutcome::Unknown);
      });
}

void SimClusterControl::perform(master::SetServerMode const& effect) {
  auto serve = [this, mode = effect.mode](std::function<void(bool)> told) {
    cluster_.model->set_read_only(mode == sync::ServerMode::ReadOnly);
    told(true);
  };
  network_.call<bool>(self_, cluster_.coordinator, coordinator_timeout, serve,
                      [this, request = effect.request](std::optional<bool> answer) {
                        if (answer) return inbox_.post(master::ServerModeSet{request, Done{}});
                        Fault fault{FaultClass::Retry, "the coordinator does not answer"};
                        inbox_.post(master::ServerModeSet{request, unexpected(std::move(fault))});
                      });
}

void SimCertificateMaker::perform(master::MakeWorkerCa const& effect) {
  self_.world().after(20ms, [this, request = effect.request] {
    self_.enter([this, request] {
      inbox_.post(master::WorkerCaMade{request, master::WorkerCa{"certificate", "key"}});
    });
  });
}

void SimTelemetry::log(ports::LogLevel level, std::string_view component, std::string_view text) {
  if (level < ports::LogLevel::Error) return;
  errors_.push_back(std::string(component) + ": " + std::string(text));
}

}  // namespace arangosync::sim
