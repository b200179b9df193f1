// Requests as a server meets them: each input goes over a real socket to a real server, which has to answer in HTTP or
// to hang up, and to let go of the connection.
#include "adapters/http/http.h"
#include "domain/base/check.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

using namespace arangosync;

namespace {

void answer(http::Request request, http::Peer const&, http::Responder respond) {
  auto const target = http::parse_target(request.target);
  respond({target ? 200 : 400, {}, std::move(request.body)});
}

http::Server& server() {
  static http::Io io(1);
  static auto const started = [] {
    http::Server::Options options;
    options.address = "127.0.0.1";
    options.body_bytes_max = 1u << 20;
    return http::Server::start(io, options, answer);
  }();
  DC_ASSERT(started.has_value());
  return **started;
}

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

/// Each connection comes from another address of 127.0.0.0/8: the ports of a single one run out within seconds.
int connect_from_next_address(std::uint16_t port) {
  static std::uint32_t next = 0;
  int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto const own = address_of((127u << 24) + 1 + next++ % (1u << 20), 0);
  auto const other = address_of(INADDR_LOOPBACK, port);
  DC_ASSERT(::bind(descriptor, reinterpret_cast<sockaddr const*>(&own), sizeof own) == 0);
  DC_ASSERT(::connect(descriptor, reinterpret_cast<sockaddr const*>(&other), sizeof other) == 0);
  timeval const longest{20, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  return descriptor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  int const descriptor = connect_from_next_address(server().port());
  for (std::size_t sent = 0; sent < size;) {
    auto const bytes = ::send(descriptor, data + sent, size - sent, MSG_NOSIGNAL);
    if (bytes <= 0) break;  // refused before all of it was read
    sent += static_cast<std::size_t>(bytes);
  }
  ::shutdown(descriptor, SHUT_WR);
  std::string reply;
  char buffer[4096];
  for (;;) {
    auto const bytes = ::recv(descriptor, buffer, sizeof buffer, 0);
    DC_ASSERT(bytes >= 0 || errno != EAGAIN);  // the server must not keep anybody waiting
    if (bytes <= 0) break;
    reply.append(buffer, static_cast<std::size_t>(bytes));
  }
  ::close(descriptor);
  DC_ASSERT(reply.empty() || reply.starts_with("HTTP/1.1 "));
  return 0;
}
