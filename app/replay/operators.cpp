#include "app/replay/operators.h"

#include "app/replay/violation.h"
#include "domain/sync/endpoints.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

constexpr Duration look_every = 3s;
constexpr Duration barrier_look_every = 500ms;
constexpr Duration barrier_begin_every = 10s;  // again: whoever waits has to say so
constexpr Duration stop_timeout = 2min;        // of `stop sync`
constexpr Duration patience = 60s;             // then a stop is forced
constexpr Duration tell_source_max = 30s;      // of a forced stop
constexpr Duration renew_every = 10s;          // of clones

bool is_all_in_sync(master::StatusView const& status) {
  return status.barrier && status.barrier->source_read_only && status.barrier->not_in_sync == 0;
}

/// Both can know by now that one receives from the other, directly or not.
bool is_fed_by(Site& target, Site& origin) {
  MasterHost* const at_target = target.leader();
  MasterHost* const at_origin = origin.leader();
  if (at_target == nullptr || at_origin == nullptr) return false;
  auto const lineage = master::lineage(at_target->state());
  sync::State const& sync = at_origin->state().office->sync;
  // Who has never received has no id and is known by its targets.
  return std::any_of(lineage.begin(), lineage.end(),
                     [&](ClusterId const& id) { return id == sync.cluster_id || sync.outgoing.count(id) > 0; });
}

}  // namespace

std::optional<master::StatusView> status_of(Site& site) {
  MasterHost* const leader = site.leader();
  if (leader == nullptr || leader->process().is_paused()) return std::nullopt;
  return master::status(leader->state(), master::Details::Full);
}

Operators::Operators(sim::World& world, sim::Network& network, sim::Directory const& directory, Site& at)
    : world_(world),
      at_(at),
      people_(world, network.add_node(at.datacenter(), std::string(name_of(at.datacenter())) + "/operator"),
              std::string(name_of(at.datacenter())) + "/operator"),
      calls_(people_, network, directory) {}

template <class Call>
void Operators::ask(Call call) {
  // Whatever the answer is, or if there is none: what they look at next is the status.
  ++open_;
  ask(std::move(call), [this](Outcome<sim::MasterAnswer> const&) { --open_; });
}

template <class Call>
void Operators::ask(Call call, std::function<void(Outcome<sim::MasterAnswer> const&)> done) {
  auto make = [call = std::move(call)](master::CallId id) {
    Call asked = call;
    asked.call = id;
    return master::Command{std::move(asked)};
  };
  calls_.call(at_.master_endpoints(), std::move(make), std::move(done));
}

// ---- receiving ----------------------------------------------------------------------------------------------------

void Operators::want(Site& source, Site& first) {
  source_ = &source;
  first_ = &first;
  if (!is_looking_) look();
}

void Operators::ask_to_receive(Site& source) {
  auto const status = status_of(source);
  // Not one that has only just been asked to receive: of two that are asked at once either may win.
  bool const receives =
      status && (status->status == sync::Status::InitialSync || status->status == sync::Status::Running);
  if (!receives || !is_fed_by(source, at_)) return;
  configure(source.master_endpoints());
  if (!is_looking_) look_later();
}

void Operators::ask_to_receive_from_itself(std::size_t nth) {
  configure({at_.master_endpoint(nth % at_.masters())});
  if (!is_looking_) look_later();
}

void Operators::configure(std::vector<Url> source) {
  master::ConfigureSync configure;
  configure.source = std::move(source);
  configure.authentication.ca_certificate = "certificate";
  configure.authentication.client_certificate = "certificate";
  configure.authentication.client_key = "key";
  ask(std::move(configure));
}

void Operators::look_later() {
  is_looking_ = true;
  world_.after(look_every, [this] { look(); });
}

