// Logs and metrics. Adapters and app may speak; the domain is silent (projections of its events are made in app/).
// Implemented by adapters/telemetry (spdlog, Prometheus text) and adapters/sim. Thread-safe. Never given a secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::ports {

enum class LogLevel { Trace, Debug, Info, Warn, Error, Fatal };

class Telemetry {
public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  virtual ~Telemetry() = default;
  /// One line; `component` as in spec metrics-and-ops 2, e.g. "master.sync.status".
  virtual void log(LogLevel level, std::string_view component, std::string_view text) = 0;
  virtual bool enabled(LogLevel level) const = 0;
  /// Counters and gauges come into being on first use; help texts are in adapters/telemetry/catalogue.
  virtual void count(std::string_view metric, Labels const& labels, std::uint64_t by = 1) = 0;
  virtual void gauge(std::string_view metric, Labels const& labels, double value) = 0;
};

}  // namespace arangosync::ports
