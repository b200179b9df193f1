// `arangosync replay`, on the trace of a small master that never saw a network: what it prints, and what it says about
// traces that do not replay.
#include "app/trace/replay_command.h"

#include "app/trace/recorder.h"
#include "app/trace/recording.h"
#include "app/trace/reflow.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace arangosync::trace {
namespace {

using namespace std::chrono_literals;

/// A master that becomes the leader, by itself.
class RecordedMaster {
public:
  explicit RecordedMaster(std::size_t file_bytes_max = 1U << 20U)
      : recorder_(recording_, {"1.0.0+test", "master", "https://m1:8629"}, file_bytes_max) {
    engine_.start();
    hear(master::TimerFired{TimerName("lease")});
    while (answered_ < asked_.size()) answer(master::Effect(asked_[answered_++]));
  }

  void hear(master::Command command) {
    now_ = now_ + 10ms;
    engine_.step({now_, WallTime(1'700'000'000s + now_.since_start()), Entropy{++entropy_}, std::move(command),
                  Token(Draw(Entropy{entropy_}).hex(64))});
    while (std::exchange(saving_, false)) engine_.saved(engine::SaveOutcome::Applied, [this] { return failed(); });
  }
  Recording const& recording() const { return recording_; }
  bool leads() const { return master::is_leading(engine_.state()); }

private:
  Envelope<master::Command> failed() const { return {now_, WallTime(), Entropy{}, master::SaveFailed{}, Token{}}; }
  static master::Identity identity() {
    master::Identity identity;
    identity.id = MasterId("m1");
    identity.internal_endpoint = Url("https://m1:8629");
    identity.public_endpoints = {identity.internal_endpoint};
    identity.channel_prefix = "sync_m1.";
    identity.token_lifetime = 6h;
    return identity;
  }

  void answer(master::Effect const& effect) {
    if (auto const* read = std::get_if<master::ReadLease>(&effect))
      hear(master::LeaseRead{read->request, std::nullopt});
    if (auto const* write = std::get_if<master::WriteLease>(&effect)) {
      hear(master::LeaseWritten{write->request, master::WriteOutcome::Applied});
    }
    if (auto const* load = std::get_if<master::LoadState>(&effect)) {
      hear(master::StateLoaded{load->request, master::Persisted{}});
    }
    if (auto const* make = std::get_if<master::MakeWorkerCa>(&effect)) {
      hear(master::WorkerCaMade{make->request, master::WorkerCa{"certificate", "a-private-key"}});
    }
  }

  Instant now_{1h};
  std::uint64_t entropy_ = 0;
  Recording recording_{"https://m1:8629", "master"};
  Recorder<engine::MasterMachine> recorder_;
  std::vector<master::Effect> asked_;
  std::size_t answered_ = 0;
  bool saving_ = false;
  engine::MasterEngine engine_{master::initial_state(identity()),
                               {[this](master::Effect const& effect) { asked_.push_back(effect); },
                                [this](std::vector<master::Event> const&, master::State const&) { saving_ = true; }},
                               {&recorder_}};
};

class ReplayCommand : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "replay-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_EQ(master_.recording().files().size(), 1U);
    text_ = master_.recording().files().front();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Result and output of the replay of these files.
  std::pair<Expected<Done, std::string>, std::string> replayed(std::vector<std::string> const& texts,
                                                               ReplayWish wish = {}) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      wish.files.push_back((folder_ / (std::to_string(i) + ".trace")).string());
      std::ofstream(wish.files.back(), std::ios::binary) << texts[i];
    }
    wish.build = "1.0.0+test";
    std::ostringstream out;
    auto result = run_replay_command(wish, out);
    return {std::move(result), out.str()};
  }
  std::string refusal(std::string const& text) {
    auto const [result, out] = replayed({text});
    return result ? "nothing" : result.error();
  }
  static std::string with(std::string text, std::string const& what, std::string const& instead) {
    auto const at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return at == std::string::npos ? text : text.replace(at, what.size(), instead);
  }

  RecordedMaster master_;
  std::filesystem::path folder_;
  std::string text_;
};

TEST_F(ReplayCommand, LeadsWhereTheProcessWasLed) {
  auto const [result, out] = replayed({text_});
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(out.find("master https://m1:8629, build 1.0.0+test: "), 0U) << out;
  EXPECT_NE(out.find("led to the same"), std::string::npos) << out;
}

TEST_F(ReplayCommand, PrintsEveryCommandWithWhatItLeadsTo) {
  ReplayWish wish;
  wish.print_events = true;
  auto const [result, out] = replayed({text_}, wish);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_NE(out.find("1 2023-11-14T23:13:20.010000Z TimerFired{timer=\"lease\"}\n"), std::string::npos) << out;
  EXPECT_NE(out.find("\n    event  "), std::string::npos) << out;
  EXPECT_NE(out.find("\n    effect WriteLease{"), std::string::npos) << out;
  EXPECT_EQ(out.find("a-private-key"), std::string::npos) << out;
}

