// What makes one view another of the same type, in place (spec arangodb-write 5.1).
//
// Used by plan.cpp. Pure. A link or an entry that is as wanted is not touched: the server would index the collection
// again. Defaults that only one server's version prints are no difference, as with collections (properties.h).
#pragma once

#include "domain/inventory/structure.h"

#include <map>
#include <set>
#include <string>

namespace arangosync::inventory {

struct ViewChange {
  std::string properties;  ///< JSON object of those that are to be set; empty: none
  std::map<CollectionName, std::string> links;
  std::set<CollectionName> unlinked;
  std::set<ViewedIndex> added;
  std::set<ViewedIndex> removed;
  bool empty() const {
    return properties.empty() && links.empty() && unlinked.empty() && added.empty() && removed.empty();
  }
  friend bool operator==(ViewChange const&, ViewChange const&) = default;
};

/// Can `existing` become `wanted` without being made anew?
bool can_become(View const& wanted, View const& existing);

/// Precondition: can_become.
ViewChange change_of(View const& wanted, View const& existing);

}  // namespace arangosync::inventory
