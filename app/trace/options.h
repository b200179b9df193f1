// Where a daemon's trace goes, as its flags say. Plain values: filled by app/cli, read by process_trace.h.
#pragma once

#include <cstddef>
#include <string>

namespace arangosync::trace {

struct Options {
  std::string folder = "arangosync-trace";              ///< --trace.folder: made if it is missing; empty: no trace
  std::size_t files_max = 8;                            ///< --trace.files: the oldest make room
  std::size_t file_bytes_max = std::size_t{16} << 20U;  ///< --trace.file-mb
};

}  // namespace arangosync::trace
