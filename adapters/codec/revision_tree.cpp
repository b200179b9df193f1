#include "adapters/codec/revision_tree.h"

#include <simdjson.h>

#include <utility>
#include <vector>

namespace arangosync::codec {

namespace ondemand = simdjson::ondemand;
using revision::Extent;
using revision::Node;
using revision::RevisionId;
using revision::Tree;

namespace {

constexpr std::uint64_t format_version = 1;
constexpr std::uint64_t branches = 8;

/// Of a whole tree with all its levels: 1 + 8 + … + 8^depth.
constexpr std::uint64_t node_count(std::uint64_t depth) {
  return (revision::bucket_count(static_cast<std::uint32_t>(depth)) * branches - 1) / (branches - 1);
}
constexpr std::uint64_t positions_max = node_count(revision::tree_depth_max);

/// What stood in the text, before it is known to be a tree.
struct Parts {
  std::optional<std::uint64_t> version;
  std::optional<std::uint64_t> depth;
  std::optional<std::uint64_t> branching;  ///< only in the early form
  std::optional<RevisionId> min;
  std::optional<RevisionId> max;
  std::optional<RevisionId> initial_min;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> hash;
  bool has_nodes = false;
  std::uint64_t positions = 0;                            ///< how many nodes the text stands for
  std::vector<std::pair<std::uint64_t, Node>> populated;  ///< by position
};

bool read_number(ondemand::value value, std::optional<std::uint64_t>& to) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) != simdjson::SUCCESS) return false;
  to = number;
  return true;
}

bool read_bound(ondemand::value value, std::optional<RevisionId>& to) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return false;
  to = read_tree_bound(text);
  return to.has_value();
}

/// A number; in the manual a revision's text.
bool read_hash(ondemand::value value, std::optional<std::uint64_t>& to) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != ondemand::json_type::string) return read_number(value, to);
  std::optional<RevisionId> text;
  if (!read_bound(value, text)) return false;
  to = text->value();
  return true;
}

/// One entry of `nodes`: a node, `{}` for an empty one, or `{"skip":n}` for n empty ones.
bool read_node(ondemand::object object, Parts& parts) {
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> hash;
  std::optional<std::uint64_t> skip;
  for (auto field : object) {
    ondemand::raw_json_string name;
    ondemand::value value;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    if (std::move(field).value().get(value) != simdjson::SUCCESS) return false;
    if (name == "count" && !read_number(value, count)) return false;
    if (name == "hash" && !read_hash(value, hash)) return false;
    if (name == "skip" && !read_number(value, skip)) return false;
  }
  bool const is_node = count.has_value() && hash.has_value();
  if (count.has_value() != hash.has_value() || (is_node && skip)) return false;
  std::uint64_t const steps = skip.value_or(1);
  if (steps == 0 || steps > positions_max - parts.positions) return false;
  if (is_node && (*count != 0 || *hash != 0)) parts.populated.push_back({parts.positions, Node{*count, *hash}});
  parts.positions += steps;
  return true;
}

bool read_nodes(ondemand::value value, Parts& parts) {
  ondemand::array array;
  if (parts.has_nodes || value.get_array().get(array) != simdjson::SUCCESS) return false;
  parts.has_nodes = true;
  for (auto element : array) {
    ondemand::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) return false;
    if (!read_node(object, parts)) return false;
  }
  return true;
}

bool read_member(std::string_view name, ondemand::value value, Parts& parts) {
  if (name == "version") return read_number(value, parts.version);
  if (name == "maxDepth") return read_number(value, parts.depth);
  if (name == "branchingFactor") return read_number(value, parts.branching);
  if (name == "rangeMin") return read_bound(value, parts.min);
  if (name == "rangeMax") return read_bound(value, parts.max);
  if (name == "initialRangeMin") return read_bound(value, parts.initial_min);
  if (name == "count") return read_number(value, parts.count);
  if (name == "hash") return read_hash(value, parts.hash);
  if (name == "nodes") return read_nodes(value, parts);
  return true;
}

Expected<Parts, std::string> read_parts(std::string_view json) {
  ondemand::parser parser;
  simdjson::padded_string const padded(json);
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object)) {
    return unexpected(std::string("is no JSON object"));
  }
  Parts parts;
  for (auto field : object) {
    std::string_view name;
    ondemand::value value;
    bool const is_broken = field.unescaped_key().get(name) || std::move(field).value().get(value);
    if (is_broken) return unexpected(std::string("is broken JSON"));
    if (!read_member(name, value, parts)) return unexpected("has an invalid member " + std::string(name));
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return unexpected(std::string("is broken JSON"));
  return parts;
}

