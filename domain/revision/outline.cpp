#include "domain/revision/outline.h"

#include "domain/base/check.h"

#include <algorithm>
#include <limits>

namespace arangosync::revision {

namespace {

constexpr RevisionId last_of_all(std::numeric_limits<std::uint64_t>::max());
constexpr std::uint64_t width_max = std::uint64_t{1} << 62U;

/// The first range that does not end before `id`.
Ranges::const_iterator first_reaching(Ranges const& ranges, RevisionId id) {
  return std::partition_point(ranges.begin(), ranges.end(), [&](Range const& each) { return each.last < id; });
}

bool touches(Ranges const& ranges, Range const& range) {
  auto const first = first_reaching(ranges, range.first);
  return first != ranges.end() && first->first <= range.last;
}

/// The nodes of the tree's own buckets that touch what is covered, laid on the grid.
Column column_within(Tree const& tree, Ranges const& covered, Grid const& grid) {
  Grid const own = grid_of(tree);
  std::map<RevisionId, Node> nodes;
  for (auto const& [start, node] : tree.nodes()) {
    if (touches(covered, Range{start, own.last_of(start)})) nodes.emplace_hint(nodes.end(), start, node);
  }
  return regrouped(nodes, grid);
}

void append(std::vector<Question>& questions, Question const& question) {
  bool const joins = !questions.empty() && questions.back().wants_detail == question.wants_detail &&
                     questions.back().range.last.next() == question.range.first;
  if (joins) {
    questions.back().range.last = question.range.last;
  } else {
    questions.push_back(question);
  }
}

/// What of the bucket is covered.
void append_within(std::vector<Question>& questions, Ranges const& covered, Range const& bucket, bool wants_detail) {
  for (auto range = first_reaching(covered, bucket.first); range != covered.end() && range->first <= bucket.last;
       ++range) {
    Range const piece{std::max(range->first, bucket.first), std::min(range->last, bucket.last)};
    append(questions, Question{piece, wants_detail});
  }
}

Node sum_of(Column const& column) {
  Node sum;
  for (auto const& [last, node] : column) {
    sum.count += node.count;
    sum.hash ^= node.hash;
  }
  return sum;
}

/// The buckets do not fit: all or nothing, of what either side covers.
std::vector<Question> whole(Outline const& source, Tree const& target) {
  auto const own = column_within(target, source.covered, grid_of(target));
  if (sum_of(own) == sum_of(source.nodes)) return {};
  Range either{target.extent().min, RevisionId(target.extent().max.value() - 1)};
  if (!source.nodes.empty()) {
    either.first = std::min(either.first, source.grid.first_of(source.nodes.begin()->first));
    either.last = std::max(either.last, source.nodes.rbegin()->first);
  }
  std::vector<Question> result;
  append_within(result, source.covered, either, false);
  return result;
}

bool target_is_wider(Outline const& source, Tree const& target) { return target.bucket_width() > source.grid.width; }

}  // namespace

Outline outline(Tree const& tree, Ranges const& covered, std::uint64_t finer_than, std::size_t nodes_max) {
  Outline result;
  result.grid = grid_of(tree);
  result.covered = covered;
  result.nodes = column_within(tree, covered, result.grid);
  result.total = tree.total().count;
  while (result.nodes.size() > nodes_max && result.grid.width < width_max && result.grid.width * 2 < finer_than) {
    result.grid.width *= 2;
    result.nodes = regrouped(result.nodes, result.grid);
  }
  result.is_finest = result.grid.width == tree.bucket_width();
  return result;
}

Outline outline(Tree const& tree, std::size_t nodes_max) {
  return outline(tree, Ranges{Range{RevisionId(0), last_of_all}}, last_of_all.value(), nodes_max);
}

std::uint64_t width_of_questions(Outline const& source, Tree const& target) {
  return std::max(source.grid.width, target.bucket_width());
}

std::vector<Question> questions(Outline const& source, Tree const& target) {
  bool const is_target_wider = target_is_wider(source, target);
  Grid const coarse = is_target_wider ? grid_of(target) : source.grid;
  Grid const fine = is_target_wider ? source.grid : grid_of(target);
  if (!fits(fine, coarse)) return whole(source, target);
  bool const finer_helps = !source.is_finest && !is_target_wider && target.bucket_width() < source.grid.width;
  std::vector<Question> result;
  for_each_pair(regrouped(source.nodes, coarse), column_within(target, source.covered, coarse),
                [&](RevisionId last, Node const& there, Node const& here) {
                  if (there == here) return;
                  bool const wants_detail = finer_helps && here.count > listed_directly_max;
                  append_within(result, source.covered, Range{coarse.first_of(last), last}, wants_detail);
                });
  return result;
}

std::string copy_is_better(Outline const& source, Tree const& target) {
  constexpr std::uint64_t few = 8;  // below an eighth, listing and asking is in vain
  std::uint64_t const here = target.total().count;
  if (here >= source.total / few && (here > 0 || source.total == 0)) return "";
  return "the target holds " + std::to_string(here) + " of " + std::to_string(source.total) + " documents";
}

}  // namespace arangosync::revision
