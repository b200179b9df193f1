#include "app/replay/rarities.h"

#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;
using SecondsBetween = std::function<Duration(std::uint64_t, std::uint64_t)>;

bool says(Story const& story, std::string_view verb) {
  return std::any_of(story.script.begin(), story.script.end(),
                     [&](Line const& line) { return line.command.starts_with(verb); });
}

/// Orders that hang on the way to one master of the source, are said again to another, and arrive when the target has
/// begun another life of the synchronization, or of a shard.
void hold_orders_up(Draw& draw, SecondsBetween const& seconds, Story& story) {
  for (Duration at = seconds(40, 90); at < story.length; at += seconds(60, 120)) {
    std::string const to = " A/master" + std::to_string(1 + draw.below(story.options.source_masters));
    std::string const for_long = ' ' + text_of(seconds(15, 40));
    for (std::uint32_t i = 1; i <= story.options.target_masters; ++i) {
      story.script.push_back({at, "clog B/master" + std::to_string(i) + to + for_long});
    }
    std::uint64_t const nth = draw.below(9);
    story.script.push_back({at + 100ms, nth < 5 ? "stop B now" : "reset B " + std::to_string(nth)});
  }
}

/// The source is set back to a moment ago, and its log has grown past where it was before anybody looks again.
void set_back_unseen(SecondsBetween const& seconds, Story& story) {
  Duration const at = seconds(60, 200);
  Duration const then = at + seconds(1, 6);
  Duration const seen = then + seconds(8, 22);
  story.script.push_back({at, "backup A"});
  story.script.push_back({then, "restore A"});
  for (std::uint32_t i = 1; i <= story.options.source_workers; ++i) {
    story.script.push_back({then - 50ms, "pause A/worker" + std::to_string(i)});
    story.script.push_back({seen, "resume A/worker" + std::to_string(i)});
  }
}

void cut_apart(Story& story, Duration from, Duration until) {
  for (char const* direction : {" A B", " B A"}) {
    story.script.push_back({from, std::string("cut") + direction});
    story.script.push_back({until, std::string("join") + direction});
  }
}

/// Somebody's tool clones the tokens of whoever reads the queue, and keeps the clones alive; sometimes longer than the
/// reader, who is cut off, can keep his own.
void clone_tokens(Draw& draw, SecondsBetween const& seconds, Story& story) {
  for (Duration at = seconds(20, 60); at < story.length; at += seconds(20, 90)) {
    story.script.push_back({at, "clone-token A " + std::to_string(draw.below(4))});
  }
  if (draw.below(2) == 0) return;
  Duration const lifetime = seconds(30, 60);
  story.options.token_lifetime = lifetime;
  Duration const from = seconds(60, 150);
  cut_apart(story, from, from + lifetime + seconds(15, 60));
}

/// The queue loses what nobody has read, and what comes next are heartbeats; once in the middle, and once when the
/// users have stopped.
void lose_unread(SecondsBetween const& seconds, Story& story) {
  for (Duration const at : {Duration(seconds(60, 200)), story.length - seconds(3, 8)}) {
    Duration const lost = at + seconds(1, 2);
    cut_apart(story, at, lost + 300ms);
    for (std::uint32_t i = 1; i <= story.options.source_workers; ++i) {
      story.script.push_back({lost, "lose-queue A/worker" + std::to_string(i)});
    }
  }
}

