// Revision trees as DB-Servers print them in JSON (spec arangodb-read 8.3), there and back. Reading serves
// adapters/cluster, writing the sandbox; both serve the check against ArangoDB's own trees.
//
// Read are all forms that servers of 3.8 to 3.12 send, recognised by themselves: all buckets or only populated ones,
// and the early one with all levels from the root. Untrusted input: nothing throws, the error is one line, and sums
// that do not add up are an error.
#pragma once

#include "domain/base/result.h"
#include "domain/revision/tree.h"

#include <string>
#include <string_view>

namespace arangosync::codec {

Expected<revision::Tree, std::string> read_revision_tree(std::string_view json);

enum class TreeForm { AllBuckets, OnlyPopulated };
/// Members in the order of a server's.
std::string print_revision_tree(revision::Tree const& tree, TreeForm form);

/// A bound of a tree's range: base 64, and of 0 the empty text.
std::string print_tree_bound(revision::RevisionId bound);
std::optional<revision::RevisionId> read_tree_bound(std::string_view text);

}  // namespace arangosync::codec
