// --pid-file: the process id as decimal text while a server runs (spec arangosync-cli 3.1).
#pragma once

#include "app/cli/outcome.h"

#include <string>

namespace arangosync::cli {

class PidFile {
public:
  /// Writes the own process id; with an empty path it does nothing.
  static Expected<PidFile, Problem> write(std::string const& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();  ///< removes the file if it still holds our id
  /// We were started by mistake, and could not run: whoever runs gets his file back.
  void give_back();

private:
  PidFile(std::string path, std::string former);
  std::string path_;
  std::string former_;  ///< what it held before
};

}  // namespace arangosync::cli
