// Random lives of a master: commands drawn from a seed, answers to whatever it asks, faults among them, new leaders in
// between. Used by the law tests of this room and of adapters/agency.
#pragma once

#include "tests/domain/master/story/given_when_then.h"

#include <vector>

namespace arangosync::master {

class RandomStory {
public:
  explicit RandomStory(std::uint64_t seed) : draw_(Entropy{seed}) { scene.lead(); }

  Scene scene;

  /// One command: of a person, a worker, the other datacenter, a timer, or the answer to something under way.
  void step();

  /// Everybody answers well, until nothing is under way and no retry waits.
  void heal();

private:
  ShardRef any_shard() { return shard_ref("c", static_cast<std::uint32_t>(draw_.below(4))); }
  ClusterId any_target() { return ClusterId(draw_.below(2) == 0 ? "target-one" : "target-two"); }
  bool chance(std::uint64_t one_in) { return draw_.below(one_in) == 0; }

  task::Channels channels(std::string const& name);
  /// Leads again, if need be from what was saved.
  void resume();

  void lose_the_lease() { scene.when(SaveFailed{"another leader"}); }
  RequestId outstanding_errand(std::size_t index) const;

  template <class Answer, class Value>
  void tell(RequestId request, std::optional<Fault> const& trouble, Value value);
  void answer(RequestId request, bool is_good);
  void answer_something();
  std::vector<ClusterId> lineage();
  /// Leaders of shards wander between three DB-Servers.
  Survey survey();

  void fire_something();
  void call_something();
  void unregister();
  void stop();
  /// Mostly the next one, rarely a late one or one of the next life; an original's has none.
  std::optional<sync::Order> any_order();
  void accept();
  void remove();
  void start_outgoing();
  void report();
  void target_barrier();
  void source_barrier();
  /// The leader leads on until every barrier that nobody renews is over.
  void let_barriers_end();
  void tokens();

  Draw draw_;
  std::uint64_t life_ = 1;
  std::uint64_t number_ = 0;
};

}  // namespace arangosync::master
