#include "adapters/direct/subscriber.h"

#include "adapters/codec/message.h"
#include "adapters/direct/frames.h"
#include "adapters/direct/lookup.h"
#include "adapters/direct/subscription.h"
#include "domain/base/check.h"

#include <map>
#include <mutex>
#include <set>

namespace arangosync::direct {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view component = "worker.queue";
constexpr std::uint16_t master_port = 8629;
constexpr Duration lookup_timeout = 20s;
constexpr Duration hasty = 200ms;  // an empty answer that comes sooner than this is no long poll
constexpr std::uint32_t failures_until_lookup = 3;

/// The masters of one datacenter, and how we present ourselves to them.
struct Remote {
  std::vector<Url> endpoints;
  std::size_t preferred = 0;
  http::ClientTls tls;
  std::shared_ptr<http::Client> client;  // shared with nobody; replaced when certificates change
  // Its own, so that a datacenter that does not answer holds up the channels of no other one.
  std::set<ChannelName> to_look_up;
  std::size_t lookups_under_way = 0;
  ChannelName last_lookup;  // the next one is behind it: what cannot be found holds nobody up either
};

/// One long poll: the channels that one remote worker publishes.
struct Group {
  std::shared_ptr<Remote> remote;
  WorkerId worker;
  std::uint64_t reader = 0;  // at the remote; a group's own, as only of one reader's pulls the newest counts there
  std::set<ChannelName> channels;
  ChannelName served;          // first in the newest answer: the next one begins behind it, so that all have their turn
  std::uint64_t serial = 0;    // of the newest pull sent
  std::uint64_t answered = 0;  // newest one whose answer was taken
  bool is_arriving = false;    // the newest one's answer is coming in
  bool is_pull_scheduled = false;
  bool is_flush_scheduled = false;
  std::uint32_t failures = 0;
  Instant sent_at;
};

struct Entry {
  Subscription subscription;
  std::shared_ptr<Remote> remote;
  std::shared_ptr<Group> group;  // absent while it is being looked up
};

struct ReadMessage {
  Offset offset;
  std::size_t bytes = 0;
  Expected<shard::Message, std::string> message;
};
struct ReadChannel {
  ChannelName channel;
  bool known = true;
  std::uint64_t instance = 0;
  std::vector<ReadMessage> messages;
};

/// What a pull asked about each channel, to tell late answers apart.
using Bindings = std::map<ChannelName, std::uint64_t>;

bool have_common_element(std::vector<Url> const& a, std::vector<Url> const& b) {
  return std::any_of(a.begin(), a.end(), [&](Url const& url) { return std::find(b.begin(), b.end(), url) != b.end(); });
}

/// Only channels that were asked for: nobody makes us unpack what we do not want.
Expected<std::vector<ReadChannel>, std::string> read(std::string_view body, Bindings const& bindings) {
  auto delivered = decode_answer(body);
  if (!delivered) return unexpected(delivered.error());
  std::vector<ReadChannel> channels;
  channels.reserve(delivered->size());
  for (auto const& from : *delivered) {
    if (!bindings.contains(from.channel)) continue;
    ReadChannel channel{from.channel, from.known, from.instance, {}};
    channel.messages.reserve(from.messages.size());
    for (auto const& message : from.messages) {
      channel.messages.push_back({message.offset, message.bytes.size(), codec::decode(message.bytes)});
    }
    channels.push_back(std::move(channel));
  }
  return channels;
}

std::string describe(http::Answer const& answer) {
  return answer ? "status " + std::to_string(answer->status) : answer.error().message;
}

}  // namespace

struct Subscriber::Impl : std::enable_shared_from_this<Subscriber::Impl> {
  Impl(http::Io& io_in, ports::Inbox<worker::Command>& inbox_in, ports::Clock& clock_in,
       ports::EntropySource& entropy_in, ports::Telemetry& telemetry_in, DirectOptions options_in)
      : io(io_in),
        inbox(inbox_in),
        clock(clock_in),
        entropy(entropy_in),
        telemetry(telemetry_in),
        options(options_in),
        reader(entropy_in.draw().bits) {}

