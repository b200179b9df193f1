#include "adapters/direct/channel_store.h"

#include "domain/base/check.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>

namespace arangosync::direct {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t wait_ms_max = 60'000;
constexpr std::size_t waiters_max = 10'000;
constexpr std::size_t answer_bytes_max = std::size_t{32} << 20;  // whatever the other side wishes

struct Stored {
  Offset offset;
  std::shared_ptr<std::string const> bytes;
};

struct Channel {
  std::string owner;  // whose name it begins with: the other datacenter's
  std::uint64_t instance = 0;
  Offset last;
  std::deque<Stored> messages;
  std::size_t bytes = 0;
};

struct Waiter {
  PullRequest request;
  std::function<void(PullAnswer)> answer;
  bool is_due = false;  // its gathering time runs
};

/// "sync_x." of "sync_x.abc": each datacenter names the channels that it reads.
std::string owner_of(ChannelName const& channel) {
  std::string const& name = channel.value();
  std::size_t const dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(0, dot + 1);
}

/// Takes messages for one pull, one per channel and round, so that a busy channel does not hold up the others.
class Taker {
public:
  explicit Taker(PullRequest const& request) : budget_(std::min<std::size_t>(request.bytes_max, answer_bytes_max)) {}

  void add(Wanted const& wanted, Channel const& channel) {
    Offset const after = wanted.instance == channel.instance ? wanted.after : Offset(0);
    if (wanted.bytes_max == 0 || channel.last <= after) return;
    auto const first = std::upper_bound(channel.messages.begin(), channel.messages.end(), after,
                                        [](Offset offset, Stored const& stored) { return offset < stored.offset; });
    if (first == channel.messages.end()) return;
    sources_.push_back({&channel, static_cast<std::size_t>(first - channel.messages.begin()), wanted.bytes_max,
                        answer_.channels.size()});
    answer_.channels.push_back({wanted.channel, true, channel.instance, {}});
  }
  void add_unknown(ChannelName const& channel) { answer_.channels.push_back({channel, false, 0, {}}); }

  PullAnswer take() {
    for (bool took = true; took;) {
      took = false;
      for (auto& source : sources_) took = take_one(source) || took;
    }
    std::erase_if(answer_.channels,
                  [](Delivered const& delivered) { return delivered.known && delivered.messages.empty(); });
    return std::move(answer_);
  }
  bool has_messages() const { return !sources_.empty(); }

private:
  struct Source {
    Channel const* channel;
    std::size_t next;
    std::size_t budget;
    std::size_t place;
  };

  bool take_one(Source& source) {
    if (source.next >= source.channel->messages.size()) return false;
    Stored const& stored = source.channel->messages[source.next];
    std::size_t const size = stored.bytes->size();
    auto& delivered = answer_.channels[source.place].messages;
    bool const fits_channel = delivered.empty() || size <= source.budget;
    bool const fits_answer = answer_.messages.empty() || size <= budget_;
    if (!fits_channel || !fits_answer) return false;
    delivered.push_back({stored.offset, *stored.bytes});
    answer_.messages.push_back(stored.bytes);
    source.budget -= std::min(source.budget, size);
    budget_ -= std::min(budget_, size);
    ++source.next;
    return true;
  }

  std::size_t budget_;
  std::vector<Source> sources_;
  PullAnswer answer_;
};

}  // namespace

struct ChannelStore::Impl : std::enable_shared_from_this<ChannelStore::Impl> {
  Impl(http::Io& io_in, ports::EntropySource& entropy_in, StoreLimits bounds_in)
      : io(io_in), entropy(entropy_in), bounds(bounds_in) {}

  http::Io& io;
  ports::EntropySource& entropy;
  StoreLimits const bounds;

  mutable std::mutex mutex;
  std::map<ChannelName, Channel> channels;
  std::size_t bytes = 0;
  std::map<std::string, std::size_t> held_for;  // bytes, by owner
  std::map<std::uint64_t, Waiter> waiters;      // by number, in order of arrival
  std::uint64_t last_waiter = 0;

