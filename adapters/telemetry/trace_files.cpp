#include "adapters/telemetry/trace_files.h"

#include "domain/base/check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace arangosync::telemetry {

namespace {

constexpr char suffix[] = ".trace";
constexpr std::size_t digits_of_names = 12;  // names sort as numbers do, at a file a second for 30 000 years

/// "20261125T175445-4711": sorts by time, and two processes never share it.
std::string start_of_names() {
  std::time_t const now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
  return std::string(text.data()) + "-" + std::to_string(getpid());
}

std::string padded(std::uint64_t number) {
  std::string const digits = std::to_string(number);
  return std::string(digits_of_names - std::min(digits_of_names, digits.size()), '0') + digits;
}

constexpr Duration last_patience = std::chrono::seconds(2);
std::atomic<TraceFiles*> flushed_on_abort{nullptr};

void print_flush_abort(char const* expression, char const* file, int line) {
  std::fprintf(stderr, "broken expectation: %s (%s:%d)\n", expression, file, line);
  if (TraceFiles* const files = flushed_on_abort.load()) files->flush(last_patience);
  std::abort();
}

}  // namespace

TraceFiles::TraceFiles(TraceFilesOptions options, ports::Telemetry& telemetry)
    : options_(std::move(options)), telemetry_(telemetry), start_(start_of_names()), thread_([this] { run(); }) {}

TraceFiles::~TraceFiles() {
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  to_write_.notify_all();
  thread_.join();
  close();
}

bool TraceFiles::has_room() const {
  std::lock_guard const lock(mutex_);
  return buffered_bytes_ == 0 && (!failing_ || std::chrono::steady_clock::now() >= retry_at_);
}

bool TraceFiles::begin(std::string text) { return take({std::move(text), true}); }

bool TraceFiles::append(std::string text) { return take({std::move(text), false}); }

bool TraceFiles::take(Piece piece) {
  {
    std::lock_guard const lock(mutex_);
    if (refusing_ && !piece.begins_file) return false;
    // A single piece, as the state at the start of a file, may be larger than the buffer.
    refusing_ = buffered_bytes_ > 0 && buffered_bytes_ + piece.text.size() > options_.buffer_bytes_max;
    if (refusing_) return false;
    buffered_bytes_ += piece.text.size();
    buffer_.push_back(std::move(piece));
  }
  to_write_.notify_one();
  return true;
}

void TraceFiles::flush(Duration patience) {
  std::unique_lock lock(mutex_);
  written_.wait_for(lock, patience, [this] { return buffered_bytes_ == 0; });
}

void TraceFiles::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    to_write_.wait(lock, [this] { return stopping_ || !buffer_.empty(); });
    if (buffer_.empty()) return;
    Piece const piece = std::move(buffer_.front());
    buffer_.pop_front();
    lock.unlock();
    write(piece);
    lock.lock();
    buffered_bytes_ -= piece.text.size();
    if (buffered_bytes_ == 0) written_.notify_all();
  }
}

void TraceFiles::write(Piece const& piece) {
  if (piece.begins_file) open_next();
  std::string_view rest = piece.text;
  while (file_ >= 0 && !rest.empty()) {
    ssize_t const done = ::write(file_, rest.data(), rest.size());
    if (done >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno != EINTR) {
      fail("write to", errno);
    }
  }
  if (!piece.begins_file || file_ < 0) return;
  bool failed_before = false;
  {
    std::lock_guard const lock(mutex_);
    failed_before = std::exchange(failing_, false);
  }
  if (failed_before) telemetry_.log(ports::LogLevel::Info, "trace", "the trace is written again");
}

void TraceFiles::open_next() {
  close();
  std::error_code failure;
  std::filesystem::create_directories(options_.folder, failure);
  if (failure) return fail("make", failure.value());
  std::filesystem::path const path =
      std::filesystem::path(options_.folder) / (options_.prefix + "-" + start_ + "-" + padded(++files_) + suffix);
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file_ < 0) return fail("write to", errno);
  remove_oldest();
}

void TraceFiles::close() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

void TraceFiles::remove_oldest() {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(options_.folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::string const name = at->path().filename().string();
    if (name.starts_with(options_.prefix + "-") && name.ends_with(suffix)) files.push_back(at->path());
  }
  // Our own are the newest, whatever the clock said when we started.
  std::string const own = options_.prefix + "-" + start_ + "-";
  auto const age = [&own](std::filesystem::path const& file) {
    std::string name = file.filename().string();
    return std::pair(name.starts_with(own), std::move(name));
  };
  std::sort(files.begin(), files.end(), [&age](auto const& a, auto const& b) { return age(a) < age(b); });
  while (files.size() > options_.files_max) {
    std::filesystem::remove(files.front(), failure);  // one that stays is tried again with the next file
    files.erase(files.begin());
  }
}

void TraceFiles::fail(std::string const& what, int error) {
  close();
  bool failed_before = false;
  {
    std::lock_guard const lock(mutex_);
    failed_before = std::exchange(failing_, true);
    refusing_ = true;
    retry_at_ = std::chrono::steady_clock::now() + options_.retry_after;
    // What waits belongs to the file that failed; it would leave a gap in it.
    for (Piece const& piece : buffer_) buffered_bytes_ -= piece.text.size();
    buffer_.clear();
  }
  if (failed_before) return;
  telemetry_.log(ports::LogLevel::Warn, "trace",
                 "cannot " + what + " the trace folder " + options_.folder + ": " + std::strerror(error) +
                     "; going on without a trace, trying again from time to time");
}

FlushedOnAbort::FlushedOnAbort(TraceFiles& files) {
  flushed_on_abort = &files;
  set_check_handler(print_flush_abort);
}

FlushedOnAbort::~FlushedOnAbort() {
  set_check_handler(nullptr);
  flushed_on_abort = nullptr;
}

}  // namespace arangosync::telemetry
