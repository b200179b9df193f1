#include "domain/batch/batch.h"

#include "domain/base/check.h"

#include <map>

namespace arangosync::batch {

Selection last_change_per_key(std::vector<Change> const& changes) {
  Selection selection;
  std::size_t first = 0;
  for (std::size_t index = 0; index < changes.size(); ++index) {
    if (changes[index].kind != Kind::Truncate) continue;
    selection.truncate = true;
    first = index + 1;
  }
  std::map<std::string_view, std::size_t> last;
  for (std::size_t index = first; index < changes.size(); ++index) last[changes[index].key] = index;
  for (std::size_t index = first; index < changes.size(); ++index) {
    Change const& change = changes[index];
    if (change.kind == Kind::RemoveRevision) {
      if (!selection.truncate) selection.by_revision.push_back(static_cast<std::uint32_t>(index));
      continue;
    }
    if (last.at(change.key) != index) continue;
    if (change.kind == Kind::Upsert) {
      selection.upserts.push_back(static_cast<std::uint32_t>(index));
    } else if (!selection.truncate) {
      selection.removals.push_back(static_cast<std::uint32_t>(index));
    }
  }
  return selection;
}

std::vector<Piece> cut(std::vector<std::size_t> const& sizes, std::size_t count_max, std::size_t bytes_max) {
  DC_ASSERT(count_max > 0);
  std::vector<Piece> pieces;
  std::size_t bytes = 0;
  for (std::size_t index = 0; index < sizes.size(); ++index) {
    bool const is_full = pieces.empty() || index - pieces.back().begin >= count_max || bytes > bytes_max ||
                         sizes[index] > bytes_max - bytes;
    if (is_full) {
      pieces.push_back(Piece{index, index});
      bytes = 0;
    }
    pieces.back().end = index + 1;
    bytes += sizes[index];
  }
  return pieces;
}

}  // namespace arangosync::batch
