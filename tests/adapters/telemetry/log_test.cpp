// Log lines keep the original's shape, and a rotated file is followed.
#include "adapters/telemetry/line.h"
#include "adapters/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace arangosync;
using namespace arangosync::telemetry;
using ports::LogLevel;

namespace {

std::string content_of(std::filesystem::path const& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class LogFile : public ::testing::Test {
protected:
  LogFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "arangosync-log-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~LogFile() override { std::filesystem::remove_all(folder_); }

  LogOptions options() const {
    LogOptions made;
    made.file = (folder_ / "sync.log").string();
    return made;
  }

  std::filesystem::path folder_;
};

class TimeZone {
public:
  explicit TimeZone(char const* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~TimeZone() {
    unsetenv("TZ");
    tzset();
  }
};

/// Standard output is a pipe, whose other end the test reads when it likes.
class Pipe {
public:
  Pipe() : before_(dup(STDOUT_FILENO)) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_ = ends[0];
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
  }
  ~Pipe() {
    dup2(before_, STDOUT_FILENO);
    close(before_);
    close(read_);
  }
  /// All that is in it now.
  std::string take() const {
    std::string text;
    pollfd waiting{read_, POLLIN, 0};
    char piece[4096];
    while (poll(&waiting, 1, 0) > 0) {
      auto const got = read(read_, piece, sizeof(piece));
      if (got <= 0) break;
      text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }

private:
  int before_ = -1;
  int read_ = -1;
};

WallTime const august{std::chrono::seconds(1533292903)};  // 2018-08-03T10:41:43Z

}  // namespace

TEST(LogLine, LooksAsTheOriginalWroteIt) {
  TimeZone const zone("CEST-02:00");
  EXPECT_EQ(
      format_line(august, LogLevel::Warn, "cli", "Accepting unverified master TLS certificate. Use --master.cacert."),
      "2018-08-03T12:41:43+02:00 |WARN| Accepting unverified master TLS certificate. Use --master.cacert. "
      "component=cli");
}

TEST(LogLine, NamesZonesWestOfGreenwichAndPartsOfHours) {
  {
    TimeZone const zone("NST+03:30");
    EXPECT_EQ(rfc3339_local(august), "2018-08-03T07:11:43-03:30");
  }
  TimeZone const zone("UTC0");
  EXPECT_EQ(rfc3339_local(august), "2018-08-03T10:41:43+00:00");
}

TEST(LogLine, CannotBeForgedByControlCharacters) {
  auto const line = format_line(august, LogLevel::Error, "x", "a\nb\tc\x1b[0m");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_NE(line.find("|ERRO| a\\nb\\tc\\x1b[0m component=x"), std::string::npos) << line;
}

TEST(LogLine, MovesNoCursorByControlCharactersOfUnicode) {
  auto const line = format_line(august, LogLevel::Info, "a",
                                "\xc2\x9b"
                                "2J \xc2\xa0\xc3\xa4\xc3\x9b");
  EXPECT_NE(line.find("|INFO| \\x9b2J \xc2\xa0\xc3\xa4\xc3\x9b"), std::string::npos) << "other letters stay: " << line;
}

TEST(LogLevels, AreReadInEveryCommonSpelling) {
  EXPECT_EQ(parse_log_level("debug"), LogLevel::Debug);
  EXPECT_EQ(parse_log_level("INFO"), LogLevel::Info);
  EXPECT_EQ(parse_log_level("warning"), LogLevel::Warn);
  EXPECT_EQ(parse_log_level("critical"), LogLevel::Fatal);
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
  EXPECT_EQ(parse_log_level(""), std::nullopt);
}

TEST_F(LogFile, HoldsLinesOfItsLevelAtOnce) {
  auto opened = ProcessTelemetry::open(options());
  ASSERT_TRUE(opened) << opened.error();
  (*opened)->log(LogLevel::Debug, "cli", "not this");
  (*opened)->log(LogLevel::Info, "cli", "{} 100% \\ this");
  auto const text = content_of(options().file);
  EXPECT_TRUE(std::regex_match(
      text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \|INFO\| \{\} 100% \\ this component=cli\n)")))
      << text;
  EXPECT_FALSE((*opened)->enabled(LogLevel::Debug));
  EXPECT_TRUE((*opened)->enabled(LogLevel::Warn));
}

TEST_F(LogFile, IsFollowedAfterARotation) {
  auto opened = ProcessTelemetry::open(options());
  ASSERT_TRUE(opened) << opened.error();
  (*opened)->log(LogLevel::Info, "cli", "before");
  std::filesystem::rename(options().file, folder_ / "sync.log.1");
  ASSERT_TRUE((*opened)->reopen());
  (*opened)->log(LogLevel::Info, "cli", "after");
  EXPECT_NE(content_of(folder_ / "sync.log.1").find("before"), std::string::npos);
  EXPECT_NE(content_of(options().file).find("after"), std::string::npos);
  EXPECT_EQ(content_of(options().file).find("before"), std::string::npos);
}

TEST_F(LogFile, IsAppendedTo) {
  std::ofstream(options().file) << "old\n";
  auto opened = ProcessTelemetry::open(options());
  ASSERT_TRUE(opened) << opened.error();
  (*opened)->log(LogLevel::Info, "cli", "new");
  EXPECT_EQ(content_of(options().file).rfind("old\n", 0), 0u);
}

TEST_F(LogFile, ThatCannotBeOpenedIsNamed) {
  LogOptions wrong;
  wrong.file = (folder_ / "no" / "such" / "sync.log").string();
  std::ofstream(folder_ / "no") << "a file, no folder";
  auto const opened = ProcessTelemetry::open(wrong);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().find(wrong.file), std::string::npos) << opened.error();
}

// Found by a reader: a pipe that nobody empties held up every thread that had something to say.
TEST(LogToAPipe, ThatNobodyReadsIsCountedAndGoesOn) {
  Pipe const pipe;
  auto opened = ProcessTelemetry::open(LogOptions{});
  ASSERT_TRUE(opened) << opened.error();
  for (int i = 0; i < 3000; ++i) (*opened)->log(LogLevel::Info, "cli", "line " + std::string(9000, 'x') + " ends");
  EXPECT_NE((*opened)->prometheus().find("arangosync_log_failures "), std::string::npos);
  std::string const before = pipe.take();
  EXPECT_GT(before.size(), std::size_t{10'000});
  (*opened)->log(LogLevel::Info, "cli", "read again");
  std::string const text = before + pipe.take();
  std::regex const line(R"(\n\d{4}-[^|\n]*\|INFO\| read again component=cli\n$)");
  EXPECT_TRUE(std::regex_search(text.substr(text.size() - 100), line)) << "a line of its own, whatever was cut before";
}

TEST(LogToAPipe, CarriesLongLinesWhole) {
  Pipe const pipe;
  auto opened = ProcessTelemetry::open(LogOptions{});
  ASSERT_TRUE(opened) << opened.error();
  (*opened)->log(LogLevel::Info, "cli", std::string(20'000, 'x') + " ends");
  std::string const text = pipe.take();
  EXPECT_TRUE(text.ends_with("x ends component=cli\n"))
      << text.substr(text.size() - std::min<std::size_t>(text.size(), 40));
  EXPECT_GT(text.size(), std::size_t{20'000});
}

TEST(LogOnAFullDisk, IsCountedAndGoesOn) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  LogOptions full;
  full.file = "/dev/full";
  auto opened = ProcessTelemetry::open(full);
  ASSERT_TRUE(opened) << opened.error();
  (*opened)->log(LogLevel::Info, "cli", std::string(100'000, 'x'));
  EXPECT_NE((*opened)->prometheus().find("arangosync_log_failures "), std::string::npos);
}
