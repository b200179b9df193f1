// The store over the simulated agency: what is saved is what is loaded, nobody writes after losing the lease, and
// writes of unknown outcome are found out about.
#include "adapters/agency/master_store.h"

#include "adapters/agency/layout.h"
#include "adapters/sim/agency_model.h"
#include "tests/domain/master/story/random_story.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <deque>

namespace arangosync::agency {
namespace {

using master::WriteOutcome;

/// The agency as a port, with a hand on the wire: an answer may be lost before or after the write.
class Wire final : public ports::Agency {
public:
  enum class Fate { Well, LostBefore, LostAfter, DeadRead };
  sim::AgencyModel model;
  std::deque<Fate> fates;  ///< of the next calls; none: well
  int calls = 0;

  void read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) override {
    ++calls;
    if (next() == Fate::DeadRead) {
      later.push_back([answer] { answer(unexpected(Fault{FaultClass::Retry, "no agent answers"})); });
      return;
    }
    std::string text = model.read_paths(paths);
    later.push_back([answer, text] { answer(text); });
  }
  void write(ports::AgencyTransaction transaction, std::function<void(ports::AgencyOutcome)> answer) override {
    ++calls;
    Fate const fate = next();
    auto outcome = ports::AgencyOutcome::Unknown;
    if (fate != Fate::LostBefore) {
      bool const is_applied = model.write(transaction) > 0;
      if (fate == Fate::Well) outcome = is_applied ? ports::AgencyOutcome::Applied : ports::AgencyOutcome::Refused;
    }
    later.push_back([answer, outcome] { answer(outcome); });
  }
  void run() {
    while (!later.empty()) {
      auto const work = std::move(later.front());
      later.pop_front();
      work();
    }
  }

private:
  Fate next() {
    if (fates.empty()) return Fate::Well;
    Fate const fate = fates.front();
    fates.pop_front();
    return fate;
  }
  std::deque<std::function<void()>> later;
};

class Letters final : public ports::Inbox<master::Command> {
public:
  std::vector<master::Command> posted;
  void post(master::Command command) override { posted.push_back(std::move(command)); }
  template <class Kind>
  Kind last() const {
    EXPECT_FALSE(posted.empty());
    return std::get<Kind>(posted.back());
  }
};

class HandClock final : public ports::Clock {
public:
  Instant at{std::chrono::hours(5)};
  Instant now() override { return at; }
  WallTime wall_now() override { return WallTime{std::chrono::hours(24 * 365 * 50)}; }
};

struct Master {
  Letters letters;
  HandClock clock;
  AgencyMasterStore store;
  Master(Wire& wire, std::string const& name) : store(wire, letters, clock, master::identity_of(name)) {}
};

class MasterStoreTest : public testing::Test {
protected:
  Wire wire;
  Master first{wire, "m1"};
  Master second{wire, "m2"};

