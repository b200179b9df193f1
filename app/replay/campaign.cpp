#include "app/replay/campaign.h"

#include "app/replay/simulation.h"
#include "domain/base/mark.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace arangosync::replay {

namespace {

std::string banner(std::uint64_t seed) {
  Story const story = draw_story(seed);
  return "world " + text_of(story.options) + ", " + std::to_string(story.script.size()) + " commands in " +
         text_of(story.length);
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string replay_hint(std::uint64_t seed) {
  return "\n  replay: ./dev sim --seed " + std::to_string(seed) +
         " --trace; make a scenario of it: ./dev sim --shrink " + std::to_string(seed) + '\n';
}

/// No story gets there: it would have to copy a copy onto its own origin before, or give up the order of calls between
/// datacenters. The laws of domain/master demand these. Sentences in domain/shard and domain/worker demand the last
/// two: only a message that is duplicated and very late leads to one, and too few seeds to the other (docs/testing.md).
bool is_demanded_elsewhere(std::string const& mark) {
  return mark == "master.outgoing.circle" || mark == "master.shard.replaced" || mark == "shard.receiver.violation" ||
         mark == "worker.turn.not_wanted";
}

/// What is wrong with a seed, for people; empty: nothing.
std::string complaint(std::uint64_t seed, Verdict const& verdict, bool twice) {
  std::string text;
  if (verdict.failure) text += "seed " + std::to_string(seed) + " FAILED " + *verdict.failure + replay_hint(seed);
  if (twice && run_seed(seed).verdict.hash != verdict.hash) {
    text += "seed " + std::to_string(seed) + " FAILED: two runs differ" + replay_hint(seed);
  }
  return text;
}

// ---- a process that runs its share of the seeds -----------------------------------------------------------------
// What it tells its maker, by lines: "begin SEED", "end SEED BROKEN SIMULATED_S CPU_S WRITES", "say TEXT", "mark NAME
// N".

class Share {
public:
  Share(Campaign const& campaign, unsigned hand, int to_parent) : campaign_(campaign), hand_(hand), pipe_(to_parent) {}

  void run() {
    for (std::uint64_t i = hand_; campaign_.seeds == 0 || i < campaign_.seeds; i += campaign_.processes) {
      std::uint64_t const seed = campaign_.first_seed + i;
      tell("begin " + std::to_string(seed));
      Timed const timed = run_seed(seed, nullptr, nullptr, campaign_.twice ? Comparing::ByHash : Comparing::None);
      std::string const broken = complaint(seed, timed.verdict, campaign_.twice);
      if (!broken.empty()) say(banner(seed) + '\n' + broken);
      std::ostringstream line;
      line << "end " << seed << ' ' << !broken.empty() << ' ' << seconds(timed.verdict.simulated) << ' '
           << timed.seconds << ' ' << timed.verdict.writes;
      tell(line.str());
      if (campaign_.seeds == 0 && i % (64 * campaign_.processes) < campaign_.processes) tell_marks();
    }
    tell_marks();
  }

private:
  void say(std::string const& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) tell("say " + line);
  }
  void tell_marks() {
    for (auto const& [name, count] : marks_reached()) tell("mark " + name + ' ' + std::to_string(count));
  }
  void tell(std::string line) {
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
      ssize_t const written = ::write(pipe_, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) std::_Exit(1);  // nobody listens any more
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  Campaign const& campaign_;
  unsigned hand_;
  int pipe_;
};

// ---- the process that deals them out ----------------------------------------------------------------------------

struct Hand {
  pid_t process = 0;
  int pipe = -1;
  std::string unread;
  std::uint64_t busy_with = 0;
};

struct Sums {
  std::uint64_t seeds = 0;
  std::uint64_t broken = 0;
  std::uint64_t writes = 0;
  double simulated_s = 0;
  double cpu_s = 0;
  double slowest_s = 0;
  std::uint64_t slowest_seed = 0;
  std::map<unsigned, std::map<std::string, std::uint64_t>> marks;  // by hand: each tells its own running count
};

class Dealer {
public:
  Dealer(Campaign const& campaign, std::ostream& out) : campaign_(campaign), out_(out) {}

  bool run() {
    hands_.resize(campaign_.processes);
    for (unsigned i = 0; i < campaign_.processes; ++i) start(i);
    while (listen() && !(campaign_.until_broken && sums_.broken > 0)) {
    }
    if (campaign_.until_broken && sums_.broken > 0) dismiss();
    for (Hand& hand : hands_) bury(hand);
    return summarize();
  }

private:
  void start(unsigned index) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    out_.flush();
    pid_t const child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
      ::close(ends[0]);
      Share(campaign_, index, ends[1]).run();
      std::_Exit(0);
    }
    ::close(ends[1]);
    hands_[index] = Hand{child, ends[0], {}, 0};
  }

  /// Waits for news and takes it in; false once all hands are done.
  bool listen() {
    std::vector<pollfd> watched;
    for (Hand const& hand : hands_) {
      if (hand.pipe >= 0) watched.push_back({hand.pipe, POLLIN, 0});
    }
    if (watched.empty()) return false;
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    for (pollfd const& one : watched) {
      if (one.revents == 0) continue;
      auto const hand = std::find_if(hands_.begin(), hands_.end(), [&](Hand const& h) { return h.pipe == one.fd; });
      read_from(*hand, static_cast<unsigned>(hand - hands_.begin()));
    }
    return true;
  }

