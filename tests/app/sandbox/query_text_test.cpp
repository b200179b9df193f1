// What of AQL the sandbox understands, and what it makes of it.
#include "app/sandbox/query_text.h"

#include <gtest/gtest.h>

namespace arangosync::sandbox {
namespace {

std::vector<sim::ModelDocumentPtr> documents(std::vector<std::string> const& texts) {
  std::vector<sim::ModelDocumentPtr> made;
  for (auto const& text : texts) {
    auto document = std::make_shared<sim::ModelDocument>();
    document->text = text;
    made.push_back(std::move(document));
  }
  return made;
}

/// The results as one line, or "? " and what is not understood.
std::string answer(std::string_view query, std::string_view binds = "{}") {
  auto understood = understand(query, binds);
  if (!understood) return "? " + understood.error();
  std::string line = understood->collection + ":";
  auto found =
      run_steps(*understood, documents({R"({"_key":"a","n":1,"s":"x"})", R"({"_key":"b","n":3,"in":{"k":true}})",
                                        R"({"_key":"c","n":2.5,"s":"y"})", R"({"_key":"d"})"}));
  if (understood->counts) return line + " " + std::to_string(found.size());
  for (auto const& document : found) line += " " + std::string(value_at(document->text, understood->result));
  return line;
}

TEST(PlainQuery, ListsAWholeCollection) {
  EXPECT_EQ(answer("FOR d IN products RETURN d._key"), R"(products: "a" "b" "c" "d")");
  EXPECT_EQ(answer("for doc in `products` return doc.`n`"), "products: 1 3 2.5 null");
  EXPECT_EQ(answer("FOR d IN @@c RETURN d.in.k", R"({"@c":"orders"})"), "orders: null true null null");
}

TEST(PlainQuery, FiltersByValuesOfAnyType) {
  EXPECT_EQ(answer("FOR d IN p FILTER d.n == 1.0 RETURN d._key"), R"(p: "a")");
  EXPECT_EQ(answer("FOR d IN p FILTER d.n > 1 AND d.n <= @most RETURN d._key", R"({"most":3})"), R"(p: "b" "c")");
  EXPECT_EQ(answer("FOR d IN p FILTER d.s == 'y' && d.n != null RETURN d._key"), R"(p: "c")");
  EXPECT_EQ(answer("FOR d IN p FILTER d[@name] == @value RETURN d._key", R"({"name":"_key","value":"d"})"),
            R"(p: "d")");
  EXPECT_EQ(answer("FOR d IN p FILTER d.in == {} RETURN d"), "? unexpected '{'");
}

TEST(PlainQuery, SortsAndCutsInTheOrderOfTheQuery) {
  EXPECT_EQ(answer("FOR d IN p SORT d.n DESC RETURN d._key"), R"(p: "b" "c" "a" "d")");
  EXPECT_EQ(answer("FOR d IN p SORT d.n LIMIT 2 RETURN d._key"), R"(p: "d" "a")");
  EXPECT_EQ(answer("FOR d IN p LIMIT 2 SORT d.n DESC RETURN d._key"), R"(p: "b" "a")");
  EXPECT_EQ(answer("FOR d IN p LIMIT 1, 2 RETURN d._key"), R"(p: "b" "c")");
  EXPECT_EQ(answer("FOR d IN p LIMIT 0, null RETURN d._key"), R"(p: "a" "b" "c" "d")");
  EXPECT_EQ(answer("FOR d IN p SORT d.s DESC, d.n RETURN d._key"), R"(p: "c" "a" "d" "b")");
}

TEST(PlainQuery, Counts) {
  EXPECT_EQ(answer("RETURN LENGTH(products)"), "products: 4");
  EXPECT_EQ(answer("FOR d IN p FILTER d.n > 1 COLLECT WITH COUNT INTO total RETURN total"), "p: 2");
}

TEST(PlainQuery, SaysWhatItDoesNotUnderstand) {
  EXPECT_EQ(answer("FOR d IN p INSERT d INTO q"), "? unexpected 'INSERT'");
  EXPECT_EQ(answer("FOR d IN p RETURN"), "? unexpected end of query");
  EXPECT_EQ(answer("FOR d IN p RETURN e"), "? unexpected 'e'");
  EXPECT_EQ(answer("FOR d IN @@c RETURN d"), "? no value specified for declared bind parameter '@c'");
  EXPECT_EQ(answer("FOR d IN p FILTER d.a == 'x RETURN d"), "? unexpected unterminated string literal");
}

}  // namespace
}  // namespace arangosync::sandbox
