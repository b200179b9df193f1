// A trace's files: rotation, their bound, and that no trouble of the disk reaches the process.
#include "adapters/telemetry/trace_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace arangosync::telemetry {
namespace {

class Lines final : public ports::Telemetry {
public:
  void log(ports::LogLevel level, std::string_view, std::string_view text) override {
    std::lock_guard const lock(mutex_);
    lines_.emplace_back((level == ports::LogLevel::Warn ? "W " : "I ") + std::string(text));
  }
  bool enabled(ports::LogLevel) const override { return true; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
  std::vector<std::string> lines() const {
    std::lock_guard const lock(mutex_);
    return lines_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class TraceFilesTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "trace-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  TraceFilesOptions options() const {
    TraceFilesOptions wish;
    wish.folder = (folder_ / "trace").string();
    wish.prefix = "worker-1";
    wish.files_max = 3;
    wish.retry_after = Duration{0};
    return wish;
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (auto const& entry : std::filesystem::directory_iterator(folder_ / "trace")) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string content(std::filesystem::path const& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
  Lines lines_;
};

constexpr Duration patience = std::chrono::seconds(20);

TEST_F(TraceFilesTest, KeepTheLastFilesOfOnePrefix) {
  std::filesystem::create_directories(folder_ / "trace");
  std::ofstream(folder_ / "trace" / "worker-1-20200101T000000-1-000001.trace") << "of a former process";
  std::ofstream(folder_ / "trace" / "worker-12-20200101T000000-1-000001.trace") << "of another one";
  {
    TraceFiles trace(options(), lines_);
    for (int i = 1; i <= 5; ++i) {
      ASSERT_TRUE(trace.begin("file " + std::to_string(i) + "\n"));
      ASSERT_TRUE(trace.append("more\n"));
    }
  }
  auto const kept = files();
  ASSERT_EQ(kept.size(), 4U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(content(kept[static_cast<std::size_t>(i)]), "file " + std::to_string(i + 3) + "\nmore\n");
  }
  EXPECT_EQ(content(kept[3]), "of another one");
  struct stat facts {};
  ASSERT_EQ(stat(kept[0].c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_TRUE(lines_.lines().empty());
}

TEST_F(TraceFilesTest, KeepTheirOwnThoughFilesOfALaterClockAreThere) {
  std::filesystem::create_directories(folder_ / "trace");
  for (char const* const start : {"29990101T000000-1", "29990102T000000-1", "29990103T000000-1"}) {
    std::ofstream(folder_ / "trace" / (std::string("worker-1-") + start + "-000000000001.trace")) << start;
  }
  {
    TraceFiles trace(options(), lines_);
    for (int i = 1; i <= 2; ++i) ASSERT_TRUE(trace.begin("file " + std::to_string(i) + "\n"));
  }
  auto const kept = files();
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(content(kept[0]), "file 1\n");
  EXPECT_EQ(content(kept[1]), "file 2\n");
  EXPECT_EQ(content(kept[2]), "29990103T000000-1");
}

TEST_F(TraceFilesTest, RefuseWhatDoesNotFitTheBufferUntilANewFileBegins) {
  TraceFilesOptions wish = options();
  wish.buffer_bytes_max = 64;
  TraceFiles trace(wish, lines_);
  ASSERT_TRUE(trace.begin(std::string(1000, 'a') + "\n"));  // a state may be larger than the buffer
  // Until one is refused: the disk may be quick.
  bool refused = false;
  for (int i = 0; i < 1'000'000 && !refused; ++i) refused = !trace.append(std::string(63, 'b') + "\n");
  ASSERT_TRUE(refused);
  EXPECT_FALSE(trace.append("c\n"));
  trace.flush(patience);
  EXPECT_FALSE(trace.append("d\n"));
  ASSERT_TRUE(trace.has_room());
  ASSERT_TRUE(trace.begin("next\n"));
  ASSERT_TRUE(trace.append("e\n"));
  trace.flush(patience);
  EXPECT_EQ(content(files().back()), "next\ne\n");
}

TEST_F(TraceFilesTest, SayOnceThatTheyCannotBeWrittenAndGoOnWhenTheyCan) {
  std::ofstream(folder_ / "trace") << "a file where the folder should be";
  TraceFiles trace(options(), lines_);
  for (int i = 0; i < 3; ++i) {
    trace.begin("x\n");
    trace.append("y\n");
    trace.flush(patience);
  }
  ASSERT_EQ(lines_.lines().size(), 1U);
  EXPECT_EQ(lines_.lines()[0].find("W cannot make the trace folder "), 0U) << lines_.lines()[0];
  EXPECT_NE(lines_.lines()[0].find("going on without a trace"), std::string::npos);
  EXPECT_FALSE(trace.append("z\n"));
  std::filesystem::remove(folder_ / "trace");
  ASSERT_TRUE(trace.has_room());
  ASSERT_TRUE(trace.begin("again\n"));
  trace.flush(patience);
  ASSERT_EQ(lines_.lines().size(), 2U);
  EXPECT_EQ(lines_.lines()[1], "I the trace is written again");
  EXPECT_EQ(content(files().back()), "again\n");
}

TEST_F(TraceFilesTest, WaitsBeforeTheNextAttempt) {
  std::ofstream(folder_ / "trace") << "a file where the folder should be";
  TraceFilesOptions wish = options();
  wish.retry_after = std::chrono::hours(1);
  TraceFiles trace(wish, lines_);
  trace.begin("x\n");
  trace.flush(patience);
  EXPECT_FALSE(trace.has_room());
}

}  // namespace
}  // namespace arangosync::telemetry
