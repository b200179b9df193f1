// Trouble: kills, pauses, partitions, an agency that swallows answers; when and where is drawn from the seed.
#pragma once

#include "app/replay/options.h"
#include "app/replay/site.h"

#include <functional>

namespace arangosync::replay {

class Nemesis {
public:
  Nemesis(sim::World& world, sim::Network& network, Site& a, Site& b, Trace& trace, Options const& options);

  void run(Instant until);
  /// Everything works again: links, agencies, paused and dead daemons.
  void heal();

private:
  void every(Duration mean, void (Nemesis::*strike)());
  void crash();
  void kill_leader();
  void pause();
  void partition();
  void agency_trouble();

  Site& some_site() { return draw_.below(2) == 0 ? a_ : b_; }
  sim::NodeId some_node(Site& site);
  Duration up_to(Duration most);
  void restart_later(Site& site, bool is_master, std::size_t index);

  sim::World& world_;
  sim::Network& network_;
  Site& a_;
  Site& b_;
  Trace& trace_;
  Options const options_;
  Draw draw_;
  Instant until_;
};

}  // namespace arangosync::replay
