#include "tests/golden/trees.h"

#include "adapters/codec/revision_tree.h"
#include "domain/revision/difference.h"

#include <boost/json.hpp>

#include <optional>
#include <stdexcept>
#include <vector>

namespace arangosync::tests {

namespace json = boost::json;
using revision::RevisionId;
using revision::Tree;
using Verdict = GoldenRow::Verdict;

namespace {

/// The row is not what it should be; the text says how. Caught in check_golden_row.
struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The row is fine, but ours cannot do what ArangoDB's tree did. Caught there, too.
struct CannotFollow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string text_in(json::object const& row, std::string_view name) {
  auto const* value = row.if_contains(name);
  if (value == nullptr || !value->is_string()) throw Unreadable("no text \"" + std::string(name) + "\"");
  return std::string(value->get_string());
}

RevisionId revision_of(std::string_view text) {
  auto const id = codec::read_tree_bound(text);
  if (!id) throw Unreadable("no revision: \"" + std::string(text) + "\"");
  return *id;
}

std::vector<RevisionId> revisions_in(json::object const& row, std::string_view name) {
  auto const* value = row.if_contains(name);
  if (value == nullptr || !value->is_array()) throw Unreadable("no list \"" + std::string(name) + "\"");
  std::vector<RevisionId> ids;
  for (auto const& each : value->get_array()) {
    if (!each.is_string()) throw Unreadable("a revision in \"" + std::string(name) + "\" is no text");
    ids.push_back(revision_of(each.get_string()));
  }
  return ids;
}

Tree empty_tree(json::object const& row) {
  auto const* depth = row.if_contains("depth");
  bool const is_depth = depth != nullptr && depth->is_int64() && depth->get_int64() > 0 &&
                        depth->get_int64() <= std::int64_t{revision::tree_depth_max};
  if (!is_depth) throw Unreadable("no possible \"depth\"");
  RevisionId const initial_min = revision_of(text_in(row, "initialRangeMin"));
  if (initial_min.value() >> 63U != 0) throw Unreadable("an impossible \"initialRangeMin\"");
  return Tree(initial_min, static_cast<std::uint32_t>(depth->get_int64()));
}

Tree tree_of(json::object const& row, std::string_view revisions) {
  Tree tree = empty_tree(row);
  for (auto const id : revisions_in(row, revisions)) {
    if (!tree.insert(id)) throw CannotFollow("the range cannot grow to " + revision::to_text(id));
  }
  return tree;
}

/// How ours is different from what the row says; empty if it is not.
std::string compare(std::string const& what, json::value const& ours, json::value const& golden) {
  if (ours == golden) return "";
  auto shortened = [](json::value const& value) {
    std::string text = json::serialize(value);
    return text.size() <= 200 ? text : text.substr(0, 200) + "…";
  };
  return what + " is " + shortened(ours) + ", should be " + shortened(golden);
}

std::string check_revision(json::object const& row) {
  auto const number = text_in(row, "number");
  auto const encoded = text_in(row, "encoded");
  auto const id = revision_of(encoded);
  std::string const ours = std::to_string(id.value());
  if (auto differs = compare("number", json::string(ours), json::string(number)); !differs.empty()) return differs;
  std::string const text = codec::print_tree_bound(id);
  if (auto differs = compare("text", json::string(text), json::string(encoded)); !differs.empty()) return differs;
  std::string const hash = std::to_string(revision::hash_of(id));
  return compare("hash", json::string(hash), json::string(text_in(row, "fnv1a64")));
}

std::string check_tree(json::object const& row) {
  auto const* golden = row.if_contains("tree");
  if (golden == nullptr || !golden->is_object()) throw Unreadable("no object \"tree\"");
  Tree tree = tree_of(row, "insert");
  for (auto const id : revisions_in(row, "remove")) {
    if (!tree.remove(id)) throw CannotFollow("removed but not inserted: " + revision::to_text(id));
  }
  check_invariants(tree);
  auto const printed = codec::print_revision_tree(tree, codec::TreeForm::OnlyPopulated);
  auto const ours = json::parse(printed).get_object();
  for (auto const& member : golden->get_object()) {
    auto const* own = ours.if_contains(member.key());
    if (own == nullptr) throw Unreadable("unknown member of the tree: " + std::string(member.key()));
    auto differs = compare(std::string(member.key()), *own, member.value());
    if (!differs.empty()) return differs;
  }
  if (ours.size() != golden->get_object().size()) throw Unreadable("a member of the tree is missing");
  // The other way round: what ArangoDB printed is read as the same tree.
  auto const read = codec::read_revision_tree(json::serialize(*golden));
  if (!read) return "not understood: " + read.error();
  return *read == tree ? "" : "read differently than it was printed";
}

std::string check_difference(json::object const& row) {
  auto const* golden = row.if_contains("differing_ranges_inclusive");
  if (golden == nullptr || !golden->is_array()) throw Unreadable("no list \"differing_ranges_inclusive\"");
  Tree const left = tree_of(row, "left");
  Tree const right = tree_of(row, "right");
  auto print = [](revision::Ranges const& ranges) {
    json::array printed;
    for (auto const& range : ranges) {
      json::array pair{json::string(codec::print_tree_bound(range.first)),
                       json::string(codec::print_tree_bound(range.last))};
      printed.push_back(std::move(pair));
    }
    return json::value(std::move(printed));
  };
  auto const differs = compare("difference", print(difference(left, right)), *golden);
  return differs.empty() ? compare("reverse difference", print(difference(right, left)), *golden) : differs;
}

std::string check(json::object const& row, std::string const& kind) {
  if (kind == "rev") return check_revision(row);
  if (kind == "tree") return check_tree(row);
  if (kind == "diff") return check_difference(row);
  throw Unreadable("unknown kind \"" + kind + "\"");
}

}  // namespace

GoldenRow check_golden_row(std::string_view line) {
  GoldenRow result;
  json::error_code error;
  auto const value = json::parse(json::string_view(line.data(), line.size()), error);
  if (error || !value.is_object()) {
    result.detail = "not a JSON object";
    return result;
  }
  auto const& row = value.get_object();
  try {
    auto const kind = text_in(row, "kind");
    result.name = kind;
    result.name += " " + text_in(row, kind == "rev" ? "encoded" : "case");
    result.detail = check(row, kind);
    result.verdict = result.detail.empty() ? Verdict::Equal : Verdict::Different;
  } catch (CannotFollow const& trouble) {
    result.verdict = Verdict::Different;
    result.detail = trouble.what();
  } catch (Unreadable const& trouble) {
    result.detail = trouble.what();
  }
  return result;
}

}  // namespace arangosync::tests
