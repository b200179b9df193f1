#include "domain/revision/part.h"

#include "domain/base/check.h"

#include <algorithm>

namespace arangosync::revision {

namespace {

constexpr std::size_t range_bytes = 24;  // two bounds and what the encoding takes
constexpr std::size_t revision_bytes = 8;

bool is_sound(PartRange const& range) {
  if (range.range.last < range.range.first) return false;
  auto const& present = range.present;
  if (present.empty()) return true;
  if (range.wants_detail || present.front() < range.range.first || present.back() > range.range.last) return false;
  return std::is_sorted(present.begin(), present.end(), std::less_equal<>());
}

}  // namespace

bool wants_detail(Part const& part) {
  return std::any_of(part.ranges.begin(), part.ranges.end(), [](auto const& each) { return each.wants_detail; });
}

Ranges ranges_for_detail(Part const& part) {
  Ranges ranges;
  for (auto const& each : part.ranges) {
    if (each.wants_detail) append(ranges, each.range);
  }
  return ranges;
}

bool is_sound(Part const& part) {
  for (std::size_t i = 0; i < part.ranges.size(); ++i) {
    if (!is_sound(part.ranges[i])) return false;
    if (i > 0 && part.ranges[i].range.first <= part.ranges[i - 1].range.last) return false;
  }
  return true;
}

PartMaker::PartMaker(std::vector<Question> questions, std::uint64_t finer_than, RevisionId from, std::size_t bytes_max)
    : questions_(std::move(questions)), bytes_max_(std::max(bytes_max, range_bytes + revision_bytes)) {
  part_.finer_than = finer_than;
  while (at_ < questions_.size() && questions_[at_].range.last < from) ++at_;
  if (at_ < questions_.size()) questions_[at_].range.first = std::max(questions_[at_].range.first, from);
}

bool PartMaker::is_full() const { return bytes_ + range_bytes + revision_bytes > bytes_max_; }

std::optional<PartMaker::Wanted> PartMaker::wanted() {
  while (at_ < questions_.size() && !is_full()) {
    auto const& question = questions_[at_];
    if (!question.wants_detail) return Wanted{question.range, (bytes_max_ - bytes_ - range_bytes) / revision_bytes};
    part_.ranges.push_back(PartRange{question.range, true, {}});
    bytes_ += range_bytes;
    ++at_;
  }
  return std::nullopt;
}

void PartMaker::listed(std::vector<RevisionId> revisions, bool to_the_end) {
  DC_ASSERT(at_ < questions_.size());
  DC_ASSERT(to_the_end || !revisions.empty());
  std::size_t const count_max = (bytes_max_ - bytes_ - range_bytes) / revision_bytes;
  if (revisions.size() > count_max) {
    revisions.resize(count_max);
    to_the_end = false;
  }
  Range& open = questions_[at_].range;
  RevisionId const last = to_the_end ? open.last : revisions.back();
  bytes_ += range_bytes + revisions.size() * revision_bytes;
  part_.ranges.push_back(PartRange{Range{open.first, last}, false, std::move(revisions)});
  if (last == open.last) {
    ++at_;
  } else {
    open.first = last.next();
  }
}

std::optional<RevisionId> PartMaker::next() const {
  if (at_ == questions_.size()) return std::nullopt;
  return questions_[at_].range.first;
}

std::optional<PartRange> next_piece(Part const& part, RevisionId from) {
  for (auto const& each : part.ranges) {
    if (each.wants_detail || each.range.last < from) continue;
    PartRange piece = each;
    if (from > piece.range.first) {
      piece.range.first = from;
      auto const kept = std::lower_bound(piece.present.begin(), piece.present.end(), from);
      piece.present.erase(piece.present.begin(), kept);
    }
    return piece;
  }
  return std::nullopt;
}

std::vector<PieceChange> changes_of(PartRange const& piece, std::vector<RevisionId> const& wanted, RevisionId last) {
  auto const end = std::upper_bound(piece.present.begin(), piece.present.end(), last);
  Delta const found = delta(wanted, {piece.present.begin(), end});
  std::vector<PieceChange> changes;
  for (auto const id : found.missing) changes.push_back(PieceChange{id, false});
  for (auto const id : found.surplus) changes.push_back(PieceChange{id, true});
  std::sort(changes.begin(), changes.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
  return changes;
}

}  // namespace arangosync::revision
