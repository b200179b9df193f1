// Words that do not belong where they stand. Each message names the remedy.
#include "tests/tidy/functions.h"
#include "tests/tidy/source_tree.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace arangosync::tidy {
namespace {

struct BannedWord {
  std::string word;
  std::string remedy;
  std::vector<std::string> except = {};
};

std::vector<BannedWord> const& banned_in_domain() {
  std::string const time = "Time enters in the envelope: take an Instant";
  std::string const chance = "Randomness enters in the envelope: use Draw on its Entropy";
  std::string const threads = "The engine's strand is the only thread: the domain has none";
  std::string const order = "Use std::map or a sorted vector: iteration must be the same in every run";
  std::string const numbers = "Use integers and Duration: rounding must be the same on every machine";
  static std::vector<BannedWord> const words{
      {"std::thread", threads},
      {"std::mutex", threads},
      {"std::atomic", threads, {"domain/base/mark.h", "domain/base/check.cpp"}},
      {"std::condition_variable", threads},
      {"std::async", threads},
      {"thread_local", threads, {"domain/base/check.cpp"}},
      {"system_clock", time},
      {"steady_clock", time},
      {"high_resolution_clock", time},
      {"std::time", time},
      {"clock_gettime", time},
      {"random_device", chance},
      {"std::rand", chance},
      {"rand(", chance},
      {"mt19937", chance},
      {"uniform_int_distribution", chance},
      {"unordered_", order},
      {"float", numbers},
      {"double", numbers},
      {"iostream", "The domain does not print: emit an event, projections are made in app/"},
      {"std::cout", "The domain does not print"},
      {"std::cerr", "The domain does not print"},
      {"getenv", "Configuration enters as values"},
      {"ofstream", "The domain has no files"},
      {"ifstream", "The domain has no files"},
      {"co_await", "Coroutines stay in adapters"},
      {"shared_ptr",
       "State is a value; share immutable bytes with Blob, immutable maps with PersistentMap",
       {"domain/base/blob.h", "domain/base/blob.cpp", "domain/worker/persistent_map.h"}},
  };
  return words;
}

bool excepted(BannedWord const& banned, std::string const& path) {
  for (auto const& place : banned.except) {
    if (path == place) return true;
  }
  return false;
}

}  // namespace

TEST(Words, TheDomainHasNoClockThreadRandomnessOrInputOutput) {
  for (auto const& file : source_tree()) {
    if (!file.in("domain/") || !file.is_cpp()) continue;
    for (auto const& banned : banned_in_domain()) {
      if (excepted(banned, file.path)) continue;
      for (auto const at : find_word(file.code, banned.word)) {
        ADD_FAILURE() << file.path << ":" << line_number(file.code, at) << ": " << banned.word << " in the domain. "
                      << banned.remedy;
      }
    }
  }
}

TEST(Words, CoroutinesStayOutOfPortsAndEngine) {
  for (auto const& file : source_tree()) {
    if (!file.is_cpp() || !(file.in("ports/") || file.in("app/engine/"))) continue;
    for (auto const* word : {"co_await", "co_return", "co_yield"}) {
      for (auto const at : find_word(file.code, word)) {
        ADD_FAILURE() << file.path << ":" << line_number(file.code, at) << ": " << word
                      << ". Coroutines stay inside adapters";
      }
    }
  }
}

namespace {

/// Arms of a visit that take anything: a new event would pass by them silently.
std::vector<std::size_t> catch_all_arms(std::string const& body) {
  static std::regex const arm(R"(\]\s*\(\s*(const\s+)?auto\b)");
  std::vector<std::size_t> found;
  for (auto at = body.find("overloaded{"); at != std::string::npos; at = body.find("overloaded{", at + 1)) {
    auto const open = at + std::string("overloaded").size();
    auto const arms = body.substr(open, after_closing_brace(body, open) - open);
    for (auto match = std::sregex_iterator(arms.begin(), arms.end(), arm); match != std::sregex_iterator(); ++match) {
      found.push_back(open + static_cast<std::size_t>(match->position()));
    }
  }
  return found;
}

bool must_name_every_alternative(std::string const& function) {
  auto const colon = function.rfind(':');
  auto const name = colon == std::string::npos ? function : function.substr(colon + 1);
  return name.starts_with("evolve") || name.starts_with("react") || name == "apply";
}

}  // namespace

