// The lines of a trace file, its torn end, and what stands in place of a secret.
#include "app/trace/format.h"
#include "app/trace/reader.h"
#include "app/trace/redaction.h"

#include <gtest/gtest.h>

#include <string>

namespace arangosync::trace {
namespace {

std::string file_of(int commands) {
  std::string text;
  write(text, Heading{format_version, "1.0.0+abc", "worker", "0123456789abcdef", "https://w \"1\"", 3,
                      WallTime(Duration(7))});
  write_state_start(text, 41);
  text += "{state}\n";
  for (int i = 0; i < commands; ++i) {
    auto const number = static_cast<std::uint64_t>(42 + i);
    write_command_start(
        text,
        CommandLine{number, Instant(Duration(-5)), WallTime(Duration(9)), Entropy{0xfedcba9876543210U}, "0123*45", {}});
    text += "Hello{}\n";
    write(text, Consequences{2, 1, number * 1000});
  }
  return text;
}

TEST(TraceFile, IsReadAsItWasWritten) {
  std::string const text = file_of(2) + std::string(end_line);
  auto reader = Reader::open(text);
  ASSERT_TRUE(reader.has_value()) << reader.error();
  EXPECT_EQ(reader->heading(), (Heading{format_version, "1.0.0+abc", "worker", "0123456789abcdef", "https://w \"1\"", 3,
                                        WallTime(Duration(7))}));
  EXPECT_EQ(reader->state().sequence, 41U);
  EXPECT_EQ(reader->state().state, "{state}");
  auto const first = reader->next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->line.sequence, 42U);
  EXPECT_EQ((*first)->line.at, Instant(Duration(-5)));
  EXPECT_EQ((*first)->line.wall, WallTime(Duration(9)));
  EXPECT_EQ((*first)->line.entropy, Entropy{0xfedcba9876543210U});
  EXPECT_EQ((*first)->line.fresh_token, "0123*45");
  EXPECT_EQ((*first)->line.command, "Hello{}");
  EXPECT_EQ((*first)->consequences, (Consequences{2, 1, 42000}));
  ASSERT_TRUE(reader->next().has_value());
  auto const last = reader->next();
  ASSERT_TRUE(last.has_value());
  EXPECT_FALSE(last->has_value());
  EXPECT_TRUE(reader->is_complete());
}

TEST(TraceFile, MayBeTornAnywhereBehindItsState) {
  std::string const text = file_of(3);
  std::size_t const state_end = text.find("\n> ") + 1;
  for (std::size_t length = state_end; length <= text.size(); ++length) {
    auto const torn = text.substr(0, length);
    auto reader = Reader::open(torn);
    ASSERT_TRUE(reader.has_value()) << length;
    std::uint64_t last = 41;
    for (auto step = reader->next();; step = reader->next()) {
      ASSERT_TRUE(step.has_value()) << length << ": " << step.error();
      if (!*step) break;
      EXPECT_EQ((*step)->line.sequence, ++last);
    }
    EXPECT_FALSE(reader->is_complete());
  }
}

TEST(TraceFile, SaysWhatIsWrongWithIt) {
  EXPECT_NE(Reader::open("").error().find("no whole line"), std::string::npos);
  EXPECT_NE(Reader::open("some log line\n").error().find("no trace"), std::string::npos);
  std::string const text = file_of(1);
  EXPECT_NE(Reader::open(text.substr(0, text.find('\n') + 1)).error().find("before its first state"),
            std::string::npos);
  std::string damaged = text;
  damaged[damaged.find("\n> ") + 1] = '<';
  auto reader = Reader::open(damaged);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(reader->next().error(), "line 3, column 1: expected >");
}

TEST(TraceFile, OfAnotherFormatTellsItsBuild) {
  std::string const text = "arangosync-trace 2 9.0.0+fff whatever else\n";
  auto const reader = Reader::open(text);
  ASSERT_TRUE(reader.has_value()) << reader.error();
  EXPECT_EQ(reader->heading().format, 2U);
  EXPECT_EQ(reader->heading().build, "9.0.0+fff");
}

TEST(Redaction, KeepsEqualityAndEmptinessAndNothingElse) {
  Redactor redactor;
  std::string const secret = "Wq2nXkP0aZ81LmTyRe4s";
  std::string const once(redactor.redacted(secret));
  EXPECT_EQ(once.size(), 17U);
  EXPECT_EQ(once.find(secret), std::string::npos);
  EXPECT_EQ(redactor.redacted(secret), once);
  EXPECT_EQ(redactor.redacted(once), once);
  EXPECT_NE(redactor.redacted("Wq2nXkP0aZ81LmTyRe4t"), once);
  EXPECT_EQ(redactor.redacted(""), "");
}

TEST(Redaction, KeepsTheOrderOfQueueTokens) {
  Redactor redactor;
  std::string const a = std::string(12, 'a') + std::string(52, '1');
  std::string const b = std::string(11, 'a') + "b" + std::string(52, '0');
  std::string const redacted_a(redactor.redacted(a));
  std::string const redacted_b(redactor.redacted(b));
  EXPECT_LT(redacted_a, redacted_b);
  EXPECT_EQ(redacted_a.find(a.substr(0, 13)), std::string::npos);
  EXPECT_EQ(redactor.redacted(redacted_a), redacted_a);
}

}  // namespace
}  // namespace arangosync::trace
