// Inside of adapters/http: what outlives a single call of a client: its TLS context, its kept connections and the calls
// under way. Thread-safe.
#pragma once

#include "adapters/http/io_impl.h"
#include "adapters/http/stream.h"
#include "adapters/http/turns.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace arangosync::http {

class Exchange;

struct Connection {
  Connection(Stream::Tcp tcp, asio::ssl::context* tls) : stream(std::move(tcp), tls) {}

  Stream stream;
  beast::flat_buffer buffer;
  bool kept = false;  ///< has carried an answer before
  std::chrono::steady_clock::time_point idle_since;
};

class Pool : public std::enable_shared_from_this<Pool> {
public:
  static constexpr std::size_t idle_per_endpoint_max = 64;
  static constexpr std::chrono::seconds idle_max{60};
  static constexpr std::chrono::seconds sweep_every{15};

  Pool(Io::Impl& io, ClientTls const& tls, ClientLimits limits);

  void start_sweeping();
  void send(Client::Call call, std::function<void(Answer)> answer);
  /// Answers all calls with Stopped, and waits until those answers have run (not on a thread of the loop).
  void stop();

  void exchange_ended(std::shared_ptr<Exchange> const& exchange, Endpoint const& endpoint,
                      std::function<void(Answer)> answer, Answer value);
  std::unique_ptr<Connection> connect(asio::any_io_executor const& strand, Endpoint const& endpoint);
  void keep(Endpoint const& endpoint, std::unique_ptr<Connection> connection);

  Io::Impl& io() { return io_; }
  bool verifies() const { return verifies_; }
  std::size_t body_bytes_max() const { return limits_.body_bytes_max; }
  /// Why no TLS is possible with the certificates given; empty if it is.
  std::string const& tls_problem() const { return tls_problem_; }

private:
  std::unique_ptr<Connection> take_idle(Endpoint const& endpoint);
  void sweep();
  void refuse(std::function<void(Answer)> answer, Endpoint const& endpoint);
  /// Under the lock: with a kept connection, or one that is still to be opened. The caller starts it.
  std::shared_ptr<Exchange> begin(Client::Call call, std::function<void(Answer)> answer);
  /// Under the lock: those that wait for a turn hear of it when their time is up.
  void watch_turns(Turns::TimePoint until);
  void answer_expired();
  void answer_late(std::vector<Turns::Waiting> late);
  /// Off the caller's strand; counts as answered afterwards.
  void hand_over(std::function<void(Answer)> answer, Answer value);

  Io::Impl& io_;
  std::optional<asio::ssl::context> tls_;
  std::string tls_problem_;
  bool verifies_;
  ClientLimits const limits_;
  asio::steady_timer sweeper_;

  std::mutex mutex_;
  std::condition_variable answered_;
  bool stopped_ = false;
  std::size_t unanswered_ = 0;  // those that wait for a turn included
  Turns turns_;
  asio::steady_timer turn_timer_;
  std::optional<Turns::TimePoint> watched_until_;
  std::set<std::shared_ptr<Exchange>> under_way_;
  std::map<Endpoint, std::vector<std::unique_ptr<Connection>>> idle_;
};

}  // namespace arangosync::http
