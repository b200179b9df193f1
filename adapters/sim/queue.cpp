#include "adapters/sim/queue.h"

#include "adapters/sim/leader.h"
#include "domain/base/check.h"
#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace arangosync::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration pull_timeout = 8s;
constexpr Duration pull_wait = 3s;  // a pull that finds nothing is held open this long
constexpr std::size_t pull_messages_max = 16;
constexpr std::size_t prefetch_messages = limits::window_messages;
constexpr std::size_t channel_bytes_max = 2 * limits::window_bytes;

}  // namespace

// ---- publisher ----------------------------------------------------------------------------------------------------

void SimQueue::perform(worker::Publish const& effect) {
  auto [found, is_new] = published_.try_emplace(effect.channel);
  Channel& channel = found->second;
  if (is_new) channel.instance = self_.draw().bits | 1;
  std::size_t const bytes = shard::weight_bytes(effect.message);
  Outcome<Done> outcome = Done{};
  if (!channel.messages.empty() && channel.bytes + bytes > channel_bytes_max) {
    outcome = unexpected(Fault{FaultClass::Retry, "channel is full"});
  } else {
    channel.last = channel.last.next();
    channel.messages.emplace_back(channel.last, effect.message);
    channel.bytes += bytes;
    auto const waiting = std::exchange(channel.waiting, {});
    for (auto const& [number, waiter] : waiting) waiter.second(take(channel, waiter.first));
  }
  if (!effect.request) return;
  self_.enter_later([this, request = *effect.request, outcome] { inbox_.post(worker::Published{request, outcome}); });
}

void SimQueue::perform(worker::DropChannel const& effect) { published_.erase(effect.channel); }

void SimQueue::serve(Pull pull, std::function<void(Pulled)> answer) {
  auto const found = published_.find(pull.channel);
  if (found == published_.end()) return answer(Pulled{});
  Channel& channel = found->second;
  Offset after = pull.after;
  if (pull.instance == channel.instance) {
    while (!channel.messages.empty() && channel.messages.front().first <= pull.committed) {
      channel.bytes -= shard::weight_bytes(channel.messages.front().second);
      channel.messages.pop_front();
    }
  } else {
    after = Offset(0);
  }
  if (channel.last > after) return answer(take(channel, after));
  std::uint64_t const number = ++pulls_waited_;
  channel.waiting.push_back({number, {after, std::move(answer)}});
  self_.world().after(pull_wait, [this, name = pull.channel, number] {
    auto const again = published_.find(name);
    if (again == published_.end()) return;
    auto& waiting = again->second.waiting;
    auto const waiter = std::find_if(waiting.begin(), waiting.end(), [&](auto const& w) { return w.first == number; });
    if (waiter == waiting.end()) return;
    auto const idle = waiter->second.second;
    waiting.erase(waiter);
    self_.enter([idle, instance = again->second.instance] { idle(Pulled{instance, {}}); });
  });
}

SimQueue::Pulled SimQueue::take(Channel const& channel, Offset after) {
  Pulled pulled{channel.instance, {}};
  for (auto const& [offset, message] : channel.messages) {
    if (offset <= after) continue;
    pulled.messages.emplace_back(offset, message);
    if (pulled.messages.size() >= pull_messages_max) break;
  }
  return pulled;
}

std::size_t SimQueue::bytes_held() const {
  std::size_t bytes = 0;
  for (auto const& [name, channel] : published_) bytes += channel.bytes;
  return bytes;
}

// ---- subscriber ---------------------------------------------------------------------------------------------------

void SimQueue::perform(worker::Subscribe const& effect) {
  auto [found, is_new] = subscriptions_.try_emplace(effect.channel);
  found->second.remote = effect.remote;
  if (!is_new) return;
  found->second.number = ++subscriptions_made_;
  pull(effect.channel);
}

void SimQueue::perform(worker::Unsubscribe const& effect) { subscriptions_.erase(effect.channel); }

