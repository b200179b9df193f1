// A sandbox cluster, the adapters over real sockets to it, and the inbox their answers come to.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/cluster/source_cluster_http.h"
#include "adapters/cluster/target_cluster_http.h"
#include "app/sandbox/sandbox.h"
#include "tests/adapters/cluster/fixture.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace arangosync::cluster {

using namespace std::chrono_literals;

class SteadyClock final : public ports::Clock {
public:
  Instant now() override { return Instant(std::chrono::steady_clock::now().time_since_epoch() + skipped.load()); }
  WallTime wall_now() override { return WallTime(std::chrono::system_clock::now().time_since_epoch()); }
  std::atomic<Duration> skipped{Duration{0}};
};

/// Keeps what was said about routes, else silent.
class Silence final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view component, std::string_view text) override {
    std::lock_guard lock(mutex_);
    if (component == "cluster.route") routes_.emplace_back(text);
  }
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
  std::vector<std::string> routes() {
    std::lock_guard lock(mutex_);
    return routes_;
  }

private:
  std::mutex mutex_;
  std::vector<std::string> routes_;
};

/// Keeps the answers by the number of their request.
class Answers final : public ports::Inbox<worker::Command> {
public:
  void post(worker::Command command) override {
    std::lock_guard lock(mutex_);
    std::visit(
        [&](auto const& some) {
          if constexpr (requires { some.request; }) found_.insert_or_assign(some.request, command);
        },
        command);
    arrived_.notify_all();
  }

  bool empty() {
    std::lock_guard lock(mutex_);
    return found_.empty();
  }

  template <class Answer>
  auto wait(RequestId request) {
    std::unique_lock lock(mutex_);
    bool const came = arrived_.wait_for(lock, 30s, [&] { return found_.contains(request); });
    if (!came) throw std::runtime_error("no answer to request " + std::to_string(request.value()));
    auto outcome = std::get<Answer>(found_.at(request)).outcome;
    found_.erase(request);
    return outcome;
  }

private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<RequestId, worker::Command> found_;
};

inline std::string const secret = "a secret of the cluster";

inline std::unique_ptr<sandbox::Sandbox> start_sandbox(std::uint64_t seed, sandbox::Options options) {
  options.jwt_secret = secret;
  options.seed = seed;
  options.coordinators = 2;
  auto started = sandbox::Sandbox::start(options);
  if (!started) throw std::runtime_error(started.error());
  return std::move(*started);
}

inline std::vector<http::Endpoint> endpoints(std::vector<std::string> const& urls) {
  std::vector<http::Endpoint> result;
  for (auto const& url : urls) result.push_back(http::parse_endpoint(url, 1).value());
  return result;
}

struct Stage {
  explicit Stage(std::uint64_t seed = 1, sandbox::Options options = {}, RouteRule rule_in = RouteRule::Auto)
      : sandbox(start_sandbox(seed, std::move(options))), rule(rule_in) {}

  std::unique_ptr<sandbox::Sandbox> sandbox;
  http::Io io{2};
  http::Client client{io, http::ClientTls{}};
  SteadyClock clock;
  Silence telemetry;
  Connection connection{io, client, clock, telemetry, {endpoints(sandbox->coordinators()), {secret}, "test"}};
  Answers answers;
  RouteRule rule = RouteRule::Auto;
  SourceClusterHttp source{io, client, connection, answers, rule};
  TargetClusterHttp target{io, client, connection, answers};
  std::uint64_t last_request = 0;

  RequestId next() { return RequestId(++last_request); }
  Instant soon() { return clock.now() + 20s; }

