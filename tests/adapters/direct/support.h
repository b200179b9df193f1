// A datacenter's sending side for tests of the direct queue: worker processes with stores behind real TLS, a master
// that knows who publishes what and passes pulls on, faults on demand, and an inbox that can be waited on.
#pragma once

#include "adapters/clock/os_clock.h"
#include "adapters/direct/channel_store.h"
#include "adapters/direct/direct_queue.h"
#include "adapters/direct/lookup.h"
#include "adapters/direct/routes.h"
#include "adapters/x509/certificate.h"
#include "domain/worker/vocabulary.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace arangosync::direct {

using namespace std::chrono_literals;

inline constexpr auto patience = 20s;

inline bool within(Duration time, std::function<bool()> const& condition) {
  auto const limit = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

inline bool eventually(std::function<bool()> const& condition) { return within(patience, condition); }

class QuietTelemetry final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view) override {}
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
};

class TestInbox final : public ports::Inbox<worker::Command> {
public:
  void post(worker::Command command) override {
    std::lock_guard const lock(mutex_);
    commands_.push_back(std::move(command));
    changed_.notify_all();
  }
  /// The first command of this kind that `accept` likes, taken out; nothing after a long time.
  template <class T>
  std::optional<T> next(std::function<bool(T const&)> accept = [](T const&) { return true; }) {
    std::unique_lock lock(mutex_);
    std::optional<T> found;
    changed_.wait_for(lock, patience, [&] {
      for (auto at = commands_.begin(); at != commands_.end(); ++at) {
        auto* const command = std::get_if<T>(&*at);
        if (command == nullptr || !accept(*command)) continue;
        found = std::move(*command);
        commands_.erase(at);
        return true;
      }
      return false;
    });
    return found;
  }
  std::size_t size() const {
    std::lock_guard const lock(mutex_);
    return commands_.size();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<worker::Command> commands_;
};

/// One life of a sending worker process.
struct SendingWorker {
  SendingWorker(http::Io& io, http::ServerTls tls, StoreLimits bounds = {})
      : store(io, entropy, bounds),
        routes(store, clock, telemetry),
        queue(io, store, inbox, clock, entropy, telemetry) {
    http::Server::Options options;
    options.address = "127.0.0.1";
    options.tls = std::move(tls);
    server =
        *http::Server::start(io, options, [this](http::Request request, http::Peer const&, http::Responder respond) {
          auto const target = *http::parse_target(request.target);
          routes.serve(request, target, std::move(respond));
        });
  }
  ~SendingWorker() { server.reset(); }

  clock::OsClock clock;
  clock::OsEntropy entropy;
  QuietTelemetry telemetry;
  TestInbox inbox;
  ChannelStore store;
  Routes routes;
  DirectQueue queue;
  std::unique_ptr<http::Server> server;
};

/// A master that answers lookups and passes pulls on, and can be made to fail.
class ProxyMaster {
public:
  ProxyMaster(http::Io& io, http::ServerTls tls, std::string ca)
      : io_(io), client_(io, http::ClientTls{std::move(ca), {}, {}}) {
    http::Server::Options options;
    options.address = "127.0.0.1";
    options.tls = std::move(tls);
    server_ =
        *http::Server::start(io, options, [this](http::Request request, http::Peer const&, http::Responder respond) {
          take(std::move(request), std::move(respond));
        });
  }
  ~ProxyMaster() { server_.reset(); }

  std::uint16_t port() const { return server_->port(); }
  Url url() const { return Url("https://127.0.0.1:" + std::to_string(port())); }

