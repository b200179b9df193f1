// `arangosync replay`: runs recorded traces again and says whether they lead where they led, in text or as a picture.
#pragma once

#include "domain/base/result.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace arangosync::trace {

struct ReplayWish {
  std::vector<std::string> files;  ///< of one process
  std::string build;               ///< of this program
  std::uint64_t until = 0;         ///< number of the last command to be replayed; 0: all
  bool print_events = false;
  bool print_state = false;
  bool print_mermaid = false;
};

/// The error is one line naming the file: it cannot be read, was written by a build that this one does not understand,
/// or leads elsewhere. What was asked for is printed up to there.
Expected<Done, std::string> run_replay_command(ReplayWish const& wish, std::ostream& out);

}  // namespace arangosync::trace
