// Who leads, seen from one master: taking over, renewing, stepping down, giving back.
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

election::Lease of_other(std::uint64_t beat) { return election::Lease{MasterId("other"), Term(4), beat}; }

void see(Scene& scene, std::optional<election::Lease> lease) {
  scene.when(LeaseRead{*scene.state.election.reading, std::move(lease)});
}

TEST(MasterElection, StartsByAnnouncingItselfAndLookingAtTheLease) {
  Scene const scene;
  EXPECT_TRUE(scene.asked<AnnounceMaster>());
  EXPECT_TRUE(scene.asked<ReadLease>());
}

TEST(MasterElection, TakesAFreeLeaseWithTheFirstTerm) {
  Scene scene;
  see(scene, std::nullopt);
  auto const write = scene.asked<WriteLease>();
  ASSERT_TRUE(write);
  EXPECT_FALSE(write->expected);
  EXPECT_EQ(write->next, (election::Lease{MasterId("m1"), Term(1), 1}));
}

TEST(MasterElection, TakesALeaseThatWasGivenBackAtOnceWithTheNextTerm) {
  Scene scene;
  see(scene, election::Lease{MasterId(), Term(7), 12});
  ASSERT_TRUE(scene.asked<WriteLease>());
  EXPECT_EQ(scene.asked<WriteLease>()->next.term, Term(8));
}

TEST(MasterElection, LeavesALeaseAloneThatMoves) {
  Scene scene;
  for (std::uint64_t beat = 1; beat < 40; ++beat) {
    see(scene, of_other(beat));
    EXPECT_FALSE(scene.asked<WriteLease>());
    scene.after(5s).fire("lease");
  }
}

TEST(MasterElection, TakesOverALeaseThatStoodStillForTheExpiry) {
  Scene scene;
  see(scene, of_other(9));
  for (Duration waited = 0s; waited < 28s; waited += 2s) {
    scene.after(2s).fire("lease");
    see(scene, of_other(9));
    EXPECT_FALSE(scene.asked<WriteLease>());
  }
  scene.after(10s).fire("lease");
  see(scene, of_other(9));
  ASSERT_TRUE(scene.asked<WriteLease>());
  EXPECT_EQ(scene.asked<WriteLease>()->expected, of_other(9));
  EXPECT_EQ(scene.asked<WriteLease>()->next.term, Term(5));
}

TEST(MasterElection, LoadsTheStateAndMakesACaBeforeItLeads) {
  Scene scene;
  see(scene, std::nullopt);
  scene.when(LeaseWritten{scene.asked<WriteLease>()->request, WriteOutcome::Applied});
  auto const load = scene.asked<LoadState>();
  ASSERT_TRUE(load);
  EXPECT_FALSE(is_leading(scene.state));
  scene.when(StateLoaded{load->request, Persisted{}});
  auto const make = scene.asked<MakeWorkerCa>();
  ASSERT_TRUE(make);
  EXPECT_FALSE(is_leading(scene.state));
  scene.when(WorkerCaMade{make->request, WorkerCa{"ca", "key"}});
  EXPECT_TRUE(is_leading(scene.state));
  EXPECT_EQ(leader_endpoint(scene.state), Url("https://m1:8629"));
}

TEST(MasterElection, TriesAgainWhenTheStateCannotBeLoaded) {
  Scene scene;
  see(scene, std::nullopt);
  scene.when(LeaseWritten{scene.asked<WriteLease>()->request, WriteOutcome::Applied});
  scene.when(StateLoaded{scene.asked<LoadState>()->request, unexpected(Fault{FaultClass::Retry, "agency is away"})});
  EXPECT_TRUE(scene.wakes("errands"));
  scene.after(1s).fire("errands");
  EXPECT_TRUE(scene.asked<LoadState>());
}

TEST(MasterElection, RefusesCallsWhileItDoesNotLead) {
  Scene scene;
  scene.configure();
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::NotLeader);
  EXPECT_TRUE(scene.replied<Refused>());
}

TEST(MasterElection, RenewsItsLease) {
  Scene scene;
  scene.lead().after(10s).fire("lease");
  auto const write = scene.asked<WriteLease>();
  ASSERT_TRUE(write);
  EXPECT_EQ(write->next.beat, write->expected->beat + 1);
  EXPECT_EQ(write->next.term, write->expected->term);
  scene.when(LeaseWritten{write->request, WriteOutcome::Applied}).after(20s).fire("lease.end");
  EXPECT_TRUE(is_leading(scene.state));
}

TEST(MasterElection, StepsDownByItsOwnClockBeforeAFollowerMayTakeOver) {
  Scene scene;
  scene.lead().after(10s).fire("lease");
  scene.after(15s).fire("lease.end");
  EXPECT_FALSE(is_leading(scene.state));
  EXPECT_FALSE(scene.state.office);
  EXPECT_TRUE(scene.wakes("lease"));
}

