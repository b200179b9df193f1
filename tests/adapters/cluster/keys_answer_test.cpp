// Answers of the keys protocol: what is read, and what is refused.
#include "adapters/cluster/keys_answer.h"

#include <gtest/gtest.h>

namespace arangosync::cluster {
namespace {

using Strings = std::vector<std::string>;

Strings read(std::string body) {
  Strings found;
  bool const is_list = parse_key_list(std::move(body), [&](std::string_view key, std::string_view revision) {
    found.push_back(std::string(key) + "@" + std::string(revision));
  });
  if (!is_list) found.emplace_back("broken");
  return found;
}

TEST(KeysAnswer, NamesTheListAndHowLongItIs) {
  auto const opened = parse_opened_keys(R"({"id":"66834-1","count":1234})");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->id, "66834-1");
  EXPECT_EQ(opened->count, 1234u);
  for (auto const* body : {"", "[]", R"({"count":5})", R"({"id":"1"})", R"({"id":"","count":1})"}) {
    EXPECT_FALSE(parse_opened_keys(body).has_value()) << body;
  }
}

TEST(KeysAnswer, TellsWhereChunksBegin) {
  EXPECT_EQ(parse_key_chunks(R"([{"low":"a","high":"m","hash":"1"},{"low":"n\u00fc","high":"z","hash":"2"}])"),
            (Strings{"a", "n\u00fc"}));
  EXPECT_EQ(parse_key_chunks("[]"), Strings());
  for (auto const* body : {"", "{}", "[1]", R"([{"high":"m"}])", R"([{"low":1}])"}) {
    EXPECT_FALSE(parse_key_chunks(body).has_value()) << body;
  }
}

TEST(KeysAnswer, ListsKeysWithTheirRevisions) {
  EXPECT_EQ(read(R"([["a","_gjD"], ["n\u00fc","12"]])"), (Strings{"a@_gjD", "n\u00fc@12"}));
  EXPECT_EQ(read("[]"), Strings());
}

TEST(KeysAnswer, SaysSoWhenItIsNoList) {
  for (auto const* body : {"", "{}", "[1]", R"([["a"]])", R"([["a","b","c"]])", R"([["a",1]])", R"([["a","b"])",
                           R"([["a","b"]]x)", R"([{"a":"b"}])"}) {
    auto const found = read(body);
    ASSERT_FALSE(found.empty()) << body;
    EXPECT_EQ(found.back(), "broken") << body;
  }
}

}  // namespace
}  // namespace arangosync::cluster
