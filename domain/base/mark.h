// Coverage marks: name a rare path where it happens; the simulation campaign fails when a marked path is never taken.
//
//   DC_MARK("shard.receiver.gap");
//
// Counting is the only state outside a machine's State; it never influences a decision.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace arangosync {

void mark_reached(char const* name);
/// How often each mark was reached since the start of the process.
std::map<std::string, std::uint64_t> marks_reached();

}  // namespace arangosync

#define DC_MARK(name) ::arangosync::mark_reached(name)
