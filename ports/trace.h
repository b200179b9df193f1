// Where a process's trace goes: app/trace/recorder.h writes it, adapters/telemetry keeps it in rotating files, the
// simulation in memory.
//
// Called on the engine's strand for every command, so nothing here waits for a disk: what cannot be taken over at once
// is refused, and the file it was meant for is over. A file is complete in itself; what was refused is lost.
#pragma once

#include <string>

namespace arangosync::ports {

class TraceSink {
public:
  virtual ~TraceSink() = default;
  /// A new file could be begun now. Cheap.
  virtual bool has_room() const = 0;
  /// Begins a new file; the one before is complete.
  virtual bool begin(std::string text) = 0;
  /// Continues the file. Once refused, it is refused until a new file is begun.
  virtual bool append(std::string text) = 0;
};

}  // namespace arangosync::ports
