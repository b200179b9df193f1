#include "adapters/direct/publisher.h"

#include "adapters/codec/message.h"

namespace arangosync::direct {

void Publisher::publish(worker::Publish effect) {
  std::lock_guard const lock(mutex_);
  if (stopped_) return;
  ChannelName const channel = effect.channel;
  Line& line = lines_[channel];
  line.waiting.push_back(std::move(effect));
  start(channel, line);
}

void Publisher::drop(ChannelName const& channel) {
  std::lock_guard const lock(mutex_);
  if (stopped_) return;
  store_.drop(channel);
  auto const found = lines_.find(channel);
  if (found == lines_.end()) return;
  ++found->second.life;
  for (auto const& effect : found->second.waiting) {
    answer(effect, unexpected(Fault{FaultClass::NotFound, "the channel was dropped"}));
  }
  found->second.waiting.clear();
  if (!found->second.is_running) lines_.erase(found);
}

void Publisher::stop() {
  std::lock_guard const lock(mutex_);
  stopped_ = true;
  lines_.clear();
}

void Publisher::answer(worker::Publish const& effect, Outcome<Done> outcome) {
  if (effect.request) inbox_.post(worker::Published{*effect.request, std::move(outcome)});
}

void Publisher::start(ChannelName const& channel, Line& line) {
  if (line.is_running) return;
  line.is_running = true;
  io_.post([weak = weak_from_this(), channel] {
    if (auto const self = weak.lock()) self->run(channel);
  });
}

void Publisher::run(ChannelName const& channel) {
  worker::Publish effect;
  std::uint64_t life = 0;
  bool is_full = false;
  {
    std::lock_guard const lock(mutex_);
    if (stopped_) return;
    Line& line = lines_.at(channel);
    if (line.waiting.empty()) {  // dropped meanwhile
      lines_.erase(channel);
      return;
    }
    effect = std::move(line.waiting.front());
    line.waiting.pop_front();
    life = line.life;
    is_full = store_.is_full(channel);
  }
  std::string bytes;
  if (!is_full) bytes = codec::encode(effect.message);  // outside the lock: this is where the time goes
  std::lock_guard const lock(mutex_);
  if (stopped_) return;
  Line& line = lines_.at(channel);
  Outcome<Done> outcome = Done{};
  if (line.life != life) {
    outcome = unexpected(Fault{FaultClass::NotFound, "the channel was dropped"});
  } else if (is_full) {
    outcome = unexpected(Fault{FaultClass::Retry, "the direct queue is full"});
  } else if (auto taken = store_.publish(channel, std::move(bytes)); !taken) {
    outcome = unexpected(taken.error());
  }
  answer(effect, std::move(outcome));
  line.is_running = false;
  if (line.waiting.empty()) {
    lines_.erase(channel);
  } else {
    start(channel, line);
  }
}

}  // namespace arangosync::direct