  http::Io& io;
  ports::Inbox<worker::Command>& inbox;
  ports::Clock& clock;
  ports::EntropySource& entropy;
  ports::Telemetry& telemetry;
  DirectOptions const options;
  std::uint64_t const reader;

  std::mutex mutex;
  bool stopped = false;
  std::vector<std::shared_ptr<Remote>> remotes;
  std::map<ChannelName, Entry> entries;
  std::map<std::pair<Remote const*, WorkerId>, std::shared_ptr<Group>> groups;
  std::uint64_t bindings_made = 0;
  std::uint64_t groups_made = 0;

  // All members below want the mutex held, unless they say otherwise.

  /// Runs `work` with the mutex held after `delay`, unless we are stopped by then.
  template <class Work>
  void later(Duration delay, Work work) {
    io.post_after(delay, [weak = weak_from_this(), work = std::move(work)]() mutable {
      auto const self = weak.lock();
      if (!self) return;
      std::lock_guard const lock(self->mutex);
      if (!self->stopped) work(*self);
    });
  }

  Duration back_off(std::uint32_t failures) {
    Duration const whole = std::min(options.retry_most, options.retry_step * (1u << std::min(failures, 10u)));
    return whole / 2 +
           Duration(static_cast<std::int64_t>(entropy.draw().bits % static_cast<std::uint64_t>(whole.count() / 2 + 1)));
  }

  // ---- remotes
  // ----------------------------------------------------------------------------------------------------------

  std::shared_ptr<Remote> remote_of(task::QueueConfig const& config) {
    http::ClientTls tls{config.ca_certificate, config.client_certificate, config.client_key};
    std::shared_ptr<Remote> remote;
    for (auto const& known : remotes) {
      if (have_common_element(known->endpoints, config.endpoints)) remote = known;
    }
    if (!remote) remote = remotes.emplace_back(std::make_shared<Remote>());
    for (auto const& endpoint : config.endpoints) {
      if (!have_common_element(remote->endpoints, {endpoint})) remote->endpoints.push_back(endpoint);
    }
    bool const same = remote->client && tls.ca_pem == remote->tls.ca_pem &&
                      tls.certificate_pem == remote->tls.certificate_pem && tls.key_pem == remote->tls.key_pem;
    if (same) return remote;
    // The old client ends on an event loop thread: its calls fail there, and those callbacks want our mutex.
    if (remote->client) io.post([old = std::move(remote->client)] {});
    remote->client = std::make_shared<http::Client>(io, tls);
    remote->tls = std::move(tls);
    return remote;
  }

  /// Sends to the preferred master; `answer(self, answer)` runs without the mutex. `begins` may be empty.
  template <class Done>
  void call(Remote& remote, http::Request request, Token const& token, Duration timeout, Done answer,
            std::function<void()> begins = {}) {
    auto const endpoint =
        http::parse_endpoint(remote.endpoints[remote.preferred % remote.endpoints.size()].value(), master_port);
    auto done = [weak = weak_from_this(), answer = std::move(answer)](http::Answer got) mutable {
      if (auto const self = weak.lock()) answer(*self, std::move(got));
    };
    if (!endpoint) {
      http::Failure failure{http::Failure::Kind::Unreachable, endpoint.error()};
      io.post([done = std::move(done), failure]() mutable { done(unexpected(failure)); });
      return;
    }
    request.headers.push_back({"Authorization", "Bearer " + token.value()});
    request.headers.push_back({"X-Allow-Forward-To-Leader", "true"});
    remote.client->send({*endpoint, std::move(request), timeout, true, true, std::move(begins)}, std::move(done));
  }

  static bool wants_other_master(http::Answer const& answer) {
    return !answer || answer->status == 408 || answer->status >= 500;
  }

  // ---- looking up where a channel is published
  // --------------------------------------------------------------------------

  void look_up(ChannelName const& channel, std::shared_ptr<Remote> const& remote) {
    remote->to_look_up.insert(channel);
    go_on_looking_up(remote);
  }

