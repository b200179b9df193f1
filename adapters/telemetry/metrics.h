// Counters and gauges of this process and their two written forms (spec metrics-and-ops 1). Thread-safe.
// A metric comes into being on first use. Its kind is fixed by the catalogue (or, outside of it, by that first use);
// using it as the other kind is a bug. Series per metric are limited; further ones are refused and counted.
#pragma once

#include "adapters/telemetry/catalogue.h"
#include "ports/telemetry.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace arangosync::telemetry {

inline constexpr std::size_t series_per_metric_max = 50'000;

class Metrics {
public:
  using Labels = ports::Telemetry::Labels;

  void count(std::string_view metric, Labels const& labels, std::uint64_t by);
  void gauge(std::string_view metric, Labels const& labels, double value);
  /// Takes over a value that somebody else counts or measures; of either kind.
  void measured(std::string_view metric, double value);

  /// Prometheus text format 0.0.4; metrics and labels in alphabetical order.
  std::string prometheus() const;
  /// {"name":{"help":"…","type":"counter","samples":[{"value":2},{"value":8,"labels":{…}}]}}
  std::string json() const;

private:
  struct Family {
    MetricKind kind = MetricKind::Counter;
    std::map<Labels, std::uint64_t> counters;
    std::map<Labels, double> gauges;  ///< measured counters as well
  };
  Family* family(std::string_view metric, MetricKind kind);
  void drop(std::string_view metric);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

/// Adds the process_* metrics as of now (from /proc/self; silent about what cannot be read).
void measure_process(Metrics& metrics);

}  // namespace arangosync::telemetry
