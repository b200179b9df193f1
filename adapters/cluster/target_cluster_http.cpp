#include "adapters/cluster/target_cluster_http.h"

#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/pulses.h"
#include "adapters/cluster/shard_writer.h"
#include "adapters/cluster/steps.h"
#include "adapters/cluster/structure_reader.h"
#include "adapters/cluster/tree_comparisons.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace arangosync::cluster {
namespace {

http::Task<Outcome<worker::TargetStructure>> read_target(http::Scope& scope, Connection& connection,
                                                         TargetRules rules) {
  auto structure = co_await read_structure(scope, connection);
  if (!structure) co_return unexpected(structure.error());
  auto origins = co_await read_origins(scope, connection);
  if (!origins) co_return unexpected(origins.error());
  // An origin outlives its collection when somebody else dropped that; it says nothing then.
  std::erase_if(*origins, [&](auto const& origin) {
    return inventory::find(*structure, origin.first.first, origin.first.second) == nullptr;
  });
  // Nobody can hold more copies than there are DB-Servers; unknown is not none.
  inventory::CopyLimits limits{rules.least_copies, rules.most_copies};
  auto const members = co_await refresh_members(scope, connection);
  if (!members && connection.meets_stranger()) co_return unexpected(members.error());
  if (members && !members->db_servers.empty()) {
    limits.most = std::min(limits.most, static_cast<std::uint32_t>(members->db_servers.size()));
    limits.least = std::min(limits.least, limits.most);
  }
  co_return worker::TargetStructure{std::move(*structure), std::move(*origins), limits};
}

}  // namespace

struct TargetClusterHttp::Impl {
  Impl(http::Io& io, http::Client& client, Connection& connection_in, ports::Inbox<worker::Command>& inbox_in,
       TargetRules rules_in)
      : connection(connection_in),
        inbox(inbox_in),
        rules(rules_in),
        scope(io, client),
        writer(scope, connection, rules_in.keeps_root),
        comparisons(scope, connection) {}
  ~Impl() { scope.close(); }

  Connection& connection;
  ports::Inbox<worker::Command>& inbox;
  TargetRules const rules;
  http::Scope scope;
  ShardWriter writer;
  TreeComparisons comparisons;
  std::atomic<bool> beat_missed{false};  // the last one had no answer
};

TargetClusterHttp::TargetClusterHttp(http::Io& io, http::Client& client, Connection& connection,
                                     ports::Inbox<worker::Command>& inbox, TargetRules rules)
    : impl_(std::make_unique<Impl>(io, client, connection, inbox, rules)) {}

TargetClusterHttp::~TargetClusterHttp() = default;

void TargetClusterHttp::perform(worker::ReadTargetStructure const& effect) {
  auto* self = impl_.get();
  self->scope.start([self] { return read_target(self->scope, self->connection, self->rules); },
                    [self, request = effect.request](Outcome<worker::TargetStructure> outcome) {
                      self->inbox.post(worker::TargetStructureRead{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::ApplyStep const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return apply_step(self->scope, self->connection, effect.step, effect.deadline); },
                    [self, request = effect.request](Outcome<Done> outcome) {
                      self->inbox.post(worker::StepApplied{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::ReadPosition const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, shard = effect.shard] { return read_target_shard(self->scope, self->connection, shard); },
                    [self, request = effect.request](Outcome<worker::TargetShard> outcome) {
                      self->inbox.post(worker::PositionRead{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::StorePositions const& effect) {
  auto* self = impl_.get();
  self->scope.start(
      [self, effect] {
        return store_positions(self->scope, self->connection, effect.positions, effect.stamp, effect.deadline);
      },
      [self, request = effect.request](Outcome<Done> outcome) {
        self->inbox.post(worker::PositionsStored{request, std::move(outcome)});
      });
}

void TargetClusterHttp::perform(worker::Beat const& effect) {
  auto* self = impl_.get();
  // A Coordinator that hangs must not make a gap between beats, after which all is read again (0033): the next attempt
  // asks another one, if there is one, and gives it time, as all of them may be slow.
  bool const is_hasty = self->connection.coordinators() > 1 && !self->beat_missed;
  Duration const patience = is_hasty ? std::chrono::seconds(5) : std::chrono::seconds(60);
  self->scope.start([self, effect, patience] { return count_up(self->scope, self->connection, effect, patience); },
                    [self, request = effect.request](Outcome<worker::PulseFound> outcome) {
                      self->beat_missed = !outcome.has_value();
                      self->inbox.post(worker::BeatAnswered{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::CompareTree const& effect) {
  auto* self = impl_.get();
  self->comparisons.begin(effect.comparison);
  self->scope.start([self, effect] { return self->comparisons.compare(effect); },
                    [self, request = effect.request](Outcome<worker::Comparison> outcome) {
                      self->inbox.post(worker::TreeCompared{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::ApplyBatch const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->writer.apply(effect); },
                    [self, request = effect.request](Outcome<worker::ApplyReport> outcome) {
                      self->inbox.post(worker::BatchApplied{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::RemoveSurplus const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->writer.remove_surplus(effect); },
                    [self, request = effect.request](Outcome<std::uint64_t> outcome) {
                      self->inbox.post(worker::SurplusRemoved{request, std::move(outcome)});
                    });
}

void TargetClusterHttp::perform(worker::ForgetCopy const& effect) {
  impl_->writer.forget(effect.copy);
  impl_->comparisons.forget(effect.copy);
}

}  // namespace arangosync::cluster
