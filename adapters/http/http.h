// HTTP over TLS (or plain, for ArangoDB clusters without it): one client, one server, nothing else in the program opens
// a socket. Values here are plain; Boost.Beast and Asio stay inside adapters/http/*.cpp.
//
// Threads: Client and Server share an Io (event loop threads). Handlers and callbacks run on its threads; everything is
// thread-safe. Limits: header section 64 KiB, body as configured; over-long or malformed input closes the connection.
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, already percent-encoded
  std::vector<Header> headers;
  std::string body;  ///< sent with Content-Length, also on GET and DELETE when not empty
};

/// A status that a Responder may be given instead of an answer: the connection is closed (the sandbox's faults).
inline constexpr int no_answer = 0;

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
};

/// Value of the first header of that name (case-insensitive), or empty.
std::string_view header(std::vector<Header> const& headers, std::string_view name);

/// "https://host:port", "http://…", "tcp://…" (http), "ssl://…" (https); IPv6 in brackets; path and query dropped.
struct Endpoint {
  bool tls = true;
  std::string host;
  std::uint16_t port = 0;
  friend auto operator<=>(Endpoint const&, Endpoint const&) = default;
};
Expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port);
std::string to_url(Endpoint const& endpoint);
/// "localhost", or an address of this machine's loopback interface.
bool is_loopback(std::string const& host);

std::string percent_encode(std::string_view segment);  ///< everything but unreserved characters
Expected<std::string, std::string> percent_decode(std::string_view text);
/// Splits "/a/b?x=1&y" into decoded path segments and decoded query pairs.
struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
  std::string_view query_value(std::string_view name) const;  ///< empty if absent
  bool has_query(std::string_view name) const;
};
Expected<Target, std::string> parse_target(std::string_view target);

/// Event loop with `threads` threads; stops and joins in its destructor.
class Io {
public:
  explicit Io(unsigned threads);
  ~Io();
  Io(Io const&) = delete;
  Io& operator=(Io const&) = delete;

  void post(std::function<void()> work);
  /// Runs `work` once, after `delay`. There is no cancelling: let the work look whether it is still wanted.
  void post_after(Duration delay, std::function<void()> work);

  struct Impl;
  Impl& impl() { return *impl_; }

private:
  std::unique_ptr<Impl> impl_;
};

/// What a client presents and demands. Empty `ca_pem`: the server is not verified (the caller warns about it).
struct ClientTls {
  std::string ca_pem;           ///< one or several CA certificates; host names are then checked too
  std::string certificate_pem;  ///< client certificate with chain, or empty
  std::string key_pem;          ///< secret
};

/// Why no response came. `message` names endpoint and cause in one line and never holds a secret.
struct Failure {
  enum class Kind { Unreachable, Timeout, Tls, Broken, TooLarge, Stopped };
  Kind kind = Kind::Unreachable;
  std::string message;
};

using Answer = Expected<Response, Failure>;

struct ClientLimits {
  std::size_t body_bytes_max = std::size_t{1} << 30;  ///< of an answer
  /// Calls under way to one endpoint. Those beyond wait, first come first served; their timeouts run meanwhile.
  std::size_t calls_per_endpoint_max = std::numeric_limits<std::size_t>::max();
};

/// A client with one TLS identity. Keeps connections alive per endpoint (idle up to 60 s). A request that fails on a
/// kept connection before any byte of the answer goes once more on a new one if it may be repeated.
class Client {
public:
  Client(Io& io, ClientTls tls, ClientLimits limits = {});
  ~Client();  ///< calls under way fail with Stopped; waits until those answers have run (not on an Io thread)

  struct Call {
    Endpoint endpoint;
    Request request;
    Duration timeout{std::chrono::seconds(30)};
    std::optional<bool> repeatable = {};  ///< absent: if it is a GET, PUT, DELETE or HEAD
    /// The timeout begins anew with every piece of the answer's body: a large one may come over a slow line.
    bool is_patient = false;
    /// The answer begins to come; on an Io thread, before `answer`, at most once. May be empty.
    std::function<void()> begins = {};
  };
  /// `answer` runs exactly once, on an Io thread, never inside this call.
  void send(Call call, std::function<void(Answer)> answer);

private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

struct ServerTls {
  std::string certificate_pem;  ///< leaf first, then chain
  std::string key_pem;          ///< secret
  std::string client_ca_pem;    ///< client certificates are requested, and verified if given (spec api 2.4, ops 5.3)
};

/// Who sits at the other end.
struct Peer {
  std::string address;                  ///< "127.0.0.1:4711"
  bool has_client_certificate = false;  ///< a verified one, fit for clientAuth
  std::string certificate_subject;
};

/// One request's answer; may be called later and from any thread, at most once. Dropped unanswered: 500.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(Request, Peer const&, Responder)>;

class Server {
public:
  struct Options {
    std::string address;           ///< empty: all interfaces, by IPv4 and (where this machine has it) IPv6
    std::uint16_t port = 0;        ///< 0: any free one, see port()
    std::optional<ServerTls> tls;  ///< absent: plain HTTP (sandbox only)
    std::size_t body_bytes_max = std::size_t{1} << 30;
    std::size_t connections_max = 10'000;
    Duration handshake_timeout{std::chrono::seconds(10)};
    Duration idle_timeout{std::chrono::seconds(90)};
  };
  /// Listens at once; the error is one line naming address and cause ("port 8629 is in use …").
  static Expected<std::unique_ptr<Server>, std::string> start(Io& io, Options options, Handler handler);
  ~Server();  ///< closes the listener and all connections; no handler runs afterwards (not on an Io thread)

  std::uint16_t port() const;
  std::size_t connections() const;  ///< open now, in handshake or idle ones included

private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace arangosync::http
