// Logs and metrics of one process: ports/telemetry.h over spdlog. Made by the daemons, lives as long as they do.
//
// Lines go to standard output, or to --log.file if given, and with --log.stderr=true to standard error as well. Each
// line is written at once, by the caller's thread. A line that cannot be written (disk full, reader gone or hanging) is
// dropped and counted in arangosync_log_failures: a log must not stop a replication. Thread-safe.
#pragma once

#include "adapters/telemetry/options.h"
#include "domain/base/result.h"
#include "ports/telemetry.h"

#include <memory>
#include <string>

namespace arangosync::telemetry {

class ProcessTelemetry final : public ports::Telemetry {
public:
  /// The error is one line naming the log file and why it cannot be opened.
  static Expected<std::unique_ptr<ProcessTelemetry>, std::string> open(LogOptions options);
  ~ProcessTelemetry() override;

  void log(ports::LogLevel level, std::string_view component, std::string_view text) override;
  bool enabled(ports::LogLevel level) const override;
  void count(std::string_view metric, Labels const& labels, std::uint64_t by = 1) override;
  void gauge(std::string_view metric, Labels const& labels, double value) override;

  /// After a rotation (SIGHUP): goes on in a new file of the configured name; in the old one if that cannot be opened.
  Expected<Done, std::string> reopen();

  std::string prometheus();  ///< body of GET /metrics, "text/plain; version=0.0.4"
  std::string json();        ///< body of GET /metrics.json, "application/json"

private:
  struct Impl;
  explicit ProcessTelemetry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::telemetry
