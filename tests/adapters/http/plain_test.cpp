// Client and server over real sockets without TLS: messages, connections, limits, timeouts.
#include "tests/adapters/http/loopback.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace arangosync::http {
namespace {

using namespace std::chrono_literals;

TEST(PlainHttp, CarriesMethodTargetHeadersAndBodyBothWays) {
  Loopback net([](Request request, Peer const& peer, Responder respond) {
    EXPECT_TRUE(peer.address.starts_with("127.0.0.1:")) << peer.address;
    EXPECT_FALSE(peer.has_client_certificate);
    Response response;
    response.status = 202;
    response.headers = {{"X-Method", request.method},
                        {"X-Target", request.target},
                        {"X-Seen", std::string(header(request.headers, "x-sent"))}};
    response.body = "<" + request.body + ">";
    respond(response);
  });
  for (auto const* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    auto const answer = net.call({method, "/a%20b?x=1", {{"X-Sent", "yes"}}, "body of " + std::string(method)});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(header(answer->headers, "x-method"), method);
    EXPECT_EQ(header(answer->headers, "x-target"), "/a%20b?x=1");
    EXPECT_EQ(header(answer->headers, "x-seen"), "yes");
    EXPECT_EQ(answer->body, "<body of " + std::string(method) + ">");
  }
}

TEST(PlainHttp, AnswersHeadAnd204And304WithoutABody) {
  Loopback net([](Request request, Peer const&, Responder respond) {
    Response response;
    response.status = request.target == "/204" ? 204 : request.target == "/304" ? 304 : 200;
    response.body = response.status == 200 ? "twelve bytes" : "";
    respond(response);
  });
  auto const head = net.call({"HEAD", "/", {}, ""});
  ASSERT_TRUE(head.has_value()) << head.error().message;
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(header(head->headers, "content-length"), "12");
  EXPECT_EQ(net.call({"GET", "/204", {}, ""})->status, 204);
  EXPECT_EQ(net.call({"GET", "/304", {}, ""})->status, 304);
  EXPECT_EQ(net.call({"GET", "/200", {}, ""})->body, "twelve bytes");
  EXPECT_EQ(net.server->connections(), 1u);  // all on one kept connection
}

TEST(PlainHttp, KeepsConnectionsAndOpensMoreOnlyForCallsAtTheSameTime) {
  std::mutex mutex;
  std::set<std::string> peers;
  Loopback net([&](Request, Peer const& peer, Responder respond) {
    {
      std::lock_guard const lock(mutex);
      peers.insert(peer.address);
    }
    respond({});
  });
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(net.call({}).has_value());
  EXPECT_EQ(peers.size(), 1u);
}

TEST(PlainHttp, AnswersManyCallsAtOnceEachWithItsOwnAnswer) {
  Loopback net(echo);
  constexpr int calls = 500;
  std::atomic<int> right = 0;
  Countdown left(calls);
  for (int i = 0; i < calls; ++i) {
    auto const body = std::to_string(i) + std::string(static_cast<std::size_t>(i) * 50, 'x');
    net.client->send({net.endpoint(), {"POST", "/", {}, body}}, [&, body](Answer answer) {
      if (answer && answer->body == body) ++right;
      left.one_done();
    });
  }
  ASSERT_TRUE(left.wait());
  EXPECT_EQ(right, calls);
}

TEST(PlainHttp, CarriesBodiesOver64MiB) {
  Loopback net(echo);
  std::string const body(std::size_t{66} << 20, 'q');
  auto const answer = net.call({"PUT", "/", {}, body}, 60s);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_TRUE(answer->body == body);
}

TEST(PlainHttp, RefusesABodyOverTheServersLimitWith413) {
  Server::Options options;
  options.body_bytes_max = 1000;
  Loopback net(echo, options);
  EXPECT_EQ(net.call({"POST", "/", {}, std::string(1000, 'x')})->status, 200);
  EXPECT_EQ(net.call({"POST", "/", {}, std::string(1001, 'x')})->status, 413);
  auto const large = net.call({"POST", "/", {}, std::string(20'000'000, 'x')});
  ASSERT_TRUE(large.has_value()) << large.error().message;
  EXPECT_EQ(large->status, 413);
}

TEST(PlainHttp, RefusesAnAnswerOverTheClientsLimit) {
  Loopback net(echo, {}, {.body_bytes_max = 1000});
  EXPECT_TRUE(net.call({"POST", "/", {}, std::string(1000, 'x')}).has_value());
  auto const answer = net.call({"POST", "/", {}, std::string(1001, 'x')});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::TooLarge);
}