/// A leader falls asleep between the save that gives a lost worker's tasks to others and the orders that it allows.
/// Another one leads and moves some of them on to the worker, which comes back; then the first one wakes up.
void let_a_leader_sleep(SecondsBetween const& seconds, Story& story) {
  Duration const gone = seconds(20, 100);
  Duration const back = gone + seconds(75, 90);
  Duration const awake = back + seconds(25, 40);
  auto const say = [&](Duration at, std::string command) { story.script.push_back({at, std::move(command)}); };
  say(gone, "kill B/worker3");
  for (std::uint32_t i = 1; i <= story.options.target_masters; ++i) {
    std::string const master = "B/master" + std::to_string(i);
    say(gone + 19s, "clog B/agency " + master + " 12s");
    say(awake, "resume " + master);
  }
  say(gone + 30'500ms, "pause B/leader");
  say(back, "start B/worker3");
}

/// Orders to a worker hang on the way while its tasks go and come, and arrive in any order.
void hold_up_a_worker(Draw& draw, SecondsBetween const& seconds, Story& story) {
  bool const at_source = draw.below(2) == 0 && story.options.source_workers > 1;
  std::string const where = at_source ? "A/" : "B/";
  std::uint32_t const masters = at_source ? story.options.source_masters : story.options.target_masters;
  std::uint32_t const workers = at_source ? story.options.source_workers : story.options.target_workers;
  for (Duration at = seconds(20, 60); at < story.length; at += seconds(25, 60)) {
    std::uint64_t const held = 1 + draw.below(workers);
    std::string const for_long = " " + text_of(seconds(2, 12));
    for (std::uint32_t i = 1; i <= masters; ++i) {
      story.script.push_back({at, "clog " + where + "master" + std::to_string(i) + ' ' + where + "worker" +
                                      std::to_string(held) + for_long});
    }
    std::string const other = where + "worker" + std::to_string(1 + held % workers);
    story.script.push_back({at + 50ms, "kill " + other});
    story.script.push_back({at + 500ms, "start " + other});  // what it had under way has landed by then
  }
}

/// The source's workers die again and again, sooner than a receiver may ask anew, and users write much: two senders
/// answer one request.
void flap(Draw& draw, SecondsBetween const& seconds, Story& story) {
  auto const between = [&](std::uint64_t least, std::uint64_t most) {
    return std::chrono::milliseconds(least + draw.below(most - least + 1));
  };
  story.options.write_every = between(100, 300);
  for (Duration at = seconds(30, 90); at < story.length; at += seconds(40, 120)) {
    Duration strike = at;
    for (std::uint64_t left = 4 + draw.below(5); left > 0; --left, strike += between(500, 2500)) {
      story.script.push_back({strike, "kill A/workers"});
      story.script.push_back({strike + between(20, 200), "start A"});
    }
  }
}

/// Calls that set a cluster's mode hang on the way while a stop needs them, are said again, and arrive when the mode is
/// another, or when the next stop relies on it.
void hold_modes_up(Draw& draw, SecondsBetween const& seconds, Story& story) {
  for (Duration at = seconds(40, 90); at < story.length; at += seconds(50, 100)) {
    // Raising a barrier of the source, lifting it, or whatever the target is made.
    bool const at_source = draw.below(4) > 0;
    Duration const from = at + (draw.below(2) == 0 ? Duration{0} : seconds(4, 16));
    std::string const where = at_source ? "A/" : "B/";
    std::uint32_t const masters = at_source ? story.options.source_masters : story.options.target_masters;
    story.script.push_back({at, "stop B"});
    Duration const lasts = seconds(1, 6);
    std::string const late = text_of(lasts + seconds(10, 45));
    for (std::uint32_t i = 1; i <= masters; ++i) {
      std::string const link = "clog " + where + "master" + std::to_string(i) + ' ' + where + "coordinator ";
      story.script.push_back({from, link + late});
      story.script.push_back({from + lasts, link + "1ms"});  // what has set out already stays where it is
    }
  }
}

/// An operator's tool is killed while it waits behind a barrier, and nobody misses it.
void leave_a_barrier(Draw& draw, SecondsBetween const& seconds, Story& story) {
  for (Duration at = seconds(50, 130); at < story.length; at += seconds(200, 300)) {
    story.script.push_back({at, "stop B"});
    story.script.push_back({at + std::chrono::milliseconds(300 + draw.below(8000)), "leave B"});
  }
}

/// The source's leaders fall away with what they had not passed on to their followers, but to us.
void lose_tails(Draw& draw, SecondsBetween const& seconds, Story& story) {
  for (Duration at = seconds(20, 60); at < story.length; at += seconds(15, 60)) {
    story.script.push_back({at, "fail-over A " + std::to_string(draw.below(20)) + " lossy"});
  }
}

/// Somebody drops a collection on the target. Without news of the source that is seen at the next look at it.
void drop_a_copy(Draw& draw, SecondsBetween const& seconds, Story& story) {
  story.script.push_back({seconds(60, 250), "drop B " + std::to_string(draw.below(9))});
  story.options.convergence_max = limits::structure_look + std::chrono::minutes(5);
}

/// Daemons die while what they have sent is still on its way, for longer than it takes others to follow them.
void die_talking(Draw& draw, SecondsBetween const& seconds, Story& story) {
  story.script.push_back({Duration{0}, "linger 60s"});
  for (Duration at = seconds(20, 60); at + 60s < story.length; at += seconds(20, 50)) {
    bool const at_source = draw.below(2) == 0;
    bool const is_master = draw.below(3) > 0;
    Options const& world = story.options;
    std::string const where = at_source ? "A/" : "B/";
    std::uint64_t const masters = at_source ? world.source_masters : world.target_masters;
    std::uint64_t const workers = at_source ? world.source_workers : world.target_workers;
    std::string const who = where + (is_master ? "master" + std::to_string(1 + draw.below(masters))
                                               : "worker" + std::to_string(1 + draw.below(workers)));
    std::string const other = at_source ? "B/master1" : "A/master1";
    for (std::string const& to :
         {where + "agency", where + "coordinator", where + "worker1", where + "worker2", where + "master1", other}) {
      if (to == who || draw.below(2) == 0) continue;
      if (to.ends_with("worker2") && workers < 2) continue;
      story.script.push_back({at, "clog " + who + ' ' + to + ' ' + text_of(seconds(5, 40))});
    }
    story.script.push_back({at + std::chrono::milliseconds(500 + draw.below(6000)), "kill " + who});
    story.script.push_back({at + seconds(7, 20), "start " + where.substr(0, 1)});
  }
}

}  // namespace

