#include "adapters/cluster/revision_answer.h"

#include "adapters/cluster/json_value.h"

#include <simdjson.h>

#include <algorithm>

namespace arangosync::cluster {

namespace ondemand = simdjson::ondemand;
using revision::Range;
using revision::RevisionId;

namespace {

std::string quoted_revision(RevisionId id) { return "\"" + revision::to_text(id) + "\""; }

std::optional<RevisionId> revision_within(std::string_view text, Range const& range) {
  auto const lies_within = [&](std::optional<RevisionId> id) { return id && *id >= range.first && *id <= range.last; };
  auto const as_hlc = revision::from_base64(text);
  if (lies_within(as_hlc)) return as_hlc;
  auto const as_printed = revision::from_text(text);
  return lies_within(as_printed) ? as_printed : std::nullopt;
}

/// Anything after the range's beginning will do.
std::optional<RevisionId> resume_of(boost::json::value const& answer, Range const& asked) {
  auto text = string_of(answer, "resumeHLC");
  if (!text) text = string_of(answer, "resume");
  if (!text) return std::nullopt;
  auto const within = revision_within(*text, asked);
  return within ? within : revision::from_base64(*text);
}

bool append_list(boost::json::value const& list, Range const& asked, std::vector<RevisionId>& revisions) {
  if (!list.is_array()) return false;
  for (auto const& each : list.get_array()) {
    if (!each.is_string()) return false;
    auto const text = std::string_view(each.get_string());
    auto const id = revision_within(text, asked);
    if (!id) {
      // The neighbour that we had to ask for, or nothing that a server would send.
      if (!revision::from_text(text) && !revision::from_base64(text)) return false;
    } else if (revisions.empty() || revisions.back() < *id) {
      revisions.push_back(*id);
    }
  }
  return true;
}

}  // namespace

std::string ranges_body(Range const& range) {
  RevisionId const last = range.last > range.first ? range.last : range.last.next();
  return "[[" + quoted_revision(range.first) + "," + quoted_revision(last) + "]]";
}

std::string revisions_body(std::vector<RevisionId> const& revisions) {
  std::string body = "[";
  for (auto const id : revisions) {
    if (body.size() > 1) body += ',';
    body += quoted_revision(id);
  }
  return body + "]";
}

Expected<ListedRevisions, std::string> parse_ranges_answer(std::string_view body, Range const& asked) {
  auto const answer = parse_json(body);
  auto const* lists = answer ? member(*answer, "ranges") : nullptr;
  if (lists == nullptr || !lists->is_array()) return unexpected(std::string("has no ranges"));
  ListedRevisions listed;
  for (auto const& list : lists->get_array()) {
    if (!append_list(list, asked, listed.revisions)) return unexpected(std::string("lists something else"));
  }
  listed.resume = resume_of(*answer, asked);
  listed.to_the_end = !listed.resume || *listed.resume > asked.last;
  bool const goes_on = listed.to_the_end || !listed.revisions.empty() || *listed.resume > asked.first;
  if (!goes_on) return unexpected(std::string("does not go on"));
  return listed;
}

namespace {

bool read_document(ondemand::object object, DumpedDocument& document) {
  for (auto field : object) {
    ondemand::raw_json_string name;
    if (field.key().get(name) != simdjson::SUCCESS) return false;
    bool const is_key = name == "_key";
    if (!is_key && !(name == "_rev")) continue;
    std::string_view text;
    if (field.value().get_string().get(text) != simdjson::SUCCESS) return false;
    (is_key ? document.key : document.revision) = text;
  }
  if (document.key.empty()) return document.revision.empty();
  if (object.reset().error() != simdjson::SUCCESS) return false;
  if (object.raw_json().get(document.document) != simdjson::SUCCESS) return false;
  auto const end = document.document.rfind('}');
  if (end == std::string_view::npos) return false;
  document.document = document.document.substr(0, end + 1);
  return true;
}

}  // namespace

bool parse_documents_answer(std::string body, std::function<void(DumpedDocument const&)> const& each) {
  std::size_t const size = body.size();
  body.resize(size + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(simdjson::padded_string_view(body.data(), size, body.size())).get(document)) return false;
  if (document.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto element : array) {
    ondemand::object object;
    DumpedDocument found;
    if (element.get_object().get(object) != simdjson::SUCCESS || !read_document(object, found)) return false;
    each(found);
  }
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace arangosync::cluster
