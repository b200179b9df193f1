// Names of the master's timers. Used inside this room only.
#pragma once

#include "domain/base/ids.h"

namespace arangosync::master::timers {

inline TimerName lease() { return TimerName("lease"); }          ///< look at it, or renew it
inline TimerName lease_end() { return TimerName("lease.end"); }  ///< the holder's own deadline
inline TimerName announce() { return TimerName("announce"); }
inline TimerName errands() { return TimerName("errands"); }  ///< the next repetition
inline TimerName workers() { return TimerName("workers"); }  ///< the next registration that may end
inline TimerName tokens() { return TimerName("tokens"); }
inline TimerName abort() { return TimerName("abort"); }  ///< a forced stop gives the source up
inline TimerName housekeeping() { return TimerName("housekeeping"); }

}  // namespace arangosync::master::timers
