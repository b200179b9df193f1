// Names of the master's timers. Used inside this room only.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <chrono>

namespace arangosync::master::timers {

inline constexpr Duration survey_pause = std::chrono::seconds(5);  ///< between two looks at the cluster's plan
inline constexpr Duration survey_gap_max = survey_pause * 3;       ///< in a longer pause a leader may go and return
inline constexpr Duration lineage_pause =
    std::chrono::seconds(30);  ///< between two questions whom the source receives from
/// Whoever was given a token looks this often whether it still opens anything: it may have been revoked at any time.
inline constexpr Duration token_look = std::chrono::seconds(30);

inline TimerName lease() { return TimerName("lease"); }          ///< look at it, or renew it
inline TimerName lease_end() { return TimerName("lease.end"); }  ///< the holder's own deadline
inline TimerName announce() { return TimerName("announce"); }
inline TimerName errands() { return TimerName("errands"); }  ///< the next repetition
inline TimerName workers() { return TimerName("workers"); }  ///< the next registration that may end
inline TimerName tokens() { return TimerName("tokens"); }
inline TimerName abort() { return TimerName("abort"); }    ///< a forced stop gives the source up
inline TimerName survey() { return TimerName("survey"); }  ///< look at the cluster's plan
inline TimerName barrier() { return TimerName("barrier"); }
inline TimerName lineage() { return TimerName("lineage"); }
inline TimerName housekeeping() { return TimerName("housekeeping"); }

}  // namespace arangosync::master::timers
