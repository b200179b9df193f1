// One subscribed channel: what has arrived, what is dealt with, how much more may come. Pure bookkeeping, no threads;
// used by subscriber.cpp under its lock.
//
// The engine sees offsets of its own that only grow while the subscription lives: when the sending process begins a new
// life and counts from 1 again, a late commit of the old life cannot be mistaken for one of the new.
#pragma once

#include "adapters/direct/frames.h"
#include "domain/base/limits.h"
#include "domain/shard/message.h"
#include "domain/task/task.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace arangosync::direct {

class Subscription {
public:
  task::QueueConfig remote;
  std::optional<ShardRef> shard;
  std::uint64_t binding = 0;  ///< new with each place it is read from: tells late answers apart
  std::uint32_t failed_lookups = 0;
  bool is_asked_for_more = false;  ///< the pull under way may bring messages of it

  /// How much one of so many channels may have fetched and not dealt with: together they stay below the worker's cap,
  /// but for the one message that each may always have.
  static std::size_t share_of(std::size_t channels) {
    std::size_t const share = limits::prefetch_bytes_max / std::max<std::size_t>(channels, 1);
    return std::clamp(share, limits::prefetch_share_min, limits::window_bytes / 2);
  }

  /// How it stands, for the next pull.
  Wanted wanted(ChannelName const& channel, std::size_t share) {
    committed_told_ = committed_;
    std::size_t const room = share - std::min(share, unread_bytes_);
    return {channel, instance_, Offset(received_), Offset(committed_), static_cast<std::uint32_t>(room)};
  }
  bool has_room(std::size_t share) const { return unread_bytes_ < share; }
  bool has_untold_commit() const { return committed_ > committed_told_; }

  /// The sending process has begun a new life: what is still unread of the old one has been handed over already.
  void enter_life(std::uint64_t instance) {
    if (instance == instance_) return;
    instance_ = instance;
    base_ += received_;
    received_ = committed_ = committed_told_ = 0;
    unread_.clear();
    unread_bytes_ = 0;
  }
  /// The engine's offset for a message that is new; nothing if it came before.
  std::optional<Offset> take(Offset offset, std::size_t bytes) {
    if (offset.value() <= received_) return std::nullopt;
    received_ = offset.value();
    unread_.emplace_back(received_, bytes);
    unread_bytes_ += bytes;
    return Offset(base_ + received_);
  }
  /// True if it moved on.
  bool commit(Offset offset) {
    if (offset.value() <= base_) return false;
    std::uint64_t const reached = std::min(offset.value() - base_, received_);
    if (reached <= committed_) return false;
    committed_ = reached;
    while (!unread_.empty() && unread_.front().first <= committed_) {
      unread_bytes_ -= unread_.front().second;
      unread_.pop_front();
    }
    return true;
  }

private:
  std::uint64_t instance_ = 0;
  std::uint64_t base_ = 0;  // added to the sender's offsets
  std::uint64_t received_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t committed_told_ = 0;
  std::deque<std::pair<std::uint64_t, std::size_t>> unread_;
  std::size_t unread_bytes_ = 0;
};

}  // namespace arangosync::direct