TEST_F(ReplayCommand, StopsAfterTheCommandOfANumberAndShowsTheState) {
  ReplayWish wish;
  wish.print_state = true;
  wish.until = 1;
  auto const [result, early] = replayed({text_}, wish);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_NE(early.find("after command 1: state"), std::string::npos) << early;
  EXPECT_NE(early.find("office=none"), std::string::npos) << early;
  wish.until = 0;
  auto const [all, late] = replayed({text_}, wish);
  ASSERT_TRUE(all.has_value()) << all.error();
  EXPECT_NE(late.find("office=Office{"), std::string::npos) << late;
  EXPECT_NE(late.find("id=\"m1\""), std::string::npos) << late;
}

TEST_F(ReplayCommand, DrawsWhoSpokeToWhom) {
  ReplayWish wish;
  wish.print_mermaid = true;
  auto const [result, out] = replayed({text_}, wish);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(out.find("sequenceDiagram\n"), 0U) << out;
  EXPECT_NE(out.find("participant p0 as master\n"), std::string::npos) << out;
  EXPECT_NE(out.find(" as agency\n"), std::string::npos) << out;
  EXPECT_NE(out.find("->>p0: LeaseWritten\n"), std::string::npos) << out;
  EXPECT_NE(out.find("p0->>"), std::string::npos) << out;
}

TEST_F(ReplayCommand, NamesTheCommandThatLeadsElsewhere) {
  std::string const refused = refusal(with(text_, ",Applied}", ",Refused}"));
  EXPECT_NE(refused.find("(LeaseWritten) leads elsewhere: "), std::string::npos) << refused;
}

TEST_F(ReplayCommand, SaysWhichBuildCanReplayATraceThatThisOneCannot) {
  std::string const schema = schema_digits(Codec<engine::MasterMachine>::schema());
  std::string const other = refusal(with(with(text_, schema, "0000000000000000"), "1.0.0+test", "2.0.0+other"));
  EXPECT_NE(other.find("made of other fields"), std::string::npos) << other;
  EXPECT_NE(other.find("written by build 2.0.0+other, this is build 1.0.0+test"), std::string::npos) << other;
  std::string const newer = refusal("arangosync-trace 2 9.0.0+x in a way that nobody knows yet\n");
  EXPECT_NE(newer.find("it has format 2, this build reads format 1"), std::string::npos) << newer;
  EXPECT_NE(newer.find("written by build 9.0.0+x"), std::string::npos) << newer;
}

TEST_F(ReplayCommand, SaysWhereATraceIsDamagedOrMissing) {
  EXPECT_NE(refusal("a log line\n").find("it is no trace"), std::string::npos);
  EXPECT_NE(refusal(with(text_, "> 2 ", "> 3 ")).find("the file is damaged"), std::string::npos);
  EXPECT_NE(refusal(with(text_, "TimerFired", "TimerTired")).find("cannot be read"), std::string::npos);
  ReplayWish wish;
  wish.files = {(folder_ / "missing.trace").string()};
  EXPECT_FALSE(replayed({}, wish).first.has_value());
}

/// A master whose trace fills several files.
class SeveralFiles : public ReplayCommand {
protected:
  SeveralFiles() {
    for (std::uint64_t call = 1; call <= 200; ++call) busy_.hear(master::IssueToken{master::CallId(call)});
    files_ = busy_.recording().files();
  }
  RecordedMaster busy_{1};
  std::vector<std::string> files_;
};

TEST_F(SeveralFiles, AreOneRun) {
  ASSERT_TRUE(busy_.leads());
  ASSERT_GE(files_.size(), 3U);
  auto const [result, out] = replayed(files_);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(out.find("note: "), std::string::npos) << out;
}

TEST_F(SeveralFiles, ReplayWithoutTheFirstOnes) {
  auto const [result, out] = replayed({files_.begin() + 1, files_.end()});
  ASSERT_TRUE(result.has_value()) << result.error();
}

TEST_F(SeveralFiles, GoOnOverAGapAndSaySo) {
  auto const [result, out] = replayed({files_[0], files_[2]});
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_NE(out.find("are lost; goes on with the state after them"), std::string::npos) << out;
}

TEST_F(SeveralFiles, AreRefusedInTheWrongOrder) {
  auto const [result, out] = replayed({files_[1], files_[1]});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().find("name the files in their order"), std::string::npos) << result.error();
}

TEST_F(SeveralFiles, AreRefusedWhenOneBeginsWithAnotherStateThanTheOneBeforeLedTo) {
  std::string const forged = with(files_[1], "\"https://m1:8629\"],\"sync_m1.\"", "\"https://m2:8629\"],\"sync_m1.\"");
  auto const [result, out] = replayed({files_[0], forged});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().find("another state than the file before led to"), std::string::npos) << result.error();
}

TEST(Reflow, BreaksOnlyWhatIsLong) {
  EXPECT_EQ(reflowed("State{a=1, b=[1, 2]}"), "State{a=1, b=[1, 2]}\n");
  EXPECT_EQ(reflowed("State{first=Part{x=1, y=\"a, {b\"}, second=[10, 20, 30]}", 20),
            "State{\n"
            "  first=Part{x=1, y=\"a, {b\"},\n"
            "  second=[10, 20, 30]\n"
            "}\n");
}

}  // namespace
}  // namespace arangosync::trace
