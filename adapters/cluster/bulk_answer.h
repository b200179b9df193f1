// The answer of a bulk document call: one result per item, in the order of the request (spec arangodb-write 1.4). The
// header X-Arango-Error-Codes is not complete on a Coordinator, so every item is looked at. Untrusted input; never
// throws.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

struct ItemFailure {
  std::size_t index = 0;        ///< of the item in the request
  int number = 0;               ///< errorNum; 0: the item's shard could not be spoken to
  std::string conflicting_key;  ///< of 1210, if the server names it
};

/// The items that failed. Nothing if the answer is not a result of `items` items.
std::optional<std::vector<ItemFailure>> parse_bulk_answer(std::string_view body, std::size_t items);

/// What stands behind the last "conflicting key: " (spec arangodb-write 1.13); empty if nothing does.
std::string conflicting_key(std::string_view error_message);

}  // namespace arangosync::cluster
