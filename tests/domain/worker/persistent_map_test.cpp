// The map behaves like std::map, and copies do not feel each other's changes.
#include "domain/worker/persistent_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace arangosync::worker {
namespace {

using Model = std::map<Offset, int>;
using Map = PersistentMap<Offset, int>;

Model contents(Map const& map) {
  Model model;
  map.for_each([&](Offset key, int value) { model[key] = value; });
  return model;
}

RC_GTEST_PROP(PersistentMap, IsAMapWhoseCopiesAreIndependent, ()) {
  Map map;
  Model model;
  std::vector<std::pair<Map, Model>> copies;
  for (int i = 0; i < 200; ++i) {
    Offset const key(*rc::gen::inRange<std::uint64_t>(0, 30));
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        copies.emplace_back(map, model);
        break;
      case 1:
      case 2:
        map.erase(key);
        model.erase(key);
        break;
      case 3:
        if (int* const value = map.edit(key)) {
          ++*value;
          ++model[key];
        }
        break;
      default:
        map.set(key, i);
        model[key] = i;
    }
    RC_ASSERT(map.size() == model.size());
    RC_ASSERT((map.find(key) != nullptr) == model.contains(key));
    if (!model.empty()) RC_ASSERT(map.first().first == model.begin()->first);
  }
  RC_ASSERT(contents(map) == model);
  for (auto const& [copy, expected] : copies) RC_ASSERT(contents(copy) == expected);
}

RC_GTEST_PROP(PersistentMap, EqualContentsAreEqualWhateverTheWayThere, ()) {
  auto const keys = *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 50));
  Map forward;
  Map backward;
  for (auto const key : keys) forward.set(Offset(key), 1);
  for (auto at = keys.rbegin(); at != keys.rend(); ++at) backward.set(Offset(*at), 1);
  backward.set(Offset(999), 1);
  RC_ASSERT(!(forward == backward));
  backward.erase(Offset(999));
  RC_ASSERT(forward == backward);
}

TEST(Shared, IsCopiedOnlyWhenItIsChanged) {
  Shared<std::string> a(std::string("x"));
  Shared<std::string> const b = a;
  EXPECT_EQ(&*a, &*b);
  a.edit() = "y";
  EXPECT_EQ(*b, "x");
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace arangosync::worker
