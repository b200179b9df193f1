// Answers of the keys protocol, by which servers of all versions list a shard's keys with their revisions (spec
// arangodb-read 8.6). For shard_keys.h. Pure; untrusted input; never throws.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

struct OpenedKeys {
  std::string id;
  std::uint64_t count = 0;  ///< of documents, as the server counts
};
std::optional<OpenedKeys> parse_opened_keys(std::string_view body);

/// The first key of every chunk.
std::optional<std::vector<std::string>> parse_key_chunks(std::string_view body);

/// Calls `each` with key and revision for every pair of [["key","_rev"],…], in its order. False: the text is something
/// else (some pairs may have been handed out by then).
bool parse_key_list(std::string body, std::function<void(std::string_view, std::string_view)> const& each);

}  // namespace arangosync::cluster