void Operators::look() {
  look_later();
  auto const status = status_of(at_);
  if (!status) {
    // A call finds out who leads, or that nobody does.
    if (source_ != nullptr) configure(source_->master_endpoints());
    return;
  }
  if (status->status == sync::Status::Inactive) {
    unwanted_since_.reset();
    if (source_ != nullptr) configure(source_->master_endpoints());
    return;
  }
  if (status->status == sync::Status::Failed && !may_fail) {
    throw Violation(std::string(name_of(at_.datacenter())) + " has given up: " + status->message);
  }
  bool const is_wrong = source_ == nullptr || !sync::intersect(status->source, source_->master_endpoints());
  if (is_wrong || status->status == sync::Status::Failed || unwanted_since_) stop_unwanted();
}

void Operators::stop_unwanted() {
  if (first_ != nullptr) {
    auto const first = status_of(*first_);
    if (!first || first->status != sync::Status::Inactive) return;
  }
  if (!unwanted_since_) unwanted_since_ = world_.now();
  ask_to_stop(world_.now() - *unwanted_since_ > patience);
}

// ---- stopping -----------------------------------------------------------------------------------------------------

void Operators::ask_to_stop(bool force) {
  master::StopSync stop;
  stop.force = force;
  if (force) stop.force_timeout = tell_source_max;
  ask(stop);
}

void Operators::stop(Stop how) {
  if (how != Stop::InSync) return ask_to_stop(how == Stop::Force);
  bool const is_under_way = stop_by_.has_value();
  stop_by_ = world_.now() + stop_timeout;
  if (!is_under_way) look_at_barrier(++tools_);
}

void Operators::lose_tool() { stop_by_.reset(); }

void Operators::look_at_barrier(std::uint64_t tool) {
  if (!stop_by_ || tool != tools_) return;  // killed
  if (world_.now() >= *stop_by_) {
    stop_by_.reset();
    return ask(master::EndBarrier{});
  }
  auto const status = status_of(at_);
  if (status && is_all_in_sync(*status)) {
    stop_by_.reset();
    if (on_in_sync) on_in_sync();
    return ask_to_stop(false);
  }
  // A leader that was elected meanwhile knows of the barrier; one that never heard the question has to be asked again.
  bool const is_running = status && status->status == sync::Status::Running;
  if (is_running && (!status->barrier || world_.now() - begun_at_ >= barrier_begin_every)) {
    begun_at_ = world_.now();
    ask(master::BeginBarrier{});
  }
  world_.after(barrier_look_every, [this, tool] { look_at_barrier(tool); });
}

// ---- more ---------------------------------------------------------------------------------------------------------

void Operators::reset_shard(std::uint64_t nth) {
  auto const status = status_of(at_);
  if (!status || status->shards.empty()) return;
  std::vector<ShardRef> chosen;
  for (auto const& shard : status->shards) {
    if (shard.report.status == sync::Status::Failed) chosen.push_back(shard.shard);
  }
  if (chosen.empty()) {
    for (auto const& shard : status->shards) chosen.push_back(shard.shard);
  }
  ask(master::ResetShard{{}, chosen[nth % chosen.size()]});
}

void Operators::clone_token(std::uint64_t nth) {
  MasterHost* const leader = at_.leader();
  if (leader == nullptr || leader->state().office->tokens.empty()) return;
  auto const& tokens = leader->state().office->tokens;
  auto const chosen = std::next(tokens.begin(), static_cast<std::ptrdiff_t>(nth % tokens.size()));
  ask(master::CloneToken{{}, chosen->first}, [this](Outcome<sim::MasterAnswer> const& answer) {
    auto const* const issued = answer ? std::get_if<master::TokenIssued>(&answer->body) : nullptr;
    if (issued == nullptr) return;
    clones_.push_back(issued->token);
    if (clones_.size() == 1) world_.after(renew_every, [this] { renew_clones(); });
  });
}

void Operators::renew_clones() {
  for (Token const& clone : clones_) ask(master::RenewToken{{}, clone});
  world_.after(renew_every, [this] { renew_clones(); });
}

void Operators::set_message_timeout(Duration timeout) { ask(master::SetMessageTimeout{{}, timeout}); }

}  // namespace arangosync::replay
