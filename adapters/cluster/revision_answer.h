// Bodies and answers of the revision calls (spec arangodb-read 8.5). Pure; untrusted input; never throws.
#pragma once

#include "adapters/cluster/lines.h"
#include "domain/base/result.h"
#include "domain/revision/difference.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

/// [["first","last"]]. Servers want two different ends: a range of one revision is asked for with its neighbour.
std::string ranges_body(revision::Range const& range);
/// ["rev","rev",…]
std::string revisions_body(std::vector<revision::RevisionId> const& revisions);

struct ListedRevisions {
  std::vector<revision::RevisionId> revisions;  ///< ascending, all within the range that was asked for
  bool to_the_end = false;                      ///< there are no more in it
  std::optional<revision::RevisionId> resume;   ///< where the server would go on
};
/// Error: one line. A revision that a server prints in decimal is told from a base-64 one by the range it must lie in.
Expected<ListedRevisions, std::string> parse_ranges_answer(std::string_view body, revision::Range const& asked);

/// Calls `each` for every element of the array, in its order; of `{}`, which says that there is no such document, all
/// three views are empty. False: the text is no array of documents (some may have been handed out by then).
bool parse_documents_answer(std::string body, std::function<void(DumpedDocument const&)> const& each);

}  // namespace arangosync::cluster
