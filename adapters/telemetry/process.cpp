// The process_* metrics, as Prometheus' own client libraries name them.
#include "adapters/telemetry/metrics.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace arangosync::telemetry {

namespace {

/// Fields of /proc/self/stat from number 3 on (proc(5)); the name before them may hold blanks and brackets.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  auto const after_name = line.rfind(')');
  if (after_name == std::string::npos) return {};
  std::istringstream rest(line.substr(after_name + 1));
  std::string state;
  rest >> state;
  std::vector<double> fields{0};
  for (double value = 0; rest >> value;) fields.push_back(value);
  return fields;
}

std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double value = 0;
    if (word == "btime" && file >> value) return value;
  }
  return std::nullopt;
}

void measure_descriptors(Metrics& metrics) {
  std::error_code failed;
  double open = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    ++open;
  }
  if (!failed) metrics.measured("process_open_fds", open - 1);  // without the one that lists them
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) metrics.measured("process_max_fds", static_cast<double>(limit.rlim_cur));
}

}  // namespace

void measure_process(Metrics& metrics) {
  measure_descriptors(metrics);
  auto const fields = stat_fields();
  constexpr std::size_t utime = 14 - 3, stime = 15 - 3, threads = 20 - 3, start = 22 - 3, memory = 23 - 3,
                        pages = 24 - 3;
  if (fields.size() <= pages) return;
  auto const ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  metrics.measured("process_cpu_seconds_total", (fields[utime] + fields[stime]) / ticks);
  metrics.measured("process_threads", fields[threads]);
  metrics.measured("process_virtual_memory_bytes", fields[memory]);
  metrics.measured("process_resident_memory_bytes", fields[pages] * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (auto const boot = boot_time()) metrics.measured("process_start_time_seconds", *boot + fields[start] / ticks);
}

}  // namespace arangosync::telemetry
