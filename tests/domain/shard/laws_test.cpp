// A law of one shard's two halves over a channel that loses and doubles, with senders and receivers that die, calls
// whose answers are lost, and two senders that both answer: whatever happens, no position passes a change that is not
// applied, no shard is called complete up to a moment of which something is missing, what is counted never goes back,
// and once the trouble is over the target gets everything. Servers that restart or change are not among the troubles.
//
// The model is as dumb as can be: the source is a number of changes, one a second, the target the set of those that it
// has.
#include "tests/domain/shard/story.h"

#include "domain/base/overloaded.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <set>
#include <sstream>

namespace arangosync::shard {
namespace {

/// What a payload brings, in words: "changes A B" those after A up to B, "copy T N" the N-th piece of a copy of the
/// source at T, "found T" all up to T that a comparison has found missing.
Payload brings(std::string const& words) { return Payload{Blob(words), 1}; }

std::string in_words(std::string const& kind, std::uint64_t first, std::uint64_t second) {
  return kind + ' ' + std::to_string(first) + ' ' + std::to_string(second);
}

struct Words {
  std::string kind;
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  explicit Words(Blob const& blob) {
    std::istringstream in{std::string(blob.bytes())};
    in >> kind >> first >> second;
  }
};

/// The changes, by number, that the target has; the pieces that a copy under way has brought; what is stored there.
struct Target {
  std::set<std::uint64_t> has;
  std::set<std::pair<std::uint64_t, std::uint64_t>> pieces;
  std::optional<Position> stored;

  void apply(DataBody const& body) {
    Payload const* payload = payload_of(body);
    if (payload == nullptr) return;
    Words const words(payload->changes);
    if (words.kind == "changes") take(words.first, words.second);
    if (words.kind == "copy") has.clear();  // it may overwrite anything with something older
    if (words.kind == "copy") pieces.insert({words.first, words.second});
    if (words.kind == "found") take(0, words.first);
  }
  /// Older revisions overwrite newer ones: whatever came later has to come again.
  void take(std::uint64_t after, std::uint64_t to) {
    has.erase(has.upper_bound(to), has.end());
    for (std::uint64_t change = after + 1; change <= to; ++change) has.insert(change);
  }
  bool has_all_until(std::uint64_t tick) const {
    return static_cast<std::uint64_t>(std::distance(has.begin(), has.upper_bound(tick))) == tick;
  }
  /// What the copy did not bring is removed.
  void end_copy(SnapshotEnd const& end) {
    std::uint64_t const tick = end.position.from.value();
    has.clear();
    for (std::uint64_t piece = 0; piece < end.documents; ++piece) {
      if (!pieces.contains({tick, piece})) return;
    }
    take(0, tick);
  }
};

struct SendingHalf : Story<SendingHalf, sender::State, sender::Event> {
  std::deque<ControlMessage> heard;  ///< on its way to it
  std::uint64_t snapshot_tick = 0;
  std::uint64_t pieces = 0;

  explicit SendingHalf(std::uint64_t seed, Instant at) {
    now = at;
    entropy = seed;
    write_until = never;
    state = sender::initial_state(the_shard, now);
    when([](auto const& s, auto& m) { return sender::on_reign(s, m, Reign{ServerId("PRMR-1"), 1}); });
    when([](auto const& s, auto& m) {
      return sender::on_place(s, m, sender::Place{"7000", ShardName("s1"), ServerId("PRMR-1")});
    });
  }
};

struct ReceivingHalf : Story<ReceivingHalf, receiver::State, receiver::Event> {
  explicit ReceivingHalf(std::uint64_t seed, Instant at) {
    now = at;
    entropy = seed;
    write_until = never;
    state = receiver::initial_state(the_shard);
    when([](auto const& s, auto& m) { return receiver::on_start(s, m); });
  }
};

/// Both halves, two of the first, and what is between them.
class World {
public:
  explicit World(std::uint64_t seed)
      : draw_(Entropy{seed}), receiver_(draw_.next(), now_), seldom_(50 + draw_.below(400)) {
    for (int i = 0; i < 2; ++i) senders_.emplace_back(draw_.next(), now_);
  }

  /// Mostly a step, sometimes something worse.
  void trouble() {
    switch (draw_.below(seldom_)) {
      case 0:
        senders_[draw_.below(2)] = SendingHalf(draw_.next(), now_);
        break;
      case 1:
        begin_receiver_anew();
        break;
      case 2:
        go_back();  // a subscription begins anew
        break;
      case 3:
        cursor_ += draw_.below(std::min<std::size_t>(channel_.size() - cursor_, 4) + 1);  // lost
        break;
      case 4:
        senders_[draw_.below(2)].heard.clear();
        break;
      case 5:
        lose_log(senders_[draw_.below(2)]);
        break;
      case 6:
        are_two_ = !are_two_;
        break;
      default:
        step(true);
    }
  }

