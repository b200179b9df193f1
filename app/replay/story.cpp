#include "app/replay/story.h"

#include <algorithm>
#include <chrono>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

/// Draws the script of a seed: each kind of trouble strikes again and again, or never.
class Playwright {
public:
  Playwright(Draw& draw, Story& story) : draw_(draw), story_(story), options_(story.options) {}

  void write() {
    say(0s, "links bad");
    say(5s, "configure");
    say(0s, "write " + text_of(story_.length));
    processes();
    network();
    clusters();
    if (likely(35)) again(60s, 300s, [this](Duration at) { operators(at); });
    std::stable_sort(story_.script.begin(), story_.script.end(),
                     [](Line const& a, Line const& b) { return a.at < b.at; });
  }

private:
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
    if (likely(25)) {
      again(60s, 200s, [this](Duration at) {
        std::string const who = daemon();
        say(at, "date " + who + ' ' + (likely(50) ? "-" : "") + text_of(between(1s, 2h)));
        if (likely(50)) say(at + between(1s, 120s), "date " + who + " 0s");
      });
    }
    if (likely(20)) again(60s, 300s, [this](Duration at) { say(at, "lose-queue " + site() + "/worker" + digit(3)); });
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

  /// What people do: they stop a synchronization (and start it again), or bring a backup of the target back.
  void operators(Duration at) {
    std::string const where = target();
    if (likely(30)) return say(at, "stop " + where + (likely(50) ? " force" : ""));
    say(at, "backup " + where);
    if (likely(40)) return;
    // Whoever restores a cluster stops what writes to it: a receiver that goes on does not see that its position is
    // gone.
    Duration const then = at + between(1s, 200s);
    for (std::uint32_t i = 1; i <= options_.target_workers; ++i) {
      say(then, "kill " + where + "/worker" + std::to_string(i));
    }
    say(then, "restore " + where);
    say(then + 200ms + between(0s, 30s), "start " + where);
  }

  template <class Strike>
  void again(Duration least, Duration most, Strike strike) {
    Duration const mean = between(least, most);
    for (Duration at = between(0s, 2 * mean); at < story_.length; at += between(0s, 2 * mean)) strike(at);
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
};

}  // namespace

Story draw_story(std::uint64_t seed) {
  Draw draw(Entropy{seed ^ 0x5eedULL});
  Story story;
  story.options = draw_options(seed, draw);
  story.length = std::chrono::seconds(300 + draw.below(181));
  Playwright(draw, story).write();
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
