// The own cluster's mode is looked at again: a call that had no answer may be carried out later than one that had
// (docs/decisions/0029).
#include "domain/base/limits.h"
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

Scene& send(Scene& scene) {
  scene.lead();
  scene.join("w1");
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  task::Channels const channels{ChannelName("sync_t.inventory"), ChannelName("sync_m1.inventory")};
  scene.when(AcceptOutgoing{scene.call(), target_id, {Url("https://target:8629")}, channels, queue, std::nullopt});
  return scene.workers_obey();
}

sync::BarrierState raise(Scene& scene) {
  scene.when(RaiseOutgoingBarrier{scene.call(), target_id, std::nullopt});
  return scene.replied<sync::BarrierState>().value_or(sync::BarrierState{});
}

Scene& leave(Scene& scene, std::optional<sync::ServerMode> mode = std::nullopt) {
  return scene.when(RemoveOutgoing{scene.call(), target_id, mode, std::nullopt}).workers_obey();
}

/// The survey under way, or the next one, shows the cluster in this mode.
Scene& look(Scene& scene, bool is_read_only) {
  if (scene.under_way<ReadLandscape>().empty()) scene.lead_on(11s).keep_workers().fire("survey");
  auto const asked = scene.under_way<ReadLandscape>();
  EXPECT_EQ(asked.size(), 1u);
  if (!asked.empty()) scene.when(LandscapeRead{asked.at(0).request, Survey{1, task::Landscape{}, is_read_only}});
  return scene;
}

std::optional<sync::ServerMode> being_set(Scene const& scene) {
  auto const calls = scene.under_way<SetServerMode>();
  EXPECT_LE(calls.size(), 1u);
  return calls.empty() ? std::nullopt : std::optional(calls.at(0).mode);
}

/// Nobody answers the call in time; it is made again.
Scene& mode_hangs(Scene& scene) {
  Fault const silence{FaultClass::Retry, "the coordinator does not answer"};
  scene.when(ServerModeSet{scene.under_way<SetServerMode>().at(0).request, unexpected(silence)});
  return scene.after(1s).fire("errands");
}

/// A source that was held for its target and let go again; the first call for read-only had no answer.
Scene& send_with_a_late_call(Scene& scene) {
  send(scene);
  raise(scene);
  mode_hangs(scene).mode_is_set();
  leave(scene).mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
  return scene;
}

TEST(Mode, OfASourceThatIsSeenWritableBreaksTheBarrierAndRaisesAnother) {
  Scene scene;
  look(send(scene), false);
  raise(scene);
  scene.mode_is_set();
  sync::BarrierState const first = raise(scene);
  EXPECT_TRUE(first.is_held);
  EXPECT_FALSE(being_set(look(scene, true)));
  look(scene, false);
  EXPECT_EQ(being_set(scene), sync::ServerMode::ReadOnly);
  sync::BarrierState const next = raise(scene);
  EXPECT_NE(next.id, first.id) << "what was in sync under the first proves nothing";
  EXPECT_FALSE(next.is_held);
  scene.mode_is_set();
  EXPECT_EQ(raise(scene).id, next.id);
  EXPECT_TRUE(raise(scene).is_held);
  EXPECT_GT(raise(scene).held_at, first.held_at);
}

TEST(Mode, OfABarrierThatIsRaisedAnewIsStillGivenBackWhenItsTargetIsSilent) {
  Scene scene;
  look(send(scene), false);
  raise(scene);
  scene.mode_is_set();
  look(scene, false);
  scene.mode_is_set();
  scene.lead_on(sync::pace::barrier_lease - 11s).fire("barrier");
  EXPECT_EQ(being_set(scene), sync::ServerMode::Default) << "nobody has asked for it since it was raised";
}

TEST(Mode, ThatWasAskedForBeforeItWasSetDoesNotCount) {
  Scene scene;
  send(scene);
  ASSERT_EQ(scene.under_way<ReadLandscape>().size(), 1u);
  raise(scene);
  scene.mode_is_set();
  sync::BarrierState const held = raise(scene);
  look(scene, false);
  EXPECT_FALSE(being_set(scene));
  EXPECT_EQ(raise(scene).id, held.id);
}