  // ---- the cluster itself, behind the adapters' backs
  // ----------------------------------------------------------------
  void create(std::string const& name, int shards = 1, std::string const& more = "",
              std::string const& in = "_system") {
    sandbox->with_model([&](sim::ClusterModel& model) {
      auto const body = R"({"name":")" + name + R"(","numberOfShards":)" + std::to_string(shards) + more + "}";
      ASSERT_TRUE(model.create_collection(in, body).has_value()) << name;
    });
  }
  void insert(std::string const& collection, std::vector<std::string> const& documents,
              std::string const& in = "_system") {
    sandbox->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.overwrite = sim::Overwrite::Replace;
      std::vector<std::string_view> const items(documents.begin(), documents.end());
      ASSERT_TRUE(model.insert(in, collection, items, options).has_value());
    });
  }
  void remove(std::string const& collection, std::string const& key) {
    sandbox->with_model([&](sim::ClusterModel& model) {
      static_cast<void>(model.remove_one("_system", collection, key, sim::WriteOptions{}));
    });
  }
  /// Texts without `_id`, by key, of one shard or of all.
  std::map<std::string, std::string> documents(std::string const& collection, std::optional<std::size_t> only = {},
                                               std::string const& in = "_system") {
    std::map<std::string, std::string> result;
    sandbox->with_model([&](sim::ClusterModel& model) {
      auto const* found = model.find_collection(in, collection);
      ASSERT_NE(found, nullptr) << collection;
      for (std::size_t index = 0; index < found->shards.size(); ++index) {
        if (only && *only != index) continue;
        for (auto const& [key, document] : *found->shards[index].documents) result[key] = document->text;
      }
    });
    return result;
  }
  inventory::Shard shard(std::string const& collection, std::size_t index, std::string const& in = "_system") {
    inventory::Shard result;
    sandbox->with_model([&](sim::ClusterModel& model) {
      auto const& found = model.find_collection(in, collection)->shards.at(index);
      result.name = ShardName(found.name);
      for (auto const& server : found.servers) result.servers.emplace_back(server);
    });
    return result;
  }

  // ---- effects and their answers
  // --------------------------------------------------------------------------------------
  Outcome<inventory::Structure> structure() {
    auto const request = next();
    source.perform(worker::ReadStructure{request});
    return answers.wait<worker::StructureRead>(request);
  }
  Outcome<worker::TargetStructure> target_structure() {
    auto const request = next();
    target.perform(worker::ReadTargetStructure{request});
    return answers.wait<worker::TargetStructureRead>(request);
  }
  Outcome<Done> apply(inventory::Step step) {
    auto const request = next();
    target.perform(worker::ApplyStep{request, std::move(step), soon()});
    return answers.wait<worker::StepApplied>(request);
  }
  Outcome<worker::ApplyReport> apply(ShardRef const& to, shard::Payload changes,
                                     std::optional<worker::CopyId> copy = {}, bool of_log = false) {
    auto const request = next();
    target.perform(worker::ApplyBatch{request, to, {std::move(changes)}, copy, soon(), of_log});
    return answers.wait<worker::BatchApplied>(request);
  }
  Outcome<std::uint64_t> remove_surplus(ShardRef const& of, worker::CopyId copy) {
    auto const request = next();
    target.perform(worker::RemoveSurplus{request, of, copy, soon()});
    return answers.wait<worker::SurplusRemoved>(request);
  }
  Outcome<Done> store(std::vector<worker::StoredPosition> positions, worker::Stamp stamp) {
    auto const request = next();
    target.perform(worker::StorePositions{request, std::move(positions), stamp, soon()});
    return answers.wait<worker::PositionsStored>(request);
  }
  Outcome<worker::PulseFound> beat(worker::Stamp stamp, std::optional<WallTime> forget_before = {},
                                   std::optional<WallTime> at = {}) {
    auto const request = next();
    target.perform(worker::Beat{request, stamp, at.value_or(clock.wall_now()), forget_before, soon()});
    return answers.wait<worker::BeatAnswered>(request);
  }
  Outcome<worker::TargetShard> target_shard(ShardRef const& of) {
    auto const request = next();
    target.perform(worker::ReadPosition{request, of});
    return answers.wait<worker::PositionRead>(request);
  }
  Outcome<worker::Snapshot> open_snapshot(inventory::Shard const& of, worker::SyncerId syncer, bool tree = false) {
    auto const request = next();
    source.perform(worker::OpenSnapshot{request, of.servers.front(), DatabaseName("_system"), of.name, syncer, tree});
    return answers.wait<worker::SnapshotOpened>(request);
  }
  Outcome<worker::DifferenceChunk> read_difference(worker::SnapshotId const& id, ShardName const& of, Blob part,
                                                   revision::RevisionId from, std::size_t bytes) {
    auto const request = next();
    source.perform(worker::ReadDifference{request, id, of, std::move(part), from, bytes});
    return answers.wait<worker::DifferenceRead>(request);
  }
  Outcome<worker::Comparison> compare(ShardRef const& of, worker::CopyId comparison, Blob tree,
                                      revision::RevisionId from, std::size_t bytes) {
    auto const request = next();
    target.perform(worker::CompareTree{request, of, comparison, std::move(tree), from, bytes});
    return answers.wait<worker::TreeCompared>(request);
  }
  Outcome<worker::SnapshotChunk> read_snapshot(worker::SnapshotId const& id, ShardName const& of, std::uint64_t chunk,
                                               std::size_t bytes) {
    auto const request = next();
    source.perform(worker::ReadSnapshot{request, id, of, chunk, bytes});
    return answers.wait<worker::SnapshotRead>(request);
  }
  Outcome<Done> close_snapshot(worker::Snapshot const& snapshot, worker::SyncerId syncer) {
    auto const request = next();
    source.perform(worker::CloseSnapshot{request, snapshot.id, syncer, snapshot.tick});
    return answers.wait<worker::SnapshotClosed>(request);
  }
  Outcome<worker::LogChunk> read_log(worker::ReadLog effect) {
    effect.request = next();
    source.perform(effect);
    return answers.wait<worker::LogRead>(effect.request);
  }
};

inline shard::Payload payload(std::vector<codec::Change> const& changes) {
  codec::ChangesBuilder builder;
  for (auto const& change : changes) builder.add(change);
  return builder.finish();
}
inline ShardRef in_system(std::string const& collection, std::uint32_t index = 0) {
  return {DatabaseName("_system"), CollectionName(collection), index};
}

}  // namespace arangosync::cluster
