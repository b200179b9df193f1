// Every process of several seeds leaves its trace, and every trace replays: to the same events and effects at every
// command, and to the state that the process had. No trace holds a secret.
#include "app/replay/simulation.h"
#include "app/replay/violation.h"
#include "app/trace/replayer.h"
#include "domain/master/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace arangosync::replay {
namespace {

/// Folds the events that it sees, without a command or a decision: what is left must be the state.
template <class Machine>
class Fold final : public engine::Observer<Machine> {
public:
  void on_command(Envelope<typename Machine::Command> const&, typename Machine::State const& before) override {
    if (!state_) state_ = before;
  }
  void on_event(typename Machine::Event const& event, typename Machine::State const&) override {
    state_ = Machine::evolve(std::move(*state_), event);
  }
  std::optional<typename Machine::State> const& state() const { return state_; }

private:
  std::optional<typename Machine::State> state_;
};

template <class Machine>
std::uint64_t digest(typename Machine::State const& state) {
  trace::Redactor redactor;
  return trace::Codec<Machine>::digest(state, redactor);
}

class RecordedRun : public testing::TestWithParam<std::uint64_t> {
protected:
  void SetUp() override {
    recordings_.file_bytes_max = 100'000;
    Story const story = draw_story(GetParam());
    simulation_ = std::make_unique<Simulation>(story.options, nullptr, &recordings_);
    try {
      play(*simulation_, story);
    } catch (Violation const& broken) {
      // The campaign's business; what was recorded has to replay all the more.
      RecordProperty("broken_promise", broken.what());
    }
  }

  /// Replays one life; null: it is no longer running.
  template <class Machine, class Host>
  void replays(trace::Recording const& life, Host* running) {
    SCOPED_TRACE(life.process());
    trace::Replayer<Machine> replayer("simulated");
    Fold<Machine> fold;
    replayer.watch(fold);
    for (std::string const& file : life.files()) {
      auto const done = replayer.run(file);
      ASSERT_TRUE(done.has_value()) << done.error();
    }
    EXPECT_TRUE(replayer.progress().notes.empty()) << replayer.progress().notes.front();
    commands_ += replayer.progress().commands;
    effects_ += replayer.progress().effects;
    files_max_ = std::max(files_max_, life.files().size());
    if (!replayer.has_state()) return;
    ASSERT_TRUE(fold.state().has_value());
    EXPECT_TRUE(*fold.state() == replayer.state()) << "the state is not the fold of its events";
    if (running == nullptr || running->process().name() != life.process()) return;
    ++compared_;
    EXPECT_EQ(replayer.digest(), digest<Machine>(running->state())) << "the replayed state is not the live one";
  }

  MasterHost* master(std::string const& name) {
    for (auto const& site : simulation_->sites()) {
      for (std::size_t i = 0; i < site->masters(); ++i) {
        if (site->master(i) != nullptr && site->master(i)->process().name() == name) return site->master(i);
      }
    }
    return nullptr;
  }
  WorkerHost* worker(std::string const& name) {
    for (auto const& site : simulation_->sites()) {
      for (std::size_t i = 0; i < site->workers(); ++i) {
        if (site->worker(i) != nullptr && site->worker(i)->process().name() == name) return site->worker(i);
      }
    }
    return nullptr;
  }

  Recordings recordings_;
  std::unique_ptr<Simulation> simulation_;
  std::uint64_t commands_ = 0;
  std::uint64_t effects_ = 0;
  std::uint64_t compared_ = 0;
  std::size_t files_max_ = 0;
};

TEST_P(RecordedRun, ReplaysToTheStateThatEveryProcessHad) {
  ASSERT_GE(recordings_.lives.size(), 4U);
  // The first lives of all are there, too.
  EXPECT_EQ(recordings_.lives.front().process(), "A/master1#1");
  for (trace::Recording const& life : recordings_.lives) {
    if (life.machine() == "master") {
      replays<engine::MasterMachine>(life, master(life.process()));
    } else {
      replays<engine::WorkerMachine>(life, worker(life.process()));
    }
  }
  EXPECT_GT(commands_, 1000U);
  EXPECT_GT(effects_, 1000U);  // none was performed: a replay's hands abort
  EXPECT_GE(compared_, 3U);
  EXPECT_GT(files_max_, 1U) << "no file was full: rotation was not tried";
}

TEST_P(RecordedRun, TellsNoSecret) {
  std::set<std::string> secrets;
  for (auto const& site : simulation_->sites()) {
    MasterHost* const leader = site->leader();
    ASSERT_NE(leader, nullptr);
    master::Persisted const kept = master::persisted(leader->state());
    for (auto const& [token, entry] : kept.tokens) secrets.insert(token.value());
    for (auto const& [id, record] : kept.workers) secrets.insert(record.token.value());
    for (auto const& [id, outgoing] : kept.outgoing) secrets.insert(outgoing.remote_queue.client_token);
    if (kept.incoming) secrets.insert(kept.incoming->remote_queue.client_token);
  }
  secrets.erase("");
  ASSERT_GE(secrets.size(), 4U);
  for (trace::Recording const& life : recordings_.lives) {
    for (std::string const& file : life.files()) {
      for (std::string const& secret : secrets) {
        EXPECT_EQ(file.find(secret), std::string::npos) << life.process() << " tells " << secret.substr(0, 4) << "…";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecordedRun, testing::Values(1, 2, 3, 5, 8));

}  // namespace
}  // namespace arangosync::replay