TEST(Mode, ThatIsSeenWhileItIsBeingSetDoesNotCount) {
  Scene scene;
  look(send(scene), false);
  raise(scene);
  scene.mode_is_set();
  sync::BarrierState const held = raise(scene);
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  scene.when(AcceptOutgoing{scene.call(),
                            ClusterId("other"),
                            {Url("https://other:8629")},
                            {ChannelName("o.i"), {}},
                            task::QueueConfig{{Url("https://other:8629")}, "", "", "t", "CA"},
                            std::nullopt});
  RequestId const lifting = scene.under_way<SetServerMode>().at(0).request;
  look(scene, true);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).request, lifting);
  scene.mode_is_set();
  EXPECT_FALSE(being_set(scene));
  EXPECT_NE(raise(scene).id, held.id);
}

TEST(Mode, ThatMayBeTakenAwayByALateCallIsNotReliedOn) {
  Scene scene;
  send(scene);
  raise(scene);
  scene.mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  raise(scene);
  ASSERT_TRUE(scene.refusal) << "the call is under way";
  mode_hangs(scene);
  raise(scene);
  ASSERT_TRUE(scene.refusal) << "it is being said again";
  scene.mode_is_set();
  raise(scene);
  ASSERT_TRUE(scene.refusal) << "the first one may still come";
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
  EXPECT_NE(scene.refusal->message.find("15 minutes more"), std::string::npos) << scene.refusal->message;
  scene.lead_on(limits::write_request_max + limits::retry_max).keep_workers();
  EXPECT_FALSE(raise(scene).is_held);
  scene.mode_is_set();
  EXPECT_TRUE(raise(scene).is_held);
}

TEST(Mode, ThatAFormerLeaderMayStillTakeAwayIsNotReliedOn) {
  Scene scene;
  send(scene);
  raise(scene);
  scene.mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  Scene next("m2");
  next.lead(persisted(scene.state)).mode_is_set();
  raise(next);
  EXPECT_TRUE(next.refusal);
}

TEST(Mode, OfATargetThatIsSeenWritableWhileItReceivesIsSetAgain) {
  Scene scene;
  look(scene.receive(), true);
  EXPECT_FALSE(being_set(look(scene, true)));
  look(scene, false);
  EXPECT_EQ(being_set(scene), sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  EXPECT_FALSE(being_set(look(scene, true)));
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::InitialSync);
}

TEST(Mode, OfATargetIsKeptUntilNothingIsWrittenToItAnyMore) {
  Scene scene;
  look(scene.receive(), true);
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  look(scene, false);
  EXPECT_EQ(being_set(scene), sync::ServerMode::ReadOnly);
  scene.mode_is_set().workers_obey();
  look(scene, false);
  EXPECT_FALSE(being_set(scene)) << "it will be writable as soon as the source knows";
}

