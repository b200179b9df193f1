#include "app/cli/pid_file.h"

#include "app/cli/files.h"

#include <cstdlib>
#include <utility>

#include <unistd.h>
#include <csignal>

namespace arangosync::cli {

Expected<PidFile, Problem> PidFile::write(std::string const& path) {
  std::string former;
  if (!path.empty()) {
    former = read_file(path).value_or(std::string());
    // A mistyped path shall not leave folders behind; where it belongs, /run, the folder exists.
    auto written = write_files({{path, std::to_string(getpid()), public_mode, false}});
    if (!written) return failure("--pid-file: " + written.error());
  }
  return PidFile(path, former);
}

PidFile::PidFile(std::string path, std::string former) : path_(std::move(path)), former_(std::move(former)) {}
PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})), former_(std::move(other.former_)) {}

PidFile::~PidFile() {
  if (path_.empty()) return;
  // A successor may have been started before we ended; its file is not ours to remove.
  auto const content = read_file(path_);
  if (!content || *content != std::to_string(getpid())) return;
  ::unlink(path_.c_str());
}

void PidFile::give_back() {
  pid_t const former = static_cast<pid_t>(std::strtol(former_.c_str(), nullptr, 10));
  bool const runs = former > 0 && former != getpid() && ::kill(former, 0) == 0;
  if (runs && write_files({{path_, former_, public_mode, false}})) path_.clear();
}

}  // namespace arangosync::cli