TEST(PlainHttp, GivesUpWhenTheAnswerDoesNotComeInTime) {
  std::mutex mutex;
  std::vector<Responder> kept;
  Loopback net([&](Request, Peer const&, Responder respond) {
    std::lock_guard const lock(mutex);
    kept.push_back(std::move(respond));
  });
  auto const answer = net.call({}, 50ms);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::Timeout);
  EXPECT_NE(answer.error().message.find("50 ms"), std::string::npos) << answer.error().message;
  EXPECT_NE(answer.error().message.find(to_url(net.endpoint())), std::string::npos) << answer.error().message;
  {
    std::lock_guard const lock(mutex);
    ASSERT_EQ(kept.size(), 1u);
    kept.front()({});  // too late, and harmless
  }
  EXPECT_TRUE(eventually([&] { return net.server->connections() == 0; }));
}

TEST(PlainHttp, SaysThatNobodyListens) {
  Loopback net(echo);
  auto const endpoint = net.endpoint();
  net.server.reset();
  auto const answer = net.call_at(endpoint, {});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::Unreachable);
  EXPECT_NE(answer.error().message.find("Connection refused"), std::string::npos) << answer.error().message;
}

TEST(PlainHttp, SaysThatAHostIsUnknown) {
  Loopback net(echo);
  auto const answer = net.call_at({false, "no-such-host.invalid", 1}, {}, 20s);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::Unreachable);
}

TEST(PlainHttp, TakesAnswersLaterAndFromOtherThreads) {
  std::mutex mutex;
  std::vector<std::thread> threads;
  Loopback net([&](Request, Peer const&, Responder respond) {
    std::lock_guard const lock(mutex);
    threads.emplace_back([respond = std::move(respond)] { respond({201, {}, "later"}); });
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(net.call({})->status, 201);
  for (auto& thread : threads) thread.join();
}

TEST(PlainHttp, Answers500ForADroppedOrThrowingHandler) {
  Loopback net([](Request request, Peer const&, Responder respond) {
    if (request.target == "/throw") throw std::runtime_error("broken");
    if (request.target == "/drop") respond = nullptr;
    if (respond) respond({});
  });
  EXPECT_EQ(net.call({"GET", "/drop", {}, ""})->status, 500);
  EXPECT_EQ(net.call({"GET", "/throw", {}, ""})->status, 500);
  EXPECT_EQ(net.call({"GET", "/", {}, ""})->status, 200);
}

TEST(PlainHttp, RefusesToSendAHeaderThatWouldForgeAnother) {
  Loopback net([](Request, Peer const&, Responder respond) { respond({200, {{"X", "a\r\nSet-Cookie: b"}}, ""}); });
  EXPECT_EQ(net.call({})->status, 500);
  auto const answer = net.call({"GET", "/", {{"Authorization", "bearer abc\n"}}, ""});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message.find("abc"), std::string::npos);
  EXPECT_FALSE(net.call({"GET", "/ HTTP/1.1\r\nX: y", {}, ""}).has_value());
  EXPECT_FALSE(net.call({"GET /\r\nX:", "/", {}, ""}).has_value());
}

TEST(PlainHttp, SaysThatThePortIsInUse) {
  Loopback net(echo);
  Server::Options options;
  options.address = "127.0.0.1";
  options.port = net.server->port();
  auto const second = Server::start(net.io, options, echo);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), "port " + std::to_string(options.port) + " is in use (cannot listen on 127.0.0.1)");
  net.server.reset();
  EXPECT_TRUE(Server::start(net.io, options, echo).has_value());
}

/// Whether this machine has IPv6 on its loopback interface.
bool has_ipv6() {
  Io io(1);
  Server::Options options;
  options.address = "::1";
  return Server::start(io, options, echo).has_value();
}

TEST(PlainHttp, ListensOnAllInterfacesOfBothFamiliesUnlessToldOtherwise) {
  Io io(2);
  auto const tell_peer = [](Request, Peer const& peer, Responder respond) { respond({200, {}, peer.address}); };
  auto const server = Server::start(io, {}, tell_peer);
  ASSERT_TRUE(server.has_value()) << server.error();
  Client client(io, ClientTls{});
  auto const peer_seen_at = [&](std::string const& host) {
    auto const answer = call_and_wait(client, {{false, host, (*server)->port()}, {"GET", "/", {}, ""}, patience});
    return answer ? answer->body : answer.error().message;
  };
  EXPECT_TRUE(peer_seen_at("127.0.0.1").starts_with("127.0.0.1:")) << peer_seen_at("127.0.0.1");
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  EXPECT_TRUE(peer_seen_at("::1").starts_with("[::1]:")) << peer_seen_at("::1");
}

TEST(PlainHttp, SaysThatThePortIsInUseOnSomeInterface) {
  Loopback net(echo);
  Server::Options options;
  options.port = net.server->port();
  auto const second = Server::start(net.io, options, echo);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error(), "port " + std::to_string(options.port) + " is in use (cannot listen on all interfaces)");
}

TEST(PlainHttp, RefusesAnAddressThatIsNone) {
  Io io(1);
  Server::Options options;
  options.address = "localhorst";
  auto const server = Server::start(io, options, echo);
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error(), "cannot listen on 'localhorst': not an IP address");
}

}  // namespace
}  // namespace arangosync::http