void add_rarities(std::uint64_t seed, Story& story) {
  Draw draw(Entropy{seed ^ 0x4a4eULL});
  auto const seconds = [&](std::uint64_t least, std::uint64_t most) {
    return std::chrono::seconds(least + draw.below(most - least + 1));
  };
  // Tokens that expire while a link is down.
  if (draw.below(25) == 0) story.options.token_lifetime = seconds(40, 120);
  // The leader has forgotten a master that was away for long, and is given its address for another datacenter's.
  if (draw.below(25) == 0 && story.options.source_masters == 2) {
    Duration const gone = seconds(20, 150);
    Duration const back = gone + seconds(60, 100);
    std::uint64_t const nth = draw.below(2);
    Duration const asked = back + std::chrono::milliseconds(50 + draw.below(5000));
    story.script.push_back({gone, "kill A/master" + std::to_string(nth + 1)});
    story.script.push_back({back, "start A"});
    story.script.push_back({asked, "itself A " + std::to_string(nth)});
  }
  bool const is_usual = !is_wide(story.options);
  // A circle whose other half is stopped just then would be granted.
  bool const has_circles = says(story, "circle");
  bool const may_hold = story.options.source_masters > 1 && is_usual && !has_circles;
  if (draw.below(15) == 0 && may_hold) hold_orders_up(draw, seconds, story);
  if (draw.below(15) == 0) clone_tokens(draw, seconds, story);
  bool const has_trees = story.options.source_trees > 0 && story.options.target_trees > 0;
  if (draw.below(20) == 0 && has_trees && is_usual && !says(story, "backup")) set_back_unseen(seconds, story);
  if (draw.below(12) == 0 && is_usual) lose_unread(seconds, story);
  if (draw.below(12) == 0 && story.options.target_workers >= 3) let_a_leader_sleep(seconds, story);
  if (draw.below(12) == 0 && story.options.target_workers > 1) hold_up_a_worker(draw, seconds, story);
  if (draw.below(10) == 0 && is_usual) flap(draw, seconds, story);
  bool const clocks_are_right = !says(story, "date") && !says(story, "drift");
  // A barrier trusts the clocks.
  bool const may_stop = clocks_are_right && !has_circles;
  if (draw.below(12) == 0 && may_stop) hold_modes_up(draw, seconds, story);
  if (draw.below(10) == 0 && is_usual && may_stop) leave_a_barrier(draw, seconds, story);
  if (draw.below(8) == 0 && story.options.source_servers > 1) lose_tails(draw, seconds, story);
  if (draw.below(10) == 0 && is_usual && clocks_are_right) die_talking(draw, seconds, story);
  // Until it is seen nobody can know, and a barrier would say that all is well.
  bool const may_claim =
      says(story, "backup") || std::any_of(story.script.begin(), story.script.end(), [](auto const& line) {
        return line.command.starts_with("stop ") && line.command.size() == 6;
      });
  if (draw.below(20) == 0 && is_usual && !may_claim) drop_a_copy(draw, seconds, story);
  std::erase_if(story.script, [&](Line const& line) { return line.at >= story.length; });
  std::stable_sort(story.script.begin(), story.script.end(), [](Line const& a, Line const& b) { return a.at < b.at; });
}

}  // namespace arangosync::replay