  // ---- everything below wants the mutex held
  // --------------------------------------------------------------------------

  void let_go(Channel& channel, std::size_t size) {
    if (size == 0) return;
    channel.bytes -= size;
    bytes -= size;
    auto const held = held_for.find(channel.owner);
    held->second -= size;
    if (held->second == 0) held_for.erase(held);
  }

  void forget(Channel& channel, Offset through) {
    while (!channel.messages.empty() && channel.messages.front().offset <= through) {
      let_go(channel, channel.messages.front().bytes->size());
      channel.messages.pop_front();
    }
  }

  bool has_room(Channel const& channel, std::size_t size) const {
    bool const is_small = size <= bounds.small_message_bytes;
    std::size_t const total_max = bounds.total_bytes + (is_small ? bounds.reserve_bytes : 0);
    if (!is_small && has_its_share(channel.owner))
      return channel.messages.empty() && bytes < bounds.total_bytes / 6 * 5;
    if (channel.messages.empty()) return bytes < total_max;
    return channel.bytes + size <= bounds.channel_bytes && bytes + size <= total_max;
  }

  /// Nobody goes on once it holds more than twice what is free: whoever does not read leaves room for the others, and
  /// alone has two thirds. Then a channel still has one message at a time, for where some cannot be read the others
  /// can; five sixths are left to that.
  bool has_its_share(std::string const& owner) const {
    auto const held = held_for.find(owner);
    std::size_t const free = bounds.total_bytes - std::min(bounds.total_bytes, bytes);
    return held != held_for.end() && held->second > 2 * free;
  }

  Taker collect(PullRequest const& request, bool with_unknown, bool& any_unknown) const {
    Taker taker(request);
    any_unknown = false;
    for (auto const& wanted : request.channels) {
      auto const found = channels.find(wanted.channel);
      if (found != channels.end()) {
        taker.add(wanted, found->second);
        continue;
      }
      any_unknown = true;
      if (with_unknown) taker.add_unknown(wanted.channel);
    }
    return taker;
  }

  /// Ends a waiting pull with what there is now.
  void finish(std::uint64_t number) {
    auto const found = waiters.find(number);
    if (found == waiters.end()) return;
    bool any_unknown = false;
    PullAnswer answer = collect(found->second.request, true, any_unknown).take();
    io.post([done = std::move(found->second.answer), answer = std::move(answer)] { done(answer); });
    waiters.erase(found);
  }

  void finish_after(std::uint64_t number, Duration delay) {
    io.post_after(delay, [weak = weak_from_this(), number] {
      auto const self = weak.lock();
      if (!self) return;
      std::lock_guard const lock(self->mutex);
      self->finish(number);
    });
  }

  /// True if a newer pull of this reader waits already: the request came late and is void.
  bool is_superseded(PullRequest const& request) {
    std::vector<std::uint64_t> older;
    for (auto const& [number, waiter] : waiters) {
      if (waiter.request.reader != request.reader) continue;
      if (waiter.request.serial > request.serial) return true;
      older.push_back(number);
    }
    for (std::uint64_t const number : older) finish(number);
    return false;
  }

  void wake_readers(ChannelName const& channel) {
    for (auto& [number, waiter] : waiters) {
      if (waiter.is_due) continue;
      auto const& wanted = waiter.request.channels;  // sorted by name when it began to wait
      auto const found =
          std::lower_bound(wanted.begin(), wanted.end(), channel,
                           [](Wanted const& entry, ChannelName const& name) { return entry.channel < name; });
      if (found == wanted.end() || found->channel != channel || found->bytes_max == 0) continue;
      waiter.is_due = true;
      finish_after(number, bounds.gather);
    }
  }

  void wait(PullRequest request, bool any_unknown, std::function<void(PullAnswer)> answer) {
    Duration delay = std::chrono::milliseconds(std::min(request.wait_ms, wait_ms_max));
    if (any_unknown) delay = std::min(delay, bounds.unknown_wait);
    std::sort(request.channels.begin(), request.channels.end(),
              [](Wanted const& a, Wanted const& b) { return a.channel < b.channel; });
    std::uint64_t const number = ++last_waiter;
    waiters.emplace(number, Waiter{std::move(request), std::move(answer), false});
    finish_after(number, delay);
  }
};

