#include "adapters/telemetry/stream_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace arangosync::telemetry {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Clock::duration patience_a_minute = 1s;

/// Standard output and error are often one and the same: a line of one is not to stand in the middle of the other's.
std::mutex& one_line_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

bool is_kind(int descriptor, mode_t kind) {
  struct stat facts {};
  return ::fstat(descriptor, &facts) == 0 && (facts.st_mode & S_IFMT) == kind;
}

/// Opened anew, it does not block and does not change what others, who may share it, see.
int open_anew(int descriptor) {
  std::string const path = "/proc/self/fd/" + std::to_string(descriptor);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

}  // namespace

Expected<std::shared_ptr<StreamSink>, std::string> StreamSink::to_file(std::string const& path) {
  int const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  int const descriptor = ::open(path.c_str(), flags, 0644);
  if (descriptor < 0) return unexpected(std::string(std::strerror(errno)));
  return std::shared_ptr<StreamSink>(new StreamSink(descriptor));
}

std::shared_ptr<StreamSink> StreamSink::to_stream(int descriptor) {
  int own = -1;
  if (is_kind(descriptor, S_IFIFO) || is_kind(descriptor, S_IFCHR)) own = open_anew(descriptor);
  if (own < 0) own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  return std::shared_ptr<StreamSink>(new StreamSink(own));
}

StreamSink::StreamSink(int descriptor)
    : descriptor_(descriptor),
      is_socket_(is_kind(descriptor, S_IFSOCK)),
      patience_(patience_a_minute),
      renewed_(Clock::now()) {}

StreamSink::~StreamSink() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void StreamSink::sink_it_(spdlog::details::log_msg const& message) {
  if (descriptor_ < 0) throw spdlog::spdlog_ex("the stream for log lines is closed");
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  std::lock_guard const lock(one_line_at_a_time());
  if (is_cut_) write("\n");
  write({line.data(), line.size()});
}

void StreamSink::write(std::string_view text) {
  while (!text.empty()) {
    wait_for_room();
    // What blocks all the same (it could not be opened anew) takes this much at once if it is a pipe with room.
    auto const bytes = std::min<std::size_t>(text.size(), PIPE_BUF);
    auto const written = is_socket_ ? ::send(descriptor_, text.data(), bytes, MSG_DONTWAIT | MSG_NOSIGNAL)
                                    : ::write(descriptor_, text.data(), bytes);
    if (written > 0) {
      is_cut_ = text[static_cast<std::size_t>(written) - 1] != '\n';
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
      throw spdlog::spdlog_ex("cannot write a log line", errno);
    } else {
      spend(1ms);
    }
  }
}

void StreamSink::wait_for_room() {
  pollfd room{descriptor_, POLLOUT, 0};
  if (::poll(&room, 1, 0) > 0) return;
  auto const begin = Clock::now();
  if (begin - renewed_ > 1min) {
    renewed_ = begin;
    patience_ = patience_a_minute;
  }
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience_).count();
  bool const has_room = ms > 0 && ::poll(&room, 1, static_cast<int>(ms)) > 0;
  spend(Clock::now() - begin);
  if (!has_room) throw spdlog::spdlog_ex("nobody reads the log lines");
}

void StreamSink::spend(Clock::duration time) {
  patience_ -= time;
  if (patience_ < 0ms) throw spdlog::spdlog_ex("nobody reads the log lines");
}

}  // namespace arangosync::telemetry
