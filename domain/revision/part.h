// One part of a comparison: where the target differs, with the revisions that it holds there; and how both sides work
// through it piece by piece. The target makes parts (PartMaker), the source answers them (next_piece, changes_of).
// Pure; whoever lists revisions and reads documents is an adapter, real or simulated.
#pragma once

#include "domain/revision/outline.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace arangosync::revision {

struct PartRange {
  Range range;
  bool wants_detail = false;
  std::vector<RevisionId> present;  ///< all that the target holds in it, ascending; none with wants_detail
  friend bool operator==(PartRange const&, PartRange const&) = default;
};
struct Part {
  std::uint64_t finer_than = 0;   ///< detail is to have narrower buckets than this
  std::vector<PartRange> ranges;  ///< ascending, disjoint
  friend bool operator==(Part const&, Part const&) = default;
};
bool wants_detail(Part const& part);
Ranges ranges_for_detail(Part const& part);
/// Ranges are ascending and disjoint, each with its revisions inside; false: nonsense.
bool is_sound(Part const& part);

/// Makes the part that begins at revision `from`, about `bytes_max` bytes large: while wanted() names a range, its
/// revisions are to be listed().
class PartMaker {
public:
  PartMaker(std::vector<Question> questions, std::uint64_t finer_than, RevisionId from, std::size_t bytes_max);

  struct Wanted {
    Range range;
    std::size_t count_max = 0;  ///< no more revisions than this are of use
  };
  std::optional<Wanted> wanted();
  /// All revisions from the wanted range's beginning on, ascending: up to its end if `to_the_end`, else up to the last
  /// one given.
  void listed(std::vector<RevisionId> revisions, bool to_the_end);

  /// Where the next part begins; absent: this one is the last. To be asked when nothing is wanted any more.
  std::optional<RevisionId> next() const;
  Part take() { return std::move(part_); }

private:
  bool is_full() const;

  std::vector<Question> questions_;  ///< not dealt with yet, from at_ on
  std::size_t at_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
  Part part_;
};

/// What is left, from revision `from` on, of the first range in the part that is not asked for in detail.
std::optional<PartRange> next_piece(Part const& part, RevisionId from);

/// What makes the target's piece that of the source, by ascending revision: documents to send, and revisions of which
/// the target is to remove the document. `wanted`: the source's revisions in the piece up to `last`.
struct PieceChange {
  RevisionId id;
  bool is_removal = false;
  friend bool operator==(PieceChange const&, PieceChange const&) = default;
};
std::vector<PieceChange> changes_of(PartRange const& piece, std::vector<RevisionId> const& wanted, RevisionId last);

}  // namespace arangosync::revision
