// Who may include what (architecture: app -> adapters -> ports -> domain; a heavy library lives in one place). The
// rooms and what they use are read from the CMakeLists, so that build and test cannot disagree.
#include "tests/tidy/source_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace arangosync::tidy {
namespace {

using Rooms = std::map<std::string, std::set<std::string>>;  // "domain/shard" -> rooms named after USES

std::string room_of(std::string_view path) {
  auto const first = path.find('/');
  if (first == std::string_view::npos) return {};
  auto const second = path.find('/', first + 1);
  if (second == std::string_view::npos) return std::string(path.substr(0, first));
  return std::string(path.substr(0, second));
}

/// "domain_base" -> "domain/base"; "ports" stays.
std::string as_folder(std::string name) {
  auto const bar = name.find('_');
  if (bar != std::string::npos) name[bar] = '/';
  return name;
}

Rooms read_rooms() {
  Rooms rooms;
  for (auto const& file : source_tree()) {
    if (!file.path.ends_with("/CMakeLists.txt")) continue;
    for (auto at = file.text.find("arangosync_room("); at != std::string::npos;
         at = file.text.find("arangosync_room(", at + 1)) {
      auto const open = at + std::string("arangosync_room(").size();
      std::istringstream words(file.text.substr(open, file.text.find(')', open) - open));
      std::string floor, room, word;
      words >> floor >> room;
      auto& uses = rooms[floor + "/" + room];
      bool listing = false;
      while (words >> word) {
        if (word == "USES" || word == "PRIVATE") {
          listing = word == "USES";
        } else if (listing) {
          uses.insert(as_folder(word));
        }
      }
    }
  }
  return rooms;
}

std::set<std::string> reachable(Rooms const& rooms, std::string const& from) {
  std::set<std::string> seen{from};
  std::vector<std::string> open{from};
  while (!open.empty()) {
    auto const room = open.back();
    open.pop_back();
    auto const uses = rooms.find(room);
    if (uses == rooms.end()) continue;
    for (auto const& next : uses->second) {
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return seen;
}

bool is_own(Include const& include) {
  for (auto const* floor : {"domain/", "ports/", "adapters/", "app/", "tests/"}) {
    if (include.target.starts_with(floor)) return true;
  }
  return false;
}

bool is_standard(Include const& include) {
  return !include.quoted && include.target.find('/') == std::string::npos &&
         include.target.find('.') == std::string::npos;
}

std::string where(SourceFile const& file, Include const& include) {
  return file.path + ":" + std::to_string(include.line) + " includes " + include.target + ". ";
}

}  // namespace

TEST(Layers, TheDomainIncludesOnlyTheStandardLibraryAndTheDomain) {
  for (auto const& file : source_tree()) {
    if (!file.in("domain/") || !file.is_cpp()) continue;
    for (auto const& include : includes_of(file)) {
      bool const expected_library = include.target == "tl/expected.hpp" && file.path == "domain/base/result.h";
      if (expected_library || is_standard(include) || include.target.starts_with("domain/")) continue;
      ADD_FAILURE() << where(file, include)
                    << "The domain knows the standard library only: put what touches the world behind "
                    << "a port, and include domain/base/result.h for Expected";
    }
  }
}

TEST(Layers, RoomsOfTheDomainIncludeOnlyTheRoomsTheyList) {
  auto const rooms = read_rooms();
  ASSERT_GT(rooms.size(), 8u);
  for (auto const& file : source_tree()) {
    if (!file.in("domain/") || !file.is_cpp()) continue;
    auto const own = room_of(file.path);
    auto const uses = rooms.find(own);
    ASSERT_NE(uses, rooms.end()) << file.path << ": add the room " << own << " to domain/CMakeLists.txt";
    for (auto const& include : includes_of(file)) {
      if (!include.target.starts_with("domain/")) continue;
      auto const room = room_of(include.target);
      if (room == own || uses->second.contains(room)) continue;
      ADD_FAILURE() << where(file, include) << own << " does not use " << room
                    << " in domain/CMakeLists.txt. Rooms do not meet "
                    << "in the corridor: let the root machine carry it over, or list the dependency with a reason";
    }
  }
}

TEST(Layers, PortsIncludeOnlyPortsAndDomain) {
  for (auto const& file : source_tree()) {
    if (!file.in("ports/") || !file.is_cpp()) continue;
    for (auto const& include : includes_of(file)) {
      if (is_standard(include) || include.target.starts_with("domain/") || include.target.starts_with("ports/"))
        continue;
      ADD_FAILURE() << where(file, include) << "A port speaks in domain values; translate in the adapter";
    }
  }
}

TEST(Layers, AdaptersNeverIncludeTheApp) {
  for (auto const& file : source_tree()) {
    if (!file.in("adapters/")) continue;
    for (auto const& include : includes_of(file)) {
      if (!include.target.starts_with("app/")) continue;
      ADD_FAILURE() << where(file, include) << "Arrows point downwards: pass in a value or a callback";
    }
  }
}

TEST(Layers, NoFloorIncludesTests) {
  for (auto const& file : source_tree()) {
    if (file.in("tests/") || file.in("fuzz/") || !file.is_cpp()) continue;
    for (auto const& include : includes_of(file)) {
      EXPECT_FALSE(include.target.starts_with("tests/"))
          << where(file, include) << "Move what is shared to the floor it belongs to";
    }
  }
}

TEST(Layers, AdaptersAndAppIncludeOnlyTheRoomsTheyUse) {
  auto const rooms = read_rooms();
  for (auto const& file : source_tree()) {
    bool const is_program = file.path == "app/main.cpp" || file.path == "app/simulate.cpp";
    bool const checked = (file.in("adapters/") || file.in("app/")) && file.is_cpp() && !is_program;
    if (!checked) continue;
    auto const own = room_of(file.path);
    auto const allowed = reachable(rooms, own);
    for (auto const& include : includes_of(file)) {
      if (!include.target.starts_with("adapters/") && !include.target.starts_with("app/")) continue;
      if (include.target.find("_generated.h") != std::string::npos) continue;
      auto const room = room_of(include.target);
      if (allowed.contains(room)) continue;
      ADD_FAILURE() << where(file, include) << own << " does not use " << room << ": add it to USES in "
                    << own.substr(0, own.find('/')) << "/CMakeLists.txt, or do without";
    }
  }
}

namespace {

struct LibraryRule {
  std::string include_prefix;
  std::vector<std::string> homes;  ///< folders (ending in a slash) or files
  std::string remedy;
};

std::vector<LibraryRule> const& library_rules() {
  static std::vector<LibraryRule> const rules{
      {"boost/beast", {"adapters/http/"}, "Use adapters/http/http.h: Beast is slow to compile and has one home"},
      {"boost/asio", {"adapters/http/"}, "Use adapters/http/http.h: Asio has one home"},
      {"CLI/", {"app/cli/command_line.cpp", "app/cli/flags.h"}, "Flags are bound in app/cli/command_line.cpp only"},
      {"spdlog/", {"adapters/telemetry/"}, "Log through ports/telemetry.h"},
      {"fmt/", {}, "Build texts with std::string; spdlog keeps its own formatting library"},
      {"openssl/", {"adapters/http/", "adapters/x509/", "tests/adapters/"}, "Use adapters/x509"},
      {"zstd", {"adapters/codec/"}, "Compression belongs to adapters/codec"},
      {"flatbuffers/", {"adapters/codec/"}, "Messages are encoded in adapters/codec"},
      {"simdjson", {"adapters/", "app/sandbox/"}, "simdjson stays inside adapters"},
      {"boost/json", {"adapters/", "app/", "tests/", "fuzz/"}, "Boost.JSON never reaches domain and ports"},
  };
  return rules;
}

bool at_home(LibraryRule const& rule, SourceFile const& file) {
  return std::any_of(rule.homes.begin(), rule.homes.end(), [&](auto const& home) { return file.in(home); });
}

/// Headers through which the library is seen, by path.
std::set<std::string> headers_that_show(std::string const& include_prefix) {
  std::set<std::string> found;
  for (bool grew = true; grew;) {
    grew = false;
    for (auto const& file : source_tree()) {
      if (!file.path.ends_with(".h") || found.contains(file.path)) continue;
      for (auto const& include : includes_of(file)) {
        if (include.target.starts_with(include_prefix) || found.contains(include.target)) {
          grew = found.insert(file.path).second || grew;
        }
      }
    }
  }
  return found;
}

}  // namespace

TEST(Layers, HeavyLibrariesStayWhereTheyLive) {
  for (auto const& rule : library_rules()) {
    for (auto const& file : source_tree()) {
      if (!file.is_cpp()) continue;
      for (auto const& include : includes_of(file)) {
        if (!include.target.starts_with(rule.include_prefix) || at_home(rule, file)) continue;
        ADD_FAILURE() << where(file, include) << rule.remedy;
      }
    }
  }
}

TEST(Layers, HeadersThatShowAHeavyLibraryStayInTheirRoom) {
  for (auto const& rule : library_rules()) {
    auto const private_headers = headers_that_show(rule.include_prefix);
    for (auto const& file : source_tree()) {
      if (!file.is_cpp()) continue;
      for (auto const& include : includes_of(file)) {
        if (!private_headers.contains(include.target) || room_of(include.target) == room_of(file.path)) continue;
        if (file.in("tests/" + room_of(include.target) + "/")) continue;
        ADD_FAILURE() << where(file, include) << "That header shows " << rule.include_prefix
                      << ": include a public header of the room, which carries values or texts";
      }
    }
  }
}

TEST(Layers, OwnHeadersAreIncludedInQuotesByTheirFullPath) {
  for (auto const& file : source_tree()) {
    if (!file.is_cpp()) continue;
    for (auto const& include : includes_of(file)) {
      if (include.quoted) {
        EXPECT_TRUE(is_own(include) || include.target.find("_generated.h") != std::string::npos)
            << where(file, include) << "Write the path from the root, such as \"domain/base/ids.h\"";
      } else {
        EXPECT_FALSE(is_own(include)) << where(file, include) << "Own headers stand in quotes";
      }
    }
  }
}

}  // namespace arangosync::tidy
