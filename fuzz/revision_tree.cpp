// Revision trees as JSON: any bytes give a sound tree or an error of one line, and a tree comes back from both forms.
#include "adapters/codec/revision_tree.h"
#include "domain/base/check.h"
#include "domain/revision/difference.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace arangosync;
  auto tree = codec::read_revision_tree(std::string_view(reinterpret_cast<char const*>(data), size));
  if (!tree) {
    DC_ASSERT(!tree.error().empty() && tree.error().find('\n') == std::string::npos);
    return 0;
  }
  check_invariants(*tree);
  auto const sparse = codec::read_revision_tree(codec::print_revision_tree(*tree, codec::TreeForm::OnlyPopulated));
  DC_ASSERT(sparse == *tree);
  if (tree->extent().depth <= 3) {  // the full form of a deep tree is large
    auto const full = codec::read_revision_tree(codec::print_revision_tree(*tree, codec::TreeForm::AllBuckets));
    DC_ASSERT(full == *tree);
  }
  DC_ASSERT(difference(*tree, *sparse).empty());
  revision::Tree const other;
  for (auto const& range : difference(*tree, other)) DC_ASSERT(range.first < range.last);
  auto const before = *tree;
  if (tree->insert(revision::RevisionId(size))) {
    check_invariants(*tree);
    DC_ASSERT(tree->remove(revision::RevisionId(size)));
    check_invariants(*tree);
    DC_ASSERT(tree->total() == before.total());
  }
  return 0;
}
