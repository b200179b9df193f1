// A process's trace in rotating files: ports/trace.h over a folder and a thread that writes.
//
// The engine's strand only hands texts over; a buffer of bounded size lies between it and the disk. When the disk is
// too slow for it, texts are refused until the buffer is empty again. When a file cannot be written (disk full, folder
// gone or not ours) one line is logged, texts are refused for a while, then a new file is tried; one more line says
// when it works again. Nothing here ends or delays the process. Files are readable by their owner only; the oldest of
// the same prefix, former processes' included, make room for a new one. Thread-safe.
#pragma once

#include "domain/base/instant.h"
#include "ports/telemetry.h"
#include "ports/trace.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace arangosync::telemetry {

struct TraceFilesOptions {
  std::string folder;  ///< made if it is missing
  std::string prefix;  ///< "master-8629": files are <prefix>-<UTC time of the start>-<pid>-<number>.trace
  std::size_t files_max = 8;
  std::size_t buffer_bytes_max = std::size_t{32} << 20U;
  Duration retry_after = std::chrono::seconds(30);
};

class TraceFiles final : public ports::TraceSink {
public:
  TraceFiles(TraceFilesOptions options, ports::Telemetry& telemetry);
  /// Writes what is buffered.
  ~TraceFiles() override;

  bool has_room() const override;
  bool begin(std::string text) override;
  bool append(std::string text) override;

  /// Waits until everything handed over is written, or `patience` is over. For a process that is about to abort.
  void flush(Duration patience);

private:
  struct Piece {
    std::string text;
    bool begins_file = false;
  };
  bool take(Piece piece);
  void run();
  void write(Piece const& piece);
  void open_next();
  void close();
  void remove_oldest();
  void fail(std::string const& what, int error);

  TraceFilesOptions const options_;
  ports::Telemetry& telemetry_;
  std::string const start_;  ///< of the names of this process's files

  mutable std::mutex mutex_;
  std::condition_variable to_write_;
  std::condition_variable written_;
  std::deque<Piece> buffer_;
  std::size_t buffered_bytes_ = 0;  ///< of the buffer and of what is being written
  bool refusing_ = true;            ///< no file is open for append()
  bool failing_ = false;            ///< the last attempt to write failed
  std::chrono::steady_clock::time_point retry_at_;
  bool stopping_ = false;

  // of the thread
  int file_ = -1;
  std::uint64_t files_ = 0;
  std::thread thread_;
};

/// While it lives, a broken expectation (domain/base/check.h) anywhere in the process is printed, what is buffered is
/// written, and only then the process aborts: the command that broke it is in the trace. One at a time.
class FlushedOnAbort {
public:
  explicit FlushedOnAbort(TraceFiles& files);
  ~FlushedOnAbort();
  FlushedOnAbort(FlushedOnAbort const&) = delete;
  FlushedOnAbort& operator=(FlushedOnAbort const&) = delete;
};

}  // namespace arangosync::telemetry