ChannelStore::ChannelStore(http::Io& io, ports::EntropySource& entropy, StoreLimits store_limits)
    : impl_(std::make_shared<Impl>(io, entropy, store_limits)) {}

ChannelStore::~ChannelStore() {
  std::lock_guard const lock(impl_->mutex);
  while (!impl_->waiters.empty()) impl_->finish(impl_->waiters.begin()->first);
}

Outcome<Offset> ChannelStore::publish(ChannelName const& channel, std::string message) {
  DC_ASSERT(is_channel_name(channel.value()));
  auto shared = std::make_shared<std::string const>(std::move(message));
  std::lock_guard const lock(impl_->mutex);
  auto const [found, is_new] = impl_->channels.try_emplace(channel);
  Channel& into = found->second;
  if (is_new) {
    into.owner = owner_of(channel);
    into.instance = impl_->entropy.draw().bits | 1;
  }
  if (!impl_->has_room(into, shared->size())) return unexpected(Fault{FaultClass::Retry, "the direct queue is full"});
  into.last = into.last.next();
  into.bytes += shared->size();
  impl_->bytes += shared->size();
  impl_->held_for[into.owner] += shared->size();
  into.messages.push_back({into.last, std::move(shared)});
  impl_->wake_readers(channel);
  return into.last;
}

bool ChannelStore::is_full(ChannelName const& channel) const {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->channels.find(channel);
  return found != impl_->channels.end() && found->second.bytes >= impl_->bounds.channel_bytes;
}

void ChannelStore::drop(ChannelName const& channel) {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->channels.find(channel);
  if (found == impl_->channels.end()) return;
  impl_->let_go(found->second, found->second.bytes);
  impl_->channels.erase(found);
}

bool ChannelStore::commit(ChannelName const& channel, Offset offset) {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->channels.find(channel);
  if (found == impl_->channels.end()) return false;
  impl_->forget(found->second, offset);
  return true;
}

void ChannelStore::pull(PullRequest request, std::function<void(PullAnswer)> answer) {
  std::lock_guard const lock(impl_->mutex);
  for (auto const& wanted : request.channels) {
    auto const found = impl_->channels.find(wanted.channel);
    // A commit of the channel's earlier life must not cost messages of the present one.
    if (found != impl_->channels.end() && found->second.instance == wanted.instance) {
      impl_->forget(found->second, wanted.committed);
    }
  }
  auto reply = [&](PullAnswer delivered) {
    impl_->io.post([done = std::move(answer), delivered = std::move(delivered)] { done(delivered); });
  };
  if (request.serial == 0) return reply({});
  if (impl_->is_superseded(request)) return reply({});
  bool any_unknown = false;
  Taker taker = impl_->collect(request, false, any_unknown);
  bool const answers_now = taker.has_messages() || request.wait_ms == 0 || impl_->waiters.size() >= waiters_max;
  if (answers_now) return reply(impl_->collect(request, true, any_unknown).take());
  impl_->wait(std::move(request), any_unknown, std::move(answer));
}

std::optional<ChannelStore::Messages> ChannelStore::peek(ChannelName const& channel, std::size_t bytes_max) const {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->channels.find(channel);
  if (found == impl_->channels.end()) return std::nullopt;
  Messages messages;
  std::size_t taken = 0;
  for (auto const& stored : found->second.messages) {
    if (!messages.empty() && taken + stored.bytes->size() > bytes_max) break;
    taken += stored.bytes->size();
    messages.emplace_back(stored.offset, stored.bytes);
  }
  return messages;
}

std::size_t ChannelStore::bytes_held() const {
  std::lock_guard const lock(impl_->mutex);
  return impl_->bytes;
}

std::size_t ChannelStore::pulls_waiting() const {
  std::lock_guard const lock(impl_->mutex);
  return impl_->waiters.size();
}

}  // namespace arangosync::direct
