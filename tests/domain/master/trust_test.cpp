// Whom a master trusts: how the other datacenter's queue and the own workers are verified, what a token opens, and that
// a master which does not lead claims nothing.
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

Scene& source_answers_without_ca(Scene& scene) {
  task::QueueConfig queue = queue_of_other("source-token");
  queue.ca_certificate.clear();
  SourceFacts const facts{"sync_source.", source_urls(), {}, queue, 6h};
  return scene.when(SourceAsked{scene.under_way<AskSource>().at(0).request, facts});
}

TEST(MasterTrust, ASourceThatNamesNoCaIsVerifiedByTheOperatorsOne) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure();
  source_answers_without_ca(scene).mode_is_set();
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->remote.ca_certificate, "CA of source");
  scene.source_accepts().workers_obey();

  ConfigureSync again{scene.call(), source_urls(), credentials()};
  again.authentication.ca_certificate = "new CA of source";
  scene.when(again);
  ASSERT_TRUE(scene.asked<SendTask>()) << "its workers must know";
  EXPECT_EQ(scene.asked<SendTask>()->remote.ca_certificate, "new CA of source");
  scene.workers_obey();

  Scene next("m2");
  next.lead(persisted(scene.state));
  next.after(1s).fire("tokens");
  ASSERT_TRUE(next.asked<RenewRemoteToken>());
  EXPECT_EQ(next.asked<RenewRemoteToken>()->remote.authentication.ca_certificate, "new CA of source");
}

TEST(MasterTrust, WorkersAreVerifiedByTheCaThatIssuedTheirCertificates) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->worker_ca, "ca");
  scene.workers_obey().when(StopShard{scene.call(), shard_ref("c")});
  ASSERT_TRUE(scene.asked<RevokeTask>());
  EXPECT_EQ(scene.asked<RevokeTask>()->worker_ca, "ca");
}

TEST(MasterTrust, TheSourcesTokenOpensNoChannelOfATarget) {
  Scene scene;
  scene.receive();
  ClusterId const target("bbbbbbbbbbbbbbbbbbbb");
  task::Channels const theirs{ChannelName("sync_b.data"), ChannelName("sync_m1.control")};
  task::QueueConfig const queue{{Url("https://b:8629")}, "", "", "b's token", "CA of b"};
  scene.when(AcceptOutgoing{scene.call(), target, {Url("https://b:8629")}, theirs, queue});
  Token const targets_token(scene.replied<OutgoingAccepted>()->queue.client_token);
  Token const sources_token = scene.state.office->sync.incoming->own_token;
  scene.when(CloneToken{scene.call(), sources_token});
  Token const child = scene.replied<TokenIssued>()->token;
  ChannelName const ours = task::find(scene.state.office->tasks, task::Purpose{})->spec.channels.control;
  for (Token const& token : {sources_token, child}) {
    EXPECT_TRUE(token_valid(scene.state, token, scene.wall));
    EXPECT_TRUE(may_read(scene.state, token, ours));
    EXPECT_FALSE(may_read(scene.state, token, theirs.data));
    EXPECT_TRUE(may_read(scene.state, token, ChannelName("nobody's"))) << "there is nothing to read";
  }
  EXPECT_TRUE(may_read(scene.state, targets_token, theirs.data));
}

TEST(MasterTrust, AMasterThatDoesNotLeadHasNoStatus) {
  Scene scene;
  EXPECT_FALSE(status(scene.state, Details::Short).has_value());
  scene.receive();
  EXPECT_TRUE(status(scene.state, Details::Short).has_value());
  scene.when(SaveFailed{"the lease is another's"});
  EXPECT_FALSE(status(scene.state, Details::Short).has_value()) << "it must not read as inactive";
}

}  // namespace
}  // namespace arangosync::master
