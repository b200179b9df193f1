#include "app/trace/replay_command.h"

#include "app/trace/describe.h"
#include "app/trace/reflow.h"
#include "app/trace/replayer.h"
#include "app/trace/sequence_diagram.h"

#include <chrono>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace arangosync::trace {

namespace {

struct BrokenExpectation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void throw_broken(char const* expression, char const* file, int line) {
  throw BrokenExpectation(std::string("broken expectation: ") + expression + " (" + file + ":" + std::to_string(line) +
                          ")");
}

/// A crash that is replayed shall not crash the replay.
class ThrowingChecks {
public:
  ThrowingChecks() : before_(set_check_handler(throw_broken)) {}
  ~ThrowingChecks() { set_check_handler(before_); }
  ThrowingChecks(ThrowingChecks const&) = delete;
  ThrowingChecks& operator=(ThrowingChecks const&) = delete;

private:
  CheckHandler before_;
};

/// "2026-11-25T17:54:45.123456Z"
std::string utc(WallTime wall) {
  auto const micros = std::chrono::duration_cast<std::chrono::microseconds>(wall.since_epoch()).count();
  std::time_t const seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::ostringstream text;
  text << std::put_time(&parts, "%Y-%m-%dT%H:%M:%S.") << std::setw(6) << std::setfill('0') << micros % 1'000'000 << 'Z';
  return text.str();
}

template <class Machine>
class EventPrinter final : public engine::Observer<Machine> {
public:
  EventPrinter(std::ostream& out, std::uint64_t const& last) : out_(out), last_(last) {}

  void on_command(Envelope<typename Machine::Command> const& command, typename Machine::State const&) override {
    out_ << last_ << ' ' << utc(command.wall) << ' ' << describe(command.body) << '\n';
  }
  void on_refusal(Envelope<typename Machine::Command> const&, typename Machine::Refusal const& why) override {
    out_ << "    refusal " << describe(why) << '\n';
  }
  void on_event(typename Machine::Event const& event, typename Machine::State const&) override {
    out_ << "    event  " << describe(event) << '\n';
  }
  void on_decided(std::span<typename Machine::Effect const> effects) override {
    for (auto const& effect : effects) out_ << "    effect " << describe(effect) << '\n';
  }

private:
  std::ostream& out_;
  std::uint64_t const& last_;
};

Expected<std::string, std::string> content_of(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  if (!file && !file.eof()) return unexpected(path + ": cannot be read");
  return content.str();
}

void print_summary(std::ostream& out, Heading const& heading, Progress const& progress, std::uint64_t digest) {
  out << heading.machine << ' ' << heading.process << ", build " << heading.build << ": " << progress.commands
      << " commands in " << progress.files << (progress.files == 1 ? " file" : " files") << " led to the same "
      << progress.events << " events and " << progress.effects << " effects\n";
  for (std::string const& note : progress.notes) out << "note: " << note << '\n';
  out << "after command " << progress.last << (progress.is_complete ? ", where the file ends" : "") << ": state "
      << std::hex << digest << std::dec << '\n';
}

template <class Machine>
Expected<Done, std::string> replay(ReplayWish const& wish, Heading const& heading, std::ostream& out) {
  Replayer<Machine> replayer(wish.build);
  EventPrinter<Machine> printer(out, replayer.progress().last);
  SequenceDiagram<Machine> diagram(heading.machine);
  if (wish.print_events) replayer.watch(printer);
  if (wish.print_mermaid) replayer.watch(diagram);
  Expected<Done, std::string> result = Done{};
  for (std::string const& path : wish.files) {
    auto const content = content_of(path);
    if (!content) return unexpected(content.error());
    try {
      result = replayer.run(*content, wish.until);
    } catch (BrokenExpectation const& broken) {
      result = unexpected("command " + std::to_string(replayer.progress().last) + ": " + broken.what());
    }
    if (!result) result = unexpected(path + ": " + result.error());
    if (!result || (wish.until != 0 && replayer.progress().last == wish.until)) break;
  }
  if (wish.print_mermaid) diagram.print(out);
  if (wish.print_state && replayer.has_state()) out << reflowed(describe(replayer.state()));
  if (result) print_summary(out, heading, replayer.progress(), replayer.digest());
  return result;
}

}  // namespace

Expected<Done, std::string> run_replay_command(ReplayWish const& wish, std::ostream& out) {
  ThrowingChecks const checks;
  std::string const& first = wish.files.front();
  auto const content = content_of(first);
  if (!content) return unexpected(content.error());
  auto const reader = Reader::open(*content);
  if (!reader) return unexpected(first + ": " + reader.error());
  Heading const& heading = reader->heading();
  bool const is_master = heading.machine == "master";
  // Of another format only the build is known; either machine says so.
  if (is_master || heading.machine.empty()) return replay<engine::MasterMachine>(wish, heading, out);
  if (heading.machine == "worker") return replay<engine::WorkerMachine>(wish, heading, out);
  return unexpected(first + ": it is of an unknown machine, " + heading.machine);
}

}  // namespace arangosync::trace
