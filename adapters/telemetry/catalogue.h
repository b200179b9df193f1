// Every metric of the program with its kind and help text, in one table. The original's two public names are kept as
// they were (spec metrics-and-ops 1.1). tests/tidy checks that each metric named in the code stands here.
#pragma once

#include <string_view>
#include <vector>

namespace arangosync::telemetry {

enum class MetricKind { Counter, Gauge };

struct MetricInfo {
  std::string_view name;
  MetricKind kind = MetricKind::Counter;
  std::string_view help;
};

/// Sorted by name.
std::vector<MetricInfo> const& catalogue();

/// Nothing if the name is not in the catalogue.
MetricInfo const* find_metric(std::string_view name);

}  // namespace arangosync::telemetry
