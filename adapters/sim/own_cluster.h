// What a simulated master needs of its own datacenter: the agency, the server mode, and a certificate authority.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "ports/agency.h"
#include "ports/inbox.h"
#include "ports/peers.h"
#include "ports/telemetry.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace arangosync::sim {

/// The agency over the simulated network. A write whose answer is lost is asked for again by its client id, as the real
/// adapter does; if that fails too the outcome is Unknown.
class SimAgency final : public ports::Agency {
public:
  SimAgency(Process& self, Network& network, SimCluster& cluster) : self_(self), network_(network), cluster_(cluster) {}

  void read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) override;
  void write(ports::AgencyTransaction transaction, std::function<void(ports::AgencyOutcome)> answer) override;

private:
  void inquire(std::string const& client_id, std::function<void(ports::AgencyOutcome)> answer);

  Process& self_;
  Network& network_;
  SimCluster& cluster_;
};

class SimClusterControl final : public ports::ClusterControl {
public:
  SimClusterControl(Process& self, Network& network, SimCluster& cluster, ports::Inbox<master::Command>& inbox)
      : self_(self), network_(network), cluster_(cluster), inbox_(inbox) {}
  void perform(master::SetServerMode const& effect) override;

private:
  Process& self_;
  Network& network_;
  SimCluster& cluster_;
  ports::Inbox<master::Command>& inbox_;
};

/// Certificates are not verified in the simulation; any text serves.
class SimCertificateMaker final : public ports::CertificateMaker {
public:
  SimCertificateMaker(Process& self, ports::Inbox<master::Command>& inbox) : self_(self), inbox_(inbox) {}
  void perform(master::MakeWorkerCa const& effect) override;

private:
  Process& self_;
  ports::Inbox<master::Command>& inbox_;
};

/// Remembers error lines: a run that has one has failed, so "expected but logged as error" cannot creep in.
class SimTelemetry final : public ports::Telemetry {
public:
  void log(ports::LogLevel level, std::string_view component, std::string_view text) override;
  bool enabled(ports::LogLevel level) const override { return level >= ports::LogLevel::Error; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}

  std::vector<std::string> const& errors() const { return errors_; }

private:
  std::vector<std::string> errors_;
};

}  // namespace arangosync::sim
