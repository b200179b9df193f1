// The traces of simulated processes: what the daemons write into files, kept in memory.
//
// Asked for with Trace::record() before the daemons start. Every life of a process has its own files and its own name.
#pragma once

#include "app/trace/recording.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace arangosync::replay {

struct Recordings {
  std::size_t file_bytes_max = std::size_t{16} << 20U;
  std::deque<trace::Recording> lives;  ///< sinks must not move
};

/// As <folder>/<seed>-<process>-<file>.trace; false: the folder cannot be written.
bool write_traces(std::string const& folder, std::uint64_t seed, Recordings const& recordings);

}  // namespace arangosync::replay
