#include "tests/paths/paths.h"

namespace arangosync::tests {

std::string source_folder() { return ARANGOSYNC_SOURCE_DIR; }

std::string data_folder() { return source_folder() + "/tests/data"; }

}  // namespace arangosync::tests