  WriteOutcome write_lease(Master& by, std::optional<election::Lease> expected, election::Lease next) {
    by.store.perform(master::WriteLease{RequestId(7), std::move(expected), std::move(next)});
    wire.run();
    return by.letters.last<master::LeaseWritten>().outcome;
  }
  std::optional<election::Lease> read_lease(Master& by) {
    by.store.perform(master::ReadLease{RequestId(8)});
    wire.run();
    return by.letters.last<master::LeaseRead>().outcome.value();
  }
  WriteOutcome save(Master& by, Term term, master::Scene& scene) {
    std::vector<master::Event> durable;
    for (master::Event const& event : scene.events) {
      if (master::is_durable(event)) durable.push_back(event);
    }
    EXPECT_FALSE(durable.empty());
    auto outcome = WriteOutcome::Unknown;
    by.store.save(term, master::first_sequence(scene.state, durable.size()), durable, scene.state,
                  [&](WriteOutcome told) { outcome = told; });
    wire.run();
    return outcome;
  }
  master::Persisted load(Master& by) {
    by.store.perform(master::LoadState{RequestId(9), Term(1)});
    wire.run();
    return by.letters.last<master::StateLoaded>().outcome.value();
  }
  /// m1 leads in term 1, and its scene has one thing to save.
  void lead(master::Scene& scene) {
    EXPECT_EQ(write_lease(first, std::nullopt, lease("m1", 1, 1)), WriteOutcome::Applied);
    scene.observer = [this, &scene] {
      bool is_durable = false;
      for (auto const& event : scene.events) is_durable = is_durable || master::is_durable(event);
      if (is_durable) last = save(first, Term(1), scene);
    };
    scene.lead();
  }
  static election::Lease lease(std::string const& name, std::uint64_t term, std::uint64_t beat) {
    return election::Lease{MasterId(name), Term(term), beat};
  }
  std::optional<WriteOutcome> last;
};

TEST_F(MasterStoreTest, OnlyOneOfTwoCandidatesGetsTheLease) {
  EXPECT_FALSE(read_lease(first));
  EXPECT_EQ(write_lease(first, std::nullopt, lease("m1", 1, 1)), WriteOutcome::Applied);
  EXPECT_EQ(write_lease(second, std::nullopt, lease("m2", 1, 1)), WriteOutcome::Refused);
  EXPECT_EQ(read_lease(second), lease("m1", 1, 1));
  EXPECT_EQ(wire.model.at("/arangodb/arangosync/leader"), "\"m1\"") << "as the original writes it";
}

TEST_F(MasterStoreTest, ALeaseGivenBackLeavesNoLeader) {
  write_lease(first, std::nullopt, lease("m1", 1, 1));
  EXPECT_EQ(write_lease(first, lease("m1", 1, 1), lease("", 1, 2)), WriteOutcome::Applied);
  EXPECT_EQ(wire.model.at("/arangodb/arangosync/leader"), "");
  EXPECT_EQ(write_lease(second, lease("", 1, 2), lease("m2", 2, 1)), WriteOutcome::Applied);
}

TEST_F(MasterStoreTest, TakesOverFromAnOriginalThatIsGone) {
  wire.model.put("/arangodb/arangosync/leader", "\"old\"");
  EXPECT_EQ(read_lease(first), lease("old", 0, 0));
  EXPECT_EQ(write_lease(first, lease("other", 0, 0), lease("m1", 1, 1)), WriteOutcome::Refused);
  EXPECT_EQ(write_lease(first, lease("old", 0, 0), lease("m1", 1, 1)), WriteOutcome::Applied);
}

TEST_F(MasterStoreTest, FindsOutThatALeaseOfUnknownOutcomeWasWritten) {
  wire.fates = {Wire::Fate::LostAfter};
  EXPECT_EQ(write_lease(first, std::nullopt, lease("m1", 1, 1)), WriteOutcome::Applied);
  wire.fates = {Wire::Fate::LostBefore};
  EXPECT_EQ(write_lease(first, lease("m1", 1, 1), lease("m1", 1, 2)), WriteOutcome::Unknown);
}

TEST_F(MasterStoreTest, SavesAndLoads) {
  master::Scene scene;
  lead(scene);
  EXPECT_EQ(last, WriteOutcome::Applied);
  EXPECT_EQ(load(first), master::persisted(scene.state));
  EXPECT_EQ(wire.model.at("/arangodb/arangosync/programVersion"), "\"1.0.0+test\"");
}

TEST_F(MasterStoreTest, RefusesTheSaveOfALeaderThatWasReplaced) {
  master::Scene scene;
  lead(scene);
  write_lease(second, lease("m1", 1, 1), lease("m2", 2, 1));
  std::string const before = wire.model.at("/arangodb/arangosync/workerRegistry");
  scene.join("w1");
  EXPECT_EQ(last, WriteOutcome::Refused);
  EXPECT_EQ(wire.model.at("/arangodb/arangosync/workerRegistry"), before);
}

TEST_F(MasterStoreTest, RenewalsAndSavesDoNotRefuseEachOther) {
  master::Scene scene;
  lead(scene);
  EXPECT_EQ(write_lease(first, lease("m1", 1, 1), lease("m1", 1, 2)), WriteOutcome::Applied);
  scene.join("w1");
  EXPECT_EQ(last, WriteOutcome::Applied);
}

TEST_F(MasterStoreTest, FindsOutAboutSavesOfUnknownOutcome) {
  master::Scene scene;
  lead(scene);
  wire.fates = {Wire::Fate::LostBefore};
  scene.join("w1");
  EXPECT_EQ(last, WriteOutcome::Applied) << "it was not there, so it was sent again";
  wire.fates = {Wire::Fate::LostAfter, Wire::Fate::DeadRead};
  scene.join("w2");
  EXPECT_EQ(last, WriteOutcome::Applied) << "it was there";
  EXPECT_EQ(load(first), master::persisted(scene.state));
}

TEST_F(MasterStoreTest, SaysSoWhenTheAgencyCannotBeAsked) {
  master::Scene scene;
  lead(scene);
  wire.fates = std::deque<Wire::Fate>(20, Wire::Fate::DeadRead);
  wire.fates.front() = Wire::Fate::LostBefore;
  scene.join("w1");
  EXPECT_EQ(last, WriteOutcome::Unknown);
}

TEST_F(MasterStoreTest, KnowsWhichMastersLive) {
  auto const announce = [&](Master& by) {
    by.store.perform(master::AnnounceMaster{RequestId(3)});
    wire.run();
    return by.letters.last<master::MastersRead>().outcome.value();
  };
  EXPECT_EQ(announce(first).size(), 1u);
  EXPECT_EQ(announce(second).size(), 2u);
  first.clock.at = first.clock.at + std::chrono::seconds(20);
  EXPECT_EQ(announce(first).size(), 2u);
  first.clock.at = first.clock.at + std::chrono::seconds(20);
  announce(second);
  EXPECT_EQ(announce(first).size(), 2u) << "its beat has moved";
  first.clock.at = first.clock.at + std::chrono::seconds(31);
  auto const alive = announce(first);
  EXPECT_EQ(alive.size(), 1u);
  EXPECT_EQ(alive.at(MasterId("m1")).public_endpoints, std::vector{Url("https://m1.example:8629")});
  EXPECT_EQ(wire.model.at("/arangodb/arangosync/masters/m2"), "") << "the dead one is removed";
}

TEST_F(MasterStoreTest, WhatIsLoadedIsWhatWasKnownThroughoutRandomLives) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Wire own_wire;
    Master own(own_wire, "m1");
    own.store.perform(master::WriteLease{RequestId(1), std::nullopt, lease("m1", 1, 1)});
    own_wire.run();
    master::RandomStory story(seed);
    // The life began before anybody listened: put what it led to there as one save.
    master::Scene& scene = story.scene;
    auto const save_all = [&](std::vector<master::Event> const& events) {
      std::vector<master::Event> durable;
      for (auto const& event : events) {
        if (master::is_durable(event)) durable.push_back(event);
      }
      if (durable.empty()) return;
      auto outcome = WriteOutcome::Unknown;
      own.store.save(Term(1), master::first_sequence(scene.state, durable.size()), durable, scene.state,
                     [&](WriteOutcome told) { outcome = told; });
      own_wire.run();
      ASSERT_EQ(outcome, WriteOutcome::Applied) << "seed " << seed;
      own.store.perform(master::LoadState{RequestId(9), Term(1)});
      own_wire.run();
      auto const loaded = own.letters.last<master::StateLoaded>().outcome;
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      ASSERT_EQ(*loaded, master::persisted(scene.state)) << "seed " << seed;
    };
    save_all(scene.history);
    scene.observer = [&] { save_all(scene.events); };
    for (int i = 0; i < 150 && !HasFatalFailure(); ++i) story.step();
  }
}

TEST_F(MasterStoreTest, EverySurveyShowsTheModeAndCostsNoFurtherRead) {
  auto const survey = [&](std::uint64_t known_version) {
    wire.calls = 0;
    first.store.perform(master::ReadLandscape{RequestId(11), known_version});
    wire.run();
    return first.letters.last<master::LandscapeRead>().outcome.value();
  };
  wire.model.put("/arango", R"({"Plan":{"Version":5,"Collections":{}},"Readonly":true})");
  EXPECT_EQ(survey(4), (master::Survey{5, task::Landscape{}, true}));
  EXPECT_EQ(survey(5), (master::Survey{5, std::nullopt, true}));
  EXPECT_EQ(wire.calls, 1);
  wire.model.put("/arango/Readonly", "false");
  EXPECT_EQ(survey(5), (master::Survey{5, std::nullopt, false}));
  EXPECT_EQ(wire.calls, 1);
}

}  // namespace
}  // namespace arangosync::agency
