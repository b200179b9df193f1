// Inside of adapters/http: one call of the client, from choosing a connection to its answer. Everything in it runs on
// the connection's strand; the coroutine holds the exchange, the exchange holds the connection.
#pragma once

#include "adapters/http/pool.h"
#include "adapters/http/wire.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>

namespace arangosync::http {

Failure no_answer_within(Client::Call const& call, std::string const& step);
Failure client_stopped(Endpoint const& endpoint);

class Exchange : public std::enable_shared_from_this<Exchange> {
public:
  using Parser = beast::http::response_parser<TextBody>;

  Exchange(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, Client::Call call,
           std::function<void(Answer)> answer);

  /// Starts connecting or writing; returns at once. So much of its time has been spent waiting for this.
  void start(Duration waited);
  /// From any thread: answers Stopped, unless the answer is already there.
  void stop();

private:
  asio::awaitable<void> run(Duration waited);
  asio::awaitable<std::optional<Failure>> open();
  /// To the first of them that answers.
  asio::awaitable<error_code> connect(std::vector<asio::ip::tcp::endpoint> const& addresses);
  asio::awaitable<std::optional<Failure>> secure();
  asio::awaitable<Answer> attempt();
  asio::awaitable<error_code> write();
  asio::awaitable<Answer> read(error_code write_error);
  asio::awaitable<error_code> read_body(Parser& parser);
  Answer take_answer(bool keep, int status, std::vector<Header> headers, std::string body);

  void watch_deadline(Duration spent);
  void finish(Answer answer);
  void abandon(Failure why);
  bool may_repeat() const;
  Failure failure(Failure::Kind kind, std::string const& cause) const;
  Failure broken(error_code error) const;

  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Connection> connection_;
  Client::Call call_;
  std::function<void(Answer)> answer_;
  asio::steady_timer deadline_;
  asio::ip::tcp::resolver resolver_;
  char const* step_ = "connecting";
  bool answered_ = false;
  bool answer_begun_ = false;
};

}  // namespace arangosync::http
