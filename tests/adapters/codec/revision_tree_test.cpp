// Revision trees as servers print them: every form is read, nothing wrong is.
#include "adapters/codec/revision_tree.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

namespace arangosync::codec {
namespace {

using revision::RevisionId;
using revision::Tree;

boost::json::object small_tree() {
  std::ifstream file(tests::data_folder() + "/revision/revision-tree-small.json");
  std::string const text{std::istreambuf_iterator<char>(file), {}};
  return boost::json::parse(text).as_object();
}

std::string with(std::string text, std::string const& from, std::string const& to) {
  auto const at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Tree tree_of_small(boost::json::object const& data) {
  Tree tree(revision::tree_initial_min, 2);
  for (auto const& entry : data.at("revisions").as_array()) {
    auto const id = revision::from_base64(boost::json::value_to<std::string>(entry.at("text")));
    EXPECT_TRUE(id && tree.insert(*id));
  }
  return tree;
}

TEST(RevisionTreeCodec, ReadsTheFullAndTheSparseForm) {
  auto const data = small_tree();
  auto const expected = tree_of_small(data);
  for (auto const* form : {"onlyPopulated", "full"}) {
    auto const read = read_revision_tree(boost::json::serialize(data.at(form)));
    ASSERT_TRUE(read.has_value()) << form << ": " << read.error();
    EXPECT_EQ(*read, expected) << form;
  }
}

TEST(RevisionTreeCodec, PrintsTheFullAndTheSparseForm) {
  auto const data = small_tree();
  auto const tree = tree_of_small(data);
  EXPECT_EQ(boost::json::parse(print_revision_tree(tree, TreeForm::OnlyPopulated)), data.at("onlyPopulated"));
  EXPECT_EQ(boost::json::parse(print_revision_tree(tree, TreeForm::AllBuckets)), data.at("full"));
}

/// As pre-releases of 3.8 and the manual have it: all levels from the root, no sums beside them.
std::string early_form(std::string const& root) {
  std::string nodes = root;
  for (int i = 0; i < 8; ++i)
    nodes += i == 1 ? R"(,{"count":1,"hash":9929646806074584996})" : R"(,{"count":0,"hash":0})";
  return R"({"version":1,"branchingFactor":8,"maxDepth":1,"rangeMin":"","rangeMax":"G-","nodes":[)" + nodes + "]}";
}

TEST(RevisionTreeCodec, ReadsTheEarlyFormWithAllItsLevels) {
  auto const read = read_revision_tree(early_form(R"({"count":1,"hash":9929646806074584996})"));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->extent().initial_min, RevisionId(0));
  ASSERT_EQ(read->nodes().size(), 1u);
  EXPECT_EQ(read->nodes().begin()->first, RevisionId(64));
  EXPECT_FALSE(read_revision_tree(early_form(R"({"count":2,"hash":9929646806074584996})")).has_value());
}

TEST(RevisionTreeCodec, ReadsAHashThatIsPrintedAsARevision) {
  std::string const text = R"({"version":1,"maxDepth":1,"rangeMin":"","rangeMax":"G-","initialRangeMin":"",)"
                           R"("count":1,"hash":"A","nodes":[{"hash":"A","count":1}]})";
  auto const read = read_revision_tree(text);
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->total(), (revision::Node{1, 2}));
}

TEST(RevisionTreeCodec, TakesMembersInAnyOrderAndUnknownOnes) {
  auto const data = small_tree();
  auto const sparse = data.at("onlyPopulated").as_object();
  std::string text = "{\"nodes\":" + boost::json::serialize(sparse.at("nodes")) + ",\"error\":false,\"more\":[{}]";
  for (auto const& member : sparse) {
    if (member.key() != "nodes")
      text += ",\"" + std::string(member.key()) + "\":" + boost::json::serialize(member.value());
  }
  EXPECT_TRUE(read_revision_tree(text + "}").has_value());
}

TEST(RevisionTreeCodec, RefusesEverythingElseInOneLine) {
  auto const good = boost::json::serialize(small_tree().at("onlyPopulated"));
  ASSERT_TRUE(read_revision_tree(good).has_value());
  for (auto const& text :
       std::vector<std::string>{"",
                                "null",
                                "[]",
                                "{}",
                                good + "x",
                                good.substr(0, good.size() - 1),
                                R"({"error":true,"code":501,"errorNum":9})",
                                with(good, "\"version\":1", "\"version\":2"),
                                with(good, "\"maxDepth\":2", "\"maxDepth\":0"),
                                with(good, "\"maxDepth\":2", "\"maxDepth\":63"),
                                with(good, "\"maxDepth\":2", "\"maxDepth\":2.5"),
                                with(good, "\"rangeMax\":\"_bpq8a--_--\"", "\"rangeMax\":\"_bpq8a-----\""),
                                with(good, "\"rangeMax\":\"_bpq8a--_--\"", "\"rangeMax\":\"_bpq8a--_-_\""),
                                with(good, "\"rangeMax\":\"_bpq8a--_--\"", "\"rangeMax\":5"),
                                with(good, "\"rangeMin\"", "\"rangeMinimum\""),
                                with(good, "\"initialRangeMin\":\"_", "\"initialRangeMin\":\"-"),
                                with(good, "\"count\":4", "\"count\":5"),
                                with(good, "\"count\":4,", ""),
                                with(good, "\"hash\":6850160355622489593", "\"hash\":1"),
                                with(good, "\"hash\":6850160355622489593", "\"hash\":99999999999999999999"),
                                with(good, "\"skip\":6", "\"skip\":0"),
                                with(good, "\"skip\":55", "\"skip\":56"),
                                with(good, "\"skip\":55", "\"skip\":18446744073709551615"),
                                with(good, "\"skip\":6", "\"skip\":6,\"count\":1"),
                                with(good, "\"nodes\":[", "\"nodes\":[1,"),
                                with(good, "\"nodes\":[", "\"nodes\":{},\"x\":[")}) {
    auto const read = read_revision_tree(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().find('\n'), std::string::npos);
    EXPECT_FALSE(read.error().empty());
  }
}

RC_GTEST_PROP(RevisionTreeCodec, ComesBackFromEitherForm, ()) {
  Tree tree(revision::tree_initial_min, *rc::gen::inRange<std::uint32_t>(1, 5));
  for (auto const number : *rc::gen::container<std::vector<std::uint64_t>>(
           rc::gen::inRange<std::uint64_t>(std::uint64_t{1} << 60, std::uint64_t{1} << 61))) {
    RC_ASSERT(tree.insert(RevisionId(number)));
  }
  for (auto const form : {TreeForm::OnlyPopulated, TreeForm::AllBuckets}) {
    auto const read = read_revision_tree(print_revision_tree(tree, form));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == tree);
  }
}

}  // namespace
}  // namespace arangosync::codec
