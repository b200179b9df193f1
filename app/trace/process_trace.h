// The trace of a daemon: recorder and files together, as its flags ask for it.
#pragma once

#include "adapters/telemetry/trace_files.h"
#include "app/trace/options.h"
#include "app/trace/recorder.h"

#include <memory>
#include <string>
#include <utility>

namespace arangosync::trace {

template <class Machine>
class ProcessTrace {
public:
  /// Null when the trace is switched off. `prefix` begins the names of its files: "master-8629".
  static std::unique_ptr<ProcessTrace> open(Options const& options, std::string prefix, Author author,
                                            ports::Telemetry& telemetry) {
    if (options.folder.empty()) return nullptr;
    return std::unique_ptr<ProcessTrace>(new ProcessTrace(options, std::move(prefix), std::move(author), telemetry));
  }

  engine::Observer<Machine>& recorder() { return recorder_; }

private:
  ProcessTrace(Options const& options, std::string prefix, Author author, ports::Telemetry& telemetry)
      : files_({options.folder, std::move(prefix), options.files_max}, telemetry),
        recorder_(files_, std::move(author), options.file_bytes_max) {}

  telemetry::TraceFiles files_;
  telemetry::FlushedOnAbort flushed_{files_};
  Recorder<Machine> recorder_;
};

/// The observers of a daemon's engine: its trace, if there is one, and its log.
template <class Machine>
std::vector<engine::Observer<Machine>*> observers(std::unique_ptr<ProcessTrace<Machine>> const& trace,
                                                  engine::Observer<Machine>& log) {
  if (!trace) return {&log};
  return {&trace->recorder(), &log};
}

}  // namespace arangosync::trace