TEST(Mode, ThatALateCallHasSetIsSetBack) {
  Scene scene;
  look(send_with_a_late_call(scene), false);
  EXPECT_FALSE(being_set(scene));
  look(scene, true);
  EXPECT_EQ(being_set(scene), sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_FALSE(being_set(look(scene, false)));
}

TEST(Mode, IsNotLookedAtForLongerThanACallCanBeLate) {
  Scene scene;
  look(send_with_a_late_call(scene), false);
  scene.lead_on(limits::write_request_max + limits::retry_max).fire("survey");
  look(scene, true);
  EXPECT_FALSE(being_set(scene)) << "an operator has done that";
  scene.lead_on(11s).fire("survey");
  EXPECT_TRUE(scene.under_way<ReadLandscape>().empty());
}

TEST(Mode, ThatAnOperatorHasSetIsNotTouchedWhereEveryCallWasAnswered) {
  Scene scene;
  look(send(scene), true);
  EXPECT_FALSE(being_set(look(scene, true)));
  raise(scene);
  scene.mode_is_set();
  leave(scene).mode_is_set();
  if (!scene.under_way<ReadLandscape>().empty()) look(scene, true);
  EXPECT_FALSE(being_set(scene));
  scene.lead_on(11s).fire("survey");
  EXPECT_TRUE(scene.under_way<ReadLandscape>().empty());
}

TEST(Mode, ThatWasAskedForAtTheEndStays) {
  Scene scene;
  send(scene);
  raise(scene);
  mode_hangs(scene).mode_is_set();
  leave(scene, sync::ServerMode::ReadOnly);
  EXPECT_EQ(being_set(scene), sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  if (!scene.under_way<ReadLandscape>().empty()) look(scene, true);
  EXPECT_FALSE(being_set(scene));
}

TEST(Mode, ThatAFormerLeaderMayStillSetIsSetBackByTheNextOne) {
  Scene scene;
  send(scene);
  raise(scene);
  Scene next("m2");
  next.lead(persisted(scene.state));  // the first one sleeps before its call, or the call hangs
  next.workers_obey().mode_is_set();
  leave(next).mode_is_set();
  if (!next.under_way<ReadLandscape>().empty()) look(next, false);
  look(next, true);
  EXPECT_EQ(being_set(next), sync::ServerMode::Default);
}

// It hung while another one was answered, and its leader died before the wish ended.
TEST(Mode, ThatAFormerLeaderMayStillSetUnderABarrierThatIsHeldIsSetBackByTheNextOne) {
  Scene scene;
  send(scene);
  raise(scene);
  Fault const hangs{FaultClass::Retry, "no answer"};
  scene.when(ServerModeSet{scene.under_way<SetServerMode>().at(0).request, unexpected(hangs)});
  scene.lead_on(11s).keep_workers().fire("errands").mode_is_set();
  Scene next("m2");
  next.lead(scene.saved);
  EXPECT_FALSE(being_set(next)) << "it is held";
  next.when(LowerOutgoingBarrier{next.call(), target_id, std::nullopt}).mode_is_set();
  if (next.under_way<ReadLandscape>().empty()) next.fire("survey");
  look(next, true);
  if (!being_set(next)) look(next.lead_on(6s).keep_workers().fire("survey"), true);
  EXPECT_EQ(being_set(next), sync::ServerMode::Default);
}

// Simulation seed 2950: the call was carried out when nobody wished it any more, and its leader died before it looked.
TEST(Mode, ThatAFormerLeaderWishedNoMoreButMayStillSetIsSetBackByTheNextOne) {
  Scene scene;
  send(scene);
  raise(scene);
  EXPECT_FALSE(scene.saved.mode_doubted);
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(scene.saved.mode_doubted) << "its call is under way";
  scene.lead_on(11s).keep_workers().fire("survey");
  look(scene, false);
  EXPECT_TRUE(scene.saved.mode_doubted) << "and still is";
  Scene next("m2");
  next.lead(scene.saved).mode_is_set();
  look(look(next, false), true);
  EXPECT_EQ(being_set(next), sync::ServerMode::Default);
  next.mode_is_set();
  look(next, false);
  next.lead_on(limits::write_request_max + limits::retry_max).fire("survey");
  look(next, true);
  EXPECT_FALSE(next.saved.mode_doubted);
  EXPECT_FALSE(being_set(next)) << "an operator has done that";
}

TEST(Mode, IsNotDoubtedWhereEveryCallWasAnsweredOrWhereItWasLeftReadOnly) {
  Scene scene;
  look(send(scene), false);
  raise(scene);
  scene.mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  EXPECT_FALSE(scene.saved.mode_doubted);
  scene.mode_is_set();
  raise(scene);
  mode_hangs(scene);
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(scene.saved.mode_doubted);
  leave(scene, sync::ServerMode::ReadOnly).mode_is_set();
  EXPECT_FALSE(scene.saved.mode_doubted);
}

TEST(Mode, ThatIsNeverSeenIsNotSetForEver) {
  Scene scene;
  look(send(scene), false);
  raise(scene);
  scene.mode_is_set();
  for (int i = 0; i < 3; ++i) {
    look(scene, false);
    EXPECT_EQ(being_set(scene), sync::ServerMode::ReadOnly);
    scene.mode_is_set();
  }
  sync::BarrierState const held = raise(scene);
  EXPECT_FALSE(being_set(look(scene, false))) << "this agency may show no mode at all";
  EXPECT_EQ(raise(scene).id, held.id);
  look(scene, true);
  EXPECT_EQ(being_set(look(scene, false)), sync::ServerMode::ReadOnly) << "it does";
}

TEST(Mode, IsNotSetInVainByCallsThatHaveNoAnswer) {
  Scene scene;
  look(send_with_a_late_call(scene), false);
  look(scene, true);
  Fault const silence{FaultClass::Retry, "the coordinator does not answer"};
  for (int i = 0; i < 5; ++i) {
    auto const calls = scene.under_way<SetServerMode>();
    ASSERT_EQ(calls.size(), 1u) << i;
    scene.when(ServerModeSet{calls.at(0).request, unexpected(silence)});
    look(scene, true);
    scene.lead_on(11s).keep_workers().fire("errands");
  }
  scene.mode_is_set();
  EXPECT_EQ(being_set(look(scene, true)), sync::ServerMode::Default) << "one that was late has come again";
}

TEST(Mode, OfASourceIsLeftAloneWhileNobodyHasAWish) {
  Scene scene;
  look(send(scene), false);
  EXPECT_FALSE(being_set(look(scene, true)));
  EXPECT_FALSE(being_set(look(scene, false)));
}

}  // namespace
}  // namespace arangosync::master
