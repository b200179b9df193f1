// Bodies of pulls come out as they went in; broken ones are refused with a reason.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/direct/frames.h"
#include "adapters/direct/lookup.h"

namespace arangosync::direct {
namespace {

using rc::gen::arbitrary;

ChannelName any_channel() {
  auto const letters = rc::gen::elementOf(std::string("abcXYZ019._-"));
  return ChannelName(*rc::gen::nonEmpty(rc::gen::container<std::string>(letters)));
}
std::uint64_t any_number() { return *arbitrary<std::uint64_t>(); }

PullRequest any_request() {
  PullRequest request{any_number(), any_number(), *arbitrary<std::uint32_t>(), *arbitrary<std::uint32_t>(), {}};
  for (int left = *rc::gen::inRange(0, 6); left > 0; --left) {
    request.channels.push_back(
        {any_channel(), any_number(), Offset(any_number()), Offset(any_number()), *arbitrary<std::uint32_t>()});
  }
  return request;
}

RC_GTEST_PROP(PullRequest, ComesOutAsItWentIn, ()) {
  PullRequest const request = any_request();
  auto const decoded = decode_request(encode_request(request));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == request);
}

RC_GTEST_PROP(PullRequest, CutOffOrContinuedIsRefused, ()) {
  std::string body = encode_request(any_request());
  std::string const longer = body + *arbitrary<char>();
  RC_ASSERT(!decode_request(longer).has_value());
  body.resize(*rc::gen::inRange<std::size_t>(0, body.size()));
  RC_ASSERT(!decode_request(body).has_value());
}

RC_GTEST_PROP(PullAnswer, ComesOutAsItWentIn, ()) {
  auto const texts = *arbitrary<std::vector<std::string>>();
  std::vector<Delivered> channels;
  for (int left = *rc::gen::inRange(0, 5); left > 0; --left) {
    Delivered channel{any_channel(), *arbitrary<bool>(), any_number(), {}};
    for (auto const& text : texts) channel.messages.push_back({Offset(any_number()), text});
    channels.push_back(std::move(channel));
  }
  std::string const body = encode_answer(channels);
  auto const decoded = decode_answer(body);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == channels);
}

RC_GTEST_PROP(PullAnswer, OfAnyBytesIsReadOrRefused, ()) {
  auto const decoded = decode_answer("APA1" + *arbitrary<std::string>());
  RC_ASSERT(decoded.has_value() || !decoded.error().empty());
}

TEST(PullAnswer, WithAnImpossibleCountIsRefusedBeforeMemoryIsTaken) {
  EXPECT_FALSE(decode_answer(std::string("APA1\xff\xff\xff\x7f", 8)).has_value());
  EXPECT_FALSE(decode_request(std::string("APQ1", 4) + std::string(24, '\0') + "\xff\xff\xff\x7f").has_value());
}

TEST(ChannelNames, AreLettersDigitsDotUnderscoreAndDash) {
  EXPECT_TRUE(is_channel_name("sync_a_m2.AbZ0-9"));
  for (char const* bad : {"", "a/b", "a b", "ä", "a\n"}) EXPECT_FALSE(is_channel_name(bad)) << bad;
  EXPECT_FALSE(is_channel_name(std::string(channel_name_bytes_max + 1, 'a')));
}

TEST(ChannelPlace, ComesOutAsItWentIn) {
  ChannelPlace const place{
      {Url("https://a:8629"), Url("https://b:8629")}, "PEM", Token("t"), Duration(5), WorkerId("w")};
  auto const read = channel_place(to_json(place));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(*read, place);
}

TEST(ChannelPlace, WithoutAWorkerIsOfNoUse) {
  EXPECT_FALSE(channel_place(R"({"endpoint":["https://a:8629"]})").has_value());
  EXPECT_FALSE(channel_place("[]").has_value());
  EXPECT_FALSE(channel_place("{").has_value());
}

}  // namespace
}  // namespace arangosync::direct
