#include "adapters/sim/cluster_documents.h"

#include "adapters/sim/cluster_smart.h"
#include "domain/base/blob.h"
#include "domain/base/check.h"
#include "domain/revision/revision_id.h"

#include <algorithm>
#include <cstdio>

namespace arangosync::sim {
namespace {

WriteResult failed(int error, std::string message = "") {
  WriteResult result;
  result.error = error;
  result.message = message.empty() ? model_error(error).message : std::move(message);
  return result;
}

std::string conflict_text(std::string const& name, std::string const& type, std::vector<std::string> const& fields,
                          std::string const& key) {
  std::string list;
  for (auto const& field : fields) list += (list.empty() ? "" : ", ") + field;
  return "unique constraint violated - in index " + name + " of type " + type + " over '" + list +
         "'; conflicting key: " + key;
}

bool is_system_member(std::string_view name) { return name == "_key" || name == "_id" || name == "_rev"; }

/// "collection/key" with something on both sides.
bool is_document_id(std::string_view value) {
  if (!json::is_string(value)) return false;
  std::string id = json::text_of(value);
  auto slash = id.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < id.size() &&
         id.find('/', slash + 1) == std::string::npos;
}

/// Restoring keeps the revision of the patch; merging must not bring back the stored one.
void set_revision(std::vector<json::Member>& body, std::string_view revision) {
  std::erase_if(body, [](auto const& member) { return member.name == "_rev"; });
  if (!revision.empty()) body.push_back({"_rev", revision});
}

/// The key an item of a request names: a string, or the member _key (or the key part of _id) of an object.
std::optional<std::string> named_key(std::string_view item, std::string const& collection) {
  std::string text;
  if (json::is_string(item)) {
    text = json::text_of(item);
  } else if (json::is_object(item)) {
    auto members = json::members(item);
    std::string_view key = json::find(members, "_key");
    if (json::is_string(key)) return json::text_of(key);
    if (!key.empty()) return std::nullopt;
    text = json::text_of(json::find(members, "_id"));
  }
  auto slash = text.find('/');
  if (slash == std::string::npos) return text.empty() ? std::nullopt : std::optional(text);
  if (std::string_view(text).substr(0, slash) != collection) return std::nullopt;
  return text.substr(slash + 1);
}

}  // namespace

DocumentWriter::DocumentWriter(ClusterModel& model, std::string database, ModelCollection& collection,
                               WriteOptions const& options, bool is_single)
    : model_(model), database_(std::move(database)), collection_(collection), options_(options), is_single_(is_single) {
  auto key_options = collection.attributes.find("keyOptions");
  if (key_options != collection.attributes.end()) {
    allows_user_keys_ = json::find(key_options->second, "allowUserKeys") != "false";
  }
  is_sharded_by_key_ = is_sharded_by_key(collection);
  has_unique_indexes_ = std::any_of(collection.indexes.begin(), collection.indexes.end(),
                                    [](auto const& index) { return index.is_unique && index.type != "primary"; });
  if (collection.shards.empty()) {
    auto children = ClusterModel::children_in(*model.database_of(database_), collection);
    edges_ = std::make_unique<SmartEdgeWriter>(model, database_, std::move(children), options, is_single);
  }
}

DocumentWriter::DocumentWriter(DocumentWriter&&) noexcept = default;
DocumentWriter::~DocumentWriter() = default;

WriteResult DocumentWriter::insert(std::string_view item) {
  if (edges_ != nullptr) return edges_->insert(item);
  if (!json::is_object(item)) return failed(1227);
  auto body = json::members(item);
  std::string_view given = json::find(body, "_key");
  if (!given.empty() && !json::is_string(given)) return failed(1221);
  std::string key = given.empty() ? new_key() : json::text_of(given);
  if (!is_valid_key(key)) return failed(1221);
  if (!given.empty()) collection_.last_key = std::max(collection_.last_key, json::to_uint(key).value_or(0));
  if (!given.empty() && !options_.is_restore) {
    if (!allows_user_keys_) return failed(1222);
    if (!is_sharded_by_key_) return failed(1466);
  }
  bool lacks_end =
      collection_.type == 3 && (!is_document_id(json::find(body, "_from")) || !is_document_id(json::find(body, "_to")));
  std::size_t shard = shard_index(collection_, body, key);
  auto const& documents = *collection_.shards[shard].documents;
  auto existing = documents.find(key);
  bool is_patch = existing != documents.end() && options_.overwrite == Overwrite::Update;
  if (lacks_end && !is_patch) return failed(1233);
  if (existing == documents.end()) return store(shard, key, body, nullptr);
  if (options_.overwrite == Overwrite::Conflict) {
    WriteResult result = failed(1210, conflict_text("primary", "primary", {"_key"}, key));
    result.key = key;
    return result;
  }
  ModelDocumentPtr before = existing->second;
  return overwrite(shard, before, body);
}

WriteResult DocumentWriter::overwrite(std::size_t shard, ModelDocumentPtr const& before,
                                      std::vector<json::Member> const& body) {
  if (options_.overwrite == Overwrite::Ignore) {
    WriteResult result;
    result.key = before->key;
    result.revision = before->revision;
    return result;
  }
  if (options_.overwrite == Overwrite::Replace) return store(shard, before->key, body, before);
  json::Object patch;
  for (auto const& member : body) patch.raw(member.name, member.value);
  std::string text = merged(before->text, patch.take(), options_.keep_null, options_.merge_objects);
  auto members = json::members(text);
  set_revision(members, json::find(body, "_rev"));
  return store(shard, before->key, members, before);
}

WriteResult DocumentWriter::change(std::string_view item, std::string_view key, bool is_update) {
  if (!json::is_object(item)) return failed(1227);
  if (edges_ != nullptr) return edges_->change(item, key, is_update);
  auto named = key.empty() ? named_key(item, collection_.name) : std::optional(std::string(key));
  if (!named) return failed(1221);
  auto body = json::members(item);
  auto found = find(*named);
  if (!found) return failed(1202);
  if (auto mismatch = revision_mismatch(*found, json::find(body, "_rev"))) return *mismatch;
  std::string text;
  if (is_update) {
    text = merged(found->document->text, item, options_.keep_null, options_.merge_objects);
    body = json::members(text);
  }
  bool lacks_end =
      collection_.type == 3 && (!is_document_id(json::find(body, "_from")) || !is_document_id(json::find(body, "_to")));
  if (lacks_end) return failed(1233);
  bool moves = !is_sharded_by_key_ && shard_index(collection_, body, *named) != found->shard;
  if (moves && !options_.is_restore) return failed(1469);
  if (is_update) set_revision(body, json::find(item, "_rev"));
  return store(found->shard, *named, body, found->document);
}

WriteResult DocumentWriter::remove(std::string_view item, std::string_view key) {
  if (edges_ != nullptr) return edges_->remove(item, key);
  auto named = key.empty() ? named_key(item, collection_.name) : std::optional(std::string(key));
  auto found = named ? find(*named) : std::nullopt;
  if (!found) return failed(1202);
  std::string_view expected = json::is_object(item) ? json::find(item, "_rev") : std::string_view();
  if (auto mismatch = revision_mismatch(*found, expected)) return *mismatch;
  return erase(*found);
}

std::optional<WriteResult> DocumentWriter::revision_mismatch(Found const& found, std::string_view expected) const {
  bool is_other = !options_.if_match.empty() && options_.if_match != found.document->revision;
  bool compares_body = !options_.ignore_revs && json::is_string(expected);
  if (compares_body && json::text_of(expected) != found.document->revision) is_other = true;
  if (!is_other) return std::nullopt;
  WriteResult result = failed(1200);
  result.key = found.document->key;
  result.revision = found.document->revision;
  return result;
}

WriteResult DocumentWriter::store(std::size_t shard_number, std::string const& key,
                                  std::vector<json::Member> const& body, ModelDocumentPtr before) {
  ModelShard& shard = collection_.shards[shard_number];
  if (has_unique_indexes_) {
    if (auto conflict = unique_conflict(shard, key, body)) return *conflict;
  }
  auto document = std::make_shared<ModelDocument>();
  document->key = key;
  std::string_view kept = options_.is_restore ? json::find(body, "_rev") : std::string_view();
  auto id = json::is_string(kept) ? revision::from_text(json::text_of(kept)) : std::nullopt;
  document->revision_number = id ? id->value() : model_.next_revision();
  document->revision = id ? json::text_of(kept) : revision::to_text(revision::RevisionId(document->revision_number));
  std::string& text = document->text;
  text = "{\"_key\":";
  json::append_quoted(text, key);
  text += ",\"_id\":";
  json::append_quoted(text, visible_name(collection_) + "/" + key);
  text += ",\"_rev\":";
  json::append_quoted(text, document->revision);
  for (auto const& member : body) {
    if (is_system_member(member.name)) continue;
    text += ',';
    json::append_quoted(text, member.name);
    text += ':';
    json::append_compact(text, member.value);
  }
  text += '}';
  if (has_unique_indexes_) {
    if (before != nullptr) index_values(shard, *before, true);
    index_values(shard, *document, false);
  }
  writable(shard_number).insert_or_assign(key, document);
  keep(shard_number, {document, false});
  WriteResult result;
  result.key = key;
  result.revision = document->revision;
  if (before != nullptr) result.old_revision = before->revision;
  result.now = std::move(document);
  result.before = std::move(before);
  return result;
}

WriteResult DocumentWriter::erase(Found const& found) {
  ModelShard& shard = collection_.shards[found.shard];
  if (has_unique_indexes_) index_values(shard, *found.document, true);
  writable(found.shard).erase(found.document->key);
  keep(found.shard, {found.document, true});
  WriteResult result;
  result.key = found.document->key;
  result.revision = found.document->revision;
  result.old_revision = found.document->revision;
  result.before = found.document;
  return result;
}

std::optional<DocumentWriter::Found> DocumentWriter::find(std::string_view key) const {
  if (is_sharded_by_key_) {
    std::size_t shard = shard_index(collection_, {}, key);
    auto const& documents = *collection_.shards[shard].documents;
    auto found = documents.find(key);
    if (found == documents.end()) return std::nullopt;
    return Found{shard, found->second};
  }
  for (std::size_t shard = 0; shard < collection_.shards.size(); ++shard) {
    auto const& documents = *collection_.shards[shard].documents;
    auto found = documents.find(key);
    if (found != documents.end()) return Found{shard, found->second};
  }
  return std::nullopt;
}

std::string DocumentWriter::new_key() {
  auto stored = collection_.attributes.find("keyOptions");
  auto options = stored == collection_.attributes.end() ? std::vector<json::Member>() : json::members(stored->second);
  std::string type = json::text_of(json::find(options, "type"));
  if (type == "autoincrement") {
    std::uint64_t offset = json::to_uint(json::find(options, "offset")).value_or(0);
    std::uint64_t step = std::max<std::uint64_t>(1, json::to_uint(json::find(options, "increment")).value_or(1));
    std::uint64_t& last = collection_.last_key;
    last = last < offset ? offset : offset + step * ((last - offset) / step + 1);
    return std::to_string(last);
  }
  if (type == "padded" || type == "uuid") {
    std::uint64_t revision = model_.next_revision();
    std::uint64_t mixed = fnv1a_64(std::to_string(revision));
    char text[48];
    if (type == "padded")
      std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(revision));
    else
      std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(mixed >> 32),
                    static_cast<unsigned>(mixed >> 16 & 0xffff), static_cast<unsigned>(mixed & 0xfff),
                    static_cast<unsigned>(revision & 0xfff), static_cast<unsigned long long>(revision >> 16));
    return text;
  }
  return std::to_string(model_.next_id());
}

