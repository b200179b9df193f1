// The server against peers that speak HTTP badly, slowly or not at all.
#include "tests/adapters/http/loopback.h"
#include "tests/adapters/http/raw_socket.h"

#include <gtest/gtest.h>

namespace arangosync::http {
namespace {

using namespace std::chrono_literals;

void describe(Request request, Peer const&, Responder respond) {
  respond({200, {}, request.method + " " + request.target + " [" + request.body + "]"});
}

/// What the server says to these bytes, until it closes.
std::string reaction(Loopback& net, std::string_view bytes) {
  auto socket = RawSocket::connect_to(net.server->port());
  socket.write(bytes);
  socket.end_of_writing();
  return socket.read_to_end();
}

struct Malformed : testing::Test {
  Loopback net{describe};
};

TEST_F(Malformed, RequestsGet400AndTheConnectionEnds) {
  for (std::string const bytes :
       {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nA B: c\r\n\r\n", "G@T / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n"}) {
    auto const answer = reaction(net, bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bytes << "\n" << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  }
  EXPECT_TRUE(net.call({}).has_value());
}

TEST_F(Malformed, FramingIsNeverGuessed) {
  for (std::string const headers :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3, 4\r\n", "Content-Length: -3\r\n",
        "Content-Length: 0x3\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n"}) {
    auto const answer =
        reaction(net, "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\nabcGET /smuggled HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << headers << answer;
    EXPECT_EQ(answer.find("smuggled"), std::string::npos) << headers << answer;
  }
  auto const old = reaction(net, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_TRUE(old.starts_with("HTTP/1.1 400 ")) << old;
  auto const chunk = reaction(net, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n");
  EXPECT_TRUE(chunk.starts_with("HTTP/1.1 400 ")) << chunk;
}

TEST_F(Malformed, HeadersOver64KibGet431) {
  auto const answer = reaction(net, "GET / HTTP/1.1\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer;
  auto const fits = reaction(net, "GET / HTTP/1.1\r\nA: " + std::string(60'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(fits.starts_with("HTTP/1.1 200 ")) << fits;
}

TEST_F(Malformed, PeersThatLeaveInTheMiddleAreForgotten) {
  for (std::string const bytes : {"", "GET / HT", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"}) {
    EXPECT_EQ(reaction(net, bytes), "") << bytes;
  }
  EXPECT_TRUE(eventually([&] { return net.server->connections() == 0; }));
}

TEST_F(Malformed, PipelinedRequestsAreAnsweredInOrder) {
  auto const answer = reaction(net,
                               "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
                               "PUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n2\r\n12\r\n0\r\n\r\n"
                               "GET /4 HTTP/1.1\r\nConnection: close\r\n\r\nGET /5 HTTP/1.1\r\n\r\n");
  auto const one = answer.find("GET /1 []");
  auto const two = answer.find("POST /2 [abc]");
  auto const three = answer.find("PUT /3 [xyz12]");
  auto const four = answer.find("GET /4 []");
  EXPECT_LT(one, two) << answer;
  EXPECT_LT(two, three) << answer;
  EXPECT_LT(three, four) << answer;
  EXPECT_NE(four, std::string::npos) << answer;
  EXPECT_EQ(answer.find("GET /5"), std::string::npos) << answer;
}

TEST_F(Malformed, OldClientsAreAnsweredAndClosed) {
  auto const answer = reaction(net, "GET /old HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
}

TEST_F(Malformed, ExpectationsOf100ContinueAreMet) {
  auto socket = RawSocket::connect_to(net.server->port());
  socket.write("POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("abc");
  EXPECT_NE(socket.read_until("[abc]").find("200 OK"), std::string::npos);
}

TEST(Limits, ABodyThatIsTooLongIsRefusedBeforeItIsSent) {
  Server::Options options;
  options.body_bytes_max = 10;
  Loopback net(describe, options);
  auto const announced = reaction(net, "POST / HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(announced.starts_with("HTTP/1.1 413 ")) << announced;
  auto const chunked =
      reaction(net, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n");
  EXPECT_TRUE(chunked.starts_with("HTTP/1.1 413 ")) << chunked;
}

TEST(Limits, SilentConnectionsAreClosed) {
  Server::Options options;
  options.idle_timeout = 50ms;
  Loopback net(describe, options);
  auto silent = RawSocket::connect_to(net.server->port());
  EXPECT_EQ(silent.read_to_end(), "");
  auto half = RawSocket::connect_to(net.server->port());
  half.write("GET / HTTP/1.1\r\nHost:");
  EXPECT_EQ(half.read_to_end(), "");
  auto body = RawSocket::connect_to(net.server->port());
  body.write("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(body.read_to_end(), "");
  EXPECT_TRUE(eventually([&] { return net.server->connections() == 0; }));
}

TEST(Limits, ConnectionsOverTheCapAreClosedAtOnce) {
  Server::Options options;
  options.connections_max = 2;
  Loopback net(describe, options);
  auto one = RawSocket::connect_to(net.server->port());
  auto two = RawSocket::connect_to(net.server->port());
  ASSERT_TRUE(eventually([&] { return net.server->connections() == 2; }));
  auto three = RawSocket::connect_to(net.server->port());
  EXPECT_EQ(three.read_to_end(), "");
  one.close();
  ASSERT_TRUE(eventually([&] { return net.server->connections() == 1; }));
  EXPECT_EQ(net.call({})->status, 200);
}

}  // namespace
}  // namespace arangosync::http
