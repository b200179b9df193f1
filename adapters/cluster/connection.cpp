#include "adapters/cluster/connection.h"

#include "adapters/cluster/calls.h"
#include "domain/base/check.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration short_queue = std::chrono::milliseconds(500);
constexpr Duration breather_max = std::chrono::seconds(5);
constexpr Duration told_long_ago = std::chrono::seconds(10);

}  // namespace

Connection::Connection(http::Io& io, http::Client& client, ports::Clock& clock, ports::Telemetry& telemetry,
                       Options options)
    : clock_(clock),
      telemetry_(telemetry),
      options_(std::move(options)),
      credentials_(clock, options_.jwt_secrets, options_.caller),
      coordinators_(options_.coordinators),
      scope_(io, client) {
  DC_ASSERT(!coordinators_.empty());
}

Connection::~Connection() = default;

std::string foreign(std::string const& cluster) {
  return "another cluster (" + cluster +
         ") answers at the endpoints of this one: its structure is not taken; if it is meant, restart masters and "
         "workers";
}

void Connection::check(std::function<void(Outcome<ClusterFacts>)> answer) {
  scope_.start([this] { return look_at_cluster(scope_, *this); }, std::move(answer));
}

void Connection::agents(std::function<void(std::vector<http::Endpoint>)> answer) {
  scope_.start([this] { return refresh_members(scope_, *this); },
               [this, answer = std::move(answer)](Outcome<Members> const&) { answer(known_agents()); });
}

bool Connection::refused(std::string_view authorization, std::size_t times) {
  if (credentials_.refused(authorization, times)) return true;
  options_.all_refused();
  return false;
}

std::size_t Connection::coordinators() const {
  std::lock_guard lock(mutex_);
  return coordinators_.size();
}

http::Endpoint Connection::coordinator() const {
  std::lock_guard lock(mutex_);
  return coordinators_[preferred_];
}

void Connection::coordinator_failed(http::Endpoint const& failed) {
  std::lock_guard lock(mutex_);
  if (!failing_since_) failing_since_ = clock_.now();
  if (coordinators_[preferred_] == failed) preferred_ = (preferred_ + 1) % coordinators_.size();
}

void Connection::coordinator_answered() {
  std::lock_guard lock(mutex_);
  failing_since_.reset();
}

bool Connection::is_unreachable_for(Duration duration) const {
  std::lock_guard lock(mutex_);
  return failing_since_ && clock_.now() - *failing_since_ >= duration;
}

bool Connection::replace_coordinators(std::vector<http::Endpoint> coordinators) {
  DC_ASSERT(!coordinators.empty());
  std::lock_guard lock(mutex_);
  if (coordinators == coordinators_) return false;
  coordinators_ = std::move(coordinators);
  preferred_ = 0;
  failing_since_.reset();
  return true;
}

void Connection::queue_told(std::string_view seconds) {
  double value = 0;
  auto const [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  if (error != std::errc() || !(value >= 0) || value > 1e6) return;
  std::lock_guard lock(mutex_);
  queue_ = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
  queue_told_at_ = clock_.now();
}

Duration Connection::breather() const {
  std::lock_guard lock(mutex_);
  bool const is_short = queue_ < short_queue || clock_.now() - queue_told_at_ > told_long_ago;
  return is_short ? Duration{0} : std::min(queue_, breather_max);
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

bool Connection::members(Members members) {
  std::lock_guard lock(mutex_);
  if (cluster_.empty()) cluster_ = members.cluster;
  if (!members.cluster.empty() && members.cluster != cluster_) {
    if (members.cluster != stranger_) telemetry_.log(ports::LogLevel::Error, "cluster", foreign(members.cluster));
    stranger_ = members.cluster;
    return false;
  }
  stranger_.clear();
  std::erase_if(verified_, [&](ServerId const& server) {
    auto const now = members.db_servers.find(server);
    auto const before = members_.db_servers.find(server);
    bool const is_where_it_was =
        now != members.db_servers.end() && before != members_.db_servers.end() && now->second == before->second;
    return !is_where_it_was;
  });
  members_ = std::move(members);
  return true;
}

bool Connection::meets_stranger() const {
  std::lock_guard lock(mutex_);
  return !stranger_.empty();
}

std::vector<http::Endpoint> Connection::known_agents() const {
  std::lock_guard lock(mutex_);
  return members_.agents;
}

}  // namespace arangosync::cluster
