#include "app/trace/replayer.h"

namespace arangosync::trace {

std::optional<std::string> why_not_replayable(Heading const& heading, std::string const& schema,
                                              std::string const& build) {
  std::string const remedy = "; it was written by build " + heading.build + ", this is build " + build +
                             ": replay it with the build that wrote it";
  if (heading.format != format_version) {
    return "it has format " + std::to_string(heading.format) + ", this build reads format " +
           std::to_string(format_version) + remedy;
  }
  if (heading.schema != schema) {
    return "its commands and states are made of other fields than this build's" + remedy;
  }
  return std::nullopt;
}

}  // namespace arangosync::trace
