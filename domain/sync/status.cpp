#include "domain/sync/status.h"

#include "domain/base/check.h"

#include <array>

namespace arangosync::sync {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Inactive:
      return "inactive";
    case Status::Initializing:
      return "initializing";
    case Status::InitialSync:
      return "initial-sync";
    case Status::Running:
      return "running";
    case Status::Cancelling:
      return "cancelling";
    case Status::Failed:
      return "failed";
  }
  DC_ASSERT(false);
  return "";
}

std::optional<Status> parse_status(std::string_view text) {
  if (text.empty()) return Status::Inactive;
  for (Status const status : std::array{Status::Inactive, Status::Initializing, Status::InitialSync, Status::Running,
                                        Status::Cancelling, Status::Failed}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

}  // namespace arangosync::sync