  /// One thing happens that may happen. `badly`: it may also fail.
  void step(bool badly) {
    pass_until(now_ + std::chrono::milliseconds(draw_.below(100)));
    badly_ = badly;
    if (!badly) are_two_ = false;
    SendingHalf& sender = senders_[are_two_ ? draw_.below(2) : 0];
    switch (draw_.below(8)) {
      case 0:
        if (badly && users_write()) last_tick_ += 1 + draw_.below(3);
        break;
      case 1:
        deliver();
        break;
      case 2:
        hear(sender);
        break;
      case 3:
        read_source(sender);
        break;
      case 4:
        publish(sender);
        break;
      case 5:
        answer_receiver();
        break;
      case 6:
        store();
        break;
      default:
        wake(sender);
    }
    keeps_promises();
  }

  bool is_complete() const {
    return receiver_.state.position && receiver_.state.position->from.value() == last_tick_ &&
           target_.has_all_until(last_tick_);
  }
  std::uint64_t mixtures_refused() const { return mixtures_refused_; }

private:
  void pass_until(Instant at) {
    now_ = at;
    receiver_.now = at;
    for (SendingHalf& sender : senders_) sender.now = at;
  }
  /// For ten seconds out of thirty.
  bool users_write() const { return last_tick_ < 400 && now_.since_start() / 10s % 3 == 0; }
  bool fails() { return badly_ && draw_.below(12) == 0; }

  void go_back() { cursor_ -= draw_.below(std::min<std::size_t>(cursor_, 20) + 1); }
  void begin_receiver_anew() {
    receiver_ = ReceivingHalf(draw_.next(), now_);
    under_way_.clear();
    if (storing_ && draw_.below(2) == 0) target_.stored = storing_->position;  // it was on its way
    storing_.reset();
    commit_ = Offset();
    go_back();
  }
  /// The receiver decides; what it begins to write, and that a copy begins, is noted.
  template <class Decide>
  void receive(Decide decide) {
    receiver_.when(decide);
    if (receiver_.event<receiver::CopyBegun>() != nullptr) target_.pieces.clear();
    if (receiver_.event<receiver::SurplusAsked>() != nullptr) {
      copy_end_ = std::get<SnapshotEnd>(receiver_.state.queue.front().body);
    }
    auto const* asked = receiver_.event<receiver::ApplyAsked>();
    if (asked == nullptr) return;
    under_way_.clear();
    for (std::size_t i = 0; i < asked->messages; ++i) under_way_.push_back(receiver_.state.queue[i].body);
  }
  template <class T>
  Outcome<T> outcome(T value) {
    if (fails()) return unexpected(fault(draw_.below(20) == 0 ? FaultClass::Permanent : FaultClass::Retry));
    return value;
  }

  /// The source's clock goes by its changes.
  WallTime source_time() const { return WallTime(5000s + std::chrono::seconds(last_tick_)); }
  static std::uint64_t tick_at(WallTime time) { return static_cast<std::uint64_t>((time.since_epoch() - 5000s) / 1s); }

  /// Counters never go back while what they count lives, and nothing is claimed that is not so.
  void keeps_promises() {
    receiver::State const& state = receiver_.state;
    if (state.position) RC_ASSERT(target_.has_all_until(state.position->from.value()));
    if (target_.stored) RC_ASSERT(target_.has_all_until(target_.stored->from.value()));
    if (state.caught_up) RC_ASSERT(target_.has_all_until(tick_at(*state.caught_up)));
    if (state.caught_up && target_.stored) RC_ASSERT(tick_at(*state.caught_up) <= target_.stored->from.value());
    RC_ASSERT(state.commit >= commit_);
    RC_ASSERT(state.stream.epoch != epoch_ || state.stream.received >= received_);
    RC_ASSERT(state.stream.epoch != epoch_ || state.confirmed >= confirmed_);
    epoch_ = state.stream.epoch;
    received_ = state.stream.received;
    confirmed_ = state.confirmed;
    commit_ = state.commit;
  }

  void deliver() {
    if (cursor_ >= channel_.size()) return;
    DataMessage const message = channel_[cursor_];
    Offset const offset(++cursor_);
    if (badly_ && draw_.below(100) == 0) return;  // lost
    auto const& stream = receiver_.state.stream;
    bool const is_other = stream.heard && message.epoch == stream.epoch && message.answer != stream.answer;
    receive([&](auto const& s, auto& m) { return receiver::on_message(s, m, offset, message); });
    if (is_other) ++mixtures_refused_;
    if (is_other) RC_ASSERT(receiver_.event<receiver::MessageTaken>() == nullptr);
  }

