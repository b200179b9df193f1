#include "adapters/cluster/connection.h"

#include "adapters/cluster/calls.h"
#include "domain/base/check.h"

#include <utility>

namespace arangosync::cluster {

Connection::Connection(http::Io& io, http::Client& client, ports::Clock& clock, ports::Telemetry& telemetry,
                       Options options)
    : clock_(clock),
      telemetry_(telemetry),
      options_(std::move(options)),
      credentials_(clock, options_.jwt_secret, options_.caller),
      scope_(io, client) {
  DC_ASSERT(!options_.coordinators.empty());
}

Connection::~Connection() = default;

void Connection::check(std::function<void(Outcome<ClusterFacts>)> answer) {
  scope_.start([this] { return look_at_cluster(scope_, *this); }, std::move(answer));
}

void Connection::agents(std::function<void(std::vector<http::Endpoint>)> answer) {
  scope_.start([this] { return refresh_members(scope_, *this); },
               [this, answer = std::move(answer)](Outcome<Members> const&) { answer(known_agents()); });
}

http::Endpoint Connection::coordinator() const {
  std::lock_guard lock(mutex_);
  return options_.coordinators[preferred_];
}

void Connection::coordinator_failed(http::Endpoint const& failed) {
  std::lock_guard lock(mutex_);
  if (options_.coordinators[preferred_] == failed) preferred_ = (preferred_ + 1) % options_.coordinators.size();
}

std::optional<http::Endpoint> Connection::db_server(ServerId const& server) const {
  std::lock_guard lock(mutex_);
  auto const found = members_.db_servers.find(server);
  if (found == members_.db_servers.end()) return std::nullopt;
  return found->second;
}

bool Connection::is_verified(ServerId const& server) const {
  std::lock_guard lock(mutex_);
  return verified_.contains(server);
}

void Connection::verified(ServerId const& server) {
  std::lock_guard lock(mutex_);
  verified_.insert(server);
}

void Connection::db_server_failed(ServerId const& server) {
  std::lock_guard lock(mutex_);
  verified_.erase(server);
  members_.db_servers.erase(server);
}

void Connection::members(Members members) {
  std::lock_guard lock(mutex_);
  members_ = std::move(members);
}

std::vector<http::Endpoint> Connection::known_agents() const {
  std::lock_guard lock(mutex_);
  return members_.agents;
}

}  // namespace arangosync::cluster
