// Go's duration syntax, because existing scripts use it.
#include "app/cli/duration.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

using namespace arangosync;
using namespace arangosync::cli;
using namespace std::chrono_literals;

TEST(Durations, AreReadAsGoReadsThem) {
  std::vector<std::pair<std::string, Duration>> const cases{{"0", 0s},
                                                            {"5s", 5s},
                                                            {"30s", 30s},
                                                            {"1478s", 1478s},
                                                            {"-5s", -5s},
                                                            {"+5s", 5s},
                                                            {"5.0s", 5s},
                                                            {"5.6s", 5600ms},
                                                            {"5.s", 5s},
                                                            {".5s", 500ms},
                                                            {"1.0s", 1s},
                                                            {"1.004s", 1004ms},
                                                            {"10ns", 10ns},
                                                            {"11us", 11us},
                                                            {"12\xc2\xb5s", 12us},
                                                            {"12\xce\xbcs", 12us},
                                                            {"13ms", 13ms},
                                                            {"15m", 15min},
                                                            {"16h", 16h},
                                                            {"3h30m", 3h + 30min},
                                                            {"1h15m30.918273645s", 1h + 15min + 30'918'273'645ns},
                                                            {"39h9m14.425s", 39h + 9min + 14'425ms},
                                                            {"8760h", year},
                                                            {"0.100000000000000000000h", 6min},
                                                            {"1.5h", 90min}};
  for (auto const& [text, expected] : cases) {
    auto const parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << " " << parsed.error();
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Durations, ThatGoRefusesAreRefused) {
  for (auto const* text :
       {"", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1 s", "5s ", " 5s", "1h2", "1e3s", "\xff\xff", "--5s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  for (auto const* text : {"9223372036854775808ns", "3000000h", "2562047h48m", "99999999999999999999999h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, AreShownShortly) {
  std::vector<std::pair<Duration, std::string>> const cases{
      {0s, "0s"},     {999us, "<1ms"}, {12ms, "12ms"},           {1400ms, "1.4s"},     {12'700ms, "12s"},
      {90s, "1m30s"}, {5min, "5m"},    {2h + 5min + 3s, "2h5m"}, {49h + 5min, "2d1h"}, {-3s, "-3s"}};
  for (auto const& [duration, expected] : cases) EXPECT_EQ(short_duration(duration), expected);
}

RC_GTEST_PROP(Durations, ComeBackFromNanoseconds, (std::int64_t count)) {
  if (count == std::numeric_limits<std::int64_t>::min()) return;
  auto const parsed = parse_duration(std::to_string(count) + "ns");
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->count() == count);
}

RC_GTEST_PROP(Durations, NeverBreakOnAnyText, (std::string const& text)) { (void)parse_duration(text); }
