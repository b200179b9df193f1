// A broken promise, in a sentence. Thrown by checkers; ends the run.
#pragma once

#include <stdexcept>

namespace arangosync::replay {

class Violation : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

}  // namespace arangosync::replay
