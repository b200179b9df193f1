// Which of a leader's calls fail again and again, told in words: once when it begins, once when it is over.
//
// Used by MasterLog. Calls of one purpose (all orders to one worker, all shards told to a source) are one trouble, lest
// thousands of tasks be thousands of lines. A call that fails now and then, or that a worker puts off until it has let
// go of what it does, is none: it has to fail eight times in a row, which takes some ten seconds.
#pragma once

#include "domain/master/master.h"

#include <map>
#include <optional>
#include <string>

namespace arangosync::app {

class ErrandTroubles {
public:
  struct Line {
    bool is_over = false;
    master::ErrandKind kind = master::ErrandKind::Task;
    std::string text;  ///< "could not give tasks to the worker … at …: …"
  };
  /// After an event of an errand.
  std::optional<Line> look(master::ErrandEvent const& event, master::Office const& office);
  /// Somebody else leads: whoever leads next finds out by itself.
  void forget() { told_.clear(); }

private:
  std::optional<Line> failed(master::ErrandFailed const& event, master::Office const& office);
  std::optional<Line> answered(master::ErrandAnswered const& event, master::Office const& office);

  std::map<std::string, master::Errand> told_;  ///< by purpose: one that fails still
};

}  // namespace arangosync::app
