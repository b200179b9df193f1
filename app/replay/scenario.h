// A scenario file: a story told by hand, or what shrinking left of a failing seed (docs/testing.md).
//
//   # why this is here
//   world seed=7 source-workers=1
//   configure
//   advance 10s
//   show
//   ----
//   A is led, sends: running
//
//   settle
//   ----
//   …
//
// Comments and blank lines are kept. The first command is `world`, the last one `settle`. `show` and `settle` have an
// answer: what operators see (Simulation::shown()), under four dashes up to a blank line or the end.
#pragma once

#include <optional>
#include <ostream>
#include <string>

namespace arangosync::replay {

struct Played {
  std::string text;                    ///< the file with the answers that were seen
  std::optional<std::string> failure;  ///< the broken promise, or the line that makes no sense
};
Played play(std::string const& text, std::ostream* trace = nullptr);

}  // namespace arangosync::replay