ModelDocuments& DocumentWriter::writable(std::size_t shard) {
  auto& documents = collection_.shards[shard].documents;
  if (documents.use_count() > 1) documents = std::make_shared<ModelDocuments>(*documents);
  return *documents;
}

void DocumentWriter::keep(std::size_t shard, LoggedChange change) { changes_[shard].push_back(std::move(change)); }

void DocumentWriter::commit() {
  if (edges_ != nullptr) edges_->commit();
  for (auto& [shard, changes] : changes_) {
    model_.log_documents(database_, collection_, collection_.shards[shard], std::move(changes), is_single_);
  }
  changes_.clear();
}

std::optional<WriteResult> DocumentWriter::unique_conflict(ModelShard const& shard, std::string const& key,
                                                           std::vector<json::Member> const& body) const {
  for (auto const& index : collection_.indexes) {
    if (!index.is_unique || index.type == "primary") continue;
    auto values = indexed_values(index, body);
    auto held = shard.unique_values.find(index.id);
    if (!values || held == shard.unique_values.end()) continue;
    auto other = held->second.find(*values);
    if (other == held->second.end() || other->second == key) continue;
    return failed(1210, conflict_text(index.name, index.type, index.fields, other->second));
  }
  return std::nullopt;
}

void DocumentWriter::index_values(ModelShard& shard, ModelDocument const& document, bool is_removal) const {
  auto members = json::members(document.text);
  for (auto const& index : collection_.indexes) {
    if (!index.is_unique || index.type == "primary") continue;
    auto values = indexed_values(index, members);
    if (!values) continue;
    if (is_removal)
      shard.unique_values[index.id].erase(*values);
    else
      shard.unique_values[index.id][*values] = document.key;
  }
}

