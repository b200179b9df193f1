#include "adapters/agency/plan_answer.h"

#include "adapters/agency/nested_json.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace arangosync::agency {

namespace bj = boost::json;

namespace {

constexpr char const* version_path = "/arango/Plan/Version";
constexpr char const* read_only_path = "/arango/Readonly";
constexpr char const* collections_path = "/arango/Plan/Collections";
constexpr char const* health_path = "/arango/Supervision/Health";

std::string_view view(bj::string_view text) { return {text.data(), text.size()}; }

bj::value const* member(bj::value const* in, std::string_view name) {
  if (in == nullptr || !in->is_object()) return nullptr;
  return in->get_object().if_contains(bj::string_view(name.data(), name.size()));
}

bj::object const& object_of(bj::value const* value) {
  static bj::object const none;
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

std::string text_of(bj::value const* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// "tcp://10.0.0.1:8530", "ssl://[::1]:8530" → the name or address in it.
std::string host_in(std::string const& endpoint) {
  std::size_t const scheme = endpoint.find("://");
  if (scheme == std::string::npos) return "";
  std::string const authority = endpoint.substr(scheme + 3);
  if (!authority.empty() && authority.front() == '[') return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

/// Shards are numbered in the numeric order of their names, the same on both sides (spec arangosync-agency 4).
bool comes_first(std::string const& a, std::string const& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); }

void read_collection(DatabaseName const& database, bj::value const& collection, task::Landscape& landscape) {
  std::string const name = text_of(member(&collection, "name"));
  std::vector<std::pair<std::string, ServerId>> shards;
  for (auto const& [shard, servers] : object_of(member(&collection, "shards"))) {
    ServerId leader;
    bool const has_leader = servers.is_array() && !servers.get_array().empty();
    if (has_leader) leader = ServerId(text_of(&servers.get_array().front()));
    shards.emplace_back(view(shard), std::move(leader));
  }
  if (name.empty()) return;
  std::sort(shards.begin(), shards.end(), [](auto const& a, auto const& b) { return comes_first(a.first, b.first); });
  for (std::size_t index = 0; index < shards.size(); ++index) {
    // A leader that has resigned is written with an underscore in front; the next one is not known yet.
    std::string const& leader = shards[index].second.value();
    if (leader.empty() || leader.front() == '_') continue;
    ShardRef const shard{database, CollectionName(name), static_cast<std::uint32_t>(index)};
    landscape.leaders[shard] = shards[index].second;
  }
}

Outcome<bj::value> parsed(std::string const& answer) {
  auto root = parse_nested(answer);
  if (!root) return unexpected(Fault{FaultClass::Retry, "the agency's answer is no JSON"});
  return std::move(*root);
}

}  // namespace

std::vector<std::string> look_paths() { return {version_path, read_only_path}; }
std::vector<std::string> landscape_paths() { return {collections_path, health_path}; }

Outcome<Look> read_look(std::string const& answer) {
  auto const root = parsed(answer);
  if (!root) return unexpected(root.error());
  bj::value const* const arango = member(&*root, "arango");
  bj::value const* const read_only = member(arango, "Readonly");
  bool const is_read_only = read_only != nullptr && read_only->is_bool() && read_only->get_bool();
  bj::value const* const version = member(member(arango, "Plan"), "Version");
  if (version != nullptr && version->is_uint64()) return Look{version->get_uint64(), is_read_only};
  if (version != nullptr && version->is_int64() && version->get_int64() >= 0) {
    return Look{static_cast<std::uint64_t>(version->get_int64()), is_read_only};
  }
  return unexpected(Fault{FaultClass::Retry, "the agency holds no version of the plan"});
}

Outcome<task::Landscape> read_landscape(std::string const& answer) {
  auto const root = parsed(answer);
  if (!root) return unexpected(root.error());
  task::Landscape landscape;
  bj::value const* const arango = member(&*root, "arango");
  for (auto const& [database, collections] : object_of(member(member(arango, "Plan"), "Collections"))) {
    for (auto const& [id, collection] : object_of(&collections)) {
      read_collection(DatabaseName(std::string(view(database))), collection, landscape);
    }
  }
  for (auto const& [server, health] : object_of(member(member(arango, "Supervision"), "Health"))) {
    task::HostNames names;
    for (std::string const& name : {host_in(text_of(member(&health, "Endpoint"))), text_of(member(&health, "Host"))}) {
      bool const is_new = !name.empty() && std::find(names.begin(), names.end(), name) == names.end();
      if (is_new) names.push_back(name);
    }
    if (!names.empty()) landscape.hosts[ServerId(std::string(view(server)))] = std::move(names);
  }
  return landscape;
}

}  // namespace arangosync::agency
