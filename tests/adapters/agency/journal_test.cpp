// The journal holds whole events: the state is what its events make of it, and every form that was ever written is
// read.
#include "adapters/agency/event_forms.h"
#include "adapters/agency/layout.h"
#include "adapters/sim/agency_model.h"
#include "tests/domain/master/story/random_story.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

#include <cstdlib>
#include <fstream>
#include <set>

namespace arangosync::agency {
namespace {

namespace bj = boost::json;
using master::Event;

WallTime const noon{std::chrono::hours(24 * 365 * 50 + 12)};

std::vector<layout::JournalEntry> written(std::vector<Event> const& events, std::uint64_t first = 1) {
  sim::AgencyModel agency;
  ports::AgencyTransaction transaction;
  transaction.operations = layout::journal(events, first, Term(3), noon);
  EXPECT_GT(agency.write(transaction), 0u);
  auto const entries = layout::read_journal(agency.read_paths(layout::journal_paths()));
  EXPECT_TRUE(entries.has_value()) << (entries ? "" : entries.error().message);
  return entries.value_or(std::vector<layout::JournalEntry>{});
}

/// A leader that holds exactly this.
master::State leader_of(master::Persisted const& stored) {
  master::State state = master::initial_state(master::identity_of("m1"));
  election::Lease const lease{MasterId("m1"), Term(1), 1};
  state = evolve(std::move(state), election::Event(election::Campaigned{RequestId(3), std::nullopt, lease, Instant{}}));
  state = evolve(std::move(state), election::Event(election::Elected{Instant{}}));
  return evolve(std::move(state), master::OfficeEvent(master::StateTaken{stored, Instant{}}));
}

RC_GTEST_PROP(JournalLaws, TheStateIsWhatItsEventsMakeOfIt, (std::uint64_t seed)) {
  master::RandomStory story(seed);
  for (int i = 0; i < 150; ++i) story.step();
  master::State folded = leader_of(master::Persisted{});
  for (Event const& event : story.scene.history) {
    if (!is_durable(event)) continue;
    auto const entries = written({event});
    RC_ASSERT(entries.size() == 1u);
    auto const read = layout::event_of(entries.at(0));
    if (!read) RC_FAIL(read.error().message);
    folded = evolve(std::move(folded), *read);
  }
  RC_ASSERT(persisted(folded) == story.scene.saved);
}

TEST(Journal, ShowsNoSecrets) {
  std::vector<Event> const events{
      access::Event(access::TokenIssued{Token("secret-token"), {noon, Token("secret-parent"), access::Holder{}}}),
      sync::IncomingEvent(sync::IncomingConfigured{{Url("https://s:8629")}, {"cert", "secret-key", "", "ca"}}),
      sync::PartnerEvent(sync::RemoteTokenKept{std::nullopt, Token("secret-remote"), noon, Instant{}}),
      sync::IncomingEvent(sync::OwnTokenGiven{Token("secret-own")}),
      master::OfficeEvent(master::WorkerCaKept{{"certificate", "secret-ca-key"}})};
  for (layout::JournalEntry const& entry : written(events)) {
    EXPECT_EQ(entry.details.find("secret"), std::string::npos) << entry.details;
    EXPECT_EQ(entry.term, Term(3));
    EXPECT_EQ(entry.time, noon);
  }
}

TEST(Journal, OfTheFirstFormIsReadAsFarAsItGoes) {
  auto const entries =
      layout::read_journal(R"({"arangodb":{"arangosync":{"journal":{"sequence":8,)"
                           R"("7":{"event":"task-removed","task":"t","term":2,"time":"2026-11-22T10:00:00Z"},)"
                           R"("8":{"event":"leadership-begun","term":2,"time":"2026-11-22T10:00:00Z"}}}}})");
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ(entries->at(0).sequence, 7u);
  EXPECT_EQ(entries->at(0).details, "task=t");
  EXPECT_EQ(entries->at(0).version, 0u);
  EXPECT_FALSE(layout::event_of(entries->at(0)).has_value()) << "it did not keep the event";
}

TEST(Journal, OfAnUnknownFormOrKindIsNotGuessedAt) {
  EXPECT_FALSE(read_event("task-removed", 99, bj::object{{"task", "t"}}));
  EXPECT_FALSE(read_event("coffee-made", event_form_version, {}));
  EXPECT_FALSE(read_event("shard-added", event_form_version, {}));
}

// ------------------------------------------------------------------------------------------------------ golden files

std::vector<Event> one_of_each() {
  ShardRef const shard{DatabaseName("db:é"), CollectionName("_jobs"), 3};
  ClusterId const target("targettargettarget00");
  task::QueueConfig const queue{{Url("https://q:8629")}, "", "", "token", "CA"};
  task::Channels const channels{ChannelName("t.data"), ChannelName("s.control")};
  task::Task const task{TaskId("task"),
                        {task::Kind::ReceiveShard, true, channels, std::nullopt, shard},
                        task::Assignment{WorkerId("w"), noon, 2},
                        false};
  membership::WorkerRecord const worker{WorkerId("w"), Url("https://w:8729"), Token("t"), 9'007'199'254'740'993u, "h"};
  sync::ShardEntry const entry{shard, channels, sync::Status::Failed, true, std::nullopt};
  sync::Outgoing outgoing;
  outgoing.id = target;
  outgoing.target = {Url("https://t:8629")};
  outgoing.inventory = channels;
  outgoing.remote_queue = queue;
  outgoing.remote_token_expires = noon;
  outgoing.barrier = sync::Barrier{sync::BarrierId("b"), sync::BarrierPhase::Held, noon};
  outgoing.final_mode = sync::ServerMode::ReadOnly;
  outgoing.shards[shard] = entry;
  sync::Authentication const authentication{"cert", "key", "", "ca"};
  sync::Cancellation const cancellation{
      sync::ServerMode::Default, sync::ServerMode::ReadOnly, true, Duration(5), true, false};
  using master::OfficeEvent;
  using sync::IncomingEvent;
  using sync::OutgoingEvent;
  using sync::PartnerEvent;
  using sync::ShardEvent;
  return {OfficeEvent(master::LeadershipBegun{Term(4)}),
          OfficeEvent(master::WorkerCaKept{{"certificate", "key"}}),
          OfficeEvent(master::MessageTimeoutSet{std::chrono::hours(3)}),
          membership::Event(membership::WorkerJoined{worker, Instant{}}),
          membership::Event(membership::WorkerLeft{WorkerId("w"), membership::Farewell::Replaced}),
          task::Event(task::TaskCreated{task}),
          task::Event(task::TaskAssigned{TaskId("task"), {WorkerId("w"), noon, 3}}),
          task::Event(task::TaskCancelled{TaskId("task")}),
          task::Event(task::TaskRemoved{TaskId("task")}),
          access::Event(access::TokenIssued{Token("t"), {noon, Token("p"), access::Holder{target}}}),
          access::Event(access::TokenExtended{Token("t"), noon}),
          access::Event(access::TokensExpired{{Token("t"), Token("u")}}),
          access::Event(access::TokensRevoked{{Token("t")}}),
          IncomingEvent(sync::ClusterIdDrawn{target}),
          IncomingEvent(sync::IncomingConfigured{{Url("https://s:8629")}, authentication}),
          IncomingEvent(sync::IncomingReconfigured{{Url("https://s:8629")}, authentication}),
          IncomingEvent(sync::SourceLearned{"s.", "t.", {Url("https://s:8629")}, {target}, queue, noon, Instant{}}),
          IncomingEvent(sync::OwnTokenGiven{Token("t")}),
          IncomingEvent(sync::SourceAccepted{}),
          IncomingEvent(sync::LineageLearned{{target, ClusterId("x")}}),
          IncomingEvent(sync::BarrierWished{sync::BarrierWish::Lift, std::nullopt}),
          IncomingEvent(sync::IncomingFailed{"why"}),
          IncomingEvent(sync::IncomingCancelled{cancellation, std::nullopt}),
          IncomingEvent(sync::SourceLeft{true}),
          IncomingEvent(sync::IncomingRemoved{}),
          OutgoingEvent(sync::OutgoingEntered{outgoing, Instant{}}),
          OutgoingEvent(sync::OutgoingUpdated{target, {Url("https://t:8629")}, queue, Instant{}}),
          OutgoingEvent(sync::OutgoingCancelled{target, sync::ServerMode::ReadOnly}),
          OutgoingEvent(sync::OutgoingRemoved{target}),
          OutgoingEvent(sync::BarrierRaised{target, sync::BarrierId("b"), Instant{}}),
          OutgoingEvent(sync::BarrierHeld{target, noon}),
          OutgoingEvent(sync::BarrierDropped{target}),
          OutgoingEvent(sync::BarrierLifted{target}),
          PartnerEvent(sync::StatusReached{target, sync::Status::Running}),
          PartnerEvent(sync::RemoteTokenKept{std::nullopt, Token("t"), noon, Instant{}}),
          ShardEvent(sync::ShardAdded{target, entry}),
          ShardEvent(sync::ShardStatusReached{std::nullopt, shard, sync::Status::Running}),
          ShardEvent(sync::ShardCancelled{target, shard, true, std::nullopt}),
          ShardEvent(sync::ShardRemoved{std::nullopt, shard, std::nullopt})};
}

/// What form 2 has added: numbered orders, lives.
std::vector<Event> one_of_each_with_orders() {
  ShardRef const shard{DatabaseName("db:é"), CollectionName("_jobs"), 3};
  ClusterId const target("targettargettarget00");
  sync::Order const order{sync::Life(7), Term(4), RequestId(12)};
  task::Channels const channels{ChannelName("t.data"), ChannelName("s.control")};
  sync::ShardEntry const entry{shard, channels, sync::Status::Running, false, order};
  sync::Outgoing outgoing;
  outgoing.id = target;
  outgoing.shards[shard] = entry;
  outgoing.endings = sync::Endings{{{shard, order}}, sync::Order{sync::Life(6), Term(3), RequestId(1)}};
  std::vector<Event> events = one_of_each();
  for (Event const& event :
       {Event(sync::IncomingEvent(sync::LifeBegun{sync::Life(7)})), Event(sync::IncomingEvent(sync::SourceForgot{})),
        Event(sync::OutgoingEvent(sync::TargetHeard{target, {order, noon}})),
        Event(sync::OutgoingEvent(sync::OutgoingEntered{outgoing, Instant{}})),
        Event(sync::ShardEvent(sync::ShardAdded{target, entry})),
        Event(sync::ShardEvent(sync::ShardCancelled{target, shard, true, order})),
        Event(sync::ShardEvent(sync::ShardRemoved{target, shard, order}))}) {
    events.push_back(event);
  }
  return events;
}

/// What form 3 has added: reigns.
std::vector<Event> one_of_each_with_reigns() {
  std::vector<Event> events = one_of_each_with_orders();
  Reign const reign{ServerId("PRMR-é"), 9'007'199'254'740'993u};
  task::Task task;
  task.id = TaskId("task");
  task.spec.kind = task::Kind::SendShard;
  task.spec.shard = ShardRef{DatabaseName("db:é"), CollectionName("_jobs"), 3};
  task.assignment = task::Assignment{WorkerId("w"), noon, 2, reign};
  events.push_back(task::Event(task::TaskCreated{task}));
  events.push_back(task::Event(task::TaskAssigned{TaskId("task"), {WorkerId("w"), noon, 3, reign}}));
  events.push_back(task::Event(task::ReignBegun{TaskId("task"), reign}));
  return events;
}

/// What form 4 has added: what was seen of the plan, and what is doubted of the mode.
std::vector<Event> one_of_each_with_doubts() {
  std::vector<Event> events = one_of_each_with_reigns();
  events.push_back(master::OfficeEvent(master::PlanSeen{9'007'199'254'740'993u}));
  events.push_back(master::OfficeEvent(master::ModeDoubted{true}));
  return events;
}

std::string golden_file(std::uint64_t version) {
  return tests::data_folder() + "/journal/v" + std::to_string(version) + ".jsonl";
}

std::string line_of(Event const& event) {
  auto const entries = written({event});
  bj::object line{
      {"event", entries.at(0).event}, {"v", entries.at(0).version}, {"data", bj::parse(entries.at(0).data)}};
  return bj::serialize(line);
}

Event read_line(std::string const& text) {
  bj::object const line = bj::parse(text).as_object();
  auto const read = read_event(std::string(line.at("event").as_string()), line.at("v").to_number<std::uint64_t>(),
                               line.at("data").as_object());
  EXPECT_TRUE(read.has_value()) << text << (read ? "" : read.error().message);
  return read.value_or(Event());
}

/// Form 1, as it was written until orders were numbered, form 2, until there were reigns, and form 3, until the plan
/// that was seen was kept. The files never change.
TEST(JournalGolden, EveryKindOfFormerFormsIsReadAsItWasMeant) {
  for (auto const& [version, events] : {std::pair(1, one_of_each()), std::pair(2, one_of_each_with_orders()),
                                        std::pair(3, one_of_each_with_reigns())}) {
    std::ifstream file(golden_file(static_cast<std::uint64_t>(version)));
    std::string text;
    for (Event const& event : events) {
      ASSERT_TRUE(std::getline(file, text));
      EXPECT_TRUE(read_line(text) == event) << text;
    }
    EXPECT_FALSE(std::getline(file, text)) << text;
  }
}

TEST(JournalGolden, EveryKindOfTheFormOfTodayIsReadAsItWasMeant) {
  std::vector<Event> const events = one_of_each_with_doubts();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(golden_file(event_form_version));
    for (Event const& event : events) out << line_of(event) << "\n";
  }
  std::ifstream file(golden_file(event_form_version));
  std::string text;
  for (Event const& event : events) {
    ASSERT_TRUE(std::getline(file, text)) << "a kind is missing: UPDATE_GOLDEN=1 adds it (never change a line)";
    EXPECT_TRUE(read_line(text) == event) << text;
    EXPECT_EQ(line_of(event), text) << "the form has changed: raise event_form_version, keep reading this one";
  }
  EXPECT_FALSE(std::getline(file, text)) << text;
}

/// How many durable alternatives there are: one that is added to a room has to be added to the golden file.
TEST(JournalGolden, KnowsEveryDurableKind) {
  std::set<std::string> kinds;
  for (Event const& event : one_of_each_with_doubts()) {
    EXPECT_TRUE(is_durable(event));
    kinds.insert(std::string(bj::parse(layout::describe(event)).at("event").as_string()));
  }
  std::set<std::string> met;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    master::RandomStory story(seed);
    for (int i = 0; i < 200; ++i) story.step();
    for (Event const& event : story.scene.history) {
      if (is_durable(event)) met.insert(std::string(bj::parse(layout::describe(event)).at("event").as_string()));
    }
  }
  for (std::string const& kind : met) EXPECT_EQ(kinds.count(kind), 1u) << kind;
}

}  // namespace
}  // namespace arangosync::agency
