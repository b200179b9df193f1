// The client against servers that answer oddly, break off or vanish, and the end of both.
#include "tests/adapters/http/loopback.h"
#include "tests/adapters/http/raw_socket.h"

#include <atomic>

#include <gtest/gtest.h>

namespace arangosync::http {
namespace {

using namespace std::chrono_literals;
constexpr char empty_ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct OddServer : testing::Test {
  Io io{2};
  Client client{io, {}};

  Answer call(RawServer const& server, Request request = {}, Duration timeout = patience) {
    return call_and_wait(client, {{false, "127.0.0.1", server.port()}, std::move(request), timeout});
  }
  /// The answer to one request, given these bytes and then the end of the connection.
  Answer answer_to(std::string const& bytes, Request request = {}) {
    RawServer const server([&](RawSocket& socket, int) {
      socket.read_until("\r\n\r\n");
      socket.write(bytes);
    });
    return call(server, std::move(request));
  }
};

TEST_F(OddServer, MayEndItsBodyByClosing) {
  auto const answer = answer_to("HTTP/1.1 200 OK\r\n\r\nall of it");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "all of it");
}

TEST_F(OddServer, MaySendChunksAndContinue) {
  auto const answer = answer_to(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "abcd");
}

TEST_F(OddServer, MayCarryAnUnknownStatus) {
  EXPECT_EQ(answer_to("HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n")->status, 599);
}

TEST_F(OddServer, IsBrokenWhenItBreaksOffOrTalksNonsense) {
  for (std::string const bytes :
       {"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
    auto const answer = answer_to(bytes, {"POST", "/", {}, "x"});
    ASSERT_FALSE(answer.has_value()) << bytes;
    EXPECT_EQ(answer.error().kind, Failure::Kind::Broken) << bytes;
    EXPECT_TRUE(answer.error().message.starts_with("http://127.0.0.1:")) << answer.error().message;
    EXPECT_EQ(answer.error().message.find('\n'), std::string::npos);
  }
}

TEST_F(OddServer, MayNotSendEndlessHeaders) {
  auto const answer = answer_to("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::TooLarge);
}

TEST_F(OddServer, IsGivenTheRequestAsOneExpectsIt) {
  std::string seen;
  RawServer const server([&](RawSocket& socket, int) {
    seen = socket.read_until("body!");
    socket.write(empty_ok);
  });
  ASSERT_TRUE(
      call(server, {"DELETE", "/_api/sync", {{"X-A", "b"}, {"Host", "evil"}, {"Content-Length", "99"}}, "body!"})
          .has_value());
  EXPECT_EQ(seen, "DELETE /_api/sync HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nX-A: b\r\nContent-Length: 5\r\n\r\nbody!");
}

/// Answers the first request, and ends the connection when it gets the second on it.
void drop_the_second(RawSocket& socket, int connection) {
  socket.read_until("\r\n\r\n");
  socket.write(empty_ok);
  if (connection == 0) socket.read_until("\r\n\r\n");
}

TEST_F(OddServer, GetsARepeatableRequestAgainOnANewConnection) {
  for (auto const* method : {"GET", "PUT", "DELETE", "HEAD"}) {
    RawServer const server(drop_the_second);
    ASSERT_TRUE(call(server).has_value());
    auto const answer = call(server, {method, "/", {}, ""});
    EXPECT_TRUE(answer.has_value()) << method << ": " << answer.error().message;
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST_F(OddServer, GetsAPostAgainOnlyIfThatIsAllowed) {
  RawServer const server(drop_the_second);
  ASSERT_TRUE(call(server).has_value());
  auto const refused = call(server, {"POST", "/", {}, ""});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Failure::Kind::Broken);

  RawServer const again(drop_the_second);
  ASSERT_TRUE(call(again).has_value());
  Client::Call repeatable{{false, "127.0.0.1", again.port()}, {"POST", "/", {}, ""}, patience, true};
  EXPECT_TRUE(call_and_wait(client, repeatable).has_value());
}

TEST_F(OddServer, GetsNothingTwiceOnceItHasBegunToAnswer) {
  RawServer const server([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.write(empty_ok);
    socket.read_until("\r\n\r\n");
    socket.write("HTTP/1.1 200");
  });
  ASSERT_TRUE(call(server).has_value());
  auto const answer = call(server);
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().message.find("in the middle of the answer"), std::string::npos) << answer.error().message;
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OddServer, IsCalledAnewAfterItClosedAKeptConnection) {
  std::atomic<int> closed = 0;
  RawServer const server([&](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.write(empty_ok);
    socket.close();
    ++closed;
  });
  ASSERT_TRUE(call(server).has_value());
  ASSERT_TRUE(eventually([&] { return closed == 1; }));
  EXPECT_TRUE(call(server, {"POST", "/", {}, "not repeatable"}).has_value());
}

TEST_F(OddServer, TimesOutWhereverItHangs) {
  std::promise<void> over;
  auto const end = over.get_future().share();
  RawServer const server([end](RawSocket& socket, int connection) {
    if (connection == 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
    end.wait();
  });
  auto const mute = call(server, {}, 50ms);
  auto const full = call(server, {"POST", "/", {}, std::string(50'000'000, 'x')}, 200ms);
  auto const tls = call_and_wait(client, {{true, "127.0.0.1", server.port()}, {}, 50ms});
  over.set_value();
  for (auto const* answer : {&mute, &full, &tls}) {
    ASSERT_FALSE(answer->has_value());
    EXPECT_EQ(answer->error().kind, Failure::Kind::Timeout) << answer->error().message;
  }
  EXPECT_NE(full.error().message.find("(sending)"), std::string::npos) << full.error().message;
  EXPECT_NE(tls.error().message.find("(TLS handshake)"), std::string::npos) << tls.error().message;
}

// Over a slow line a large answer takes longer than anybody would wait for its beginning.
TEST_F(OddServer, MayTakeItsTimeWithABodyIfTheCallerIsPatient) {
  constexpr int pieces = 15;
  std::promise<void> never;
  RawServer const server([end = never.get_future().share()](RawSocket& socket, int connection) {
    if (connection == 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n");
    if (connection == 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nabc");
    for (int piece = 0; connection == 0 && piece < pieces; ++piece) {
      end.wait_for(100ms);
      socket.write("x");
    }
    if (connection == 1) socket.read_to_end();
  });
  Client::Call call{{false, "127.0.0.1", server.port()}, {}, 1s};
  call.is_patient = true;
  std::atomic<int> begun = 0;
  call.begins = [&] { ++begun; };
  auto const slow = call_and_wait(client, call);
  ASSERT_TRUE(slow.has_value()) << slow.error().message;
  EXPECT_EQ(slow->body, std::string(pieces, 'x'));
  EXPECT_EQ(begun, 1);
  auto const stuck = call_and_wait(client, call);
  ASSERT_FALSE(stuck.has_value());
  EXPECT_EQ(stuck.error().kind, Failure::Kind::Timeout) << stuck.error().message;
  EXPECT_NE(stuck.error().message.find("(in the middle of the answer)"), std::string::npos) << stuck.error().message;
}

// An order that waits in the system until the network is back would come minutes after others were given.
TEST_F(OddServer, GetsNoMoreOfWhatWasGivenUp) {
  std::promise<void> over;
  std::promise<bool> reset;
  RawServer const server([&, end = over.get_future().share()](RawSocket& socket, int) {
    end.wait();
    socket.read_to_end();
    reset.set_value(socket.was_reset());
  });
  auto const answer = call(server, {"POST", "/", {}, std::string(50'000'000, 'x')}, 200ms);
  EXPECT_FALSE(answer.has_value());
  over.set_value();
  EXPECT_TRUE(reset.get_future().get());
}

TEST(TheEnd, OfAClientStopsItsCallsExactlyOnce) {
  std::mutex mutex;
  std::vector<Responder> waiting;
  Loopback net([&](Request, Peer const&, Responder respond) {
    std::lock_guard const lock(mutex);
    waiting.push_back(std::move(respond));
  });
  std::atomic<int> stopped = 0;
  std::atomic<int> answers = 0;
  for (int i = 0; i < 50; ++i) {
    net.client->send({net.endpoint(), {}}, [&](Answer answer) {
      ++answers;
      if (!answer && answer.error().kind == Failure::Kind::Stopped) ++stopped;
    });
  }
  ASSERT_TRUE(eventually([&] {
    std::lock_guard const lock(mutex);
    return waiting.size() >= 10;
  }));
  net.client.reset();
  EXPECT_EQ(answers, 50);  // nothing of them is left to run
  EXPECT_EQ(stopped, 50);
  net.server.reset();
  std::lock_guard const lock(mutex);
  waiting.clear();
}

TEST(TheEnd, OfAClientMayComeOnALoopThread) {
  Loopback net(echo);
  Countdown gone(1);
  auto own = std::make_shared<std::unique_ptr<Client>>(std::make_unique<Client>(net.io, ClientTls{}));
  (*own)->send({net.endpoint(), {}}, [own, &gone](Answer answer) {
    EXPECT_TRUE(answer.has_value());
    own->reset();
    gone.one_done();
  });
  EXPECT_TRUE(gone.wait());
}

TEST(TheEnd, OfAServerBreaksItsCallsAndRunsNoHandlerAfterwards) {
  std::atomic<bool> ended = false;
  std::atomic<int> handled = 0;
  std::mutex mutex;
  std::vector<Responder> waiting;
  Loopback net([&](Request request, Peer const&, Responder respond) {
    EXPECT_FALSE(ended);
    ++handled;
    std::lock_guard const lock(mutex);
    if (request.target == "/wait") {
      waiting.push_back(std::move(respond));
    } else {
      respond({});
    }
  });
  constexpr int calls = 200;
  Countdown left(calls);
  std::atomic<int> broken = 0;
  for (int i = 0; i < calls; ++i) {
    Request request{"POST", i % 2 == 0 ? "/wait" : "/", {}, std::string(100'000, 'x')};
    net.client->send({net.endpoint(), std::move(request)}, [&](Answer answer) {
      if (!answer) ++broken;
      left.one_done();
    });
  }
  ASSERT_TRUE(eventually([&] { return handled >= 20; }));
  net.server.reset();
  ended = true;
  ASSERT_TRUE(left.wait());
  EXPECT_GE(broken, 10);
  std::lock_guard const lock(mutex);
  for (auto const& respond : waiting) respond({});  // nobody is there any more, and that is no trouble
}

TEST(TheEnd, OfEverythingInAnyMomentIsSafe) {
  for (int round = 0; round < 50; ++round) {
    Loopback net(echo);
    std::atomic<int> answers = 0;
    for (int i = 0; i < 20; ++i) {
      net.client->send({net.endpoint(), {"POST", "/", {}, std::string(1000, 'x')}}, [&](Answer) { ++answers; });
    }
    ASSERT_TRUE(eventually([&] { return answers >= round % 20; }));
    if (round % 2 == 0) net.server.reset();
    net.client.reset();
    EXPECT_EQ(answers, 20);
  }
}

TEST(Loop, RunsPostedAndDelayedWork) {
  Io io(2);
  Countdown left(3);
  auto const begin = std::chrono::steady_clock::now();
  std::atomic<bool> too_early = false;
  io.post([&] { left.one_done(); });
  io.post_after(Duration{0}, [&] { left.one_done(); });
  io.post_after(20ms, [&] {
    too_early = std::chrono::steady_clock::now() - begin < 20ms;
    left.one_done();
  });
  EXPECT_TRUE(left.wait());
  EXPECT_FALSE(too_early);
}

TEST(Loop, DropsWhatIsStillToCome) {
  auto const token = std::make_shared<int>(1);
  {
    Io io(1);
    io.post_after(1h, [token] { FAIL(); });
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace arangosync::http
