// /_api/replication/keys of DB-Servers: a shard's keys and revisions in a snapshot, chunk by chunk in the order of the
// keys, and documents by their place in a chunk (spec arangodb-read 8.6). The hash of a chunk is ours: nothing is known
// of the function that real servers use.
#include "adapters/sim/cluster_json.h"
#include "app/sandbox/api.h"
#include "domain/base/blob.h"

#include <algorithm>
#include <optional>

namespace arangosync::sandbox {
namespace {

constexpr std::uint64_t chunk_size_default = 5000;
constexpr std::uint64_t chunk_size_min = 100;
constexpr std::uint64_t chunk_size_max = 20'000;
constexpr std::uint64_t quick_limit = 1'000'000;
constexpr std::size_t documents_bytes_max = 8u << 20;

using Documents = std::vector<sim::ModelDocumentPtr>;

std::uint64_t chunk_size(Call const& call) {
  return std::clamp(call.number("chunkSize", chunk_size_default), chunk_size_min, chunk_size_max);
}

std::string shard_of(Call const& call) {
  std::string const collection = call.query("collection");
  auto const slash = collection.find('/');  // a globally unique id ends in the name of the shard
  return slash == std::string::npos ? collection : collection.substr(slash + 1);
}

Response open(Shared& shared, Call const& call) {
  if (call.query("collection").empty()) return failure(400, 400, "invalid collection parameter");
  if (call.query("batchId").empty()) return failure(404, 1600, "batchId not specified");
  auto const opened = shared.model.open_keys(call.server, call.database, call.query("batchId"), shard_of(call));
  if (!opened) return failure(opened.error());
  json::Object out;
  if (call.flag("quick", false) && opened->count > quick_limit) {
    static_cast<void>(shared.model.close_keys(call.server, call.database, opened->id));
  } else {
    out.text("id", opened->id);
  }
  return json_answer(200, out.number("count", opened->count).take());
}

Response chunks(Documents const& documents, std::uint64_t size) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < documents.size(); begin += size) {
    std::size_t const end = std::min<std::size_t>(documents.size(), begin + size);
    std::uint64_t hash = 0x12345678;
    for (std::size_t at = begin; at < end; ++at) {
      hash ^= fnv1a_64(documents[at]->key) ^ fnv1a_64(documents[at]->revision);
    }
    found.push_back(json::Object()
                        .text("low", documents[begin]->key)
                        .text("high", documents[end - 1]->key)
                        .text("hash", std::to_string(hash))
                        .take());
  }
  return json_answer(200, json::array(found));
}

/// A server goes to the key that it is told; without one it counts from the first.
std::size_t begin_of(Call const& call, Documents const& documents, std::uint64_t size) {
  std::string const low = call.query("low");
  if (low.empty()) return static_cast<std::size_t>(call.number("chunk", 0) * size);
  auto const found = std::lower_bound(documents.begin(), documents.end(), low,
                                      [](auto const& document, auto const& key) { return document->key < key; });
  return static_cast<std::size_t>(found - documents.begin());
}

Response keys_in(Documents const& documents, std::size_t begin, std::size_t end) {
  std::vector<std::string> pairs;
  for (std::size_t at = begin; at < end; ++at) {
    pairs.push_back(json::array_of_texts({documents[at]->key, documents[at]->revision}));
  }
  return json_answer(200, json::array(pairs));
}

Response documents_in(Call const& call, Documents const& documents, std::size_t begin, std::size_t end) {
  auto const body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_array(body.value)) return failure(400, 400, "expecting an array of positions");
  std::uint64_t skipped = call.number("offset", 0);
  std::string text = "[";
  for (auto const value : json::elements(body.value)) {
    auto const position = json::to_uint(value);
    bool const is_inside = position && json::is_number(value) && *position < end - begin;
    if (!is_inside) return failure(400, 400, "no such position in the chunk");
    if (skipped > 0) {
      --skipped;
      continue;
    }
    if (text.size() > documents_bytes_max) break;
    if (text.size() > 1) text += ',';
    text += documents[begin + *position]->text;
  }
  return json_answer(200, text + "]");
}

Response part(Call const& call, Documents const& documents) {
  std::string const type = call.query("type");
  if (type != "keys" && type != "docs") return failure(400, 400, "invalid 'type' value");
  if (call.query("chunk").empty()) return failure(400, 400, "invalid 'chunk' value");
  std::uint64_t const size = chunk_size(call);
  std::size_t const begin = begin_of(call, documents, size);
  if (begin > documents.size()) return failure(400, 400, "no such chunk");
  std::size_t const end = std::min<std::size_t>(documents.size(), begin + size);
  return type == "keys" ? keys_in(documents, begin, end) : documents_in(call, documents, begin, end);
}

}  // namespace

Response keys_api(Shared& shared, Call const& call) {
  std::string const id(call.part(3));
  if (call.method() == "POST" && id.empty()) return open(shared, call);
  bool const is_known = call.method() == "GET" || call.method() == "PUT" || call.method() == "DELETE";
  if (!is_known || id.empty()) return method_not_allowed();
  if (call.method() == "DELETE") {
    auto const closed = shared.model.close_keys(call.server, call.database, id);
    return closed ? success(json::Object().text("id", id), 202) : failure(closed.error());
  }
  auto const documents = shared.model.documents_by_key(call.server, call.database, id);
  if (!documents) return failure(documents.error());
  return call.method() == "GET" ? chunks(**documents, chunk_size(call)) : part(call, **documents);
}

}  // namespace arangosync::sandbox