/// The bottom level, from the left, of a text that may hold all levels.
Expected<Tree::Nodes, std::string> bottom_of(Parts const& parts, Extent const& extent, Node& total) {
  bool const is_early = parts.branching.has_value();
  std::uint64_t const buckets = revision::bucket_count(extent.depth);
  std::uint64_t const first = is_early ? node_count(extent.depth) - buckets : 0;
  if (is_early && *parts.branching != branches) return unexpected(std::string("branches otherwise than by 8"));
  if (is_early ? parts.positions != first + buckets : parts.positions > buckets) {
    return unexpected(std::string("has a wrong number of nodes"));
  }
  std::uint64_t const width = (extent.max.value() - extent.min.value()) / buckets;
  Tree::Nodes nodes;
  for (auto const& [position, node] : parts.populated) {
    if (is_early && position == 0) total = node;
    if (position < first) continue;
    nodes.emplace_hint(nodes.end(), RevisionId(extent.min.value() + (position - first) * width), node);
  }
  if (!is_early) total = Node{parts.count.value_or(0), parts.hash.value_or(0)};
  return nodes;
}

void append_node(std::string& text, std::string const& members) {
  if (text.back() != '[') text += ',';
  text += '{' + members + '}';
}

void append_empty(std::string& text, std::uint64_t count, TreeForm form) {
  if (form == TreeForm::AllBuckets) {
    while (count-- > 0) append_node(text, R"("count":0,"hash":0)");
  } else if (count == 1) {
    append_node(text, "");
  } else if (count > 1) {
    append_node(text, "\"skip\":" + std::to_string(count));
  }
}

std::string counted(Node const& node) {
  return "\"count\":" + std::to_string(node.count) + ",\"hash\":" + std::to_string(node.hash);
}

}  // namespace

std::string print_tree_bound(RevisionId bound) {
  return bound == RevisionId(0) ? std::string() : revision::to_text(bound);
}

std::optional<RevisionId> read_tree_bound(std::string_view text) {
  return text.empty() ? RevisionId(0) : revision::from_base64(text);
}

Expected<Tree, std::string> read_revision_tree(std::string_view json) {
  auto wrong = [](std::string what) { return unexpected("a revision tree " + std::move(what)); };
  auto const parts = read_parts(json);
  if (!parts) return wrong(parts.error());
  if (parts->version.value_or(format_version) != format_version) {
    return wrong("of version " + std::to_string(*parts->version) + " is not known");
  }
  if (!parts->depth || !parts->min || !parts->max || !parts->has_nodes) return wrong("lacks depth, range or nodes");
  if (*parts->depth == 0 || *parts->depth > revision::tree_depth_max) return wrong("has an impossible depth");
  Extent const extent{static_cast<std::uint32_t>(*parts->depth), *parts->min, *parts->max,
                      parts->initial_min.value_or(*parts->min)};
  if (extent.max <= extent.min) return wrong("has an impossible range");
  bool const has_sums = parts->branching.has_value() || (parts->count && parts->hash);
  if (!has_sums) return wrong("lacks its sums");
  Node total;
  auto nodes = bottom_of(*parts, extent, total);
  if (!nodes) return wrong(nodes.error());
  auto tree = Tree::assembled(extent, std::move(*nodes));
  if (!tree) return wrong("has an impossible range or node");
  if (tree->total() != total) return wrong("does not add up");
  return std::move(*tree);
}

std::string print_revision_tree(Tree const& tree, TreeForm form) {
  Extent const& extent = tree.extent();
  std::string text = "{\"version\":" + std::to_string(format_version);
  text += ",\"maxDepth\":" + std::to_string(extent.depth);
  text += ",\"rangeMax\":\"" + print_tree_bound(extent.max);
  text += "\",\"rangeMin\":\"" + print_tree_bound(extent.min);
  text += "\",\"initialRangeMin\":\"" + print_tree_bound(extent.initial_min) + "\",";
  text += counted(tree.total()) + ",\"nodes\":[";
  std::uint64_t next = 0;
  for (auto const& [start, node] : tree.nodes()) {
    std::uint64_t const bucket = tree.bucket_of(start);
    append_empty(text, bucket - next, form);
    append_node(text, counted(node));
    next = bucket + 1;
  }
  if (form == TreeForm::AllBuckets) append_empty(text, revision::bucket_count(extent.depth) - next, form);
  return text + "]}";
}

}  // namespace arangosync::codec