  void hear(SendingHalf& sender) {
    if (sender.heard.empty()) return;
    ControlMessage const message = sender.heard.front();
    if (!badly_ || draw_.below(8) > 0) sender.heard.pop_front();  // else it comes twice
    sender.when([&](auto const& s, auto& m) {
      return std::visit(overloaded{
                            [&](Request const& e) { return sender::on_request(s, m, e); },
                            [&](Acknowledge const& e) { return sender::on_acknowledge(s, m, e); },
                            [&](Difference const& e) { return sender::on_difference(s, m, e); },
                            [&](CopyWanted const& e) { return sender::on_copy_wanted(s, m, e); },
                        },
                        message);
    });
  }

  /// Whatever the sender has asked of the source, or the log has for it.
  void read_source(SendingHalf& sender) {
    if (sender::wants_turn(sender.state) && now_ >= sender.state.retry_at) {
      sender.when([](auto const& s, auto& m) { return sender::on_turn(s, m); });
    }
    if (sender::tailing(sender.state) != nullptr) return read_log(sender);
    if (auto const* opening = std::get_if<sender::Opening>(&sender.state.phase)) return open(sender, *opening);
    if (auto const* copying = std::get_if<sender::Copying>(&sender.state.phase); copying && copying->reading) {
      RequestId const request = *copying->reading;
      sender::Chunk const chunk{brings(in_words("copy", sender.snapshot_tick, copying->documents)),
                                draw_.below(3) == 0};
      sender.when([&](auto const& s, auto& m) { return sender::on_chunk(s, m, request, outcome(chunk)); });
    }
    if (auto const* comparing = std::get_if<sender::Comparing>(&sender.state.phase); comparing && comparing->reading) {
      RequestId const request = *comparing->reading;
      std::uint64_t const asked = Words(comparing->parts.front().ranges).first;
      sender::DifferenceChunk chunk;
      chunk.changes = brings(in_words("found", std::min(asked, sender.snapshot_tick), 0));
      sender.when([&](auto const& s, auto& m) { return sender::on_difference_read(s, m, request, outcome(chunk)); });
    }
  }

  void open(SendingHalf& sender, sender::Opening const& opening) {
    if (!opening.request) return;
    RequestId const request = *opening.request;
    sender.snapshot_tick = last_tick_;
    SnapshotId const id{ServerId("PRMR-1"), DatabaseName("d"), "900"};
    sender::Opened opened{id, Tick(last_tick_), "77", std::nullopt};
    if (draw_.below(3) > 0) opened.tree = Blob(in_words("tree", last_tick_, 0));
    sender.when([&](auto const& s, auto& m) { return sender::on_snapshot_opened(s, m, request, outcome(opened)); });
  }

  void read_log(SendingHalf& sender) {
    if (sender::window_is_full(sender.state)) return;
    std::uint64_t const from = sender::tailing(sender.state)->position.from.value();
    std::uint64_t const to = std::min(last_tick_, from + draw_.below(4));
    bool const is_end = to == last_tick_;
    if (to > from) {
      Payload const changes = brings(in_words("changes", from, to));
      sender.when([&](auto const& s, auto& m) {
        return sender::on_changes(s, m, changes, position_at(to), source_time(), is_end);
      });
    } else if (is_end) {
      sender::LogView const view{position_at(to), true, source_time(), false};
      sender.when([&](auto const& s, auto& m) { return sender::on_beat(s, m, view); });
      if (auto const* said = sender.event<sender::HeartbeatSaid>()) {
        channel_.push_back(DataMessage{sender.state.epoch, sender.state.sequence, said->body, sender.state.answer});
      }
    }
  }

  void lose_log(SendingHalf& sender) {
    if (sender::tailing(sender.state) == nullptr) return;
    sender.when([](auto const& s, auto& m) { return sender::on_lost(s, m, "trimmed"); });
  }

  void publish(SendingHalf& sender) {
    if (!sender.state.publishing) return;
    RequestId const request = *sender.state.publishing;
    Outcome<Done> const result = outcome(Done{});
    bool const arrives = result || draw_.below(2) == 0;  // the answer may be what was lost
    if (arrives) channel_.push_back(sender.state.outbox.front());
    sender.when([&](auto const& s, auto& m) { return sender::on_published(s, m, request, result); });
  }

  void answer_receiver() {
    receiver::State const& state = receiver_.state;
    if (auto const* reading = std::get_if<receiver::Reading>(&state.phase); reading && reading->request) {
      RequestId const request = *reading->request;
      TargetShard const known{target_.stored, "7000"};
      receive([&](auto const& s, auto& m) { return receiver::on_position_read(s, m, request, outcome(known)); });
    }
    if (state.talk.publishing) say();
    if (state.comparison && state.comparison->request) compare();
    if (state.work) work();
  }

