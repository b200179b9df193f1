// The small part of AQL that lists and looks up documents of one collection, as drivers write it every day:
//
//   FOR d IN collection [FILTER d.a == value [AND ...]] [SORT d.a [DESC], ...] [LIMIT [offset,] count] RETURN d | d.a
//   FOR d IN collection ... COLLECT WITH COUNT INTO n RETURN n        RETURN LENGTH(collection)
//
// FILTER, SORT and LIMIT may stand in any order and more than once; bind variables may stand for collection, attributes
// and values. Called by query_api.cpp. Everything else is not understood. Pure.
#pragma once

#include "adapters/sim/cluster_types.h"
#include "domain/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sandbox {

/// Names from the document inwards with dots between; empty: the document itself.
using AttributePath = std::string;

struct QueryStep {
  enum class Kind { Filter, Sort, Limit };
  Kind kind = Kind::Filter;
  AttributePath path;          ///< Filter, Sort
  std::string comparison;      ///< Filter: "==", "!=", "<", "<=", ">", ">="
  std::string value;           ///< Filter: JSON
  bool is_descending = false;  ///< Sort
  bool continues = false;      ///< Sort: a lesser key of the SORT before
  std::uint64_t offset = 0;    ///< Limit
  std::uint64_t count = ~std::uint64_t{0};
};

struct PlainQuery {
  std::string collection;
  std::vector<QueryStep> steps;  ///< in their order
  AttributePath result;
  bool counts = false;  ///< the number of documents is all that is asked for
};

/// The query, or in one line what is not understood. `bind_variables`: an object's text, or empty.
Expected<PlainQuery, std::string> understand(std::string_view text, std::string_view bind_variables);

/// What the steps leave of the documents.
std::vector<sim::ModelDocumentPtr> run_steps(PlainQuery const& query, std::vector<sim::ModelDocumentPtr> documents);

/// JSON at the path; "null" where there is nothing.
std::string_view value_at(std::string_view document, AttributePath const& path);

}  // namespace arangosync::sandbox
