// The tidy tests are only worth something if they can fail: their eyes are tested here on small texts.
#include "tests/tidy/functions.h"
#include "tests/tidy/source_tree.h"

#include <gtest/gtest.h>

using namespace arangosync::tidy;

TEST(TidyScanner, BlanksCommentsAndLiteralsAndKeepsLines) {
  EXPECT_EQ(blank_out("a; // float\nb"), "a;         \nb");
  EXPECT_EQ(blank_out("x /* float\n */ y"), "x         \n    y");
  EXPECT_EQ(blank_out("f(\"float\", 'x')"), "f(\"     \", ' ')");
  EXPECT_EQ(blank_out("auto n = 10'000; float f;"), "auto n = 10'000; float f;");
  EXPECT_EQ(find_word(blank_out("auto s = R\"(float)\"; double d;"), "float").size(), 0u);
  EXPECT_EQ(find_word(blank_out("auto s = R\"(float)\"; double d;"), "double").size(), 1u);
}

TEST(TidyScanner, FindsWholeWordsOnly) {
  EXPECT_TRUE(find_word("floating afloat float_t", "float").empty());
  EXPECT_EQ(find_word("std::thread t;", "std::thread").size(), 1u);
  EXPECT_EQ(find_word("std::unordered_map<int,int> m;", "unordered_").size(), 1u);
}

TEST(TidyScanner, MeasuresFunctionsInScopesAndNotTheScopes) {
  auto const found = functions_of(
      "namespace a {\nstruct S {\n  int x{0};\n  void g() {\n    h();\n  }\n};\nint f(int y)\n{\n  return y;\n}\n}\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "g");
  EXPECT_EQ(found[0].lines, 3u);
  EXPECT_EQ(found[1].name, "f");
  EXPECT_EQ(found[1].lines, 4u);
  EXPECT_EQ(found[1].line, 8u);
}

TEST(TidyScanner, MeasuresTemplatesToo) {
  auto const found = functions_of("template <class T, std::array<int, 2> N>\nvoid f(T t) {\n  t();\n}\nstruct S {};\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "f");
  EXPECT_EQ(found[0].lines, 4u);
  EXPECT_TRUE(functions_of("template <class T>\nstruct S {\n  T t;\n};\n").empty());
}

TEST(TidyScanner, MeasuresPythonByIndentation) {
  auto const found = python_functions_of(
      "class C:\n    def f(\n        self,\n    ):\n        g()\n\n        h()\n\n"
      "def k():\n    pass\n\n\nk()\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "f");
  EXPECT_EQ(found[0].line, 2u);
  EXPECT_EQ(found[0].lines, 6u);
  EXPECT_EQ(found[1].name, "k");
  EXPECT_EQ(found[1].lines, 2u);
}

TEST(TidyScanner, MeasuresGoToTheBraceAtTheMargin) {
  auto const found = go_functions_of(
      "package p\n\nfunc f() {\n\tif g() {\n\t}\n}\n\nfunc (d day) k() {\n}\n\nfunc one() { f() }\n\nfunc two() "
      "{\n}\n");
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[1].name, "k");
  EXPECT_EQ(found[2].lines, 1u);
  EXPECT_EQ(found[0].line, 3u);
  EXPECT_EQ(found[0].lines, 4u);
  EXPECT_EQ(found[1].lines, 2u);
}

TEST(TidyScanner, CountsLambdasAsPartOfTheirFunction) {
  auto const found = functions_of("void f() {\n  auto g = [](int) {\n    return 1;\n  };\n}\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].lines, 5u);
}

TEST(TidyScanner, ReadsIncludesOfBothKinds) {
  SourceFile file;
  file.path = "x.cpp";
  file.text = "#include <vector>\n  #  include \"domain/base/ids.h\"\n// include \"no\"\n";
  auto const found = includes_of(file);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].target, "vector");
  EXPECT_FALSE(found[0].quoted);
  EXPECT_EQ(found[1].target, "domain/base/ids.h");
  EXPECT_EQ(found[1].line, 2u);
}

TEST(TidyScanner, SeesTheTree) {
  EXPECT_GT(source_tree().size(), 50u);
  bool domain_seen = false;
  for (auto const& file : source_tree()) domain_seen = domain_seen || file.path == "domain/base/ids.h";
  EXPECT_TRUE(domain_seen);
}
