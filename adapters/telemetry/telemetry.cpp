#include "adapters/telemetry/telemetry.h"

#include "adapters/telemetry/line.h"
#include "adapters/telemetry/metrics.h"
#include "adapters/telemetry/stream_sink.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>

#include <unistd.h>

#include <mutex>
#include <vector>

namespace arangosync::telemetry {

namespace {

using Sink = std::shared_ptr<spdlog::sinks::sink>;

/// Lines as they stand; "%v" and a line feed.
Sink plain(Sink sink) {
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  return sink;
}

Expected<Sink, std::string> main_sink(LogOptions const& options) {
  if (options.file.empty()) return plain(StreamSink::to_stream(STDOUT_FILENO));
  auto sink = StreamSink::to_file(options.file);
  if (!sink) return unexpected("Cannot open log file " + options.file + ": " + sink.error());
  return plain(std::move(*sink));
}

}  // namespace

struct ProcessTelemetry::Impl {
  LogOptions options;
  Metrics metrics;
  mutable std::mutex mutex;                // guards the pointer, not the writing: sinks have locks of their own
  std::shared_ptr<spdlog::logger> logger;  // shared with the thread that is writing a line while it is replaced

  std::shared_ptr<spdlog::logger> current() const {
    std::lock_guard const lock(mutex);
    return logger;
  }

  void use(Sink sink) {
    std::vector<Sink> sinks{std::move(sink)};
    if (options.to_stderr) sinks.push_back(plain(StreamSink::to_stream(STDERR_FILENO)));
    auto next = std::make_shared<spdlog::logger>("arangosync", sinks.begin(), sinks.end());
    next->set_level(spdlog::level::trace);
    next->flush_on(spdlog::level::trace);
    next->set_error_handler([this](std::string const&) { metrics.count("arangosync_log_failures", {}, 1); });
    std::lock_guard const lock(mutex);
    logger = std::move(next);
  }
};

Expected<std::unique_ptr<ProcessTelemetry>, std::string> ProcessTelemetry::open(LogOptions options) {
  auto sink = main_sink(options);
  if (!sink) return unexpected(sink.error());
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->use(std::move(*sink));
  return std::unique_ptr<ProcessTelemetry>(new ProcessTelemetry(std::move(impl)));
}

ProcessTelemetry::ProcessTelemetry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessTelemetry::~ProcessTelemetry() = default;

void ProcessTelemetry::log(ports::LogLevel level, std::string_view component, std::string_view text) {
  if (!enabled(level)) return;
  WallTime const now(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
  auto const line = format_line(now, level, component, text);
  impl_->current()->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

bool ProcessTelemetry::enabled(ports::LogLevel level) const { return level >= impl_->options.level; }

void ProcessTelemetry::count(std::string_view metric, Labels const& labels, std::uint64_t by) {
  impl_->metrics.count(metric, labels, by);
}

void ProcessTelemetry::gauge(std::string_view metric, Labels const& labels, double value) {
  impl_->metrics.gauge(metric, labels, value);
}

Expected<Done, std::string> ProcessTelemetry::reopen() {
  auto sink = main_sink(impl_->options);
  if (!sink) return unexpected(sink.error());
  impl_->use(std::move(*sink));
  return Done{};
}

std::string ProcessTelemetry::prometheus() {
  measure_process(impl_->metrics);
  return impl_->metrics.prometheus();
}

std::string ProcessTelemetry::json() {
  measure_process(impl_->metrics);
  return impl_->metrics.json();
}

}  // namespace arangosync::telemetry
