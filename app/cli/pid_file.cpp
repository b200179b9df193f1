#include "app/cli/pid_file.h"

#include "app/cli/files.h"

#include <utility>

#include <unistd.h>

namespace arangosync::cli {

Expected<PidFile, Problem> PidFile::write(std::string const& path) {
  if (!path.empty()) {
    // A mistyped path shall not leave folders behind; where it belongs, /run, the folder exists.
    auto written = write_files({{path, std::to_string(getpid()), public_mode, false}});
    if (!written) return failure("--pid-file: " + written.error());
  }
  return PidFile(path);
}

PidFile::PidFile(std::string path) : path_(std::move(path)) {}
PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
  if (path_.empty()) return;
  // A successor may have been started before we ended; its file is not ours to remove.
  auto const content = read_file(path_);
  if (content && *content == std::to_string(getpid())) ::unlink(path_.c_str());
}

}  // namespace arangosync::cli