  void read_from(Hand& hand, unsigned index) {
    char buffer[4096];
    ssize_t const got = ::read(hand.pipe, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
      ::close(hand.pipe);
      hand.pipe = -1;
      return;
    }
    hand.unread.append(buffer, static_cast<std::size_t>(got));
    for (auto end = hand.unread.find('\n'); end != std::string::npos; end = hand.unread.find('\n')) {
      take(hand, index, hand.unread.substr(0, end));
      hand.unread.erase(0, end + 1);
    }
  }

  void take(Hand& hand, unsigned index, std::string const& line) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "begin") {
      words >> hand.busy_with;
    } else if (kind == "say") {
      out_ << line.substr(std::min<std::size_t>(4, line.size())) << std::endl;
    } else if (kind == "mark") {
      std::string name;
      words >> name;
      words >> sums_.marks[index][name];
    } else if (kind == "end") {
      take_end(words);
      hand.busy_with = 0;
    }
  }

  void take_end(std::istringstream& words) {
    std::uint64_t seed = 0;
    bool broken = false;
    double simulated = 0;
    double cpu = 0;
    std::uint64_t writes = 0;
    words >> seed >> broken >> simulated >> cpu >> writes;
    ++sums_.seeds;
    sums_.broken += broken ? 1 : 0;
    sums_.simulated_s += simulated;
    sums_.cpu_s += cpu;
    sums_.writes += writes;
    if (cpu > sums_.slowest_s) {
      sums_.slowest_s = cpu;
      sums_.slowest_seed = seed;
    }
    if (campaign_.seeds == 0 && sums_.seeds % 500 == 0) summarize();
  }

  /// Ends what still runs: enough is known.
  void dismiss() {
    for (Hand& hand : hands_) {
      if (hand.pipe < 0) continue;
      ::kill(hand.process, SIGKILL);
      ::waitpid(hand.process, nullptr, 0);
      ::close(hand.pipe);
      hand.process = 0;
    }
  }

  void bury(Hand& hand) {
    if (hand.process == 0) return;
    int status = 0;
    ::waitpid(hand.process, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    ++sums_.broken;
    out_ << "seed " << hand.busy_with << " FAILED: its process died"
         << (WIFSIGNALED(status) ? std::string(" of ") + strsignal(WTERMSIG(status)) : std::string())
         << ", the rest of its share was not run" << replay_hint(hand.busy_with);
  }

  bool summarize() {
    std::map<std::string, std::uint64_t> reached;
    for (auto const& [hand, marks] : sums_.marks) {
      for (auto const& [name, count] : marks) reached[name] += count;
    }
    std::string unreached;
    for (auto const& name : marks_known()) {
      if (reached[name] == 0 && !is_demanded_elsewhere(name)) unreached += ' ' + name;
    }
    out_ << std::fixed << std::setprecision(1) << sums_.seeds << " seeds from " << campaign_.first_seed << ", "
         << sums_.broken << " broken; simulated " << sums_.simulated_s / 3600 << " h with " << sums_.writes
         << " writes in " << sums_.cpu_s << " s of one core: " << std::setprecision(0)
         << (sums_.cpu_s > 0 ? sums_.simulated_s / sums_.cpu_s : 0) << " times faster than real time; slowest seed "
         << sums_.slowest_seed << " (" << std::setprecision(2) << sums_.slowest_s << " s)\n";
    if (!unreached.empty()) out_ << "marks never reached:" << unreached << '\n';
    out_.flush();
    return sums_.broken == 0 && (unreached.empty() || !campaign_.demand_marks);
  }

  Campaign const& campaign_;
  std::ostream& out_;
  std::vector<Hand> hands_;
  Sums sums_;
};

}  // namespace

bool run_campaign(Campaign const& campaign, std::ostream& out) { return Dealer(campaign, out).run(); }

bool run_alone(std::uint64_t seed, Wish const& wish, std::ostream& out) {
  Recordings recordings;
  bool const is_recorded = !wish.trace_folder.empty();
  Timed const timed = run_seed(seed, wish.print_trace ? &out : nullptr, is_recorded ? &recordings : nullptr);
  Verdict const& verdict = timed.verdict;
  std::string broken = complaint(seed, verdict, wish.twice);
  if (is_recorded && !write_traces(wish.trace_folder, seed, recordings)) {
    broken += "the traces cannot be written into " + wish.trace_folder + '\n';
  }
  out << banner(seed) << '\n' << broken;
  out << std::fixed << std::setprecision(2) << "simulated " << seconds(verdict.simulated) << " s in " << timed.seconds
      << " s of one core: " << std::setprecision(0) << seconds(verdict.simulated) / timed.seconds
      << " times faster than real time; " << verdict.writes << " writes, " << verdict.entries
      << " trace entries, converged " << std::setprecision(1) << seconds(verdict.converged_after)
      << " s after healing, trace hash " << std::hex << verdict.hash << std::dec << '\n';
  return broken.empty();
}

}  // namespace arangosync::replay