  void go_on_looking_up(std::shared_ptr<Remote> const& remote) {
    auto& waiting = remote->to_look_up;
    while (remote->lookups_under_way < options.lookups_max && !waiting.empty()) {
      auto next = waiting.upper_bound(remote->last_lookup);
      if (next == waiting.end()) next = waiting.begin();
      remote->last_lookup = *next;
      waiting.erase(next);
      auto const found = entries.find(remote->last_lookup);
      bool const is_wanted = found != entries.end() && !found->second.group && found->second.remote == remote;
      if (is_wanted) send_lookup(found->first, found->second);
    }
  }

  void look_up_later(ChannelName const& channel, Entry& entry) {
    entry.group = nullptr;
    entry.subscription.binding = ++bindings_made;
    Duration const delay = back_off(entry.subscription.failed_lookups++);
    later(delay, [channel, binding = entry.subscription.binding](Impl& self) {
      auto const found = self.entries.find(channel);
      if (found != self.entries.end() && found->second.subscription.binding == binding)
        self.look_up(channel, found->second.remote);
    });
  }

  void send_lookup(ChannelName const& channel, Entry& entry) {
    if (entry.remote->endpoints.empty()) return look_up_later(channel, entry);
    ++entry.remote->lookups_under_way;
    http::Request request;
    request.target = "/_api/mq/direct/channel/" + http::percent_encode(channel.value()) + "/endpoint";
    if (auto const& shard = entry.subscription.shard) {
      request.target += "?database=" + http::percent_encode(shard->database.value()) +
                        "&collection=" + http::percent_encode(shard->collection.value()) +
                        "&shard=" + std::to_string(shard->index);
    }
    std::uint64_t const binding = entry.subscription.binding;
    std::size_t const master = entry.remote->preferred;
    call(*entry.remote, std::move(request), Token(entry.subscription.remote.client_token), lookup_timeout,
         [channel, binding, master, remote = entry.remote](Impl& self, http::Answer answer) {
           std::lock_guard const lock(self.mutex);
           if (self.stopped) return;
           --remote->lookups_under_way;
           self.looked_up(channel, binding, master, answer);
           self.go_on_looking_up(remote);
         });
  }

  void looked_up(ChannelName const& channel, std::uint64_t binding, std::size_t master, http::Answer const& answer) {
    auto const found = entries.find(channel);
    if (found == entries.end() || found->second.subscription.binding != binding) return;
    Entry& entry = found->second;
    if (wants_other_master(answer) && entry.remote->preferred == master) ++entry.remote->preferred;
    if (answer && answer->status == 200) {
      if (auto place = channel_place(answer->body)) return bind(channel, entry, place->worker);
    }
    // Not yet published, or the masters are away: normal for a while, so only worth a line when it goes on.
    if (entry.subscription.failed_lookups == 8) {
      telemetry.log(ports::LogLevel::Warn, component,
                    "cannot find where channel " + channel.value() + " is published: " + describe(answer));
    }
    look_up_later(channel, entry);
  }

  void bind(ChannelName const& channel, Entry& entry, WorkerId const& worker) {
    auto& group = groups[{entry.remote.get(), worker}];
    if (!group) {
      group = std::make_shared<Group>();
      group->remote = entry.remote;
      group->worker = worker;
      group->reader = reader + ++groups_made;
    }
    entry.group = group;
    entry.subscription.binding = ++bindings_made;
    group->channels.insert(channel);
    schedule_pull(group, options.regroup_delay);
  }

  void unbind(ChannelName const& channel, Entry& entry) {
    std::shared_ptr<Group> const group = std::move(entry.group);
    if (!group) return;
    group->channels.erase(channel);
    if (group->channels.empty()) groups.erase({group->remote.get(), group->worker});
  }

  // ---- pulling
  // ------------------------------------------------------------------------------------------------------------

  void schedule_pull(std::shared_ptr<Group> const& group, Duration delay) {
    if (group->is_pull_scheduled) return;
    group->is_pull_scheduled = true;
    later(delay, [group](Impl& self) {
      group->is_pull_scheduled = false;
      self.pull(group);
    });
  }

  Entry& first_of(Group const& group) {
    DC_ASSERT(!group.channels.empty());
    auto member = group.channels.begin();
    // Another member's token after a failure: one that expired must not block the rest.
    std::advance(member, static_cast<std::ptrdiff_t>(group.failures % group.channels.size()));
    return entries.at(*member);
  }