  void publish_at(ChannelName const& channel, std::string worker) {
    std::lock_guard const lock(mutex_);
    places_[channel] = std::move(worker);
  }
  void worker_listens(std::string const& worker, std::uint16_t port) {
    std::lock_guard const lock(mutex_);
    ports_[worker] = port;
  }
  /// Per mille of pulls that are refused before, and of answers that are lost after, they were carried out.
  void fail(std::uint64_t refused, std::uint64_t lost) {
    refused_ = refused;
    lost_ = lost;
  }
  int lookups() const { return lookups_; }
  int pulls() const { return pulls_; }
  std::atomic<bool> is_down{false};
  std::atomic<bool> is_silent{false};  ///< takes requests and never answers them
  std::string token = "sesame";
  Duration unknown_after{0};  ///< how long it takes to say that nobody publishes a channel

private:
  bool chance(std::uint64_t per_mille) {
    std::lock_guard const lock(mutex_);
    return draw_.below(1000) < per_mille;
  }
  static http::Response status(int code) { return {code, {}, R"({"Error":"as told"})"}; }

  void take(http::Request request, http::Responder respond) {
    if (is_silent) {
      std::lock_guard const lock(mutex_);
      unanswered_.push_back(std::move(respond));
      return;
    }
    if (is_down) return respond(status(503));
    if (http::header(request.headers, "Authorization") != "Bearer " + token) return respond(status(401));
    auto const target = *http::parse_target(request.target);
    if (target.segments.back() == "endpoint") return look_up(ChannelName(target.segments[4]), respond);
    ++pulls_;
    if (chance(refused_)) return respond(status(503));
    std::optional<std::uint16_t> port;
    {
      std::lock_guard const lock(mutex_);
      auto const found = ports_.find(std::string(target.query_value("worker")));
      if (found != ports_.end()) port = found->second;
    }
    if (!port) return respond(status(404));
    http::Client::Call call{{true, "127.0.0.1", *port}, {"POST", "/_api/mq/direct/pull", {}, request.body}, 60s, true};
    client_.send(std::move(call), [this, respond](http::Answer answer) {
      if (!answer) return respond(status(502));
      if (chance(lost_)) return respond(status(503));
      respond(std::move(*answer));
    });
  }

  void look_up(ChannelName const& channel, http::Responder const& respond) {
    ++lookups_;
    std::lock_guard const lock(mutex_);
    auto const found = places_.find(channel);
    if (found == places_.end()) return io_.post_after(unknown_after, [respond] { respond(status(404)); });
    respond({200, {}, to_json(ChannelPlace{{url()}, {}, {}, {}, WorkerId(found->second)})});
  }

  http::Io& io_;
  std::mutex mutex_;
  std::map<ChannelName, std::string> places_;
  std::map<std::string, std::uint16_t> ports_;
  std::vector<http::Responder> unanswered_;
  Draw draw_{Entropy{1}};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<int> lookups_{0};
  std::atomic<int> pulls_{0};
  http::Client client_;
  std::unique_ptr<http::Server> server_;
};

struct Certificates {
  Certificates() {
    ca = *x509::create_ca({});
    x509::LeafRequest wanted;
    wanted.hosts = {"127.0.0.1"};
    server = *x509::create_leaf(ca, wanted);
  }
  http::ServerTls tls() const { return {server.certificate_pem, server.key_pem, {}}; }
  x509::Identity ca;
  x509::Identity server;
};

/// The `number`-th message of a stream.
inline shard::Message numbered(std::uint64_t number, std::size_t bytes = 0) {
  shard::Trouble body{std::string(bytes, 'x')};
  return shard::DataMessage{Epoch(1), Sequence(number), std::move(body)};
}
/// Noise, because limits count bytes on the wire.
inline shard::Message noisy(std::uint64_t number, std::size_t bytes) {
  std::string text;
  Draw draw(Entropy{number});
  while (text.size() < bytes) {
    std::uint64_t const bits = draw.next();
    text.append(reinterpret_cast<char const*>(&bits), sizeof bits);
  }
  return shard::DataMessage{Epoch(1), Sequence(number), shard::Trouble{std::move(text)}};
}
inline std::uint64_t number_of(shard::Message const& message) {
  return std::get<shard::DataMessage>(message).sequence.value();
}

}  // namespace arangosync::direct