// ---- pure parts ----

bool is_valid_key(std::string_view key) {
  constexpr std::string_view others = "_-.@()+,=;$!*'%:";
  return !key.empty() && key.size() <= 254 && std::all_of(key.begin(), key.end(), [&](char c) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_plain || others.find(c) != std::string_view::npos;
  });
}

std::string merged(std::string_view object, std::string_view patch, bool keep_null, bool merge_objects) {
  auto changes = json::members(patch);
  json::Object out;
  for (auto const& member : json::members(object)) {
    std::string_view change = json::find(changes, member.name);
    if (change.empty()) {
      out.raw(member.name, member.value);
    } else if (merge_objects && json::is_object(change) && json::is_object(member.value)) {
      out.raw(member.name, merged(member.value, change, keep_null, merge_objects));
    } else if (keep_null || !json::is_null(change)) {
      out.raw(member.name, change);
    }
  }
  auto before = json::members(object);
  for (auto const& change : changes) {
    bool is_new = json::find(before, change.name).empty();
    if (is_new && (keep_null || !json::is_null(change.value))) out.raw(change.name, change.value);
  }
  return out.take();
}

std::optional<std::string> indexed_values(ModelIndex const& index, std::vector<json::Member> const& document) {
  std::string values;
  for (auto const& field : index.fields) {
    auto dot = field.find('.');
    std::string_view value = json::find(document, std::string_view(field).substr(0, dot));
    while (dot != std::string::npos && !value.empty()) {
      auto next = field.find('.', dot + 1);
      value = json::find(value, std::string_view(field).substr(dot + 1, next - dot - 1));
      dot = next;
    }
    bool is_absent = value.empty() || json::is_null(value);
    if (is_absent && index.is_sparse) return std::nullopt;
    values += is_absent ? "null" : json::is_string(value) ? json::quote(json::text_of(value)) : json::compact(value);
    values += ',';
  }
  return values;
}

