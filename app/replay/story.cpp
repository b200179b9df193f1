#include "app/replay/story.h"

#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string_view>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

/// Draws the script of a seed: each kind of trouble strikes again and again, or never.
class Playwright {
public:
  Playwright(Draw& draw, Story& story) : draw_(draw), story_(story), options_(story.options) {}

  void write() {
    say(0s, "links bad");
    say(configured_at, "configure");
    say(0s, "write " + text_of(story_.length));
    trouble();
    if (is_wide(options_)) {
      // All its tasks lose their workers, and later their synchronization.
      dismiss(between(30s, 40s), target() + "/workers", 31s);
      say(between(80s, 90s), "stop " + target() + " now");
    } else if (likely(3)) {
      vigil();
    } else if (likely(3)) {
      abyss();
    }
    std::stable_sort(story_.script.begin(), story_.script.end(),
                     [](Line const& a, Line const& b) { return a.at < b.at; });
  }

private:
  static constexpr Duration configured_at = 5s;

  /// All kinds, each of which strikes from `begin_` to the end of the story, or never.
  void trouble() {
    sets_clocks_wrong_ = likely(25);
    processes();
    network();
    clusters();
    // A circle whose other half is stopped just then would be granted, and rightly.
    if (likely(12)) {
      circles();
    } else if (likely(35)) {
      again(60s, 300s, [this](Duration at) { operators(at); });
    }
    if (likely(15)) outages();
    if (likely(25)) {
      std::string const where = likely(50) ? "A" : target();
      if (may_be_set_back(where)) again(60s, 250s, [=, this](Duration at) { set_back(at, where); });
    }
  }

  /// A quarter of an hour without trouble: what has long been under way has landed, and every shard is checked. Then
  /// there is trouble again.
  void vigil() {
    say(story_.length - 1ms, "heal");
    Duration const quiet = between(890s, 930s);
    bool const is_watched_only = likely(50);
    if (!is_watched_only) say(story_.length - 1ms, "write " + text_of(quiet + 60s));
    begin_ = story_.length + quiet;
    story_.length = begin_ + between(10s, 60s);
    say(begin_, "links bad");
    if (!is_watched_only) trouble();
  }

  /// The link goes while shards are compared, for longer than any snapshot is held open: the source's log was lost when
  /// nobody read it, and the target is slow.
  void abyss() {
    std::erase_if(story_.script, [](Line const& line) { return line.at > 40s; });
    say(45s, "heal");
    Duration const down_at = between(70s, 90s);
    Duration const up_at = down_at + between(10s, 20s);
    say(down_at, "kill A/workers");
    for (char const* nth : {"0", "1", "2"}) say(up_at, std::string("trim A ") + nth);
    say(up_at, "target B slow " + text_of(between(7s, 9s)));
    say(up_at, "start A");
    Duration const at = up_at + between(2s, 9s);
    story_.length = at + between(1510s, 1560s);
    say(at, "cut A B");
    say(at, "cut B A");
    say(at + 1s, "target B slow 0s");
    say(story_.length - between(1s, 20s), "heal");
  }

  void processes() {
    Duration const back_after = between(1s, 50s);
    Duration const pause_max = likely(30) ? between(60s, 240s) : between(1s, 50s);
    if (likely(65)) again(20s, 120s, [=, this](Duration at) { crash(at, back_after); });
    if (likely(40)) {
      again(60s, 180s, [=, this](Duration at) {
        std::string const leader = site() + "/leader";
        say(at, "kill " + leader);
        say(at + 200ms + between(0s, back_after), "start " + leader.substr(0, 1));
      });
    }
    if (likely(40)) {
      again(30s, 120s, [=, this](Duration at) {
        std::string const who = daemon();
        say(at, "pause " + who);
        say(at + 100ms + between(0s, pause_max), "resume " + who);
      });
    }
    if (likely(15)) {
      again(60s, 200s, [=, this](Duration at) {
        dismiss(at, site() + (likely(70) ? "/workers" : "/masters"), likely(50) ? back_after : 50s);
      });
    }
    if (sets_clocks_wrong_) again(60s, 200s, [this](Duration at) { clock(at); });
    if (likely(20)) again(60s, 300s, [this](Duration at) { say(at, "lose-queue " + site() + "/worker" + digit(3)); });
  }

