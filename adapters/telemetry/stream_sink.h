// Inside of adapters/telemetry: log lines to a file, a pipe, a socket or a terminal. Other than spdlog's own sinks it
// does not wait for a reader that hangs: whoever logs would hang with it, with its lease and its timers.
#pragma once

#include "domain/base/result.h"

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace arangosync::telemetry {

class StreamSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// Appends to that file; the error says why it cannot be opened.
  static Expected<std::shared_ptr<StreamSink>, std::string> to_file(std::string const& path);
  /// To standard output or error as it is now. One that is closed counts as a disk that is full.
  static std::shared_ptr<StreamSink> to_stream(int descriptor);
  ~StreamSink() override;

protected:
  /// Throws spdlog_ex for a line that is not, or not wholly, written.
  void sink_it_(spdlog::details::log_msg const& message) override;
  void flush_() override {}

private:
  explicit StreamSink(int descriptor);
  void write(std::string_view text);
  void wait_for_room();
  /// Readers may take their time, but all of it together only so much a minute.
  void spend(std::chrono::steady_clock::duration time);

  int const descriptor_;  // ours; does not block where that can be had
  bool const is_socket_;
  bool is_cut_ = false;  // the last line has no end yet
  std::chrono::steady_clock::duration patience_;
  std::chrono::steady_clock::time_point renewed_;
};

}  // namespace arangosync::telemetry
