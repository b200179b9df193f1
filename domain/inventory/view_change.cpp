#include "domain/inventory/view_change.h"

#include "domain/inventory/properties.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace arangosync::inventory {

namespace {

bool same_link(std::string_view a, std::string_view b);

/// Objects whose members are the user's: one that only one side has is a difference, not a default.
bool same_named(std::string_view a, std::string_view b) {
  auto const mine = members_of(a);
  auto const others = members_of(b);
  return mine.size() == others.size() && std::all_of(mine.begin(), mine.end(), [&](auto const& member) {
           auto const other = others.find(member.first);
           return other != others.end() && same_link(member.second, other->second);
         });
}

/// Links, and the fields in them, which are described in the same way.
bool same_link(std::string_view a, std::string_view b) {
  auto const mine = members_of(a);
  auto const others = members_of(b);
  auto const value = [](auto const& members, std::string_view name) {
    auto const found = members.find(name);
    return found == members.end() ? std::string_view("{}") : found->second;
  };
  for (std::string_view const name : {"fields", "nested"}) {
    if (!same_named(value(mine, name), value(others, name))) return false;
  }
  return std::all_of(mine.begin(), mine.end(), [&](auto const& member) {
    auto const other = others.find(member.first);
    return other == others.end() || agree(member.second, other->second);
  });
}

std::set<ViewedIndex> without(std::set<ViewedIndex> const& all, std::set<ViewedIndex> const& known) {
  std::set<ViewedIndex> rest;
  std::set_difference(all.begin(), all.end(), known.begin(), known.end(), std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace

bool can_become(View const& wanted, View const& existing) {
  return wanted.type == existing.type && agree(wanted.immutable_properties, existing.immutable_properties);
}

ViewChange change_of(View const& wanted, View const& existing) {
  ViewChange change;
  change.properties = differing_members(wanted.mutable_properties, existing.mutable_properties);
  for (auto const& [collection, link] : wanted.links) {
    auto const other = existing.links.find(collection);
    if (other == existing.links.end() || !same_link(link, other->second)) change.links.emplace(collection, link);
  }
  for (auto const& [collection, link] : existing.links) {
    if (!wanted.links.contains(collection)) change.unlinked.insert(collection);
  }
  change.added = without(wanted.indexes, existing.indexes);
  change.removed = without(existing.indexes, wanted.indexes);
  return change;
}

}  // namespace arangosync::inventory