  void say() {
    RequestId const request = *receiver_.state.talk.publishing;
    Outcome<Done> const result = outcome(Done{});
    for (std::size_t i = 0; i < (are_two_ ? 2U : 1U); ++i) {
      if (!badly_ || draw_.below(8) > 0) senders_[i].heard.push_back(*receiver_.state.talk.saying);
    }
    receive([&](auto const& s, auto& m) { return receiver::on_published(s, m, request, result); });
  }

  void compare() {
    RequestId const request = *receiver_.state.comparison->request;
    std::uint64_t const tick = Words(receiver_.state.comparison->trees.front()).first;
    receiver::Compared found;
    if (!target_.has_all_until(tick)) found.ranges = Blob(in_words("ranges", tick, 0));
    if (draw_.below(4) == 0) found.copy_instead = "drawn";
    receive([&](auto const& s, auto& m) { return receiver::on_tree_compared(s, m, request, outcome(found)); });
  }

  void work() {
    receiver::State const& state = receiver_.state;
    if (auto const* applying = std::get_if<receiver::Applying>(&*state.work)) {
      RequestId const request = applying->request;
      Outcome<std::uint64_t> const result = outcome(std::uint64_t{1});
      if (result || draw_.below(2) == 0) {  // the answer may be what was lost
        for (DataBody const& body : under_way_) target_.apply(body);
      }
      receive([&](auto const& s, auto& m) { return receiver::on_applied(s, m, request, result); });
    } else if (auto const* removing = std::get_if<receiver::RemovingSurplus>(&*state.work)) {
      RequestId const request = removing->request;
      Outcome<std::uint64_t> const result = outcome(std::uint64_t{1});
      if (result || draw_.below(2) == 0) target_.end_copy(copy_end_);
      receive([&](auto const& s, auto& m) { return receiver::on_surplus_removed(s, m, request, result); });
    }
  }

  /// Begins to store what is to be stored, or ends that: well, with an answer that is lost, or in vain.
  void store() {
    if (!storing_) {
      storing_ = receiver_.state.unstored;
      return;
    }
    receiver::Unstored const stored = *std::exchange(storing_, std::nullopt);
    if (fails()) return;
    target_.stored = stored.position;
    if (fails()) return;
    receive([&](auto const& s, auto& m) { return receiver::on_stored(s, m, stored); });
  }

  void wake(SendingHalf& sender) {
    bool const is_read = sender::tailing(sender.state) != nullptr;
    Instant const next = sooner(sender::next_wake(sender.state, is_read), receiver::next_wake(receiver_.state, 60s));
    if (draw_.below(4) == 0 && next != never) pass_until(std::max(now_, next));  // nothing happens for a while
    if (now_ >= sender::next_wake(sender.state, is_read)) {
      sender.when([&](auto const& s, auto& m) { return sender::on_wake(s, m, is_read); });
    }
    if (now_ >= receiver::next_wake(receiver_.state, 60s)) {
      receive([](auto const& s, auto& m) { return receiver::on_wake(s, m); });
    }
  }

  Draw draw_;
  Instant now_{1000s};
  std::uint64_t last_tick_ = 5;  ///< how much the source has
  Target target_;
  ReceivingHalf receiver_;
  std::vector<SendingHalf> senders_;
  std::vector<DataMessage> channel_;
  std::size_t cursor_ = 0;  ///< of the subscription
  bool badly_ = false;
  bool are_two_ = false;  ///< senders; the master moves a task while its former worker still runs it
  std::uint64_t seldom_;  ///< of so many things one is worse than a step
  std::optional<receiver::Unstored> storing_;
  SnapshotEnd copy_end_;             ///< whose surplus is being removed
  std::vector<DataBody> under_way_;  ///< what the target is being given
  Epoch epoch_;
  Sequence received_;
  Sequence confirmed_;
  Offset commit_;
  std::uint64_t mixtures_refused_ = 0;
};

}  // namespace

RC_GTEST_PROP(Shard, ClaimsNothingThatIsNotSoAndGetsEverythingInTheEnd, ()) {
  World world(*rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>())));
  for (int i = 0; i < 3000; ++i) world.trouble();
  int steps = 0;
  while (!world.is_complete() && steps < 40000) {
    world.step(false);
    ++steps;
  }
  RC_ASSERT(world.is_complete());
}

TEST(ShardLaws, MeetSendersThatAnswerTheSameRequest) {
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world(seed);
    for (int i = 0; i < 3000; ++i) world.trouble();
    refused += world.mixtures_refused();
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace arangosync::shard