  /// All of them at once.
  void dismiss(Duration at, std::string const& whom, Duration most) {
    say(at, "kill " + whom);
    say(at + 200ms + between(0s, most), "start " + whom.substr(0, 1));
  }

  void clock(Duration at) {
    std::string const who = daemon();
    std::string const sign = likely(50) ? "-" : "";
    if (likely(60)) {
      say(at, "date " + who + ' ' + sign + text_of(between(1s, 2h)));
    } else {
      say(at, "drift " + who + ' ' + sign + std::to_string(1 + draw_.below(likely(50) ? 500 : 50'000)));
    }
    if (likely(50)) say(at + between(1s, 120s), "date " + who + " 0s");
  }

  void crash(Duration at, Duration back_after) {
    std::string const who = daemon();
    say(at, "kill " + who + (likely(50) ? "" : " " + std::to_string(1 + draw_.below(6))));
    say(at + 200ms + between(0s, back_after), "start " + who.substr(0, 1));
  }

  void network() {
    Duration const cut_max = between(1s, 90s);
    if (likely(50)) again(30s, 120s, [=, this](Duration at) { separate(at, "cut", cut_max); });
    if (likely(25)) again(30s, 150s, [=, this](Duration at) { separate(at, "mute", cut_max); });
    if (likely(25)) again(20s, 90s, [this](Duration at) { swizzle(at); });
    if (likely(20)) {
      again(60s, 200s, [this](Duration at) {
        say(at, "links good");
        say(at + between(1s, 60s), "links bad");
      });
    }
  }

  void separate(Duration at, std::string const& how, Duration most) {
    std::string one = likely(50) ? site() : node();
    std::string other = one.size() == 1 ? site() : node();
    if (one.size() == 1 && one == other) other = one == "A" ? "B" : "A";
    bool const both_ways = likely(50);
    say(at, how + ' ' + one + ' ' + other);
    if (both_ways) say(at, how + ' ' + other + ' ' + one);
    Duration const end = at + 500ms + between(0s, most);
    say(end, "join " + one + ' ' + other);
    if (both_ways) say(end, "join " + other + ' ' + one);
  }

  /// Stops links one by one and lets them go on in another order (FoundationDB's "swizzle-clogging").
  void swizzle(Duration at) {
    std::uint64_t const links = 1 + draw_.below(4);
    for (std::uint64_t i = 0; i < links; ++i) {
      say(at + between(0s, 3s), "clog " + node() + ' ' + node() + ' ' + text_of(between(500ms, 20s)));
    }
  }

  void clusters() {
    if (likely(40)) {
      again(30s, 120s, [this](Duration at) {
        std::string const where = site();
        say(at, "agency " + where + " silent " + std::to_string(200 + draw_.below(801)));
        say(at + 500ms + between(0s, 15s), "agency " + where + " silent 0");
      });
    }
    if (likely(30)) {
      again(60s, 200s, [this](Duration at) {
        std::string const where = site();
        say(at, "agency " + where + " down");
        say(at + 500ms + between(0s, likely(20) ? Duration(90s) : Duration(12s)), "agency " + where + " up");
      });
    }
    if (likely(30)) {
      again(20s, 120s, [this](Duration at) { say(at, "agency " + site() + " elects " + text_of(between(200ms, 6s))); });
    }
    if (likely(30)) again(60s, 250s, [this](Duration at) { say(at, "fail-over " + site() + ' ' + digit(20)); });
    if (likely(25)) again(60s, 250s, [this](Duration at) { say(at, "reboot " + site() + ' ' + digit(3)); });
    if (likely(25)) again(60s, 250s, [this](Duration at) { say(at, "trim " + source() + ' ' + digit(3)); });
    if (likely(30)) {
      again(60s, 200s, [this](Duration at) {
        std::string const where = target();
        std::string const how = likely(50) ? "refuse" : "poison";
        say(at, "target " + where + ' ' + how + ' ' + std::to_string(50 + draw_.below(951)));
        say(at + 500ms + between(0s, 40s), "target " + where + ' ' + how + " 0");
      });
    }
    if (likely(20)) {
      again(60s, 200s, [this](Duration at) {
        std::string const where = target();
        say(at, "target " + where + " slow " + text_of(between(200ms, 9s)));
        say(at + 500ms + between(0s, 60s), "target " + where + " slow 0s");
      });
    }
  }

  /// What people do: they stop a synchronization (and start it again), start a shard anew, or bring a backup of a
  /// datacenter back.
  void operators(Duration at) {
    std::string const where = target();
    if (likely(50)) return stop(at, where);
    if (likely(30)) return say(at, "reset " + where + ' ' + digit(9));
    restore(at, where);
  }

  /// Under all that runs.
  void set_back(Duration at, std::string const& where) {
    if (at < restored_until_) return;  // it is the newest backup that is brought back
    say(at, "backup " + where);
    if (likely(10)) return;
    // Of a target's backup that is younger than the gap which a worker's pulse may have nobody can know.
    Duration const then = at + between(where == "A" ? 1s : Duration(limits::pulse_gap_max + 20s), 240s);
    say(then, "restore " + where);
    restored_until_ = then;
  }
  /// What a source without trees had been made to forget would never be found out.
  bool may_be_set_back(std::string const& where) const {
    if (where == "A") return options_.source_trees > 0 && options_.target_trees > 0;
    return options_.chain == 0 || where != "B" || options_.target_trees > 0;
  }

  void restore(Duration at, std::string const& where) {
    if (at < restored_until_ || !may_be_set_back(where)) return;
    say(at, "backup " + where);
    if (likely(40)) return;
    // As it is recommended: the synchronization is aborted, and the workers that write to the cluster are stopped.
    Duration const abort_at = at + between(1s, 200s);
    Duration const then = abort_at + between(20s, 40s);
    for (Duration const down_at : {abort_at, then}) {  // others may have started them meanwhile
      for (std::uint32_t i = 1; i <= options_.target_workers; ++i) {
        say(down_at, "kill " + where + "/worker" + std::to_string(i));
      }
    }
    say(abort_at + 100ms, "stop " + where + " force");
    say(then, "restore " + where);
    restored_until_ = then;
    say(then + 200ms + between(0s, 30s), "start " + where);
  }

  void stop(Duration at, std::string const& where) {
    if (likely(25)) return say(at, "stop " + where + " force");
    // A barrier trusts that the clocks of the source agree (docs/decisions/0011).
    if (likely(25) || sets_clocks_wrong_) return say(at, "stop " + where + " now");
    say(at, "stop " + where);
    if (likely(60)) return;
    // Who holds the source read-only is gone in the middle of it, for longer than that is granted, or nearly.
    Duration const gone = at + between(500ms, 20s);
    say(gone, "kill " + where + "/masters");
    say(gone + between(70s, 150s), "start " + where);
  }

  /// Somebody has a datacenter receive from one that receives from it.
  void circles() {
    auto const strike = [this](Duration at) {
      bool const is_long = options_.chain > 0 && likely(50);
      std::string const from = is_long ? "C" : options_.chain > 0 && likely(50) ? "B" : target();
      std::string const to = from == "C" && options_.chain > 0 && likely(50) ? "B" : "A";
      if (from != to) say(at, "circle " + to + ' ' + from);
    };
    if (likely(60)) strike(configured_at + between(0s, 500ms));
    again(60s, 200s, strike);
  }

  /// The link is taken down for a while: announced before, announced when it is down already, or not at all.
  void outages() {
    Duration const usual = between(30s, 100s);
    announce(between(0s, 20s), usual);
    again(100s, 300s, [=, this](Duration at) {
      Duration const lasts = between(40s, 200s);
      std::string const where = target();
      say(at, "cut A " + where);
      say(at, "cut " + where + " A");
      say(at + lasts, "join A " + where);
      say(at + lasts, "join " + where + " A");
      if (likely(33)) return;
      Duration const told_at = likely(50) ? at - between(5s, 20s) : at + between(1s, 30s);
      announce(std::max<Duration>(told_at, begin_), lasts + 60s);
      announce(at + lasts + between(5s, 60s), usual);
    });
  }
  /// On both sides (spec arangosync-cli 4.7).
  void announce(Duration at, Duration timeout) {
    for (std::uint32_t i = 0; i < options_.datacenters; ++i) {
      say(at, "message-timeout " + std::string(1, static_cast<char>('A' + i)) + ' ' + text_of(timeout));
    }
  }

  template <class Strike>
  void again(Duration least, Duration most, Strike strike) {
    Duration const mean = between(least, most);
    for (Duration at = begin_ + between(0s, 2 * mean); at < story_.length; at += between(0s, 2 * mean)) strike(at);
  }
  void say(Duration at, std::string command) {
    if (at < story_.length) story_.script.push_back(Line{at, std::move(command)});
  }

  bool likely(std::uint32_t percent) { return draw_.below(100) < percent; }
  Duration between(Duration least, Duration most) {
    auto const span = static_cast<std::uint64_t>((most - least).count());
    auto const drawn = least + Duration(static_cast<Duration::rep>(draw_.below(span + 1)));
    return std::chrono::duration_cast<std::chrono::milliseconds>(drawn);
  }
  std::string digit(std::uint64_t most) { return std::to_string(1 + draw_.below(most)); }
  std::string site() { return std::string(1, static_cast<char>('A' + draw_.below(options_.datacenters))); }
  std::string target() { return std::string(1, static_cast<char>('B' + draw_.below(options_.datacenters - 1))); }
  std::string source() { return options_.chain > 0 && likely(50) ? "B" : "A"; }
  std::string daemon() {
    std::string const where = site();
    bool const is_source = where == "A";
    std::uint32_t const masters = is_source ? options_.source_masters : options_.target_masters;
    std::uint32_t const workers = is_source ? options_.source_workers : options_.target_workers;
    std::uint64_t const at = draw_.below(masters + workers);
    return at < masters ? where + "/master" + std::to_string(at + 1)
                        : where + "/worker" + std::to_string(at - masters + 1);
  }
  std::string node() {
    if (likely(60)) return daemon();
    std::string const where = site();
    std::uint32_t const servers = where == "A" ? options_.source_servers : options_.target_servers;
    std::uint64_t const at = draw_.below(servers + 2);
    if (at == 0) return where + "/coordinator";
    if (at == 1) return where + "/agency";
    return where + "/DBServer000" + std::to_string(at - 1);
  }

  Draw& draw_;
  Story& story_;
  Options const& options_;
  Duration begin_{0};               // of the troubles that are drawn now
  bool sets_clocks_wrong_ = false;  // somebody does
  Duration restored_until_{0};      // a backup is to be brought back then
};

}  // namespace

namespace {

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

/// What is drawn from a stream of its own, so that all the rest of a seed is as it was before this was thought of.
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
  if (draw.below(15) == 0 && story.options.source_masters > 1 && is_usual) hold_orders_up(draw, seconds, story);
  if (draw.below(15) == 0) clone_tokens(draw, seconds, story);
  bool const has_trees = story.options.source_trees > 0 && story.options.target_trees > 0;
  if (draw.below(20) == 0 && has_trees && is_usual && !says(story, "backup")) set_back_unseen(seconds, story);
  if (draw.below(12) == 0 && is_usual) lose_unread(seconds, story);
  if (draw.below(12) == 0 && story.options.target_workers >= 3) let_a_leader_sleep(seconds, story);
  if (draw.below(12) == 0 && story.options.target_workers > 1) hold_up_a_worker(draw, seconds, story);
  if (draw.below(10) == 0 && is_usual) flap(draw, seconds, story);
  bool const clocks_are_right = !says(story, "date") && !says(story, "drift");
  if (draw.below(12) == 0 && clocks_are_right) hold_modes_up(draw, seconds, story);
  // A barrier trusts the clocks, and a circle whose other half is stopped just then would be granted.
  bool const may_stop = clocks_are_right && !says(story, "circle");
  if (draw.below(10) == 0 && is_usual && may_stop) leave_a_barrier(draw, seconds, story);
  std::erase_if(story.script, [&](Line const& line) { return line.at >= story.length; });
  std::stable_sort(story.script.begin(), story.script.end(), [](Line const& a, Line const& b) { return a.at < b.at; });
}

}  // namespace

Story draw_story(std::uint64_t seed) {
  Draw draw(Entropy{seed ^ 0x5eedULL});
  Story story;
  story.options = draw_options(seed, draw);
  story.length = is_wide(story.options) ? 100s : std::chrono::seconds(300 + draw.below(181));
  Playwright(draw, story).write();
  add_rarities(seed, story);
  return story;
}

std::string scenario_text(Story const& story) {
  std::string text = "world " + text_of(story.options) + '\n';
  Duration now{0};
  auto wait_until = [&](Duration at) {
    if (at > now) text += "advance " + text_of(at - now) + '\n';
    now = std::max(now, at);
  };
  for (Line const& line : story.script) {
    wait_until(line.at);
    text += line.command + '\n';
  }
  wait_until(story.length);
  return text + "settle\n";
}

}  // namespace arangosync::replay
