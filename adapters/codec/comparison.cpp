#include "adapters/codec/comparison.h"

#include "adapters/codec/comparison_generated.h"

#include <bit>
#include <vector>

namespace arangosync::codec {

using revision::Outline;
using revision::Part;
using revision::PartRange;
using revision::Range;
using revision::RevisionId;

namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Ranges = flatbuffers::Vector<wire::RevisionRange const*>;

wire::RevisionRange to_wire(Range const& range) { return wire::RevisionRange(range.first.value(), range.last.value()); }
Range from_wire(wire::RevisionRange const& range) { return Range{RevisionId(range.first()), RevisionId(range.last())}; }

Blob finished(Builder& builder, flatbuffers::Offset<wire::Outline> outline, flatbuffers::Offset<wire::Part> part) {
  wire::FinishComparisonBuffer(builder, wire::CreateComparison(builder, outline, part));
  return Blob(std::string(reinterpret_cast<char const*>(builder.GetBufferPointer()), builder.GetSize()));
}

/// Null: these bytes are none.
wire::Comparison const* verified(Blob const& blob) {
  if (!blob.has_content()) return nullptr;
  auto const* bytes = reinterpret_cast<std::uint8_t const*>(blob.bytes().data());
  // A table per few bytes, no more: bounds the verifier's work on hostile bytes.
  auto const tables_max = static_cast<flatbuffers::uoffset_t>(blob.size_bytes() / 4 + 16);
  flatbuffers::Verifier verifier(bytes, blob.size_bytes(), 8, tables_max);
  return wire::VerifyComparisonBuffer(verifier) ? wire::GetComparison(bytes) : nullptr;
}

bool read_covered(Ranges const* ranges, revision::Ranges& covered) {
  if (ranges == nullptr) return true;
  for (auto const* each : *ranges) {
    Range const range = from_wire(*each);
    bool const is_next = covered.empty() || covered.back().last < range.first;
    if (range.last < range.first || !is_next) return false;
    covered.push_back(range);
  }
  return true;
}

bool read_nodes(wire::Outline const& from, Outline& outline) {
  if (from.nodes() == nullptr) return true;
  for (auto const* each : *from.nodes()) {
    RevisionId const last(each->last());
    bool const is_next = outline.nodes.empty() || outline.nodes.rbegin()->first < last;
    if (!is_next || each->count() == 0 || outline.grid.last_of(last) != last) return false;
    outline.nodes.emplace_hint(outline.nodes.end(), last, revision::Node{each->count(), each->hash()});
  }
  return true;
}

}  // namespace

Blob print_outline(Outline const& outline) {
  Builder builder(1024 + outline.nodes.size() * sizeof(wire::OutlineNode));
  std::vector<wire::RevisionRange> covered;
  for (auto const& range : outline.covered) covered.push_back(to_wire(range));
  std::vector<wire::OutlineNode> nodes;
  for (auto const& [last, node] : outline.nodes) nodes.emplace_back(last.value(), node.count, node.hash);
  auto const covered_list = builder.CreateVectorOfStructs(covered);
  auto const node_list = builder.CreateVectorOfStructs(nodes);
  auto const made = wire::CreateOutline(builder, outline.grid.origin.value(), outline.grid.width, outline.is_finest,
                                        outline.total, covered_list, node_list);
  return finished(builder, made, {});
}

Expected<Outline, std::string> read_outline(Blob const& blob) {
  auto const* comparison = verified(blob);
  if (comparison == nullptr || comparison->outline() == nullptr) {
    return unexpected(std::string("the bytes are no outline of a revision tree"));
  }
  auto const& from = *comparison->outline();
  Outline outline;
  outline.grid = revision::Grid{RevisionId(from.origin()), from.width()};
  outline.is_finest = from.is_finest();
  outline.total = from.total();
  bool const is_grid = std::has_single_bit(from.width()) && from.width() > 1;
  if (!is_grid || !read_covered(from.covered(), outline.covered) || !read_nodes(from, outline)) {
    return unexpected(std::string("the outline of a revision tree is nonsense"));
  }
  return outline;
}

Blob print_part(Part const& part) {
  if (part.ranges.empty()) return Blob();
  Builder builder(4096);
  std::vector<flatbuffers::Offset<wire::PartRange>> ranges;
  for (auto const& each : part.ranges) {
    std::vector<std::uint64_t> numbers;
    for (auto const id : each.present) numbers.push_back(id.value());
    auto const present = builder.CreateVector(numbers);
    auto const range = to_wire(each.range);
    ranges.push_back(wire::CreatePartRange(builder, &range, each.wants_detail, present));
  }
  auto const list = builder.CreateVector(ranges);
  return finished(builder, {}, wire::CreatePart(builder, part.finer_than, list));
}

Expected<Part, std::string> read_part(Blob const& blob) {
  Part part;
  if (blob.size_bytes() == 0) return part;
  auto const* comparison = verified(blob);
  if (comparison == nullptr || comparison->part() == nullptr) {
    return unexpected(std::string("the bytes are no part of a comparison"));
  }
  auto const& from = *comparison->part();
  part.finer_than = from.finer_than();
  std::size_t revisions = 0;
  for (std::size_t i = 0; from.ranges() != nullptr && i < from.ranges()->size(); ++i) {
    auto const* each = from.ranges()->Get(static_cast<flatbuffers::uoffset_t>(i));
    PartRange range{from_wire(*each->range()), each->wants_detail(), {}};
    // Our writer stores each list once; pointing to one long list from everywhere would fill the memory.
    revisions += each->present() == nullptr ? 0 : each->present()->size();
    if (revisions > blob.size_bytes()) return unexpected(std::string("lists of revisions overlap"));
    if (each->present() != nullptr) {
      for (auto const number : *each->present()) range.present.push_back(RevisionId(number));
    }
    part.ranges.push_back(std::move(range));
  }
  if (!revision::is_sound(part)) return unexpected(std::string("the part of a comparison is nonsense"));
  return part;
}

}  // namespace arangosync::codec