  void pull(std::shared_ptr<Group> const& group) {
    // What is coming in would be sent a second time; when it is here the next pull asks for all that is wanted.
    if (group->channels.empty()) return;
    if (group->is_arriving) return schedule_flush(group);
    PullRequest request{group->reader, ++group->serial, 0, options.answer_bytes_max, {}};
    request.wait_ms = static_cast<std::uint32_t>(options.pull_wait / 1ms);
    Bindings bindings;
    std::size_t const count = std::min(group->channels.size(), pull_channels_max);
    auto next = group->channels.upper_bound(group->served);
    while (request.channels.size() < count) {
      if (next == group->channels.end()) next = group->channels.begin();
      ChannelName const& channel = *next++;
      Subscription& subscription = entries.at(channel).subscription;
      request.channels.push_back(subscription.wanted(channel, Subscription::share_of(entries.size())));
      subscription.is_asked_for_more = request.channels.back().bytes_max > 0;
      bindings.emplace(channel, subscription.binding);
    }
    group->sent_at = clock.now();
    send_pull(
        *group, request, options.pull_wait + options.call_grace,
        [group, serial = group->serial, master = group->remote->preferred, bindings = std::move(bindings)](
            Impl& self, http::Answer answer) {
          Expected<std::vector<ReadChannel>, std::string> channels = unexpected(std::string());
          if (answer && answer->status == 200) channels = read(answer->body, bindings);
          std::lock_guard const lock(self.mutex);
          if (serial == group->serial) group->is_arriving = false;
          if (self.stopped || serial < group->answered) return;
          group->answered = serial;
          if (channels) {
            self.pulled(group, serial == group->serial, bindings, std::move(*channels));
          } else if (serial == group->serial) {
            self.pull_failed(group, master, answer, channels.error());
          }
        },
        [weak = weak_from_this(), group, serial = group->serial] {
          auto const self = weak.lock();
          if (!self) return;
          std::lock_guard const lock(self->mutex);
          if (serial == group->serial) group->is_arriving = true;
        });
  }

  template <class Done>
  void send_pull(Group& group, PullRequest const& pull_request, Duration timeout, Done done,
                 std::function<void()> begins = {}) {
    http::Request request;
    request.method = "POST";
    request.target = "/_api/mq/direct/pull?worker=" + http::percent_encode(group.worker.value());
    request.body = encode_request(pull_request);
    call(*group.remote, std::move(request), Token(first_of(group).subscription.remote.client_token), timeout,
         std::move(done), std::move(begins));
  }

  void pulled(std::shared_ptr<Group> const& group, bool is_newest, Bindings const& bindings,
              std::vector<ReadChannel> channels) {
    group->failures = 0;
    bool any_message = false;
    if (!channels.empty()) group->served = channels.front().channel;
    for (auto& channel : channels) {
      auto const found = entries.find(channel.channel);
      auto const asked = bindings.find(channel.channel);
      if (found == entries.end() || asked == bindings.end()) continue;
      Entry& entry = found->second;
      if (entry.subscription.binding != asked->second) continue;
      if (!channel.known) {
        unbind(channel.channel, entry);
        look_up_later(channel.channel, entry);
        continue;
      }
      any_message = true;
      hand_over(channel, entry.subscription);
    }
    if (!is_newest) return;
    bool const was_hasty = !any_message && clock.now() - group->sent_at < std::min(hasty, options.pull_wait);
    schedule_pull(group, was_hasty ? back_off(0) : Duration(0));
  }

  void hand_over(ReadChannel& channel, Subscription& subscription) {
    subscription.failed_lookups = 0;
    subscription.enter_life(channel.instance);
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    for (auto& read : channel.messages) {
      std::optional<Offset> const offset = subscription.take(read.offset, read.bytes);
      if (!offset) continue;
      ++messages;
      bytes += read.bytes;
      if (read.message) {
        inbox.post(worker::MessageArrived{channel.channel, *offset, std::move(*read.message)});
      } else {
        inbox.post(worker::MessageUnreadable{channel.channel, *offset, std::move(read.message.error())});
      }
    }
    if (messages == 0) return;
    telemetry.count("arangosync_queue_messages_received", {}, messages);
    telemetry.count("arangosync_queue_bytes_received", {}, bytes);
  }

