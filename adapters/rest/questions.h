// Questions to the engine's state that end in time: a cluster that cannot be reached must not leave callers hanging.
//
// Used by MasterServer for everything that is answered from the state. Each question is either looked at on the
// engine's strand or given up: at once while the engine does not run or too many questions wait, else when its patience
// is over. What a given-up question held is freed then; in the engine's queue only an empty ticket is left of it.
// Thread-safe.
#pragma once

#include "adapters/http/http.h"
#include "adapters/rest/access.h"

#include <atomic>
#include <functional>
#include <memory>

namespace arangosync::rest {

/// What callers are told when a question is given up.
inline constexpr std::string_view waiting_for_agency = "waiting for the cluster's agency";

class Questions {
public:
  static constexpr std::size_t open_max = 10'000;  ///< as many as a server takes connections

  /// `is_running`: the engine takes questions; empty: always.
  Questions(http::Io& io, std::function<void(std::function<void(master::State const&)>)> query,
            std::function<bool()> is_running);

  using Look = std::function<void(master::State const&)>;
  using GiveUp = std::function<void()>;
  /// Exactly one of the two runs, once (none if the engine has stopped): `look` on the strand, `give_up` on an Io
  /// thread.
  void ask(Duration patience, Look look, GiveUp give_up);

private:
  struct Ticket;

  http::Io& io_;
  std::function<void(std::function<void(master::State const&)>)> const query_;
  std::function<bool()> const is_running_;
  std::shared_ptr<std::atomic<std::size_t>> const open_;  // shared with the tickets, which the engine may keep longer
};

}  // namespace arangosync::rest