void SimQueue::perform(worker::Commit const& effect) {
  auto const found = subscriptions_.find(effect.channel);
  if (found == subscriptions_.end()) return;
  Subscription& subscription = found->second;
  if (effect.offset.value() <= subscription.base) return;  // of the channel's earlier life
  Offset const reached(std::min(effect.offset.value() - subscription.base, subscription.received.value()));
  subscription.committed = std::max(subscription.committed, reached);
  if (!subscription.pulling) pull(effect.channel);
}

void SimQueue::pull(ChannelName const& channel) {
  Subscription& subscription = subscriptions_.at(channel);
  DC_ASSERT(!subscription.pulling);
  if (subscription.remote.endpoints.empty()) return;
  if (subscription.received.value() - subscription.committed.value() >= prefetch_messages) return;
  subscription.pulling = true;
  Pull const wanted{channel, subscription.instance, subscription.received, subscription.committed};
  Url const master = subscription.remote.endpoints[subscription.next_master % subscription.remote.endpoints.size()];
  Token const token(subscription.remote.client_token);
  using Maybe = std::optional<Pulled>;
  auto work = [wanted, token](MasterDoor const& door, std::function<void(std::optional<Url>)> answer) {
    door.find_sender(wanted.channel, token, std::move(answer));
  };
  auto serve = [this, master, wanted, work](std::function<void(Maybe)> answer) {
    at_leader<Url>(network_, directory_, master, work, [this, master, wanted, answer](std::optional<Url> sender) {
      fetch(master, sender, wanted, answer);
    });
  };
  network_.call<Maybe>(self_, directory_.node(master), pull_timeout, serve,
                       [this, channel, number = subscription.number](std::optional<Maybe> answer) {
                         auto const found = subscriptions_.find(channel);
                         if (found == subscriptions_.end() || found->second.number != number) return;
                         found->second.pulling = false;
                         if (answer && *answer && (*answer)->instance != 0) return pulled(channel, std::move(**answer));
                         ++found->second.next_master;
                         pull_later(channel, number);
                       });
}

void SimQueue::fetch(Url const& proxy, std::optional<Url> const& sender, Pull const& wanted,
                     std::function<void(std::optional<Pulled>)> answer) {
  MasterDoor const* const door = directory_.master(proxy);
  if (!sender || door == nullptr) return answer(std::nullopt);
  using Maybe = std::optional<Pulled>;
  auto serve = [this, sender, wanted](std::function<void(Maybe)> fetched) {
    WorkerDoor const* const worker = directory_.worker(*sender);
    if (worker == nullptr) return fetched(std::nullopt);
    worker->process->enter([queue = worker->queue, wanted, fetched] { queue->serve(wanted, fetched); });
  };
  network_.call<Maybe>(*door->process, directory_.node(*sender), pull_timeout, serve,
                       [answer](std::optional<Maybe> got) { answer(got ? std::move(*got) : std::nullopt); });
}

void SimQueue::pull_later(ChannelName const& channel, std::uint64_t number) {
  self_.world().after(self_.world().between(100ms, 500ms), [this, channel, number] {
    self_.enter([this, channel, number] {
      auto const found = subscriptions_.find(channel);
      if (found == subscriptions_.end() || found->second.number != number || found->second.pulling) return;
      pull(channel);
    });
  });
}

void SimQueue::pulled(ChannelName const& channel, Pulled answer) {
  Subscription& subscription = subscriptions_.at(channel);
  if (subscription.instance != answer.instance) {
    subscription.instance = answer.instance;
    subscription.base += subscription.received.value();
    subscription.received = Offset(0);
    subscription.committed = Offset(0);
  }
  for (auto& [offset, message] : answer.messages) {
    if (offset <= subscription.received) continue;
    subscription.received = offset;
    inbox_.post(worker::MessageArrived{channel, Offset(subscription.base + offset.value()), std::move(message)});
  }
  // A connection that breaks and is made anew starts behind the last commit: messages come twice, in order.
  if (!answer.messages.empty() && self_.world().chance(10)) subscription.received = subscription.committed;
  pull(channel);
}

}  // namespace arangosync::sim
