// What a batch comes down to before it is written.
#include "adapters/codec/apply_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::codec {
namespace {

using Strings = std::vector<std::string>;

ChangesReader batch(std::vector<std::pair<ChangeKind, std::string>> const& changes) {
  ChangesBuilder builder;
  for (auto const& [kind, key] : changes) {
    std::string_view const named = kind == ChangeKind::Truncate ? std::string_view() : std::string_view(key);
    builder.add({kind, named, "r", kind == ChangeKind::Upsert ? std::string_view("{}") : std::string_view()});
  }
  return ChangesReader::open(builder.finish()).value();
}

TEST(ApplyPlan, KeepsTheLastChangeOfEachKey) {
  auto const plan = plan_batch(batch({{ChangeKind::Upsert, "a"},
                                      {ChangeKind::Remove, "b"},
                                      {ChangeKind::Upsert, "b"},
                                      {ChangeKind::Upsert, "a"},
                                      {ChangeKind::Upsert, "c"},
                                      {ChangeKind::Remove, "c"}}));
  EXPECT_FALSE(plan.truncate);
  EXPECT_EQ(plan.upserts, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(plan.removals, (Strings{"c"}));
}

TEST(ApplyPlan, ForgetsEverythingBeforeTheLastTruncation) {
  auto const plan = plan_batch(batch({{ChangeKind::Upsert, "a"},
                                      {ChangeKind::Truncate, ""},
                                      {ChangeKind::Upsert, "b"},
                                      {ChangeKind::Truncate, ""},
                                      {ChangeKind::Remove, "x"},
                                      {ChangeKind::Upsert, "c"}}));
  EXPECT_TRUE(plan.truncate);
  EXPECT_EQ(plan.upserts, (std::vector<std::uint32_t>{5}));
  EXPECT_TRUE(plan.removals.empty());
}

RC_GTEST_PROP(ApplyPlan, LeadsToTheSameShardAsEveryChangeInOrder, ()) {
  auto const kind =
      rc::gen::elementOf(std::vector{ChangeKind::Upsert, ChangeKind::Upsert, ChangeKind::Remove, ChangeKind::Truncate});
  auto const key = rc::gen::elementOf(Strings{"a", "b", "c"});
  auto const changes = *rc::gen::container<std::vector<std::pair<ChangeKind, std::string>>>(rc::gen::pair(kind, key));
  std::map<std::string, std::uint32_t> expected{{"a", 1000}, {"z", 1001}};
  auto actual = expected;
  for (std::uint32_t index = 0; index < changes.size(); ++index) {
    if (changes[index].first == ChangeKind::Truncate) expected.clear();
    if (changes[index].first == ChangeKind::Remove) expected.erase(changes[index].second);
    if (changes[index].first == ChangeKind::Upsert) expected[changes[index].second] = index;
  }
  auto const plan = plan_batch(batch(changes));
  if (plan.truncate) actual.clear();
  for (auto const& removed : plan.removals) actual.erase(removed);
  for (auto const index : plan.upserts) actual[changes[index].second] = index;
  RC_ASSERT(actual == expected);
}

}  // namespace
}  // namespace arangosync::codec