TEST(Words, EvolveAndReactNameEveryAlternative) {
  for (auto const& file : source_tree()) {
    if (!file.in("domain/") || !file.is_cpp()) continue;
    for (auto const& function : functions_of(file.code)) {
      if (!must_name_every_alternative(function.name)) continue;
      for (auto const at : catch_all_arms(function.body)) {
        ADD_FAILURE() << file.path << ":" << function.line + line_number(function.body, at) - 1 << ": catch-all arm in "
                      << function.name
                      << ". List the alternatives, so that a new event breaks the build where it must be handled";
      }
    }
  }
}

TEST(Words, ACatchAllArmIsSeen) {
  EXPECT_EQ(catch_all_arms("std::visit(overloaded{[&](A const&) {}, [](auto const&) {}}, e);").size(), 1u);
  EXPECT_EQ(catch_all_arms("std::visit(overloaded{[&](A const&) { f(); }, [](B const&) {}}, e);").size(), 0u);
  EXPECT_EQ(catch_all_arms("std::visit([&](auto const& e) { evolve(s, e); }, event);").size(), 0u);
}

TEST(Words, NothingIsLeftForLater) {
  // Put together here, so that this file does not find itself.
  std::vector<std::string> const words{std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X"};
  for (auto const& file : source_tree()) {
    for (auto const& word : words) {
      for (auto const at : find_word(file.text, word)) {
        ADD_FAILURE() << file.path << ":" << line_number(file.text, at) << ": " << word
                      << ". Do it now, or open an issue and leave the word out";
      }
    }
  }
}

TEST(Words, NoPathOfOneMachineIsCommitted) {
  std::regex const machine(std::string("(^|[^A-Za-z0-9_.}-])/(") + "work|home|root" + ")/");
  for (auto const& file : source_tree()) {
    std::size_t number = 0;
    for (auto const line : lines_of(file.text)) {
      ++number;
      if (std::regex_search(line.begin(), line.end(), machine)) {
        ADD_FAILURE() << file.path << ":" << number
                      << ": absolute path of a machine. Take it from the build, an argument or a temporary folder";
      }
    }
  }
}

namespace {

std::vector<std::string> metrics_named_in(std::string const& text) {
  static std::regex const call(R"re(\b(count|gauge|measured)\(\s*"([a-z0-9_]+)")re");
  std::vector<std::string> names;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), call); match != std::sregex_iterator(); ++match) {
    names.push_back((*match)[2]);
  }
  return names;
}

}  // namespace

TEST(Words, MetricsAndTheirCatalogueAreTheSame) {
  std::string catalogue;
  for (auto const& file : source_tree()) {
    if (file.path == "adapters/telemetry/catalogue.cpp") catalogue = file.text;
  }
  ASSERT_FALSE(catalogue.empty());
  for (auto const& file : source_tree()) {
    if (!file.is_cpp() || !(file.in("adapters/") || file.in("app/"))) continue;
    for (auto const& name : metrics_named_in(file.text)) {
      EXPECT_NE(catalogue.find("{\"" + name + "\","), std::string::npos)
          << file.path << ": metric " << name << " has no help text. Add it to adapters/telemetry/catalogue.cpp";
    }
  }
  std::string code;
  for (auto const& file : source_tree()) {
    bool const is_meant = file.is_cpp() && (file.in("adapters/") || file.in("app/")) && file.text != catalogue;
    if (is_meant) code += file.text;
  }
  static std::regex const entry(R"re(\{"([a-z0-9_]+)",)re");
  for (auto match = std::sregex_iterator(catalogue.begin(), catalogue.end(), entry); match != std::sregex_iterator();
       ++match) {
    std::string const name = (*match)[1];
    EXPECT_NE(code.find('"' + name + '"'), std::string::npos)
        << "metric " << name << " is never counted or measured. Take it out of adapters/telemetry/catalogue.cpp";
  }
  EXPECT_EQ(metrics_named_in("t.count(\"a_b\", {}); gauge( \"c\", 1)"), (std::vector<std::string>{"a_b", "c"}));
}

}  // namespace arangosync::tidy
