#include "adapters/cluster/health_answer.h"

#include "adapters/cluster/json_value.h"

#include <algorithm>
#include <cctype>

namespace arangosync::cluster {
namespace {

constexpr std::uint16_t arangodb_port = 8529;

// The manual prints role names in capitals, servers do not.
std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

}  // namespace

std::optional<Members> parse_health(std::string_view body) {
  auto const report = parse_json(body);
  if (!report) return std::nullopt;
  auto const* health = member(*report, "Health");
  if (health == nullptr || !health->is_object()) return std::nullopt;
  Members members;
  members.cluster = string_of(*report, "ClusterId").value_or("");
  for (auto const& [id, server] : health->get_object()) {
    auto const role = string_of(server, "Role");
    auto const address = string_of(server, "Endpoint");
    if (!role || !address) continue;
    auto const endpoint = http::parse_endpoint(*address, arangodb_port);
    if (!endpoint) continue;
    auto const kind = lower_case(*role);
    if (kind == "dbserver") {
      members.db_servers.emplace(ServerId(std::string(id.data(), id.size())), *endpoint);
      if (auto engine = string_of(server, "Engine"); engine && !engine->empty()) members.engines.insert(*engine);
    }
    if (kind == "agent") members.agents.push_back(*endpoint);
    if (kind == "coordinator") members.coordinators.push_back(*endpoint);
  }
  std::sort(members.agents.begin(), members.agents.end());
  std::sort(members.coordinators.begin(), members.coordinators.end());
  return members;
}

}  // namespace arangosync::cluster