ModelResult<Done> fill_unique_index(ModelCollection& collection, ModelIndex const& index) {
  if (!index.is_unique) return Done{};
  for (auto& shard : collection.shards) {
    std::map<std::string, std::string> values;
    for (auto const& [key, document] : *shard.documents) {
      auto value = indexed_values(index, json::members(document->text));
      if (!value) continue;
      auto [entry, is_new] = values.emplace(*value, key);
      if (is_new) continue;
      for (auto& each : collection.shards) each.unique_values.erase(index.id);
      return unexpected(model_error(1210, conflict_text(index.name, index.type, index.fields, entry->second)));
    }
    shard.unique_values[index.id] = std::move(values);
  }
  return Done{};
}

bool is_sharded_by_key(ModelCollection const& collection) {
  if (collection.shard_keys.size() != 1) return false;
  auto const& name = collection.shard_keys.front();
  return name == "_key" || name == "_key:" || name == ":_key";
}

std::size_t shard_index(ModelCollection const& collection, std::vector<json::Member> const& document,
                        std::string_view key) {
  if (collection.shards.size() == 1) return 0;
  std::string values;
  for (auto const& name : collection.shard_keys) {
    // The prefix and suffix forms of smart collections take the part before or after the colon.
    bool is_prefix = name.size() > 1 && name.ends_with(':');
    bool is_suffix = name.size() > 1 && name.starts_with(':');
    std::string plain = is_prefix ? name.substr(0, name.size() - 1) : is_suffix ? name.substr(1) : name;
    std::string_view value = json::find(document, plain);
    std::string text = plain == "_key" && !key.empty() ? std::string(key)
                       : json::is_string(value)        ? json::text_of(value)
                       : value.empty()                 ? "null"
                                                       : json::compact(value);
    if (is_prefix) text = text.substr(0, text.find(':'));
    if (is_suffix) text = text.substr(text.rfind(':') + 1);
    values += text;
    values += '\n';
  }
  std::uint64_t hash = fnv1a_64(values);
  return static_cast<std::size_t>((hash ^ (hash >> 32)) % collection.shards.size());
}

// ---- what the model offers ----

std::size_t ClusterModel::shard_of(ModelCollection const& collection, std::string_view document) const {
  auto members = json::members(document);
  return shard_index(collection, members, json::text_of(json::find(members, "_key")));
}

ModelDocumentPtr ClusterModel::find_document(ModelCollection const& collection, std::string_view key) const {
  if (collection.shards.empty()) {
    ModelDatabase const* holder = holder_of(collection);
    auto const* child = holder == nullptr
                            ? nullptr
                            : collection_of(*holder, (is_local_edge(key) ? "_local_" : "_from_") + collection.name);
    return child == nullptr ? nullptr : find_document(*child, key);
  }
  bool is_by_key = is_sharded_by_key(collection);
  std::size_t first = is_by_key ? shard_index(collection, {}, key) : 0;
  std::size_t last = is_by_key ? first + 1 : collection.shards.size();
  for (std::size_t shard = first; shard < last; ++shard) {
    auto const& documents = *collection.shards[shard].documents;
    auto found = documents.find(key);
    if (found != documents.end()) return found->second;
  }
  return nullptr;
}

}  // namespace arangosync::sim
