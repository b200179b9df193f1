// Sentences for the master: a world of one machine whose every effect is kept, answered by the test.
//
//   Scene scene; scene.lead();
//   scene.when(ConfigureSync{…}); EXPECT_TRUE(scene.asked<AskSource>());
//
// After every command the invariants are checked, and that the durable events alone lead to the same durable state.
#pragma once

#include "domain/master/master.h"
#include "domain/master/view.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::master {

using namespace std::chrono_literals;

Identity identity_of(std::string const& name);
std::vector<Url> source_urls();
sync::Authentication credentials();
task::QueueConfig queue_of_other(std::string const& token);
ShardRef shard_ref(std::string const& collection, std::uint32_t index = 0);

class Scene {
public:
  explicit Scene(std::string const& name = "m1");

  State state;
  std::vector<Effect> effects;     ///< of the last command
  std::vector<Event> events;       ///< of the last command
  std::optional<Refusal> refusal;  ///< of the last command
  std::vector<Event> history;      ///< of all commands
  Persisted saved;                 ///< what the agency would hold: survives a loss of the lease
  Command told;                    ///< the last command
  std::function<void()> observer;  ///< called after every command that was not refused
  Instant now{1000h};
  WallTime wall{std::chrono::nanoseconds(1'700'000'000'000'000'000)};
  std::uint64_t entropy = 1;
  std::optional<election::Lease> found_lease;  ///< by lead()

  Scene& when(Command command);

  Scene& after(Duration pause) {
    now = now + pause;
    wall = wall + pause;
    return *this;
  }
  /// Time goes by for a leader that keeps its lease.
  Scene& lead_on(Duration pause);
  Scene& fire(std::string const& timer) { return when(TimerFired{TimerName(timer)}); }

  /// The last effect of a kind that the last command asked for.
  template <class Kind>
  std::optional<Kind> asked() const {
    std::optional<Kind> found;
    for (Effect const& effect : effects) {
      if (auto const* it = std::get_if<Kind>(&effect)) found = *it;
    }
    return found;
  }
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (Effect const& effect : effects) {
      if (auto const* it = std::get_if<Kind>(&effect)) found.push_back(*it);
    }
    return found;
  }
  /// The body of the reply to the last call, if it is of this kind.
  template <class Body>
  std::optional<Body> replied() const {
    auto const reply = asked<Reply>();
    if (!reply || !std::holds_alternative<Body>(reply->body)) return std::nullopt;
    return std::get<Body>(reply->body);
  }
  /// What is under way of a kind, now.
  template <class Kind>
  std::vector<Kind> under_way() const {
    std::vector<Kind> found;
    for (Effect const& effect : outstanding(state)) {
      if (auto const* it = std::get_if<Kind>(&effect)) found.push_back(*it);
    }
    return found;
  }
  bool wakes(std::string const& timer) const;
  CallId call() { return CallId(++calls_); }

  // ---- short stories -----------------------------------------------------------------------------------------------
  Scene& lead(Persisted const& stored = Persisted{});
  WorkerId join(std::string const& name, std::string const& token = "token");
  /// Registrations are renewed, as workers do while time goes by.
  Scene& keep_workers();
  /// Workers confirm all they are told, until nothing is left to say.
  Scene& workers_obey();
  Scene& configure() { return when(ConfigureSync{call(), source_urls(), credentials()}); }
  Scene& source_answers(std::string const& token = "source-token");
  Scene& mode_is_set() { return when(ServerModeSet{under_way<SetServerMode>().at(0).request, Done{}}); }
  Scene& source_accepts();
  /// A leader with two workers that receives.
  Scene& receive();
  Scene& start_shard(ShardRef const& shard) { return when(StartShard{call(), shard}); }
  Scene& source_obeys();
  Scene& report(sync::Partner const& partner, ShardRef const& shard, sync::Status shard_status,
                WallTime caught_up = WallTime{});

private:
  std::uint64_t calls_ = 0;
};

/// It receives two shards, which run.
void running_pair(Scene& scene);

}  // namespace arangosync::master
