#include "app/replay/story.h"

#include "app/replay/rarities.h"
#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

/// Of a target's backup that is younger than the gap which a worker's pulse may have nobody can know.
constexpr Duration backup_age_min = limits::pulse_gap_max + 20s;

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
      Duration const stopped_at = between(80s, 90s);
      if (!has_circles_) say(stopped_at, "stop " + target() + " now");
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
    bool const draws_circles = likely(12);
    bool const stops = !draws_circles && likely(35);
    if (draws_circles && !has_stops_) {
      has_circles_ = true;
      circles();
    } else if (stops && !has_circles_) {
      has_stops_ = true;
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
    Duration const then = at + between(where == "A" ? 1s : backup_age_min, 240s);
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
  bool has_circles_ = false;
  bool has_stops_ = false;
  Duration restored_until_{0};  // a backup is to be brought back then
};

/// It is the newest backup that is brought back. One of a target that is made while another waits for that would be so
/// young that nobody can know of it (see set_back); troubles are not drawn in the order of their times.
void drop_late_backups(std::vector<Line>& script) {
  for (std::size_t r = 0; r < script.size(); ++r) {
    std::string const where = script[r].command.substr(script[r].command.find(' ') + 1);
    if (script[r].command != "restore " + where || where == "A") continue;
    std::vector<std::size_t> backups;
    for (std::size_t i = 0; i < r; ++i) {
      if (script[i].command == "backup " + where) backups.push_back(i);
    }
    bool const is_young = backups.size() > 1 && script[r].at - script[backups.back()].at < backup_age_min;
    if (!is_young) continue;
    script.erase(script.begin() + static_cast<std::ptrdiff_t>(backups.back()));
    r -= 2;  // this restore, at its new place, once more
  }
}

}  // namespace

Story draw_story(std::uint64_t seed) {
  Draw draw(Entropy{seed ^ 0x5eedULL});
  Story story;
  story.options = draw_options(seed, draw);
  story.length = is_wide(story.options) ? 100s : std::chrono::seconds(300 + draw.below(181));
  Playwright(draw, story).write();
  drop_late_backups(story.script);
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
