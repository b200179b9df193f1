// Sizes, names and links: what keeps a tree readable (CONTRIBUTING).
#include "tests/tidy/functions.h"
#include "tests/tidy/source_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

namespace arangosync::tidy {
namespace {

constexpr std::size_t file_lines_max = 600;
constexpr std::size_t function_lines_max = 70;
constexpr std::size_t line_columns_max = 120;

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
}

bool is_program(SourceFile const& file) {
  return file.is_cpp() || file.path.ends_with(".py") || file.path.ends_with(".fbs");
}

std::vector<Function> functions_in(SourceFile const& file) {
  if (file.is_cpp()) return functions_of(file.code);
  if (file.path.ends_with(".py")) return python_functions_of(file.text);
  if (file.path.ends_with(".go")) return go_functions_of(file.text);
  return {};
}

}  // namespace

TEST(Shape, FilesAreAtMost600Lines) {
  for (auto const& file : source_tree()) {
    bool const is_script = file.path.ends_with(".go") || file.path.ends_with(".mjs");
    if (!is_program(file) && !is_script) continue;
    auto const lines = lines_of(file.text).size();
    EXPECT_LE(lines, file_lines_max) << file.path << ": split it by concept";
  }
}

TEST(Shape, LinesAreAtMost120Columns) {
  for (auto const& file : source_tree()) {
    if (!is_program(file)) continue;
    std::size_t number = 0;
    for (auto const line : lines_of(file.text)) {
      ++number;
      EXPECT_LE(columns(line), line_columns_max) << file.path << ":" << number << ": break the line (./dev fmt)";
    }
  }
}

TEST(Shape, FunctionsAreAtMost70Lines) {
  for (auto const& file : source_tree()) {
    for (auto const& function : functions_in(file)) {
      EXPECT_LE(function.lines, function_lines_max) << file.path << ":" << function.line << ": " << function.name
                                                    << ". Let one parent branch and move the leaves out";
    }
  }
}

TEST(Shape, LinesHaveNoTabsAndNoBlanksAtTheirEnd) {
  for (auto const& file : source_tree()) {
    if (!is_program(file)) continue;
    std::size_t number = 0;
    for (auto const line : lines_of(file.text)) {
      ++number;
      EXPECT_EQ(line.find('\t'), std::string_view::npos) << file.path << ":" << number << ": tab (./dev fmt)";
      EXPECT_FALSE(line.ends_with(' ')) << file.path << ":" << number << ": blank at the end (./dev fmt)";
    }
  }
}

TEST(Shape, HeadersAreGuardedAndIntroduced) {
  for (auto const& file : source_tree()) {
    if (!file.path.ends_with(".h")) continue;
    EXPECT_NE(file.text.find("#pragma once"), std::string::npos) << file.path << ": add #pragma once";
    EXPECT_TRUE(file.text.starts_with("//"))
        << file.path << ": open with a paragraph: what this is, who calls it, what it never does";
  }
}

TEST(Shape, NamesSayWhatIsInside) {
  std::regex const vague("(^|[/_.-])(utils?|helpers?|misc|stuff)([/_.-]|$)|(^|/)common([/.]|$)");
  for (auto const& file : source_tree()) {
    EXPECT_FALSE(std::regex_search(file.path, vague)) << file.path << ": name it for what it holds";
  }
}

namespace {

std::vector<std::string> links_in(std::string const& markdown) {
  static std::regex const link(R"(\]\(([^)\s]+)\))");
  std::vector<std::string> targets;
  for (auto match = std::sregex_iterator(markdown.begin(), markdown.end(), link); match != std::sregex_iterator();
       ++match) {
    targets.push_back((*match)[1]);
  }
  return targets;
}

bool leads_outside(std::string const& target) {
  return target.find("://") != std::string::npos || target.starts_with("mailto:") || target.starts_with("#");
}

}  // namespace

TEST(Shape, LinksInDocumentsLeadSomewhere) {
  for (auto const& file : source_tree()) {
    if (!file.path.ends_with(".md")) continue;
    for (auto const& target : links_in(file.text)) {
      if (leads_outside(target)) continue;
      auto const path = target.substr(0, target.find('#'));
      auto const folder = std::filesystem::path(root() + file.path).parent_path();
      EXPECT_TRUE(std::filesystem::exists(folder / path)) << file.path << ": no such file: " << target;
    }
  }
  EXPECT_EQ(links_in("see [a](docs/a.md#x) and [b](https://x.example/)"),
            (std::vector<std::string>{"docs/a.md#x", "https://x.example/"}));
}

}  // namespace arangosync::tidy
