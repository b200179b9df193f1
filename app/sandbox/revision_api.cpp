// /_api/replication/revisions of DB-Servers: trees, the revisions in ranges, documents by revision (spec arangodb-read
// 8.3, 8.5).
#include "adapters/codec/revision_tree.h"
#include "app/sandbox/api.h"

#include <algorithm>
#include <optional>

namespace arangosync::sandbox {
namespace {

using revision::RevisionId;

constexpr std::size_t documents_bytes_max = 16u << 20;
/// Servers print revisions up to this one in decimal, unless asked not to.
constexpr std::uint64_t decimal_max = 1'450'656'000'000;

std::string revision_text(RevisionId id, bool as_hlc) {
  return id.value() <= decimal_max && !as_hlc ? std::to_string(id.value()) : revision::to_text(id);
}

std::optional<RevisionId> revision_in(std::string_view text, bool as_hlc) {
  return as_hlc ? revision::from_base64(text) : revision::from_text(text);
}

std::optional<RevisionId> revision_value(std::string_view value, bool as_hlc) {
  return json::is_string(value) ? revision_in(json::text_of(value), as_hlc) : std::nullopt;
}

std::string shard_of(Call const& call) {
  std::string const collection = call.query("collection");
  auto const slash = collection.find('/');  // a globally unique id ends in the name of the shard
  return slash == std::string::npos ? collection : collection.substr(slash + 1);
}

Response tree(Shared& shared, Call const& call) {
  if (call.method() == "POST") return empty_answer(204);  // there is nothing to rebuild: trees are computed here
  if (call.method() != "GET") return method_not_allowed();
  auto const found = shared.model.revision_tree(call.server, call.database, call.query("batchId"), shard_of(call));
  if (!found) return failure(found.error());
  auto const form = call.flag("onlyPopulated", false) ? codec::TreeForm::OnlyPopulated : codec::TreeForm::AllBuckets;
  std::string text = codec::print_revision_tree(*found, form);
  if (!call.flag("verification", false)) return json_answer(200, std::move(text));
  return json_answer(200, json::Object().raw("computed", text).raw("stored", text).flag("equal", true).take());
}

/// Nothing if a server would refuse them.
std::optional<revision::Ranges> ranges_in(std::string_view body, bool as_hlc) {
  if (!json::is_array(body)) return std::nullopt;
  revision::Ranges ranges;
  for (auto const pair : json::elements(body)) {
    if (!json::is_array(pair)) return std::nullopt;
    auto const ends = json::elements(pair);
    if (ends.size() != 2) return std::nullopt;
    auto const first = revision_value(ends[0], as_hlc);
    auto const last = revision_value(ends[1], as_hlc);
    if (!first || !last || *first >= *last) return std::nullopt;
    if (!ranges.empty() && *first < ranges.back().last) return std::nullopt;
    ranges.push_back({*first, *last});
  }
  return ranges;
}

Response ranges(Shared& shared, Call const& call) {
  if (call.method() != "PUT") return method_not_allowed();
  bool const as_hlc = call.flag("encodeAsHLC", false);
  auto const body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto const asked = ranges_in(body.value, as_hlc);
  if (!asked) return failure(400, 400, "ranges must be ascending pairs of revisions");
  if (asked->empty()) return failure(500, 4, "no ranges");
  std::string const resume = call.query("resume");
  auto const from = resume.empty() ? RevisionId(0) : revision_in(resume, as_hlc).value_or(RevisionId(0));
  auto const found =
      shared.model.revisions_in(call.server, call.database, call.query("batchId"), shard_of(call), *asked, from);
  if (!found) return failure(found.error());
  std::vector<std::string> lists;
  for (auto const& list : found->lists) {
    std::vector<std::string> texts;
    for (auto const id : list) texts.push_back(revision_text(id, as_hlc));
    lists.push_back(json::array_of_texts(texts));
  }
  json::Object out;
  out.raw("ranges", json::array(lists));
  if (found->resume) {
    out.text("resume", revision_text(*found->resume, as_hlc));
    if (shared.dialect.at_least(3, 10)) out.text("resumeHLC", revision::to_text(*found->resume));
  }
  return json_answer(200, out.take());
}

Response documents(Shared& shared, Call const& call) {
  if (call.method() != "PUT") return method_not_allowed();
  bool const as_hlc = call.flag("encodeAsHLC", false);
  auto const body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_array(body.value)) return failure(400, 400, "expecting an array of revisions");
  std::vector<RevisionId> asked;
  for (auto const value : json::elements(body.value)) {
    auto const id = revision_value(value, as_hlc);
    if (!id) return failure(400, 400, "not a revision");
    asked.push_back(*id);
  }
  auto const found =
      shared.model.documents_of(call.server, call.database, call.query("batchId"), shard_of(call), asked);
  if (!found) return failure(found.error());
  auto const bytes_max = std::min<std::size_t>(call.number("chunkSize", documents_bytes_max), documents_bytes_max);
  std::string text = "[";
  for (auto const& document : *found) {
    if (text.size() > 1) text += ',';
    text += document == nullptr ? "{}" : document->text;
    if (text.size() >= bytes_max) break;
  }
  return json_answer(200, text + "]");
}

}  // namespace

Response revision_api(Shared& shared, Call const& call) {
  if (call.query("collection").empty()) return failure(400, 400, "invalid collection parameter");
  if (call.query("batchId").empty()) return failure(404, 400, "batchId not specified");
  auto const what = call.part(3);
  if (what == "tree") return tree(shared, call);
  if (what == "ranges") return ranges(shared, call);
  if (what == "documents") return documents(shared, call);
  return failure(400, 400, "invalid command 'revisions'");
}

}  // namespace arangosync::sandbox