  void pull_failed(std::shared_ptr<Group> const& group, std::size_t master, http::Answer const& answer,
                   std::string const& unreadable) {
    ++group->failures;
    if (wants_other_master(answer) && group->remote->preferred == master) ++group->remote->preferred;
    if (group->failures == failures_until_lookup) {
      telemetry.log(ports::LogLevel::Warn, component,
                    "cannot read from worker " + group->worker.value() +
                        " of the other datacenter: " + (unreadable.empty() ? describe(answer) : unreadable));
    }
    bool const worker_gone = answer && (answer->status == 404 || answer->status == 502);
    if (!worker_gone && group->failures % failures_until_lookup != 0)
      return schedule_pull(group, back_off(group->failures));
    std::set<ChannelName> const channels = group->channels;
    for (auto const& channel : channels) {
      Entry& entry = entries.at(channel);
      unbind(channel, entry);
      look_up_later(channel, entry);
    }
  }

  // ---- commits
  // ------------------------------------------------------------------------------------------------------------

  void schedule_flush(std::shared_ptr<Group> const& group) {
    if (group->is_flush_scheduled) return;
    group->is_flush_scheduled = true;
    later(options.commit_delay, [group](Impl& self) {
      group->is_flush_scheduled = false;
      self.flush(*group);
    });
  }

  /// Pulls carry all commits; this is for those that no pull has carried. Whether it succeeds does not matter: the
  /// next pull says the same.
  void flush(Group& group) {
    PullRequest request{reader, 0, 0, 0, {}};
    for (auto const& channel : group.channels) {
      Subscription& subscription = entries.at(channel).subscription;
      if (!subscription.has_untold_commit()) continue;
      request.channels.push_back(subscription.wanted(channel, Subscription::share_of(entries.size())));
    }
    if (!request.channels.empty()) send_pull(group, request, options.call_grace, [](Impl&, http::Answer const&) {});
  }
};

Subscriber::Subscriber(http::Io& io, ports::Inbox<worker::Command>& inbox, ports::Clock& clock,
                       ports::EntropySource& entropy, ports::Telemetry& telemetry, DirectOptions options)
    : impl_(std::make_shared<Impl>(io, inbox, clock, entropy, telemetry, options)) {}

Subscriber::~Subscriber() {
  std::vector<std::shared_ptr<http::Client>> clients;
  {
    std::lock_guard const lock(impl_->mutex);
    impl_->stopped = true;
    for (auto const& remote : impl_->remotes) clients.push_back(std::move(remote->client));
  }
  clients.clear();  // outside the mutex: calls under way end now, and their callbacks want it
}

void Subscriber::subscribe(worker::Subscribe const& effect) {
  std::lock_guard const lock(impl_->mutex);
  auto const [found, is_new] = impl_->entries.try_emplace(effect.channel);
  Entry& entry = found->second;
  entry.subscription.remote = effect.remote;
  entry.subscription.shard = effect.shard;
  auto const remote = impl_->remote_of(effect.remote);
  if (!is_new && entry.remote == remote) return;
  impl_->unbind(effect.channel, entry);
  entry.remote = remote;
  entry.subscription.binding = ++impl_->bindings_made;
  impl_->look_up(effect.channel, remote);
}

void Subscriber::unsubscribe(ChannelName const& channel) {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->entries.find(channel);
  if (found == impl_->entries.end()) return;
  impl_->unbind(channel, found->second);
  impl_->entries.erase(found);
}

void Subscriber::commit(ChannelName const& channel, Offset offset) {
  std::lock_guard const lock(impl_->mutex);
  auto const found = impl_->entries.find(channel);
  if (found == impl_->entries.end()) return;
  Entry& entry = found->second;
  if (!entry.subscription.commit(offset) || !entry.group) return;
  bool const reopened = !entry.subscription.is_asked_for_more &&
                        entry.subscription.has_room(Subscription::share_of(impl_->entries.size()));
  if (reopened) {
    impl_->schedule_pull(entry.group, impl_->options.regroup_delay);
  } else {
    impl_->schedule_flush(entry.group);
  }
}

}  // namespace arangosync::direct
