// /_api/replication/logger-follow of one database on one server (spec arangodb-read 6.9), and the dump of an engine
// that keeps its documents in journals: both write down entries of the log.
#include "app/sandbox/api.h"
#include "app/sandbox/collection_text.h"
#include "domain/revision/revision_id.h"

#include <algorithm>
#include <map>

namespace arangosync::sandbox {
namespace {

constexpr int created = 2000;
constexpr int dropped = 2001;
constexpr int stored = 2300;
constexpr int removed = 2302;

bool is_of_collection(int type) { return type != 2200 && type != 2201; }

/// What MMFiles wrote of a new collection; `definition` is the cluster's form of its properties.
std::string journal_definition(sim::FollowEntry const& entry) {
  auto members = json::members(entry.data);
  json::Object key_options;
  for (auto const& member : json::members(json::find(members, "keyOptions")))
    key_options.raw(member.name, member.value);
  std::string primary = json::Object()
                            .raw("fields", R"(["_key"])")
                            .text("id", "0")
                            .number("selectivityEstimate", 1)
                            .flag("sparse", false)
                            .text("type", "primary")
                            .flag("unique", true)
                            .take();
  json::Object out;
  out.flag("allowUserKeys", json::find(json::find(members, "keyOptions"), "allowUserKeys") != "false");
  out.text("cid", entry.cid).number("count", 0).flag("deleted", false).flag("doCompact", true);
  out.text("globallyUniqueId", entry.cuid).text("id", entry.cid).number("indexBuckets", 8);
  out.raw("indexes", "[" + primary + "]").flag("isSmart", false).raw("isSystem", json::find(members, "isSystem"));
  out.flag("isVolatile", false).number("journalSize", 33'554'432);
  out.raw("keyOptions", key_options.number("lastValue", 0).take()).text("name", entry.cname);
  out.number("numberOfShards", 1).text("planId", entry.cid).number("replicationFactor", 1);
  out.raw("shardKeys", R"(["_key"])").raw("shards", "{}").number("status", 3);
  out.raw("type", json::find(members, "type")).number("version", 6);
  return out.raw("waitForSync", json::find(members, "waitForSync")).take();
}

/// The document as it lies in a journal: without a collection to name once that is gone.
std::string journal_document(Shared const& shared, Call const& call, sim::FollowEntry const& entry) {
  if (shared.model.find_collection(call.database, entry.cid) != nullptr) return entry.data;
  json::Object out;
  for (auto const& member : json::members(entry.data)) {
    if (member.name == "_id")
      out.text("_id", "_unknown/" + json::text_of(json::find(entry.data, "_key")));
    else
      out.raw(member.name, member.value);
  }
  return out.take();
}

/// In a journal the removal is a revision of its own, right after the one it ends.
std::string journal_removal(sim::FollowEntry const& entry) {
  auto ended = revision::from_text(json::text_of(json::find(entry.data, "_rev")));
  std::uint64_t number = ended ? ended->value() + 1 : 0;
  return json::Object()
      .raw("_key", json::find(entry.data, "_key"))
      .text("_rev", revision::to_text(revision::RevisionId(number)))
      .take();
}

std::string data_of(Shared const& shared, Call const& call, sim::FollowEntry const& entry) {
  bool has_journals = shared.dialect.has_journals();
  if (entry.type == dropped && has_journals)
    return json::Object().text("cuid", entry.cuid).text("id", entry.cid).text("name", entry.cname).take();
  if (entry.type == dropped) return json::Object().text("id", entry.cid).text("name", "").take();
  if (entry.type == created && has_journals) return journal_definition(entry);
  if (entry.type == removed && has_journals) return journal_removal(entry);
  return entry.type == stored && has_journals ? journal_document(shared, call, entry) : entry.data;
}

std::string line(Shared const& shared, Call const& call, sim::FollowEntry const& entry) {
  bool has_journals = shared.dialect.has_journals();
  bool is_document = entry.type == stored || entry.type == removed;
  json::Object out;
  out.text("tick", std::to_string(entry.tick)).number("type", static_cast<std::uint64_t>(entry.type));
  out.text("database", shared.model.find_database(call.database)->id);
  if (is_document || !is_of_collection(entry.type)) out.text("tid", std::to_string(entry.tid));
  bool names_unique_id = entry.type == 2004 || entry.type == 2100 || (entry.type == dropped && !has_journals);
  if (names_unique_id) out.text("cuid", entry.cuid);
  if (is_of_collection(entry.type)) {
    out.text("cid", entry.cid);
    bool lacks_name = entry.type == 2004 || (entry.type == dropped && !has_journals);
    if (!lacks_name) out.text("cname", entry.cname);
  }
  std::string data = data_of(shared, call, entry);
  if (!data.empty()) out.raw("data", data);
  return out.take() + "\n";
}

void add(Response& response, std::string const& name, std::string value) {
  response.headers.push_back({"x-arango-replication-" + name, std::move(value)});
}

Response as_dump(std::string body) {
  Response response;
  response.status = body.empty() ? 204 : 200;
  response.headers.push_back({"Content-Type", "application/x-arango-dump"});
  response.body = std::move(body);
  return response;
}

}  // namespace

Response follow_api(Shared& shared, Call const& call, std::string const& shard) {
  auto client = log_client(shared, call);
  if (!client) return failure(400, 10, "syncerId must be a positive integer");
  sim::FollowRequest request;
  request.from = call.number("from", 0);
  request.to = call.number("to", ~std::uint64_t{0});
  request.chunk_bytes = static_cast<std::size_t>(call.number("chunkSize", 1u << 20));
  request.database = call.database;
  request.shard = shard;
  auto answer = shared.model.follow(call.server, request, shared.dialect.has_journals());
  if (!answer) return failure(answer.error());
  // Registered in every database, where a real server does so in this one only: the smallest tick of all counts.
  if (call.number("ttl", 3600) <= 1)
    shared.model.forget(call.server, *client);
  else
    shared.model.track(call.server, *client, request.from == 0 ? 0 : request.from - 1);
  std::string body;
  for (auto const& entry : answer->entries) body += line(shared, call, entry);
  Response response = as_dump(std::move(body));
  auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  add(response, "active", "true");
  add(response, "checkmore", flag(answer->check_more));
  add(response, "frompresent", flag(answer->from_present));
  add(response, "lastincluded", std::to_string(answer->last_included));
  add(response, "lastscanned", std::to_string(answer->last_scanned));
  add(response, "lasttick", std::to_string(answer->last_tick));
  return response;
}

Response journal_dump(Shared& shared, Call const& call, std::string const& shard) {
  sim::FollowRequest request;
  request.database = call.database;
  request.shard = shard;
  request.chunk_bytes = ~std::size_t{0};
  auto answer = shared.model.follow(call.server, request);
  if (!answer) return failure(answer.error());
  // Of each key what was written last; removals stay until a journal is compacted, which never happens here.
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < answer->entries.size(); ++i) {
    auto const& entry = answer->entries[i];
    bool is_document = entry.type == stored || entry.type == removed;
    if (is_document) last[json::text_of(json::find(entry.data, "_key"))] = i;
  }
  std::vector<std::size_t> order;
  for (auto const& [key, position] : last) order.push_back(position);
  std::sort(order.begin(), order.end());
  std::string body;
  std::uint64_t last_tick = 0;
  for (auto position : order) {
    auto const& entry = answer->entries[position];
    last_tick = entry.tick;
    json::Object out;
    out.text("tick", std::to_string(entry.tick)).number("type", static_cast<std::uint64_t>(entry.type));
    body += out.raw("data", entry.data).take() + "\n";
  }
  Response response = as_dump(std::move(body));
  add(response, "checkmore", "false");
  add(response, "lastincluded", std::to_string(last_tick));
  return response;
}

}  // namespace arangosync::sandbox