TEST(MasterElection, AnswersACallThatComesAfterTheDeadlineAsOneThatDoesNotLead) {
  Scene scene;
  scene.lead().after(1h).configure();
  ASSERT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::NotLeader);
}

TEST(MasterElection, LooksBeforeItBelievesThatARenewalWasRefused) {
  Scene scene;
  scene.lead().after(10s).fire("lease");
  auto const first = *scene.asked<WriteLease>();
  scene.when(LeaseWritten{first.request, WriteOutcome::Unknown});
  ASSERT_TRUE(scene.asked<ReadLease>());
  // The write of unknown outcome has arrived.
  see(scene, first.next);
  auto const second = scene.asked<WriteLease>();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->expected, first.next);
  EXPECT_TRUE(is_leading(scene.state));
}

TEST(MasterElection, StepsDownWhenTheLookShowsAnotherLeader) {
  Scene scene;
  scene.lead().after(10s).fire("lease");
  scene.when(LeaseWritten{scene.asked<WriteLease>()->request, WriteOutcome::Refused});
  see(scene, of_other(1));
  EXPECT_FALSE(scene.state.office);
}

TEST(MasterElection, StepsDownWhenASaveFailsAndLeadsAgainWithANewTerm) {
  Scene scene;
  scene.lead();
  auto const held = std::get<election::Holding>(scene.state.election.phase).lease;
  scene.when(SaveFailed{"refused"});
  EXPECT_FALSE(scene.state.office);
  scene.fire("lease");
  see(scene, held);
  ASSERT_TRUE(scene.asked<WriteLease>());
  EXPECT_GT(scene.asked<WriteLease>()->next.term, held.term);
}

TEST(MasterElection, GivesTheLeaseBackWhenItIsShutDown) {
  Scene scene;
  scene.lead().when(Shutdown{});
  auto const write = scene.asked<WriteLease>();
  ASSERT_TRUE(write);
  EXPECT_TRUE(write->next.holder.value().empty());
  EXPECT_FALSE(is_stopped(scene.state));
  scene.when(LeaseWritten{write->request, WriteOutcome::Applied});
  EXPECT_TRUE(is_stopped(scene.state));
  scene.after(1h).fire("lease");
  EXPECT_TRUE(scene.effects.empty());
}

TEST(MasterElection, GivesTheLeaseBackAfterARenewalThatWasUnderWay) {
  Scene scene;
  scene.lead().after(10s).fire("lease");
  auto const renewal = *scene.asked<WriteLease>();
  scene.when(Shutdown{});
  EXPECT_FALSE(scene.asked<WriteLease>());
  scene.when(LeaseWritten{renewal.request, WriteOutcome::Applied});
  ASSERT_TRUE(scene.asked<WriteLease>());
  EXPECT_TRUE(scene.asked<WriteLease>()->next.holder.value().empty());
}

TEST(MasterElection, StopsAtOnceIfItDoesNotLead) {
  Scene scene;
  scene.when(Shutdown{});
  EXPECT_TRUE(is_stopped(scene.state));
}

TEST(MasterElection, KnowsTheOtherMastersAndAnnouncesItselfAgain) {
  Scene scene;
  MasterRecord const other{Url("https://other:8629"), {Url("https://other.example:8629")}};
  scene.when(MastersRead{*scene.state.announcing, std::map<MasterId, MasterRecord>{{MasterId("other"), other}}});
  EXPECT_TRUE(scene.wakes("announce"));
  see(scene, of_other(1));
  EXPECT_EQ(leader_endpoint(scene.state), Url("https://other:8629"));
  EXPECT_EQ(masters(scene.state).size(), 2u);
  EXPECT_EQ(public_endpoints(scene.state).size(), 2u);
  scene.after(10s).fire("announce");
  EXPECT_TRUE(scene.asked<AnnounceMaster>());
}

TEST(MasterElection, IgnoresAnAnswerThatNobodyWaitsFor) {
  Scene scene;
  scene.lead().when(LeaseWritten{RequestId(99999), WriteOutcome::Applied});
  ASSERT_TRUE(scene.refusal);
  EXPECT_TRUE(scene.refusal->silent);
  EXPECT_TRUE(scene.effects.empty());
}

// A save may take minutes, and what is asked meanwhile is asked of a state that nothing has been decided on.
TEST(MasterElection, DoesNotAnswerForALeadershipThatIsOver) {
  Scene scene;
  scene.lead();
  EXPECT_TRUE(is_leading(scene.state, scene.now));
  scene.after(60s);
  EXPECT_TRUE(is_leading(scene.state)) << "nobody has told it";
  EXPECT_FALSE(is_leading(scene.state, scene.now));
}

}  // namespace
}  // namespace arangosync::master
