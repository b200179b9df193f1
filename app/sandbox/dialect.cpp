#include "app/sandbox/dialect.h"

#include "adapters/sim/cluster_json.h"

#include <array>
#include <cstdio>

namespace arangosync::sandbox {
namespace {

namespace json = sim::json;

/// Properties that came with a version; everything else is older than 3.3.
struct Since {
  char const* name;
  unsigned minor;
};
constexpr std::array since = {
    Since{"cacheEnabled", 4},
    Since{"shardingStrategy", 4},
    Since{"minReplicationFactor", 5},
    Since{"writeConcern", 6},
    Since{"schema", 7},
    Since{"isDisjoint", 7},
    Since{"isSmartChild", 7},
    Since{"usesRevisionsAsDocumentIds", 8},
    Since{"syncByRevision", 8},
    Since{"computedValues", 10},
    Since{"internalValidatorType", 9},
};

/// Replaces `from` at the begin of the text.
std::string with_other_begin(std::string const& text, std::string_view from, std::string_view to) {
  return text.starts_with(from) ? std::string(to) + text.substr(from.size()) : text;
}

}  // namespace

Dialect::Dialect(Options const& options) : is_single_server_(options.is_single_server) {
  std::sscanf(options.version.c_str(), "%u.%u.%u", &major_, &minor_, &patch_);
  for (auto const& each : since) {
    if (!at_least(3, each.minor)) later_properties_.insert(each.name);
  }
  // Of databases since 3.9, of everything since 3.11; an option until 3.11, always so from 3.12 on (spec write 6).
  bool is_extended = at_least(3, 12) || (options.extended_names && at_least(3, 9));
  if (is_extended) naming_ = at_least(3, 11) ? sim::Naming::Extended : sim::Naming::ExtendedDatabases;
}

bool Dialect::at_least(unsigned major, unsigned minor) const {
  return major_ > major || (major_ == major && minor_ >= minor);
}

bool Dialect::passes_on(std::string_view what) const {
  return at_least(3, 6) || what == "batch" || what == "inventory" || what == "dump";
}

bool Dialect::is_gone(std::string_view what) const {
  bool is_after = at_least(3, 13) || (at_least(3, 12) && patch_ >= 10);
  return is_after && (what == "logger-follow" || what == "logger-first-tick" || what == "logger-tick-ranges" ||
                      what == "server-id");
}

std::vector<std::string> Dialect::system_collections() const {
  std::vector<std::string> names = {"_graphs"};
  if (at_least(3, 5))
    names.emplace_back("_analyzers");
  else if (at_least(3, 4))
    names.emplace_back("_iresearch_analyzers");
  if (!at_least(3, 5)) names.emplace_back("_routing");
  if (!at_least(3, 8)) names.emplace_back("_modules");
  if (at_least(3, 5) && !at_least(3, 8)) names.emplace_back("_fishbowl");
  names.insert(names.end(), {"_aqlfunctions", "_queues", "_jobs", "_apps", "_appbundles", "_frontend"});
  return names;
}

std::string Dialect::engine_json() const {
  std::vector<std::string> indexes = {"primary", "edge", "hash", "skiplist"};
  if (at_least(3, 5)) indexes.emplace_back("ttl");
  indexes.insert(indexes.end(), {"persistent", "geo", "fulltext"});
  if (at_least(3, 9)) indexes.emplace_back("zkd");
  if (at_least(3, 12)) indexes.insert(indexes.end(), {"mdi", "mdi-prefixed"});
  if (at_least(3, 10)) indexes.emplace_back("inverted");
  json::Object supports;
  supports.flag("dfdb", has_journals()).raw("indexes", json::array_of_texts(indexes));
  if (!has_journals()) supports.raw("aliases", R"({"indexes":{"skiplist":"persistent","hash":"persistent"}})");
  return json::Object().text("name", has_journals() ? "mmfiles" : "rocksdb").raw("supports", supports.take()).take();
}

std::string Dialect::error_text(int number, int status, std::string const& text) const {
  // Views came with 3.4.
  if (number == 1203 && !at_least(3, 4)) {
    std::string older = with_other_begin(text, "collection or view not found", "collection not found");
    return with_other_begin(older, "expecting GET /_api/document/<collection>/<key>",
                            "expecting GET /_api/document/<document-handle>");
  }
  if (number == 1200 && !at_least(3, 8)) return status == 412 ? "precondition failed" : "conflict";
  return text;
}

std::string Dialect::translated(std::string_view value, int status) const {
  if (json::is_array(value)) {
    std::vector<std::string> items;
    for (auto item : json::elements(value)) items.push_back(translated(item, status));
    return json::array(items);
  }
  if (!json::is_object(value)) return std::string(value);
  auto members = json::members(value);
  if (json::find(members, "error") != "true") return std::string(value);
  auto number = static_cast<int>(json::to_uint(json::find(members, "errorNum")).value_or(0));
  json::Object out;
  for (auto const& member : members) {
    if (member.name == "errorMessage" && json::is_string(member.value))
      out.text(member.name, error_text(number, status, json::text_of(member.value)));
    else
      out.raw(member.name, member.value);
  }
  return out.take();
}

void Dialect::translate(http::Response& response) const {
  if (at_least(3, 8)) return;
  for (auto& header : response.headers) {
    if (header.name == "Content-Type") header.value += "; charset=utf-8";
  }
  // Only failures, and the items of an answer in parts, have words.
  bool has_words = response.status >= 400 || (response.status < 300 && response.body.starts_with('['));
  if (has_words && json::is_valid(response.body))
    response.body = translated(json::trim(response.body), response.status);
}

}  // namespace arangosync::sandbox
