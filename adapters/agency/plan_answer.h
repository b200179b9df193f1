// The cluster's own plan in its agency, as far as the placement of tasks needs it (spec arangodb-read 3.1, 3.2, 3.4):
// which DB-Server leads a shard, and on which host it runs; and the cluster's mode, which is read with the plan's
// version.
//
// Used by master_store. Pure; untrusted input: what is not understood is left out, for it is a hint only.
#pragma once

#include "domain/base/result.h"
#include "domain/task/landscape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::agency {

struct Look {
  std::uint64_t version = 0;  ///< of the plan
  bool is_read_only = false;
  friend bool operator==(Look const&, Look const&) = default;
};
std::vector<std::string> look_paths();
Outcome<Look> read_look(std::string const& answer);

std::vector<std::string> landscape_paths();
Outcome<task::Landscape> read_landscape(std::string const& answer);

}  // namespace arangosync::agency
